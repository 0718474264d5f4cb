"""Whether code could read a param without naming it: by handing on the mapping that holds it.

A loaded params file is followed through variables, attributes, and the functions of the project. Where it
ends up in a call of something else, is unpacked or gone through, any of its keys could be read.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from paribus.core.python.mentions import chain
from paribus.core.python.resolve import Functions
from paribus.core.values import KeyPath

LOADERS = frozenset({"safe_load", "full_load", "params_show", "unsafe_load"})
LOADS_BY = frozenset(
    {"yaml", "json", "toml", "tomli", "tomllib", "OmegaConf", "YAML", "ruamel", "rtoml"}
)
"""What has a `load`, or a `loads`, that reads params: not numpy, which reads data by that name."""

LOOKS = frozenset(
    {"print", "len", "str", "repr", "type", "isinstance", "bool", "info", "debug", "warning"}
)
GOES_THROUGH = frozenset(
    {"items", "values", "keys", "update", "copy", "pop", "setdefault", "to_dict"}
)

COMBINES = (ast.BinOp, ast.BoolOp, ast.IfExp, ast.Starred, ast.Await)

ROUNDS = 6
"""Hand-overs from one function to the next that are followed."""

Held = set[str | None]
"""Last keys by which a mapping was picked from the params; None for all of them."""


def hides_reads(trees: Iterable[ast.Module], key: KeyPath) -> bool:
    """Whether a param could be read without being named; True as well where nothing loads params."""
    held = _Holders(list(trees))
    return not held.names or any(_holds(each, key) for each in held.escaping())


# Private functions


def _holds(last: str | None, key: KeyPath) -> bool:
    return last is None or last in key[:-1]


class _Holders:
    """Names of variables, attributes and functions that hold or give params, whatever their scope."""

    def __init__(self, trees: list[ast.Module]) -> None:
        self._nodes = [node for tree in trees for node in ast.walk(tree)]
        self._functions: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = defaultdict(list)
        for node in self._nodes:
            if isinstance(node, Functions):
                self._functions[node.name].append(node)
        self.names: dict[str, Held] = defaultdict(set)
        for _ in range(ROUNDS):
            before = {name: set(held) for name, held in self.names.items()}
            for node in self._nodes:
                self._follow(node)
            if before == {name: set(held) for name, held in self.names.items()}:
                break

    def escaping(self) -> Iterator[str | None]:
        """The mappings that leave what can be followed, by their last keys."""
        for node in self._nodes:
            for used in self._used_as_a_whole(node):
                yield from self._held(used)

    def _follow(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            held = set(self._held(node.value))
            for target in targets:
                name = _name(target)
                if held and name:
                    self.names[name] |= held
        elif isinstance(node, Functions):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    held = set(self._held(inner.value))
                    if held:
                        self.names[node.name] |= held
        elif isinstance(node, ast.Call):
            self._hand_over(node)

    def _hand_over(self, call: ast.Call) -> None:
        name = _name(call.func) or ""
        for function in self._functions.get(name, []):
            arguments = [each.arg for each in [*function.args.posonlyargs, *function.args.args]]
            if arguments[:1] in (["self"], ["cls"]):
                arguments = arguments[1:]
            given = [*zip(arguments, call.args, strict=False)]
            given += [(each.arg, each.value) for each in call.keywords if each.arg]
            for argument, value in given:
                held = set(self._held(value))
                if held:
                    self.names[argument] |= held

    def _held(self, node: ast.AST) -> Iterator[str | None]:
        """What of the params an expression is, if it is any."""
        if isinstance(node, ast.Call):
            name = _name(node.func) or ""
            if _loads(node):
                yield None
            elif name == "get" or name in self.names:
                yield from self._picked(node)
            return
        if isinstance(node, COMBINES):
            for inner in ast.iter_child_nodes(node):
                yield from self._held(inner)
            return
        yield from self._picked(node)

    def _picked(self, node: ast.AST) -> Iterator[str | None]:
        keys, base = chain(node)
        name = _name(base)
        if isinstance(base, ast.Call) and _loads(base):
            yield keys[-1] if keys else None
        elif name and name in self.names:
            yield from [keys[-1]] if keys else self.names[name]
        else:
            # An attribute may hold params: of its keys, those behind the attribute count.
            held = next((at for at, key in enumerate(keys) if key in self.names), None)
            if held is not None:
                behind = keys[held + 1 :]
                yield from [behind[-1]] if behind else self.names[keys[held]]

    def _used_as_a_whole(self, node: ast.AST) -> Iterator[ast.AST]:
        if isinstance(node, ast.Call):
            name = _name(node.func) or ""
            yield from (each.value for each in node.keywords if each.arg is None)
            if name in GOES_THROUGH and isinstance(node.func, ast.Attribute):
                yield node.func.value
            if (
                name not in self._functions
                and name not in LOOKS
                and not _loads(node)
                and name != "get"
            ):
                yield from node.args
                yield from (each.value for each in node.keywords)
            elif name == "get" and node.args and not isinstance(node.args[0], ast.Constant):
                yield node.func
        elif isinstance(node, ast.For | ast.comprehension):
            yield node.iter
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            yield node.value
        elif isinstance(node, ast.Dict):
            yield from node.values
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            yield from node.elts
        elif isinstance(node, ast.Starred):
            yield node.value


def _loads(call: ast.Call) -> bool:
    name = _name(call.func)
    if name in ("load", "loads") and isinstance(call.func, ast.Attribute):
        base = call.func.value
        return _name(base.func if isinstance(base, ast.Call) else base) in LOADS_BY
    return name in LOADERS


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
