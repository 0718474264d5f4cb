"""What of the ledger is damaged, and how; for who repairs it.

All is read as one stream, so that memory does not grow with the ledger but by the ids of its tested trees
and published results. Where a folder is missing, which ends the stream, what is left of its part of the
ledger is looked at folder by folder.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.core.record import SCHEMA, Record, decoded
from paribus.git.bulk import contents, listed
from paribus.git.command import Git, GitError
from paribus.git.objects import Objects
from paribus.ledger.merge import RECORD_NAME, TREES, is_genuine
from paribus.ledger.page import page_of
from paribus.ledger.reader import Found
from paribus.ledger.stream import FOLDER_MODE
from paribus.ledger.tips import read_tips

PAGES = ("experiments", "baselines")


class Harm(StrEnum):
    """What is wrong with a path of the ledger."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    NEWER = "newer"
    MISNAMED = "misnamed"
    FOREIGN = "foreign"
    NO_INTENT = "no-intent"
    NO_TREE = "no-tree"
    NO_RESULT = "no-result"


@dataclass(frozen=True, slots=True)
class Damage:
    """One finding.

    Attributes:
        path: in the ledger.
        harm: what kind of.
        told: in one line, without the path.
    """

    path: str
    harm: Harm
    told: str

    @property
    def is_loss(self) -> bool:
        """Whether something is gone or altered; else it is foreign, newer, or not fetched yet."""
        return self.harm not in (Harm.NEWER, Harm.FOREIGN, Harm.NO_RESULT)


def damaged(git: Git) -> Iterator[Damage]:
    """Every record of the ledger that cannot be read, or does not hold what it should.

    Args:
        git: in the user's repository; nothing is written.
    """
    tips = read_tips(git).whole
    told: set[Damage] = set()
    with Objects(git) as objects:
        for tip in tips:
            for damage in _Search(git, objects, tip).findings():
                if damage not in told:  # of two tips each may have it
                    yield damage
                if len(tips) > 1:
                    told.add(damage)


# Private functions


class _Search:
    """One pass over one commit of the ledger."""

    def __init__(self, git: Git, objects: Objects, tip: str) -> None:
        self._git = git
        self._objects = objects
        self._tip = tip
        self._trees: set[str] = set()
        listed = git.run("for-each-ref", "--format=%(refname) %(objectname)", "refs/exps/")
        self._results = {_digest(line) for line in io.BytesIO(listed)}

    def findings(self) -> Iterator[Damage]:
        root = self._listing(self._tip + "^{tree}")
        if root is None:
            yield Damage("", Harm.MISSING, f"the tree of {self._tip[:12]} is not here")
            return
        # The trees first: registrations are held against them.
        for name in sorted(root, key=lambda name: (name != TREES, name)):
            if root[name].mode != FOLDER_MODE:
                yield _foreign(name)
            elif name == TREES:
                yield from self._kept_trees(root[name])
            else:
                yield from self._folder(name, root[name])

    def _kept_trees(self, entry: Entry) -> Iterator[Damage]:
        kept = (
            ((f"{TREES}/{fan}/{name}", tree), tree.oid)
            for fan, inner in (self._listing(entry.oid) or {}).items()
            for name, tree in (self._listing(inner.oid) or {}).items()
        )
        for (path, tree), data in contents(self._git, kept):
            name = path.rpartition("/")[2]
            if data is None or tree.mode != FOLDER_MODE:
                yield Damage(path, Harm.MISSING, f"the tested tree {tree.oid[:12]} is not here")
            else:
                self._trees.add(tree.oid)
            if _is_id(name, tree.oid) and name != tree.oid:
                yield Damage(path, Harm.MISNAMED, f"holds another tree: {tree.oid[:12]}")

    def _folder(self, path: str, entry: Entry) -> Iterator[Damage]:
        """All that a folder at the top has, in one go, as long as no folder in it is missing."""
        told: set[str] = set()
        try:
            files = ((f"{path}/{below}", oid) for below, oid in listed(self._git, entry.oid))
            for part, found in groupby(contents(self._git, _known(files)), key=_part):
                records = list(found)
                yield from self._records(records)
                told.add(part)
        except GitError:
            yield from self._one_by_one(path, entry, told)

    def _one_by_one(self, path: str, entry: Entry, told: Container[str]) -> Iterator[Damage]:
        """What a folder has that is not told yet, and which folders in it are missing."""
        found = self._listing(entry.oid)
        if found is None:
            yield Damage(path, Harm.MISSING, f"the folder {entry.oid[:12]} is not here")
        for name, inner in (found or {}).items():
            below = f"{path}/{name}"
            if below not in told:
                files: list[tuple[str, str]] = []
                yield from self._walked(below, inner, files)
                yield from self._records(contents(self._git, _known(files)))

    def _walked(self, path: str, entry: Entry, files: list[tuple[str, str]]) -> Iterator[Damage]:
        """Notes every file below a path, and tells the folders that are missing."""
        if entry.mode != FOLDER_MODE:
            files.append((path, entry.oid))
            return
        found = self._listing(entry.oid)
        if found is None:
            yield Damage(path, Harm.MISSING, f"the folder {entry.oid[:12]} is not here")
        for name, inner in (found or {}).items():
            yield from self._walked(f"{path}/{name}", inner, files)

    def _records(self, found: Iterable[_Content]) -> Iterator[Damage]:
        """What is wrong with files, each by itself and those of an experiment together."""
        folders: defaultdict[str, dict[str, Record]] = defaultdict(dict)
        for (path, oid), data in found:
            record = _record(path, oid, data)
            if isinstance(record, Damage):
                yield record
            else:
                folders[path.rpartition("/")[0]][path] = record
        for folder, records in folders.items():
            if folder.startswith(PAGES):
                yield from self._page(folder, records)

    def _page(self, folder: str, records: Mapping[str, Record]) -> Iterator[Damage]:
        """What the records of one experiment, or one baseline, say together."""
        page = page_of(
            folder.rpartition("/")[2], (Found(path, record) for path, record in records.items())
        )
        for path in page.unreadable:
            yield Damage(path, Harm.UNREADABLE, "lacks what this version needs to know")
        begun = {intent.id for intent in page.intents}
        for path, record in records.items():
            if path in page.unreadable:
                continue
            if record.kind == "run":
                yield from self._run(path, record, begun)
            tree = record.body.get("tree") if record.kind == "registration" else None
            if isinstance(tree, str) and tree not in self._trees:
                yield Damage(path, Harm.NO_TREE, f"its tested tree is not kept: {tree[:12]}")

    def _run(self, path: str, record: Record, begun: set[str]) -> Iterator[Damage]:
        body = record.body
        if body["id"] not in begun:
            yield Damage(path, Harm.NO_INTENT, f"run {body['id']} has no intent")
        result = _digest(f"{body['ref']} {body['commit']}\n".encode("utf-8", "replace"))
        if body["ref"] is not None and result not in self._results:
            yield Damage(path, Harm.NO_RESULT, f"the result of run {body['id']} is not here")

    def _listing(self, name: str) -> dict[str, Entry] | None:
        try:
            return self._objects.listing(name)
        except Problem:
            return None


_File = tuple[str, str]
"""(path, object id)."""
_Content = tuple[_File, bytes | None]


def _known(files: Iterable[_File]) -> Iterator[tuple[_File, str]]:
    """Each as `contents` wants it."""
    return ((file, file[1]) for file in files)


def _part(content: _Content) -> str:
    """The first two names of its path: so much is told at once."""
    return "/".join(content[0][0].split("/", 2)[:2])


def _digest(line: bytes) -> bytes:
    """Stands for a reference and its commit, of which there may be very many, in memory."""
    return hashlib.blake2b(line, digest_size=16).digest()


def _record(path: str, oid: str, data: bytes | None) -> Record | Damage:
    if not RECORD_NAME.fullmatch(path.rpartition("/")[2]):
        return _foreign(path)
    if data is None:
        return Damage(path, Harm.MISSING, f"the repository does not hold {oid}")
    if not is_genuine(path, data):
        return Damage(path, Harm.MISNAMED, "its name does not follow from its content")
    record = decoded(data)
    if record is not None:
        return record
    if _is_newer(data):
        return Damage(path, Harm.NEWER, "written by a later version of Paribus")
    return Damage(path, Harm.UNREADABLE, "no record of this version")


def _foreign(path: str) -> Damage:
    return Damage(path, Harm.FOREIGN, "no record, and nothing that Paribus wrote")


def _is_id(name: str, oid: str) -> bool:
    """Whether a tested tree stands under a tree's id; earlier versions took the experiment's."""
    return len(name) == len(oid)


def _is_newer(data: bytes) -> bool:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return False
    schema = content.get("schema") if isinstance(content, dict) else None
    return isinstance(schema, int) and schema > SCHEMA
