"""Ways in which luck, or a run that cheats, might pass for an improvement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Workspace

GAIN = "params.json:train.gain"
NAME = "params.json:train.name"


def with_train(project: Workspace, old: str, new: str) -> None:
    text = project.read("train.py")
    assert old in text
    project.commit("a stage of its own", {"train.py": text.replace(old, new)})


@pytest.mark.slow
def test_a_run_that_rewrites_what_measures_it_has_failed(project: Workspace) -> None:
    """The stage adds two points to the evaluation, for the length of its own run."""
    cheat = """\
if params["train"]["name"] == "cheat":
    text = open("evaluate.py").read()
    open("evaluate.py", "w").write(text.replace('["score"]', '["score"] + 0.02'))
score = 0.8"""
    with_train(project, "score = 0.8", cheat)
    told = project.paribus("run", "-S", f"{NAME}=cheat", "--jobs", "2", "--json")
    assert told.code == 5
    run = next(run for run in told.json["runs"] if run["side"] == "candidate")
    assert run["status"] == "failed"
    assert run["cause"] == "the run itself altered evaluate.py"


@pytest.mark.slow
def test_a_lucky_seed_in_the_code_is_undecided(project: Workspace) -> None:
    seeds = 'seeds = list(map(params.get, ["seed", "split_seed"]))'
    with_train(project, 'seeds = params["seed"], params["split_seed"]', seeds)
    project.write({"train.py": project.read("train.py").replace(seeds, "seeds = 1594")})
    told = project.paribus("run", "--jobs", "2", "--json")
    assert told.code == 4, told.out
    assert told.json["verdict"]["outcome"] == "undecided"
    assert told.json["verdict"]["reasons"][0].startswith("the candidate gives the same numbers")


@pytest.mark.slow
def test_a_guard_that_nobody_measures_is_refused(project: Workspace) -> None:
    guards = "guards: [{metric: lattency, direction: lower}]\n"
    project.commit("a guard", {"paribus.yaml": project.read("paribus.yaml") + guards})
    told = project.paribus("run", "-S", f"{GAIN}=0.2", "--jobs", "2", "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "unknown-guard")
    assert told.json["error"]["message"] == ("no run of the baseline has the guard metric lattency")


@pytest.mark.slow
def test_an_unlucky_seed_is_not_tried_until_it_passes(project: Workspace, tmp_path: Path) -> None:
    """It fails on every second attempt; after the first success a failure stays one."""
    flaky = """\
from pathlib import Path
import os
made = Path(os.environ["MADE"])
if params["train"]["name"] == "flaky":
    made.write_text(made.read_text() + "x" if made.exists() else "x")
    if len(made.read_text()) % 3 == 0:
        sys.exit("an unlucky draw")
score = 0.8"""
    with_train(project, "score = 0.8", flaky)
    project.environment["MADE"] = str(tmp_path / "made")
    first = project.paribus("run", "-S", f"{NAME}=flaky", "--json")
    assert first.code == 5
    again = project.paribus("run", "-S", f"{NAME}=flaky", "--json")
    candidates = [
        [(run["pair"], run["status"]) for run in told.json["runs"] if run["side"] == "candidate"]
        for told in (first, again)
    ]
    assert again.code == 5
    assert candidates[0] == candidates[1]
    assert candidates[0][-1] == (3, "failed")
    assert again.json["verdict"]["candidate_failures"] == 1


@pytest.mark.slow
def test_starting_anew_in_another_session_throws_no_pair_away(
    project: Workspace, tmp_path: Path
) -> None:
    """The stage draws anew each time, so that no session repeats another."""
    with_train(project, "score = 0.8", "score = random.SystemRandom().gauss(0, 0.01) + 0.8")
    first = project.paribus("run", "-S", f"{NAME}=one", "--seeds", "3", "--json")
    about = tmp_path / "packages" / "later-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: later\nVersion: 1.0\n")
    project.environment["PYTHONPATH"] = str(about.parent)
    again = project.paribus("run", "-S", f"{NAME}=one", "--seeds", "5", "--json")
    candidates = [
        [run["id"] for run in told.json["runs"] if run["side"] == "candidate"]
        for told in (first, again)
    ]
    assert candidates[1][:3] == candidates[0]
    assert again.json["looks"][0]["n"] == 3
    assert again.json["looks"][0] == first.json["looks"][0]
