"""`paribus noise`: where the spread comes from, in pipelines of which it is known."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from statistics import fmean, variance
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import nct, t
from tests.conftest import PIPELINE, PROTOCOL, TRAIN

from paribus.core.seeds import derived_seeds
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import opened
from paribus.workflows.project import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Workspace
    from tests.workflows.conftest import History

SEEDS = ("params.json:seed", "params.json:split_seed")
SPREAD = "shared = random.Random(str(seeds)).gauss(0, 1)\n"
OWN = 'own = random.Random(str((seeds, params["train"]["gain"]))).gauss(0, 0.3)\n'


def train(spread: str) -> str:
    """The training script with another spread, and none that one side has for itself."""
    assert SPREAD in TRAIN
    assert OWN in TRAIN
    return TRAIN.replace(SPREAD, spread).replace(OWN, "own = 0\n")


ADDITIVE = train(
    "one, two = (random.Random(f'{name}{seed}').gauss(0, 1) for name, seed in zip('ab', seeds))\n"
    "shared = one + two / 10\n"
)
ONE_WIRED = train("shared = random.Random(seeds[0]).gauss(0, 1)\n")
RESTLESS = train(
    "shared = random.Random(seeds[0]).gauss(0, 1) + random.SystemRandom().gauss(0, 1)\n"
)
STILL = train("shared = 0\n")

PREDICT = '''\
"""Measures: an example is right when its own luck is below the score."""

import json
import random

score = json.load(open("model.json"))["score"]
split = json.load(open("params.json"))["split_seed"]
ids = random.Random(DRAW).sample(range(100_000), 40)
right = [int(random.Random(n).random() < score) for n in ids]
accuracy = sum(right) / len(right)
json.dump({"accuracy": accuracy, "wrong": 1 - accuracy}, open("metrics.json", "w"))
rows = "".join(f"{n},{value}\\n" for n, value in zip(ids, right))
open("predictions.csv", "w").write("id,value\\n" + rows)
'''


def with_predictions(draw: str, cached: str = "{cache: false}") -> dict[str, str]:
    """Files of a project whose evaluation leaves predictions, on examples that this draws."""
    pipeline = PIPELINE.replace(
        "    metrics:\n", f"    outs:\n      - predictions.csv: {cached}\n    metrics:\n"
    ).replace(
        "deps: [evaluate.py, model.json]",
        "deps: [evaluate.py, model.json]\n    params:\n      - params.json: [split_seed]",
    )
    return {
        "evaluate.py": PREDICT.replace("DRAW", draw),
        "dvc.yaml": pipeline,
        "train.py": ONE_WIRED.replace('["noise"] *', '["noise"] * 5 *'),
        "paribus.yaml": PROTOCOL + "predictions: predictions.csv\n",
    }


def noise(project: Workspace, *arguments: str) -> dict[str, Any]:
    """The report as a machine reads it, in silence."""
    told = project.paribus("noise", "--json", "--jobs", "2", *arguments)
    assert (told.code, told.err) == (0, "")
    report: dict[str, Any] = told.json
    return report


def sources(report: Mapping[str, Any]) -> dict[str, Any]:
    """The sources by their names, seeds without their file."""
    return {part["name"].rpartition(":")[2]: part for part in report["sources"]}


def made(report: Mapping[str, Any], purpose: str, series: str = "") -> list[dict[str, Any]]:
    """The runs of a series, in the order of the pairs."""
    runs = [run for run in report["runs"] if (run["purpose"], run["series"]) == (purpose, series)]
    return sorted(runs, key=lambda run: (run["index"], run["started"]))


def accuracies(runs: list[dict[str, Any]]) -> list[float]:
    """Their values."""
    return [run["metrics"]["accuracy"] for run in runs]


def expected_variance(report: Mapping[str, Any]) -> float:
    """Of a proportion of 40 examples, by each run's own."""
    return fmean(value * (1 - value) / 39 for value in accuracies(report["runs"]))


@pytest.fixture
def shares(shape: Callable[[str], str]) -> Callable[[str], str]:
    """Makes shares, intervals, drawn bars and the width of columns alike, too."""

    def shaped(text: str) -> str:
        text = re.sub(r"  [=[*][]\[*= -]*(?= \d+$)", "  BAR ", shape(text), flags=re.M)
        text = re.sub(r"(?<=\S)  +(?=\S)", "  ", text)
        text = re.sub(r"\d+ pairs$", "N pairs", text, flags=re.M)
        return re.sub(r"<?\b\d+ %  ?\[\d+, \d+\]", "SHARE", text)

    return shaped


@pytest.mark.slow
def test_each_seed_alone_and_all_together(project: Workspace, shares: Callable[[str], str]) -> None:
    project.commit("additive", {"train.py": ADDITIVE})
    before = project.state()
    told = project.paribus("noise", "--seeds", "3", "--jobs", "2")
    assert told.code == 0
    assert shares(told.out) == (
        "noise: accuracy sd # over 3 runs; seed SHARE, split_seed SHARE, rerun 0 %\n"
        "  baseline HEX, mean #; 10 runs, 0 failed; null control 0 of 3 differ\n"
        "\n"
        "  source  sd  share  90 % interval  0 %  100 %  n\n"
        "  seed  #  SHARE  BAR  3\n"
        "  split_seed  #  SHARE  BAR  3\n"
        "  seeds together  0  SHARE  BAR  3\n"
        "  rerun  0  0 %  BAR  3\n"
        "  evaluation set\n"
        "\n"
        "  one seed repeats exactly: deterministic\n"
        "  evaluation set unknown: no file of predictions is declared\n"
        "  seed seems the largest source: both sides of a pair share it\n"
        "\n"
        "  smallest difference that a look detects with 80 % power:\n"
        "  pairs  3  5  8  12  20  # needs\n"
        "  no correlation  #  #  #  #  #  N pairs\n"
        "next: what a small evaluation set adds  predictions: FILE, in paribus.yaml\n"
        "next: narrower intervals  paribus noise --seeds 6\n"
        'next: try one change  paribus run -S key=value -m "why it should help"\n'
    )
    assert max(map(len, told.out.splitlines()[1:])) < 100
    again = project.paribus("noise", "--seeds", "3", "--json")
    assert again.err == ""  # nothing is run again
    assert project.state() == before
    report, found = again.json, sources(again.json)
    together, reruns = made(report, "measure"), made(report, "control")
    for seed, other in (SEEDS, SEEDS[::-1]):
        alone = made(report, "noise", f"noise/{seed}")
        assert [run["pair"] for run in alone] == [2, 3]  # pair 1 is that of the runs together
        assert [run["seeds"] for run in alone] == [
            {seed: run["seeds"][seed], other: together[0]["seeds"][other]} for run in together[1:]
        ]
        part = found[seed.rpartition(":")[2]]
        assert part["variance"] == pytest.approx(variance(accuracies([together[0], *alone])))
        assert (part["n"], part["wired"], part["source"]) == (3, True, "seed")
    assert (len(together), len(reruns), len(report["runs"])) == (3, 3, 10)
    assert report["sd"] ** 2 == pytest.approx(variance(accuracies(together)))
    assert report["mean"] == pytest.approx(fmean(accuracies(together)))
    assert (report["exact"], found["rerun"]["share"], found["rerun"]["high"]) == (True, 0, 0)
    assert sum(part["share"] or 0 for part in found.values()) == pytest.approx(1)
    assert found["seed"]["low"] <= found["seed"]["share"] <= found["seed"]["high"]
    blank = dict.fromkeys(("variance", "share", "low", "high", "n", "wired"))
    assert found["evaluation-set"] == {
        "source": "evaluation-set", "name": "evaluation-set", "within": [], **blank,
    }  # fmt: skip
    assert (report["evaluation"]["unknown"], report["total_sd"]) == ("undeclared", None)
    (plan,) = report["planned"]
    assert (plan["sd"], plan["measured"]) == (pytest.approx(report["sd"] * math.sqrt(2)), None)
    assert [at["pairs"] for at in plan["detectable"]] == [3, 5, 8, 12, 20]
    five = plan["detectable"][1]["effect"] / (report["sd"] * math.sqrt(2 / 5))
    assert nct.sf(t.ppf(1 - 0.0128 / 2, 4), 4, five) == pytest.approx(0.8)


@pytest.mark.slow
def test_a_seed_that_moves_nothing_is_not_wired(project: Workspace) -> None:
    project.commit("variant", {"train.py": ONE_WIRED})
    report = noise(project, "--seeds", "3", "--reruns", "2", "--effect", "1000")
    found = sources(report)
    assert (found["seed"]["wired"], found["split_seed"]["wired"]) == (True, False)
    assert (found["split_seed"]["share"], found["seed"]["share"]) == (0, 1)
    assert report["effect"] == {"size": 1000, "origin": "given"}
    assert report["planned"][0]["needed"] == 2
    assert (report["reruns"], len(report["runs"])) == (2, 9)
    told = project.paribus("noise", "--seeds", "3", "--reruns", "2").out
    assert (
        "  split_seed moves nothing: not wired; "
        "list it under params of the stage that reads it\n" in told
    )


@pytest.mark.slow
def test_a_single_seed_is_not_run_twice(project: Workspace) -> None:
    """What it does alone is what all seeds do together; and here it does nothing at all."""
    protocol = PROTOCOL.replace(', "params.json:split_seed"', "").replace("effect: 0.005\n", "")
    commit = project.commit("variant", {"train.py": STILL, "paribus.yaml": protocol})
    told = project.paribus("noise", "--seeds", "3", "--reruns", "2")
    assert told.out == (
        "noise: accuracy sd 0 over 3 runs; they are all the same number\n"
        f"  baseline {commit[:7]}, mean 0.800000; 5 runs, 0 failed; null control 0 of 2 differ\n"
        "\n"
        "  source            sd    share  90 % interval    0 %             100 %      n\n"
        "  seed               0                                                       3\n"
        "  rerun              0                                                       2\n"
        "  evaluation set\n"
        "\n"
        "  seed moves nothing: not wired; list it under params of the stage that reads it\n"
        "  one seed repeats exactly: deterministic\n"
        "  evaluation set unknown: no file of predictions is declared\n"
        "next: what a small evaluation set adds   predictions: FILE, in paribus.yaml\n"
        'next: try one change                     paribus run -S key=value -m "why it should help"\n'
    )


@pytest.mark.slow
def test_what_reruns_differ_by_is_told_from_the_seeds(project: Workspace) -> None:
    project.commit("variant", {"train.py": RESTLESS})
    report = noise(project, "--seeds", "3")
    found = sources(report)
    assert (report["exact"], report["cached"]) == (False, False)
    assert report["null_control"] == {"differ": 3, "of": 3}
    assert found["rerun"]["variance"] == pytest.approx(
        variance(accuracies(made(report, "control")))
    )
    # This seed does nothing, but no stage of its runs was taken from a cache.
    alone = accuracies(made(report, "noise", f"noise/{SEEDS[1]}"))
    assert len({*alone, *accuracies(made(report, "measure"))}) == 5
    assert found["split_seed"]["wired"] is not False
    text = project.paribus("noise", "--seeds", "3").out
    assert "  the same seed gives other numbers: not deterministic\n" in text


@pytest.mark.slow
def test_runs_out_of_the_cache_show_no_spread(project: Workspace) -> None:
    """Seeds that DVC does not know of: it takes the first run for all of them."""
    pipeline = PIPELINE.replace("[seed, split_seed, train]", "[train]")
    project.commit("variant", {"train.py": RESTLESS, "dvc.yaml": pipeline})
    report = noise(project, "--seeds", "3", "--reruns", "2")
    assert report["undeclared"] == list(SEEDS)
    assert (report["cached"], report["sd"], report["planned"]) == (True, None, [])
    assert sources(report)["together"]["variance"] is None
    assert sources(report)["rerun"]["variance"] > 0
    told = project.paribus("noise", "--seeds", "3", "--reruns", "2").out
    assert told.startswith("noise: accuracy sd unknown over 3 runs; ")
    assert (
        "  seed is declared by no stage, so that DVC runs nothing for it: "
        "list it under params of the stage that reads it\n" in told
    )


# The evaluation set.


@pytest.mark.slow
@pytest.mark.parametrize(
    "cached", ["{cache: false}", pytest.param("{cache: true}", marks=pytest.mark.slow)]
)
def test_an_evaluation_set_drawn_by_a_seed(project: Workspace, cached: str) -> None:
    project.commit("variant", with_predictions("split", cached))
    report = noise(project, "--seeds", "3", "--reruns", "2")
    found = sources(report)
    part = found["evaluation-set"]
    assert report["evaluation"] == {
        "variance": pytest.approx(expected_variance(report)),
        "examples": 40,
        "drawn_by": [SEEDS[1]],
        "unknown": None,
    }
    assert (part["within"], part["n"]) == ([SEEDS[1]], 40)
    # No more than the seed that draws it, and not counted a second time.
    assert part["share"] <= found["split_seed"]["share"]
    counted = sum(one["share"] for name, one in found.items() if name != "evaluation-set")
    assert counted == pytest.approx(1)
    assert report["total_sd"] == report["sd"]
    told = project.paribus("noise", "--seeds", "3", "--reruns", "2").out
    assert (
        "  evaluation set of 40 examples, drawn by split_seed, of whose share it is a part\n"
        in told
    )


@pytest.mark.slow
def test_an_evaluation_set_that_all_runs_share(project: Workspace) -> None:
    project.commit("variant", with_predictions("1"))
    report = noise(project, "--seeds", "3", "--reruns", "2")
    found = sources(report)
    size = expected_variance(report)
    assert report["evaluation"]["drawn_by"] == []
    assert found["evaluation-set"]["variance"] == pytest.approx(size)
    assert report["total_sd"] == pytest.approx(math.sqrt(report["sd"] ** 2 + size))
    assert sum(part["share"] for part in found.values()) == pytest.approx(1)
    told = project.paribus("noise", "--seeds", "3", "--reruns", "2").out
    assert "  evaluation set of 40 examples, the same in all runs\n" in told
    assert "the largest source: more seeds do not help, more examples do\n" in told
    # The same runs, by a metric that these predictions do not measure.
    protocol = project.read("paribus.yaml").replace("metric: accuracy", "metric: wrong")
    project.commit("another metric", {"paribus.yaml": protocol})
    other = noise(project, "--seeds", "3", "--reruns", "2")
    assert {run["id"] for run in other["runs"]} == {run["id"] for run in report["runs"]}
    assert (other["evaluation"]["unknown"], other["total_sd"]) == ("other-measure", None)


@pytest.mark.slow
def test_runs_from_before_predictions_were_declared(project: Workspace) -> None:
    files = with_predictions("1")
    project.commit("variant", {**files, "paribus.yaml": PROTOCOL})
    before = noise(project, "--seeds", "3", "--reruns", "2")
    assert before["evaluation"]["unknown"] == "undeclared"
    project.commit("declared", {"paribus.yaml": files["paribus.yaml"]})
    told = project.paribus("noise", "--seeds", "3", "--reruns", "2")
    assert told.err == ""
    assert (
        "  evaluation set unknown: these runs were made before predictions were declared\n"
        in told.out
    )
    assert "next: runs that leave predictions   paribus baseline --fresh\n" in told.out


@pytest.mark.slow
def test_examples_that_no_seed_draws(project: Workspace) -> None:
    project.commit("variant", with_predictions("None"))
    report = noise(project, "--seeds", "3", "--reruns", "2")
    assert report["evaluation"] == {
        "variance": None, "examples": None, "drawn_by": [], "unknown": "unseeded",
    }  # fmt: skip


# What experiments showed, and what failed.


@pytest.mark.slow
def test_the_spread_of_the_pairs_there_are(
    measured: Workspace, history: History, shares: Callable[[str], str]
) -> None:
    """Of three experiments; the fourth changed nothing, and the fifth failed. `status` says the same."""
    report = noise(measured, "--seeds", "3")
    unrelated, paired = report["planned"]
    squares = []
    for outcome in ("improved", "worse", "undecided"):
        runs = measured.paribus("show", history.id(outcome), "--json").json["runs"]
        sides = [
            {run["pair"]: run["metrics"]["accuracy"] for run in runs if run["side"] == side}
            for side in ("baseline", "candidate")
        ]
        values = [sides[1][pair] - sides[0][pair] for pair in sides[0].keys() & sides[1].keys()]
        assert len(values) == 3
        squares.append(variance(values))
    assert unrelated["measured"] is None
    assert paired["sd"] == pytest.approx(math.sqrt(fmean(squares)))
    assert paired["measured"]["sd"] == paired["sd"]
    told = (paired["measured"][name] for name in ("pairs", "experiments", "rough"))
    assert tuple(told) == (9, 3, True)
    for alone, together in zip(unrelated["detectable"], paired["detectable"], strict=True):
        ratio = paired["sd"] / (report["sd"] * math.sqrt(2))
        assert together["effect"] == pytest.approx(alone["effect"] * ratio)
    status = measured.paribus("status", "--json").json
    assert status["spread"] == paired["measured"]
    assert status["detectable"] == paired["detectable"][-1]["effect"]
    text = shares(measured.paribus("noise", "--seeds", "3").out)
    assert text.split("\n\n")[3].splitlines()[:6] == [
        "  smallest difference that a look detects with 80 % power:",
        "  pairs  3  5  8  12  20  # needs",
        "  no correlation  #  #  #  #  #  N pairs",
        "  as paired so far  #  #  #  #  #  N pairs",
        "  as paired so far: sd of a difference # [#, #], from 9 pairs in",
        "    3 experiments (rough)",
    ]


TROUBLE = """
import os, signal
if str(seeds[1]) in open({file!r}).read().split():
    {trouble}
"""


@pytest.mark.slow
def test_a_run_that_fails_is_counted_and_told(project: Workspace, tmp_path: Path) -> None:
    unlucky = tmp_path / "unlucky"
    unlucky.write_text("")
    trouble = TROUBLE.format(file=str(unlucky), trouble="sys.exit('no luck')")
    project.commit("variant", {"train.py": TRAIN + trouble})
    runs = project.paribus("baseline", "--seeds", "3", "--json").json["runs"]
    unlucky.write_text(str(runs[2]["seeds"][SEEDS[1]]))
    told = project.paribus("noise", "--seeds", "3", "--json")
    assert told.code == 0
    report = told.json
    assert (report["failed"], report["n"], sources(report)["split_seed"]["n"]) == (1, 3, 2)
    text = project.paribus("noise", "--seeds", "3")
    assert "; 10 runs, 1 failed; null control 0 of 3 differ\n" in text.out
    assert "failed: pair 3, " in text.err  # tried again, since somebody may have mended it
    unlucky.write_text("")
    assert noise(project, "--seeds", "3")["failed"] == 0


@pytest.mark.slow
def test_a_run_that_is_killed_ends_it(project: Workspace, tmp_path: Path) -> None:
    unlucky = tmp_path / "unlucky"
    unlucky.write_text("")
    trouble = TROUBLE.format(file=str(unlucky), trouble="os.killpg(0, signal.SIGKILL)")
    project.commit("variant", {"train.py": TRAIN + trouble})
    runs = project.paribus("baseline", "--seeds", "3", "--json").json["runs"]
    unlucky.write_text(str(runs[1]["seeds"][SEEDS[1]]))
    told = project.paribus("noise", "--seeds", "3")
    assert (told.code, told.out) == (5, "")
    assert "error[run-killed]: a run of the baseline was killed: " in told.err
    unlucky.write_text("")
    done = noise(project, "--seeds", "3")
    assert (done["failed"], len(done["runs"])) == (0, 10)


@pytest.mark.slow
def test_pair_1_that_fails_says_what_it_is_for(project: Workspace, tmp_path: Path) -> None:
    unlucky = tmp_path / "unlucky"
    unlucky.write_text("")
    trouble = TROUBLE.format(file=str(unlucky), trouble="sys.exit('no luck')")
    project.commit("variant", {"train.py": TRAIN + trouble})
    found = open_project(project.path)
    with opened(found) as candidate:
        key = baseline_ground(found, candidate).key
    unlucky.write_text(str(derived_seeds(key, 0, SEEDS)[SEEDS[1]]))
    told = project.paribus("noise", "--seeds", "3", "--jobs", "2")
    assert (told.code, told.out) == (5, "")
    assert told.err.count("accuracy") == 2  # of the other pairs; no rerun was begun
    assert told.err[told.err.index("error[") :] == (
        "error[run-failed]: pair 1 of the baseline failed: stage train, exit 1; "
        "each seed is varied from it, and it is what is rerun\n"
        "help: the last that it said: no luck\n"
        "help: if it is mended, try again   paribus noise\n"
        "help: if it cannot be mended       paribus baseline --fresh   (other seeds for every pair)\n"
    )
