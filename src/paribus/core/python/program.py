"""A program as units: its functions, its classes and what the module itself does."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass

from paribus.core.python.quiet import quiet
from paribus.core.python.resolve import Bindings, Functions, bound, is_global, resolve
from paribus.core.python.syntax import parsed, run_by

BODY = ""
"""The name of the unit that holds the statements of the module itself."""

WORD = re.compile(rb"[A-Za-z_]\w*")

LOOK_AT_NAMES = frozenset(
    {"locals", "vars", "eval", "exec", "globals", "query", "dir", "sql", "sqldf", "evaluate", "ols"}
)
"""What can see how a local variable is called."""


@dataclass(slots=True)
class Unit:
    """One definition, or the module's own statements.

    Attributes:
        name: as `build` or `Model.fit`; of the module itself the empty name.
        head: decorators, arguments or bases, as the definition without its body; None for the module.
        body: its statements, without what cannot move a metric.
        line: where it starts.
    """

    name: str
    head: ast.stmt | None
    body: list[ast.stmt]
    line: int

    @property
    def is_definition(self) -> bool:
        """Whether it is a function or a class."""
        return self.head is not None

    def is_like(self, other: Unit) -> bool:
        """Whether both are written alike, local names included."""
        sides = [[unit.head, *unit.body] for unit in (self, other)]
        return [ast.dump(n) for n in sides[0] if n] == [ast.dump(n) for n in sides[1] if n]

    def form(self, passed: Container[str] | None = None) -> str:
        """What it does, as text that is the same for the same thing; local names are numbered.

        Args:
            passed: names by which a call passes an argument; other arguments are local names, too.
                None where it is not known.
        """
        return _numbered(self, passed)

    def walk(self) -> Iterator[ast.AST]:
        """Every node of it."""
        for node in [self.head, *self.body]:
            if node is not None:
                yield from ast.walk(node)


@dataclass(slots=True)
class Program:
    """One Python file as the judge sees it.

    Attributes:
        module: its dotted name from the top of the repository.
        tree: with global names in full, and without what cannot move a metric.
        bindings: what it imports and defines.
        words: every word in the file, comments and text included.
        run_by: comments that say what runs it.
        lines: of the source.
    """

    module: str
    tree: ast.Module
    bindings: Bindings
    words: frozenset[str]
    run_by: list[bytes]
    lines: list[str]

    def units(self) -> dict[str, Unit]:
        """Its units by name, in the order of the file; the module's own statements are the first."""
        found = {BODY: Unit(BODY, None, [], 1)}
        for statement in self.tree.body:
            if isinstance(statement, Functions | ast.ClassDef):
                for unit in _units(statement, ""):
                    found[_free(unit.name, found)] = unit
            elif not isinstance(statement, ast.Pass):
                found[BODY].body.append(statement)
        return found

    def source(self, node: ast.AST) -> str:
        """A node as it is written, on one line."""
        whole = ast.get_source_segment("\n".join(self.lines), node) if self.lines else None
        return " ".join((whole or ast.unparse(node)).split())


def read(
    source: bytes,
    module: str,
    *,
    known: Callable[[str], str] = str,
    renamed: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    prints: bool = True,
) -> Program | None:
    """A source file as a program; None where it cannot be read as Python.

    Args:
        module: its dotted name.
        known: gives an imported module's name as it is from the top of the repository.
        renamed: global names that have another name on the other side.
        texts: text that is another text on the other side, and means the same.
        prints: whether what is printed moves nothing.
    """
    tree = parsed(source)
    if tree is None:
        return None
    try:
        tree = quiet(tree, prints=prints)
        bindings = resolve(tree, module, known, renamed or {})
        _retold(tree, texts or {})
    except RecursionError:
        return None
    words = frozenset(word.decode() for word in WORD.findall(source))
    lines = source.decode("utf-8", "replace").splitlines()
    return Program(module, tree, bindings, words, run_by(source), lines)


def module_name(path: str) -> str:
    """The dotted name of a file from the top of the repository."""
    return re.sub(r"\.(py|ipynb|pyi)$", "", path).removesuffix("/__init__").replace("/", ".")


def is_local(node: ast.AST) -> bool:
    """Whether a node is a name that is not a global one in full."""
    return isinstance(node, ast.Name) and not is_global(node)


# Private functions


def _retold(tree: ast.Module, texts: Mapping[str, str]) -> None:
    for node in ast.walk(tree) if texts else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = texts.get(node.value, node.value)


def _units(statement: Functions | ast.ClassDef, inside_of: str) -> Iterator[Unit]:
    name = inside_of + statement.name
    head = copy.copy(statement)
    head.body = []
    if isinstance(statement, Functions):
        yield Unit(name, head, _without_pass(statement.body), statement.lineno)
        return
    methods = [each for each in statement.body if isinstance(each, Functions)]
    own = [each for each in statement.body if not isinstance(each, Functions)]
    yield Unit(name, head, _without_pass(own), statement.lineno)
    for method in methods:
        yield from _units(method, f"{name}.")


def _without_pass(body: list[ast.stmt]) -> list[ast.stmt]:
    return [each for each in body if not isinstance(each, ast.Pass)]


def _free(name: str, taken: Mapping[str, Unit]) -> str:
    """A name of its own for each of several definitions of one name: a property and its setter."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name}#{number}", number + 1
    return free


def _numbered(unit: Unit, passed: Container[str] | None) -> str:
    """The unit's syntax, its local variables numbered in the order in which they come."""
    nodes = [node for node in [unit.head, *unit.body] if node is not None]
    if not isinstance(unit.head, Functions) or _looks_at_names(unit):
        return "\n".join(ast.dump(node) for node in nodes)
    whole = copy.deepcopy(unit.head)
    whole.body = copy.deepcopy(unit.body) or [ast.Pass()]
    known = passed is not None and "**" not in passed and not whole.decorator_list
    own = _arguments(whole.args) if known else []
    free = {each.arg for each in own if passed is not None and each.arg not in passed}
    inner = [node for node in ast.walk(whole) if isinstance(node, ast.arg) and node not in own]
    kept = {name for node in ast.walk(whole) for name in _fixed(node)}
    kept |= {each.arg for each in [*inner, *own] if each.arg not in free or each in inner}
    numbers: dict[str, str] = {}
    local = bound(whole) - kept
    for node in ast.walk(whole):
        if isinstance(node, ast.Name) and is_local(node) and node.id in local:
            node.id = numbers.setdefault(node.id, f"<{len(numbers)}>")
        elif isinstance(node, ast.arg) and node in own and node.arg in local:
            node.arg = numbers.setdefault(node.arg, f"<{len(numbers)}>")
    return ast.dump(whole)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Arguments that can be passed by their place, which leaves their names to the function."""
    return [*arguments.posonlyargs, *arguments.args]


def _fixed(node: ast.AST) -> list[str]:
    """Names that cannot be numbered, since something other than an `ast.Name` holds them."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    if isinstance(node, Functions | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    return []


def _looks_at_names(unit: Unit) -> bool:
    for node in unit.walk():
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        if name in LOOK_AT_NAMES:
            return True
    return False
