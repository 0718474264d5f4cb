"""Compares the Python files in which two snapshots differ."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from paribus.core.change import Change, Kind
from paribus.core.names import Found, Names, Settled, is_read_by, names
from paribus.core.python import tell
from paribus.core.python.hunks import Hunk, hunks
from paribus.core.python.mentions import mentioned
from paribus.core.python.moved import Key, moved
from paribus.core.python.program import BODY, Program, Unit, module_name, read
from paribus.core.python.promoted import put_in
from paribus.core.python.resolve import Bindings
from paribus.core.python.syntax import code_cells
from paribus.core.snapshot import FileDelta
from paribus.core.values import MISSING, KeyPath, Value

PASSED = re.compile(rb"\b([A-Za-z_]\w*)\s*=")
"""What could be an argument that is passed by its name."""


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
        prints: whether what is printed moves nothing.
        has: whether there is a file with a path.
        users: files that import a file, on the old side, and do not differ, with their content.
    """

    moves: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[KeyPath, Value] = field(default_factory=dict)
    come: Mapping[KeyPath, Value] = field(default_factory=dict)
    prints: bool = True
    has: Callable[[str], bool] = lambda _: False
    users: Callable[[str], Mapping[str, bytes]] = lambda _: {}


@dataclass(slots=True)
class Compared:
    """What a comparison found.

    Attributes:
        found: every change.
        settled: params that stand for the literals that they took the place of.
        same: files that differ in nothing that counts, each with the reason.
        unread: paths that could not be read as Python.
    """

    found: list[Found] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


def compare(sources: Sequence[Source], around: Around) -> Compared:
    """Every change between two versions of some Python files."""
    result = Compared()
    pairs = list(_pairs(sources, around, result))
    _settle(pairs, around, result)
    old = {(pair.module, name): unit for pair in pairs for name, unit in pair.units(0).items()}
    new = {(pair.module, name): unit for pair in pairs for name, unit in pair.units(1).items()}
    for pair in pairs:
        found = list(_differences(pair, old, new, around))
        result.found += found
        if not found:
            result.same |= {path: _reason(pair, result.settled) for path in pair.paths}
    settled = {settled.key for settled in result.settled}
    left = {key for key in settled if any(_reads(found, key) for found in result.found)}
    result.settled = [Settled(key) for key in settled - left]
    return result


# Private functions


@dataclass(slots=True)
class _Pair:
    """One file, perhaps under two paths, as two programs."""

    paths: tuple[str, ...]
    module: str
    sources: tuple[bytes | None, bytes | None]
    programs: tuple[Program | None, Program | None]
    _units: list[dict[str, Unit] | None] = field(default_factory=lambda: [None, None])

    def units(self, side: int) -> dict[str, Unit]:
        found = self._units[side]
        if found is None:
            program = self.programs[side]
            found = self._units[side] = program.units() if program else {}
        return found

    def side(self, side: int) -> Program:
        """One side; an empty program where the file is not there."""
        return self.programs[side] or Program(
            self.module, ast.Module([], []), Bindings({}, frozenset()), frozenset(), [], []
        )


def _pairs(sources: Sequence[Source], around: Around, result: Compared) -> Iterator[_Pair]:
    listed = list(_paired(sources, around.moves))
    modules = {module_name(paths[-1]) for paths, _, _ in listed}
    # On the old side, a file that was renamed is known by the name that it has now.
    renamed = {module_name(paths[0]): module_name(paths[-1]) for paths, _, _ in listed}

    def new_known(name: str) -> str:
        return _known(name, {module: module for module in modules})

    def old_known(name: str) -> str:
        return _known(name, renamed)

    read_all = [
        (
            paths,
            old,
            new,
            _read(old, paths, old_known, {}, around),
            _read(new, paths, new_known, {}, around),
        )
        for paths, old, new in listed
    ]
    good = []
    for paths, old, new, before, after in read_all:
        if (old is not None and before is None) or (new is not None and after is None):
            result.unread |= set(paths)
        else:
            good.append(_Pair(paths, module_name(paths[-1]), (old, new), (before, after)))
    yield from _with_moved(_passed_on(good, old_known, new_known, around), old_known, around)


def _passed_on(
    pairs: list[_Pair], old: Callable[[str], str], new: Callable[[str], str], around: Around
) -> list[_Pair]:
    """The files once more, where a package passes on what its modules define, by the defining names."""
    passed = [_passed_names(pairs, side) for side in (0, 1)]
    if not any(passed):
        return pairs
    return [
        _Pair(
            pair.paths,
            pair.module,
            pair.sources,
            (
                _read(pair.sources[0], pair.paths, old, passed[0], around),
                _read(pair.sources[1], pair.paths, new, passed[1], around),
            ),
        )
        for pair in pairs
    ]


def _passed_names(pairs: Iterable[_Pair], side: int) -> dict[str, str]:
    found = {
        f"{pair.module}.{name}": bound.target
        for pair in pairs
        if pair.paths[side - len(pair.paths)].endswith("__init__.py")
        for name, bound in pair.side(side).bindings.imports.items()
        if not bound.star
    }
    return {name: target for name, target in found.items() if name != target}


def _paired(
    sources: Sequence[Source], moves: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], bytes | None, bytes | None]]:
    by_path = {source.delta.path: source for source in sources}
    arrived = set(moves.values())
    for path, source in by_path.items():
        target = moves.get(path)
        if target in by_path:
            yield (path, target), source.old, by_path[target].new
        elif path not in arrived or not any(moves.get(other) == path for other in by_path):
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


def _read(
    source: bytes | None,
    paths: Sequence[str],
    known: Callable[[str], str],
    renamed: Mapping[str, str],
    around: Around,
) -> Program | None:
    code = code_cells(source) if source is not None and paths[-1].endswith(".ipynb") else source
    if code is None:
        return None
    return read(code, module_name(paths[-1]), known=known, renamed=renamed, prints=around.prints)


def _with_moved(pairs: list[_Pair], known: Callable[[str], str], around: Around) -> list[_Pair]:
    """The files once more, with the names that moved definitions have now, on both sides."""
    old = {(pair.module, name): unit for pair in pairs for name, unit in pair.units(0).items()}
    new = {(pair.module, name): unit for pair in pairs for name, unit in pair.units(1).items()}
    found = {
        before: after
        for before, after in moved(old, new).items()
        if not _is_used_elsewhere(pairs, before, around)
    }
    if not found:
        return pairs
    renamed = {".".join(before): ".".join(after) for before, after in found.items()}
    again = []
    for pair in pairs:
        before = _read(pair.sources[0], pair.paths, known, renamed, around)
        again.append(_Pair(pair.paths, pair.module, pair.sources, (before, pair.programs[1])))
    by_module = {pair.module: pair for pair in again}
    for source, target in found.items():
        _rekey(by_module, source, target)
    return again


def _is_used_elsewhere(pairs: Sequence[_Pair], key: Key, around: Around) -> bool:
    """Whether a file that does not differ names a definition by the name, or in the place, that is gone."""
    paths = [pair.paths[0] for pair in pairs if pair.module == key[0]]
    word = re.compile(rb"\b%s\b" % re.escape(key[1].encode()))
    return any(word.search(text) for path in paths for text in around.users(path).values())


def _rekey(pairs: Mapping[str, _Pair], source: Key, target: Key) -> None:
    """Moves the old side of a definition to where it is now."""
    units = pairs[source[0]].units(0)
    for name in [each for each in units if each == source[1] or each.startswith(source[1] + ".")]:
        unit = units.pop(name)
        unit.name = target[1] + name.removeprefix(source[1])
        if name == source[1] and unit.head is not None:
            unit.head.name = target[1]  # type: ignore[attr-defined]
        pairs[target[0]].units(0)[unit.name] = unit


def _settle(pairs: Sequence[_Pair], around: Around, result: Compared) -> None:
    for pair in pairs:
        old, new = pair.programs
        read_now = put_in(new, around.come, old) if new else set()
        read_then = put_in(old, around.gone, new) if old else set()
        if read_now or read_then:
            pair._units[:] = [None, None]
        result.settled += [Settled(key) for key in sorted(read_now | read_then)]


def _reads(found: Found, key: KeyPath) -> bool:
    return any(is_read_by(key, read) for side in (found.old, found.new) for read in side.reads)


def _differences(
    pair: _Pair, old: Mapping[Key, Unit], new: Mapping[Key, Unit], around: Around
) -> Iterator[Found]:
    passed = _passed(pair, old, new, around)
    before = {name: unit for (module, name), unit in old.items() if module == pair.module}
    after = {name: unit for (module, name), unit in new.items() if module == pair.module}
    if pair.programs[0] is None or pair.programs[1] is None:
        if not all(name in before and name in after for name in {*before, *after} - {BODY}):
            yield from _whole_file(pair, before or after)
            return
        before.setdefault(BODY, Unit(BODY, None, [], 1))
        after.setdefault(BODY, Unit(BODY, None, [], 1))
        yield from _units(pair, before, after, passed)
        return
    if pair.side(0).run_by != pair.side(1).run_by:
        yield _file_wide(
            pair,
            "runs in another way",
            b"\n".join(pair.side(0).run_by),
            b"\n".join(pair.side(1).run_by),
        )
    yield from _imports(pair, around)
    yield from _left_behind(pair, around)
    yield from _units(pair, before, after, passed)


def _left_behind(pair: _Pair, around: Around) -> Iterator[Found]:
    """A file that was renamed, and that another file still imports by its old name."""
    if len(pair.paths) > 1:
        users = sorted(around.users(pair.paths[0]))
        if users:
            what = f"renamed from {pair.paths[0]}, which {users[0]} still imports"
            yield Found(
                _change(pair, (), (pair.paths[0], pair.paths[1]), f"{pair.paths[1]} {what}", None)
            )


def _units(
    pair: _Pair, before: Mapping[str, Unit], after: Mapping[str, Unit], passed: frozenset[str]
) -> Iterator[Found]:
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was is not None and now is not None:
            if was.form(passed) != now.form(passed):
                yield from (_part(pair, was, now, hunk) for hunk in hunks(was, now))
        elif not _belongs(name, before if was else after, after if was else before):
            yield _definition(pair, was, now, before if was else after)


def _passed(
    pair: _Pair, old: Mapping[Key, Unit], new: Mapping[Key, Unit], around: Around
) -> frozenset[str]:
    """Names by which some call that can be seen passes an argument."""
    seen = [node for units in (old, new) for unit in units.values() for node in unit.walk()]
    found = {node.arg for node in seen if isinstance(node, ast.keyword) and node.arg}
    for text in around.users(pair.paths[0]).values():
        found |= {name.decode() for name in PASSED.findall(text)}
    return frozenset(found)


def _belongs(name: str, side: Mapping[str, Unit], other: Mapping[str, Unit]) -> bool:
    """Whether a method came or went with its class."""
    owner = name.rpartition(".")[0]
    return bool(owner) and owner in side and owner not in other


def _whole_file(pair: _Pair, units: Mapping[str, Unit]) -> Iterator[Found]:
    """A file that came or went: one change, in which all that it defines came or went."""
    side = 0 if pair.programs[1] is None else 1
    program = pair.side(side)
    nodes = [node for unit in units.values() for node in [unit.head, *unit.body] if node]
    if not nodes and not program.bindings.imports:
        return  # an empty module can do nothing
    found = mentioned(nodes, Unit(BODY, None, [], 1), program, (None, None))
    defined = names("def", (f"{pair.module}.{name}" for name in units if name))
    path = pair.paths[-1]
    imported = names("def", (each.target for each in program.bindings.imports.values()))
    mine = Names(
        found.defines | defined | names("def", [pair.module]) | names("file", [path]),
        found.mentions | imported,
        reads=found.reads,
    )
    text = _digest("\n".join(unit.form() for unit in units.values()))
    values = (text, MISSING) if side == 0 else (MISSING, text)
    change = _change(pair, (), values, f"{path} {'deleted' if side == 0 else 'added'}", None)
    yield Found(change, *((mine, Names()) if side == 0 else (Names(), mine)))


def _change(
    pair: _Pair, path: KeyPath, values: tuple[Value, Value], summary: str, line: int | None
) -> Change:
    return Change(Kind.CODE, pair.paths[-1], path, values[0], values[1], summary, line)


def _file_wide(pair: _Pair, what: str, old: bytes, new: bytes) -> Found:
    values = (_digest(str(old)), _digest(str(new)))
    return Found(_change(pair, (), values, f"{pair.paths[-1]} {what}", 1))


def _imports(pair: _Pair, around: Around) -> Iterator[Found]:
    """Imports that do something by themselves: of all names, or of the project's own modules, unused."""
    sides = [dict(_acting(pair, pair.side(side), around)) for side in (0, 1)]
    for target in dict.fromkeys([*sides[0], *sides[1]]):
        if (target in sides[0]) == (target in sides[1]):
            continue
        there = target in sides[1]
        line = sides[1 if there else 0][target]
        values = (MISSING, target) if there else (target, MISSING)
        summary = f"import of {target} {'added' if there else 'removed'}"
        change = _change(pair, ("import",), values, summary, line)
        mine = Names(mentions=names("def", [target]))
        yield Found(change, *((Names(), mine) if there else (mine, Names())))


def _acting(pair: _Pair, program: Program, around: Around) -> Iterator[tuple[str, int]]:
    is_package = pair.paths[-1].endswith("__init__.py")
    for name, found in program.bindings.imports.items():
        if found.star or (
            not is_package
            and name not in program.bindings.used
            and (".experimental" in found.target or _is_ours(found.target, program.module, around))
        ):
            yield found.target, found.line


def _is_ours(target: str, module: str, around: Around) -> bool:
    folder = module.rpartition(".")[0].replace(".", "/")
    steps = target.split(".")
    for end in (len(steps), len(steps) - 1):
        path = "/".join(steps[:end])
        for root in ("", folder + "/" if folder else "", "src/"):
            if path and (around.has(f"{root}{path}.py") or around.has(f"{root}{path}/__init__.py")):
                return True
    return False


def _part(pair: _Pair, was: Unit, now: Unit, hunk: Hunk) -> Found:
    old, new = pair.side(0), pair.side(1)
    before = mentioned([*hunk.old, *hunk.within], was, old, (now, new))
    after = mentioned([*hunk.new, *hunk.within], now, new, (was, old))
    path = tuple(each for each in (now.name, hunk.name) if each)
    line = tell.line_of(hunk.new) or tell.line_of(hunk.old) or now.line
    change = _change(
        pair, path, (_text(hunk.old), _text(hunk.new)), tell.part(hunk, now, old, new), line
    )
    return Found(
        change,
        before,
        after,
        _touched(pair.module, now, hunk),
        f"{pair.module}::{now.name}::{hunk.run}" if hunk.run is not None else None,
        tell.variables([*hunk.old, *hunk.new]),
    )


def _touched(module: str, unit: Unit, hunk: Hunk) -> frozenset[str]:
    if unit.name == BODY:
        return frozenset()
    owners = [unit.name]
    if unit.name.endswith((".__init__", ".__call__", ".forward")):
        owners.append(unit.name.rpartition(".")[0])
    tags = ["def", "sig"] if hunk.signature else ["def"]
    return frozenset(f"{tag} {module}.{owner}" for tag in tags for owner in owners)


def _definition(pair: _Pair, was: Unit | None, now: Unit | None, side: Mapping[str, Unit]) -> Found:
    """A function or class that came or went, with its methods; or the first own statements of a module."""
    unit = now or was
    assert unit is not None
    at = 1 if now else 0
    parts = [
        each for name, each in side.items() if name == unit.name or name.startswith(unit.name + ".")
    ]
    if unit.name == BODY:
        parts = [unit]
    nodes = [node for part in parts for node in [part.head, *part.body] if node]
    other = (None, pair.programs[1 - at])
    found = mentioned(nodes, unit, pair.side(at), other)
    defined = names("def", (f"{pair.module}.{part.name}" for part in parts if part.name))
    # A method that comes is called by its name alone.
    word = unit.name.rpartition(".")[2]
    fresh = (
        names("word", [word]) if other[1] and word and word not in other[1].words else frozenset()
    )
    mine = Names(found.defines | defined | fresh, found.mentions, reads=found.reads)
    text = _digest("\n".join(part.form() for part in parts))
    values = (MISSING, text) if now else (text, MISSING)
    name = tell.called(unit)
    summary = f"{name} {'added' if now else 'removed'}"
    change = _change(pair, (unit.name,) if unit.name else (), values, summary, unit.line)
    return Found(change, *((Names(), mine) if now else (mine, Names())))


def _text(nodes: Iterable[object]) -> Value:
    """Some nodes as text that is the same for the same code, however it is formatted."""
    text = tell.unparsed(nodes)
    if text is None:
        return MISSING
    return text if len(text) <= 200 else f"{text[:160]} ... {_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _reason(pair: _Pair, settled: Sequence[Settled]) -> str:
    if len(pair.paths) > 1:
        return f"renamed from {pair.paths[0]} to {pair.paths[-1]}"
    if settled:
        return "same values"
    if pair.programs[0] is None or pair.programs[1] is None:
        return "it does nothing, or what it holds stood elsewhere"
    return "nothing but comments, formatting, logging, imports or names of local variables"
