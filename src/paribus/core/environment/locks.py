"""Lock files: the exact version of every package, those that nobody asked for included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paribus.core.environment.blocks import blocks
from paribus.core.environment.conda import NAMES, VARIANT
from paribus.core.environment.model import Listing, Role, Source, Stated, UnreadableError
from paribus.core.environment.packages import canonical, development
from paribus.core.environment.specs import NAME
from paribus.core.environment.tables import listed, rows, table, toml

USUAL_INDEXES = ("https://pypi.org/simple", "https://pypi.python.org/simple")
CONDA_FILE = re.compile(r"([\w.-]+)-([^-/]+)-([^-/]+?)(?:\.conda|\.tar\.bz2)")


def uv_lock(source: Source) -> Listing:
    """Reads a `uv.lock`, which names the project itself too, with all that it asks for."""
    packages = [*rows(toml(source).get("package"))]
    if not packages:
        raise UnreadableError("no packages")
    own = [package for package in packages if _is_own(package)]
    roots: dict[str, str] = {}
    for package in own:
        groups = table(package, "dev-dependencies") or table(package, "dependency-groups")
        for holder in (groups, table(package, "optional-dependencies")):
            for group, asked in holder.items():
                roots |= {name: development(group) for name in _names(asked) if name not in roots}
        roots |= dict.fromkeys(_names(package.get("dependencies")), "")
    others = [package for package in packages if not _is_own(package)]
    return Listing(tuple(_toml_stated(others)), _toml_needs(packages), roots or None)


def poetry_lock(source: Source) -> Listing:
    """Reads a `poetry.lock` or a `pdm.lock`."""
    packages = [*rows(toml(source).get("package"))]
    if not packages:
        raise UnreadableError("no packages")
    return Listing(tuple(_toml_stated(packages)), _toml_needs(packages))


def pipfile_lock(source: Source) -> Listing:
    """Reads a `Pipfile.lock`."""
    try:
        document = json.loads(source.text())
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error
    if not isinstance(document, dict) or "default" not in document:
        raise UnreadableError("no packages")
    found: list[Stated] = []
    for section, body in document.items():
        if section != "_meta":
            group = "dev" if section == "develop" else ""
            for name, entry in table(body).items():
                version = str(table(entry).get("version") or table(entry).get("ref") or "")
                found.append(Stated(canonical(name), version, Role.LOCKED, group))
    return Listing(tuple(found))


def conda_lock(source: Source) -> Listing:
    """Reads a `conda-lock.yml`."""
    document = blocks(source.text())
    packages = [*rows(table(document).get("package"))]
    if not packages:
        raise UnreadableError("no packages")
    found = [
        Stated(
            _conda_name(package.get("name")),
            _with_variant(str(package.get("version", "")), str(package.get("build", ""))),
            Role.LOCKED,
            development(str(package.get("category", ""))),
        )
        for package in packages
    ]
    needs: dict[str, set[str]] = {}
    for package in packages:
        asked = needs.setdefault(_conda_name(package.get("name")), set())
        asked |= {_conda_name(name) for name in table(package, "dependencies")}
    return Listing(tuple(found), _frozen(needs))


def pixi_lock(source: Source) -> Listing:
    """Reads a `pixi.lock`: packages by the addresses of their files, or by their names."""
    packages = [*rows(table(blocks(source.text())).get("packages"))]
    found = [stated for package in packages if (stated := _pixi_package(package))]
    if not found:
        raise UnreadableError("no packages")
    return Listing(tuple(found))


# Private functions


def _is_own(package: Mapping[str, Any]) -> bool:
    place = table(package, "source")
    return any(key in place for key in ("virtual", "editable", "directory"))


def _names(value: Any) -> set[str]:
    """Names that a package depends on, as any of the formats lists them."""
    if isinstance(value, Mapping):
        return {canonical(str(name)) for name in value}
    found: set[str] = set()
    for each in listed(value):
        text = each.get("name") if isinstance(each, Mapping) else each
        name = re.match(NAME, text) if isinstance(text, str) else None
        if name:
            found.add(canonical(name[0]))
    return found


def _toml_stated(packages: Iterable[Mapping[str, Any]]) -> Iterator[Stated]:
    for package in packages:
        name, version = package.get("name"), package.get("version", "")
        if not isinstance(name, str):
            raise UnreadableError("a package without a name")
        spec = f"=={version}{_place(package)}"
        yield Stated(canonical(name), spec, Role.LOCKED, _lock_group(package))


def _lock_group(package: Mapping[str, Any]) -> str:
    groups = [str(group) for group in listed(package.get("groups"))]
    groups = groups or [str(package.get("category", ""))]
    known = [development(group) for group in groups]
    return known[0] if all(known) else ""


def _place(package: Mapping[str, Any]) -> str:
    """Where a package comes from, unless it is the usual index."""
    place = package.get("source", "")
    if isinstance(place, Mapping):
        if place.get("type") == "legacy" or place.get("registry") in USUAL_INDEXES:
            place = place.get("reference", "") if place.get("type") == "legacy" else ""
        else:
            keys = ("registry", "git", "url", "path", "resolved_reference")
            place = " ".join(str(place[key]) for key in keys if key in place)
    revision = package.get("revision", "")  # PDM's
    told = " ".join(str(each) for each in (place, package.get("git", ""), revision) if each)
    return f" @ {told}" if told else ""


def _toml_needs(packages: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    needs: dict[str, set[str]] = {}
    for package in packages:
        asked = needs.setdefault(canonical(str(package.get("name"))), set())
        asked |= _names(package.get("dependencies"))
        for extra in table(package, "optional-dependencies").values():
            asked |= _names(extra)
    return _frozen(needs)


def _frozen(needs: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """None at all where no package needs another: then the file does not say."""
    return {name: frozenset(asked) for name, asked in needs.items()} if any(needs.values()) else {}


def _conda_name(name: object) -> str:
    known = canonical(str(name))
    return NAMES.get(known, known)


def _with_variant(version: str, build: str) -> str:
    variant = " ".join(VARIANT.findall(build))
    return f"=={version}" + (f" ({variant})" if variant else "")


def _pixi_package(package: Mapping[str, Any]) -> Stated | None:
    name, version = package.get("name"), package.get("version")
    if name and version:
        return Stated(_conda_name(name), f"=={version}", Role.LOCKED)
    url = str(package.get("conda") or package.get("url") or "")
    found = CONDA_FILE.fullmatch(url.rpartition("/")[2][:300])
    if not found:
        return None
    return Stated(_conda_name(found[1]), _with_variant(found[2], found[3]), Role.LOCKED)
