"""Requirements as text, such as `Requests[socks] <3, >=2`, and which of them are the same."""

from __future__ import annotations

import re

from paribus.core.environment.model import Role, Stated, UnreadableError
from paribus.core.environment.packages import canonical
from paribus.core.values import MISSING, Value

LONGEST_SHOWN = 80

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
REQUIREMENT = re.compile(rf"({NAME})\s*(?:\[([^\]]*)\])?\s*(.*)", re.DOTALL)
CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>)\s*([\w.*+!-]+)", re.ASCII)
PIN = re.compile(r"==([^*,;|=\s]+)")
ARCHIVE = re.compile(r"([A-Za-z0-9_.]+)-(\d[^-]*?)(?:-.*)?\.(?:whl|tar\.gz|zip)", re.ASCII)
NEEDLESS_ZEROS = re.compile(
    r"((?<!=)(?:==|>=|<=|!=|>|<)(?:\d+!)?\d+(?:\.\d+)*?)(?:\.0)+(?=$|[,;\s|])"
)


def requirement(text: str, role: Role = Role.DIRECT, group: str = "") -> Stated:
    """A requirement as PEP 508 spells it.

    Raises:
        UnreadableError: the text is none.
    """
    found = REQUIREMENT.fullmatch(text.strip())
    if not found or found[1].isdigit():
        raise UnreadableError(text)
    name, extras, rest = canonical(found[1]), found[2] or "", found[3]
    if rest.startswith("@"):
        url, _, marker = rest[1:].strip().partition(" ;")
        spec = located(url)
    else:
        versions, _, marker = rest.partition(";")
        spec = _clauses(versions.strip())
    return Stated(name, _extras(extras) + spec + _marker(marker), role, group)


def located(url: str) -> str:
    """The spec of a package that comes from an address.

    Of a file on the machine of who wrote the list, only what its name says is kept: `pip freeze` in a
    conda environment writes another path after each build.
    """
    url = url.strip()
    archive = in_archive(url)
    if url.startswith("file:"):
        return archive.spec if archive else "@ file"
    return "@ " + re.sub(r"#(?:egg|sha256|md5)=.*", "", url)


def in_archive(url: str) -> Stated | None:
    """The package that a wheel or an archive holds, by the name of the file."""
    found = ARCHIVE.fullmatch(url.partition("#")[0].rpartition("/")[2][:300])
    return Stated(canonical(found[1]), f"=={found[2]}") if found else None


def merged_spec(*parts: str) -> str:
    """A spec of several parts, those that say nothing left out."""
    return " ".join(part for part in parts if part)


def same_spec(old: Value, new: Value) -> bool:
    """Whether two specs mean the same; `==1.0` is `==1.0.0`."""
    return bool(_comparable(old) == _comparable(new))


def pins(spec: Value) -> frozenset[str]:
    """The exact versions of a spec; none where anything else satisfies it too."""
    alternatives = str(spec).split(" | ") if isinstance(spec, str) else []
    found = [PIN.fullmatch(each.partition(";")[0].strip()) for each in alternatives]
    return frozenset(each[1] for each in found if each) if all(found) else frozenset()


def shown_spec(spec: Value) -> str:
    """A spec for people: a version where it is exact."""
    if spec is MISSING:
        return "(absent)"
    text = re.sub(r"(^| \| )==(?=[^,]*(?:$| \|))", r"\1", str(spec))
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return (plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 3] + "...") or "(any)"


def direction(old: Value, new: Value) -> int:
    """1 for a later version, -1 for an earlier one, 0 where that cannot be told."""
    before, after = (_numbers(side) for side in (old, new))
    if not before or not after:
        return 0
    return (after > before) - (after < before)


# Private functions


def _clauses(text: str) -> str:
    """Each clause without spaces, in one order."""
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    found = [CLAUSE.fullmatch(clause.strip()) for clause in text.split(",") if clause.strip()]
    if not all(found):
        raise UnreadableError(text)
    return ",".join(sorted({each[1] + each[2] for each in found if each}))


def _extras(text: str) -> str:
    listed = sorted({canonical(extra.strip()) for extra in text.split(",") if extra.strip()})
    return f"[{','.join(listed)}]" if listed else ""


def _marker(text: str) -> str:
    words = " ".join(text.replace('"', "'").split())
    words = re.sub(r"\s*(===|==|~=|!=|<=|>=|<|>|\(|\))\s*", r"\1", words)
    return f"; {words}" if words else ""


def _comparable(spec: Value) -> Value:
    return NEEDLESS_ZEROS.sub(r"\1", spec) if isinstance(spec, str) else spec


def _numbers(spec: Value) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)*", spec) if isinstance(spec, str) else None
    return tuple(int(part[:9]) for part in found[0].split(".")[:6]) if found else ()
