"""Carries what differs between two trees over to a third, file by file: a merge of three sides."""

from __future__ import annotations

from collections.abc import Mapping

from paribus.core.errors import Problem
from paribus.core.rules.leaves import differing
from paribus.core.snapshot import LINK_MODE, SUBMODULE_MODE, Entry
from paribus.core.splice import Clash, lines_of, merged
from paribus.core.values import MISSING, KeyPath, Value, dotted, same, spelled
from paribus.dvc.documents import parse
from paribus.dvc.edit import set_values
from paribus.dvc.leaves import mapping
from paribus.dvc.prune import without_keys
from paribus.git.objects import Objects
from paribus.git.trees import Blob, Piece

VALUES = (".yaml", ".yml", ".json", ".toml")


class Taken(Exception):  # noqa: N818 (its text is the clause that is shown to the user)
    """The third tree has something else where the difference belongs; its text says what and where."""


def carried(
    objects: Objects, trees: tuple[str, str, str], moves: Mapping[str, str]
) -> dict[str, Piece]:
    """What to put into a third tree for the difference between a first and a second.

    Args:
        moves: new path to old path of files that the second tree has elsewhere.

    Raises:
        Taken: the third differs from the first in the same place.
    """
    base, changed, onto = trees
    deltas = objects.changed(base, changed)
    paths = [*(delta.path for delta in deltas), *moves.values()]
    before, theirs = (objects.tree(tree, *paths) if deltas else {} for tree in (base, onto))
    arrived = {moves[delta.path] for delta in deltas if delta.new and delta.path in moves}
    found: dict[str, Piece] = {}
    for delta in deltas:
        source = moves.get(delta.path, delta.path)
        old, there = before.get(source), theirs.get(delta.path, theirs.get(source))
        if delta.new is None and delta.path in arrived:
            found[delta.path] = None  # what stood there is merged into where it went
        elif theirs.get(delta.path) != delta.new:
            is_free = there == old
            found[delta.path] = (
                delta.new if is_free else _merged(objects, delta.path, old, delta.new, there)
            )
    return found


# Private functions


def _merged(
    objects: Objects, path: str, old: Entry | None, new: Entry | None, there: Entry | None
) -> Piece:
    if old is None or new is None or there is None:
        raise Taken(f"{path} is {'another file' if there else 'not there'}")
    if any(each.mode in (LINK_MODE, SUBMODULE_MODE) for each in (old, new, there)):
        raise Taken(f"{path} is another one")
    mode = new.mode if new.mode != old.mode else there.mode
    if new.oid in (old.oid, there.oid):
        return Entry(mode, there.oid)
    if there.oid == old.oid:
        return Entry(mode, new.oid)
    data = [objects.read(each.oid) or b"" for each in (old, new, there)]
    if any(b"\0" in each for each in data):
        raise Taken(f"{path} is another one")
    written = _by_keys(path, *data) if path.endswith(VALUES) else None
    return Blob(mode, _by_lines(path, *data) if written is None else written)


def _by_keys(path: str, old: bytes, new: bytes, there: bytes) -> bytes | None:
    """A file of values with the keys set that differ; None where keys cannot tell the difference."""
    try:
        before, after, now = (parse(path, each).value for each in (old, new, there))
    except Problem:
        return None
    if path.rpartition("/")[2] == "dvc.yaml" or not isinstance(now, dict):
        return None
    leaves = differing(before, after)
    if not leaves or any(not leaf.path or leaf.before for leaf in leaves):
        return None
    for leaf in leaves:
        value = _at(now, leaf.path)
        if not same(value, leaf.old) and not same(value, leaf.new):
            if isinstance(value, list):
                return None  # another element may differ, in another line
            told = "not there" if value is MISSING else spelled(value)
            raise Taken(f"{dotted(leaf.path)} in {path} is {told}, not {spelled(leaf.old)},")
    try:
        wanted = {leaf.path: leaf.new for leaf in leaves if leaf.new is not MISSING}
        gone = [leaf.path for leaf in leaves if leaf.new is MISSING]
        written = set_values(path, without_keys(path, there, gone), wanted)
    except Problem:
        return None
    clean = merged(*map(lines_of, (old, there, new)))
    # Lines keep the place of a new key and its comments, where they come to the same values.
    is_same = not isinstance(clean, Clash) and same(mapping(path, clean), mapping(path, written))
    return clean if is_same and not isinstance(clean, Clash) else written


def _at(document: Value, path: KeyPath) -> Value:
    for name in path:
        if not isinstance(document, dict):
            return MISSING
        key = next((key for key in document if str(key) == name), None)
        if key is None:
            return MISSING
        document = document[key]
    return document


def _by_lines(path: str, old: bytes, new: bytes, there: bytes) -> bytes:
    made = merged(*map(lines_of, (old, there, new)))
    if isinstance(made, Clash):
        lines = (
            f"line {made.first}" if made.first == made.last else f"lines {made.first}-{made.last}"
        )
        raise Taken(f"{lines} of {path}, as the change found it, is another one")
    return made
