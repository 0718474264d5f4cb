"""Trees made of another tree and some files, in memory: no checkout, no index of the user's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from paribus.core.entries import Entry
from paribus.git.objects import Objects


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that no tree has yet: a mode as Git writes it, and its bytes."""

    mode: str
    data: bytes


Piece = Entry | Blob | None
"""What stands at a path: what a tree has there, new bytes, or nothing."""


def with_pieces(objects: Objects, tree: str, pieces: Mapping[str, Piece]) -> str:
    """The id of a tree like `tree`, with these files put in, replaced or, where None, removed.

    New objects go where those of the reader's repository go: to a temporary directory, if that is how
    it was opened.
    """
    git = objects.git  # the reader and its trees share one place for new objects
    with tempfile.TemporaryDirectory(prefix="paribus-") as folder:
        indexed = git.with_environment({"GIT_INDEX_FILE": str(Path(folder) / "index")})
        indexed.run("read-tree", tree)
        records = []
        # What goes is told first: a file may come where a folder of that name was.
        for path, piece in sorted(pieces.items(), key=lambda each: each[1] is not None):
            mode, oid = "0", "0" * len(tree)
            if isinstance(piece, Blob):
                oid = indexed.text("hash-object", "-w", "--stdin", stdin=piece.data)
                mode = piece.mode
            elif piece is not None:
                mode, oid = piece.mode, piece.oid
            records.append(f"{mode} {oid}\t".encode() + os.fsencode(path) + b"\0")
        indexed.run("update-index", "-z", "--index-info", stdin=b"".join(records))
        return indexed.text("write-tree")
