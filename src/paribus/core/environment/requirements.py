"""Requirements files as pip, pip-tools and `pip freeze` write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from paribus.core.environment.model import Listing, Role, Source, Stated, UnreadableError
from paribus.core.environment.packages import DEVELOPMENT, canonical
from paribus.core.environment.specs import in_archive, located, requirement

MOST_LINES = 50_000
COMMENT = re.compile(r"(?:^|\s)#.*")
EGG = re.compile(r"[#&]egg=([A-Za-z0-9][\w.-]*)", re.ASCII)
OPTION = re.compile(r"(--?[A-Za-z][\w-]*)(?:\s*=\s*|\s+|$)(.*)", re.ASCII)
HASHES = re.compile(r"\s--(?:hash|config-settings?|global-option)[= ]\S+")
ADDRESS = re.compile(r"(?:\w{1,9}\+)?(?:https?|ssh|git|file|s3)://|(?:git|hg|svn|bzr)\+", re.ASCII)
LOCAL = re.compile(r"(?:\.{0,2}/|\.{1,2}(?:\[|$))")
SPELLED = {"-r": "-r", "--requirement": "-r", "-c": "-c", "--constraint": "-c", "-i": "--index-url"}
SPELLED |= {"-f": "--find-links", "-e": "-e", "--editable": "-e"}
BOOKKEEPING = ("--require-hashes", "--prefer-binary", "--trusted-host", "--use-feature")


def requirements(source: Source) -> Listing:
    """Reads a requirements or constraints file."""
    found_group = DEVELOPMENT.search(re.sub("requirements?|constraints?", "", source.path.lower()))
    group = found_group[0].strip("-_. /") if found_group else ""
    lines = list(_logical(source.text()))
    if len(lines) > MOST_LINES:
        raise UnreadableError("too many lines")
    if any(asked is not None for _, asked in lines):
        return _compiled(lines, group)
    locked = source.name.startswith("constraints")
    found = [each for line, _ in lines for each in one_line(line, group)]
    if locked:
        found = [_locked(each) for each in found]
    return Listing(tuple(found), includes=tuple(_includes(line for line, _ in lines)), group=group)


def one_line(line: str, group: str = "") -> list[Stated]:
    """What one line of a requirements file asks for; nothing for the project itself and for includes.

    Raises:
        UnreadableError: the line is none.
    """
    line = HASHES.sub("", " " + line).strip()
    if line.startswith("-"):
        return _option(line, group)
    if not line or LOCAL.match(line):
        return [Stated(line, line, Role.PART)] if line.startswith(("../", "/")) else []
    if ADDRESS.match(line):
        return [_addressed(line, group)]
    return [requirement(line, group=group)]


# Private functions

_Line = tuple[str, list[str] | None]
"""A line without its comments, and what `# via` says after it: who asked for the package."""


def _logical(text: str) -> Iterator[_Line]:
    """Lines with their continuations, each with those that pip-tools says it is there for."""
    line, vias = "", _Vias()
    for raw in text.replace("\\\n", " ").split("\n"):
        bare = COMMENT.sub("", raw).strip()
        comment = raw.partition("#")[2] if "#" in raw else ""
        if bare:
            if line:
                yield line, vias.asked
            line, vias = bare, _Vias()
        vias.hear(comment)
    if line:
        yield line, vias.asked


class _Vias:
    """Follows the comments after a line: `# via pandas`, or `# via` and one name a line."""

    def __init__(self) -> None:
        self.asked: list[str] | None = None

    def hear(self, comment: str) -> None:
        word, _, rest = comment.strip().partition(" ")
        if word == "via":
            self.asked = self.asked or []
            self.asked += rest.split(", ") if rest else []
        elif self.asked is not None and comment.strip():
            self.asked.append(comment.strip())


def _compiled(lines: Iterable[_Line], group: str) -> Listing:
    """A file that pip-tools or uv made: it says of each package who asked for it."""
    found: list[Stated] = []
    needs: dict[str, set[str]] = {}
    for line, asked in lines:
        for each in one_line(line, group):
            if each.role is not Role.DIRECT or asked is None or any(map(_is_person, asked)):
                found.append(each)
                continue
            found.append(_locked(each))
            for asker in asked:
                needs.setdefault(canonical(asker.partition("[")[0].strip()), set()).add(each.name)
    roots = {each.name: each.group for each in found if each.role is Role.DIRECT}
    frozen = {name: frozenset(listed) for name, listed in needs.items()}
    return Listing(tuple(found), frozen, roots, tuple(_includes(line for line, _ in lines)), group)


def _is_person(asker: str) -> bool:
    """Whether a package is there because a person asked for it, and not for another package."""
    return asker.startswith("-r ") or asker.endswith((".in", ".txt", ".toml)", ".py)", ".cfg)"))


def _option(line: str, group: str) -> list[Stated]:
    found = OPTION.match(line)
    if not found:
        raise UnreadableError(line)
    name, value = SPELLED.get(found[1], found[1]), found[2].strip().strip("'\"")
    if name in ("-r", "-c") or name in BOOKKEEPING:
        return []
    if name == "-e":
        return [_addressed(value, group)] if ADDRESS.match(value) else one_line(value, group)
    return [Stated(name, value, Role.PART)]


def _addressed(url: str, group: str) -> Stated:
    address = url.partition(" ;")[0]
    egg = EGG.search(address)
    if egg:
        return Stated(canonical(egg[1]), located(address), group=group)
    archive = in_archive(address)
    if archive:
        return Stated(archive.name, located(address), group=group)
    plain = re.sub(r"(?:\.git)?(?:@[^/]*)?(?:#.*)?$", "", address)
    return Stated(canonical(plain.rpartition("/")[2] or plain), located(address), group=group)


def _includes(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        found = OPTION.match(line)
        if found and SPELLED.get(found[1]) in ("-r", "-c"):
            yield found[2].strip()


def _locked(each: Stated) -> Stated:
    if each.role is not Role.DIRECT:
        return each
    return Stated(each.name, each.spec, Role.LOCKED, each.group)
