"""Pictures of verdicts: when they are given, how often they are wrong, and what they can see."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

from drawing import BAND, BLUE, BROWN, GREEN, GREY, RED, Picture, Scale, percent
from simulated import CAP, IMPROVE, Noise, confirmed, ends_of, false_alarms, paired

from paribus.core.decision import trail
from paribus.core.plan import LOOKS
from paribus.core.statistics.looks import level
from paribus.core.statistics.planning import paired_sd, power


def looks() -> Picture:
    """Three experiments, their intervals at each look, and how they end."""
    picture = Picture(
        "Three experiments and their looks",
        "Intervals of the mean difference after 3, 5, 8, 12 and 20 pairs become narrower. The first "
        "experiment ends as improved when its interval lies above zero; the second stops as futile "
        "because a gain of the effect of interest is unlikely; the third still spans zero at the last "
        "look, and its budget is used.",
        470,
    )
    x = Scale(-4.5, 4.5, 170, 560)
    picture.text((30, 28), "pairs", colour=GREY)
    picture.text((x(0) - 12, 28), "worse", anchor="end", colour=GREY)
    picture.text((x(0) + 12, 28), "better", colour=GREY)
    picture.text((580, 28), "verdict at this look", colour=GREY)
    picture.box((x(-1), 40), (x(1) - x(-1), 388), BAND)
    picture.zero(x, 40, 428)
    row = 40.0
    for name, seed, effect in (
        ("a real gain", 39, 1.0),
        ("nothing in it", 8, 0.0),
        ("a small gain", 43, 0.6),
    ):
        verdicts = trail(IMPROVE, paired(*Noise(seed).sides(CAP, effect, 0.3)))
        picture.text((30, row + 28), name, bold=True)
        for at, verdict in enumerate(verdicts):
            y, last = row + 24 + 26 * at, at == len(verdicts) - 1
            ends = ends_of(verdict)
            colour = GREEN if verdict.outcome == "improved" else BLUE if last else GREY
            picture.text((160, y + 4.5), str(verdict.n), anchor="end")
            picture.interval(y, ends, x, colour, hollow=not last)
            word = verdict.label if verdict.outcome == "no-difference" else verdict.outcome.value
            picture.text((580, y + 4.5), word or "", colour=colour, bold=last)
        row += 24 + 26 * len(verdicts)
    picture.ticks_below(x, 428, (-4, -3, -2, -1, 0, 1, 2, 3, 4), "+d")
    picture.text((700, 447), "in sd of one run", anchor="end", colour=GREY)
    picture.text((30, 462), "shaded: smaller than the effect of interest", colour=GREY)
    return picture


def peeking() -> Picture:
    """How often two equal models have been called different so far."""
    peeked, declared = false_alarms(5_000, 4)
    picture = Picture(
        "Peeking after every run, and declared looks",
        "5,000 experiments that change nothing. Testing at 5 per cent after every pair from the third "
        f"on has called {percent(peeked[-1])} of them different after 20 pairs. With the declared looks at "
        f"3, 5, 8, 12 and 20 pairs it is {percent(declared[-1], 1)}.",
        330,
    )
    x, y = Scale(3, 20, 80, 560), Scale(0, 0.25, 270, 50)
    picture.text(
        (30, 28), "Experiments without effect that were called different so far", bold=True
    )
    picture.ticks_left(y, 70, (0, 0.05, 0.10, 0.15, 0.20, 0.25), ".0%")
    picture.ticks_below(x, 275, (3, 5, 8, 12, 20), "d")
    picture.text((x.end, 318), "pairs so far", anchor="end", colour=GREY)
    picture.line((x.start, y(0.05)), (700, y(0.05)), colour=GREY, dash="6 4")
    picture.text((700, y(0.05) - 8), "the promise: 5 %", anchor="end", colour=GREY)
    points = [(x(n), y(share)) for n, share in enumerate(peeked, start=3)]
    picture.line(*points, colour=RED, width=2.5)
    for point in points:
        picture.dot(point, RED, hollow=True, r=3.5)
    steps = [(x(3), y(declared[0]))]
    for n, (before, after) in enumerate(pairwise(declared), start=4):
        steps += [(x(n), y(before)), (x(n), y(after))]
    picture.line(*steps, colour=BLUE, width=2.5)
    for look in LOOKS:
        picture.dot((x(look), y(declared[look - 3])), BLUE)
    picture.text((575, y(peeked[-1]) - 4), "a 5 % test after", colour=RED)
    picture.text((575, y(peeked[-1]) + 13), f"every pair: {percent(peeked[-1])}", colour=RED)
    picture.text((575, y(declared[-1]) + 20), "declared looks:", colour=BLUE)
    picture.text((575, y(declared[-1]) + 37), percent(declared[-1], 1), colour=BLUE)
    return picture


def winners_curse() -> Picture:
    """What screening said of the ideas that it liked, and what fresh seeds said."""
    effects = [{0: 1.0, 5: 0.5}.get(i % 10, 0.0) for i in range(200)]
    found = sorted(confirmed(effects, 6), key=lambda one: one.screening)
    screening = fmean(one.screening for one in found)
    fresh = fmean(one.fresh.estimate or 0.0 for one in found)
    truth = fmean(one.true for one in found)
    passed = sum(one.fresh.confirmed for one in found)
    height = 120 + 20 * len(found)
    picture = Picture(
        "Whoever is picked for a good number had luck, too",
        f"200 ideas, of which 40 really gain 0.5 or 1. Screening calls {len(found)} improved and estimates "
        f"them at {screening:.2f} on average; 20 fresh pairs each estimate {fresh:.2f}, and the truth is "
        f"{truth:.2f}. {passed} are confirmed.",
        height,
    )
    x, foot = Scale(-0.5, 2.0, 60, 540), height - 55
    picture.text((30, 28), f"{len(found)} ideas that screening called improved", bold=True)
    picture.dot((50, 47), BROWN, hollow=True)
    picture.text((62, 52), "screening", colour=BROWN)
    picture.dot((160, 47), BLUE)
    picture.text((172, 52), "20 fresh pairs", colour=BLUE)
    picture.text((560, 52), "confirmed?", colour=GREY)
    picture.zero(x, 62, foot)
    for i, one in enumerate(found):
        y, estimate = 76 + 20 * i, one.fresh.estimate or 0.0
        picture.line((x(one.screening), y), (x(estimate), y), colour=GREY, width=1.5)
        picture.dot((x(one.screening), y), BROWN, hollow=True)
        picture.dot((x(estimate), y), BLUE)
        word = "yes" if one.fresh.confirmed else "no"
        luck = "" if one.true else " (nothing in it)"
        picture.text((560, y + 4.5), word + luck, colour=GREEN if word == "yes" else GREY)
    for value, colour in ((screening, BROWN), (fresh, BLUE)):
        picture.line((x(value), 62), (x(value), foot), colour=colour, dash="6 4")
    picture.ticks_below(x, foot, (-0.5, 0, 0.5, 1, 1.5, 2), "+.1f")
    picture.text((575, foot + 19), "gain in sd of one run", colour=GREY)
    picture.text((30, foot + 42), f"dashed: the means, {screening:.2f} and {fresh:.2f}; in truth "
                 f"these ideas gain {truth:.2f} on average", colour=GREY)  # fmt: skip
    return picture


def chances() -> Picture:
    """The chance to show an effect, by its size and the number of pairs."""
    sd, c = paired_sd(1, 0.5), level(LOOKS)
    picture = Picture(
        "How likely an effect is to be seen",
        "The chance to call a true gain improved, against its size in standard deviations of one run, "
        "for sides that correlate by one half. With a gain of 1 sd: "
        + ", ".join(f"{n} pairs {percent(power(1, sd, n, c))}" for n in (3, 5, 10, 20))
        + ".",
        350,
    )
    x, y = Scale(0, 4, 80, 690), Scale(0, 1, 285, 50)
    picture.text((30, 28), "Chance that a true gain is seen", bold=True)
    picture.ticks_left(y, 70, (0, 0.2, 0.4, 0.6, 0.8, 1), ".0%")
    picture.ticks_below(x, 290, (0, 1, 2, 3, 4), "d")
    picture.text((690, 335), "true gain in sd of one run; sides of a pair correlate by 0.5",
                 anchor="end", colour=GREY)  # fmt: skip
    picture.line((x.start, y(0.8)), (x.end, y(0.8)), colour=GREY, dash="6 4")
    for n, colour, dash, at in (
        (20, BLUE, "", 0.12),
        (10, GREEN, "10 4", 1.02),
        (5, BROWN, "4 4", 1.92),
        (3, RED, "2 3", 3.25),
    ):
        steps = [i / 40 for i in range(161)]
        curve = [(x(effect), y(power(effect, sd, n, c))) for effect in steps]
        picture.line(*curve, colour=colour, width=2.5, dash=dash)
        height = 0.5 if n == 20 else power(at, sd, n, c) - 0.08
        picture.text((x(at), y(height)), f"{n} pairs", colour=colour, bold=True)
    picture.text((x(4), y(0.8) + 18), "80 %: enough to plan with", anchor="end", colour=GREY)
    return picture
