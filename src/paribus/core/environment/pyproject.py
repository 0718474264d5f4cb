"""`pyproject.toml` as the standards and the tools use it, and the own files of Pipenv and Pixi."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paribus.core.environment.conda import NAMES
from paribus.core.environment.model import Listing, Role, Source, Stated, asides
from paribus.core.environment.packages import canonical, development
from paribus.core.environment.requirements import one_line
from paribus.core.environment.specs import located, merged_spec
from paribus.core.environment.tables import listed, rows, table, toml

NEUTRAL_TOOLS = (
    "autoflake", "bandit", "basedpyright", "black", "bumpver", "bumpversion", "check-manifest",
    "cibuildwheel", "codespell", "commitizen", "coverage", "deptry", "doc8", "docformatter", "dvc",
    "flake8", "flit", "importlinter", "interrogate", "isort", "jupytext", "mypy", "nbqa",
    "nbstripout", "nox", "pdoc", "poe", "pycln", "pydocstyle", "pydoclint", "pylint", "pyright", "pytest",
    "pyupgrade", "refurb", "ruff", "semantic_release", "setuptools", "setuptools_scm",
    "setuptools-git-versioning", "taskipy", "tbump", "towncrier", "tox", "ty", "versioneer", "vulture",
    "yapf", "hatch",
)  # fmt: skip
"""Tables of tools that people and builds use beside the pipeline."""

STANDARD = ("project", "tool", "dependency-groups", "build-system")
MOVING_POETRY = ("dependencies", "dev-dependencies", "group", "source")
MOVING_UV = {"dev-dependencies": "dev", "override-dependencies": "", "constraint-dependencies": ""}
QUIET_UV = ("workspace", "package", "default-groups", "cache-keys", "required-version", "managed")


def pyproject(source: Source) -> Listing:
    """Reads a `pyproject.toml`."""
    document = toml(source)
    tools = table(document, "tool")
    found = [
        *_standard(document),
        *_poetry(table(tools, "poetry")),
        *_uv(table(tools, "uv")),
        *_groups(table(tools, "pdm", "dev-dependencies"), always="dev"),
        *_groups({"dev": table(tools, "rye").get("dev-dependencies")}),
        *_hatch(table(tools, "hatch", "envs")),
        *_pixi(table(tools, "pixi")),
    ]
    known = ("poetry", "uv", "pdm", "rye", "pixi", *NEUTRAL_TOOLS)
    found += [_part(f"tool.{name}", tools[name]) for name in tools if name not in known]
    found += asides({f"tool.{name}": tools[name] for name in tools if name in NEUTRAL_TOOLS})
    others = [name for name in document if name not in STANDARD]
    found += [_part(name, document[name]) for name in others]
    return Listing(tuple(_with_sources(found, table(tools, "uv", "sources"))))


def pipfile(source: Source) -> Listing:
    """Reads a `Pipfile`."""
    document = toml(source)
    found = [*_poetry_like(table(document, "packages"), "")]
    found += _poetry_like(table(document, "dev-packages"), "dev")
    requires = table(document, "requires")
    version = requires.get("python_full_version") or requires.get("python_version")
    if version:
        found.append(Stated("python", f"=={version}"))
    if "source" in document:
        found.append(_part("source", document["source"]))
    return Listing(
        (*found, *asides({name: document[name] for name in ("scripts",) if name in document}))
    )


def pixi_file(source: Source) -> Listing:
    """Reads a `pixi.toml`."""
    return Listing(tuple(_pixi(toml(source))))


# Private functions


def _standard(document: Mapping[str, Any]) -> Iterator[Stated]:
    project, build = table(document, "project"), table(document, "build-system")
    yield from _lines(project.get("dependencies"), "")
    yield from _groups(table(project, "optional-dependencies"))
    yield from _groups(table(document, "dependency-groups"))
    yield from _lines(build.get("requires"), "")
    if "requires-python" in project:
        yield Stated("python", _spaceless(project["requires-python"]))
    kept = ("dependencies", "optional-dependencies", "requires-python")
    yield from asides({f"project.{name}": project[name] for name in project if name not in kept})
    yield from asides({f"build-system.{name}": build[name] for name in build if name != "requires"})


def _lines(value: Any, group: str) -> Iterator[Stated]:
    for line in listed(value):
        if isinstance(line, str):
            yield from one_line(line, group)


def _groups(groups: Mapping[str, Any], always: str = "") -> Iterator[Stated]:
    for name, lines in groups.items():
        yield from _lines(lines, always or development(name))


def _uv(uv: Mapping[str, Any]) -> Iterator[Stated]:
    for name, group in MOVING_UV.items():
        yield from _lines(uv.get(name), group)
    known = (*MOVING_UV, *QUIET_UV, "sources")
    yield from (_part(f"tool.uv.{name}", uv[name]) for name in uv if name not in known)
    yield from asides({f"tool.uv.{name}": uv[name] for name in uv if name in QUIET_UV})


def _with_sources(found: Iterable[Stated], sources: Mapping[str, Any]) -> Iterator[Stated]:
    """Packages with the place that uv is to take them from."""
    places = {canonical(name): _told(place) for name, place in sources.items()}
    for each in found:
        place = places.get(each.name) if each.role is Role.DIRECT else None
        yield (
            Stated(each.name, f"{each.spec} @ {place}".strip(), each.role, each.group)
            if place
            else each
        )


def _hatch(environments: Mapping[str, Any]) -> Iterator[Stated]:
    for name, body in environments.items():
        for key in ("dependencies", "extra-dependencies"):
            yield from _lines(table(body).get(key), "" if name == "default" else name)


def _poetry(poetry: Mapping[str, Any]) -> Iterator[Stated]:
    yield from _poetry_like(table(poetry, "dependencies"), "")
    yield from _poetry_like(table(poetry, "dev-dependencies"), "dev")
    for name in table(poetry, "group"):
        packages = table(poetry, "group", name, "dependencies")
        yield from _poetry_like(packages, development(name))
    if "source" in poetry:
        yield _part("tool.poetry.source", poetry["source"])
    rest = {name: poetry[name] for name in poetry if name not in MOVING_POETRY}
    yield from asides({f"tool.poetry.{name}": value for name, value in rest.items()})


def _poetry_like(packages: Mapping[str, Any], group: str) -> Iterator[Stated]:
    for name, value in packages.items():
        for one in value if isinstance(value, list) else [value]:
            yield Stated(canonical(name), _constraint(one), group=group)


def _constraint(value: Any) -> str:
    """A version as text, or what a table says of it; whether it is optional does not move it."""
    if not isinstance(value, Mapping):
        return "" if value == "*" else _spaceless(value)
    version = value.get("version", "")
    extras = ",".join(sorted(map(str, listed(value.get("extras")))))
    place = value.get("git") or value.get("url") or value.get("path")
    revision = value.get("rev") or value.get("tag") or value.get("branch") or value.get("ref")
    rest = {
        key: value[key]
        for key in ("python", "platform", "markers", "source", "channel")
        if key in value
    }
    spec = merged_spec(
        f"[{extras}]" if extras else "",
        "" if version == "*" else _spaceless(version),
        located(str(place)) + (f"@{revision}" if revision else "") if place else "",
    )
    return spec + ("; " + ", ".join(f"{key} {rest[key]}" for key in sorted(rest)) if rest else "")


def _pixi(pixi: Mapping[str, Any]) -> Iterator[Stated]:
    yield from _pixi_packages(pixi, "")
    for name, feature in table(pixi, "feature").items():
        yield from _pixi_packages(table(feature), development(name))
    for name in ("channels", "system-requirements", "activation"):
        value = pixi.get(name, table(pixi, "workspace").get(name, table(pixi, "project").get(name)))
        if value is not None:
            yield _part(name, value)
    quiet = ("workspace", "project", "package", "tasks", "environments")
    yield from asides({name: pixi[name] for name in quiet if name in pixi})


def _pixi_packages(holder: Mapping[str, Any], group: str) -> Iterator[Stated]:
    places = [holder, *(table(target) for target in table(holder, "target").values())]
    for place in places:
        for name, value in table(place, "dependencies").items():
            known = NAMES.get(canonical(name), canonical(name))
            yield Stated(known, _constraint(value), group=group)
        yield from _poetry_like(table(place, "pypi-dependencies"), group)


def _spaceless(value: Any) -> str:
    """A constraint without needless spaces, its clauses in one order."""
    clauses = ["".join(clause.split()) for clause in str(value).split(",")]
    return ",".join(sorted(filter(None, clauses)))


def _part(name: str, value: Any) -> Stated:
    return Stated(name, _told(value), Role.PART)


def _told(value: Any) -> str:
    if isinstance(value, Mapping) and len(value) == 1:
        return " ".join(f"{key} {inner}" for key, inner in value.items())
    tables = isinstance(value, list) and all(isinstance(row, Mapping) for row in rows(value))
    if isinstance(value, Mapping) or tables:
        return json.dumps(value, sort_keys=True, default=str)
    return str(value)
