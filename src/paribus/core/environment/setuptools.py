"""`setup.cfg`, and `setup.py` read as syntax: what they ask for in plain sight."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from paribus.core.environment.model import Listing, Role, Source, Stated, UnreadableError, asides
from paribus.core.environment.packages import development
from paribus.core.environment.requirements import one_line
from paribus.core.environment.specs import requirement
from paribus.core.python.syntax import parsed

REQUIRES = ("install_requires", "setup_requires", "tests_require")
ABOUT = (
    "name", "version", "description", "long_description", "long_description_content_type", "author",
    "author_email", "maintainer", "maintainer_email", "url", "download_url", "project_urls", "license",
    "license_files", "keywords", "classifiers", "platforms", "packages", "package_dir", "py_modules",
    "package_data", "include_package_data", "entry_points", "scripts", "zip_safe", "test_suite",
    "use_scm_version", "options", "exclude_package_data", "data_files", "namespace_packages",
)  # fmt: skip
"""What a project says of itself."""

MOVING_SECTIONS = ("options", "options.extras_require", "build_ext")
QUIET = (
    "metadata", "flake8", "isort", "aliases", "egg_info", "bdist_wheel", "wheel", "bumpversion", "pep8",
    "pycodestyle", "pydocstyle", "pylint", "mypy", "coverage", "tool:", "tool.", "yapf", "codespell", "check",
    "options.", "versioneer", "sdist", "upload", "build_sphinx", "tox", "darglint", "semantic_release",
    "zest", "autopep8", "doc8", "pbr", "files", "entry_points",
)  # fmt: skip
"""Beginnings of sections that are about the project and its tools."""


def setup_cfg(source: Source) -> Listing:
    """Reads a `setup.cfg`."""
    import configparser  # noqa: PLC0415 (as rare as the file)

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(source.text())
    except (configparser.Error, ValueError) as error:
        raise UnreadableError("no setup.cfg") from error
    sections = {name: dict(parser[name]) for name in parser.sections()}
    options = sections.get("options", {})
    found = [*_options(options)]
    for extra, lines in sections.get("options.extras_require", {}).items():
        found += _lines(lines.split("\n"), development(extra))
    for name, section in sections.items():
        if name not in MOVING_SECTIONS[:2]:
            role = Role.ASIDE if name.startswith(QUIET) else Role.PART
            found.append(Stated(f"[{name}]", str(section), role))
    return Listing(tuple(found))


def setup_py(source: Source) -> Listing:
    """Reads the call of `setup()`; where its arguments are computed, the whole program counts."""
    source.text()
    tree = parsed(source.data)
    calls = [node for node in ast.walk(tree) if _is_setup(node)] if tree else []
    if not tree or len(calls) != 1:
        raise UnreadableError("no call of setup()")
    call = calls[0]
    assert isinstance(call, ast.Call)
    known = _assigned(tree)
    found: list[Stated] = []
    computed = any(keyword.arg is None for keyword in call.keywords)
    for keyword in call.keywords:
        read = _keyword(keyword, known)
        computed = computed or read is None
        found += read or []
    if computed:  # what it hands over is made by the rest of the program
        found.append(Stated("setup.py program", ast.dump(_without_text(tree)), Role.PART))
    return Listing(tuple(found), partial=computed)


# Private functions

_Known = Mapping[str, ast.expr]


def _options(options: Mapping[str, str]) -> Iterator[Stated]:
    for key in REQUIRES:
        group = "test" if key == "tests_require" else ""
        yield from _lines(options.get(key, "").split("\n"), group)
    if "python_requires" in options:
        yield _python(options["python_requires"])
    rest = {key: options[key] for key in options if key not in (*REQUIRES, "python_requires")}
    yield from asides({f"options.{key}": value for key, value in rest.items()})


def _lines(lines: list[str], group: str) -> Iterator[Stated]:
    for line in lines:
        bare = line.strip()
        if bare and not bare.startswith(("#", "file:")):
            yield from one_line(bare, group)
        elif bare.startswith("file:"):
            yield Stated(f"requirements of {bare}", "", Role.PART)


def _python(spec: str) -> Stated:
    clauses = ("".join(clause.split()) for clause in spec.split(","))
    return Stated("python", ",".join(sorted(filter(None, clauses))))


def _is_setup(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Name) and called.id == "setup") or (
        isinstance(called, ast.Attribute) and called.attr == "setup"
    )


def _assigned(tree: ast.Module) -> _Known:
    """What is assigned to each name at the top, once."""
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                twice |= {target.id} & found.keys()
                found[target.id] = node.value
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            twice.add(node.target.id)
    return {name: value for name, value in found.items() if name not in twice}


def _keyword(keyword: ast.keyword, known: _Known) -> list[Stated] | None:
    """What an argument of `setup()` says; None where the program has to run to tell."""
    name, value = str(keyword.arg), _resolved(keyword.value, known)
    if name in ABOUT:
        return list(asides({f"setup.py {name}": ast.dump(value)}))
    if name in REQUIRES:
        texts = _texts(value, known)
        group = "test" if name == "tests_require" else ""
        return None if texts is None else [requirement(text, group=group) for text in texts]
    if name == "extras_require" and isinstance(value, ast.Dict):
        return _extras(value, known)
    if name == "python_requires" and isinstance(value, ast.Constant):
        return [_python(str(value.value))]
    return None


def _extras(value: ast.Dict, known: _Known) -> list[Stated] | None:
    found: list[Stated] = []
    for key, item in zip(value.keys, value.values, strict=True):
        texts = _texts(_resolved(item, known), known)
        if texts is None or not isinstance(key, ast.Constant):
            return None
        found += [requirement(text, group=development(str(key.value))) for text in texts]
    return found


def _texts(value: ast.expr, known: _Known) -> list[str] | None:
    """The texts of a list, of lists that are added, or one text; None for anything that is computed."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [line for line in value.value.split("\n") if line.strip()]
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = (_texts(_resolved(side, known), known) for side in (value.left, value.right))
        return None if left is None or right is None else left + right
    if not isinstance(value, ast.List | ast.Tuple | ast.Set):
        return None
    found: list[str] = []
    for item in value.elts:
        inner = item.value if isinstance(item, ast.Starred) else item
        texts = _texts(_resolved(inner, known), known)
        if texts is None:
            return None
        found += texts
    return found


def _resolved(value: ast.expr, known: _Known) -> ast.expr:
    return known.get(value.id, value) if isinstance(value, ast.Name) else value


def _without_text(tree: ast.Module) -> ast.Module:
    """The program without its opening words and without what `setup()` says about the project."""
    body = tree.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    for node in ast.walk(tree):
        if _is_setup(node):
            assert isinstance(node, ast.Call)
            said = (*ABOUT, "python_requires")
            node.keywords = [each for each in node.keywords if each.arg not in said]
    return ast.Module(body, [])
