"""Many objects at once, in the order in which they were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paribus.git.command import Git
from paribus.git.pipelined import Pipelined

if TYPE_CHECKING:
    from tests.conftest import Workspace


def test_many_objects_come_in_order(empty: Workspace) -> None:
    contents = [f"{number}\n".encode() * (number % 7 * 500) for number in range(3000)]
    empty.commit("many", {f"f{number}": data for number, data in enumerate(contents)})
    names = [f"HEAD:f{number}" for number in range(3000)]
    names[1500:1500] = ["HEAD:none", "nosuch", "HEAD", "HEAD^{tree}"]
    with Pipelined(Git(empty.path)) as objects:
        got = list(objects.read_many(names, 3000))
        odd = [each and each.kind for each in got[1500:1504]]
        assert odd == [None, None, "commit", "tree"]
        read = [each for each in got[:1500] + got[1504:] if each is not None]
        assert len(read) == 3000
        for each, data in zip(read, contents, strict=True):
            assert each.data == (data if len(data) <= 3000 else None)
        assert objects.read("HEAD:f1") == contents[1]
        assert list(objects.read_many([])) == []


def test_a_damaged_object_takes_no_other_with_it(empty: Workspace) -> None:
    empty.commit("three", {"a": "1", "b": "2", "c": "3"})
    oid = empty.git("rev-parse", "HEAD:b")
    path = Path(empty.path, ".git", "objects", oid[:2], oid[2:])
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    with Pipelined(Git(empty.path)) as objects:
        got = objects.read_many(["HEAD:a", "HEAD:b", "HEAD:c", "HEAD:b"])
        assert [each and each.data for each in got] == [b"1", None, b"3", None]
