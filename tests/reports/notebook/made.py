"""Notebooks to draw: as many experiments as a test asks for, made up, and the same ones each time.

A true effect is drawn for each experiment and its pairs around it; verdicts follow from a plain t
interval. That is no rule of Paribus, and a page does not know the difference.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.reports.notebook.content import (
    Detail,
    Ended,
    NoiseBudget,
    Overview,
    PairPoint,
    Point,
    Prediction,
    Predictions,
    Share,
    Step,
)

LOOKS = (3, 5, 8, 12, 20)
EFFECT = 0.003
SPREAD = 0.004
START = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
AUTHORS = (
    "Ada Lovelace <ada@example.org>",
    "Grace Hopper <grace@example.org>",
    "Érika Ø <e@example.org>",
)
IDEAS = (
    ("param", "train.C {old} -> {new}", "params.yaml", "train.C", "less overfitting on thin strokes"),
    ("param", "train.components {old} -> {new}", "params.yaml", "train.components", "closer to the kernel"),
    ("code", "hog() changed, build() calls it", "src/digits/featurize.py", "", "edges matter more than grey"),
    ("data", "data/raw.dvc {old} -> {new}", "data/raw.dvc", "", "relabelled the doubtful sevens"),
    ("pipeline", "stage augment added", "dvc.yaml", "", "shifted copies cost nothing"),
    ("environment", "scikit-learn {old} -> {new}", "requirements.lock", "", "the newer solver converges"),
)  # fmt: skip
TAIL = """\
Running stage 'train':
> python src/digits/train.py
Traceback (most recent call last):
  File "src/digits/train.py", line 57, in <module>
    main()
  File "src/digits/train.py", line 41, in main
    model.fit(features, labels)
ValueError: loss is nan at epoch 3
"""


@dataclass
class Notebook:
    """What `page` takes."""

    overview: Overview
    details: list[Detail]


def notebook(count: int, *, steps: int = 5, seed: int = 0) -> Notebook:
    """A project of so many experiments, a promotion now and then, dead ends and failures."""
    source = random.Random(seed)
    every = max(1, count // steps)
    ladder = [_step(source, None, START - timedelta(days=2), 0.94, 1)]
    sides = [_side(source, 0.94)]
    points, details = [], []
    when = START
    for at in range(count):
        # Work comes in bursts, so that the axis of time is lumpy.
        when += timedelta(minutes=source.choice((7, 11, 25, 400)) + source.random())
        is_promoted = at % every == every - 1 and len(ladder) < steps
        point, detail = _experiment(source, when, ladder, sides[-1], wins=is_promoted)
        if is_promoted:
            assert point.mean is not None
            ladder.append(_step(source, point.id, when, point.mean, len(ladder) + 1))
            sides.append(_side(source, point.mean))
            point = replace(point, became="promoted", tag=ladder[-1].name)
        points.append(point)
        details.append(detail)
    return Notebook(_overview(tuple(ladder), tuple(points), when), details)


def empty() -> Overview:
    """A project without a ledger, a baseline or an experiment."""
    return Overview(
        "digits", "", None, None, "0.6.0", None, True, None, (), (), None, (),
        (("try one change", 'paribus run -S key=value -m "why it should help"'),), (), 0,
    )  # fmt: skip


# Private functions


def _overview(steps: tuple[Step, ...], points: tuple[Point, ...], when: datetime) -> Overview:
    shares = (
        Share("split.seed", 0.0031, 0.24, 0.80, 0.55),
        Share("train.seed", 0.0023, 0.12, 0.61, 0.30),
        Share("rerun", 0.0, None, None, 0.0),
        Share("evaluation set", 0.0016, 0.03, 0.24, 0.15, ("split.seed",)),
        Share("seeds together", None, None, None, None),
    )
    return Overview(
        "digits", "", "5d02c1e" + "0" * 33, _iso(when), "0.6.0", "accuracy", True, EFFECT,
        steps, points, NoiseBudget(0.0041, 20, EFFECT, 0.0034, 20, shares),
        ("not yet: 16 without promotion, all with 80 % power; at 29 of these the rate is below one in"
         " ten with 95 % confidence",),
        (("an improvement waits for confirmation", "paribus promote 7f3a"),
         ("where the spread comes from", "paribus noise")),
        (), 0,
    )  # fmt: skip


def _step(
    source: random.Random, experiment: str | None, when: datetime, mean: float, place: int
) -> Step:
    half = SPREAD * 2.09 / sqrt(20)
    return Step(
        f"baseline/{place}", _hex(source, 40), _hex(source, 20), experiment,
        _iso(when + timedelta(minutes=5)), mean, SPREAD, mean - half, mean + half, 20, None, "ruler",
    )  # fmt: skip


@dataclass
class _Side:
    """The baseline's runs, which all of its experiments share."""

    mean: float
    values: list[float]
    ids: list[str]
    seeds: list[dict[str, int]]


def _side(source: random.Random, mean: float) -> _Side:
    return _Side(
        mean,
        [mean + source.gauss(0, SPREAD) for _ in range(LOOKS[-1])],
        [_hex(source, 10) for _ in range(LOOKS[-1])],
        [
            {"split.seed": source.getrandbits(31), "train.seed": source.getrandbits(31)}
            for _ in range(LOOKS[-1])
        ],
    )


@dataclass
class _Idea:
    """What is tried, when, and by how much it is better in truth."""

    id: str
    when: datetime
    kind: str
    summary: str
    file: str
    path: str
    hypothesis: str
    effect: float
    fails: bool
    wins: bool


def _experiment(
    source: random.Random, when: datetime, ladder: Sequence[Step], side: _Side, *, wins: bool
) -> tuple[Point, Detail]:
    kind, summary, file, path, hypothesis = source.choice(IDEAS)
    old, new = round(source.uniform(0.1, 2), 2), round(source.uniform(0.1, 2), 2)
    effect = 0.009 if wins else source.choice((0.0, 0.0, 0.0, 0.001, -0.004, -0.008))
    fails = not wins and source.random() < 0.06
    idea = _Idea(_hex(source, 20), when, kind, summary.format(old=old, new=new), file, path, hypothesis,
                 effect, fails, wins)  # fmt: skip
    values = [value + effect + source.gauss(0, 0.0025) for value in side.values]
    looks = [] if fails else list(_looks(source, side.values, values))
    return _point(source, idea, looks, ladder), _detail(source, idea, looks, side, values)


def _point(
    source: random.Random, idea: _Idea, looks: Sequence[Verdict], ladder: Sequence[Step]
) -> Point:
    about = (idea.id, idea.id[:4], _iso(idea.when), source.choice(AUTHORS), idea.summary,
             idea.hypothesis, (idea.kind,), len(ladder) - 1, ladder[-1].name)  # fmt: skip
    if not looks:
        return Point(*about, "failed", "failed", None, None, None, None, None, None, 0, 1, "", None,
                     None, (), 1, 12.4, "accuracy")  # fmt: skip
    last = looks[-1]
    return Point(
        *about, "judged", last.outcome.value, last.label, last.estimate, last.low, last.high,
        last.candidate_mean, last.baseline_mean, last.n, last.n, "", None, None, (), last.n,
        last.n * source.uniform(5, 40), "accuracy",
    )  # fmt: skip


def _detail(
    source: random.Random,
    idea: _Idea,
    looks: Sequence[Verdict],
    side: _Side,
    values: Sequence[float],
) -> Detail:
    n = looks[-1].n if looks else 0
    pairs = tuple(
        PairPoint(place + 1, side.seeds[place], side.values[place], values[place],
                  _hex(source, 10), side.ids[place])
        for place in range(n)
    )  # fmt: skip
    change: dict[str, Any] = {"kind": idea.kind, "file": idea.file, "path": idea.path or None, "old": None, "new": None,
              "summary": idea.summary, "line": source.randint(1, 90), "parts": []}  # fmt: skip
    failure = Ended(_hex(source, 10), 1, "failed", "train", 1, "stage train, exit 1", 12.4, TAIL)
    return Detail(
        idea.id, (change,), _diff(source, idea), False, tuple(look.as_json() for look in looks),
        looks[-1].as_json() if looks else None, pairs, _fresh(idea, side.mean) if idea.wins else (),
        _confirmed(idea.effect) if idea.wins else None,
        (0, 3), (failure,) if idea.fails else (), f"accuracy {values[0]}", (_session(),),
        (("make its runs again and compare", f"paribus verify {idea.id[:4]}"),
         ("everything in the terminal", f"paribus show {idea.id[:4]}")),
        _predictions(source) if idea.kind == "code" else None, (), (), (), (), _hex(source, 40),
        None if idea.fails else _hex(source, 40),
    )  # fmt: skip


def _looks(
    source: random.Random, before: Sequence[float], after: Sequence[float]
) -> Iterator[Verdict]:
    for n in LOOKS:
        differences = [b - a for a, b in zip(before[:n], after[:n], strict=True)]
        middle = fmean(differences)
        half = stdev(differences) * (2 + 12 / n) / sqrt(n)
        low, high = middle - half, middle + half
        outcome, label = _judged(low, middle, high, last=n == LOOKS[-1])
        guard = source.gauss(-0.005, 0.004)
        guards = tuple(
            GuardFinding(name, False, Hold.HOLDS, guard * size, (guard - 0.006) * size,
                         (guard + 0.006) * size, n, 0.0, f"guard {name} holds")
            for name, size in (("log_loss", 1.0), ("error_of_8", 0.4))
        )  # fmt: skip
        better = sum(1 for one in differences if one > 0)
        yield Verdict(
            outcome, "accuracy", middle, low, high, n,
            (f"the interval [{low:+.4f}, {high:+.4f}] is what {n} pairs show",), label,
            fmean(before[:n]), fmean(after[:n]), n, better, 0, n - better, 0, 0,
            None if outcome is not Outcome.UNDECIDED else n + 1, LOOKS[-1], guards, 360,
            (low - 0.002, high + 0.002),
        )  # fmt: skip
        if outcome is not Outcome.UNDECIDED:
            return


def _judged(low: float, middle: float, high: float, *, last: bool) -> tuple[Outcome, str | None]:
    if low > 0:
        return Outcome.IMPROVED, None
    if high < 0:
        return Outcome.WORSE, None
    if high < EFFECT:
        return Outcome.NO_DIFFERENCE, "futile"
    return (Outcome.NO_DIFFERENCE, "budget") if last else (Outcome.UNDECIDED, None)


def _fresh(idea: _Idea, mean: float) -> tuple[PairPoint, ...]:
    """The pairs of its confirmation, from a source of their own: they move nothing else."""
    source = random.Random(idea.id)
    before = [mean + source.gauss(0, SPREAD) for _ in range(LOOKS[-1])]
    return tuple(
        PairPoint(pair, {"split.seed": source.getrandbits(31), "train.seed": source.getrandbits(31)},
                  old, old + idea.effect + source.gauss(0, 0.0025), _hex(source, 10), _hex(source, 10))
        for pair, old in enumerate(before, 1)
    )  # fmt: skip


def _confirmed(effect: float) -> dict[str, Any]:
    return {"confirmed": True, "estimate": effect, "low": effect - 0.002, "high": effect + 0.002,
            "n": 20, "pairs": 20, "level": 0.0125}  # fmt: skip


def _session() -> dict[str, Any]:
    return {
        "id": "1f" * 8, "host": "bench", "boot": "b" * 36, "system": "Linux 6.1.0 x86_64",
        "python": "3.11.2", "packages": "c0" * 8, "accelerators": [],
    }  # fmt: skip


def _diff(source: random.Random, idea: _Idea) -> str:
    head = f"--- a/{idea.file}\n+++ b/{idea.file}\n@@ -10,4 +10,4 @@ train:\n   kernel: rbf\n"
    if idea.kind != "code":
        return f"{head}-  old\n+  {idea.summary}\n   gamma: scale\n"
    names = ("features", "labels", "cells", "weights", "image", "edges")
    lines = []
    for _ in range(source.randint(8, 40)):
        a, b, c = source.choices(names, k=3)
        lines.append(source.choice("+- ") + f"    {a} = {b}.reshape({c}, {source.randint(1, 64)})")
    return head + "\n".join(lines) + "\n"


def _predictions(source: random.Random) -> Predictions:
    def some(count: int, before: str | None, after: str | None) -> tuple[Prediction, ...]:
        return tuple(
            Prediction(f"test/{source.randint(0, 1796):04d}", "8", before or "8", after or "8")
            for _ in range(count)
        )

    fixed, broken = some(7, "3", None), some(3, None, "9")
    return Predictions(1, 360, fixed, broken, broken + some(9, "1", "1"), 7, 3, 12, "")


def _hex(source: random.Random, length: int) -> str:
    return f"{source.getrandbits(4 * length):0{length}x}"


def _iso(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S")
