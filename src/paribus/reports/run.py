"""The report of `paribus run` and `paribus show`: an experiment, its runs, its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paribus.core.declared import Standing
from paribus.core.errors import Exit
from paribus.core.experiment import Registration
from paribus.core.run import Purpose, Run, Status
from paribus.core.sample import decimals, number
from paribus.core.verdict import Outcome, Verdict, is_final, not_comparable
from paribus.reports.check import CheckReport, content, numbered, refusal_status
from paribus.reports.tables import plain_table
from paribus.reports.text import clean, clean_block, helps, plural, shortened, strict_json

SAID_BY_DVC = (
    "Running stage ",
    "> ",
    "Updating lock file ",
    "Generating lock file ",
    "WARNING: No file hash info found for ",
)

AXIS = 21
"""Characters of the axis on which intervals are drawn."""

WORDS = {
    Outcome.IMPROVED: "improved",
    Outcome.WORSE: "worse",
    Outcome.NO_DIFFERENCE: "no detectable difference",
    Outcome.UNDECIDED: "undecided",
    Outcome.NOT_COMPARABLE: "not comparable",
}


@dataclass(frozen=True, slots=True)
class RunReport:
    """An experiment as far as it has come.

    Attributes:
        short: the experiment's id as it is shown.
        baseline_runs, candidate_runs: every run that belongs to it, failures too.
        trail: the verdict at each look.
        verdict: the last word; None before the first run.
        controls: (same-seed reruns of the baseline that differ, reruns).
        recorded: the ledger's commit.
        found: whether it had been judged before, so that nothing was run now.
        running: whether a process works on it now.
        declared: outside baselines to compare with.
    """

    registration: Registration
    short: str
    baseline_runs: tuple[Run, ...]
    candidate_runs: tuple[Run, ...]
    trail: tuple[Verdict, ...]
    verdict: Verdict | None
    controls: tuple[int, int]
    recorded: str | None
    found: bool = False
    running: bool = False
    declared: tuple[Standing, ...] = ()

    @property
    def failed(self) -> list[Run]:
        """Candidate runs that failed by themselves, or were killed, and were not made up for.

        Of several attempts at one pair the last.
        """
        good = {run.intent.index for run in self.candidate_runs if run.succeeded}
        bad = {
            run.intent.index: run
            for run in self.candidate_runs
            if run.status in (Status.FAILED, Status.KILLED) and run.intent.index not in good
        }
        return list(bad.values())

    @property
    def status(self) -> Exit:
        """The exit code that the experiment stands for."""
        if self.failed:
            return Exit.RUN_FAILED
        outcome = self.verdict.outcome if self.verdict else Outcome.UNDECIDED
        return {
            Outcome.WORSE: Exit.RULE_BROKEN,
            Outcome.UNDECIDED: Exit.UNDECIDED,
            Outcome.NOT_COMPARABLE: Exit.UNDECIDED,
        }.get(outcome, Exit.DONE)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be run.

    Attributes:
        check: the judgement.
        experiment: the id that it would have.
        looks: numbers of pairs to which it would run.
        baseline_runs: pairs that the baseline has already.
        verdict: what the ledger knows of it.
    """

    check: CheckReport
    experiment: str
    looks: tuple[int, ...]
    baseline_runs: int
    verdict: Verdict | None


def as_json(report: RunReport) -> str:
    """One strict JSON object."""
    return strict_json(
        experiment_json(report)
        | {
            "runs": [
                run_json(side, run)
                for side, runs in (
                    ("baseline", report.baseline_runs),
                    ("candidate", report.candidate_runs),
                )
                for run in runs
            ],
            "looks": [verdict.as_json() for verdict in report.trail],
            "null_control": {"differ": report.controls[0], "of": report.controls[1]},
            "declared": [_declared_json(standing) for standing in report.declared],
            "recorded": report.recorded,
            "found": report.found,
            "next": _next(report),
        }
    )


def experiment_json(report: RunReport) -> dict[str, Any]:
    """What every list of experiments has of one."""
    registration = report.registration
    return {
        "experiment": registration.id,
        "baseline": registration.baseline["commit"],
        "change": dict(registration.changes[0]) if len(registration.changes) == 1 else None,
        "changes": [dict(change) for change in registration.changes],
        "hypothesis": registration.hypothesis,
        "allow": registration.allow,
        "revision": registration.revision,
        "plan": registration.plan.as_json(),
        "verdict": report.verdict.as_json() if report.verdict else None,
        "status": status_word(report),
        "started": registration.started,
        "author": registration.author,
    }


def status_word(report: RunReport) -> str:
    """Where an experiment stands, in one word."""
    if report.running:
        return "running"
    if report.failed:
        return "failed"
    return "interrupted" if report.verdict is None else "judged"


def run_json(side: str, run: Run) -> dict[str, Any]:
    """One run, with the keys that scripts may rely on first."""
    own = run.as_json()
    first = {key: own[key] for key in ("id", "seeds", "status", "metrics", "seconds", "commit")}
    return {**first, "side": side, "pair": run.intent.index + 1, **own}


def refusal_json(refused: CheckReport) -> str:
    """Why an experiment is not run: too many changes are no verdict, a moved ruler is one."""
    verdict = None
    if refusal_status(refused) is Exit.UNDECIDED:
        verdict = not_comparable(refused.metric or "", "the ruler changed").as_json()
    return strict_json(content(refused) | {"verdict": verdict, "runs": []})


def dry_run_json(plan: DryRun) -> str:
    """One strict JSON object."""
    judgement = plan.check.judgement
    return strict_json(
        {
            "experiment": plan.experiment,
            "baseline": plan.check.baseline,
            "outcome": judgement.outcome.value,
            "changes": [change.as_json() for change in judgement.changes],
            "looks": list(plan.looks),
            "baseline_runs": plan.baseline_runs,
            "verdict": plan.verdict.as_json() if plan.verdict else None,
            "dry_run": True,
        }
    )


def dry_run_text(plan: DryRun) -> str:
    """For people."""
    first, last = plan.looks[0], plan.looks[-1]
    lines = [f"would run {plan.experiment[:8]}:", "", *numbered(plan.check.judgement.changes), ""]
    lines.append(
        f"  {min(first, last)} to {last} pairs; the baseline has {plan.baseline_runs} runs"
    )
    if plan.verdict is not None:
        lines.append(f"  the ledger has a verdict on it: {headline(plan.verdict)}")
    return "\n".join([*lines, "", "nothing was run or written"])


def header(registration: Registration, short: str, controls: tuple[int, int] | None) -> list[str]:
    """What is tested, against what, and how it will be judged."""
    plan, baseline = registration.plan, registration.baseline
    direction = "higher" if plan.higher_is_better else "lower"
    effect = f"{plan.effect:.3g}" + (
        " (default: the baseline's own spread)" if registration.effect_is_default else ""
    )
    looks = " ".join(map(str, plan.looks))
    lines = [
        f"{short}  {clean(registration.summary)}  against {shown_baseline(baseline)}",
        f"      {clean(plan.metric)}, {direction} is better; effect of interest {effect}; looks {looks}",
    ]
    if controls is not None and controls[1]:
        lines[1] += f"\n      null control {controls[0]} of {controls[1]} differ"
    if registration.hypothesis:
        lines.append(f"      {clean(registration.hypothesis)}")
    if registration.allow:
        lines.append(f"      allowed as one: {clean(registration.allow)}")
    return lines


def looks_table(trail: Sequence[Verdict], *, higher_is_better: bool) -> list[str]:
    """A row for each look, all on one axis."""
    if not trail:
        return []
    scale = max(
        (abs(end) for verdict in trail for end in (verdict.low, verdict.high) if end is not None),
        default=0.0,
    )
    rows = [
        [
            str(verdict.n),
            *difference_and_interval(verdict),
            _drawn(verdict, scale),
            verdict.outcome.value,
        ]
        for verdict in trail
    ]
    left, right = ("worse", "better") if higher_is_better else ("better", "worse")
    ends = left.rjust(AXIS // 2 - 1) + " | " + right
    text = plain_table(rows, ["pairs", "difference", "interval", ends, ""], right=(0, 1))
    return [f"  {line}".rstrip() for line in text.splitlines()]


def as_text(report: RunReport) -> str:
    """For people, after a run."""
    told = ["found in the ledger; nothing was run", ""] if report.found else []
    told += header(report.registration, report.short, report.controls)
    looks = looks_table(report.trail, higher_is_better=report.registration.plan.higher_is_better)
    return "\n".join([*told, "", *looks, *([""] if looks else []), *conclusion(report)])


def in_full(report: RunReport) -> str:
    """Everything that the ledger has of an experiment."""
    registration = report.registration
    lines = header(registration, report.short, report.controls)
    lines.append(f"      {clean(registration.author)}, {registration.started[:16]} UTC")
    if registration.revision:
        lines.append(f"      revision {registration.revision}")
    looks = looks_table(report.trail, higher_is_better=registration.plan.higher_is_better)
    sides = [("baseline", run) for run in report.baseline_runs]
    sides += [("candidate", run) for run in report.candidate_runs]
    runs = runs_table(sides, registration.plan.metric) if sides else ["  no runs"]
    verdict = (
        conclusion(report, in_full=True)
        if report.verdict
        else [f"{status_word(report)}: no verdict yet"]
    )
    return "\n".join([*lines, "", *looks, *([""] if looks else []), *verdict, "", *runs])


def conclusion(report: RunReport, *, in_full: bool = False) -> list[str]:
    """The answer in a line that stands alone, then the evidence, then what to do next."""
    lines: list[str] = []
    verdict = report.verdict
    for run in report.failed[:3]:
        lines += failure(run)
    if verdict is not None:
        lines.append(headline(verdict))
        lines += [f"  {clean(reason)}" for reason in verdict.reasons]
        if verdict.better or verdict.worse or verdict.equal:
            better = plural(verdict.better, "pair")
            lines.append(f"  {better} better, {verdict.equal} equal, {verdict.worse} worse")
    lines += [_declared_text(standing) for standing in report.declared]
    if report.recorded:
        lines.append(f"  recorded {report.recorded[:7]} on the branch paribus/ledger")
    return [*lines, *helps(_next(report)[: -1 if in_full else None], "next")]


def headline(verdict: Verdict) -> str:
    """The verdict in one line."""
    word = WORDS[verdict.outcome]
    metric = clean(verdict.metric)
    if verdict.estimate is None:
        return f"{word}: {metric}, {_completed(verdict)}"
    digits = _digits(verdict)
    means = ""
    if verdict.outcome in (Outcome.IMPROVED, Outcome.WORSE) and verdict.baseline_mean is not None:
        before = number(verdict.baseline_mean, digits)
        after = number(verdict.candidate_mean or 0.0, digits)
        means = f"{before} -> {after}, "
    difference, interval = difference_and_interval(verdict)
    found = " ".join(filter(None, [difference, interval]))
    return f"{word}: {metric} {means}{found}, {_completed(verdict)}"


def failure(run: Run) -> list[str]:
    """A run that did not succeed, with the last that it said."""
    word = "killed" if run.status is Status.KILLED else "failed"
    after = f" after {run.seconds:.0f} s" if run.stage else ""
    told = f"{word}: pair {run.intent.index + 1}, {clean(run.cause or '')}{after}; recorded"
    return [told, *(f"  {shortened(line, 110)}" for line in last_words(run)[-4:])]


def last_words(run: Run) -> list[str]:
    """The last lines that a run printed, without what DVC says of its own work."""
    lines = clean_block(run.log_tail).splitlines()
    return [line for line in lines if line.strip() and not line.startswith(SAID_BY_DVC)]


def runs_table(runs: Sequence[tuple[str, Run]], metric: str) -> list[str]:
    """Every run on a line of its own."""
    rows = [
        [
            run.intent.id,
            side if run.intent.purpose is Purpose.MEASURE else "control",
            str(run.intent.index + 1),
            run.status.value,
            f"{run.metrics[metric]:.6g}" if metric in run.metrics else "",
            f"{run.seconds:.1f}" if run.seconds else "",
            (run.commit or "")[:7],
        ]
        for side, run in runs
    ]
    headers = ["run", "side", "pair", "status", clean(metric), "seconds", "commit"]
    table = plain_table(rows, headers, right=(2, 4, 5)).splitlines()
    return [*(f"  {line}".rstrip() for line in table), *_seeds(run for _, run in runs)]


def shown_baseline(baseline: Mapping[str, str]) -> str:
    """A baseline's name with its commit."""
    short = baseline["commit"][:7]
    return short if baseline["name"] == short else f"{clean(baseline['name'])} ({short})"


# Private functions


def _seeds(runs: Iterable[Run]) -> list[str]:
    """The seeds of each pair, which both sides share."""
    pairs = {run.intent.index: run.intent.seeds for run in runs if run.intent.seeds}
    return [
        f"  seeds of pair {index + 1}: "
        + ", ".join(f"{clean(name)} {value}" for name, value in seeds.items())
        for index, seeds in sorted(pairs.items())
    ]


def _completed(verdict: Verdict) -> str:
    return f"{verdict.n} of {max(verdict.attempted, verdict.n)} pairs"


def _digits(verdict: Verdict) -> int:
    if verdict.low is not None and verdict.high is not None and verdict.high > verdict.low:
        return decimals((verdict.high - verdict.low) / 2)
    return decimals(abs(verdict.estimate)) if verdict.estimate else 0


def difference_and_interval(verdict: Verdict) -> tuple[str, str]:
    digits = _digits(verdict)
    estimate = "" if verdict.estimate is None else number(verdict.estimate, digits, sign=True)
    if verdict.low is None or verdict.high is None:
        return estimate, ""
    low, high = (number(end, digits, sign=True) for end in (verdict.low, verdict.high))
    return estimate, f"[{low}, {high}]"


def _drawn(verdict: Verdict, scale: float) -> str:
    """The interval on an axis from -scale to +scale, with zero in the middle."""
    if verdict.low is None or verdict.high is None or verdict.estimate is None:
        return ""
    low, middle, high = (
        round((end / (scale or 1.0) + 1) / 2 * (AXIS - 1))
        for end in (verdict.low, verdict.estimate, verdict.high)
    )
    cells = [" "] * AXIS
    cells[AXIS // 2] = "|"
    for at in range(low, high + 1):
        cells[at] = "+" if at == AXIS // 2 else "-"
    cells[low], cells[high] = "[", "]"
    cells[middle] = "*"
    return "".join(cells)


def _declared_text(standing: Standing) -> str:
    declared, estimate = standing.declared, standing.estimate
    told = f"  against declared {declared.value:g} ({clean(declared.source)}): "
    if estimate is None:
        return f"{told}no run has {clean(declared.metric)}"
    if standing.low is None or standing.high is None:
        return f"{told}{clean(declared.metric)} {estimate:+.3g}, no interval"
    digits = decimals((standing.high - standing.low) / 2)
    shown, low, high = (
        number(value, digits, sign=True) for value in (estimate, standing.low, standing.high)
    )
    return f"{told}{clean(declared.metric)} {shown} [{low}, {high}]"


def _declared_json(standing: Standing) -> dict[str, Any]:
    declared = standing.declared
    return {
        "metric": declared.metric,
        "value": declared.value,
        "source": declared.source,
        "estimate": standing.estimate,
        "low": standing.low,
        "high": standing.high,
    }


def _next(report: RunReport) -> list[str]:
    verdict, short = report.verdict, report.short
    result = next((run for run in report.candidate_runs if run.ref), None)
    lines = []
    if report.failed:
        lines.append("mend it and try again   run the same command; what succeeded is kept")
    elif verdict is None or not is_final(verdict):
        lines.append("go on to the next look   run the same command again, without --seeds")
    elif verdict.outcome is Outcome.UNDECIDED:
        lines.append("declare a seed that moves the metric   seeds: in paribus.yaml")
    elif verdict.outcome is Outcome.IMPROVED and result is not None and result.ref:
        lines.append(f"see a result   dvc exp diff {result.ref.rpartition('/')[2]}")
    if verdict is not None and verdict.outcome in (Outcome.NO_DIFFERENCE, Outcome.WORSE):
        lines.append(f"other dead ends   paribus log --verdict {verdict.outcome.value}")
    lines.append(f"every run of it   paribus show {short}")
    return lines
