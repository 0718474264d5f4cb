"""What was agreed before the first run, and what was tried before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"


@pytest.mark.slow
def test_another_agreement_is_another_experiment_and_said(
    measured: Workspace, history: History
) -> None:
    protocol = measured.read("paribus.yaml").replace("effect: 0.005", "effect: 0.004")
    measured.commit("we look for less", {"paribus.yaml": protocol})
    told = measured.paribus("run", "-S", f"{GAIN}=0.2", "--seeds", "1", "--json")
    old = history.id("improved")
    assert told.json["experiment"] != old
    assert told.json["found"] is False
    assert told.json["earlier"] == [
        {
            "experiment": old,
            "baseline": history.project.git("rev-parse", "--short=7", "main"),
            "outcome": "improved",
            "differs": ["effect 0.005 -> 0.004"],
        }
    ]
    shown = measured.paribus("show", told.json["experiment"]).out.splitlines()
    assert f"      tried before as {old[:4]}: improved (effect 0.005 -> 0.004)" in shown


@pytest.mark.slow
def test_a_bundle_says_what_was_null_by_itself(measured: Workspace, history: History) -> None:
    """Two changes are let through; one of them was judged to do nothing."""
    options = ("-S", f"{GAIN}=0.3", "-S", "params.json:train.name=fancy", "--allow", "both")
    told = measured.paribus("run", *options, "--seeds", "1", "--json")
    old = history.id("no-difference")
    assert told.json["bundled"] == [
        {"change": "train.name plain -> fancy", "experiment": old, "outcome": "no-difference"}
    ]
    shown = " ".join(measured.paribus("show", told.json["experiment"]).out.split())
    assert (
        "contains train.name plain -> fancy, which by itself was: no detectable difference "
        f"({old[:4]})"
    ) in shown


@pytest.mark.slow
def test_seeds_that_the_team_listed_are_mentioned(project: Workspace) -> None:
    listed = list(range(100, 120))
    protocol = f"{project.read('paribus.yaml')}seed_list: {json.dumps(listed)}\n"
    project.commit("our seeds", {"paribus.yaml": protocol})
    told = project.paribus("run", "-S", f"{GAIN}=0.2", "--jobs", "2", "--json")
    measures = [run for run in told.json["runs"] if run["purpose"] == "measure"]
    assert [set(run["seeds"].values()) for run in measures] == [
        {99 + run["pair"]} for run in measures
    ]
    shown = project.paribus("show", told.json["experiment"]).out
    assert "\n      20 seeds listed in paribus.yaml, which anybody can have tuned to\n" in shown


@pytest.mark.slow
def test_all_of_it_is_in_the_ledger_before_the_first_run(project: Workspace) -> None:
    guards = "guards: [{metric: loss, direction: lower, margin: 0.5}]\n"
    project.commit("a guard", {"paribus.yaml": project.read("paribus.yaml") + guards})
    told = project.paribus("run", "-S", f"{GAIN}=0.2", "--seeds", "1", "--json")
    history = project.git("log", "--reverse", "--format=%H %s", "paribus/ledger").splitlines()
    assert history[0].split()[1] == "register"
    folder = f"experiments/{told.json['experiment'][:2]}/{told.json['experiment']}"
    first = history[0].split()[0]
    (name,) = project.git("ls-tree", "--name-only", f"{first}:{folder}").splitlines()
    registration = json.loads(project.git("show", f"{first}:{folder}/{name}"))
    assert registration["plan"] == {
        "metric": "accuracy",
        "direction": "higher",
        "effect": 0.005,
        "goal": "improve",
        "looks": [3, 5, 8, 12, 20],
        "guards": [{"metric": "loss", "direction": "lower", "margin": 0.5}],
        "unit": "seed",
        "futile_from": 5,
    }
    assert registration["seeds"] == ["params.json:seed", "params.json:split_seed"]
    assert (registration["seed_list"], registration["generation"]) == ([], 0)
    assert len(registration["evaluation"]) == 20
