"""Reads the ledger, wherever its references point by now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from paribus.core.errors import Problem
from paribus.core.record import Record, decoded
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.ledger.tips import Tips, read_tips

REWOUND = (
    "note: the branch paribus/ledger lacks records that are kept here; "
    "the next run or `paribus sync` brings them back"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A record as the ledger has it; `record` is None where this version cannot read it."""

    path: str
    record: Record | None


class Reader:
    """What the ledger in one repository holds; nothing is written."""

    def __init__(self, git: Git) -> None:
        """
        Args:
            git: in the user's repository.
        """
        self.git = git
        self._kept: str | None = None
        self._was_rewound = False

    def references(self) -> Tips:
        """Where the ledger's references point now."""
        found = read_tips(self.git)
        self._kept, self._was_rewound = found.kept, found.is_rewound
        return found

    def tip(self) -> str | None:
        """The newest commit of the ledger; None before the first record.

        Where `tips` has two, the one that the branch names.
        """
        return next(iter(self.tips()), None)

    def tips(self) -> tuple[str, ...]:
        """The commits that hold the ledger together: one, or two where its branch was overwritten."""
        found = self.references()
        if found.is_rewound:
            _say_that_it_is_rewound(str(self.git.directory), str(found.kept))
        return found.whole

    def read(self, *folders: str) -> Iterator[Found]:
        """The records in some folders, in the order of their paths."""
        tips = self.tips()
        if not tips:
            return
        with Objects(self.git) as objects:
            listed = objects.tree(tips[0], *folders)
            if len(tips) > 1:
                listed = dict(sorted((objects.tree(tips[1], *folders) | listed).items()))
            for path, entry in listed.items():
                try:
                    data = objects.read(entry.oid)
                except Problem:
                    require_all_fetched(self.git, entry.oid)
                    data = None  # damaged: one record, which must not take the others with it
                yield Found(path, None if data is None else decoded(data))

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is directly in a folder, sorted."""
        listed = (
            self.git.lookup("ls-tree", "--name-only", f"{tip}:{folder}") for tip in self.tips()
        )
        return tuple(sorted({name for names in listed if names for name in names.split("\n")}))

    def last_touching(self, folder: str) -> str | None:
        """The newest commit that added to a folder; None where none did."""
        tips = self.tips()
        return (tips and self.git.lookup("rev-list", "-1", *tips, "--", folder)) or None


def require_all_fetched(git: Git, oid: str) -> None:
    """To be asked where a record cannot be read; raises `Problem` if it is not in a partial clone.

    Such a clone has none of them, which is no damage: without its records a ledger would look as if
    nothing had been tried.
    """
    partial = git.lookup("config", "--get-regexp", r"^remote\..*\.promisor$")
    if partial and git.lookup("cat-file", "-e", oid) is None:
        remote = partial.split(" ")[0].removeprefix("remote.").removesuffix(".promisor")
        raise Problem(
            "missing-object",
            "this is a partial clone, and records of the ledger were not fetched",
            f"fetch them   git fetch --refetch --no-filter {remote} paribus/ledger",
        )


# Private functions


@cache
def _say_that_it_is_rewound(*_: str) -> None:
    """Once for a repository and what it keeps: a command has several readers."""
    import logging  # noqa: PLC0415 (nearly never needed, and it costs a start 5 ms)

    logging.getLogger(__name__).warning(REWOUND)
