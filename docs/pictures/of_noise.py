"""Pictures of noise: what runs look like, and how they are to be read."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

from drawing import BLUE, BROWN, GREEN, GREY, PALE, RED, Picture, Scale
from simulated import Noise, ends_of, paired, records, unpaired

from paribus.core.decision import decide
from paribus.core.numbers import number
from paribus.core.plan import LOOKS, Goal, Plan
from paribus.core.statistics.looks import level

ACCURACY, SPREAD = 0.920, 0.008
TWO_SIDED = Plan("accuracy", True, 0.005, Goal.TWO_SIDED)


def lucky_runs() -> Picture:
    """Two equal models, and a chain of ideas that change nothing."""
    noise, n = Noise(11), 20
    sides = [[ACCURACY + SPREAD * x for x in noise.runs(n)] for _ in range(2)]
    chain = [ACCURACY + SPREAD * x for x in noise.runs(40)]
    verdict = decide(TWO_SIDED, paired(*sides))
    best = records(chain)
    picture = Picture(
        "One lucky run is no progress",
        f"Left: 20 runs each of two equal models spread from {min(map(min, sides)):.3f} to "
        f"{max(map(max, sides)):.3f}; their means are {fmean(sides[0]):.4f} and {fmean(sides[1]):.4f}. "
        "Right: forty ideas that change nothing, each run once; the best so far climbs from "
        f"{best[0]:.3f} to {best[-1]:.3f} while the truth stays at {ACCURACY:.3f}.",
        350,
    )
    y = Scale(0.892, 0.945, 290, 55)
    picture.text((30, 30), "Two equal models, 20 runs each", bold=True)
    picture.ticks_left(y, 75, (0.90, 0.91, 0.92, 0.93, 0.94), ".2f")
    for values, middle, name, hollow in zip(
        sides, (140, 255), ("model A", "model B"), (False, True), strict=True
    ):
        colour = BROWN if hollow else BLUE
        for i, value in enumerate(values):
            picture.dot((middle - 27 + 6 * (i * 7 % 10), y(value)), colour, hollow=hollow)
        picture.line((middle - 42, y(fmean(values))), (middle + 42, y(fmean(values))), width=2.5)
        picture.text((middle, 314), name, anchor="middle")
    assert verdict.estimate is not None
    picture.text((30, 336), f"bars are means; B - A = {number(verdict.estimate, 4, sign=True)}: noise",
                 colour=GREY)  # fmt: skip
    picture.text((360, 30), "40 ideas that change nothing, best run kept", bold=True)
    x = Scale(1, 40, 425, 690)
    picture.ticks_left(y, 410, (0.90, 0.91, 0.92, 0.93, 0.94), ".2f")
    picture.line((x.start, y(ACCURACY)), (x.end, y(ACCURACY)), colour=GREY, dash="6 4")
    for i, value in enumerate(chain, start=1):
        picture.dot((x(i), y(value)), GREY, hollow=True, r=3)
    steps = [(x(1), y(best[0]))]
    for i, (before, after) in enumerate(pairwise(best), start=2):
        steps += [(x(i), y(before)), (x(i), y(after))]
    picture.line(*steps, colour=RED, width=2.5)
    picture.text((690, y(best[-1]) - 10), "the record climbs", anchor="end", colour=RED)
    picture.text((690, y(0.899)), "dashed: the truth, which stays", anchor="end", colour=GREY)
    picture.text((x.start, 314), "idea 1", colour=GREY)
    picture.text((x.end, 314), "idea 40", anchor="end", colour=GREY)
    return picture


def pairing() -> Picture:
    """The same sixteen runs, read without pairs and in pairs."""
    sides = Noise(8).sides(8, 0.9, 0.85)
    baseline, candidate = ([ACCURACY + SPREAD * x for x in side] for side in sides)
    together = ends_of(decide(TWO_SIDED, paired(baseline, candidate)))
    apart = unpaired(baseline, candidate, level(LOOKS))
    picture = Picture(
        "The same runs, read apart and in pairs",
        "Eight runs of a baseline and eight of a candidate. Read apart, the two clouds overlap, and the "
        f"interval of the difference, [{apart.low:+.4f}, {apart.high:+.4f}], spans zero. Joined by seed, "
        f"nearly every line rises, and the interval is [{together.low:+.4f}, {together.high:+.4f}].",
        400,
    )
    y = Scale(0.900, 0.950, 270, 50)
    for title, middle, joined in (
        ("Read apart", 190, False),
        ("The same runs, joined by seed", 530, True),
    ):
        picture.text((middle, 30), title, anchor="middle", bold=True)
        picture.ticks_left(y, middle - 105, (0.90, 0.91, 0.92, 0.93, 0.94, 0.95), ".2f")
        left, right = middle - 60, middle + 80
        if joined:
            for old, new in zip(baseline, candidate, strict=True):
                picture.line((left, y(old)), (right, y(new)), colour=GREY)
        for old, new in zip(baseline, candidate, strict=True):
            picture.dot((left, y(old)), BLUE)
            picture.dot((right, y(new)), BROWN, hollow=True)
        picture.text((left, 290), "baseline", anchor="middle")
        picture.text((right, 290), "candidate", anchor="middle")
    x = Scale(-0.012, 0.024, 200, 690)
    picture.zero(x, 315, 372)
    for row, (name, ends, hollow) in enumerate(
        (("apart: spans zero", apart, True), ("in pairs: above zero", together, False))
    ):
        picture.text((30, 329 + 28 * row), name)
        picture.interval(325 + 28 * row, ends, x, BROWN if hollow else BLUE, hollow=hollow)
    picture.text((30, 388), "candidate - baseline", colour=GREY)
    for tick in (-0.01, 0.01, 0.02):
        picture.text((x(tick), 388), f"{tick:+.2f}", anchor="middle", colour=GREY)
    picture.text((x(0), 388), "0", anchor="middle", colour=GREY)
    return picture


def drift() -> Picture:
    """The same drift under three orders of the same runs."""
    picture = Picture(
        "A machine that drifts, and three orders of the same runs",
        "Two equal models, eight runs each, while the metric rises steadily. All of A first, then all of "
        "B: B seems improved. A and B in turn: B still comes a little later each time. A B B A: both "
        "sides get the same of the drift, and the interval spans zero.",
        425,
    )
    n, slope = 8, 0.002
    noise = [0.0006 * e for e in Noise(5).runs(2 * n)]
    x, y = Scale(0, 2 * n - 1, 60, 330), Scale(-0.004, 0.034, 0, -80)
    axis = Scale(-0.006, 0.024, 400, 640)
    picture.text((30, 28), "16 runs in order of time, while the metric drifts up", bold=True)
    picture.text((690, 28), "B - A, as it seems", anchor="end", bold=True)
    picture.zero(axis, 45, 370)
    orders = {
        "all of A, then all of B": "A" * n + "B" * n,
        "A B A B: B always a little later": "AB" * n,
        "A B B A, as Paribus runs them": "ABBA" * (n // 2),
    }
    for row, (name, order) in enumerate(orders.items()):
        foot = 135 + 110 * row
        runs = [(side, slope * i + noise[i]) for i, side in enumerate(order)]
        picture.line(
            (x(0), foot + y(0)), (x(2 * n - 1), foot + y(slope * (2 * n - 1))), colour=PALE
        )
        for i, (side, value) in enumerate(runs):
            hollow = side == "B"
            picture.dot((x(i), foot + y(value)), BROWN if hollow else BLUE, hollow=hollow)
        picture.text((60, foot + 22), name)
        sides = [[value for side, value in runs if side == letter] for letter in "AB"]
        verdict = decide(Plan("metric", True, 0.001, Goal.TWO_SIDED), paired(*sides))
        wrong = verdict.outcome == "improved"
        colour = RED if wrong else GREEN
        picture.interval(foot - 35, ends_of(verdict), axis, colour, hollow=wrong)
        word = "improved: wrong" if wrong else "spans zero: right"
        picture.text((690, foot - 5), word, anchor="end", colour=colour)
    picture.ticks_below(axis, 370, (0, 0.01, 0.02), "+.2f")
    picture.dot((66, 404), BLUE)
    picture.text((78, 409), "A")
    picture.dot((116, 404), BROWN, hollow=True)
    picture.text((128, 409), "B, the same model")
    return picture
