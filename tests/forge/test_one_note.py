"""One note per merge request and project at GitLab, and a status of the commit."""

from __future__ import annotations

import threading

import pytest
from tests.forge.conftest import HEAD, LATER, MARKER, Hourglass, body, posting
from tests.forge.gitlab_service import HOST, PROJECT, READ_ONLY, TOKEN, GitLab
from tests.forge.serving import LOST, RESET, Fault, together

from paribus.forge.finding import find_forge
from paribus.forge.model import Conclusion, Forge, Outcome

NOTES = f"/api/v4/projects/{PROJECT}/merge_requests/7/notes"
NAME = "paribus (digits)"
NEEDED = "the token needs the scope `api` and the role Developer"


def forge(gitlab: GitLab, hourglass: Hourglass, token: str = TOKEN, **more: str) -> Forge:
    """Of a job of the project."""
    environment = gitlab.environment(7, token) | more
    return find_forge(environment, None, None, patience=hourglass.patience())


def test_it_is_made_once_and_edited_only_where_it_differs(
    gitlab: GitLab, hourglass: Hourglass
) -> None:
    gitlab.page_size = 2
    for number in range(5):
        gitlab.say(7, 99, f"words {number}")
    gitlab.say(7, 99, body("of somebody else"))
    gitlab.say(7, 1, body("GitLab's own"), system=True)
    gitlab.say(7, 1, body("of another project", f"{MARKER}-2"))
    others = gitlab.bodies(7)
    first = forge(gitlab, hourglass).finish(posting("Undecided"))
    number = gitlab.merges[7].notes[-1].number
    address = f"{HOST}/-/merge_requests/7#note_{number}"
    assert first == Outcome((f"comment created {address}",), True)
    before = len(gitlab.writes)
    assert forge(gitlab, hourglass).finish(posting("Undecided")) == Outcome(
        ("comment unchanged",), True
    )
    assert [call for call in gitlab.writes[before:] if "notes" in call] == []
    told = forge(gitlab, hourglass).finish(posting("Worse")).told
    assert told == (f"comment edited {address}",)
    assert gitlab.bodies(7) == [*others, body("Worse")]


def test_the_status_of_the_commit(gitlab: GitLab, hourglass: Hourglass) -> None:
    states = {
        "success": "success",
        "failure": "failed",
        "neutral": "skipped",
        "action_required": "failed",
    }
    for conclusion in Conclusion:
        job = forge(gitlab, hourglass)
        assert job.begin(NAME, HEAD).told == ()
        assert gitlab.statuses[HEAD, NAME]["state"] == "running"
        assert job.begin(NAME, HEAD).told == ()  # as of a job that was started again
        assert job.finish(posting("Improved", conclusion=conclusion)).posted
        assert gitlab.statuses[HEAD, NAME] == {
            "state": states[conclusion.value], "name": NAME, "description": "Improved",
        }  # fmt: skip
    gitlab.knows_skipped = False
    job = forge(gitlab, hourglass)
    assert job.finish(posting("Undecided", conclusion=Conclusion.NEUTRAL)).posted
    assert gitlab.statuses[HEAD, NAME]["state"] == "success"
    assert gitlab.statuses[HEAD, NAME]["description"] == "Undecided"


def test_no_line_commands_gitlab(gitlab: GitLab, hourglass: Hourglass) -> None:
    text = "x\n/close\n  /merge now\nnot / here\n/1\nhttps://a/b"
    assert forge(gitlab, hourglass).finish(posting(text)).posted
    assert gitlab.carried_out == []
    assert gitlab.bodies(7) == [body("x\n\\/close\n  \\/merge now\nnot / here\n/1\nhttps://a/b")]
    assert forge(gitlab, hourglass).finish(posting(text)).told == ("comment unchanged",)


def test_a_token_that_may_only_read_and_one_of_nobody(gitlab: GitLab, hourglass: Hourglass) -> None:
    job = forge(gitlab, hourglass, READ_ONLY)
    assert job.begin(NAME, HEAD).told == (f"commit status not set: 403 (403 Forbidden); {NEEDED}",)
    assert job.finish(posting()) == Outcome((f"comment not posted: 403 (403 Forbidden); {NEEDED}",))
    assert forge(gitlab, hourglass, "glpat-x").finish(posting()).told[1] == (
        "comment not posted: the token is not valid: 401 (401 Unauthorized)"
    )


def test_a_slow_job_of_an_older_head_changes_nothing(gitlab: GitLab, hourglass: Hourglass) -> None:
    gitlab.merges[7].head = LATER
    assert forge(gitlab, hourglass).finish(posting("Worse", LATER)).posted
    stale = "comment not posted: the request is at bbbbbbb by now, not at aaaaaaa"
    assert forge(gitlab, hourglass).finish(posting("Improved")) == Outcome((stale,))
    assert gitlab.bodies(7) == [body("Worse")]
    assert gitlab.statuses[HEAD, NAME]["state"] == "success"


def test_jobs_at_once_end_with_one(gitlab: GitLab, hourglass: Hourglass) -> None:
    gitlab.fail(f"GET {NOTES}", *together(4))
    threads = [
        threading.Thread(target=lambda: forge(gitlab, hourglass).finish(posting()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gitlab.calls.count(f"POST {NOTES}") == 4
    assert gitlab.bodies(7) == [body()]


@pytest.mark.parametrize(
    "fault",
    [
        LOST,
        RESET,
        Fault(500),
        Fault(429, {}, {"Retry-After": "5"}),
        Fault(201, b"<html>", acts=True),
    ],
)
def test_what_passes_is_tried_again(fault: Fault, gitlab: GitLab, hourglass: Hourglass) -> None:
    for call in (f"POST {NOTES}", f"GET {NOTES}", "/user", "statuses"):
        gitlab.fail(call, fault)
    assert forge(gitlab, hourglass).finish(posting()).posted
    assert gitlab.bodies(7) == [body()]
    assert gitlab.statuses[HEAD, NAME]["state"] == "success"


def test_the_commit_that_a_job_has_checked_out_stands_for_the_head(
    gitlab: GitLab, hourglass: Hourglass
) -> None:
    merged = {"CI_COMMIT_SHA": LATER, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD}
    assert forge(gitlab, hourglass, **merged).finish(posting(head=LATER)).posted
    assert list(gitlab.statuses) == [(HEAD, NAME)]


def test_the_merge_request_of_a_fork_is_where_it_goes_to(
    gitlab: GitLab, hourglass: Hourglass
) -> None:
    job = forge(gitlab, hourglass, CI_PROJECT_ID="77", CI_MERGE_REQUEST_PROJECT_ID=PROJECT)
    told = job.finish(posting()).told
    assert told[0] == f"commit status not set: 404 (404 Not found); {NEEDED}"
    assert gitlab.bodies(7) == [body()]


def test_what_a_service_makes_up_is_not_believed(gitlab: GitLab, hourglass: Hourglass) -> None:
    for path, content, why in (
        ("GET .*/user", {"id": "one"}, "it does not tell which account the token belongs to"),
        ("GET .*/merge_requests/7$", [], "it does not tell the head of the request"),
        ("GET .*/merge_requests/7$", {"sha": "x"}, "it does not tell the head of the request"),
        (f"GET {NOTES}", {}, "a list was expected and something else came"),
    ):
        gitlab.fail(path, Fault(200, content))
        told = forge(gitlab, hourglass).finish(posting()).told
        assert told == (f"comment not posted: {why}",)
    gitlab.fail(f"GET {NOTES}", Fault(200, [None, {}, {"author": None}, {"author": {"id": 1}}, {"author": {"id": "1"}}]))  # fmt: skip
    assert forge(gitlab, hourglass).finish(posting()).posted
    assert gitlab.bodies(7) == [body()]
