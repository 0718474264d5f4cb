"""Metrics that no run wrote are refused, and a baseline that was not run as it is committed is named."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def lock(workspace: Workspace, metrics: str, gain: float = 0.0) -> str:
    """What DVC writes for the project as it is in the working tree."""
    code = {name: md5(workspace.read(name)) for name in ("train.py", "evaluate.py")}
    return f"""\
schema: '2.0'
stages:
  train:
    cmd: python -S train.py
    deps:
    - {{path: train.py, hash: md5, md5: {code["train.py"]}, size: 1}}
    params:
      params.json:
        seed: 1
        split_seed: 2
        train: {{gain: {gain}, noise: 0.01, fail: false, name: plain}}
    outs:
    - {{path: model.json, hash: md5, md5: {md5("model")}, size: 1}}
  evaluate:
    cmd: python -S evaluate.py
    deps:
    - {{path: evaluate.py, hash: md5, md5: {code["evaluate.py"]}, size: 1}}
    - {{path: model.json, hash: md5, md5: {md5("model")}, size: 1}}
    outs:
    - {{path: metrics.json, hash: md5, md5: {md5(metrics)}, size: 1}}
"""


@pytest.fixture
def run(project: Workspace) -> Workspace:
    """The project after a run, committed."""
    old = '{"accuracy": 0.8}\n'
    project.commit("run", {"metrics.json": old, "dvc.lock": lock(project, old)})
    return project


def warnings(workspace: Workspace, *arguments: str) -> list[str]:
    found = workspace.paribus("check", "--json", "--baseline", "HEAD~1", *arguments).json
    return [each["code"] for each in found["warnings"]]


NEW = '{"accuracy": 0.9}\n'


def test_metrics_that_a_run_wrote(run: Workspace) -> None:
    run.set_param("train.gain", 0.1)
    run.commit("better", {"metrics.json": NEW, "dvc.lock": lock(run, NEW, 0.1)})

    assert warnings(run, "HEAD") == []


def test_metrics_that_no_run_wrote(run: Workspace) -> None:
    run.set_param("train.gain", 0.1)
    run.commit("better", {"metrics.json": NEW})
    base = run.git("rev-parse", "HEAD~1")
    told = run.paribus("check", "HEAD", "--baseline", "HEAD~1")

    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[0] == (
        "error[edited-metric]: metrics.json is not what the pipeline wrote: "
        "its hash is not the one in dvc.lock of HEAD"
    )
    assert "dvc repro && git add metrics.json dvc.lock" in told.err
    assert f"git checkout {base[:12]} -- metrics.json" in told.err


def test_metrics_that_are_only_in_the_working_tree(run: Workspace) -> None:
    run.set_param("train.gain", 0.1)
    run.write({"metrics.json": NEW})
    told = run.paribus("check", "--json", "--baseline", "HEAD")

    assert told.code == 0
    assert told.json["warnings"] == [
        {
            "code": "edited-metric",
            "file": "metrics.json",
            "message": "metrics.json is not what the pipeline wrote: its hash is not the one in dvc.lock",
        }
    ]


def test_metrics_without_a_lock(run: Workspace) -> None:
    run.commit("better", {"metrics.json": NEW, "dvc.lock": "schema: '2.0'\nstages: {}\n"})
    assert warnings(run, "HEAD") == []


def test_a_broken_lock_is_no_lock(run: Workspace) -> None:
    run.commit("better", {"metrics.json": NEW, "dvc.lock": "<<<<<<< a\n"})
    assert warnings(run, "HEAD") == []


def test_a_baseline_whose_lock_is_of_another_tree(run: Workspace) -> None:
    run.set_param("train.gain", 0.1)
    run.commit("edited", {"train.py": run.read("train.py") + "print(1)\n"})
    run.set_param("train.gain", 0.2)
    told = run.paribus("check", "--json", "--baseline", "HEAD")

    assert told.json["warnings"] == [
        {
            "code": "stale-lock",
            "file": "dvc.lock",
            "message": (
                "the lock of the baseline does not match its tree (stage train: train.gain differs, and 1 "
                "more): its metrics belong to another tree"
            ),
        }
    ]
