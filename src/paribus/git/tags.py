"""Annotated tags `baseline/<n>`: reading them, and making the next one without racing anybody."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.git.command import Git, GitError
from paribus.git.identity import identity
from paribus.git.locks import moving
from paribus.git.revisions import BASELINE_TAG

EXPERIMENT = "Paribus-Experiment"
PROVISIONAL = "Paribus-Provisional"
"""Trailers by which a tag says which experiment it promotes, and why without a confirmation."""

_DURABLE = ("-c", "core.fsync=committed,reference")
_FIELDS = ("refname:strip=2", "objecttype", "*objecttype", "*objectname", "contents")


@dataclass(frozen=True, slots=True)
class BaselineTag:
    """An annotated tag `baseline/<n>`.

    Attributes:
        number: n.
        commit: full SHA that it stands at.
        experiment: the experiment's id; None for a tag that no promotion made.
        provisional: why it was made without a confirmation; None where its message says nothing.
    """

    number: int
    commit: str
    experiment: str | None = None
    provisional: str | None = None

    @property
    def name(self) -> str:
        """As Git calls it."""
        return f"baseline/{self.number}"


def baseline_tags(git: Git) -> tuple[BaselineTag, ...]:
    """Every annotated tag `baseline/<n>` at a commit, the lowest number first."""
    return tuple(
        BaselineTag(
            _number(name), commit, _trailer(message, EXPERIMENT), _trailer(message, PROVISIONAL)
        )
        for name, kind, target, commit, message in sorted(_listed(git), key=_by_number)
        if (kind, target) == ("tag", "commit")
    )


def next_number(git: Git) -> int:
    """One more than the highest n in use, lightweight tags included; 1 for the first."""
    return max((_number(name) for name, *_ in _listed(git)), default=0) + 1


def create_tag(git: Git, name: str, commit: str, message: str) -> bool:
    """Makes an annotated tag, and reads it back; false where there is one of this name already.

    Args:
        message: with its final newline.

    Raises:
        Problem: it cannot be written; there is none.
    """
    who = identity(git)
    tagger = f"{who['GIT_COMMITTER_NAME']} <{who['GIT_COMMITTER_EMAIL']}> {int(time.time())} +0000"
    text = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message}"
    ref = f"refs/tags/{name}"
    try:
        tag = git.text(*_DURABLE, "mktag", stdin=text.encode("utf-8", "replace"))
        with moving(Path(git.text("rev-parse", "--path-format=absolute", "--git-common-dir")), ref):
            git.run_to_the_end(*_DURABLE, "update-ref", ref, tag, "0" * len(tag))
    except GitError as error:
        if git.lookup("rev-parse", "--verify", "--quiet", ref) is not None:
            return False
        raise Problem(
            "not-recorded",
            f"the tag {name} could not be written: {error.detail}",
            "see that the disk has room and .git is writable, then run the same command again",
            status=Exit.NOT_RECORDED,
            retryable=True,
        ) from error
    return git.text("rev-parse", "--verify", f"{ref}^{{commit}}") == commit


# Private functions


def _listed(git: Git) -> list[list[str]]:
    form = "".join(f"%({field})%00" for field in _FIELDS)
    told = git.text("for-each-ref", f"--format={form}", "refs/tags/baseline/").split("\0")[:-1]
    width = len(_FIELDS)
    rows = [told[at : at + width] for at in range(0, len(told), width)]
    named = ([row[0].lstrip("\n"), *row[1:]] for row in rows)
    return [row for row in named if BASELINE_TAG.fullmatch(row[0])]


def _number(name: str) -> int:
    return int(name.rpartition("/")[2])


def _by_number(row: list[str]) -> int:
    return _number(row[0])


def _trailer(message: str, key: str) -> str | None:
    """Of the last paragraph alone: a hypothesis may say anything."""
    last = message.partition("-----BEGIN ")[0].rstrip().rpartition("\n\n")[2]
    found = re.search(rf"^{key}: (.+)$", last, re.MULTILINE)
    return found[1].strip() if found else None
