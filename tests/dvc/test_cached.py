"""Files of the DVC cache are read where DVC puts them, and believed by their hash alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from paribus.dvc.cached import Lack, cached_file, folder_files, look_up, placed_file


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def place(cache: Path, digest: str) -> Path:
    path = cache / "files" / "md5" / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_what_dvc_itself_has_put_there(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "many" / "deep").mkdir(parents=True)
    contents = {"many/a.csv": b"step,loss\r\n1,2\r\n", "many/deep/b.json": b"{}", "one": b"1\n"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    for command in (["init", "--quiet"], ["add", "--quiet", "many", "one"]):
        subprocess.run(["dvc", *command], cwd=tmp_path, check=True)
    told = (tmp_path / "many.dvc").read_text()
    digest = told.partition("md5: ")[2].split()[0]
    cache = tmp_path / ".dvc" / "cache"
    files = folder_files(cache, digest)
    assert not isinstance(files, Lack)
    assert {f"many/{name}": cached_file(cache, value) for name, value in files.items()} == {
        name: data for name, data in contents.items() if name != "one"
    }
    assert cached_file(cache, md5(b"1\n")) == b"1\n"


def test_what_dvc_2_has_put_there(cache: Path) -> None:
    """Its hash is of the text with plain line ends, its place a folder less deep."""
    digest = md5(b"a\nb\n")
    old = cache / digest[:2] / digest[2:]
    old.parent.mkdir(parents=True)
    old.write_bytes(b"a\r\nb\r\n")
    assert cached_file(cache, digest) == b"a\r\nb\r\n"


def test_a_poisoned_file_is_not_believed(cache: Path) -> None:
    digest = md5(b"right")
    place(cache, digest).write_bytes(b"wrong")
    assert look_up(cache, digest) is Lack.ALTERED
    assert cached_file(cache, digest) is None
    old = cache / digest[:2] / digest[2:]
    old.parent.mkdir(parents=True)
    old.write_bytes(b"right")
    assert cached_file(cache, digest) == b"right"
    listed = md5(b"no list") + ".dir"
    place(cache, listed).write_bytes(b"no list")
    assert folder_files(cache, listed) is Lack.ALTERED


def test_sizes_are_bounded(cache: Path) -> None:
    digest = md5(b"12345")
    place(cache, digest).write_bytes(b"12345")
    assert look_up(cache, digest, 4) is Lack.TOO_LARGE
    assert look_up(cache, digest, 5) == b"12345"


def test_neither_links_nor_pipes_nor_folders_are_read(cache: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    linked, piped, folder = (md5(data) for data in (b"secret", b"pipe", b"folder"))
    place(cache, linked).symlink_to(secret)
    os.mkfifo(place(cache, piped))
    place(cache, folder).mkdir()
    assert [look_up(cache, each) for each in (linked, piped, folder)] == [Lack.ABSENT] * 3


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 32, "a" * 31, "a" * 32 + "\0"])
def test_what_is_no_md5_leads_nowhere(digest: str, cache: Path) -> None:
    assert look_up(cache, digest) is Lack.ABSENT


def test_a_file_of_the_working_tree_may_be_a_link_into_the_cache_alone(tmp_path: Path) -> None:
    top, cache = tmp_path / "top", tmp_path / "cache"
    (top / "sub").mkdir(parents=True)
    digest = md5(b"metrics")
    place(cache, digest).write_bytes(b"metrics")
    (top / "plain").write_bytes(b"plain")
    (top / "sub" / "by-dvc").symlink_to(place(cache, digest))
    (tmp_path / "outside").write_bytes(b"secret")
    (top / "link").symlink_to(tmp_path / "outside")
    (top / "inner").symlink_to(top / "plain")
    (top / "folder").symlink_to(tmp_path)
    (top / "loop").symlink_to(top / "loop")
    assert placed_file(top, "plain", cache) == b"plain"
    assert placed_file(top, "sub/by-dvc", cache) == b"metrics"
    for path in ("link", "inner", "folder/outside", "loop", "../outside", "sub", "none", "a\0b"):
        assert placed_file(top, path, cache) is Lack.ABSENT, path
    assert placed_file(top, str(tmp_path / "outside"), cache) is Lack.ABSENT
    assert placed_file(top, str(top / "plain"), cache) is Lack.ABSENT
