"""Where DVC keeps things."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Exit, Problem
from paribus.dvc.layout import cached_file, project_root, result_ref, uses_hydra

if TYPE_CHECKING:
    from tests.conftest import Workspace


@pytest.mark.parametrize("folder", [".", "deep", "deep/er"])
def test_a_project_is_found_from_its_folders(folder: str, tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert project_root(tmp_path / folder, tmp_path) == tmp_path


def test_the_nearest_of_several_projects(tmp_path: Path) -> None:
    inner = tmp_path / "sub" / "project"
    for folder in (tmp_path, inner):
        (folder / ".dvc").mkdir(parents=True)
    (inner / "src").mkdir()
    assert project_root(inner / "src", tmp_path) == inner
    assert project_root(tmp_path / "sub", tmp_path) == tmp_path


def test_a_project_above_the_repository_is_another(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    top = tmp_path / "repository"
    (top / "deep").mkdir(parents=True)
    (top / "deep" / ".dvc").write_text("a file")
    with pytest.raises(Problem) as caught:
        project_root(top / "deep", top)
    assert caught.value.code == "no-dvc-project"
    assert caught.value.status is Exit.BAD_INPUT
    assert caught.value.message == (
        f"no DVC project here: no .dvc folder between {top / 'deep'} and {top}"
    )
    assert caught.value.helps == ("start one   dvc init",)


def test_a_result_is_where_dvc_itself_puts_one(project: Workspace) -> None:
    subprocess.run(
        ["dvc", "exp", "run", "--quiet", "--name", "by-dvc"], cwd=project.path, check=True
    )
    refs = project.git("for-each-ref", "--format=%(refname)", "refs/exps/").splitlines()
    assert result_ref(project.git("rev-parse", "HEAD"), "by-dvc") in refs
    model = (project.path / "model.json").read_bytes()
    lock = project.read("dvc.lock")
    md5 = lock.partition("path: model.json\n      hash: md5\n      md5: ")[2].splitlines()[0]
    assert cached_file(project.path / ".dvc" / "cache", md5).read_bytes() == model
    assert "score" in json.loads(model)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[hydra]\n    enabled = true\n", True),
        ("[core]\n    remote = x\n[hydra]\nenabled=True\n", True),
        ("  [ hydra ]\n\tconfig_dir = conf\n\tenabled = TRUE  \n[core]\n", True),
        ("[hydra]\n    enabled = false\n", False),
        ("[hydra]\n    config_dir = conf\n[other]\n    enabled = true\n", False),
        ("[core]\n    enabled = true\n", False),
        ("# [hydra]\n    enabled = true\n", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("name", ["config", "config.local"])
def test_whether_hydra_composes_the_params(
    name: str, text: str, expected: bool, tmp_path: Path
) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / name).write_text(text)
    assert uses_hydra(tmp_path) is expected


def test_what_dvc_itself_writes_is_understood(project: Workspace) -> None:
    command = ["dvc", "config", "--local", "hydra.enabled", "true"]
    subprocess.run(command, cwd=project.path, check=True)
    assert uses_hydra(project.path)


def test_without_a_configuration_there_is_no_hydra(tmp_path: Path) -> None:
    assert not uses_hydra(tmp_path)
