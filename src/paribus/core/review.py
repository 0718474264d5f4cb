"""What a review says of a pull request: one finding, the gravest first, and the exit code it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from paribus.core.errors import Exit
from paribus.core.policy import Count
from paribus.core.tolerance import Pass
from paribus.core.verdict import Hold, Outcome, Verdict


class Finding(StrEnum):
    """What is to be known first."""

    CANNOT_JUDGE = "cannot-judge"
    EDITED_METRIC = "edited-metric"
    MANY_CHANGES = "one-change"
    NO_CHANGE = "no-change"
    NOT_COMPARABLE = "not-comparable"
    TOLERANCE = "tolerance"
    NOT_MEASURED = "not-measured"
    FAILED = "failed"
    STALE = "stale-baseline"
    WORSE = "worse"
    TOLERATED = "tolerated"
    UNDECIDED = "undecided"
    NO_DIFFERENCE = "no-difference"
    IMPROVED = "improved"


STATUS = {
    Finding.CANNOT_JUDGE: Exit.BAD_INPUT,
    Finding.EDITED_METRIC: Exit.BAD_INPUT,
    Finding.MANY_CHANGES: Exit.RULE_BROKEN,
    Finding.NO_CHANGE: Exit.DONE,
    Finding.NOT_COMPARABLE: Exit.UNDECIDED,
    Finding.TOLERANCE: Exit.RULE_BROKEN,
    Finding.NOT_MEASURED: Exit.UNDECIDED,
    Finding.FAILED: Exit.RULE_BROKEN,
    Finding.STALE: Exit.UNDECIDED,
    Finding.WORSE: Exit.RULE_BROKEN,
    Finding.TOLERATED: Exit.DONE,
    Finding.UNDECIDED: Exit.UNDECIDED,
    Finding.NO_DIFFERENCE: Exit.DONE,
    Finding.IMPROVED: Exit.DONE,
}
"""The exit code that each finding stands for."""

_OF_OUTCOME = {
    Outcome.IMPROVED: Finding.IMPROVED,
    Outcome.WORSE: Finding.WORSE,
    Outcome.NO_DIFFERENCE: Finding.NO_DIFFERENCE,
    Outcome.UNDECIDED: Finding.UNDECIDED,
    Outcome.NOT_COMPARABLE: Finding.NOT_COMPARABLE,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a finding follows from, where the revision could be judged.

    Attributes:
        count: of changes.
        allowed: whether a reason was given for several.
        moves_ruler: whether what measures changed, too.
        verdict: the ledger's last one on this tree; None where there is none.
        failed: whether runs of it failed, and no later one made up for them.
        refuted: whether a confirmation did not confirm it.
        stale: whether another baseline came since.
        gate: what the gate says of each metric.
        tolerated: the same of the primary metric alone, by a tolerance that the team declared; None
            where it declared none.
        lost: whether the confirmation that refuted it showed a loss: of the metric, or by a broken guard.
    """

    count: Count
    allowed: bool
    moves_ruler: bool
    verdict: Verdict | None
    failed: bool
    refuted: bool
    stale: bool
    gate: tuple[Pass, ...]
    tolerated: Pass | None
    lost: bool = False


def finding(facts: Facts) -> Finding:
    """The one that undoes all others behind it."""
    before = _before_numbers(facts)
    if before is not None:
        return before
    if facts.failed:
        return Finding.FAILED
    gate = _worst(facts.gate)
    if gate in (Pass.FAILS, Pass.MISSING):
        return Finding.TOLERANCE
    if facts.verdict is None:
        return Finding.NOT_MEASURED
    if facts.stale:
        return Finding.STALE
    found = _OF_OUTCOME[facts.verdict.outcome]
    if found is Finding.WORSE and not _broken(facts.verdict) and facts.tolerated is Pass.PASSES:
        found = Finding.TOLERATED
    if facts.refuted and found in (Finding.IMPROVED, Finding.NO_DIFFERENCE):
        # What was chosen for looking good can be worse on fresh seeds.
        found = Finding.WORSE if facts.lost else Finding.NO_DIFFERENCE
    # A pass that one metric leaves open is none.
    passes = STATUS[found] is Exit.DONE
    return Finding.UNDECIDED if passes and gate is Pass.OPEN else found


# Private functions


def _before_numbers(facts: Facts) -> Finding | None:
    """What makes all numbers beside the point."""
    if facts.count is Count.NONE:
        return Finding.NO_CHANGE
    if facts.count is Count.MANY and (not facts.allowed or facts.moves_ruler):
        return Finding.MANY_CHANGES
    return Finding.NOT_COMPARABLE if facts.moves_ruler else None


def _worst(gate: Iterable[Pass]) -> Pass:
    order = (Pass.PASSES, Pass.OPEN, Pass.MISSING, Pass.FAILS)
    return max(gate, key=order.index, default=Pass.PASSES)


def _broken(verdict: Verdict) -> bool:
    return any(guard.hold is Hold.BROKEN for guard in verdict.guards)
