"""The Python files in which two snapshots differ, each as two programs that can be compared.

Names are made the same on both sides first: those of renamed files, of definitions that a package passes
on, and of definitions that have another name or place now.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from paribus.core.python.moved import Key, moved
from paribus.core.python.program import Program, Unit, module_name, read
from paribus.core.python.promoted import put_in
from paribus.core.python.resolve import Bindings
from paribus.core.python.syntax import code_cells
from paribus.core.snapshot import FileDelta
from paribus.core.values import KeyPath, Value


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file that differs: as each side has it, None where it does not have it."""

    delta: FileDelta
    old: bytes | None
    new: bytes | None


@dataclass(frozen=True, slots=True)
class Around:
    """What the rest of the project says about the files that differ.

    Attributes:
        moves: files that have another path now.
        gone, come: values of the params that only one side has.
        texts: text that stands for other text now, such as the path of an output.
        prints: whether what is printed moves nothing.
        has: whether there is a file with a path.
        users: files that do not differ and import a file on a side (0 is the old one), with their content.
        starts_itself: whether a file's own comments say what runs it.
    """

    moves: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[KeyPath, Value] = field(default_factory=dict)
    come: Mapping[KeyPath, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    prints: bool = True
    has: Callable[[str], bool] = lambda _: False
    users: Callable[[str, int], Mapping[str, bytes]] = lambda _path, _side: {}
    starts_itself: Callable[[str], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Pair:
    """One file, perhaps under two paths, as two programs.

    Attributes:
        paths: its path, or the old and the new one.
        module: its dotted name as it is now.
        sources: what it holds on each side; None where it is not there.
        programs: the same as programs.
        units: its definitions on each side, by name.
    """

    paths: tuple[str, ...]
    module: str
    sources: tuple[bytes | None, bytes | None]
    programs: tuple[Program | None, Program | None]
    units: tuple[dict[str, Unit], dict[str, Unit]] = field(default_factory=lambda: ({}, {}))

    def side(self, side: int) -> Program:
        """One side; an empty program where the file is not there."""
        return self.programs[side] or Program(
            self.module, ast.Module([], []), Bindings({}, frozenset()), frozenset(), [], []
        )

    def is_broken(self) -> bool:
        """Whether a side is there that could not be read as Python."""
        both = zip(self.sources, self.programs, strict=True)
        return any(source is not None and program is None for source, program in both)


@dataclass(frozen=True, slots=True)
class Paired:
    """All files that differ.

    Attributes:
        pairs: those that could be read.
        unread: paths of the others.
        settled_in: params whose values were put in, by module.
    """

    pairs: tuple[Pair, ...]
    unread: frozenset[str]
    settled_in: Mapping[str, frozenset[KeyPath]]

    @property
    def settled(self) -> frozenset[KeyPath]:
        """All params whose values were put in."""
        return frozenset().union(*self.settled_in.values())


def paired(sources: Sequence[Source], around: Around) -> Paired:
    """The files as pairs of programs, in which what is the same has the same name."""
    listed = list(_by_file(sources, around.moves))
    reader = _Reader(listed, around)
    pairs = [reader.pair(*each) for each in listed]
    unread = frozenset(path for pair in pairs if pair.is_broken() for path in pair.paths)
    pairs = [pair for pair in pairs if not pair.is_broken()]
    for side in (0, 1):
        reader.renamed[side].update(_passed_on(pairs, side))
    if any(reader.renamed):
        pairs = [reader.again(pair) for pair in pairs]
    pairs = [_with_units(pair) for pair in pairs]
    found = _moved(pairs, around)
    renamed = {".".join(old): ".".join(new) for old, new in found.items()}
    renamed |= {old: new for pair in pairs for old, new in _renamed_variable(pair, around)}
    if renamed:
        reader.renamed[0].update(renamed)
        pairs = [reader.again(pair) for pair in pairs]
    settled = {pair.module: frozenset(_put_in(pair, around)) for pair in pairs}
    pairs = [_with_units(pair) for pair in pairs]
    by_module = {pair.module: pair for pair in pairs}
    for source, target in found.items():
        _move(by_module, source, target)
    return Paired(tuple(pairs), unread, settled)


# Private functions

_File = tuple[tuple[str, ...], bytes | None, bytes | None]


class _Reader:
    """Reads files with the names that things have now.

    Attributes:
        renamed: for each side, names in full that are to be another name.
    """

    def __init__(self, listed: Sequence[_File], around: Around) -> None:
        self._around = around
        new = {module_name(paths[-1]) for paths, _, _ in listed}
        # On the old side, a file that was renamed is known by the name that it has now.
        old = {module_name(paths[0]): module_name(paths[-1]) for paths, _, _ in listed}
        self._modules = (old, {module: module for module in new})
        self.renamed: tuple[dict[str, str], dict[str, str]] = ({}, {})

    def pair(self, paths: tuple[str, ...], old: bytes | None, new: bytes | None) -> Pair:
        programs = (self._read(old, paths, 0), self._read(new, paths, 1))
        return Pair(paths, module_name(paths[-1]), (old, new), programs)

    def again(self, pair: Pair) -> Pair:
        return self.pair(pair.paths, *pair.sources)

    def _read(self, source: bytes | None, paths: Sequence[str], side: int) -> Program | None:
        if source is not None and paths[-1].endswith(".ipynb"):
            source = code_cells(source)
        if source is None:
            return None
        return read(
            source,
            module_name(paths[-1]),
            known=lambda name: _known(name, self._modules[side]),
            renamed=self.renamed[side],
            texts={} if side else self._around.texts,
            prints=self._around.prints,
        )


def _by_file(sources: Sequence[Source], moves: Mapping[str, str]) -> Iterator[_File]:
    by_path = {source.delta.path: source for source in sources}
    arrived = {new for old, new in moves.items() if old in by_path}
    for path, source in by_path.items():
        target = moves.get(path)
        if target in by_path:
            yield (path, target), source.old, by_path[target].new
        elif path not in arrived:
            yield (path,), source.old, source.new


def _known(name: str, modules: Mapping[str, str]) -> str:
    """An imported name from the top of the repository, where one of the modules is meant."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        start = ".".join(parts[:end])
        meant = [module for module in modules if module == start or module.endswith("." + start)]
        if meant:
            return ".".join([modules[min(meant, key=len)], *parts[end:]])
    return name


def _passed_on(pairs: Iterable[Pair], side: int) -> dict[str, str]:
    """Names that packages pass on from their modules, with the names that those have there."""
    found = {
        f"{pair.module}.{name}": bound.target
        for pair in pairs
        if pair.paths[side - len(pair.paths)].endswith("__init__.py")
        for name, bound in pair.side(side).bindings.imports.items()
        if not bound.star
    }
    return {name: target for name, target in found.items() if name != target}


def _with_units(pair: Pair) -> Pair:
    old, new = (program.units() if program else {} for program in pair.programs)
    return replace(pair, units=(old, new))


def _put_in(pair: Pair, around: Around) -> set[KeyPath]:
    old, new = pair.programs
    read_now = put_in(new, around.come, old) if new else set()
    return read_now | (put_in(old, around.gone, new) if old else set())


def _moved(pairs: Sequence[Pair], around: Around) -> dict[Key, Key]:
    """Definitions that have another name or place now, and that nobody needs where they were."""
    old, new = (
        {(pair.module, name): unit for pair in pairs for name, unit in pair.units[side].items()}
        for side in (0, 1)
    )
    return {
        before: after
        for before, after in moved(old, new).items()
        if not _is_used_elsewhere(pairs, before, around)
    }


def _renamed_variable(pair: Pair, around: Around) -> Iterator[tuple[str, str]]:
    """The only variable of a module that went, and the only one that came: one, by another name."""
    gone, come = (
        pair.side(side).bindings.defined - pair.side(1 - side).bindings.defined for side in (0, 1)
    )
    variables = [names - pair.units[side].keys() for side, names in ((0, gone), (1, come))]
    if all(len(names) == 1 for names in variables):
        old, new = next(iter(variables[0])), next(iter(variables[1]))
        if not _is_used_elsewhere([pair], (pair.module, old), around):
            yield f"{pair.module}.{old}", f"{pair.module}.{new}"


def _is_used_elsewhere(pairs: Sequence[Pair], key: Key, around: Around) -> bool:
    """Whether a file that does not differ names a definition by the name, or in the place, that is gone."""
    paths = [pair.paths[0] for pair in pairs if pair.module == key[0]]
    word = re.compile(rb"\b%s\b" % re.escape(key[1].encode()))
    return any(word.search(text) for path in paths for text in around.users(path, 0).values())


def _move(pairs: Mapping[str, Pair], source: Key, target: Key) -> None:
    """Puts the old side of a definition where it is now."""
    units = pairs[source[0]].units[0]
    for name in [each for each in units if each == source[1] or each.startswith(source[1] + ".")]:
        unit = units.pop(name)
        unit.name = target[1] + name.removeprefix(source[1])
        if name == source[1] and unit.head is not None:
            unit.head.name = target[1]  # type: ignore[attr-defined]
        pairs[target[0]].units[0][unit.name] = unit
