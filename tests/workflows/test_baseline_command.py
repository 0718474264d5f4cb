"""`paribus baseline`: what is to be beaten, why, what is known of it, and what was declared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"
MEASURE = "next: measure it   paribus baseline --measure\n"
TRY = 'next: try one change   paribus run -S key=value -m "why it should help"\n'


def test_before_it_is_measured(project: Workspace) -> None:
    before = project.state()
    told = project.paribus("baseline")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"baseline {project.git('rev-parse', 'HEAD')[:7]}  (merge base with main)\n"
        "  not measured yet\n"
        "  accuracy, higher is better; effect of interest 0.005\n"
        f"{MEASURE}"
    )
    assert project.state() == before
    assert not (project.path / ".dvc" / "tmp").exists()


def test_why_it_is_that_commit(project: Workspace) -> None:
    project.commit("measured once", {"metrics.json": '{"accuracy": 0.8125, "loss": 0.1875}\n'})
    project.git("tag", "-a", "baseline/4", "-m", "the fourth")
    first, tagged = (project.git("rev-parse", name) for name in ("HEAD~1", "HEAD"))
    told = project.paribus("baseline")
    assert told.out == (
        f"baseline baseline/4  {tagged[:7]}  (nearest baseline tag)\n"
        "  not measured yet\n"
        "  accuracy, higher is better; effect of interest 0.005\n"
        "  committed with it: accuracy 0.8125\n"
        f"{MEASURE}"
    )
    given = project.paribus("baseline", "--baseline", "HEAD~1", "--json").json
    assert (given["baseline"], given["reason"]) == (first, "given with --baseline")
    assert given["metrics"] == {}


def test_measuring_it(project: Workspace, shape: Callable[[str], str]) -> None:
    before = project.state()
    told = project.paribus("baseline", "--seeds", "3", "--jobs", "2")
    assert told.code == 0
    assert shape(told.out) == (
        "baseline HEX  (merge base with main)\n"
        "  accuracy # (3 runs, sd #)\n"
        "  accuracy, higher is better; effect of interest #\n"
        "  null control 0 of 3 differ\n"
        f"{TRY}"
    )
    lines = [line.split("  ", 2)[1:] for line in shape(told.err).splitlines()]
    assert [at for at, _ in lines] == [f"run {n} of 6" for n in range(1, 7)]
    assert sorted(what for _, what in lines) == [  # two at once end in any order
        *(f"baseline  pair {n}  accuracy #  # s" for n in range(1, 4)),
        *["control   pair 1  accuracy #  # s"] * 3,
    ]
    again = project.paribus("baseline", "--seeds", "3")
    assert (again.code, again.err, again.out) == (0, "", told.out)
    report = project.paribus("baseline", "--json").json
    values = [run["metrics"]["accuracy"] for run in report["runs"]]
    mean = sum(values) / 3
    assert (report["n"], report["mean"]) == (3, pytest.approx(mean))
    spread = (sum((value - mean) ** 2 for value in values) / 2) ** 0.5
    assert report["sd"] == pytest.approx(spread)
    assert (report["seeds_wired"], report["null_control"]) == (True, {"differ": 0, "of": 3})
    assert project.state() == before


@pytest.mark.slow
def test_more_seeds_are_added_to_those_that_it_has(measured: Workspace) -> None:
    assert measured.paribus("baseline", "--json").json["n"] == 3
    told = measured.paribus("baseline", "--seeds", "4", "--json")
    assert (told.code, told.err, told.json["n"]) == (0, "", 4)
    assert re.search(
        r"^  accuracy 0\.\d+ \(4 runs, sd 0\.\d+\)$", measured.paribus("baseline").out, re.M
    )


# Declared baselines: what nobody can rerun.


@pytest.mark.slow
def test_declaring_an_outside_baseline(measured: Workspace, history: History) -> None:
    before = measured.state()
    told = measured.paribus(
        "baseline", "declare", "--metric", "accuracy=0.81", "--source", "rules engine, May report",
        "--n", "20", "--sd", "0.01",
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    commit = measured.git("rev-parse", "paribus/ledger")
    assert told.out == (
        f"declared accuracy = 0.81 (rules engine, May report); recorded {commit[:7]}\n"
    )
    assert measured.state() == before
    shown = measured.paribus("baseline").out.splitlines()
    assert re.fullmatch(
        r"  declared \d{4}-\d\d-\d\d: accuracy 0\.81, n 20, sd 0\.01  \(rules engine, May report\)",
        shown[4],
    )
    declared = measured.paribus("baseline", "--json").json["declared"]
    assert [{**item, "given": "?"} for item in declared] == [
        {
            "metric": "accuracy",
            "value": 0.81,
            "source": "rules engine, May report",
            "n": 20,
            "sd": 0.01,
            "given": "?",
        }
    ]
    for identifier, sign in ((history.id("improved"), "+"), (history.id("worse"), "-")):
        text = measured.paribus("show", identifier).out
        number = rf"\{sign}0\.\d+"
        assert re.search(
            rf" against declared 0\.81 \(rules engine, May report\): accuracy {number} \[{number}, {number}\] ",
            " ".join(text.split()),
        ), text
        standing = measured.paribus("show", identifier, "--json").json["declared"][0]
        assert standing["low"] < standing["estimate"] < standing["high"]


@pytest.mark.slow
def test_the_latest_declaration_of_a_metric_counts(measured: Workspace, history: History) -> None:
    for value in ("0.7", "0.75"):
        declare = ("baseline", "declare", "--metric", f"accuracy={value}", "--source", "a paper")
        assert measured.paribus(*declare, "--json").json["declared"]["value"] == float(value)
    measured.paribus("baseline", "declare", "--metric", "f1=0.5", "--source", "another")
    shown = measured.paribus("show", history.id("improved"), "--json").json
    assert [(item["metric"], item["value"]) for item in shown["declared"]] == [
        ("accuracy", 0.75),
        ("f1", 0.5),
    ]
    assert shown["declared"][1]["estimate"] is None
    text = measured.paribus("show", history.id("improved")).out
    assert "  against declared 0.5 (another): no run has f1\n" in text
    # No verdict follows from it: whatever was judged stays as it was judged.
    assert (
        shown["verdict"]
        == history.project.paribus("show", history.id("improved"), "--json").json["verdict"]
    )


def test_a_declaration_needs_no_pipeline(project: Workspace) -> None:
    """The first measuring stick of a project that has no model yet."""
    for name in ("dvc.yaml", "params.json", "paribus.yaml"):
        (project.path / name).unlink()
    told = project.paribus("baseline", "declare", "--metric", "a=1", "--source", "a\x1b[31m\nguess")
    assert told.code == 0
    assert "declared a = 1 (a?[31m?guess); recorded " in told.out
