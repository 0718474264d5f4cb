"""Reviews as a repository of handwritten digits would have them: made of runs, judged by the real rules.

Nothing here says what a verdict, a confirmation or a gate comes to: that follows from the numbers. They
are rounded as they come, so that no other version of SciPy moves a digit that somebody reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from paribus.core.change import Change, Kind, NotCounted, Warned
from paribus.core.decision import decide, trail
from paribus.core.experiment import Registration
from paribus.core.guards import blocks, stand
from paribus.core.pairing import measured, paired
from paribus.core.plan import Guard, Plan
from paribus.core.policy import Count, Judgement
from paribus.core.promotion import ConfirmationEnd
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.sample import Sample
from paribus.core.statistics.confirm import confirmation
from paribus.core.statistics.looks import repeated_interval
from paribus.core.tolerance import Gated, Tolerance, gated
from paribus.core.verdict import Hold, Verdict, is_final, not_comparable
from paribus.reports.check import CheckReport
from paribus.reports.reviewing.model import Evidence, Judged
from paribus.reports.run import RunReport
from paribus.reports.standing import Place

HEAD = "c98b2046f1de3a57c0be9c1d2a43f5e6b7089a1c"
BASE = "71ae0f2b3c4d5e6f708192a3b4c5d6e7f8091a2b"
EXPERIMENT = "7f3a51c09be2"
PLAN = Plan("accuracy", True, 0.003, guards=(Guard("log_loss", False),))
LEVELS = {"accuracy": 0.9465, "log_loss": 0.184, "recall.8": 0.912, "latency_ms": 12.0, "f1": 0.94}
SPREAD = {"accuracy": 0.004, "log_loss": 0.006, "recall.8": 0.01, "latency_ms": 0.4, "f1": 0.004}
"""Of the baseline's runs, from seed to seed."""

LEARNING_RATE = Change(
    Kind.PARAM, "params.yaml", ("train", "lr"), 0.1, 0.3, "train.lr 0.1 -> 0.3", 12
)
HOG = Change(
    Kind.CODE, "src/digits/featurize.py", (), "5b1f0aa", "93cc01d", "hog() added, build() calls it", 41,
    parts=(
        Change(Kind.CODE, "src/digits/featurize.py", (), "5b1f0aa", "93cc01d", "hog() added, build() calls it", 41),
        Change(Kind.PARAM, "params.yaml", ("featurize", "cells"), None, 8, "featurize.cells (absent) -> 8", 7),
    ),
)  # fmt: skip
DEPTH = Change(
    Kind.PARAM, "params.yaml", ("train", "depth"), 6, 8, "train.depth 6 -> 8", 14
)  # fmt: skip
RULER = Change(
    Kind.RULER, "src/digits/evaluate.py", (), "0e4411b", "77ad902", "accuracy() edited, +2 -1 lines", 23
)  # fmt: skip
README = NotCounted("README.md", "no stage reaches it")
SEED = NotCounted("params.yaml", "split.seed (declared seed)")
LOCK = NotCounted("dvc.lock", "written by DVC")
METRICS = NotCounted("metrics.json", "output of a stage")
TYPO = Warned(
    "unread-param", "params.yaml",
    "no stage and no code reads train.lrate in params.yaml: a typing mistake?",
)  # fmt: skip

Shifts = Mapping[str, tuple[float, float]]
"""How a candidate differs, by metric: (mean of candidate minus baseline, its spread over the pairs)."""


def check(
    *changes: Change,
    not_counted: Sequence[NotCounted] = (README, LOCK),
    warnings: Sequence[Warned] = (),
    **others: Any,
) -> CheckReport:
    """What a pull request changes against baseline/4."""
    count = {0: Count.NONE, 1: Count.ONE}.get(len(changes), Count.MANY)
    judgement = Judgement(count, changes, tuple(not_counted), tuple(warnings))
    named = {"baseline": BASE, "baseline_name": "baseline/4", "given": True, "overridden": False}
    tree = {"revision": HEAD, "revision_name": HEAD[:12], "metric": "accuracy"}
    return CheckReport(**{**named, **tree, "judgement": judgement, **others})


def judged(told: CheckReport, evidence: Evidence | None = None, **others: Any) -> Judged:
    """A pull request with what the ledger has of it."""
    plain = {"elsewhere": (), "committed": None, "gate": (), "stale": None}
    return Judged(told, evidence, **{**plain, **others})


def evidence(
    *changes: Change,
    shifts: Shifts,
    most: int = 20,
    plan: Plan = PLAN,
    fails_at: int | None = None,
    disagree: str | None = None,
    seeded: bool = True,
    **others: Any,
) -> Evidence:
    """An experiment, run pair by pair until its rule stops it.

    Args:
        most: pairs after which whoever ran it went home.
        fails_at: index of the pair in which its training stops with an error, after which none is run.
        disagree: why the two sides cannot be compared.
        seeded: whether the declared seeds move anything.
        others: fields of the evidence.
    """
    old, new = sides(shifts, most)
    if not seeded:
        old, new = ([replace(run, metrics=side[0].metrics) for run in side] for side in (old, new))
    if fails_at is not None:
        new = [*new[:fails_at], failed(new[fails_at])]
        old = old[: len(new)]
    looks, verdict = looked(plan, old, new, disagree=disagree)
    if is_final(verdict) and verdict.n:
        old, new = old[: verdict.n], new[: verdict.n]
    report = RunReport(
        registration(*changes, plan=plan), EXPERIMENT[:4], tuple(old), tuple(new), looks, verdict,
        (0, 3), None, found=True,
    )  # fmt: skip
    pairs = tuple((a, b) for a, b in zip(old, new, strict=True) if b.succeeded)
    plain = {"pairs": pairs, "same_tree": True, "sessions": 1, "turned": None, "tries": {}}
    return Evidence(**{"report": report, **plain, **others})


def registration(*changes: Change, plan: Plan = PLAN, **others: Any) -> Registration:
    """What was fixed before the first run."""
    plain = {
        "id": EXPERIMENT,
        "project": "",
        "baseline": {"commit": BASE, "name": "baseline/4", "key": "5d02c1e8"},
        "changes": tuple(change.as_json() for change in changes),
        "hypothesis": "less overfitting on thin strokes",
        "plan": plan,
        "effect_is_default": False,
        "tree": "e1f2a3b4c5d6e7f8091a2b3c4d5e6f7081920a3b",
        "revision": HEAD,
        "allow": None,
        "author": "Ada <ada@example.org>",
        "started": "2026-11-02T09:00:00Z",
        "seeds": ("split.seed", "train.seed"),
    }
    return Registration(**{**plain, **others})


def confirmed(
    own: Evidence,
    shifts: Shifts,
    *,
    promoted: str | None = None,
    fails_at: int | None = None,
    pairs: int = 20,
) -> Evidence:
    """An experiment after the confirmation of it: 20 fresh pairs, or as many as there are until one fails."""
    plan = own.report.registration.plan
    old, new = sides(shifts, pairs, Purpose.CONFIRM, "confirm-1")
    if fails_at is not None:
        old, new = old[: fails_at + 1], [*new[:fails_at], failed(new[fails_at])]
    sample = sample_of(plan, old, new, Purpose.CONFIRM, "confirm-1")
    test = confirmation(plan, sample, 0.0109, pairs)
    guards = stand(plan, sample)
    against = [one.reason for one in guards if one.hold is Hold.BROKEN or blocks(one)]
    end = ConfirmationEnd(
        EXPERIMENT, 1, "", not against and test.confirmed, sample.n, pairs,
        fmean(sample.differences), test.low, test.high, sample.baseline_mean, sample.candidate_mean,
        test.p, test.level, (*against, *test.reasons), guards, None,
        tuple((a.intent.id, b.intent.id) for a, b in zip(old, new, strict=True) if b.succeeded),
        "2026-11-09T10:00:00Z",
    )  # fmt: skip
    assert test.finished
    report = replace(
        own.report,
        baseline_runs=(*own.report.baseline_runs, *old),
        candidate_runs=(*own.report.candidate_runs, *new),
        place=Place(end=ConfirmationEnd.from_json(rounded(end.as_json())), promoted=promoted),
    )
    both = tuple((a, b) for a, b in zip(old, new, strict=True) if b.succeeded)
    return replace(own, report=report, pairs=both)


def with_report(own: Evidence, **others: Any) -> Evidence:
    """The same with fields of its report, or of its registration, exchanged."""
    names = {name: others.pop(name) for name in list(others) if name in Registration.__slots__}
    registered = replace(own.report.registration, **names)
    return replace(own, report=replace(own.report, registration=registered, **others))


def gate(own: Evidence, *tolerances: Tolerance) -> tuple[Gated, ...]:
    """What the pairs say of metrics for which the team tolerates a loss."""
    told = []
    for one in tolerances:
        values = [(a.metrics.get(one.metric), b.metrics.get(one.metric)) for a, b in own.pairs]
        both = [(a, b) for a, b in values if a is not None and b is not None]
        if len(both) < len(values):
            told.append(gated(one, *values[0], None))
            continue
        old, new = (fmean(side) for side in zip(*both, strict=True))
        noise = repeated_interval([b - a for a, b in both], 0.05).half_width
        told.append(gated(one, old, new, round(noise, 6), len(both)))
    return tuple(told)


def sides(
    shifts: Shifts, count: int, purpose: Purpose = Purpose.MEASURE, series: str = ""
) -> tuple[list[Run], list[Run]]:
    """As many runs of the baseline, and of a candidate; without a shift a metric stays as it was."""
    old, new = [], []
    for index in range(count):
        before = {
            name: round(level + SPREAD[name] * _wobble(index, at), 6)
            for at, (name, level) in enumerate(LEVELS.items())
            if name in shifts
        }
        after = {
            name: round(value + shifts[name][0] + shifts[name][1] * _wobble(index, at + 7), 6)
            for at, (name, value) in enumerate(before.items())
        }
        old.append(_run("b", index, before, 8.9, purpose, series, None))
        new.append(_run("c", index, after, 9.4, purpose, series, EXPERIMENT))
    return old, new


def failed(run: Run) -> Run:
    """The same, had its training stopped with an error."""
    return replace(
        run, status=Status.FAILED, metrics={}, seconds=4.2, commit=None, stage="train", exit_code=1,
        cause="stage train, exit 1", log_tail="ValueError: loss is nan at epoch 3",
    )  # fmt: skip


def sample_of(
    plan: Plan, old: Sequence[Run], new: Sequence[Run], purpose: Purpose, series: str = ""
) -> Sample:
    """The pairs of both sides' runs."""
    baseline, candidate = (measured(side, purpose, series) for side in (old, new))
    return paired(baseline, candidate, plan.metric, [guard.metric for guard in plan.guards])


def looked(
    plan: Plan, old: Sequence[Run], new: Sequence[Run], *, disagree: str | None = None
) -> tuple[tuple[Verdict, ...], Verdict]:
    """(the verdict at each look, the last word), as the ledger has them."""
    sample = sample_of(plan, old, new, Purpose.MEASURE)
    looks = trail(plan, sample)
    last = looks[-1] if looks and is_final(looks[-1]) else decide(plan, sample)
    if disagree is not None:
        looks, last = (), not_comparable(plan, disagree)
    told = [Verdict.from_json(rounded(one.as_json())) for one in (*looks, last)]
    return tuple(told[:-1]), told[-1]


def rounded(value: Any) -> Any:
    """Strict JSON with six decimals."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


# Private functions

_WOBBLE = (
    0.42, -1.31, 0.77, 1.24, -0.56, -0.18, 1.63, -0.94, 0.09, -0.71,
    0.95, 0.31, -1.48, 0.58, -0.33, 1.07, -0.85, 0.19, -1.02, 0.44,
)  # fmt: skip
"""Twenty draws as noise has them: mean 0, standard deviation about 0.9."""


def _wobble(index: int, metric: int) -> float:
    return _WOBBLE[(index * 3 + metric * 7) % len(_WOBBLE)]


def _run(
    side: str,
    index: int,
    metrics: Mapping[str, float],
    seconds: float,
    purpose: Purpose,
    series: str,
    experiment: str | None,
) -> Run:
    seeds = {"split.seed": 100 + index, "train.seed": 200 + index}
    intent = Intent(
        f"{side}{purpose.value[0]}{index:08d}", index, seeds, purpose, "s1", "h1", "lab",
        f"2026-11-02T09:{index:02d}:00Z", experiment, series,
    )  # fmt: skip
    return Run(intent, Status.SUCCEEDED, dict(metrics), seconds, commit=HEAD)
