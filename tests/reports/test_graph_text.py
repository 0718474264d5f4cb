"""The staircase in plain characters, as `paribus log --graph` prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from paribus.reports.graph import ROWS, SIGNS, Graph, as_text, sign_of
from paribus.reports.notebook.content import Point, Step


def point(
    at: int, mean: float | None, outcome: str | None = "no-difference", became: str = ""
) -> Point:
    return Point(
        id=f"{at:020}", short=f"{at:04}", started=f"2026-01-{at + 1:02}T00:00:00", author="Ada",
        summary="lr 1 -> 2", hypothesis="", kinds=("param",), step=0, against="baseline/1",
        status="judged", outcome=outcome, label=None, estimate=None, low=None, high=None, mean=mean,
        baseline_mean=None, n=3, attempted=3, became=became, tag=None, allow=None, broken=(),
        runs=3, seconds=1.0, metric="accuracy",
    )  # fmt: skip


def step(number: int, day: int, mean: float | None, half: float | None = None) -> Step:
    low, high = (mean - half, mean + half) if mean is not None and half else (None, None)
    return Step(
        f"baseline/{number}", "c" * 40, f"key{number}", None, f"2026-01-{day:02}T12:00:00", mean,
        half, low, high, 5, None, "ruler",
    )  # fmt: skip


def graph(points: Sequence[Point], steps: Sequence[Step]) -> Graph:
    return Graph(points, steps, "accuracy", True, len(points))


def test_experiments_stand_on_the_staircase_of_baselines() -> None:
    points = [
        point(0, 0.902),
        point(1, 0.885, "worse"),
        point(2, 0.94, "improved", "promoted"),
        point(3, 0.945, "undecided"),
        point(4, None, "failed"),
        point(5, 0.96, "improved"),
        point(6, None, None),
    ]
    steps = [step(1, 1, 0.9, 0.01), step(2, 3, 0.94, 0.006)]
    drawn = as_text(Graph(points, steps, "accuracy", True, 9, ("experiments/ab/abcd/run-1.json",)))
    assert drawn.splitlines() == [
        "accuracy, higher is better; 7 of 9 experiments, 2 baselines",
        "",
        "0.9600 |                                 +",
        "       |",
        "       |                  ....................................",
        "       |               P  ___?________________________________",
        "0.9369 |                  |",
        "       |                  |...................................",
        "       |                  |",
        "       |                  |",
        "0.9138 |                  |",
        "       |..................|",
        "       |___=______________|",
        "       |",
        "       |..................",
        "0.8850 |         w",
        "       +------------------------------------------------------",
        "                                   x           o",
        "        baseline/1        baseline/2",
        "        2026-01-01 to 2026-01-07",
        "",
        "P promoted 1   + improved 1   w worse 1   ? undecided 1",
        "= no detectable difference 1   x failed 1   o no verdict yet 1   _ baseline",
        ". its 95 % interval",
        "2 experiments below the axis, without a number of accuracy",
        "cannot be read by this version: experiments/ab/abcd/run-1.json",
        "next: the same as a list   paribus log",
    ]


def test_one_far_off_does_not_press_the_others_together() -> None:
    usual = [point(at, 0.9 + at / 1000) for at in range(30)]
    drawn = as_text(graph([*usual, point(30, 0.1, "worse")], [step(1, 1, 0.9)]))
    lines = drawn.splitlines()
    assert [line.split()[0] for line in lines[2 : 2 + ROWS] if line[0] != " "] == [
        "0.9290", "0.9201", "0.9112", "0.9000",
    ]  # fmt: skip
    assert lines[1 + ROWS] == "0.9000 |==____________________________w____________"
    assert lines[-2] == "1 experiment beyond the axis, drawn at its border"


def test_a_step_on_another_ruler_is_not_joined_to_the_one_before() -> None:
    points = [point(at, 0.9 + at / 100) for at in range(4)]
    steps = [step(1, 1, 0.9), step(2, 2, 0.93)]
    same = as_text(graph(points, steps))
    other = as_text(graph(points, [steps[0], replace(steps[1], ruler="another")]))
    told = "the ruler changed at baseline/2: levels before and after are not comparable"
    assert told not in same
    assert other.splitlines()[-2] == told
    assert same.count("|") - other.count("|") == ROWS - 1


def test_many_experiments_share_columns_and_none_is_wider_than_a_screen() -> None:
    points = [replace(point(0, 0.9), id=str(at)) for at in range(1000)]
    points[500] = replace(points[500], outcome="improved", mean=0.95)
    drawn = as_text(graph(points, [step(1, 1, 0.9, 0.01), step(2, 3, 0.95, 0.01)]))
    lines = drawn.splitlines()
    assert max(map(len, lines)) <= 80
    assert "2026-01-01, about 17 experiments a column" in lines[-4]
    assert drawn.count("+") == 3  # its own, that of the axis' corner, and the legend's


def test_an_experiment_stands_at_its_baseline_plus_its_difference() -> None:
    """By lucky seeds it may have a mean of 0.97: the baseline had the same ones."""
    lucky = replace(point(0, 0.97), estimate=0.0, baseline_mean=0.97)
    alone = replace(lucky, id="alone", step=None)
    lines = as_text(graph([lucky, alone], [step(1, 1, 0.9)])).splitlines()
    assert [line for line in lines[2 : 2 + ROWS] if "=" in line] == [
        "0.9700 |         =",
        "0.9000 |___=____________________",
    ]


def test_of_another_metric_nothing_is_drawn_at_a_wrong_height() -> None:
    points = [point(0, 0.9), replace(point(1, 17.0), metric="loss")]
    drawn = as_text(graph(points, [step(1, 1, 0.9, 0.01)]))
    assert "17" not in drawn
    assert "1 experiment below the axis, without a number of accuracy" in drawn


def test_before_anything_was_measured() -> None:
    assert as_text(graph([point(0, None, None)], [step(1, 1, None)])).splitlines() == [
        "accuracy, higher is better; 1 experiment, 1 baseline",
        "",
        "nothing has been measured yet",
        "next: the same as a list   paribus log",
    ]


finite = st.floats(-1e9, 1e9, allow_nan=False)


@given(
    st.lists(st.tuples(st.none() | finite, st.sampled_from([*SIGNS][1:])), max_size=120),
    st.lists(st.tuples(st.none() | finite, st.integers(1, 28)), max_size=5),
)
def test_every_experiment_has_a_place(
    told: list[tuple[float | None, str]], stairs: list[tuple[float | None, int]]
) -> None:
    points = [
        replace(
            point(0, mean, kind),
            id=str(at),
            started=f"2026-01-{1 + at // 5:02}T00:00:00",
            step=0 if stairs else None,
        )
        for at, (mean, kind) in enumerate(told)
    ]
    steps = [
        step(at, day, mean) for at, (mean, day) in enumerate(sorted(stairs, key=lambda s: s[1]))
    ]
    drawn = as_text(graph(points, steps))
    lines = drawn.splitlines()
    assert max(map(len, lines)) <= 80
    values = [mean for mean, _ in [*told, *stairs] if mean is not None]
    if values and 0 < len(points) <= 60:
        body = "".join(line.partition("|")[2] for line in lines[2 : 2 + ROWS]) + lines[3 + ROWS]
        for one in points:
            assert sign_of(one) in body
