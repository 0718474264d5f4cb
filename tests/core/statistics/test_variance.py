"""Parts of a baseline's spread, against simulation, hand-made numbers and general rules."""

from __future__ import annotations

import math
from statistics import fmean, variance

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paribus.core.statistics.variance import EvaluationSet, Noise, Part, Source, decompose

values = st.floats(-100, 100, allow_subnormal=False)
lists = st.lists(values, max_size=8)
noises = st.builds(
    decompose,
    lists,
    st.dictionaries(st.sampled_from(["split", "init", "shuffle"]), lists),
    lists,
    st.builds(EvaluationSet, st.none() | st.floats(0, 100, allow_subnormal=False)),
)


def part(noise: Noise, name: str) -> Part:
    [found] = [one for one in noise.parts if one.name == name]
    return found


def shares(noise: Noise) -> dict[str, float | None]:
    return {one.name: one.share for one in noise.parts}


def simulated(rng: np.random.Generator, n: int, reruns: int, interaction: float = 0.0) -> Noise:
    """Own variances 5 and 3, reruns 1; `interaction` in standard deviations."""

    def rerun(size: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return rng.standard_normal(size)

    split, init = rng.standard_normal((2, n))
    effects = math.sqrt(5) * split + math.sqrt(3) * init + interaction * split * init
    alone = {
        "split": list(math.sqrt(5) * rng.standard_normal(n) + rerun(n)),
        "init": list(math.sqrt(3) * rng.standard_normal(n) + rerun(n)),
    }
    return decompose(list(effects + rerun(n)), alone, list(rerun(reruns)), EvaluationSet(2.0, 360))


def test_known_parts_are_recovered() -> None:
    noise = simulated(np.random.default_rng(1), 4000, 4000)
    assert [one.name for one in noise.parts] == [
        "split",
        "init",
        "together",
        "rerun",
        "evaluation-set",
    ]
    wanted = [5, 3, 0, 1, 2]  # a standard error of a variance is 2 % here
    assert [one.variance for one in noise.parts] == pytest.approx(wanted, abs=0.5)
    assert list(shares(noise).values()) == pytest.approx([v / 11 for v in wanted], abs=0.04)
    assert noise.sd == pytest.approx(3, rel=0.04)
    assert noise.total_sd == pytest.approx(math.sqrt(11), rel=0.04)
    assert noise.exact is False
    assert [one.n for one in noise.parts] == [4000, 4000, 4000, 4000, 360]


def test_what_seeds_do_together_is_recovered() -> None:
    noise = simulated(np.random.default_rng(2), 4000, 4000, interaction=2.0)
    assert part(noise, "together").variance == pytest.approx(4, abs=0.8)
    assert noise.sd == pytest.approx(math.sqrt(13), rel=0.05)


def test_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(3)
    truth = {"split": 5 / 11, "init": 3 / 11, "rerun": 1 / 11, "evaluation-set": 2 / 11}
    held = dict.fromkeys(truth, 0)
    for _ in range(300):
        noise = simulated(rng, 8, 4)
        for name, share in truth.items():
            one = part(noise, name)
            assert one.low is not None
            assert one.high is not None
            held[name] += one.low <= share <= one.high
    rates = {name: count / 300 for name, count in held.items()}
    # Nominal 90 %; cutting `together` at 0 makes the whole too large, and so the set's share small.
    assert rates.pop("evaluation-set") >= 0.7
    assert all(0.82 <= rate <= 0.97 for rate in rates.values()), rates


def test_by_hand() -> None:
    noise = decompose(
        (1.0, 5.0, 9.0),  # 16
        {"split": (0.0, 4.0), "init": (1.0, 2.0, 3.0)},  # 8 and 1
        (0.0, 1.0),  # .5
        EvaluationSet(3.5),
    )
    assert [one.variance for one in noise.parts] == pytest.approx([7.5, 0.5, 7.5, 0.5, 3.5])
    assert list(shares(noise).values()) == pytest.approx(
        [7.5 / 19.5, 0.5 / 19.5, 7.5 / 19.5, 0.5 / 19.5, 3.5 / 19.5]
    )
    assert noise.sd == pytest.approx(4)
    assert noise.total_sd == pytest.approx(math.sqrt(19.5))


def test_reruns_are_taken_off_no_further_than_zero() -> None:
    noise = decompose((0.0, 1.0, 2.0), {"split": (0.0, 1.0), "init": (0.0, 2.0)}, (0.0, 4.0))
    assert [one.variance for one in noise.parts] == [0.0, 0.0, 0.0, pytest.approx(8), None]
    assert noise.sd == pytest.approx(1)
    assert part(noise, "split").low == 0
    assert part(noise, "split").wired is None  # the reruns alone would explain it


def test_identical_reruns_are_exact() -> None:
    noise = decompose((1.0, 3.0, 5.0), {"split": (1.0, 2.0), "init": (4.0, 1.0)}, (1.0, 1.0))
    assert noise.exact is True
    rerun = part(noise, "rerun")
    assert (rerun.variance, rerun.share, rerun.low, rerun.high, rerun.n) == (0, 0, 0, 0, 2)
    assert part(noise, "split").wired is True


@pytest.mark.parametrize("reruns", [(), (1.0,), (1.0, 1.0), (1.0, 1.5)])
def test_a_seed_that_alone_moves_nothing_is_not_wired(reruns: tuple[float, ...]) -> None:
    noise = decompose((1.0, 3.0, 5.0), {"split": (0.0, 4.0, 7.0), "init": (2.0, 2.0)}, reruns)
    init = part(noise, "init")
    assert init.wired is False
    assert (init.variance, init.share, init.low, init.high) == (0, 0, 0, 0)


def test_a_seed_is_wired_when_it_moves_more_than_reruns() -> None:
    noise = decompose((), {"split": (0.0, 40.0, 70.0, -20.0), "init": (1.0,)}, (1.0, 1.1, 1.2, 1.1))
    assert part(noise, "split").wired is True
    assert part(noise, "init").wired is None
    unknown = decompose((), {"split": (0.0, 40.0), "init": ()}, (1.0,))
    assert part(unknown, "split").wired is None
    assert [one.wired for one in noise.parts if one.source is not Source.SEED] == [None] * 3


def test_one_value_measures_nothing() -> None:
    noise = decompose((1.0,), {"split": (1.0,), "init": ()}, (1.0,))
    assert noise == Noise(
        parts=(
            Part(Source.SEED, "split", None, None, None, None, 1),
            Part(Source.SEED, "init", None, None, None, None, 0),
            Part(Source.TOGETHER, "together", None, None, None, None, 1),
            Part(Source.RERUN, "rerun", None, None, None, None, 1),
            Part(Source.EVALUATION, "evaluation-set", None, None, None, None, None),
        ),
        sd=None,
        total_sd=None,
        exact=None,
    )


def test_no_spread_at_all_has_no_shares() -> None:
    noise = decompose((2.0, 2.0), {"split": (2.0, 2.0), "init": (2.0, 2.0)}, (2.0, 2.0))
    assert set(shares(noise).values()) == {None}
    assert [one.variance for one in noise.parts] == [0, 0, 0, 0, None]
    assert (noise.sd, noise.total_sd, noise.exact) == (0, None, True)


def test_unmeasured_reruns_leave_no_remainder_to_tell() -> None:
    noise = decompose((0.0, 4.0), {"split": (0.0, 2.0), "init": ()}, (1.0,))
    assert [one.variance for one in noise.parts] == [pytest.approx(2), None, None, None, None]
    assert shares(noise)["split"] == 1
    assert noise.sd == pytest.approx(math.sqrt(8))


def test_seeds_not_varied_alone_are_told_together() -> None:
    noise = decompose((0.0, 4.0), {"split": (), "init": ()}, (0.0, 2.0))
    assert [one.variance for one in noise.parts] == [None, None, pytest.approx(6), 2, None]


def test_an_only_seed_pools_both_kinds_of_runs() -> None:
    noise = decompose((0.0, 2.0, 4.0), {"split": (10.0, 11.0)}, (3.0, 3.0), EvaluationSet(1.0))
    assert [(one.name, one.n) for one in noise.parts] == [
        ("split", 5),
        ("rerun", 2),
        ("evaluation-set", None),
    ]
    pooled = (2 * 4 + 0.5) / 3  # the means of two sessions may differ
    assert part(noise, "split").variance == pytest.approx(pooled)
    assert noise.sd == pytest.approx(math.sqrt(pooled))
    assert noise.total_sd == pytest.approx(math.sqrt(pooled + 1))


def test_without_declared_seeds_all_runs_are_reruns() -> None:
    noise = decompose((0.0, 2.0), {}, (0.0, 2.0, 4.0))
    assert [(one.name, one.n) for one in noise.parts] == [("rerun", 5), ("evaluation-set", None)]
    assert noise.sd == pytest.approx(math.sqrt(10 / 3))
    assert part(noise, "rerun").share == 1


def test_a_drawn_set_is_within_its_seed() -> None:
    evaluation = EvaluationSet(3.0, 360, ("split",))
    noise = decompose((0.0, 8.0), {"split": (0.0, 4.0), "init": (0.0, 2.0)}, (1.0, 1.0), evaluation)
    assert [one.variance for one in noise.parts] == pytest.approx([8, 2, 22, 0, 3])
    inside = part(noise, "evaluation-set")
    assert inside.within == ("split",)
    assert inside.share == pytest.approx(3 / 32)
    assert sum(one.share or 0 for one in noise.parts if not one.within) == pytest.approx(1)
    assert noise.total_sd == noise.sd == pytest.approx(math.sqrt(32))


def test_a_drawn_set_has_no_more_than_its_seed() -> None:
    alone = {"split": (0.0, 4.0), "init": (0.0, 2.0)}
    noise = decompose((), alone, (1.0, 1.0), EvaluationSet(30.0, None, ("split",)))
    assert part(noise, "evaluation-set").variance == pytest.approx(8)
    both = decompose((), alone, (1.0, 1.0), EvaluationSet(9.0, None, ("split", "init")))
    assert part(both, "evaluation-set").variance == pytest.approx(9)
    unknown = decompose((), {"split": (), "init": ()}, (), EvaluationSet(9.0, None, ("split",)))
    assert part(unknown, "evaluation-set").variance is None


@given(noises)
def test_shares_sum_to_one_and_lie_in_their_intervals(noise: Noise) -> None:
    told = [one for one in noise.parts if one.share is not None]
    if told:
        assert sum(one.share or 0.0 for one in told) == pytest.approx(1)
    for one in told:
        assert one.share is not None
        assert one.low is not None
        assert one.high is not None
        assert 0 <= one.low <= one.share <= one.high <= 1 + 1e-12
        assert one.variance is not None
    assert all(one.share is None for one in noise.parts if one.variance is None)


@given(
    st.lists(values, min_size=2, max_size=6),
    st.lists(values, min_size=2, max_size=6),
    st.lists(values, min_size=2, max_size=6),
    st.integers(-400, 400),
)
def test_units_do_not_matter(
    together: list[float], split: list[float], reruns: list[float], power: int
) -> None:
    """By powers of two, which floats multiply exactly."""
    by = 2.0**power
    assume(all(abs(v * by) > 1e-290 for v in (*together, *split, *reruns) if v))
    alone = {"split": split, "init": together}
    first = decompose(together, alone, reruns, EvaluationSet(1.0))
    scaled = decompose(
        [v * by for v in together],
        {name: [v * by for v in of] for name, of in alone.items()},
        [v * by for v in reruns],
        EvaluationSet(by * by),
    )
    assert first.sd is not None
    assert scaled.sd == pytest.approx(first.sd * by)
    for one, other in zip(first.parts, scaled.parts, strict=True):
        assert (other.share, other.low, other.high) == pytest.approx(
            (one.share, one.low, one.high), rel=1e-9, abs=1e-12
        )
        assert other.wired == one.wired


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6), st.integers(-1000, 1000))
def test_where_zero_is_does_not_matter(numbers: list[int], shift: int) -> None:
    alone = {"split": [float(v) for v in numbers], "init": [1.0, 3.0]}
    moved = {name: [v + shift for v in of] for name, of in alone.items()}
    assert decompose((), alone, (1.0, 2.0)) == decompose((), moved, (1.0 + shift, 2.0 + shift))


@given(lists, lists)
def test_the_same_runs_tell_the_same(together: list[float], split: list[float]) -> None:
    alone = {"split": split, "init": []}
    assert decompose(together, alone, ()) == decompose(list(together), dict(alone), ())


def test_sd_is_that_of_all_seeds_together() -> None:
    values = [0.93, 0.95, 0.91, 0.96, 0.94]
    noise = decompose(values, {"split": [0.9, 0.99], "init": [0.9, 0.8]}, [0.9, 0.9])
    assert noise.sd == pytest.approx(math.sqrt(variance(values, fmean(values))))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e150])
def test_failed_measurements_are_no_values(value: float) -> None:
    for arguments in (
        ((value, 1.0), {"split": ()}, ()),
        ((), {"split": (1.0, value)}, ()),
        ((), {"split": ()}, (value,)),
    ):
        with pytest.raises(ValueError, match="no metric value"):
            decompose(*arguments)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_no_such_evaluation_set(value: float) -> None:
    with pytest.raises(ValueError, match="no variance"):
        EvaluationSet(value)


def test_only_declared_seeds_draw() -> None:
    with pytest.raises(ValueError, match="drawn by fold, which is no declared seed"):
        decompose((), {"split": ()}, (), EvaluationSet(drawn_by=("fold",)))
