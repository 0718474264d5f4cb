"""The finding of a review: what undoes a verdict comes before it, and only a rule that holds exits 0."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.errors import Exit
from paribus.core.policy import Count
from paribus.core.review import STATUS, Facts, Finding, finding
from paribus.core.tolerance import Pass
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict

BETTER = Verdict(Outcome.IMPROVED, "accuracy", 0.1, 0.05, 0.15, 3, ("so it is",))
WORSE = replace(BETTER, outcome=Outcome.WORSE)
SAME = replace(BETTER, outcome=Outcome.NO_DIFFERENCE)
GUARD = GuardFinding("loss", False, Hold.BROKEN, 1.0, 0.5, 1.5, 3, 0.0, "guard loss is broken")
FINE = Facts(Count.ONE, False, False, BETTER, False, False, False, (), None)

FACTS = st.builds(
    Facts,
    count=st.sampled_from(Count),
    allowed=st.booleans(),
    moves_ruler=st.booleans(),
    verdict=st.one_of(
        st.none(), st.builds(lambda one: replace(BETTER, outcome=one), st.sampled_from(Outcome))
    ),
    failed=st.booleans(),
    refuted=st.booleans(),
    stale=st.booleans(),
    gate=st.lists(st.sampled_from(Pass), max_size=3).map(tuple),
    tolerated=st.one_of(st.none(), st.sampled_from(Pass)),
    lost=st.booleans(),
)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (FINE, Finding.IMPROVED),
        (replace(FINE, count=Count.NONE, verdict=None), Finding.NO_CHANGE),
        (replace(FINE, count=Count.MANY), Finding.MANY_CHANGES),
        (replace(FINE, count=Count.MANY, allowed=True), Finding.IMPROVED),
        (replace(FINE, count=Count.MANY, allowed=True, moves_ruler=True), Finding.MANY_CHANGES),
        (replace(FINE, moves_ruler=True), Finding.NOT_COMPARABLE),
        (replace(FINE, verdict=None), Finding.NOT_MEASURED),
        (replace(FINE, verdict=None, gate=(Pass.OPEN,)), Finding.NOT_MEASURED),
        (replace(FINE, verdict=None, gate=(Pass.PASSES, Pass.FAILS)), Finding.TOLERANCE),
        (replace(FINE, gate=(Pass.MISSING,)), Finding.TOLERANCE),
        (replace(FINE, gate=(Pass.OPEN,)), Finding.UNDECIDED),
        (replace(FINE, failed=True), Finding.FAILED),
        (replace(FINE, stale=True), Finding.STALE),
        (replace(FINE, refuted=True), Finding.NO_DIFFERENCE),
        (replace(FINE, refuted=True, lost=True), Finding.WORSE),
        (replace(FINE, verdict=SAME, refuted=True, lost=True), Finding.WORSE),
        (replace(FINE, verdict=WORSE), Finding.WORSE),
        (replace(FINE, verdict=WORSE, tolerated=Pass.PASSES), Finding.TOLERATED),
        (replace(FINE, verdict=WORSE, tolerated=Pass.OPEN), Finding.WORSE),
        (
            replace(FINE, verdict=replace(WORSE, guards=(GUARD,)), tolerated=Pass.PASSES),
            Finding.WORSE,
        ),
    ],
)
def test_what_is_found(facts: Facts, found: Finding) -> None:
    assert finding(facts) is found


@given(FACTS)
def test_only_what_holds_passes(facts: Facts) -> None:
    """Whatever else is so, silence, several changes, a missing number and a loss are no pass."""
    if STATUS[finding(facts)] is not Exit.DONE or facts.count is Count.NONE:
        return
    assert facts.verdict is not None
    assert facts.count is Count.ONE or facts.allowed
    assert not any((facts.moves_ruler, facts.failed, facts.stale))
    assert set(facts.gate) <= {Pass.PASSES}
    assert not (facts.refuted and facts.lost) or facts.verdict.outcome is Outcome.WORSE
    tolerated = facts.verdict.outcome is Outcome.WORSE and facts.tolerated is Pass.PASSES
    assert tolerated or facts.verdict.outcome in (Outcome.IMPROVED, Outcome.NO_DIFFERENCE)


def test_every_finding_has_an_exit_code_of_the_readme() -> None:
    assert set(STATUS) == set(Finding)
    assert set(STATUS.values()) == {Exit.DONE, Exit.RULE_BROKEN, Exit.BAD_INPUT, Exit.UNDECIDED}
