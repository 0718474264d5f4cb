"""`paribus status` for people."""

from __future__ import annotations

import re
import textwrap

from paribus.core.numbers import decimals, number
from paribus.core.progress import Needs, State, needs
from paribus.core.statistics.variance import Source
from paribus.reports.advice import RATES, next_steps, to_try
from paribus.reports.learning import headline
from paribus.reports.pairs import spread_text
from paribus.reports.shares import share_text, source_name
from paribus.reports.status import Entry, StatusReport
from paribus.reports.text import clean, plural, shortened
from paribus.reports.verdict import difference_and_interval

LABEL = 12
"""Characters of the column that says what a line is about."""

WIDTH = 80

VERBATIM = "   "
"""Begins a line that is not broken, because it is to be pasted."""

TOGETHER = re.compile(r"\[[^][]*\]|\d %|\d+ of \d+")
"""What a line is not broken within."""

NO_BREAK = "\N{NO-BREAK SPACE}"

COMMAND = 26
"""Characters of a command that has its reason beside it."""

WORDS = {
    State.PROMOTED: "improved (promoted)",
    State.CONFIRMED: "improved (confirmed)",
    State.UNCONFIRMED: "improved (unconfirmed)",
    State.NONINFERIOR: "not worse (unconfirmed)",
    State.NOT_CONFIRMED: "improved (not confirmed)",
    State.WORSE: "worse",
    State.NO_DIFFERENCE: "no detectable difference",
    State.UNDECIDED: "undecided",
    State.NOT_COMPARABLE: "not comparable",
    State.FAILED: "failed",
    State.RUNNING: "running",
    State.INTERRUPTED: "interrupted",
    State.PLANNED: "planned (0 runs)",
}


def as_text(report: StatusReport) -> str:
    """For people: the baseline in a line that stands alone, then the rest, then what to type."""
    return "\n".join(
        [
            _label(_name(report)) + _baseline(report),
            *_block("since then", *_since(report)),
            *_undecided(report),
            *_block("noise", *_noise(report)),
            *_block("false alarm", *_false_alarms(report)),
            *_block("stalled?", *stalled(report)),
            *_block("budget", *_budget(report)),
            *_block("time-box", *_time_box(report)),
            *_block("more data?", *_learning(report)),
            *_block("unreadable", *map(clean, report.unreadable[:10])),
            *_next(report),
        ]
    )


def stalled(report: StatusReport) -> list[str]:
    """Whether the search has stalled, and what to try then; empty before the first experiment."""
    progress, stall = report.progress, report.progress.stall
    if not progress.counts:
        return []
    row = f"{progress.row} without promotion"
    if progress.row:
        of_them = "all" if progress.powered == progress.row else f"{progress.powered} of them"
        row += f", {of_them} with 80 % power"
    ahead = ""
    if stall.next_rate is not None and stall.missing is not None:
        at = progress.powered + stall.missing
        ahead = (
            f"; at {at} of these the rate is below {RATES[stall.next_rate]} with 95 % confidence"
        )
    if stall.below is None:
        return [f"not yet: {row}{ahead}"]
    return [
        f"yes: {row}; the promotion rate is below {RATES[stall.below]} with 95 % confidence",
        *(
            line
            for at, step in enumerate(to_try(report), start=1)
            for line in (f"{at}. {step.why}", f"{VERBATIM}{step.command}")
        ),
    ]


# Private functions


def _block(label: str, *lines: str) -> list[str]:
    """Lines beside their label, broken where they would be too long."""
    told = [part for line in lines for part in _broken(line)]
    labels = [_label(label), *[_label("")] * len(told)]
    return [(beside + line).rstrip() for beside, line in zip(labels, told, strict=False)]


def _broken(line: str) -> list[str]:
    if line.startswith(VERBATIM):
        return [line]
    glued = TOGETHER.sub(lambda found: found[0].replace(" ", NO_BREAK), line)
    parts = textwrap.wrap(
        glued,
        WIDTH - LABEL,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [part.replace(NO_BREAK, " ") for part in parts]


def _label(text: str) -> str:
    return text.ljust(LABEL) if len(text) < LABEL else f"{text}  "


def _name(report: StatusReport) -> str:
    short = report.commit[:7]
    return short if report.name in (report.commit, short) else clean(report.name)


def _baseline(report: StatusReport) -> str:
    """The first line, which must tell the state of the project by itself."""
    metric = clean(report.plan.metric)
    if report.mean is None:
        told = f"{metric} not measured yet"
    elif report.sd is None:
        told = f"{metric} {report.mean:g} ({plural(report.runs, 'run')})"
    else:
        digits = decimals(report.sd)
        sd = number(report.sd, digits) if report.sd else "0"
        told = f"{metric} {number(report.mean, digits)} ({plural(report.runs, 'run')}, sd {sd})"
    told += f", {plural(report.days, 'day')} old"
    if report.unconfirmed is not None:
        told += ", unconfirmed"
    return told + (f"; {report.came_since} came since" if report.came_since else "")


def _since(report: StatusReport) -> list[str]:
    counts = report.progress.counts
    words = ", ".join(f"{count} {WORDS[state]}" for state, count in counts.items())
    lines = [
        f"{plural(sum(counts.values()), 'experiment')}: {words}" if counts else "no experiments"
    ]
    if report.superseded:
        superseded = "" if report.came_since else " (superseded)"
        lines.append(f"{report.superseded} against other baselines{superseded}")
    return lines


def _undecided(report: StatusReport) -> list[str]:
    lines: list[str] = []
    entries = report.in_state(State.UNDECIDED)
    for entry in entries[:5]:
        change = shortened(clean(entry.tried.registration.summary), WIDTH - LABEL - 6)
        label = "" if lines else "undecided"
        lines += _block(label, f"{entry.short}  {change}", *_waits_for(entry, report.runs))
    if len(entries) > 5:
        lines += _block("", f"and {len(entries) - 5} more: paribus log --verdict undecided")
    return lines


def _waits_for(entry: Entry, baseline_runs: int) -> list[str]:
    verdict, wanted = entry.tried.verdict, needs(entry.tried)
    assert verdict is not None
    found = " ".join(filter(None, difference_and_interval(verdict)))
    if wanted is None:
        reason = clean(verdict.reasons[0]) if verdict.reasons else "no further pair can decide it"
        return [f"  {plural(verdict.n, 'pair')}, {found}; {reason}"]
    pairs = f"{wanted.pairs} of {wanted.cap} pairs" + (f", {found}" if found else "")
    return [
        f"  {pairs}; next look at {wanted.next_look}",
        f"  {_how_far(entry, wanted, baseline_runs)}",
    ]


def _how_far(entry: Entry, wanted: Needs, baseline_runs: int) -> str:
    effect = f"{entry.tried.registration.plan.effect:.3g}"
    runs = plural(wanted.runs(baseline_runs), "more run")
    if wanted.detecting is not None and wanted.detecting <= wanted.target:
        return f"{runs} to the look at {wanted.target}, where {effect} is detected (80 % power)"
    if not wanted.known:
        return f"{runs} to the look at {wanted.target}"
    pairs = "more than 1000" if wanted.detecting is None else f"about {wanted.detecting}"
    return f"{runs} to the cap of {wanted.cap}; {effect} would need {pairs} pairs"


def _noise(report: StatusReport) -> list[str]:
    lines = []
    parts = () if report.noise is None else report.noise.parts
    seeds = [part.name for part in parts if part.source is Source.SEED]
    told = [
        f"{source_name(part, seeds)} {share_text(part)}" for part in parts if part.share is not None
    ]
    if told:
        lines.append(", ".join(told))
    if report.detectable is not None:
        effect = f"{report.plan.effect:.3g}" + (" (one sd)" if report.effect_is_default else "")
        least = number(report.detectable, decimals(report.detectable))
        guessed = "" if report.spread else ", if the two sides of a pair are unrelated"
        cap = plural(report.plan.looks[-1], "pair")
        lines.append(f"{cap} detect {least}{guessed}; you look for {effect}")
    if report.spread is not None:
        lines.append(f"as paired so far: {spread_text(report.spread)}")
    return lines


def _false_alarms(report: StatusReport) -> list[str]:
    replay = report.replay
    if replay is None:
        return []
    return [
        f"{replay.false_alarms} of {replay.replays} times the rule told {replay.runs} baseline runs apart"
    ]


def _budget(report: StatusReport) -> list[str]:
    if report.budget is None:
        return []
    runs, hours = report.spent
    spent, told = (runs, f"{runs}") if report.budget.unit == "runs" else (hours, f"{hours:.1f}")
    over = ", used up" if spent >= report.budget.amount else ""
    return [f"{told} of {report.budget.amount:g} {report.budget.unit}{over}"]


def _time_box(report: StatusReport) -> list[str]:
    if report.time_box is None:
        return []
    over = ", over: take stock" if report.weeks >= report.time_box else ""
    box = f"{report.time_box:.3g} {'week' if report.time_box == 1 else 'weeks'}"
    return [f"{_passed(report.weeks, report.time_box)} of {box}{over}"]


def _passed(weeks: float, box: float) -> str:
    """Whole days below two weeks, and whole weeks from then on; never rounded up.

    Tenths of weeks where the box has some, too.
    """
    if weeks < 2:
        days = int(weeks * 7 + 1e-9)
        return plural(days, "day") if days else "0"
    return f"{int(weeks)}" if box == int(box) else f"{int(weeks * 10 + 1e-9) / 10:g}"


def _learning(report: StatusReport) -> list[str]:
    return [] if report.learning is None else [headline(report.learning)]


def _next(report: StatusReport) -> list[str]:
    """Commands in a column, each with its reason; below it where the command is a long one."""
    steps = next_steps(report)
    width = max((len(step.command) for step in steps if len(step.command) <= COMMAND), default=0)
    lines = []
    for step in steps:
        if len(step.command) <= width:
            lines.append(f"{step.command.ljust(width)}  {step.why}")
        else:
            lines += [step.command, f"{' ' * width}  {step.why}"]
    labels = [_label("next"), *[_label("")] * len(lines)]
    return [beside + line for beside, line in zip(labels, lines, strict=False)]
