"""Runs whose data are not here: `dvc pull` was not called, say, after somebody's work was fetched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pytest
from tests.conftest import PIPELINE, Workspace

RAW, OLD = b"1,2\n", b"nobody reads it\n"
KEY = "params.json:train.gain"


def _cached(data: bytes) -> dict[str, bytes]:
    """Where DVC keeps them."""
    value = hashlib.md5(data).hexdigest()
    return {f".dvc/cache/files/md5/{value[:2]}/{value[2:]}": data}


def _tracked(project: Workspace, name: str, data: bytes) -> dict[str, str]:
    """The files that `dvc add` makes, with the data in the cache."""
    value = hashlib.md5(data).hexdigest()
    project.write(_cached(data))
    about = {"md5": value, "hash": "md5", "path": name}
    return {f"data/{name}.dvc": json.dumps({"outs": [about]}) + "\n"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["copy", "symlink"])
def test_data_that_are_missing_are_no_failure_of_what_is_tried(
    project: Workspace, kind: str
) -> None:
    files = _tracked(project, "raw.csv", RAW) | _tracked(project, "old.csv", OLD)
    files["data/.gitignore"] = "/raw.csv\n/old.csv\n"
    files["dvc.yaml"] = PIPELINE.replace("deps: [train.py]", "deps: [train.py, data/raw.csv]")
    files[".dvc/config"] = f"[core]\n    analytics = false\n[cache]\n    type = {kind}\n"
    project.commit("Data", files)
    assert project.paribus("baseline", "--seeds", "1").code == 0
    shutil.rmtree(project.path / ".dvc" / "cache")
    shutil.rmtree(project.path / ".dvc" / "tmp" / "paribus" / "pool")
    done = project.paribus("run", "-S", f"{KEY}=0.05", "--seeds", "1", "--json")
    (run,) = [one for one in done.json["runs"] if one["side"] == "candidate"]
    why = "data are not in the project's cache: dvc pull data/raw.csv"
    assert (done.code, run["status"], run["cause"]) == (5, "killed", why)
    # What no stage declares may be missing.
    project.write(_cached(RAW))
    again = project.paribus("retry", "--seeds", "1", "--json").json["experiments"][0]
    ended = [one["status"] for one in again["runs"] if one["side"] == "candidate"]
    assert ended == ["killed", "succeeded"]


@pytest.mark.slow
def test_what_a_frozen_stage_has_made_may_be_missing_too(project: Workspace) -> None:
    assert os.system(f"cd {project.path} && dvc repro --quiet >/dev/null") == 0
    frozen = PIPELINE.replace("  train:\n", "  train:\n    frozen: true\n")
    files = {"dvc.yaml": frozen, "evaluate.py": project.read("evaluate.py") + "# as it was\n"}
    project.commit("Frozen", files)
    shutil.rmtree(project.path / ".dvc" / "cache")
    done = project.paribus("baseline", "--seeds", "1")
    told = done.err.splitlines()[-2]
    assert (done.code, told) == (
        5,
        "error[run-killed]: a run of the baseline was killed: "
        "data are not in the project's cache: dvc pull model.json; it is recorded",
    )
