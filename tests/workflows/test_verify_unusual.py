"""`paribus verify` in projects that are laid out otherwise than most."""

from __future__ import annotations

import os

import pytest
from tests.conftest import Workspace

BESIDE = """\
metrics:
  - out/metrics.json
stages:
  train:
    cmd: python -S train.py
    deps: [train.py]
    params:
      - params.json: [seed, split_seed, train]
    outs: [model.json]
  evaluate:
    cmd: mkdir -p out && python -S evaluate.py && mv metrics.json out/metrics.json
    deps: [evaluate.py, model.json]
    outs:
      - out
"""


@pytest.mark.slow
def test_line_ends_that_git_would_mend_are_no_alteration(project: Workspace) -> None:
    """The file was committed before `.gitattributes` was; Git leaves it as it is."""
    project.commit("A file from elsewhere", {"notes.txt": b"one\r\ntwo\r\n"})
    project.commit("Line ends", {".gitattributes": "* text=auto\n"})
    assert project.paribus("baseline", "--seeds", "1").code == 0
    done = project.paribus("verify", "baseline")
    assert (done.code, done.out.splitlines()[0].split(":")[0]) == (0, "exact"), done.err


@pytest.mark.slow
def test_metrics_declared_beside_a_frozen_stage_are_not_counted(project: Workspace) -> None:
    """They lie in a folder that the frozen stage writes, as DVCLive has it."""
    written = {"dvc.yaml": BESIDE, ".gitignore": "/out\n/model.json\n"}
    project.commit("Metrics beside the stages", written)
    assert os.system(f"cd {project.path} && dvc repro --quiet >/dev/null") == 0
    frozen = BESIDE.replace("  evaluate:\n", "  evaluate:\n    frozen: true\n")
    project.commit("Frozen", {"dvc.yaml": frozen})
    assert project.paribus("baseline", "--seeds", "1").code == 0
    found = project.paribus("verify", "baseline", "--json").json["runs"][0]["comparison"]
    assert found["compared"] == {"metrics": 0, "outputs": 1}
    assert sorted(found["kept"]) == ["accuracy", "loss"]


@pytest.mark.slow
def test_a_stage_that_goes_on_with_what_it_left_is_not_counted_where_it_did_not_run(
    project: Workspace,
) -> None:
    """It is in a folder below, and nothing needs it: `dvc repro` of the project does not run it."""
    body = "{cmd: date +%N >> lines.txt, outs: [lines.txt: {persist: true}]}"
    files = {"sub/dvc.yaml": f"stages:\n  add: {body}\n", "sub/.gitignore": "/lines.txt\n"}
    project.commit("A folder below", files)
    assert os.system(f"cd {project.path} && dvc repro --quiet --all-pipelines >/dev/null") == 0
    project.commit("Locks")
    assert project.paribus("baseline", "--seeds", "1").code == 0
    found = project.paribus("verify", "baseline", "--json").json
    assert found["outcome"] == "exact"
    assert found["runs"][0]["comparison"]["compared"] == {"metrics": 2, "outputs": 2}
    assert found["runs"][0]["comparison"]["not_rerun"] == ["add"]
