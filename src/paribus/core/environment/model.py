"""What a file says of the environment, in whatever format it says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

LARGEST = 4_000_000
"""Bytes of the largest file that is read; a longer one is compared as a whole."""


class UnreadableError(ValueError):
    """The file is not what its name promises, so nothing smaller than all of it can be told."""


class Role(Enum):
    """What it means that a file names something.

    A part is no package and can move a metric all the same, such as an index or a variable; an aside
    cannot, such as the settings of a linter.
    """

    DIRECT = "direct"
    LOCKED = "locked"
    PART = "part"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Stated:
    """One thing that a file names.

    Attributes:
        name: canonical for a package; words for anything else.
        spec: which versions, or what value.
        group: of a package that only development needs, the name of its group.
    """

    name: str
    spec: str
    role: Role = Role.DIRECT
    group: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a file names.

    Attributes:
        needs: of locked packages, the names that each depends on, where the file knows.
        roots: packages that were asked for, each with its group, where a lock file itself knows.
        includes: other files that it takes in, by their paths as written.
        group: of a file of what development alone needs, the name of its group.
        partial: a program makes some of what it asks for.
    """

    stated: tuple[Stated, ...] = ()
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    roots: Mapping[str, str] | None = None
    includes: tuple[str, ...] = ()
    group: str = ""
    partial: bool = False

    def specs(self, role: Role) -> dict[str, str]:
        """Each name of a role once; several specs of a name, for several platforms say, are put together."""
        found: dict[str, set[str]] = {}
        for each in self.stated:
            if each.role is role:
                found.setdefault(each.name, set()).add(each.spec)
        return {name: " | ".join(sorted(specs)) for name, specs in found.items()}

    def groups(self) -> dict[str, str]:
        """The group of each package; empty where the pipeline itself may need it."""
        found: dict[str, str] = {}
        for each in self.stated:
            if each.role in (Role.DIRECT, Role.LOCKED):
                known = found.get(each.name)
                found[each.name] = each.group if known is None else known and each.group
        return found


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its path tells the format, and sometimes the group."""

    path: str
    data: bytes

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def text(self) -> str:
        """What the file holds as text, in the encodings in which people have such files.

        Raises:
            UnreadableError: it is too long, or no text.
        """
        if len(self.data) > LARGEST:
            raise UnreadableError("too long")
        wide = self.data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as PowerShell redirects
        try:
            text = self.data.decode("utf-16" if wide else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableError("no text") from error
        if "\0" in text:
            raise UnreadableError("binary")
        return text.replace("\r\n", "\n")


Reader = Callable[[Source], Listing]
"""Reads files of one format, and raises `UnreadableError` for what is none."""


def asides(names: Mapping[str, object]) -> Iterable[Stated]:
    """Things that cannot move a metric, each with its value."""
    return [Stated(name, str(value), Role.ASIDE) for name, value in names.items()]
