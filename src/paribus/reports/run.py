"""The report of `paribus run` and `paribus show`: an experiment, its runs, its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from paribus.core.declared import Standing
from paribus.core.ended import not_made_up_for, standing
from paribus.core.errors import Exit
from paribus.core.experiment import Registration
from paribus.core.numbers import decimals, number
from paribus.core.plan import Goal
from paribus.core.run import Run
from paribus.core.verdict import Outcome, Replay, Verdict, is_final, not_comparable, ways_out
from paribus.core.verification import Verification
from paribus.reports.check import CheckReport, content, refusal_status
from paribus.reports.listed import Listed, listed_json
from paribus.reports.notebook.content import PairPoint
from paribus.reports.paired import drawn_pairs, pair_json
from paribus.reports.registration import INDENT, header
from paribus.reports.runs import failure, run_json, runs_table
from paribus.reports.standing import Place, beside, fresh_cost, told
from paribus.reports.text import clean, helps, plural, strict_json, wrapped
from paribus.reports.verdict import for_new_examples, headline, looks_table
from paribus.reports.verify import in_one_line


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
        replay: the rule applied to the baseline against itself; None while it has too few runs.
        place: where it stands among the baselines.
        family: how many experiments were tried together with it, itself too; 1 where it was alone.
        command: what goes on with it; None where only whoever started it can tell.
        verified: its verifications, the earliest first.
        pairs: on which the verdict rests.
        fresh: pairs of the last confirmation.
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
    replay: Replay | None = None
    place: Place = field(default_factory=Place)
    family: int = 1
    command: str | None = None
    verified: tuple[Verification, ...] = ()
    pairs: tuple[PairPoint, ...] = ()
    fresh: tuple[PairPoint, ...] = ()

    @property
    def failed(self) -> list[Run]:
        """Candidate runs that failed by themselves, were killed or took too long, and were not made up for.

        Of several attempts at one pair the last. Only those that the verdict is about: a confirmation
        has an answer of its own.
        """
        return not_made_up_for(self.candidate_runs)

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


def as_json(report: RunReport) -> str:
    """One strict JSON object."""
    return strict_json(content_of(report))


def content_of(report: RunReport) -> dict[str, Any]:
    """What `as_json` tells."""
    return experiment_json(report) | {
        "runs": [
            run_json(side, run)
            for side, runs in (
                ("baseline", report.baseline_runs),
                ("candidate", report.candidate_runs),
            )
            for run in runs
        ],
        "looks": [verdict.as_json() for verdict in report.trail],
        "pairs": [pair_json(pair) for pair in report.pairs],
        "fresh_pairs": [pair_json(pair) for pair in report.fresh],
        "null_control": {"differ": report.controls[0], "of": report.controls[1]},
        "replay": report.replay.as_json() if report.replay else None,
        "declared": [declared_json(standing) for standing in report.declared],
        "verifications": [one.as_json() for one in report.verified],
        "recorded": report.recorded,
        "found": report.found,
        "next": next_steps(report),
    }


def experiment_json(report: RunReport) -> dict[str, Any]:
    """What every list of experiments has of one."""
    status = status_word(report)
    one = Listed(report.registration, report.short, report.verdict, status, report.place)
    return listed_json(one)


def status_word(report: RunReport) -> str:
    """Where an experiment stands, in one word."""
    judged = report.verdict is not None
    return standing(report.candidate_runs, judged=judged, running=report.running)


def refusal_json(refused: CheckReport) -> str:
    """Why an experiment is not run: too many changes are no verdict, a moved ruler is one."""
    verdict = None
    if refusal_status(refused) is Exit.UNDECIDED:
        verdict = not_comparable(refused.metric or "", "the ruler changed").as_json()
    return strict_json(content(refused) | {"verdict": verdict, "runs": []})


def as_text(report: RunReport) -> str:
    """For people, after a run."""
    lines = ["found in the ledger; nothing was run", ""] if report.found else []
    lines += _header(report)
    looks = looks_table(report.trail, higher_is_better=report.registration.plan.higher_is_better)
    return "\n".join([*lines, "", *looks, *([""] if looks else []), *conclusion(report)])


def in_full(report: RunReport) -> str:
    """Everything that the ledger has of an experiment."""
    registration = report.registration
    lines = _header(report)
    lines += wrapped(f"{clean(registration.author)}, {registration.started[:16]} UTC", INDENT)
    if registration.revision:
        lines.append(f"{INDENT}revision {registration.revision}")
    higher_is_better = registration.plan.higher_is_better
    tables = (
        looks_table(report.trail, higher_is_better=higher_is_better),
        drawn_pairs(report.pairs, report.verdict, report.failed, higher_is_better=higher_is_better),
        drawn_pairs(
            report.fresh, report.place.end, higher_is_better=higher_is_better, head="fresh pair"
        ),
    )
    looks = [line for table in tables if table for line in (*table, "")]
    sides = [("baseline", run) for run in report.baseline_runs]
    sides += [("candidate", run) for run in report.candidate_runs]
    runs = runs_table(sides, registration.plan.metric) if sides else ["  no runs"]
    verdict = (
        conclusion(report, in_full=True)
        if report.verdict
        else [*_cut(report), f"{status_word(report)}: no verdict yet"]
    )
    return "\n".join([*lines, "", *looks, *verdict, "", *runs])


def conclusion(report: RunReport, *, in_full: bool = False) -> list[str]:
    """The answer in a line that stands alone, then the evidence, then what to do next."""
    lines: list[str] = []
    verdict = report.verdict
    for run in report.failed[:3]:
        lines += failure(run)
    if verdict is not None:
        lines.append(headline(verdict))
        reasons = [clean(reason) for reason in verdict.reasons]
        reasons += [line.strip() for line in for_new_examples(verdict)]
        lines += [line for reason in reasons for line in wrapped(reason, "  ")]
        if verdict.better or verdict.worse or verdict.equal:
            better = plural(verdict.better, "pair")
            lines.append(f"  {better} better, {verdict.equal} equal, {verdict.worse} worse")
    further = [*told(report.place), *map(_declared_text, report.declared)]
    again = in_one_line(report.verified)
    lines += [
        part for line in [*further, *([again] if again else [])] for part in wrapped(line, "  ")
    ]
    if report.recorded:
        lines.append(f"  recorded {report.recorded[:7]} on the branch paribus/ledger")
    return [*lines, *helps(next_steps(report)[: -1 if in_full else None], "next")]


def declared_json(standing: Standing) -> dict[str, Any]:
    """Where an experiment stands beside an outside baseline."""
    declared = standing.declared
    return {
        "metric": declared.metric,
        "value": declared.value,
        "source": declared.source,
        "estimate": standing.estimate,
        "low": standing.low,
        "high": standing.high,
    }


def next_steps(report: RunReport) -> list[str]:
    """What to do about an experiment now, each with its command after three spaces where it has one."""
    verdict, short = report.verdict, report.short
    result = next((run for run in report.candidate_runs if run.ref), None)
    lines = []
    if report.failed and all(run.status.from_outside for run in report.failed):
        lines.append(f"make it again   paribus retry {short}")
    elif report.failed:
        lines.append(_go_on("mend it and try again", report.command))
    elif verdict is None or not is_final(verdict):
        lines.append(_go_on("go on to the next look", report.command))
    elif verdict.outcome is Outcome.UNDECIDED and ways_out(verdict):
        lines.append("declare a seed that moves the metric   seeds: in paribus.yaml")
    elif _may_be_promoted(report, verdict):
        cost = fresh_cost(report.baseline_runs, report.candidate_runs)
        label = f"make it the baseline ({cost})" if cost else "make it the baseline"
        lines.append(f"{label}   paribus promote {short}")
    if _is_improved(report) and result is not None and result.commit:
        lines.append(f"see a result   paribus compare {result.commit[:7]}")
    if verdict is not None and verdict.outcome in (Outcome.NO_DIFFERENCE, Outcome.WORSE):
        lines.append(f"other dead ends   paribus log --verdict {verdict.outcome.value}")
    lines.append(f"every run of it   paribus show {short}")
    return lines


# Private functions


def _cut(report: RunReport) -> list[str]:
    """The last runs that were ended from outside, with what is known of their ends."""
    runs = [run for run in report.candidate_runs if run.status.from_outside and run.cause]
    return [line for run in runs[-3:] for line in failure(run)]


def _header(report: RunReport) -> list[str]:
    first, *rest = header(report.registration, report.short, report.controls, report.replay)
    family = f"{INDENT}one of a family of {report.family} tried together"
    return [first + beside(report.place), *rest, *([family] if report.family > 1 else [])]


def _declared_text(standing: Standing) -> str:
    declared, estimate = standing.declared, standing.estimate
    told = f"against declared {declared.value:g} ({clean(declared.source)}): "
    if estimate is None:
        return f"{told}no run has {clean(declared.metric)}"
    if standing.low is None or standing.high is None:
        return f"{told}{clean(declared.metric)} {estimate:+.3g}, no interval"
    digits = decimals((standing.high - standing.low) / 2)
    shown, low, high = (
        number(value, digits, sign=True) for value in (estimate, standing.low, standing.high)
    )
    return f"{told}{clean(declared.metric)} {shown} [{low}, {high}]"


def _is_improved(report: RunReport) -> bool:
    verdict = report.verdict
    if verdict is None or not is_final(verdict) or report.failed:
        return False
    return verdict.outcome is Outcome.IMPROVED


def _may_be_promoted(report: RunReport, verdict: Verdict) -> bool:
    """Whether it is a candidate for the next baseline, and nothing has become of it yet."""
    kept = report.registration.plan.goal is Goal.NONINFERIOR and verdict.label == "noninferior"
    place = report.place
    open_ = place.promoted is None and place.superseded is None and place.confirmed is not False
    return open_ and (kept or verdict.outcome is Outcome.IMPROVED)


def _go_on(what: str, command: str | None) -> str:
    if command is None:
        return f"{what}: the same command again; what succeeded is kept"
    return f"{what}   {command}"
