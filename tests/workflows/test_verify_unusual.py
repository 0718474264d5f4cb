"""`paribus verify` in projects that are laid out otherwise than most."""

from __future__ import annotations

import os

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


def test_line_ends_that_git_would_mend_are_no_alteration(project: Workspace) -> None:
    """The file was committed before `.gitattributes` was; Git leaves it as it is."""
    project.commit("A file from elsewhere", {"notes.txt": b"one\r\ntwo\r\n"})
    project.commit("Line ends", {".gitattributes": "* text=auto\n"})
    assert project.paribus("baseline", "--seeds", "1").code == 0
    done = project.paribus("verify", "baseline")
    assert (done.code, done.out.splitlines()[0].split(":")[0]) == (0, "exact"), done.err


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
