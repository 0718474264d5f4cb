"""The ledger's references, and what of its records is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from paribus.core.errors import Exit, Problem
from paribus.git.command import Git
from paribus.git.locks import moving
from paribus.git.revisions import OBJECT_ID
from paribus.ledger.branch import KEPT, REF
from paribus.ledger.counting import added
from paribus.ledger.damage import Harm, damaged
from paribus.ledger.stream import DURABLE
from paribus.ledger.tips import TRACKING, holds
from paribus.reports.text import plural
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import Ground

BROKEN = "broken"
"""Folder beside the locks of the repository, for what stood where a reference should be."""

FETCH = "fetch it again where it is whole   git fetch --refetch {} paribus/ledger"


def check_references(ground: Ground) -> Iterator[Ailment]:
    """Whether branch and second reference are there, are whole, and agree."""
    broken = list(_broken(ground))
    yield from broken
    if broken:
        return  # what the others lack is known when these are whole
    tips = ground.tips
    if tips.branch is None and tips.kept is not None:
        yield ailment(
            "ledger-deleted",
            "the branch paribus/ledger is gone; all that was recorded is kept here",
            REF,
            f"git update-ref {REF} {tips.kept}",
            repair=partial(_bring_back, ground, None),
        )
    elif tips.is_rewound:
        count = sum(added(ground.git, tips.branch, str(tips.kept)).values())
        yield ailment(
            "ledger-rewound",
            f"the branch paribus/ledger lacks {plural(count, 'record')} that are kept here",
            REF,
            repair=partial(_bring_back, ground, tips.branch),
        )
    yield from _unmerged(ground)


def check_records(ground: Ground) -> Iterator[Ailment]:
    """What of the ledger cannot be read, or is not what it should be."""
    remote = next(iter(_tracking(ground.git)), "origin")
    for damage in damaged(ground.git):
        code = _CODES.get(damage.harm)
        if code is None:
            continue  # a result is looked at as such
        helps = {
            "newer-record": ("install what wrote it   pip install --upgrade paribus",),
            "foreign-file": (f"see who put it there   git log {REF} -- {damage.path}",),
        }.get(code, (FETCH.format(remote), f"see its history   git log {REF} -- {damage.path}"))
        yield ailment(code, damage.told, damage.path, *helps)


def check_worktrees(ground: Ground) -> Iterator[Ailment]:
    """Whether somebody has the ledger's branch checked out."""
    listed = ground.git.lookup("worktree", "list", "--porcelain", "-z") or ""
    for told in listed.split("\0\0"):
        fields = dict(line.partition(" ")[::2] for line in told.split("\0"))
        if fields.get("branch") != REF:
            continue
        path = fields["worktree"]
        edits = (Git(Path(path)).lookup("status", "--porcelain") or "").splitlines()
        more = f", with {plural(len(edits), 'edit')}" if edits else ""
        yield ailment(
            "ledger-checked-out",
            f"the branch paribus/ledger is checked out{more}",
            path,
            f"leave it   git -C {path} switch --detach",
        )


# Private functions


_CODES = {
    Harm.MISSING: "missing-object",
    Harm.UNREADABLE: "unreadable-record",
    Harm.NEWER: "newer-record",
    Harm.MISNAMED: "misnamed-record",
    Harm.FOREIGN: "foreign-file",
    Harm.NO_INTENT: "run-without-intent",
    Harm.NO_TREE: "missing-tree",
}


def _broken(ground: Ground) -> Iterator[Ailment]:
    for ref, other in ((REF, KEPT), (KEPT, REF)):
        found = _why_broken(ground, ref)
        if found is None:
            continue
        whole = _why_broken(ground, other) is None and _names(ground.git, other) is not None
        yield ailment(
            "ledger-broken",
            f"{found}; {other} is whole" if whole else found,
            ref,
            *(
                ()
                if whole
                else ("look for it   git fsck --lost-found", "or fetch it   paribus sync")
            ),
            repair=partial(_replace, ground, ref, other) if whole else None,
        )


def _why_broken(ground: Ground, ref: str) -> str | None:
    """What is wrong with a reference; None where it is whole, or not there."""
    sha = _names(ground.git, ref)
    if sha is None:
        return "it holds no object id" if _is_garbage(ground.common_dir / ref) else None
    if ground.git.lookup("cat-file", "-e", f"{sha}^{{tree}}") is None:
        return f"its commit {sha[:12]} is not here"
    return None


def _names(git: Git, ref: str) -> str | None:
    return git.lookup("for-each-ref", "--format=%(objectname)", ref) or None


def _is_garbage(file: Path) -> bool:
    """Whether a file of a reference is there, and git cannot make anything of it."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return False
    return not OBJECT_ID.fullmatch(text) and not text.startswith("ref: ")


def _replace(ground: Ground, ref: str, other: str) -> str:
    """Puts the whole reference in place of a broken one, unless somebody has done so."""
    with moving(ground.common_dir, REF, KEPT):
        if _why_broken(ground, ref) is None:
            return "somebody else has mended it"
        old = _names(ground.git, ref)
        if old is None:
            _put_aside(ground, ref)
        target = _names(ground.git, other)
        assert target is not None
        ground.git.run_to_the_end(*DURABLE, "update-ref", ref, target, *([old] if old else []))
    return f"it is {target[:12]} again, as {other} is"


def _put_aside(ground: Ground, ref: str) -> None:
    folder = ground.common_dir / "paribus" / BROKEN
    folder.mkdir(parents=True, exist_ok=True)
    os.replace(ground.common_dir / ref, folder / ref.replace("/", "-"))  # noqa: PTH105


def _bring_back(ground: Ground, before: str | None) -> str:
    joined = ground.branch.join(None)
    if joined.after is None:
        raise _not_mended()
    count = sum(added(ground.git, before, joined.after).values())
    return f"{plural(count, 'record')} brought back, the branch is {joined.after[:12]}"


def _tracking(git: Git) -> dict[str, str]:
    """The ledger's commit that was fetched last from each remote."""
    form = "--format=%(refname:lstrip=2) %(objectname)"
    listed = git.text("for-each-ref", form, TRACKING.format("*")).splitlines()
    pairs = (line.split(" ") for line in listed)
    return {name.removesuffix("/paribus/ledger"): sha for name, sha in pairs}


def _unmerged(ground: Ground) -> Iterator[Ailment]:
    tips = ground.tips
    if tips.branch is None and tips.kept is None:
        return  # a fresh clone reads the remote's
    tip = tips.whole[0]
    for remote, there in _tracking(ground.git).items():
        if any(holds(ground.git, one, there) for one in tips.whole):
            continue
        count = sum(added(ground.git, tip, there).values())
        if count:
            yield ailment(
                "ledger-unmerged",
                f"{plural(count, 'record')} fetched from {remote} are not in the ledger here",
                TRACKING.format(remote),
                f"take them in, and share yours   paribus sync {remote}",
                repair=partial(_take_in, ground, remote, there),
            )


def _take_in(ground: Ground, remote: str, there: str) -> str:
    joined = ground.branch.join(there, f"merge the ledger of {remote}")
    if joined.after is None:
        raise _not_mended()
    count = sum(added(ground.git, joined.before, joined.after).values())
    return f"{plural(count, 'record')} taken in"


def _not_mended() -> Problem:
    return Problem(
        "not-recorded", "the ledger's references went away meanwhile", status=Exit.NOT_RECORDED
    )
