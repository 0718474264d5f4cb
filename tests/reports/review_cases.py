"""What a pull request can be, a review for each; `python -m tests.reports.review_cases` writes their texts anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.reports.review_models import (
    DEPTH,
    EXPERIMENT,
    HEAD,
    HOG,
    LEARNING_RATE,
    LOCK,
    METRICS,
    PLAN,
    README,
    RULER,
    SEED,
    TYPO,
    check,
    confirmed,
    evidence,
    gate,
    judged,
    with_report,
)

from paribus.core.errors import Problem
from paribus.core.plan import Guard
from paribus.core.reproduction import Outcome
from paribus.core.tolerance import Tolerance, gated
from paribus.core.verdict import Replay
from paribus.core.verification import Remade, Verification, VerificationEnd, VerificationStart
from paribus.reports.reviewing.annotations import commands, metrics
from paribus.reports.reviewing.body import body
from paribus.reports.reviewing.content import as_inert_line
from paribus.reports.reviewing.model import Committed, Elsewhere, Judged, Review, Turned
from paribus.reports.reviewing.text import as_text
from paribus.reports.standing import Place

FOLDER = Path(__file__).parent / "reviews"

GAIN = {"accuracy": (0.006, 0.004), "log_loss": (-0.005, 0.006)}
LOSS = {"accuracy": (-0.012, 0.004), "log_loss": (0.004, 0.006)}
NULL = {"accuracy": (0.001, 0.004), "log_loss": (0.0, 0.006)}
NOISY = {"accuracy": (0.005, 0.006), "log_loss": (-0.002, 0.006)}
SPEED = {"latency_ms": (0.9, 0.3), "recall.8": (0.004, 0.01)}
TRIES = {"no detectable difference": 2, "worse": 1, "failed": 1}
OLD = {"accuracy": 0.9461, "log_loss": 0.1853, "recall.8": 0.91}
NUMBERS = Committed(OLD, {"accuracy": 0.9522, "log_loss": 0.1791, "recall.8": 0.92}, None)
LATENCY = Tolerance("latency_ms", False, relative=0.05)
RECALL = Tolerance("recall.8", True, absolute=0.01)


def improved() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN, tries=TRIES, turned=Turned(7, 3, 360, 12, False))
    return judged(check(LEARNING_RATE), own, committed=NUMBERS)


def improved_confirmed() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    fresh = {"accuracy": (0.004, 0.004), "log_loss": (-0.004, 0.006)}
    return judged(check(LEARNING_RATE), confirmed(own, fresh))


def improved_promoted() -> Judged:
    found = improved_confirmed()
    assert found.evidence is not None
    place = replace(found.evidence.report.place, promoted="baseline/5")
    start = VerificationStart("v1", EXPERIMENT, ("cm0",), "s2", "h", "lab-2", "2026-11-12T08:00:00Z", "Bob")  # fmt: skip
    end = VerificationEnd("v1", EXPERIMENT, (Remade("cm0", Outcome.EXACT),), "2026-11-12T08:01:00Z")
    told = with_report(found.evidence, place=place, verified=(Verification(start, end),))
    return replace(found, evidence=told)


def improved_provisional() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    place = Place(promoted="baseline/5", provisional="the release is on Monday")
    return judged(check(LEARNING_RATE), with_report(own, place=place))


def improved_overridden() -> Judged:
    """Several changes for a reason, on a baseline that nobody confirmed, in a project with listed seeds."""
    own = evidence(HOG, DEPTH, shifts=GAIN, sessions=2, same_tree=None, unreadable=("a",))
    alone = {"change": DEPTH.summary, "experiment": "55ef0012", "outcome": "no-difference"}
    own = with_report(
        own, place=Place(unconfirmed=True), seed_list=tuple(range(100, 120)), hypothesis="", bundled=(alone,),
        replay=Replay(200, 3, 2, 20, 8), allow="HOG needs deeper trees",
    )  # fmt: skip
    told = check(HOG, DEPTH, allowed_because="HOG needs deeper trees", not_counted=(SEED,))
    return judged(told, own)


def improved_among_many() -> Judged:
    """More guards and tolerances than the first table has rows; another seed draws other examples."""
    guards = (*PLAN.guards, Guard("recall.8", True, 0.02), Guard("f1", True))
    own = evidence(
        LEARNING_RATE, shifts=GAIN | SPEED | {"f1": (0.005, 0.004)}, plan=replace(PLAN, guards=guards),
        turned=Turned(6.4, 3.1, 360, 12, True),
    )  # fmt: skip
    slower = replace(LATENCY, relative=0.1)
    told = gate(own, slower, Tolerance("accuracy", True, 0.01))
    return judged(check(LEARNING_RATE, warnings=(TYPO,)), own, gate=told)


def no_difference() -> Judged:
    own = evidence(LEARNING_RATE, shifts=NULL, tries={"no detectable difference": 1})
    earlier = {
        "experiment": "19ab44d0",
        "outcome": "no-difference",
        "differs": ["effect 0.005 -> 0.003"],
    }
    own = with_report(own, earlier=(earlier,))
    return judged(check(LEARNING_RATE), own, committed=NUMBERS)


def no_difference_equal() -> Judged:
    return judged(check(DEPTH), evidence(DEPTH, shifts={"accuracy": (0.0, 0.0), "log_loss": (0.0, 0.0)}))  # fmt: skip


def not_confirmed() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    return judged(check(LEARNING_RATE), confirmed(own, NULL))


def not_confirmed_beyond() -> Judged:
    """Beyond 95 %, and not beyond the level that this confirmation has of the project's budget."""
    own = evidence(LEARNING_RATE, shifts=GAIN)
    fresh = {"accuracy": (0.0017, 0.004), "log_loss": (0.0, 0.006)}
    return judged(check(LEARNING_RATE), confirmed(own, fresh))


def undecided() -> Judged:
    return judged(check(LEARNING_RATE), evidence(LEARNING_RATE, shifts=NOISY, most=5))


def undecided_one_run() -> Judged:
    """The declared seeds move nothing, so that there is but one run a side."""
    same = evidence(LEARNING_RATE, shifts=GAIN, most=3, seeded=False)
    return judged(check(LEARNING_RATE), same)


def undecided_guard() -> Judged:
    """A guard that the runs do not have: nobody can say that it holds."""
    plan = replace(PLAN, guards=(*PLAN.guards, Guard("f1", True)))
    return judged(check(LEARNING_RATE), evidence(LEARNING_RATE, shifts=GAIN, plan=plan))


def undecided_tolerance() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN | SPEED)
    return judged(check(LEARNING_RATE), own, gate=gate(own, replace(LATENCY, relative=0.08), RECALL))  # fmt: skip


def tolerated() -> Judged:
    own = evidence(LEARNING_RATE, shifts=LOSS)
    return judged(check(LEARNING_RATE), own, gate=gate(own, Tolerance("accuracy", True, 0.02)))


def worse() -> Judged:
    return judged(check(LEARNING_RATE), evidence(LEARNING_RATE, shifts=LOSS))


def worse_guard() -> Judged:
    own = evidence(LEARNING_RATE, shifts={"accuracy": (0.006, 0.004), "log_loss": (0.02, 0.004)})
    return judged(check(LEARNING_RATE), own)


def worse_on_fresh_seeds() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    return judged(check(LEARNING_RATE), confirmed(own, LOSS))


def stale() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    return judged(check(LEARNING_RATE), own, stale="baseline/5")


def stale_confirmed() -> Judged:
    return replace(improved_confirmed(), stale="baseline/5")


def failed() -> Judged:
    return judged(check(LEARNING_RATE), evidence(LEARNING_RATE, shifts=GAIN, fails_at=1))


def failed_in_confirmation() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    return judged(check(LEARNING_RATE), confirmed(own, GAIN, fails_at=11))


def not_measured() -> Judged:
    return judged(check(LEARNING_RATE), committed=NUMBERS)


def not_measured_elsewhere() -> Judged:
    said = "improved: accuracy 0.9411 -> 0.9466, +0.0055 [+0.0011, +0.0099], 8 of 8 pairs"
    told = "they were written by another tree: dvc.lock has another params.yaml than the tree"
    there = (Elsewhere("19ab", "baseline/3", said), Elsewhere("c40d", "baseline/2", "no verdict"))
    numbers = replace(NUMBERS, why_not=told)
    return judged(check(LEARNING_RATE), elsewhere=there, committed=numbers)


def not_measured_yet() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN, most=2, pairs=(), sessions=0, unreadable=("a", "b"))
    return judged(check(LEARNING_RATE), with_report(own, verdict=None, trail=()))


def lost_by_committed_numbers() -> Judged:
    new = {"accuracy": 0.9281, "log_loss": 0.2207, "recall.8": 0.84, "note": "first try"}
    numbers = Committed(OLD | {"folds": None}, new, None)
    told = (
        gated(Tolerance("accuracy", True, 0.003), 0.9461, 0.9281, 0.0119),
        gated(Tolerance("log_loss", False), 0.1853, 0.2207, 0.0178),
        gated(RECALL, 0.91, 0.84, None),
    )
    return judged(check(LEARNING_RATE), committed=numbers, gate=told)


def lost_by_pairs() -> Judged:
    own = evidence(
        LEARNING_RATE, shifts=GAIN | {"latency_ms": (2.6, 0.3), "recall.8": (0.004, 0.01)}
    )
    return judged(check(LEARNING_RATE), own, gate=gate(own, RECALL, LATENCY))


def missing_metric() -> Judged:
    own = evidence(LEARNING_RATE, shifts=GAIN)
    told = (gated(LATENCY, 12.0, None, None), gated(RECALL, 0.91, "nan", None))
    return judged(check(LEARNING_RATE), own, gate=told)


def ruler() -> Judged:
    return judged(check(RULER))


def other_examples() -> Judged:
    why = "the two sides were measured on different examples (pair 1, 2, 3)"
    return judged(check(LEARNING_RATE), evidence(LEARNING_RATE, shifts=GAIN, most=3, disagree=why))


def several_changes() -> Judged:
    return judged(check(LEARNING_RATE, HOG, RULER, not_counted=(README, LOCK, METRICS, SEED)))


def two_params() -> Judged:
    return judged(check(LEARNING_RATE, DEPTH, not_counted=(), warnings=(TYPO,)))


def allowed_with_a_ruler() -> Judged:
    return judged(check(LEARNING_RATE, RULER, allowed_because="both were asked for"))


def no_change() -> Judged:
    return judged(check(not_counted=(README,)))


def no_change_and_numbers_moved() -> Judged:
    return judged(check(not_counted=(LOCK, METRICS)), committed=NUMBERS)


def shallow() -> Problem:
    return Problem(
        "shallow-clone",
        "this clone is shallow and does not hold what main and HEAD have in common",
        "fetch the rest   git fetch --unshallow (CI: fetch-depth: 0)",
    )


def broken_file() -> Problem:
    message = "dvc.yaml of c98b2046f1de: line 14, column 3: expected a mapping, found a list"
    return Problem("broken-pipeline", message)


def edited() -> Problem:
    return Problem(
        "edited-metric",
        "metrics.json is not what the pipeline wrote: its hash is not the one in dvc.lock of c98b2046f1de",
        "write it anew     dvc repro && git add metrics.json dvc.lock",
        "or take it back   git checkout 71ae0f2b3c4d -- metrics.json",
    )


def nothing() -> str:
    return "there is no digits/dvc.yaml in 71ae0f2"


CASES: dict[str, tuple[str, int, Callable[[], Judged | Problem | str]]] = {
    "cannot-judge-shallow": ("cannot-judge", 2, shallow),
    "cannot-judge-file": ("cannot-judge", 2, broken_file),
    "edited-metric": ("edited-metric", 2, edited),
    "one-change-of-three": ("one-change", 1, several_changes),
    "one-change-of-two-params": ("one-change", 1, two_params),
    "one-change-allowed-with-a-ruler": ("one-change", 1, allowed_with_a_ruler),
    "no-change": ("no-change", 0, no_change),
    "no-change-numbers-moved": ("no-change", 0, no_change_and_numbers_moved),
    "no-change-nothing-before": ("no-change", 0, nothing),
    "not-comparable-ruler": ("not-comparable", 4, ruler),
    "not-comparable-examples": ("not-comparable", 4, other_examples),
    "failed": ("failed", 1, failed),
    "failed-in-confirmation": ("failed", 1, failed_in_confirmation),
    "tolerance-committed": ("tolerance", 1, lost_by_committed_numbers),
    "tolerance-pairs": ("tolerance", 1, lost_by_pairs),
    "tolerance-missing": ("tolerance", 1, missing_metric),
    "not-measured": ("not-measured", 4, not_measured),
    "not-measured-elsewhere": ("not-measured", 4, not_measured_elsewhere),
    "not-measured-yet": ("not-measured", 4, not_measured_yet),
    "stale-baseline": ("stale-baseline", 4, stale),
    "stale-baseline-confirmed": ("stale-baseline", 4, stale_confirmed),
    "worse": ("worse", 1, worse),
    "worse-guard": ("worse", 1, worse_guard),
    "worse-on-fresh-seeds": ("worse", 1, worse_on_fresh_seeds),
    "tolerated": ("tolerated", 0, tolerated),
    "undecided": ("undecided", 4, undecided),
    "undecided-one-run": ("undecided", 4, undecided_one_run),
    "undecided-guard": ("undecided", 4, undecided_guard),
    "undecided-tolerance": ("undecided", 4, undecided_tolerance),
    "no-difference": ("no-difference", 0, no_difference),
    "no-difference-equal": ("no-difference", 0, no_difference_equal),
    "no-difference-not-confirmed": ("no-difference", 0, not_confirmed),
    "no-difference-beyond-95": ("no-difference", 0, not_confirmed_beyond),
    "improved": ("improved", 0, improved),
    "improved-confirmed": ("improved", 0, improved_confirmed),
    "improved-promoted": ("improved", 0, improved_promoted),
    "improved-provisional": ("improved", 0, improved_provisional),
    "improved-overridden": ("improved", 0, improved_overridden),
    "improved-among-many": ("improved", 0, improved_among_many),
}
"""By the name of their files: (finding, exit code, what was found)."""

IN_A_FOLDER = {"no-change-nothing-before", "improved-among-many"}
"""Cases of a project in a folder."""

FOR_CI = {"improved", "one-change-of-three", "tolerance-committed", "undecided", "edited-metric"}
"""Cases of which the texts for CI systems are kept, too."""


@cache
def review_of(name: str) -> Review:
    """The review that a case is about."""
    return Review("digits" if name in IN_A_FOLDER else "", HEAD, CASES[name][2]())


def texts(name: str) -> dict[str, str]:
    """Every text of a case, by the name of its file."""
    review = review_of(name)
    told = {f"{name}.md": for_people(review), f"{name}.txt": f"{as_text(review)}\n"}
    if name in FOR_CI:
        told[f"{name}.github"] = "\n".join([*commands(review), ""])
        told[f"{name}.metrics"] = metrics(review)
    return told


def for_people(review: Review) -> str:
    """The comment, in which the long line for machines is `{}`: it has a test of its own."""
    whole = f"\n```json\n{as_inert_line(review)}\n```\n"
    return body(review).replace(whole, "\n```json\n{}\n```\n")


def write() -> None:
    """Writes every file anew, and removes those of no case."""
    made = {file: text for name in CASES for file, text in texts(name).items()}
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in made:
            path.unlink()
    for file, text in made.items():
        (FOLDER / file).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
