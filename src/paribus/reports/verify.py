"""What `paribus verify` answers: whether recorded runs give the same when they are made again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paribus.core.errors import Exit
from paribus.core.experiment import Registration
from paribus.core.reproduction import Comparison, FileMoved, MetricMoved, Outcome
from paribus.core.run import Run
from paribus.core.surroundings import Moved
from paribus.core.verification import Remade, Verification, VerificationEnd, VerificationStart
from paribus.reports.text import clean, clean_block, helps, plural, shortened, strict_json, wrapped

MOST = 8
"""Lines of one kind; the others are counted, and in the JSON."""

STATUS = {
    Outcome.DIFFERENT: Exit.RULE_BROKEN,
    Outcome.FAILED: Exit.RUN_FAILED,
    Outcome.NOT_VERIFIED: Exit.BAD_INPUT,
    Outcome.INTERRUPTED: Exit.INTERRUPTED,
}
WORDS = {
    Outcome.EXACT: "exact",
    Outcome.SAME_RESULTS: "same results",
    Outcome.WITHIN_NOISE: "within noise",
    Outcome.DIFFERENT: "different",
    Outcome.FAILED: "failed",
    Outcome.NOT_VERIFIED: "not verified",
    Outcome.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """A verification that has ended.

    Attributes:
        short: the experiment's id as it is shown, or the beginning of the baseline's key.
        registration: of the experiment; None for a baseline.
        runs: the recorded runs, in the order of `end.runs`.
        recorded: the ledger's commit that holds it.
    """

    start: VerificationStart
    end: VerificationEnd
    short: str
    registration: Registration | None
    runs: tuple[Run, ...]
    recorded: str

    @property
    def status(self) -> Exit:
        """The exit code."""
        return STATUS.get(self.end.outcome, Exit.DONE)


def as_json(report: VerifyReport) -> str:
    """One strict JSON object."""
    sides = {run.intent.id: run for run in report.runs}
    return strict_json(
        {
            "verification": report.start.id,
            "experiment": report.registration.id if report.registration else None,
            "baseline": report.registration.baseline["key"]
            if report.registration
            else report.start.subject,
            "outcome": report.end.outcome.value,
            "runs": [
                {
                    "run": remade.run,
                    "side": _side(sides[remade.run]),
                    "pair": sides[remade.run].intent.index + 1,
                    "seeds": dict(sides[remade.run].intent.seeds),
                    **remade.as_json(),
                }
                for remade in report.end.runs
            ],
            "started": report.start.started,
            "ended": report.end.ended,
            "host": report.start.host,
            "session": report.start.session,
            "author": report.start.author,
            "recorded": report.recorded,
            "next": _next(report),
        }
    )


def as_text(report: VerifyReport) -> str:
    """For people: the answer, what was compared, what differs, and what to do next."""
    lines = wrapped(_headline(report))
    if report.registration is not None:
        lines += wrapped(shortened(clean(report.registration.summary), 200), "  ")
    sides = {run.intent.id: run for run in report.runs}
    for remade in report.end.runs:
        if len(report.end.runs) > 1:
            lines += ["", f"{WORDS[remade.outcome]}: {_named(report, sides[remade.run])}"]
        lines += _told(remade, sides[remade.run])
    lines.append(f"  recorded {report.recorded[:7]} on the branch paribus/ledger")
    return "\n".join([*lines, *helps(_next(report), "next")])


def in_one_line(made: Sequence[Verification]) -> str | None:
    """The latest verification that came to an answer, as `show` tells it; None where there is none."""
    answers = [
        (one.start, one.end.outcome)
        for one in made
        if one.end and one.end.outcome not in (Outcome.INTERRUPTED, Outcome.NOT_VERIFIED)
    ]
    if not answers:
        return None
    start, outcome = answers[-1]
    return f"verified {start.started[:10]} on {clean(start.host)}: {WORDS[outcome]}"


# Private functions


def _headline(report: VerifyReport) -> str:
    outcome, runs = report.end.outcome, report.end.runs
    said = {
        Outcome.EXACT: "gave the recorded result again",
        Outcome.SAME_RESULTS: "gave the recorded numbers",
        Outcome.WITHIN_NOISE: "gave other numbers, as reruns of a seed do",
        Outcome.DIFFERENT: "was not reproduced",
        Outcome.FAILED: "did not run to its end",
    }.get(outcome, "could not be verified")
    if len(runs) > 1:
        whose = f"of {report.short}" if report.registration else f"of baseline {report.short}"
        count = sum(run.outcome is outcome for run in runs)
        return f"{WORDS[outcome]}: {count} of {plural(len(runs), 'run')} {whose} {said}"
    return f"{WORDS[outcome]}: {_named(report, report.runs[0])}, {said}"


def _named(report: VerifyReport, run: Run) -> str:
    whose = report.short if run.intent.experiment else "the baseline"
    return f"run {run.intent.id} of {whose}, pair {run.intent.index + 1}"


def _side(run: Run) -> str:
    return "candidate" if run.intent.experiment else "baseline"


def _told(remade: Remade, run: Run) -> list[str]:
    lines = [] if remade.comparison is None else _compared(remade.comparison)
    if remade.cause is not None:
        lines += wrapped(f"{clean(remade.cause)}, after {remade.seconds:.0f} s", "  ")
        said = clean_block(remade.log_tail).splitlines()
        lines += [f"    {shortened(line, 76)}" for line in said[-4:] if line.strip()]
    return [*lines, *_environment(remade.environment, run)]


def _compared(found: Comparison) -> list[str]:
    lines = [_line("metrics", _equal(found.metrics - len(found.moved), found.metrics))]
    lines += _some(map(_metric, found.moved), len(found.moved))
    if found.added:
        lines += wrapped(f"not in the record: {_list(found.added)}", "    ")
    if found.outputs is None:
        lines.append(
            _line("outputs", "unknown: the recorded result is no longer in the repository")
        )
    else:
        equal = found.outputs - sum(moved.old is not None for moved in found.rewritten)
        lines.append(_line("outputs", _equal(equal, found.outputs)))
        lines += _some(map(_file, found.rewritten), len(found.rewritten))
    if found.examples is not None:
        size = found.examples.size
        lines.append(_line("predictions", _equal(size - found.examples.differing, size)))
    if found.reread:
        lines += wrapped("inputs differ: the recorded run read what its tree does not name", "  ")
        lines += _some(map(_file, found.reread), len(found.reread))
    told = [
        ("not compared", found.timing, "measures the machine"),
        ("not compared", found.kept, "of stages that were not run again"),
        ("not run again", found.not_rerun, "frozen, or not part of this project's pipeline"),
        ("imported", found.imported, "taken as the tree names them"),
        ("not there", found.absent, "tracked data that no stage declares"),
    ]
    for word, names, why in told:
        if names:
            lines += wrapped(f"{word}: {_list(names)} ({why})", "  ")
    return lines


def _line(what: str, told: str) -> str:
    return f"  {what.ljust(12)} {told}"


def _equal(equal: int, total: int) -> str:
    return f"{equal} of {total} equal"


def _metric(moved: MetricMoved) -> str:
    old, new = _apart(moved.old, moved.new)
    limit = f" (reruns of a seed: up to {moved.limit:.2g})" if moved.limit else ""
    return f"{clean(moved.name)}  {old} -> {new}{limit}"


def _apart(old: float | None, new: float | None) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them from each other."""
    for digits in (6, 9, 12, 17):
        told = tuple("none" if each is None else f"{each:.{digits}g}" for each in (old, new))
        if told[0] != told[1]:
            break
    return told[0], told[1]


def _file(moved: FileMoved) -> str:
    old, new = (_hash(value) for value in (moved.old, moved.new))
    where = f"{clean(moved.place.stage)}: {clean(moved.place.path)}  {old} -> {new}"
    if moved.differing is None:
        return where
    named = ", ".join(map(clean, moved.named[:3]))
    more = ", ..." if moved.differing > 3 else ""
    return f"{where}  {moved.differing} of {plural(moved.files or 0, 'file')}: {named}{more}"


def _hash(value: str | None) -> str:
    """The hash itself, without its kind, as far as people look at it."""
    if value is None:
        return "none"
    told = value.split()[-1]
    return clean(told[:7] + (".dir" if told.endswith(".dir") else ""))


def _environment(moved: tuple[Moved, ...] | None, run: Run) -> list[str]:
    when = run.intent.started[:10]
    if moved is None:
        return wrapped(f"environment of the recorded run ({when}) is not known", "  ")
    if not moved:
        return wrapped(f"environment  the same as on {when}", "  ")
    lines = [f"  environment  {_differ(len(moved), 'part')} from {when}"]
    return [*lines, *_some(map(_part, moved), len(moved))]


def _part(moved: Moved) -> str:
    if moved.old is None and moved.new is None:
        return f"{moved.what}: others, which the record does not list"
    old, new = (clean(value) if value else "none" for value in (moved.old, moved.new))
    return f"{clean(moved.what)}  {old} -> {new}"


def _some(lines: Iterable[str], total: int) -> list[str]:
    told = [part for line in list(lines)[:MOST] for part in wrapped(line, "    ")]
    return [*told, f"    and {total - MOST} more"] if total > MOST else told


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(map(clean, names[:MOST])) + more


def _differ(count: int, word: str) -> str:
    return f"{plural(count, word)} {'differs' if count == 1 else 'differ'}"


def _next(report: VerifyReport) -> list[str]:
    outcome = report.end.outcome
    lines = []
    if outcome is Outcome.FAILED:
        lines.append("mend what failed, then again   " + _again(report))
    if outcome is Outcome.DIFFERENT:
        environment = [run.environment for run in report.end.runs if run.environment]
        if environment:
            lines.append("in the recorded environment   " + _again(report))
        noisy = all(run.comparison is None or run.comparison.noisy for run in report.end.runs)
        if not noisy:
            lines.append("does a rerun of a seed differ at all?   paribus noise")
    if report.registration is not None:
        lines.append(f"every run of it   paribus show {report.short}")
    return lines


def _again(report: VerifyReport) -> str:
    return f"paribus verify {report.short if report.registration else 'baseline'}"
