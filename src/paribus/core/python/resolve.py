"""Gives every global name in full, so that it is the same however a module imports or orders things.

`np.array`, after `import numpy as np`, and `array`, after `from numpy import array`, both become
`numpy.array`; a function of the module itself becomes `package.module.function`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

Functions = ast.FunctionDef | ast.AsyncFunctionDef
Scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

OWN, IMPORTED = "own", "imported"
"""Marks on the names that were written in full: syntax trees have no field for it."""

IMPORT_BLOCKS = (ast.Try, ast.If, ast.With)
"""Statements around imports that have several ways of getting them."""


@dataclass(frozen=True, slots=True)
class Import:
    """What an import statement binds to a name: `target` is a module, or a name in a module."""

    target: str
    line: int
    star: bool = False


@dataclass(slots=True)
class Bindings:
    """The global names of a module.

    Attributes:
        imports: by the name that they are bound to.
        defined: names of its own functions, classes and variables.
        used: bound names that the module uses.
    """

    imports: dict[str, Import]
    defined: frozenset[str]
    used: set[str] = field(default_factory=set)


def resolve(
    tree: ast.Module, module: str, known: Callable[[str], str], renamed: Mapping[str, str]
) -> Bindings:
    """Writes global names in full, in place; import statements go, and are told in the result.

    Args:
        module: dotted name of the module that the tree is.
        known: gives a module's name as an import statement has it (`features`, where the script's own
            folder is searched) its dotted name from the top of the repository, where it is there.
        renamed: full names that have another name on the other side.
    """
    imports = _merged(_imports(tree.body, module, known))
    defined = frozenset(_defined(tree.body))
    bindings = Bindings(imports, defined)
    _Resolver(module, bindings, known, renamed).visit(tree)
    return bindings


def bound(node: ast.AST) -> set[str]:
    """The names that a function, class or lambda binds itself: its arguments and what it assigns."""
    names: set[str] = set()
    outside: set[str] = set()
    if isinstance(node, Functions | ast.Lambda):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        names |= {each.arg for each in [*every, arguments.vararg, arguments.kwarg] if each}
    for inner in inside(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            names.add(inner.id)
        elif isinstance(inner, Functions | ast.ClassDef):
            names.add(inner.name)
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in inner.names}
        elif isinstance(inner, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and inner.name:
            names.add(inner.name)
        elif isinstance(inner, ast.Global | ast.Nonlocal):
            outside |= set(inner.names)
    return names - outside


def is_imported(node: ast.AST) -> bool:
    """Whether a resolved node names something that an import statement brought."""
    return getattr(node, "scope", None) == IMPORTED


def is_global(node: ast.AST) -> bool:
    """Whether a resolved node is a global name in full."""
    return hasattr(node, "scope")


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below one, those in functions and classes that it defines excepted."""
    body = (
        node.body
        if isinstance(node, Functions | ast.ClassDef)
        else [node.body]
        if isinstance(node, ast.Lambda)
        else list(ast.iter_child_nodes(node))
    )
    todo: list[ast.AST] = list(body)
    while todo:
        found = todo.pop()
        yield found
        if not isinstance(found, Scopes):
            todo.extend(ast.iter_child_nodes(found))


# Private functions


class _Resolver(ast.NodeTransformer):
    def __init__(
        self,
        module: str,
        bindings: Bindings,
        known: Callable[[str], str],
        renamed: Mapping[str, str],
    ) -> None:
        self._module = module
        self._bindings = bindings
        self._known = known
        self._renamed = renamed
        self._scopes: list[tuple[set[str], dict[str, Import]]] = []
        self._in_class = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self._function(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        self._function(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        node.args = self.visit(node.args)
        self._scopes.append((bound(node), {}))
        node.body = self.visit(node.body)
        self._scopes.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        # Names of a class body are not seen by its methods, so it is no scope for them.
        outside, self._in_class = self._in_class, True
        self.generic_visit(node)
        self._in_class = outside
        return node

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        return node if self._in_class else ast.copy_location(ast.Pass(), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        return node if self._in_class else ast.copy_location(ast.Pass(), node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        full, own = self._full(node.id)
        if full is None:
            return node
        return _global(self._renamed.get(full, full), node, own=own)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.value = self.visit(node.value)
        # What a module imported may have names of its own; what it defined itself has attributes.
        if not isinstance(node.value, ast.Name) or not is_imported(node.value):
            return node
        full = f"{node.value.id}.{node.attr}"
        return _global(self._renamed.get(full, full), node, own=False)

    def _function(self, node: Functions) -> None:
        outside, self._in_class = self._in_class, False
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.args = self.visit(node.args)
        if node.returns:
            node.returns = self.visit(node.returns)
        imports = {
            name: found
            for statement in inside(node)
            if isinstance(statement, ast.Import | ast.ImportFrom)
            for name, found in _bound_by(statement, self._module, self._known)
        }
        self._scopes.append((bound(node), imports))
        node.body = [self.visit(each) for each in node.body]
        self._in_class = outside
        node.body = [each for each in node.body if not isinstance(each, ast.Pass)] or [ast.Pass()]
        self._scopes.pop()

    def _full(self, name: str) -> tuple[str | None, bool]:
        """A name in full, None for a local or builtin one, and whether the module defines it itself."""
        for names, imports in reversed(self._scopes):
            if name in imports:
                return imports[name].target, False
            if name in names:
                return None, False
        self._bindings.used.add(name)
        found = self._bindings.imports.get(name)
        if name in self._bindings.defined:
            # Where a module both defines and imports a name, either may be meant.
            also = f"|{found.target}" if found else ""
            return f"{self._module}.{name}{also}", True
        return (found.target if found else None), False


def _global(full: str, node: ast.expr, *, own: bool) -> ast.Name:
    found = ast.copy_location(ast.Name(full, getattr(node, "ctx", ast.Load())), node)
    found.scope = OWN if own else IMPORTED  # type: ignore[attr-defined]
    return found


def _merged(found: Iterator[tuple[str, Import]]) -> dict[str, Import]:
    """Imports by name; of a name that may come from several places, all of them in one target."""
    merged: dict[str, Import] = {}
    for name, each in found:
        other = merged.get(name)
        targets = {*(other.target.split("|") if other else ()), each.target}
        merged[name] = replace(each, target="|".join(sorted(targets)))
    return merged


def _imports(
    block: list[ast.stmt], module: str, known: Callable[[str], str]
) -> Iterator[tuple[str, Import]]:
    for statement in block:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _bound_by(statement, module, known)
        elif isinstance(statement, IMPORT_BLOCKS):
            for inner in ast.walk(statement):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield from _bound_by(inner, module, known)


def _bound_by(
    statement: ast.Import | ast.ImportFrom, module: str, known: Callable[[str], str]
) -> Iterator[tuple[str, Import]]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, Import(known(alias.name), statement.lineno)
            else:
                first = alias.name.split(".")[0]
                whole = known(alias.name)
                # `import a.b` binds `a`; what stands before it from the top stands before `a.b`, too.
                yield first, Import(whole.removesuffix(alias.name) + first, statement.lineno)
        return
    source = _absolute(statement, module, known)
    if source == "__future__":
        return
    for alias in statement.names:
        target = known(f"{source}.{alias.name}") if alias.name != "*" else source
        name = f"* of {source}" if alias.name == "*" else alias.asname or alias.name
        yield name, Import(target, statement.lineno, star=alias.name == "*")


def _absolute(statement: ast.ImportFrom, module: str, known: Callable[[str], str]) -> str:
    if not statement.level:
        return known(statement.module or "")
    parts = module.split(".")[: -statement.level]
    return ".".join([*parts, statement.module] if statement.module else parts)


def _defined(block: list[ast.stmt]) -> Iterator[str]:
    """Names that a module's own statements bind, those of imports excepted."""
    for statement in block:
        if isinstance(statement, Functions | ast.ClassDef):
            yield statement.name
            continue
        todo: list[ast.AST] = [statement]
        while todo:
            node = todo.pop()
            if isinstance(node, Functions | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.ExceptHandler) and node.name:
                yield node.name
            if not isinstance(node, Scopes):
                todo.extend(ast.iter_child_nodes(node))
