"""What `noise` says of spreads that are known, and `baseline` of seeds that were drawn anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.statistics.planning import PairedSpread
from paribus.core.statistics.variance import EvaluationSet, decompose
from paribus.core.verdict import Replay
from paribus.reports import baseline
from paribus.reports.baseline import BaselineReport, Earlier
from paribus.reports.noise import (
    Effect,
    NoiseReport,
    Planned,
    Unknown,
    as_json,
    as_text,
)
from paribus.reports.text import clean

SEEDS = ("params.yaml:split.seed", "params.yaml:train.seed")
LOW_TO_HIGH = (0.90, 0.91, 0.92, 0.93, 0.94)
NARROW = (0.918, 0.919, 0.92, 0.921, 0.922)
SAME = (0.92, 0.92, 0.92)
NOT_KNOWN = EvaluationSet()


def run(index: int = 0) -> Run:
    """A run that succeeded."""
    intent = Intent(f"{index:010x}", index, {}, Purpose.MEASURE, "s", "h", "host", "2026-01-01")
    return Run(intent, Status.SUCCEEDED, {"accuracy": 0.92})


def report(
    together: Sequence[float] = LOW_TO_HIGH,
    alone: tuple[Sequence[float], ...] = (LOW_TO_HIGH, NARROW),
    reruns: Sequence[float] = SAME,
    evaluation: EvaluationSet = NOT_KNOWN,
    seeds: tuple[str, ...] = SEEDS,
    **more: Any,
) -> NoiseReport:
    """What is reported of these values."""
    noise = decompose(together, dict(zip(seeds, alone, strict=True)), reruns, evaluation)
    known: dict[str, Any] = {
        "unknown": None if evaluation.variance else Unknown.UNDECLARED,
        "effect": Effect(0.003, "declared"),
        "planned": (),
        "failed": (),
        "cached": False,
        "controls": (0, len(reruns)),
        "undeclared": (),
    }
    return NoiseReport(
        commit="71ae0f2" + "0" * 33,
        name="baseline/4",
        metric="accuracy",
        higher_is_better=True,
        seeds=seeds,
        noise=noise,
        mean=0.92,
        together=len(together),
        reruns=len(reruns),
        runs=tuple(map(run, range(16))),
        evaluation=evaluation,
        **(known | more),
    )


def findings(told: NoiseReport) -> list[str]:
    """The lines below the table, up to the plan or to what is next."""
    blocks = as_text(told).split("\n\n")
    return [line.strip() for line in blocks[2].splitlines() if not line.startswith("next: ")]


def test_the_whole_report() -> None:
    plans = (
        Planned(0.022, None, {3: 0.15, 5: 0.06, 20: 0.02}, None),
        Planned(0.0068, PairedSpread(0.0068, 23, 4), {3: 0.05, 5: 0.017, 20: 0.006}, 61),
    )
    told = report(evaluation=EvaluationSet(0.0001, 360), planned=plans, failed=(run(99),))
    assert as_text(told) == (
        "noise: accuracy sd 0.016 over 5 runs; "
        "split.seed 71 % [13, 93], evaluation set 28 % [4, 36], train.seed 1 % [0, 3], rerun 0 %\n"
        "  baseline baseline/4 (71ae0f2), mean 0.920; 17 runs, 1 failed; null control 0 of 3 differ\n"
        "\n"
        "  source             sd    share  90 % interval    0 %             100 %      n\n"
        "  split.seed      0.016     71 %  [13, 93]         ===[==========*----]       5\n"
        "  train.seed      0.002      1 %  [0, 3]           *]                         5\n"
        "  seeds together      0      0 %  [0, 77]          *--------------]           5\n"
        "  rerun               0      0 %                   *                          3\n"
        "  evaluation set  0.010     28 %  [4, 36]          =[====*]                 360\n"
        "\n"
        "  one seed repeats exactly: deterministic\n"
        "  evaluation set of 360 examples, the same in all runs\n"
        "  split.seed seems the largest source: both sides of a pair share it\n"
        "\n"
        "  smallest difference that a look detects with 80 % power:\n"
        "  pairs                  3       5      20           0.003 needs\n"
        "  no correlation    0.1500  0.0600  0.0200  more than 1000 pairs\n"
        "  as paired so far  0.0500  0.0170  0.0060              61 pairs\n"
        "  as paired so far: sd of a difference 0.0068 [0.0054, 0.0093], from 23 pairs in\n"
        "    4 experiments\n"
        "next: narrower intervals   paribus noise --seeds 10\n"
        'next: try one change       paribus run -S key=value -m "why it should help"'
    )


# What the largest source means.


def test_more_examples_where_the_evaluation_set_is_largest() -> None:
    told = report(NARROW, (NARROW, SAME), evaluation=EvaluationSet(0.01, 40))
    assert findings(told) == [
        "train.seed moves nothing: not wired; list it under params of the stage that reads it",
        "one seed repeats exactly: deterministic",
        "evaluation set of 40 examples, the same in all runs",
        "the evaluation set is the largest source: more seeds do not help, more examples do",
    ]


def test_more_examples_where_a_seed_draws_them() -> None:
    told = report(evaluation=EvaluationSet(0.0002, 40, SEEDS[:1]))
    assert findings(told) == [
        "one seed repeats exactly: deterministic",
        "evaluation set of 40 examples, drawn by split.seed, of whose share it is a part",
        "split.seed seems the largest source: both sides of a pair share it",
        "most of split.seed is the evaluation set's size: more examples make it smaller",
    ]
    assert "evaluation set" not in as_text(told).splitlines()[0]


def test_pairing_cannot_help_against_reruns() -> None:
    told = report(reruns=LOW_TO_HIGH, controls=(5, 5))
    assert findings(told) == [
        "split.seed cannot be told from reruns",
        "train.seed cannot be told from reruns",
        "the same seed gives other numbers: not deterministic",
        "evaluation set unknown: no file of predictions is declared",
        "what reruns differ by seems the largest source: pairing by seed cannot help, "
        "a deterministic pipeline can",
    ]


@pytest.mark.parametrize(
    ("unknown", "why"),
    [
        (Unknown.NO_EXAMPLES, "these runs were made before predictions were declared"),
        (Unknown.UNSEEDED, "runs differ in their examples, and no declared seed alone draws them"),
        (
            Unknown.OTHER_MEASURE,
            "the predictions measure something else than accuracy, and are left out",
        ),
        (Unknown.ALL_ALIKE, "every example came out the same, which shows no spread"),
    ],
)
def test_why_the_evaluation_set_is_unknown(unknown: Unknown, why: str) -> None:
    told = report(unknown=unknown)
    assert f"evaluation set unknown: {why}" in findings(told)
    assert json.loads(as_json(told))["evaluation"]["unknown"] == unknown.value
    row = next(line for line in as_text(told).splitlines() if line.startswith("  evaluation set"))
    assert row == "  evaluation set"  # blank, not 0


def test_without_seeds_and_with_one_sd_for_an_effect() -> None:
    told = report(
        seeds=(),
        alone=(),
        effect=Effect(0.016, "default"),
        planned=(Planned(0.02, None, {3: 0.1}, 9),),
    )
    assert findings(told)[0] == (
        "no seeds are declared: all that is seen is what is not deterministic"
    )
    assert "  no effect of interest is declared: planned for one sd\n" in as_text(told)


def test_few_pairs_give_a_rough_spread() -> None:
    told = report(planned=(Planned(0.0039, PairedSpread(0.0039, 6, 2), {3: 0.025, 5: 0.0096}, 20),))
    plan = as_text(told).split("\n\n")[3].splitlines()
    assert plan[:5] == [
        "  smallest difference that a look detects with 80 % power:",
        "  pairs                  3       5    0.003 needs",
        "  as paired so far  0.0250  0.0096       20 pairs",
        "  as paired so far: sd of a difference 0.0039 [0.0025, 0.0093], from 6 pairs in",
        "    2 experiments (rough)",
    ]
    (planned,) = json.loads(as_json(told))["planned"]
    low, high = planned["measured"].pop("low"), planned["measured"].pop("high")
    assert (round(low, 4), round(high, 4)) == (0.0025, 0.0093)
    assert planned == {
        "sd": 0.0039,
        "measured": {"sd": 0.0039, "pairs": 6, "experiments": 2, "rough": True},
        "detectable": [{"pairs": 3, "effect": 0.025}, {"pairs": 5, "effect": 0.0096}],
        "needed": 20,
    }


def test_seeds_of_one_name_keep_their_files() -> None:
    text = as_text(report(seeds=("a.yaml:seed", "b.yaml:seed")))
    assert "; a.yaml:seed " in text.splitlines()[0]


@settings(max_examples=20, deadline=None)
@given(st.text(), st.text())
def test_no_name_moves_a_cursor(metric: str, seed: str) -> None:
    text = as_text(replace(report(seeds=(f"a:{seed}", "b")), metric=metric))
    assert [clean(line) for line in text.split("\n")] == text.split("\n")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=6), st.floats(0, 0.1))
def test_every_row_has_one_axis(values: list[float], size: float) -> None:
    """Whatever was measured: strict JSON, and bars that end where the axis does."""
    told = report(values, (values[::-1], SAME), evaluation=EvaluationSet(size or None, 9))
    json.loads(as_json(told), parse_constant=pytest.fail)
    header, *rows = as_text(told).split("\n\n")[1].splitlines()
    start, end = header.index("0 %             100 %"), header.index("100 %") + len("100 %")
    for row in rows:
        assert not set(row[start:end]) - set("[]*=- ")
        assert set(row[end:]) <= set(" 0123456789")


# Seeds that were drawn anew.


def drawn(earlier: Earlier | None, **more: Any) -> list[str]:
    """Lines of a baseline's report whose seeds were drawn anew twice."""
    known: dict[str, Any] = {"mean": 0.921, "sd": 0.004, "generation": 2}
    told = BaselineReport(
        commit="71ae0f2" + "0" * 33,
        name="baseline/4",
        reason="nearest baseline tag",
        metric="accuracy",
        higher_is_better=True,
        effect=0.003,
        seeds=SEEDS,
        committed={},
        runs=tuple(map(run, range(5))),
        controls=(0, 3),
        seeds_wired=True,
        declared=(),
        earlier=earlier,
        **(known | more),
    )
    json.loads(baseline.as_json(told))
    return baseline.as_text(told).splitlines()[3:-1]


def test_a_lucky_baseline() -> None:
    lucky = Earlier(0.93, 0.004, 20, -0.009, -0.0131, -0.0049, drift=False)
    assert drawn(lucky, replay=Replay(150, 3, 1, 12, 6)) == [
        "  seeds drawn anew 2 times",
        "  with fresh seeds 0.9210 (5 runs) instead of 0.9300 (20 runs), -0.0090 [-0.0131, -0.0049]",
        "  the earlier seeds were lucky",
        "  null control 0 of 3 differ; "
        "the rule told 4 of 150 splits of 12 baseline runs apart (2.7 %)",
    ]


@pytest.mark.parametrize(
    ("low", "high", "drift", "line"),
    [
        (0.001, 0.003, False, "  the earlier seeds were unlucky"),
        (-0.1, 0.2, False, "  whether the earlier seeds were lucky cannot be told from noise"),
        (
            0.001,
            0.003,
            True,
            "  those are of another session, which none repeats: it may be drift as well as luck",
        ),
    ],
)
def test_what_fresh_seeds_say(low: float, high: float, drift: bool, line: str) -> None:
    assert drawn(Earlier(0.919, 0.004, 20, 0.002, low, high, drift))[2] == line


def test_without_an_interval_nothing_is_said_of_luck() -> None:
    assert drawn(Earlier(0.93, None, 1, -0.009, None, None, drift=False)) == [
        "  seeds drawn anew 2 times",
        "  with fresh seeds 0.9210 (5 runs) instead of 0.9300 (1 run)",
        "  null control 0 of 3 differ",
    ]
    assert drawn(None)[0] == "  seeds drawn anew 2 times"
