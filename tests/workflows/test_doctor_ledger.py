"""The ledger's branch deleted, rewound, broken, overtaken; its records damaged in every way."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.workflows.doctoring import (
    EXPERIMENT,
    KEPT,
    LEDGER,
    Past,
    codes,
    examined,
    intent,
    mended,
    notebook,
    past,
    recorded,
    told,
    untouched,
)

from paribus.core.record import Record
from paribus.git.repository import discover
from paribus.ledger.branch import Branch, Write

if TYPE_CHECKING:
    from tests.conftest import Workspace

PAGE = f"experiments/ab/{EXPERIMENT}"


@pytest.fixture
def full(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A project with a past."""
    return past(project, monkeypatch)


def refs(project: Workspace) -> tuple[str, ...]:
    return tuple(project.git("rev-parse", ref) for ref in (LEDGER, KEPT))


def commit_of(project: Workspace, path: str, content: bytes | None, mode: str = "100644") -> str:
    """Writes, or removes, one file of the ledger as nobody should, and moves both references to it."""
    index = {"GIT_INDEX_FILE": str(project.path / ".git" / "elsewhere")}
    git = discover(project.path).git.with_environment(index)
    git.run("read-tree", LEDGER)
    if content is None:
        git.run("update-index", "--force-remove", path)
    else:
        blob = git.text("hash-object", "-w", "--stdin", stdin=content)
        git.run("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
    tree = git.text("write-tree")
    commit = git.text("commit-tree", tree, "-p", LEDGER, "-m", "by nobody")
    for ref in (LEDGER, KEPT):
        project.git("update-ref", ref, commit)
    return commit


def test_a_sound_project(full: Past) -> None:
    before = untouched(full.project)
    report = examined(full.project)
    assert told(report, full.project) == "nothing is broken: 1 experiment, 3 runs"
    assert report.status == 0
    assert [finding.code for finding in report.notes] == ["unshared-records"]
    assert untouched(full.project) == before


def test_a_project_without_a_past_by_its_command(project: Workspace) -> None:
    before = untouched(project)
    ended = project.paribus("doctor")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "nothing is broken: 0 experiments, 0 runs; 1 practice could be better\n"
        "\n"
        "practices:\n"
        "  1  environment-not-locked: no file names the packages and their versions\n"
        "     where  .\n"
        "     why    with other versions of its packages a run may give other numbers\n"
        "     help: pin what is installed   pip freeze > requirements.txt && git add requirements.txt\n"
    )
    assert project.paribus("doctor", "--strict").code == 1
    assert project.paribus("doctor", "--fix").code == 0
    assert untouched(project) == before


def test_no_repository(tmp_path: object, project: Workspace) -> None:
    outside = replace(project, path=project.path.parent)
    ended = outside.paribus("doctor", "--json")
    assert ended.code == 2
    assert ended.json["error"]["code"] == "not-a-git-repository"


def test_a_repository_without_a_dvc_project(empty: Workspace) -> None:
    empty.commit("nothing", {"a.txt": "a\n"})
    assert examined(empty).status == 0


# References


def test_deleted(full: Past) -> None:
    tip = full.project.git("rev-parse", LEDGER)
    full.project.git("branch", "--quiet", "-D", "paribus/ledger")
    before = untouched(full.project)
    assert told(examined(full.project), full.project) == (
        "1 fault found; 1 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  ledger-deleted: the branch paribus/ledger is gone; all that was recorded is\n"
        "     kept here\n"
        "     where  refs/heads/paribus/ledger\n"
        "     why    clones and pushes share the branch, and now share nothing\n"
        "     mend   paribus doctor --fix: the branch is put back where all that was\n"
        "            recorded is kept\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )
    assert untouched(full.project) == before
    report = mended(full.project, "ledger-deleted")
    assert told(report, full.project) == (
        "1 fault repaired, none left: 1 experiment, 3 runs\n"
        "\n"
        "repaired:\n"
        "  1  ledger-deleted: the branch paribus/ledger is gone; all that was recorded is\n"
        "     kept here\n"
        "     where  refs/heads/paribus/ledger\n"
        "     done   7 records brought back, the branch is HEX"
    )
    assert refs(full.project) == (tip, tip)


def test_rewound(full: Past) -> None:
    tip = full.project.git("rev-parse", LEDGER)
    full.project.git("update-ref", LEDGER, f"{LEDGER}~2")
    (finding,) = examined(full.project).left
    assert (finding.code, finding.message) == (
        "ledger-rewound",
        "the branch paribus/ledger lacks 2 records that are kept here",
    )
    report = mended(full.project, "ledger-rewound")
    assert str(report.repaired[0].done).startswith("2 records brought back, the branch is ")
    assert refs(full.project) == (tip, tip)


def test_overwritten_by_a_forced_fetch(full: Past) -> None:
    other = replace(full.project, path=full.project.path.parent / "other")
    subprocess.run(["git", "clone", "--quiet", full.project.path, other.path], check=True)
    other.git("update-ref", "-d", "refs/remotes/origin/paribus/ledger")
    recorded(other, intent(7))
    full.project.git("fetch", "--quiet", str(other.path), f"+{LEDGER}:{LEDGER}")
    assert codes(examined(full.project)) == ["ledger-rewound"]
    mended(full.project, "ledger-rewound")
    runs = full.notebook.experiment(EXPERIMENT).runs
    assert [run.intent.index for run in runs] == [3, 7]


@pytest.mark.parametrize("content", ["", "garbage\n", "0123\n", 40 * "1" + "\n"])
@pytest.mark.parametrize("ref", [LEDGER, KEPT])
def test_a_reference_that_names_nothing(ref: str, content: str, full: Past) -> None:
    """As a power failure leaves it, or a hand."""
    tip = full.project.git("rev-parse", LEDGER)
    (full.project.path / ".git" / ref).write_text(content)
    (finding,) = examined(full.project).left
    other = KEPT if ref == LEDGER else LEDGER
    what = "its commit 111111111111 is not here" if "1111" in content else "it holds no object id"
    assert (finding.code, finding.where) == ("ledger-broken", ref)
    assert finding.message == f"{what}; {other} is whole"
    mended(full.project, "ledger-broken")
    assert refs(full.project) == (tip, tip)
    assert len(full.notebook.experiment(EXPERIMENT).runs) == 1


def test_both_references_broken(full: Past) -> None:
    for ref in (LEDGER, KEPT):
        (full.project.path / ".git" / ref).write_text("")
    report = examined(full.project, fix=True)
    assert codes(report) == ["ledger-broken", "ledger-broken"]
    assert not any(finding.fixable for finding in report.left)


def test_fetched_and_not_taken_in(full: Past) -> None:
    clone = replace(full.project, path=full.project.path.parent / "clone")
    subprocess.run(["git", "clone", "--quiet", full.project.path, clone.path], check=True)
    notebook(clone).advance([], [], {})
    recorded(clone, intent(4))
    recorded(full.project, intent(5))
    clone.git("fetch", "--quiet", "origin")
    (finding,) = examined(clone).left
    assert (finding.code, finding.where) == (
        "ledger-unmerged",
        "refs/remotes/origin/paribus/ledger",
    )
    assert finding.message == "2 records fetched from origin are not in the ledger here"
    mended(clone, "ledger-unmerged")
    assert [run.intent.index for run in notebook(clone).experiment(EXPERIMENT).runs] == [3, 4, 5]
    notes = {note.code: note.message for note in examined(clone).notes}
    assert notes["unshared-records"] == "2 records that origin is not known to have"


def test_a_fresh_clone_is_sound(full: Past) -> None:
    clone = replace(full.project, path=full.project.path.parent / "clone")
    subprocess.run(["git", "clone", "--quiet", full.project.path, clone.path], check=True)
    report = examined(clone)
    assert (report.faults, report.runs) == ((), 3)
    assert [(note.code, note.message) for note in report.notes] == [
        ("missing-result", "3 results without a reference; what was made is here")
    ]
    far = replace(full.project, path=full.project.path.parent / "far")
    address = f"file://{full.project.path}"
    subprocess.run(["git", "clone", "--quiet", address, far.path], check=True)
    report = examined(far)
    assert (report.faults, report.runs) == ((), 3)
    assert [(note.code, note.message) for note in report.notes] == [
        ("absent-results", "3 results not here")
    ]


def test_checked_out_with_edits(full: Past) -> None:
    beside = full.project.path.parent / "beside"
    full.project.git("worktree", "add", "--quiet", str(beside), "paribus/ledger")
    (beside / "mine.txt").write_text("mine\n")
    (finding,) = examined(full.project, fix=True).left
    assert (finding.code, finding.message, finding.where) == (
        "ledger-checked-out",
        "the branch paribus/ledger is checked out, with 1 edit",
        str(beside),
    )
    assert finding.helps == (f"leave it   git -C {beside} switch --detach",)
    assert (beside / "mine.txt").exists()


# Records


@pytest.mark.parametrize(
    ("path", "content", "code", "message"),
    [
        ("README", b"hello\n", "foreign-file", "no record, and nothing that Paribus wrote"),
        (f"{PAGE}/x.txt", b"", "foreign-file", "no record, and nothing that Paribus wrote"),
        (
            f"{PAGE}/run-{16 * '0'}.json",
            Record("run", {}).encoded(),
            "misnamed-record",
            "its name does not follow from its content",
        ),
        (
            f"{PAGE}/{Record('run', {}).name}",
            Record("run", {}).encoded(),
            "unreadable-record",
            "lacks what this version needs to know",
        ),
    ],
)
def test_what_is_no_record(path: str, content: bytes, code: str, message: str, full: Past) -> None:
    commit_of(full.project, path, content)
    report = examined(full.project, fix=True)
    assert [(one.code, one.where, one.message) for one in report.left] == [(code, path, message)]
    assert report.status == 1
    assert len(full.notebook.experiment(EXPERIMENT).runs) == 1


def test_a_record_of_a_later_version(full: Past) -> None:
    body = b'{"schema": 2, "kind": "run"}\n'
    name = f"run-{hashlib.sha256(body).hexdigest()[:16]}.json"
    commit_of(full.project, f"{PAGE}/{name}", body)
    (finding,) = examined(full.project).left
    assert (finding.code, finding.message) == (
        "newer-record",
        "written by a later version of Paribus",
    )


def test_a_run_without_its_intent(full: Past) -> None:
    (path,) = (
        line
        for line in full.project.git("ls-tree", "-r", "--name-only", LEDGER, PAGE).splitlines()
        if "/intent-" in line
    )
    commit_of(full.project, path, None)
    (finding,) = examined(full.project).left
    assert (finding.code, finding.message) == (
        "run-without-intent",
        "run 0000000003 has no intent",
    )


def test_missing_objects_are_told_one_by_one(full: Past) -> None:
    """One blob and one folder are gone: what else there is, is still looked at."""
    project = full.project
    packs = project.path / ".git" / "objects" / "pack"
    aside = project.path.parent / "packs"
    packs.rename(aside)
    packs.mkdir()
    for pack in sorted(aside.glob("*.pack")):
        with pack.open("rb") as file:
            subprocess.run(
                ["git", "unpack-objects", "-q"], cwd=project.path, stdin=file, check=True
            )
    lines = project.git("ls-tree", "-r", LEDGER, PAGE).splitlines()
    (line,) = (line for line in lines if "/run-" in line)
    blob, path = line.split()[2], line.split("\t")[1]
    (project.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    report = examined(project, fix=True)
    assert [(one.code, one.where) for one in report.left if one.code == "missing-object"] == [
        ("missing-object", path)
    ]
    # Nobody knows whether it is the end of a run that seems to have none, which is left alone.
    assert codes(report) == ["missing-object"]
    assert "unrecorded-result" not in codes(report)


def test_a_ledger_whose_root_is_missing(full: Past) -> None:
    project = full.project
    commit = project.git("rev-parse", LEDGER)
    for ref in (LEDGER, KEPT):
        (project.path / ".git" / ref).write_text(40 * "2" + "\n")
    ended = project.paribus("doctor", "--json")
    assert ended.code == 1
    assert {one["code"] for one in ended.json["findings"]} >= {"ledger-broken"}
    assert commit


def test_a_tree_that_is_no_longer_kept(full: Past) -> None:
    body = {"tree": 40 * "3"}
    branch = Branch(discover(full.project.path).git)
    branch.append([Write(PAGE, Record("registration", body))], "a registration")
    found = {(one.code, one.message) for one in examined(full.project).left}
    assert ("unreadable-record", "lacks what this version needs to know") in found
