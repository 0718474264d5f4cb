"""The verdicts that the ledger has of many trees, without judging those that can have none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from paribus.core.change import plain
from paribus.core.compared import Leaves
from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.core.verdict import Verdict
from paribus.git.objects import Objects
from paribus.ledger.notebook import Notebook
from paribus.workflows.comparing.forest import Forest
from paribus.workflows.comparing.numbers import Held
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree

FEW = 8
"""So many trees are judged without more ado; of more only those that an experiment may have made."""


class Verdicts:
    """The ledger's last verdict on exactly a tree's change of one baseline."""

    def __init__(
        self, project: Project, notebook: Notebook, reader: Reader, objects: Objects, base: Tree
    ) -> None:
        self._project = project
        self._notebook = notebook
        self._reader = reader
        self._objects = objects
        self._base = base
        self._key: str | None = None

    def of(
        self, trees: Sequence[Tree], held: Sequence[Held], forest: Forest
    ) -> list[Verdict | None]:
        """One for each tree; None where nobody measured it, or where it cannot be judged."""
        if self._notebook.tip() is None:
            return [None] * len(trees)
        if len(trees) <= FEW:
            return [self._judged(tree) for tree in trees]
        likely = self._likely(trees, held, forest)
        return [
            self._judged(tree) if may_be else None
            for tree, may_be in zip(trees, likely, strict=True)
        ]

    # Private methods

    def _judged(self, tree: Tree) -> Verdict | None:
        from paribus.core.identity import experiment_id  # noqa: PLC0415 (without a ledger nobody judges)
        from paribus.core.policy import judge  # noqa: PLC0415

        if tree.id == self._base.id:
            return None
        try:
            sides, deltas = self._reader.sides(self._base, tree)
        except Problem:
            return None  # it can be shown without being judged
        changes = judge(sides, deltas).changes
        if not changes:
            return None
        identifier = experiment_id(
            self._baseline_key(), changes, sides.protocol, self._project.prefix
        )
        conclusions = self._notebook.experiment(identifier).conclusions
        return conclusions[-1].verdict if conclusions else None

    def _baseline_key(self) -> str:
        from paribus.core.identity import snapshot_key  # noqa: PLC0415 (as above)

        if self._key is None:
            sides = self._reader.sides(self._base, self._base)[0]
            files = self._objects.tree(self._base.id)
            self._key = snapshot_key(files, sides.old.pipeline, sides.protocol)
        return self._key

    def _likely(self, trees: Sequence[Tree], held: Sequence[Held], forest: Forest) -> list[bool]:
        """Whether a tree has all that some experiment against this baseline changed."""
        from paribus.workflows.asking import known_of  # noqa: PLC0415 (imports sqlite3)

        pages = known_of(self._project, self._baseline_key()).against
        parts = [
            list(_parts(page.registration.changes))
            for page in pages
            if page.registration is not None and page.conclusions
        ]
        touched = self._touched(trees, forest, {str(one["file"]) for each in parts for one in each})
        return [
            any(all(_has(own, moved, part) for part in each) for each in parts)
            for own, moved in zip(held, touched, strict=True)
        ]

    def _touched(
        self, trees: Sequence[Tree], forest: Forest, files: Iterable[str]
    ) -> list[set[str]]:
        """Which of these files each tree has otherwise than the baseline."""
        found: list[set[str]] = [set() for _ in trees]
        for file in files:
            old, *new = forest.at([self._base.id, *(tree.id for tree in trees)], file)
            for moved, entry in zip(found, new, strict=True):
                if _oid(entry) != _oid(old):
                    moved.add(file)
        return found


# Private functions


def _parts(changes: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for change in changes:
        yield from change.get("parts") or [change]


def _has(held: Held, touched: set[str], part: Mapping[str, Any]) -> bool:
    file, key, new = str(part["file"]), part.get("path"), part.get("new")
    if file not in touched:
        return False
    if part.get("kind") != "param" or not key or new is None:
        return True
    return bool(_value(held.params.get(file, ()), str(key)) == new)


def _value(leaves: Leaves, key: str) -> Any:
    return plain(next((value for name, value in leaves if name == key), None))


def _oid(entry: Entry | Problem | None) -> str | None:
    return entry.oid if isinstance(entry, Entry) else None
