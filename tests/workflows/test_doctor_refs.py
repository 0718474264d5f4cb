"""Results, references and baselines: dangling, garbage, moved, missing, promoted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.workflows.doctoring import (
    BASELINE,
    EXPERIMENT,
    Past,
    codes,
    examined,
    past,
    told,
    untouched,
)

from paribus.core.promotion import Promotion

if TYPE_CHECKING:
    from tests.conftest import Workspace

NOWHERE = 40 * "1"
OTHER = f"refs/exps/aa/{38 * 'b'}"


@pytest.fixture
def full(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A project with a past."""
    return past(project, monkeypatch)


def place(full: Past, ref: str, content: str) -> None:
    """Writes a loose reference as git would not."""
    file = full.project.path / ".git" / ref
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


# Results


def test_a_result_that_was_removed(full: Past) -> None:
    full.project.git("update-ref", "-d", full.ref)
    report = examined(full.project, fix=True)
    assert report.faults == ()
    (note,) = (note for note in report.notes if note.code == "missing-result")
    assert (note.message, note.where) == (
        "1 result without a reference; what was made is here",
        full.ref,
    )
    assert note.helps[-1] == f"put one back   git update-ref {full.ref} {full.commit}"
    full.project.git("update-ref", full.ref, full.commit)
    assert "missing-result" not in [note.code for note in examined(full.project).notes]


def test_a_result_that_is_gone_for_good(full: Past) -> None:
    full.project.git("update-ref", "-d", full.ref)
    full.project.git("reflog", "expire", "--expire=now", "--all")
    full.project.git("gc", "--quiet", "--prune=now")
    report = examined(full.project)
    assert report.faults == ()
    (note,) = (note for note in report.notes if note.code == "absent-results")
    assert (note.message, note.where) == ("1 result not here", "run 0000000003")


def test_a_result_that_was_moved(full: Past) -> None:
    head = full.project.git("rev-parse", "HEAD")
    full.project.git("update-ref", full.ref, head)
    (finding,) = examined(full.project, fix=True).left
    assert (finding.code, finding.where) == ("moved-result", full.ref)
    assert finding.message == (
        f"it is {head[:12]}, and the ledger has {full.commit[:12]} for run 0000000003"
    )


@pytest.mark.parametrize("packed", [False, True])
def test_references_that_dangle(packed: bool, full: Past) -> None:
    """What git gc stops at; DVC's own stay where they are."""
    ours = f"{OTHER}/paribus-ab12cd34-4-00000000ff"
    theirs = f"{OTHER}/plain-oxen"
    if packed:
        full.project.git("pack-refs", "--all")
        file = full.project.path / ".git" / "packed-refs"
        header, *lines = file.read_text().splitlines()
        lines += [f"{NOWHERE} {ref}" for ref in (ours, theirs)]
        lines.sort(key=lambda line: line.split()[1])
        file.write_text("\n".join([header, *lines, ""]))
    else:
        for ref in (ours, theirs):
            place(full, ref, f"{NOWHERE}\n")
    report = examined(full.project)
    assert [(one.code, one.where, one.fixable) for one in report.left] == [
        ("dangling-ref", ours, True),
        ("dangling-ref", theirs, False),
    ]
    report = examined(full.project, fix=True)
    assert [(one.code, one.where) for one in report.left] == [("dangling-ref", theirs)]
    assert [one.done for one in report.repaired] == [f"removed; it named {NOWHERE}"]
    full.project.git("update-ref", "-d", theirs)
    assert examined(full.project).faults == ()
    full.project.git("gc", "--quiet")


@pytest.mark.parametrize("content", ["", "garbage\n"])
def test_references_that_are_garbage(content: str, full: Past) -> None:
    ours, theirs = f"{OTHER}/paribus-baseline-4-00000000ff", f"{OTHER}/plain-oxen"
    for ref in (ours, theirs):
        place(full, ref, content)
    before = untouched(full.project)
    report = examined(full.project)
    assert [(one.code, one.where, one.fixable) for one in report.left] == [
        ("garbage-ref", ours, True),
        ("garbage-ref", theirs, False),
    ]
    assert untouched(full.project) == before
    report = examined(full.project, fix=True)
    assert [(one.code, one.where) for one in report.left] == [("garbage-ref", theirs)]
    aside = full.project.path / ".git" / "paribus" / "broken" / ours.replace("/", "-")
    assert aside.read_text() == content


def test_references_that_are_not_in_dvcs_layout(full: Past) -> None:
    full.project.git("update-ref", "refs/exps/foo", full.commit)
    full.project.git("update-ref", "refs/exps/exec/EXEC_BASELINE", full.commit)
    full.project.git("update-ref", "refs/exps/celery/stash", full.commit)
    report = examined(full.project, fix=True)
    assert [(one.code, one.where) for one in report.left] == [("stray-ref", "refs/exps/foo")]


# Baselines


def promote(full: Past, number: int, commit: str, *, beaten: str = "") -> None:
    """Records a promotion, without its tag."""
    full.notebook.promote(
        Promotion(
            number, commit, BASELINE, "", EXPERIMENT, "a larger gain", {"commit": beaten, "name": "x"},
            None, "in a hurry", "accuracy", 0.1, None, None, "2026-01-01T00:00:00+00:00", "Ada",
        )
    )  # fmt: skip


def tag(full: Past, number: int, commit: str, *trailers: str) -> None:
    message = "\n\n".join(["a baseline", *trailers])
    full.project.git("tag", "-a", "-m", message, f"baseline/{number}", commit)


def test_a_baseline_made_by_hand_is_none_of_ours(full: Past) -> None:
    tag(full, 1, "HEAD")
    assert examined(full.project).faults == ()


def test_a_promotion_whose_tag_is_gone(full: Past) -> None:
    promote(full, 1, full.commit)
    assert told(examined(full.project), full.project) == (
        "1 fault found; 1 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  missing-baseline: HEX was promoted, which is here, and has no tag\n"
        "     where  refs/tags/baseline/1\n"
        "     why    the baseline that stands is not found, and an older one is taken\n"
        "     mend   paribus doctor --fix: the commit that was promoted is tagged again\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )
    report = examined(full.project, fix=True)
    assert (codes(report), report.repaired[0].done) == ([], f"tagged again at {full.commit[:12]}")
    assert full.project.git("rev-parse", "baseline/1^{commit}") == full.commit
    assert full.project.git("cat-file", "-t", "baseline/1") == "tag"
    assert f"Paribus-Experiment: {EXPERIMENT}" in full.project.git("cat-file", "-p", "baseline/1")
    assert examined(full.project, fix=True).faults == ()


def test_a_promotion_whose_commit_is_not_here(full: Past) -> None:
    promote(full, 1, NOWHERE)
    (finding,) = examined(full.project, fix=True).left
    assert (finding.code, finding.fixable) == ("missing-baseline", False)
    assert finding.helps == ("if a remote has it   paribus sync",)


def test_a_tag_that_was_moved(full: Past) -> None:
    promote(full, 1, full.commit)
    tag(full, 1, "HEAD")
    head = full.project.git("rev-parse", "HEAD")
    (finding,) = examined(full.project, fix=True).left
    assert (finding.code, finding.message) == (
        "moved-baseline",
        f"baseline/1 is at {head[:12]}; {full.commit[:12]} was promoted",
    )
    assert finding.helps == ("tag that again   git tag -d baseline/1 && paribus doctor --fix",)
    full.project.git("tag", "-d", "baseline/1")
    assert codes(examined(full.project, fix=True)) == []
    assert full.project.git("rev-parse", "baseline/1^{commit}") == full.commit


def test_killed_between_tag_and_record(full: Past) -> None:
    tag(full, 1, full.commit, f"Paribus-Experiment: {EXPERIMENT}")
    (finding,) = examined(full.project, fix=True).left
    assert (finding.code, finding.helps[0]) == (
        "unrecorded-baseline",
        f"finish it   paribus promote {EXPERIMENT[:8]}",
    )


def test_a_lightweight_tag(full: Past) -> None:
    full.project.git("tag", "baseline/1", full.commit)
    full.project.git("tag", "baseline/one", full.commit)
    (finding,) = examined(full.project).left
    assert (finding.code, finding.where) == ("lightweight-baseline", "refs/tags/baseline/1")
    command = finding.helps[0].split("   ")[1]
    full.project.git(*command.split()[1:])
    assert examined(full.project).faults == ()


def test_two_people_promoted_at_once(full: Past) -> None:
    """What sync leaves: one number, two commits; it is settled when one is kept under another name."""
    head = full.project.git("rev-parse", "HEAD")
    promote(full, 1, full.commit)
    promote(full, 1, head)
    tag(full, 1, head)
    (finding,) = examined(full.project, fix=True).left
    assert finding.code == "baseline-conflict"
    assert finding.message.endswith(f"; here it is {head[:12]}")
    command = finding.helps[1].split("   ")[1]
    assert command == f"git branch not-baseline-1 {full.commit[:12]}"
    full.project.git(*command.split()[1:])
    assert examined(full.project).faults == ()


def test_two_promotions_of_which_one_was_built_on(full: Past) -> None:
    head = full.project.git("rev-parse", "HEAD")
    promote(full, 1, full.commit)
    promote(full, 1, head)
    promote(full, 2, full.commit, beaten=head)
    tag(full, 1, head)
    tag(full, 2, full.commit)
    assert examined(full.project).faults == ()


@pytest.mark.parametrize("fix", [False, True])
def test_two_promotions_and_no_tag(fix: bool, full: Past) -> None:
    """Which one stands is for people to say."""
    promote(full, 1, full.commit)
    promote(full, 1, full.project.git("rev-parse", "HEAD"))
    (finding,) = examined(full.project, fix=fix).left
    assert (finding.code, finding.fixable) == ("baseline-conflict", False)
    assert finding.message.endswith("; here is no such tag")
    assert full.project.git("tag", "--list") == ""
