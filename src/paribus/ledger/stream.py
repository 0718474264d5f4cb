"""The ledger's commits in the language of `git fast-import`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paribus.core.entries import Entry
from paribus.core.record import Record

FOLDER_MODE = "040000"
MODES = {"100644", "100755", "120000", "160000", FOLDER_MODE}

DURABLE = ("-c", "core.fsync=committed,reference")
"""What is written is on the disk, objects before the reference that names them."""

IMPORT = (
    *DURABLE, "-c", "core.filesRefLockTimeout=1000",
    # As one pack, which git keeps from a `git gc --prune=now` until the reference is there; the loose
    # objects that it would write instead could be gone by then, and with them the ledger.
    "-c", "fastimport.unpackLimit=0",
    "fast-import", "--quiet", "--done", "--date-format=now",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Write:
    """One record and the folder that it belongs in."""

    folder: str
    record: Record

    @property
    def path(self) -> str:
        """Where the record will be; it follows from its content."""
        return f"{self.folder}/{self.record.name}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit that is to be made.

    Attributes:
        subject: first line of its message.
        writes: new records.
        entries: objects that are there already, by the path that they get: files, and whole trees.
    """

    subject: str
    writes: Sequence[Write] = ()
    entries: Mapping[str, Entry] | None = None


def stream(ref: str, parents: Sequence[str], committer: str, draft: Draft) -> bytes:
    """What `git fast-import` reads to make one commit and to move a reference to it.

    Args:
        parents: SHAs; the commit has the first one's tree, and what the draft adds.
        committer: name and e-mail, as a commit has them.
    """
    lines = [b"feature done\n", f"commit {ref}\n".encode()]
    lines.append(f"committer {committer} now\n".encode())
    lines.append(_data(draft.subject.encode("utf-8", "replace")))
    words = ("from", *["merge"] * (len(parents) - 1))
    lines += [f"{word} {sha}\n".encode() for word, sha in zip(words, parents, strict=False)]
    # A folder comes before what is put into it.
    for path, entry in sorted((draft.entries or {}).items()):
        mode = entry.mode if entry.mode in MODES else "100644"  # very old trees have others
        lines.append(f"M {mode} {entry.oid} ".encode() + _quoted(path) + b"\n")
    for write in draft.writes:
        lines += [f"M 100644 inline {write.path}\n".encode(), _data(write.record.encoded())]
    return b"".join([*lines, b"\ndone\n"])


# Private functions


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    """Others may have put anything into the ledger, so that a name can have a line break."""
    escaped = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + escaped.replace(b"\n", b"\\n") + b'"'
