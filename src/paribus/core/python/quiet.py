"""Takes out of a program what cannot move a metric: docstrings, type hints, logging, progress bars."""

from __future__ import annotations

import ast

READ_HINTS = frozenset(
    {"typer", "pydantic", "jsonargparse", "beartype", "attrs", "attr", "dataclasses", "typeguard",
     "injector", "fastapi", "tyro", "simple_parsing", "sqlmodel", "hydra_zen", "inspect", "typing_inspect"}
)  # fmt: skip
"""Packages that look at type hints while the program runs; where one is imported, hints count."""

LOGGERS = frozenset({"logging", "logger", "log", "_logger", "_log", "LOGGER", "LOG", "console"})
LOG_METHODS = frozenset(
    {"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "success", "print",
     "basicConfig", "setLevel", "filterwarnings", "simplefilter"}
)  # fmt: skip
TRACKERS = frozenset({"mlflow", "wandb", "neptune", "comet_ml"})
"""Services that are told about a run."""

MAKES_LOGGER = frozenset({"getLogger", "get_logger"})

PURE = frozenset(
    {"len", "range", "str", "repr", "round", "type", "int", "float", "bool", "format", "abs", "open",
     "md5", "sha256", "datetime", "Path", "accuracy_score", "f1_score", "precision_score",
     "recall_score", "roc_auc_score", "classification_report", "confusion_matrix",
     "mean_squared_error", "mean_absolute_error", "r2_score"}
)  # fmt: skip
PURE_METHODS = frozenset(
    {"format", "join", "read", "encode", "decode", "hexdigest", "md5", "sha256", "head", "tail",
     "describe", "value_counts", "nunique", "unique", "isnull", "isna", "mean", "std", "sum",
     "min", "max", "count", "time", "perf_counter", "now", "strftime", "isoformat", "dumps",
     "upper", "lower", "strip", "title", "getcwd", "exists", "basename", "keys", "items", "values",
     "to_string",
     "tolist", "item", "cwd", "resolve"}
)  # fmt: skip
"""Calls that only look. Anything else in what is printed may use up a generator or a random number."""

ENTRIES = frozenset({"items", "keys", "values"})

USES_UP = frozenset(
    {"sorted", "enumerate", "zip", "list", "set", "tuple", "dict", "sum", "min", "max"}
)
"""What goes through its argument, which a generator does not survive."""

CAN_ACT = (
    ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda, ast.Starred, ast.GeneratorExp,
    ast.ListComp, ast.SetComp, ast.DictComp,
)  # fmt: skip
"""What can do something, or use something up, inside the argument of a call."""

PROGRESS = frozenset({"tqdm", "trange"})


def quiet(tree: ast.Module, *, prints: bool) -> ast.Module:
    """The program without what cannot move a metric; changes the tree in place.

    Args:
        prints: whether `print` is taken out as well: not where a stage keeps what is printed.
    """
    hints = not READ_HINTS.isdisjoint(_imported(tree))
    told = any(isinstance(node, ast.Name) and node.id == "__doc__" for node in ast.walk(tree))
    docstring = tree.body[:1] if told else []
    _Quieter(prints=prints, keep_hints=hints).visit(tree)
    tree.body = [*docstring, *tree.body]
    return tree


# Private functions


class _Quieter(ast.NodeTransformer):
    def __init__(self, *, prints: bool, keep_hints: bool) -> None:
        self._prints = prints
        self._keep_hints = keep_hints
        self._in_class = False

    def visit_Module(self, node: ast.Module) -> ast.Module:
        node.body = self._statements(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        outside, self._in_class = self._in_class, True
        node.body = self._statements(node.body) or [ast.Pass()]
        self._in_class = outside
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self._function(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        self._function(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        if self._keep_hints or self._in_class or not isinstance(node.target, ast.Name):
            return node
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else None
        # A progress bar around something is that thing.
        return node.args[0] if name == "tqdm" and node.args else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                kept = self._statements(block)
                setattr(node, name, kept or ([ast.Pass()] if block and name == "body" else []))
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))
            elif isinstance(value, list) and name not in ("body", "orelse", "finalbody"):
                value[:] = [
                    self.visit(each) if isinstance(each, ast.AST) else each for each in value
                ]
        return node

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outside, self._in_class = self._in_class, False
        node.body = self._statements(node.body) or [ast.Pass()]
        self._in_class = outside
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.args = self.visit(node.args)
        if not node.decorator_list and not self._keep_hints:
            node.returns = None
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for argument in [*every, node.args.vararg, node.args.kwarg]:
                if argument is not None:
                    argument.annotation = None

    def _statements(self, block: list[ast.stmt]) -> list[ast.stmt]:
        kept = [
            self.visit(each)
            for each in block
            if not _is_constant(each) and not self._is_logging(each)
        ]
        kept = [each for each in kept if not isinstance(each, ast.Pass)]
        return [each for each in kept if not _does_nothing(each)]

    def _is_logging(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Assign | ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            called = (
                _logs(call, prints=self._prints)
                if isinstance(statement, ast.Expr)
                else _makes(call)
            )
            return called and all(_is_harmless(each) for each in _arguments(call))
        return False


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def _is_constant(statement: ast.stmt) -> bool:
    """A docstring, `...`, or any other value that stands alone and does nothing."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _does_nothing(statement: ast.stmt) -> bool:
    """A branch or a loop of which nothing is left, on something that is only looked at."""
    if not isinstance(statement, ast.If | ast.For) or statement.orelse:
        return False
    if not all(isinstance(each, ast.Pass) for each in statement.body):
        return False
    if isinstance(statement, ast.If):
        return _is_harmless(statement.test)
    # A loop over a name may use up what the name stands for, and leaves its last value behind.
    inner = statement.iter.args[:1] if isinstance(statement.iter, ast.Call) else []
    looked = inner[0] if inner else statement.iter
    items = isinstance(looked, ast.Call) and getattr(looked.func, "attr", "") in ENTRIES
    return items and _is_harmless(statement.iter)


def _logs(call: ast.Call, *, prints: bool) -> bool:
    if isinstance(call.func, ast.Name):
        return prints and call.func.id in ("print", "pprint")
    if _tells_tracker(call.func):
        return True
    if isinstance(call.func, ast.Attribute) and call.func.attr in LOG_METHODS:
        base = call.func.value
        last = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        return last in LOGGERS or (last == "warnings" and not _raises(call))
    return False


def _raises(call: ast.Call) -> bool:
    """Whether a filter makes warnings errors, which end a run."""
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and first.value == "error"


def _tells_tracker(function: ast.expr) -> bool:
    holder = function.value if isinstance(function, ast.Attribute) else None
    method = getattr(function, "attr", "")
    return getattr(holder, "id", "") in TRACKERS and method.startswith(("log", "set_"))


def _makes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in MAKES_LOGGER


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _is_harmless(expression: ast.expr) -> bool:
    """Whether evaluating it does nothing but look."""
    for node in ast.walk(expression):
        if isinstance(node, CAN_ACT):
            return False
        if isinstance(node, ast.Call) and not _is_pure(node):
            return False
    return True


def _is_pure(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        named = any(isinstance(argument, ast.Name) for argument in call.args)
        return function.id in PURE or (function.id in USES_UP and not named)
    if not isinstance(function, ast.Attribute) or function.attr not in PURE_METHODS:
        return False
    if function.attr == "join":
        return not any(isinstance(argument, ast.Name) for argument in call.args)
    return function.attr != "read" or isinstance(function.value, ast.Call)
