"""A tree is made of another one and some files, and nothing else of the repository is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paribus.core.snapshot import Entry
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.git.trees import Blob, with_pieces

if TYPE_CHECKING:
    from tests.conftest import Workspace


def test_files_come_go_and_change_their_kind(empty: Workspace) -> None:
    empty.commit("base", {"a": "1\n", "d/b": "2\n", "d/c\nü": "3\n", "f": "4\n", "g": "5\n"})
    tree = empty.git("rev-parse", "HEAD^{tree}")
    before = empty.state()
    with Objects(Git(empty.path)) as objects:
        there = objects.tree(tree)
        made = with_pieces(
            objects,
            tree,
            {
                "a": Blob("100755", b"one\r\n"),
                "d/b": None,
                "d/c\nü": None,
                "d": Blob("120000", b"f"),
                "f": None,
                "f/inside": Entry("100644", there["g"].oid),
                "ö": Blob("100644", b"\0"),
            },
        )
        entries = objects.tree(made)
        assert {path: (each.mode, objects.read(each.oid)) for path, each in entries.items()} == {
            "a": ("100755", b"one\r\n"),
            "d": ("120000", b"f"),
            "f/inside": ("100644", b"5\n"),
            "g": ("100644", b"5\n"),
            "ö": ("100644", b"\0"),
        }
        assert with_pieces(objects, tree, {}) == tree
        assert with_pieces(objects, tree, {"not there": None}) == tree
    assert empty.state() == before
