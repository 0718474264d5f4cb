"""The files that one of several changes needs, as bytes: the baseline's with its edits alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from paribus.core.absent import imported_absent, named_absent
from paribus.core.change import Change
from paribus.core.python.syntax import parsed
from paribus.core.rules.leaves import Leaf, differing
from paribus.core.rules.params import params_named
from paribus.core.snapshot import FileDelta
from paribus.core.splice import needed, spliced
from paribus.core.values import MISSING, dotted
from paribus.dvc.leaves import mapping, with_leaves
from paribus.git.trees import Blob, Piece
from paribus.workflows.judging import Judged
from paribus.workflows.taking_apart.changed_files import VALUES, ChangedFiles
from paribus.workflows.taking_apart.ways import WAYS, Along, Way


class UncutError(Exception):
    """A change cannot be cut out in one way; its text is why."""


class Portions:
    """A judgement's changes, each as the files that it alone makes of the baseline's."""

    def __init__(self, found: Judged) -> None:
        self._files = ChangedFiles(found)

    def ways(self, which: int) -> tuple[Way, ...]:
        """The ways worth trying, in turn: what names a file that moved has to come along with it."""
        files = {part.file for part in self._files.found.judgement.changes[which].single()}
        if files.isdisjoint(self._files.source):
            return WAYS
        return tuple(sorted(WAYS, key=lambda way: way.along is Along.NONE))

    @property
    def moves(self) -> Mapping[str, str]:
        """New path to old path of the files that moved."""
        return self._files.source

    def pieces(self, which: int, way: Way) -> dict[str, Piece]:
        """What differs from the baseline's tree where one change alone is made.

        Raises:
            UncutError: that way leads nowhere.
        """
        found: dict[str, Piece] = {}
        for delta in self._files.deltas:
            holders = self._files.holders[delta.path]
            if delta.path in self._files.leaving:
                continue
            if which in holders or self._comes_along(delta, way.along):
                found[delta.path] = self._piece(delta, which, way)
                if delta.path in self._files.source:
                    found[self._files.source[delta.path]] = None
        if self._files.found.sides.old.protocol is None and self._protocol in self._files.by_path:
            # The rules by which all of it is judged.
            found[self._protocol] = self._files.by_path[self._protocol].new
        self._require_all(found)
        return found

    def shared_lines(self, which: int) -> str | None:
        """Where a change stands in a line with another, as `line 12 of src/train.py`; None if nowhere."""
        for delta in self._files.deltas:
            holders = self._files.holders[delta.path]
            if which not in holders or len(holders) < 2 or not self._files.has_lines(delta):
                continue
            text = self._files.text(delta)
            new = [text.edits[at].new for at in text.owned.shared(which)]
            lines = sorted(line for start, stop in new for line in range(start + 1, stop + 1))
            if lines:
                run = [line for line in lines if line - lines[0] == lines.index(line)]
                told = f"line {run[0]}" if len(run) == 1 else f"lines {run[0]}-{run[-1]}"
                return f"{told} of {delta.path}"
        return None

    # Private methods

    @property
    def _protocol(self) -> str:
        return self._files.found.candidate.reader.project.protocol_file

    def _require_all(self, pieces: Mapping[str, Piece]) -> None:
        """Refuses a program that imports, or a pipeline that names, a file that did not come along."""
        came = {path for path, delta in self._files.by_path.items() if delta.old is None}
        went = {old for old in self.moves.values() if pieces.get(old, self) is None}
        absent = (came - pieces.keys()) | went
        project = self._files.found.candidate.reader.project.prefix
        for path, piece in pieces.items() if absent else ():
            text = self._files.content(piece)
            missing = None
            if path.endswith(".py"):
                missing = imported_absent(path, text, absent, project)
            elif self._files.found.sides.is_pipeline_file(path):
                missing = named_absent(text, absent - went, project)
            if missing is not None:
                raise UncutError(f"{path} needs {missing}, which is not part of it")

    def _comes_along(self, delta: FileDelta, along: Along) -> bool:
        """Whether something may differ in a file that is none of the changes in it."""
        holders = self._files.holders[delta.path]
        pipeline = self._files.found.sides.is_pipeline_file(delta.path)
        if along is Along.NONE or delta.path in self._files.aside:
            return False
        if along is Along.UNCHANGED and holders and not pipeline:
            return False
        if holders and not self._files.has_lines(delta):
            return False
        # Of a change whose lines are not known, all lines may be.
        return all(self._files.text(delta).owned.has(each) for each in holders)

    def _piece(self, delta: FileDelta, which: int, way: Way) -> Piece:
        holders = self._files.holders[delta.path]
        whole = way.whole[not self._files.found.sides.is_pipeline_file(delta.path)]
        if holders <= {which} and (whole or not self._files.has_lines(delta)):
            return delta.new
        if not self._files.has_lines(delta):
            if which in holders:
                raise UncutError(f"{delta.path} cannot be taken apart line by line")
            return delta.old
        data = self._document(delta, which, way) or self._cut(delta, which, way)
        if not data and None in (self._files.before(delta), delta.new):
            return None
        if delta.path.endswith(".py") and parsed(data) is None:
            raise UncutError(f"what is left of {delta.path} is no Python")
        return Blob(self._mode(delta, which), data)

    def _mode(self, delta: FileDelta, which: int) -> str:
        """The new mode where the change is about the file as a whole."""
        parts = self._files.parts(which, delta.path)
        before = self._files.before(delta)
        if before is None or (delta.new and any(not part.path for part in parts)):
            assert delta.new is not None
            return delta.new.mode
        return before.mode

    def _cut(self, delta: FileDelta, which: int, way: Way) -> bytes:
        text = self._files.text(delta)
        return spliced(text.old, text.new, text.edits, self._chosen(delta, which, way))

    def _chosen(self, delta: FileDelta, which: int, way: Way) -> frozenset[int]:
        text = self._files.text(delta)
        whose = text.owned
        chosen = whose.of(which)
        if way.near:
            chosen |= whose.near(which)
            chosen |= needed(text.old, text.new, text.edits, chosen, whose.free())
        if way.free or which not in self._files.holders[delta.path]:
            chosen |= whose.free()
        if way.shared:
            chosen |= whose.shared(which)
        return chosen | self._declaring(delta, which)

    def _declaring(self, delta: FileDelta, which: int) -> frozenset[int]:
        """Lines of the pipeline that are no change and declare what this change alone brings."""
        if not self._files.found.sides.is_pipeline_file(delta.path):
            return frozenset()
        text = self._files.text(delta)
        changes = self._files.found.judgement.changes
        name = self._files.found.candidate.reader.project.name
        names = [set(_declared(change, name)) for change in changes]
        others = set().union(*(each for at, each in enumerate(names) if at != which))
        mine = names[which] - others
        return frozenset(
            at
            for at in text.owned.free()
            for line in [b"".join(text.new[slice(*text.edits[at].new)])]
            if any(name.encode() in line for name in mine)
            and not any(name.encode() in line for name in others)
        )

    def _document(self, delta: FileDelta, which: int, way: Way) -> bytes | None:
        """A params file with the chosen keys alone set or taken out; None where it is no such file."""
        if not delta.path.endswith(VALUES) or self._files.found.sides.is_pipeline_file(delta.path):
            return None
        data = self._files.both(delta)
        old, new = (mapping(delta.path, each) for each in data)
        mine = {part.path for part in self._files.parts(which, delta.path)}
        if old is None or new is None or (not all(mine) and mine):
            return None
        leaves = differing(old, new)
        if not mine <= {leaf.path for leaf in leaves} or any(leaf.before for leaf in leaves):
            return None
        chosen = [leaf for leaf in leaves if leaf.path in mine or self._comes(delta, leaf, way)]
        return with_leaves(delta.path, data[0], chosen, new, self._lined(delta, which, way))

    def _comes(self, delta: FileDelta, leaf: Leaf, way: Way) -> bool:
        """Whether a key that is no change comes along."""
        if not (way.free or way.along) or leaf.path in self._files.counted(delta.path):
            return False
        return (delta.path, leaf.path) not in params_named(
            self._files.found.sides, self._files.found.sides.protocol.seeds
        )

    def _lined(self, delta: FileDelta, which: int, way: Way) -> Iterator[bytes]:
        """The file cut by its lines, in the ways in which commas and headings may come along."""
        every = (way, Way(near=False), Way(), Way(free=True))
        return (self._cut(delta, which, each) for each in every)


# Private functions


def _declared(change: Change, name: Callable[[str], str]) -> Iterator[str]:
    """What a change brings that a stage may declare: keys of params, and files."""
    for part in change.single():
        if part.old is MISSING:
            yield dotted(part.path) if part.path else name(part.file)
