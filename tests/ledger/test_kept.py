"""Whatever is done to the ledger's branch, what was recorded here stays readable, and comes back."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paribus.core.record import Record
from paribus.git.repository import discover
from paribus.ledger.branch import KEPT, REF, Branch, Write

if TYPE_CHECKING:
    from tests.conftest import Workspace

FOLDER = "experiments/01/0123"
NOTE = (
    "note: the branch paribus/ledger lacks records that are kept here; the next run or `paribus "
    "sync` brings them back"
)

BACK = "note: records that the branch paribus/ledger lacked are back"


def ledger(workspace: Workspace) -> Branch:
    return Branch(discover(workspace.path).git)


def append(branch: Branch, *numbers: int) -> str:
    writes = [Write(FOLDER, Record("run", {"number": number})) for number in numbers]
    return branch.append(writes, f"runs {numbers}")


def numbers(branch: Branch) -> list[int]:
    return sorted(item.record.body["number"] for item in branch.read(FOLDER) if item.record)


def refs(workspace: Workspace) -> tuple[str, ...]:
    return tuple(workspace.git("rev-parse", ref) for ref in (REF, KEPT))


def overwrite(workspace: Workspace, number: int) -> str:
    """As a forced fetch does: the branch becomes another ledger, which has records of its own."""
    other = replace(workspace, path=workspace.path.parent / "other")
    subprocess.run(["git", "clone", "--quiet", workspace.path, other.path], check=True)
    other.git("update-ref", "-d", "refs/remotes/origin/paribus/ledger")
    commit = append(ledger(other), number)
    workspace.git("fetch", "--quiet", str(other.path), f"+{REF}:{REF}")
    return commit


def test_what_was_recorded_is_kept_by_a_second_name(project: Workspace) -> None:
    branch = ledger(project)
    tips = [append(branch, number) for number in range(3)]
    assert refs(project) == (tips[-1], tips[-1])
    assert branch.tips() == (tips[-1],)


@pytest.mark.parametrize("how", ["deleted", "rewound", "packed and deleted"])
def test_a_branch_that_lost_records_gets_them_back(
    how: str, project: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = ledger(project), ledger(project)
    append(one, 1)
    append(one, 2)
    append(other, 3)
    if how.startswith("packed"):
        project.git("pack-refs", "--all", "--prune")
    if how == "rewound":
        project.git("update-ref", REF, f"{REF}~2")
    else:
        project.git("branch", "--quiet", "-D", "paribus/ledger")
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--quiet", "--prune=now")
    before = project.git("for-each-ref")
    assert numbers(ledger(project)) == [1, 2, 3]
    assert project.git("for-each-ref") == before, "reading never writes"
    assert numbers(ledger(project)) == numbers(ledger(project))
    assert [record.message for record in caplog.records] == [NOTE], "several readers, said once"
    append(one, 4)  # by who believes to know where the branch is
    assert numbers(ledger(project)) == [1, 2, 3, 4]
    assert len(set(refs(project))) == 1
    assert [record.message for record in caplog.records] == [NOTE, BACK]
    project.git("fsck", "--full", "--strict", "--no-dangling")


def test_rewound_to_where_a_writer_left_it_nothing_is_lost(project: Workspace) -> None:
    """That writer believes that nothing has happened, since the branch is where it was."""
    one, other = ledger(project), ledger(project)
    tip = append(one, 1)
    append(other, 2)
    project.git("update-ref", REF, tip)
    append(one, 3)
    assert numbers(ledger(project)) == [1, 2, 3]
    append(one, 4)
    assert numbers(ledger(project)) == [1, 2, 3, 4]
    assert len(set(refs(project))) == 1
    assert project.git("rev-list", "--count", "--merges", REF) == "1"


def test_a_branch_that_was_overwritten_keeps_both(
    project: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    branch = ledger(project)
    mine = append(branch, 1, 2)
    theirs = overwrite(project, 3)
    assert ledger(project).tips() == (theirs, mine)
    assert numbers(ledger(project)) == [1, 2, 3]
    assert ledger(project).names(FOLDER) == tuple(
        sorted(Record("run", {"number": number}).name for number in (1, 2, 3))
    )
    assert ledger(project).last_touching(FOLDER) in (mine, theirs)
    assert {record.message for record in caplog.records} == {NOTE}
    tip = append(ledger(project), 4)
    assert numbers(ledger(project)) == [1, 2, 3, 4]
    assert project.git("rev-list", "--parents", "-1", tip).split()[1:] == [theirs, mine]
    assert refs(project) == (tip, tip)


@pytest.mark.parametrize("how", ["removed", "altered"])
def test_a_commit_that_goes_back_to_all_and_has_less_takes_nothing_away(
    how: str, project: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """As one from a folder in which the branch was checked out before the last records came."""
    first = append(ledger(project), 1)
    last = append(ledger(project), 2)
    name = Record("run", {"number": 2}).name
    tree = f"{first}^{{tree}}"
    if how == "altered":
        project.write({"altered": Record("run", {"number": 3}).encoded()})
        blob = project.git("hash-object", "-w", "altered")
        project.git("read-tree", "--index-output=.git/other", last)
        subprocess.run(
            ["git", "update-index", "--cacheinfo", f"100644,{blob},{FOLDER}/{name}"],
            cwd=project.path, check=True, env={**os.environ, "GIT_INDEX_FILE": ".git/other"},
        )  # fmt: skip
        tree = subprocess.run(
            ["git", "write-tree"], cwd=project.path, check=True, capture_output=True, text=True,
            env={**os.environ, "GIT_INDEX_FILE": ".git/other"},
        ).stdout.strip()  # fmt: skip
    less = project.git("commit-tree", tree, "-p", last, "-m", "from a checkout")
    project.git("update-ref", REF, less)
    assert ledger(project).tips() == (less, last)
    assert [record.message for record in caplog.records] == [NOTE]
    tip = append(ledger(project), 4)
    assert numbers(ledger(project)) == [1, 2, 4]
    assert refs(project) == (tip, tip)
    assert project.git("merge-base", less, tip) == less, "never forced"
    for each in (less, last):  # fetched from who knows no better
        assert ledger(project).join(each).after == tip


def test_what_others_put_there_they_may_remove(project: Workspace) -> None:
    """A note between the records, say; `doctor` names it."""
    clean = append(ledger(project), 1)
    blob = project.git("hash-object", "-w", "README.md")
    listed = project.git("ls-tree", clean)
    with_note = _tree(project, f"{listed}\n100644 blob {blob}\tnote.txt")
    foreign = project.git("commit-tree", with_note, "-p", clean, "-m", "a note")
    assert ledger(project).join(foreign).after == foreign
    gone = project.git("commit-tree", _tree(project, listed), "-p", foreign, "-m", "no note")
    assert ledger(project).join(gone).after == gone
    assert ledger(project).tips() == (gone,)


def _tree(project: Workspace, listed: str) -> str:
    done = subprocess.run(
        ["git", "mktree"], input=f"{listed}\n", cwd=project.path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_branch_that_moved_on_by_a_fetch_is_simply_followed(
    project: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    append(ledger(project), 1)
    clone = replace(project, path=project.path.parent / "clone")
    subprocess.run(["git", "clone", "--quiet", project.path, clone.path], check=True)
    append(ledger(clone), 2)
    project.git("fetch", "--quiet", str(clone.path), f"{REF}:{REF}")
    assert numbers(ledger(project)) == [1, 2]
    append(ledger(project), 3)
    assert numbers(ledger(project)) == [1, 2, 3]
    assert len(set(refs(project))) == 1
    assert not caplog.records


def test_a_fresh_clone_reads_the_remotes_and_goes_on_from_it(project: Workspace) -> None:
    tip = append(ledger(project), 1)
    clone = replace(project, path=project.path.parent / "clone")
    subprocess.run(["git", "clone", "--quiet", project.path, clone.path], check=True)
    assert clone.git("branch", "--list", "paribus/ledger") == ""
    assert numbers(ledger(clone)) == [1]
    assert clone.git("branch", "--list", "paribus/ledger") == ""
    after = append(ledger(clone), 2)
    assert clone.git("rev-parse", f"{after}^") == tip
    assert numbers(ledger(clone)) == [1, 2]


@pytest.mark.parametrize("remotes", [("upstream",), ("upstream", "origin"), ("one", "two")])
def test_whose_ledger_a_fresh_clone_reads(remotes: tuple[str, ...], project: Workspace) -> None:
    append(ledger(project), 1)
    clone = replace(project, path=project.path.parent / "clone")
    subprocess.run(
        ["git", "clone", "--quiet", "-o", remotes[-1], project.path, clone.path], check=True
    )
    if len(remotes) > 1:
        append(ledger(project), 2)
        clone.git("remote", "add", remotes[0], str(project.path))
        clone.git("fetch", "--quiet", remotes[0])
    assert numbers(ledger(clone)) == {"upstream": [1], "one": []}[remotes[0]]


def test_an_interrupted_writer_leaves_the_branch_ahead(project: Workspace) -> None:
    """Killed after the branch moved and before the second name did: the next one puts it right."""
    branch = ledger(project)
    first = append(branch, 1)
    tip = append(branch, 2)
    project.git("update-ref", KEPT, first)
    assert numbers(ledger(project)) == [1, 2]
    assert ledger(project).tips() == (tip,)
    append(ledger(project), 3)
    assert len(set(refs(project))) == 1
    assert project.git("rev-list", "--count", "--merges", REF) == "0"


def test_a_second_name_that_cannot_be_written_loses_no_record(project: Workspace) -> None:
    branch = ledger(project)
    first = append(branch, 1)
    lock = project.path / ".git" / f"{KEPT}.lock"
    lock.touch()
    tip = append(branch, 2)
    assert refs(project) == (tip, first)
    lock.unlink()
    append(branch, 3)
    assert len(set(refs(project))) == 1
    assert numbers(ledger(project)) == [1, 2, 3]
    project.git("fsck", "--full", "--strict", "--no-dangling")


def test_starting_over_takes_both_names(project: Workspace) -> None:
    append(ledger(project), 1)
    project.git("update-ref", "-d", KEPT)
    project.git("branch", "--quiet", "-D", "paribus/ledger")
    assert numbers(ledger(project)) == []
    append(ledger(project), 2)
    assert numbers(ledger(project)) == [2]


# Taking in another ledger


def test_a_ledger_behind_us_or_ahead_of_us_needs_no_merge(project: Workspace) -> None:
    branch = ledger(project)
    first, second = append(branch, 1), append(branch, 2)
    joined = branch.join(first)
    assert (joined.before, joined.after) == (second, second)
    project.git("update-ref", "-d", KEPT)
    project.git("update-ref", REF, first)
    joined = branch.join(second)
    assert (joined.before, joined.after) == (first, second)
    assert refs(project) == (second, second)
    project.git("update-ref", "-d", REF)
    project.git("update-ref", "-d", KEPT)
    joined = branch.join(second)
    assert (joined.before, joined.after) == (None, second)
    assert refs(project) == (second, second)


def test_nothing_joined_to_nothing_is_nothing(project: Workspace) -> None:
    before = project.state()
    joined = ledger(project).join(None)
    assert (joined.before, joined.after) == (None, None)
    assert project.state() == before


def test_joining_brings_back_first(project: Workspace) -> None:
    branch = ledger(project)
    append(branch, 1)
    overwrite(project, 2)
    joined = branch.join(None)
    assert joined.before == joined.after
    assert numbers(ledger(project)) == [1, 2]
    assert len(set(refs(project))) == 1
    tip = branch.tip()
    assert branch.join(None).after == tip, "once is enough"


def test_unrelated_ledgers_become_one(project: Workspace, empty: Workspace) -> None:
    mine = append(ledger(project), 1, 2)
    theirs = append(ledger(empty), 2, 3)
    project.git("fetch", "--quiet", str(empty.path), REF)
    joined = ledger(project).join(theirs, "merge theirs")
    assert joined.before == mine
    assert joined.replaced == ()
    assert numbers(ledger(project)) == [1, 2, 3]
    assert project.git("log", "-1", "--format=%s|%P", REF) == f"merge theirs|{mine} {theirs}"
    project.git("fsck", "--full", "--strict", "--no-dangling")
