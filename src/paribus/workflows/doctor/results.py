"""References below `refs/exps/`: results that are not as they were recorded, and broken ones."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from shlex import quote

from paribus.core.errors import Exit, Problem
from paribus.git.command import Git, GitError
from paribus.git.revisions import OBJECT_ID
from paribus.ledger.results import RESULT
from paribus.reports.text import plural
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import Ground
from paribus.workflows.doctor.ledger import BROKEN
from paribus.workflows.doctor.survey import OURS, present

PREFIX = "refs/exps/"
DVCS = re.compile(r"refs/exps/(?:exec|stash|celery|queue|apply|temp|[A-Z_]+$)")
"""What DVC keeps for itself."""


def check_results(ground: Ground) -> Iterator[Ailment]:
    """Results that are not here as they were recorded, and those of which no record tells."""
    recorded, here = ground.survey.recorded, ground.references
    moved = {ref: told for ref, told in sorted(recorded.items()) if ref in here}
    for ref, (commit, run) in moved.items():
        yield ailment(
            "moved-result",
            f"it is {here[ref][:12]}, and the ledger has {commit[:12]} for run {run}",
            ref,
            f"put it back   git update-ref {quote(ref)} {quote(commit)}",
        )
    lost = [told for told in sorted(recorded.items()) if told[0] not in moved]
    if lost:
        ref, (commit, _) = lost[0]
        yield ailment(
            "missing-result",
            f"{plural(len(lost), 'result')} without a reference; what was made is here",
            _some(ref, len(lost)),
            "fetch them      paribus sync",
            f"put one back   git update-ref {quote(ref)} {quote(commit)}",
        )
    if ground.survey.absent:
        yield ailment(
            "absent-results",
            f"{plural(ground.survey.absent, 'result')} not here",
            _some(f"run {ground.survey.example}", ground.survey.absent),
            "if a remote has them   paribus sync",
        )
    unrecorded = ground.survey.unrecorded
    whole = present(ground.git, unrecorded.values())
    for ref in sorted(ref for ref, sha in unrecorded.items() if sha in whole):
        yield ailment(
            "unrecorded-result",
            "no run in the ledger has it",
            ref,
            "if others recorded it   paribus sync",
            f"if nobody did          git update-ref -d {ref}",
        )


def check_exps(ground: Ground) -> Iterator[Ailment]:
    """References below `refs/exps/` over which git or DVC stumble."""
    here = ground.references
    there = present(ground.git, here.values())
    for ref, sha in sorted(here.items()):
        if sha not in there:
            yield ailment(
                "dangling-ref",
                f"its commit {sha[:12]} is not here",
                ref,
                f"git update-ref -d {ref}",
                repair=partial(_remove, ground.git, ref, sha) if OURS.fullmatch(ref) else None,
            )
        elif not RESULT.fullmatch(ref) and not DVCS.match(ref):
            yield ailment(
                "stray-ref",
                "not where DVC has its experiments",
                ref,
                f"keep it as a branch   git branch kept-{ref.rpartition('/')[2]} {sha[:12]}",
                f"then                  git update-ref -d {ref}",
            )
    for ref in _garbage(ground.common_dir, here):
        ours = OURS.fullmatch(ref) is not None
        yield ailment(
            "garbage-ref",
            "it holds no object id",
            ref,
            f"rm {ground.common_dir / ref}",
            repair=partial(_put_aside, ground.common_dir, ref) if ours else None,
        )


# Private functions


def _some(first: str, count: int) -> str:
    return f"{first} and {count - 1} more" if count > 1 else first


def _garbage(common_dir: Path, known: Iterable[str]) -> Iterator[str]:
    """Files in the place of references that git does not list."""
    listed = set(known)
    for folder, folders, names in os.walk(common_dir / "refs" / "exps"):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            ref = file.relative_to(common_dir).as_posix()
            if ref not in listed and not name.endswith(".lock") and _is_garbage(file):
                yield ref


def _is_garbage(file: Path) -> bool:
    """Whether a file has no object id; one that is being written has its name only when it has."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return False
    return not OBJECT_ID.fullmatch(text) and not text.startswith("ref: ")


def _remove(git: Git, ref: str, sha: str) -> str:
    try:
        git.run_to_the_end("update-ref", "-d", ref, sha)
    except GitError as error:
        if git.lookup("for-each-ref", ref) == "":
            return "somebody else has removed it"
        raise _not_written(ref, error) from error
    return f"removed; it named {sha}"


def _put_aside(common_dir: Path, ref: str) -> str:
    """Git itself cannot remove it. What it names may have been mended a moment ago, by whoever."""
    file, folder = common_dir / ref, common_dir / "paribus" / BROKEN
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_garbage(file):
        return "somebody else has mended it"
    os.replace(file, folder / ref.replace("/", "-"))  # noqa: PTH105
    return f"put aside in {folder}"


def _not_written(ref: str, error: GitError) -> Problem:
    return Problem(
        "not-recorded", f"{ref} could not be written: {error.detail}", status=Exit.NOT_RECORDED
    )
