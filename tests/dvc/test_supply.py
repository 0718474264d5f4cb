"""The data of a clone come from a cache that is not believed, file by file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paribus.core.errors import Problem
from paribus.dvc.supply import Supplied, keep_to_itself, supply

if TYPE_CHECKING:
    from tests.conftest import Workspace

STAGES = """\
stages:
  train:
    cmd: python train.py
    deps: [data]
    outs: [model]
"""


@dataclass
class Clone:
    """A clone with its own cache beside it, and the shared cache."""

    workspace: Workspace
    own: Path
    shared: Path

    def supplied(self) -> Supplied:
        """What `supply` finds in the clone as it lies there."""
        keep_to_itself(self.workspace.path, self.own)
        return supply(self.workspace.path, self.workspace.path, self.own, self.shared)

    def refused(self) -> Problem:
        """Why it refuses to."""
        with pytest.raises(Problem) as caught:
            self.supplied()
        return caught.value

    def share(self, data: bytes, value: str, *, legacy: bool = False) -> Path:
        """Puts data into the shared cache under a hash, which need not be theirs."""
        folder = self.shared if legacy else self.shared / "files" / "md5"
        path = folder / value[:2] / value[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o444)
        return path

    def track(self, name: str, value: str, **more: Any) -> None:
        """Writes a `.dvc` file."""
        about = {"md5": value, "hash": "md5", "path": Path(name).name} | more.pop("out", {})
        out = {key: told for key, told in about.items() if told is not None}
        self.workspace.write({f"{name}.dvc": json.dumps({**more, "outs": [out]})})


@pytest.fixture
def clone(empty: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    monkeypatch.chdir(tmp_path)
    empty.write({".dvc/config": "[core]\n    analytics = false\n", "dvc.yaml": STAGES})
    return Clone(empty, tmp_path / "own", tmp_path / "shared")


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_file_is_copied_and_read_only(clone: Clone) -> None:
    clone.track("data", md5(b"data"))
    theirs = clone.share(b"data", md5(b"data"))
    assert clone.supplied() == Supplied()
    (own,) = [path for path in clone.own.rglob("*") if path.is_file()]
    assert own.read_bytes() == b"data"
    assert own.stat().st_mode & 0o777 == 0o444
    assert own.stat().st_ino != theirs.stat().st_ino  # no link through which a stage could write


def test_of_a_folder_every_file_and_the_list_are_hashed(clone: Clone) -> None:
    listing = json.dumps(
        [{"md5": md5(b"1"), "relpath": "one"}, {"md5": md5(b"2"), "relpath": "two"}]
    )
    value = md5(listing.encode()) + ".dir"
    clone.track("data", value)
    clone.share(listing.encode(), value)
    clone.share(b"1", md5(b"1"))
    assert clone.refused().code == "missing-data"
    other = clone.share(b"9", md5(b"2"))
    problem = clone.refused()
    assert (problem.code, str(other) in problem.message) == ("altered-data", True)
    clone.shared.joinpath(other).chmod(0o644)
    clone.share(b"2", md5(b"2"))
    clone.supplied()
    assert sorted(files(clone.own).values()) == sorted([b"1", b"2", listing.encode()])
    list_path = clone.shared / "files" / "md5" / value[:2] / value[2:]
    list_path.chmod(0o644)
    list_path.write_text(listing.replace("two", "too"))
    for path in [path for path in clone.own.rglob("*") if path.is_file()]:
        path.unlink()
    assert clone.refused().code == "altered-data"


def test_dvc_2_took_line_ends_of_text_for_plain_ones(clone: Clone) -> None:
    clone.track("data", md5(b"a\nb\n"), out={"hash": None})
    clone.share(b"a\r\nb\r\n", md5(b"a\nb\n"), legacy=True)
    clone.supplied()
    value = md5(b"a\nb\n")
    assert files(clone.own) == {f"{value[:2]}/{value[2:]}": b"a\r\nb\r\n"}
    # In DVC 3's cache that would be another content.
    clone.track("data", value)
    clone.share(b"a\r\nb\r\n", value)
    assert clone.refused().code == "altered-data"


def test_what_no_stage_reads_may_be_absent(clone: Clone) -> None:
    clone.track("other", "0" * 32)
    clone.track("data", md5(b"data"))
    clone.share(b"data", md5(b"data"))
    assert clone.supplied() == Supplied(absent=["other"])


def test_what_no_stage_reads_and_is_altered_is_still_refused(clone: Clone) -> None:
    clone.track("other", md5(b"other"))
    clone.share(b"changed", md5(b"other"))
    assert clone.refused().code == "altered-data"


def test_imports_are_named_and_never_fetched_anew(clone: Clone) -> None:
    repo = {"url": "/nowhere", "rev_lock": "0" * 40}
    clone.track("data", md5(b"data"), frozen=True, deps=[{"path": "data", "repo": repo}])
    clone.share(b"data", md5(b"data"))
    assert clone.supplied() == Supplied(imported=["data"])
    for folder in (clone.shared, clone.own):
        folder.rename(folder.with_name(f"{folder.name}-gone"))
    assert clone.refused().code == "missing-data"


def test_a_hash_that_no_file_has_is_refused(clone: Clone) -> None:
    clone.track("data", "", out={"md5": None, "hash": None, "etag": "abc"})
    problem = clone.refused()
    assert problem.code == "unknown-hash"
    clone.track("data", "", out={"md5": None, "hash": None})
    assert clone.refused().code == "unknown-hash"


def test_lock_files_forget_all_that_is_run_and_keep_what_is_frozen(clone: Clone) -> None:
    clone.track("data", md5(b"data"))
    clone.share(b"data", md5(b"data"))
    clone.share(b"kept", md5(b"kept"))
    clone.workspace.write(
        {
            "dvc.yaml": STAGES + "  old:\n    cmd: python old.py\n    outs: [kept]\n    frozen: true\n",
            "dvc.lock": json.dumps(
                {
                    "schema": "2.0",
                    "stages": {
                        "train": {"cmd": "python train.py", "outs": [{"path": "model", "md5": "0" * 32, "hash": "md5"}]},
                        "old": {"cmd": "python old.py", "outs": [{"path": "kept", "md5": md5(b"kept"), "hash": "md5"}]},
                    },
                }
            ),
            "sub/dvc.yaml": "stages:\n  x:\n    cmd: echo 'a b' > y\n    outs: [y]\n",
            "sub/dvc.lock": "schema: '2.0'\nstages:\n  x:\n    cmd: echo 'a b' > y\n",
        }
    )  # fmt: skip
    assert clone.supplied() == Supplied(frozen=[("dvc.lock", "old")])
    text = clone.workspace.read("dvc.lock")
    assert "train" not in text
    assert "python old.py" in text
    assert not (clone.workspace.path / "sub" / "dvc.lock").exists()
    clone.shared.rename(clone.shared.with_name("gone"))
    (own,) = (
        path for path in clone.own.rglob("*") if path.is_file() and path.read_bytes() == b"kept"
    )
    own.unlink()
    problem = clone.refused()
    assert (problem.code, "kept" in problem.message) == ("missing-data", True)


def test_a_project_whose_cache_cannot_be_its_own_is_refused(clone: Clone, tmp_path: Path) -> None:
    clone.workspace.write(
        {
            ".dvc/config": f"[cache]\n    local = other\n['remote \"other\"']\n    url = {tmp_path}/other\n"
        }
    )
    assert clone.refused().code == "shared-cache"
