"""Pairs of a confirmation stay, whatever session made them; only what is missing is run again."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from paribus.core.pipeline import Pipeline
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.seeds import derived_seeds
from paribus.workflows.measuring import Series
from paribus.workflows.promotion.fresh_runs import FreshRuns
from paribus.workflows.wanted import Subject

KEY, NAME, SEEDS = "confirm:feed:1", "confirm-1-feed", ("seed",)
IDEA = "ab" * 10
PIPELINE = Pipeline("dvc.yaml", ())

clock = count(1)


def run(
    index: int, session: str, *, candidate: bool = False, status: Status = Status.SUCCEEDED
) -> Run:
    """One run of the confirmation, later than every one before."""
    at = next(clock)
    intent = Intent(
        id=f"r{at}",
        index=index,
        seeds=derived_seeds(KEY, index, SEEDS),
        purpose=Purpose.CONFIRM,
        session=session,
        holder="cafe",
        host="here",
        started=f"2026-01-01T00:00:{at:04}",
        experiment=IDEA if candidate else None,
        series=NAME,
    )
    return Run(intent, status, {"accuracy": 0.8 + at / 1000} if status is Status.SUCCEEDED else {})


def series(session: str, experiment: str | None) -> Series:
    subject = Subject(
        "owner", experiment, "label", "message", "b" * 40, "t" * 40, PIPELINE, "accuracy"
    )
    return Series(subject, KEY, SEEDS, [], {session}, (), Purpose.CONFIRM, NAME)


def fresh(session: str, *runs: Run, pairs: int = 3) -> FreshRuns:
    """A confirmation that goes on in a session with what was made before."""
    made = FreshRuns(series(session, None), series(session, IDEA), NAME, pairs, session)
    made.add(runs)
    return made


def pair(index: int, session: str) -> tuple[Run, Run]:
    return run(index, session), run(index, session, candidate=True)


def missing(runs: FreshRuns) -> list[tuple[int, bool]]:
    """What is to be run: the pair, and whether it is the candidate's side."""
    return [(wanted.index, wanted.subject.experiment is not None) for wanted in runs.missing()]


BOTH = [(2, False), (2, True)]


def test_a_new_session_keeps_what_others_drew() -> None:
    """Thrown away pairs could be drawn again and again, until they please, at one level."""
    kept = [*pair(0, "monday"), *pair(1, "tuesday")]
    runs = fresh("today", *kept, *pair(1, "today"))
    old, new = runs.sides()
    assert (old, new) == ({0: kept[0], 1: kept[2]}, {0: kept[1], 1: kept[3]})
    assert missing(runs) == BOTH


def test_what_is_missing_is_run_side_by_side_and_from_no_cache() -> None:
    """A run cache would hand out another session's numbers as this one's."""
    runs = fresh("today", *pair(0, "monday"), run(1, "monday"))
    assert missing(runs) == [(1, True), (1, False), *BOTH]
    assert all(wanted.fresh for wanted in runs.missing())
    runs = fresh("today", *pair(0, "today"), run(1, "today"))
    assert missing(runs) == [(1, True), *BOTH]
    assert not any(wanted.fresh for wanted in runs.missing())


def test_everything_is_run_at_first_and_nothing_at_the_end() -> None:
    assert len(missing(fresh("today"))) == 6
    done = fresh("today", *pair(0, "monday"), *pair(1, "monday"), *pair(2, "tuesday"))
    assert missing(done) == []
    assert sorted(done.sides()[0]) == [0, 1, 2]


def test_a_run_is_taken_up_once() -> None:
    runs, made = fresh("today"), pair(0, "today")
    runs.add(made)
    runs.add(made)
    assert (len(runs.baseline.runs), len(runs.candidate.runs)) == (1, 1)


@pytest.mark.parametrize("where", ["monday", "today"])
def test_a_failure_of_the_candidate_is_never_forgotten(where: str) -> None:
    failed = run(0, where, candidate=True, status=Status.FAILED)
    old, new = pair(0, "today")
    runs = fresh("today", failed, old, new)
    assert runs.fails_alone
    assert runs.sides()[1][0] is failed
    assert missing(runs) == []


def test_a_failure_waits_for_its_baseline_alone() -> None:
    failed = run(0, "monday", candidate=True, status=Status.FAILED)
    runs = fresh("today", failed, *pair(1, "monday"), *pair(2, "monday"))
    assert (runs.fails_alone, missing(runs)) == (False, [(0, False)])
    assert 0 not in runs.sides()[1]
    ran = fresh("today", *runs.baseline.runs, *runs.candidate.runs, run(0, "today"))
    assert ran.fails_alone
    lost = run(0, "today", status=Status.FAILED)
    dropped = fresh("today", *runs.baseline.runs, *runs.candidate.runs, lost)
    assert (dropped.fails_alone, missing(dropped)) == (False, [])
    assert (dropped.sides()[0][0], dropped.sides()[1][0]) == (lost, failed)


def test_a_pair_that_both_lost_stays_lost() -> None:
    lost = [replace(each, status=Status.FAILED, metrics={}) for each in pair(0, "monday")]
    runs = fresh("today", *lost, pairs=1)
    assert (runs.fails_alone, missing(runs)) == (False, [])


def test_killed_runs_are_made_again() -> None:
    killed = run(0, "today", candidate=True, status=Status.KILLED)
    assert missing(fresh("today", run(0, "today"), killed, pairs=1)) == [(0, True)]


def test_other_runs_are_none_of_it() -> None:
    other = [
        replace(each, intent=replace(each.intent, series="confirm-2")) for each in pair(0, "today")
    ]
    assert len(missing(fresh("today", *other, *pair(7, "today"), pairs=1))) == 2


def test_lost_answers_of_the_locked_set_do_not_undo_a_pair() -> None:
    """They are kept on one machine only; the metric's numbers are kept for good."""
    first, second = pair(0, "monday"), pair(0, "today")
    known = {each.intent.id for each in second}
    runs = fresh("today", *first, pairs=1)
    runs.answered = known.__contains__
    assert (runs.asked(), missing(runs)) == ({}, [(0, False), (0, True)])
    runs.add(second)
    assert (runs.asked(), missing(runs)) == ({0: second}, [])
    assert runs.sides() == ({0: first[0]}, {0: first[1]})
