"""The check run on the head commit, and what GitHub makes of it."""

from __future__ import annotations

import pytest
from tests.forge.conftest import HEAD, Hourglass, body, posting
from tests.forge.service import PERSONAL, TOKEN, GitHub
from tests.forge.serving import LOST, Fault

from paribus.forge.finding import find_forge
from paribus.forge.model import Conclusion, Note, Posting

NAME = "paribus (digits)"


def test_it_is_in_progress_and_then_ends(github: GitHub, hourglass: Hourglass) -> None:
    for conclusion in Conclusion:
        job = find_forge(github.environment(), None, None, patience=hourglass.patience())
        assert job.begin(NAME, HEAD).told == ()
        begun = github.checks[-1]
        assert begun == {
            "id": begun["id"], "name": NAME, "head_sha": HEAD, "status": "in_progress", "annotations": [],
        }  # fmt: skip
        assert job.finish(posting("Improved", conclusion=conclusion)).posted
        assert github.checks[-1] == {
            "id": begun["id"], "name": NAME, "head_sha": HEAD, "status": "completed",
            "conclusion": conclusion.value, "title": "Improved", "summary": body("Improved"),
            "annotations": [],
        }  # fmt: skip
    assert len(github.checks) == len(Conclusion)
    assert len(github.comments(7)) == 1


def test_one_that_could_not_begin_ends_nevertheless(github: GitHub, hourglass: Hourglass) -> None:
    job = find_forge(github.environment(), None, None, patience=hourglass.patience())
    github.fail("POST .*/check-runs", *[Fault(502)] * 6)
    assert job.begin(NAME, HEAD).told == ("check run not set: 502",)
    assert job.finish(posting()).told[0].startswith("comment created ")
    assert [check["status"] for check in github.checks] == ["completed"]


def test_a_person_has_no_check_runs(github: GitHub, hourglass: Hourglass) -> None:
    environment = github.environment(7, PERSONAL)
    job = find_forge(environment, None, None, patience=hourglass.patience())
    assert job.begin(NAME, HEAD).told == (
        "check run not set: 403 (You must authenticate via a GitHub App.);"
        " only a workflow's or an app's token with `checks: write` may",
    )
    told = job.finish(posting()).told
    assert [line[:15] for line in told] == ["comment created"]


@pytest.mark.parametrize("count", [0, 1, 50, 51, 130, 400])
def test_notes_come_fifty_at_a_time(count: int, github: GitHub, hourglass: Hourglass) -> None:
    job = find_forge(github.environment(), None, None, patience=hourglass.patience())
    notes = tuple(
        Note("params.json", line, "notice", "t", f"line {line}") for line in range(1, count + 1)
    )
    job.begin(NAME, HEAD)
    assert job.finish(posting(notes=notes)).posted
    found = github.checks[0]["annotations"]
    assert [note["message"] for note in found] == [note.message for note in notes[:250]]
    assert github.checks[0]["status"] == "completed"


def test_how_a_note_is_written(github: GitHub, hourglass: Hourglass) -> None:
    job = find_forge(github.environment(), None, None, patience=hourglass.patience())
    notes = (
        Note("src/a.py", 5, "failure", "T" * 300, "M" * 20_000),
        Note("b.bin", None, "warning", "no line", ""),
        Note("", None, "notice", "no file", "is left out"),
    )
    job.begin(NAME, HEAD)
    job.finish(posting(notes=notes))
    assert github.checks[0]["annotations"] == [
        {"path": "src/a.py", "start_line": 5, "end_line": 5, "annotation_level": "failure",
         "title": "T" * 250, "message": "M" * 10_000},
        {"path": "b.bin", "start_line": 1, "end_line": 1, "annotation_level": "warning",
         "title": "no line", "message": "no line"},
    ]  # fmt: skip


def test_a_note_that_is_not_taken_leaves_no_check_open(
    github: GitHub, hourglass: Hourglass
) -> None:
    job = find_forge(github.environment(), None, None, patience=hourglass.patience())
    job.begin(NAME, HEAD)
    assert len(job.finish(posting(notes=(Note("a:b", 1, "notice", "t", "m"),))).told) == 1
    assert (github.checks[0]["status"], github.checks[0]["annotations"]) == ("completed", [])


def test_an_end_of_which_nobody_heard(github: GitHub, hourglass: Hourglass) -> None:
    job = find_forge(github.environment(), None, None, patience=hourglass.patience())
    job.begin(NAME, HEAD)
    github.fail("PATCH .*/check-runs", LOST, Fault(500))
    assert len(job.finish(posting()).told) == 1
    assert [check["status"] for check in github.checks] == ["completed"]


def test_a_posting_is_marked() -> None:
    for marker, text in (("a", "words"), ("a", "<!-- a --> b"), ("a-->b", "<!-- a-->b -->"), ("", "<!--  -->"),
                         ("a\nb", "<!-- a\nb -->"), ("a--b", "<!-- a--b -->")):  # fmt: skip
        with pytest.raises(ValueError, match="marker"):
            Posting(marker, text, "t", Conclusion.SUCCESS, NAME, HEAD)
    assert Posting("a", "x\r\n<!-- a -->\r\n\n", "t", Conclusion.SUCCESS, NAME, HEAD).notes == ()
    assert TOKEN.startswith("ghs_")
