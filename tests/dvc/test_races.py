"""Two pipelines side by side share a cache: neither takes away what the other has just written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from dvc.repo import Repo
from dvc.stage import cache as stage_cache
from dvc.stage.cache import StageCache
from dvc_objects.fs import system
from tests.conftest import Workspace

from paribus.dvc import races


@pytest.fixture(autouse=True)
def mended() -> None:
    races.mend()


def test_what_is_mended_is_still_there() -> None:
    """A later DVC that has other names for these must be looked at."""
    assert StageCache._load is races._load
    assert system.reflink is races._reflink_aside
    assert callable(stage_cache._get_stage_hash)
    assert callable(StageCache._load_cache)


@pytest.mark.filterwarnings("default::DeprecationWarning")  # of DVC's own dependencies
def test_an_entry_that_is_being_written_is_let_be(project: Workspace) -> None:
    Path(project.path, ".dvc", "tmp").mkdir(parents=True, exist_ok=True)
    with Repo(str(project.path)) as repo:
        os.chdir(project.path)
        repo.reproduce()
        (stage,) = [stage for stage in repo.index.stages if stage.name == "train"]
        folder = Path(repo.stage_cache._get_cache_dir(stage_cache._get_stage_hash(stage)))
        (entry,) = folder.iterdir()
        half = folder / "abc.tmp"
        half.write_text("outs: [")
        os.utime(half, (entry.stat().st_mtime + 9,) * 2)
        assert repo.stage_cache._load(stage)["cmd"] == stage.cmd
        assert half.read_text() == "outs: ["
        entry.unlink()
        assert repo.stage_cache._load(stage) is None
        half.unlink()
        folder.rmdir()
        assert repo.stage_cache._load(stage) is None


def test_a_copy_on_write_that_fails_takes_nothing_away(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("the same content")
    target.write_text("the same content")
    with contextlib.suppress(OSError):  # where the file system can do it, it may
        races._reflink_aside(str(source), str(target))
    assert target.read_text() == "the same content"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]
