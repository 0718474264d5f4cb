"""What of the ledger is damaged, and how; for who repairs it.

Folder by folder, through one git process, so that memory does not grow with the ledger but by the ids of
its tested trees and published results.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.core.record import SCHEMA, Record, decoded
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.ledger.merge import RECORD_NAME, TREES, is_genuine
from paribus.ledger.notebook import page_of
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
    told: set[Damage] = set()
    with Objects(git) as objects:
        for tip in read_tips(git).whole:
            for damage in _Search(git, objects, tip).findings():
                if damage not in told:  # of two tips each may have it
                    yield damage
                told.add(damage)


# Private functions


class _Search:
    """One pass over one commit of the ledger."""

    def __init__(self, git: Git, objects: Objects, tip: str) -> None:
        self._objects = objects
        self._tip = tip
        self._trees: set[str] = set()
        listed = git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/exps/")
        self._results = dict(line.split(" ") for line in listed.splitlines())

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
        for fan, inner in (self._listing(entry.oid) or {}).items():
            for name, tree in (self._listing(inner.oid) or {}).items():
                path = f"{TREES}/{fan}/{name}"
                if self._listing(tree.oid) is None:
                    yield Damage(path, Harm.MISSING, f"the tested tree {tree.oid[:12]} is not here")
                else:
                    self._trees.add(tree.oid)
                if _is_id(name, tree.oid) and name != tree.oid:
                    yield Damage(path, Harm.MISNAMED, f"holds another tree: {tree.oid[:12]}")

    def _folder(self, path: str, entry: Entry) -> Iterator[Damage]:
        listed = self._listing(entry.oid)
        if listed is None:
            yield Damage(path, Harm.MISSING, f"the folder {entry.oid[:12]} is not here")
            return
        records: dict[str, Record] = {}
        for name, inner in listed.items():
            below = f"{path}/{name}"
            if inner.mode == FOLDER_MODE:
                yield from self._folder(below, inner)
                continue
            found = self._record(below, inner)
            if isinstance(found, Damage):
                yield found
            else:
                records[below] = found
        if records and path.startswith(PAGES):
            yield from self._page(path, records)

    def _record(self, path: str, entry: Entry) -> Record | Damage:
        if not RECORD_NAME.fullmatch(path.rpartition("/")[2]):
            return _foreign(path)
        try:
            data = self._objects.read(entry.oid)
        except Problem as problem:
            return Damage(path, Harm.MISSING, problem.message)
        record = None if data is None else decoded(data)
        if data is None or not is_genuine(path, data):
            return Damage(path, Harm.MISNAMED, "its name does not follow from its content")
        if record is not None:
            return record
        if _is_newer(data):
            return Damage(path, Harm.NEWER, "written by a later version of Paribus")
        return Damage(path, Harm.UNREADABLE, "no record of this version")

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
        if body["ref"] is not None and self._results.get(body["ref"]) != body["commit"]:
            yield Damage(path, Harm.NO_RESULT, f"the result of run {body['id']} is not here")

    def _listing(self, name: str) -> dict[str, Entry] | None:
        try:
            return self._objects.listing(name)
        except Problem:
            return None


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
