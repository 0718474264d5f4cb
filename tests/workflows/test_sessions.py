"""Drift between sessions, and within one: a machine that gets warmer is no better model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Called, Workspace

NAME = "params.json:train.name"
DRIFTING = 'import os\nscore = float(os.environ.get("DRIFT", "0")) + 0.8'
WARMING = """\
from pathlib import Path
import os
counter = Path(os.environ["COUNTER"])
made = int(counter.read_text() or "0") if counter.exists() else 0
counter.write_text(str(made + 1))
score = 0.01 * made + 0.8"""


def next_session(project: Workspace, folder: Path, name: str) -> None:
    """Another installed package, as far as anybody can see."""
    about = folder / name / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    project.environment["PYTHONPATH"] = str(folder / name)


def sides(told: Called) -> list[dict[str, Any]]:
    """The measuring runs in the order in which they were started."""
    runs = [run for run in told.json["runs"] if run["purpose"] == "measure"]
    return sorted(runs, key=lambda run: run["started"])


def with_train(project: Workspace, old: str, new: str) -> None:
    text = project.read("train.py")
    assert old in text
    project.commit("a stage of its own", {"train.py": text.replace(old, new)})


@pytest.mark.slow
def test_drift_between_sessions_is_no_improvement(project: Workspace, tmp_path: Path) -> None:
    """The second session's numbers are all higher by 0.1, and the change does nothing.

    Neither the ledger nor DVC's run cache hands the first session's numbers out as the second's.
    """
    with_train(project, "score = 0.8", DRIFTING)
    project.paribus("run", "-S", f"{NAME}=one", "--seeds", "3", "--jobs", "2")
    next_session(project, tmp_path, "warmer")
    project.environment["DRIFT"] = "0.1"
    told = project.paribus("run", "-S", f"{NAME}=two", "--seeds", "3", "--jobs", "2", "--json")
    assert (told.code, told.json["verdict"]["outcome"]) == (0, "no-difference")
    assert told.json["verdict"]["estimate"] == 0
    assert len({run["session"] for run in sides(told)}) == 1
    assert told.json["null_control"]["differ"] == 0


@pytest.mark.slow
def test_a_time_is_never_taken_from_another_session(project: Workspace, tmp_path: Path) -> None:
    """Although the one rerun of a seed repeats it to the last digit."""
    metrics = '{"accuracy": round(score, 6), "latency": round(score / 10, 6)}'
    text = project.read("evaluate.py").replace(
        '{"accuracy": round(score, 6), "loss": round(1 - score, 6)}', metrics
    )
    protocol = project.read("paribus.yaml").replace("metric: accuracy", "metric: latency")
    protocol = protocol.replace("direction: higher", "direction: lower")
    project.commit("we measure time", {"evaluate.py": text, "paribus.yaml": protocol})
    few = ("--seeds", "1", "--jobs", "2", "--json")
    first = project.paribus("run", "-S", f"{NAME}=one", *few)
    next_session(project, tmp_path, "faster")
    second = project.paribus("run", "-S", f"{NAME}=two", *few)
    old, new = ({run["session"] for run in sides(told)} for told in (first, second))
    assert (len(old), len(new)) == (1, 1)
    assert old != new


@pytest.mark.slow
def test_a_guard_that_is_a_time_is_judged_within_one_session(
    project: Workspace, tmp_path: Path
) -> None:
    metrics = '{"accuracy": round(score, 6), "seconds": round(score * 10, 6)}'
    text = project.read("evaluate.py").replace(
        '{"accuracy": round(score, 6), "loss": round(1 - score, 6)}', metrics
    )
    guarded = f"{project.read('paribus.yaml')}guards: [{{metric: seconds, direction: lower}}]\n"
    project.commit("time is guarded", {"evaluate.py": text, "paribus.yaml": guarded})
    here = project.paribus("run", "-S", "params.json:train.gain=0.2", "--jobs", "2", "--json")
    assert (here.code, here.json["verdict"]["outcome"]) == (1, "worse")
    assert here.json["verdict"]["label"] == "guard"
    next_session(project, tmp_path, "later")
    there = project.paribus("run", "-S", "params.json:train.gain=0.3", "--jobs", "2", "--json")
    (guard,) = there.json["verdict"]["guards"]
    assert (guard["hold"], guard["n"]) == ("broken", 3)
    assert len({run["session"] for run in sides(there)}) == 1
    assert {run["session"] for run in sides(here)} != {run["session"] for run in sides(there)}


@pytest.mark.slow
def test_drift_within_a_session_falls_on_both_sides(project: Workspace, tmp_path: Path) -> None:
    """Every run is better than the one before, by as much as the noise; ABBA cancels it."""
    with_train(project, "score = 0.8", WARMING)
    project.environment["COUNTER"] = str(tmp_path / "counter")
    told = project.paribus("run", "-S", f"{NAME}=one", "--json")
    order = "".join("A" if run["side"] == "baseline" else "B" for run in sides(told))
    assert order.startswith("ABBAAB")
    assert told.json["verdict"]["outcome"] == "no-difference"
    assert told.json["null_control"] == {"differ": 3, "of": 3}
