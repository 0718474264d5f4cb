"""Conda's environment files, and packages as conda spells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from paribus.core.environment.blocks import blocks
from paribus.core.environment.model import Listing, Role, Source, Stated, UnreadableError, asides
from paribus.core.environment.packages import canonical, development
from paribus.core.environment.requirements import one_line

MATCH = re.compile(r"(?:([\w./:-]+)::)?([\w.-]+)(?:\[(.*)\])?\s*(.*)", re.ASCII | re.DOTALL)
VARIANT = re.compile(r"cuda\d*|cpu|gpu|nomkl|mkl|openblas|rocm")
SYSTEM = re.compile(
    r"_.*|lib.*|(?:ca-certificates|openssl|ncurses|readline|sqlite|tk|tzdata|xz|zlib|bzip2|zstd|"
    r"ld-impl-linux.*|gcc.*|gxx.*|binutils.*|sysroot.*|kernel-headers.*|icu|krb5|expat|c-ares|lz4-c|"
    r"freetype|fontconfig|jpeg|giflib|lcms2|openjpeg|pcre2?|gettext|vc|vs2015-runtime|ucrt)"
)
"""Packages below Python's own that an exported environment lists and nobody asked for."""

NAMES = {
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "opencv": "opencv-python",
}
NAMES |= {"py-opencv": "opencv-python", "py-xgboost": "xgboost", "matplotlib-base": "matplotlib"}
ASIDE = ("name", "prefix", "platforms")


def conda_environment(source: Source) -> Listing:
    """Reads an `environment.yml`."""
    document = blocks(source.text())
    if not isinstance(document, dict) or not isinstance(document.get("dependencies"), list):
        raise UnreadableError("no dependencies")
    group = development(re.sub("environment|dev", "", source.name.lower()))
    found = [*dependencies(document["dependencies"], group)]
    variables = document.get("variables")
    if isinstance(variables, dict):
        found += [Stated(f"variable {key}", str(variables[key]), Role.PART) for key in variables]
    known = ("dependencies", "variables", *ASIDE)
    found += [Stated(key, _told(document[key]), Role.PART) for key in document if key not in known]
    found += asides({key: document[key] for key in ASIDE if key in document})
    return Listing(tuple(found))


def dependencies(listed: Iterable[Any], group: str = "") -> Iterator[Stated]:
    """The packages of a list, those for pip included."""
    for entry in listed:
        if isinstance(entry, dict):
            for lines in entry.values():
                if not isinstance(lines, list):
                    raise UnreadableError("a mapping among the dependencies")
                for line in lines:
                    yield from one_line(str(line), group)
        elif entry is not None:
            yield conda_package(str(entry), group)


def conda_package(text: str, group: str = "") -> Stated:
    """A package as conda spells it: `conda-forge::numpy=1.26=py311h_0`.

    Of a build only what tells one variant from another is kept; its number follows from the version of
    Python and from the day.

    Raises:
        UnreadableError: the text is none.
    """
    found = MATCH.fullmatch(text.strip())
    if not found:
        raise UnreadableError(text)
    channel, name, inside, rest = found.groups()
    version, build = _parts(rest.strip())
    role = Role.LOCKED if build and SYSTEM.fullmatch(name.lower()) else Role.DIRECT
    variant = " ".join(VARIANT.findall(build))
    spec = version + (f" ({variant})" if variant else "") + (f" [{inside}]" if inside else "")
    if channel and channel not in ("conda-forge", "defaults"):
        spec += f" from {channel}"
    name = canonical(name)
    return Stated(NAMES.get(name, name), spec, role, group)


# Private functions


def _parts(rest: str) -> tuple[str, str]:
    """A version and a build."""
    pinned = re.fullmatch(r"(==?)\s*([^=\s]+)(?:\s*=\s*(\S+))?", rest)
    if pinned:
        version = pinned[1] + pinned[2] if not pinned[3] else f"=={pinned[2]}"
        return version, pinned[3] or ""
    spaced = re.fullmatch(r"([\w.*+!]+)(?:\s+(\S+))?", rest)
    if spaced:
        return f"=={spaced[1]}", spaced[2] or ""
    clauses = (clause.strip() for clause in rest.split(","))
    return ",".join(sorted(re.sub(r"\s+", "", clause) for clause in clauses if clause)), ""


def _told(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
