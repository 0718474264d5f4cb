"""One comment per pull request and project at GitHub, whoever posts, how often, and at once with whom."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from tests.forge.conftest import HEAD, LATER, MARKER, Hourglass, body, posting
from tests.forge.service import PERSONAL, REPOSITORY, TOKEN, GitHub
from tests.forge.serving import LOST, RESET, Fault, slow, together

from paribus.forge.finding import find_forge
from paribus.forge.model import Forge, Outcome, Posting

COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"
BOT = "github-actions[bot]"
ADDRESS = f"https://github.com/{REPOSITORY}/pull/7#issuecomment-"


def forge(github: GitHub, hourglass: Hourglass, token: str = TOKEN) -> Forge:
    return find_forge(github.environment(7, token), None, None, patience=hourglass.patience())


def test_it_is_made_once_and_edited_only_where_it_differs(
    github: GitHub, hourglass: Hourglass
) -> None:
    github.say(7, "ada", "nice!")
    first = forge(github, hourglass).finish(posting("Undecided"))
    number = github.comments(7)[1].number
    assert first == Outcome((f"comment created {ADDRESS}{number}",), True)
    assert github.bodies(7) == ["nice!", body("Undecided")]
    for line_break in ("\n", "\r\n"):
        github.line_break = line_break
        before = len(github.writes)
        again = forge(github, hourglass).finish(posting("Undecided"))
        assert again == Outcome((f"comment unchanged {ADDRESS}{number}",), True)
        assert [call for call in github.writes[before:] if "check-runs" not in call] == []
    assert forge(github, hourglass).finish(posting("Improved")).told == (
        f"comment edited {ADDRESS}{number}",
    )
    assert github.bodies(7) == ["nice!", body("Improved")]
    assert {comment.author for comment in github.comments(7)} == {"ada", BOT}


@pytest.mark.parametrize("token", [TOKEN, PERSONAL])
def test_nobody_elses_comment_is_touched(token: str, github: GitHub, hourglass: Hourglass) -> None:
    """Others quote the marker, pretend to be us, or write after it; our own may quote it, too."""
    me = github.accounts[token].login
    others = [
        ("github-actions", body("of a person with the name of the bot")),
        ("github-actions[bot]" if token == PERSONAL else "Ada", body("of another of ours")),
        (me, f"{body('quoted')}and then some words"),
        (me, body("of another project", f"{MARKER}-2")),
        (me, f"```\n<!-- {MARKER} -->\n```"),
    ]
    for author, text in others:
        github.say(7, author, text)
    assert forge(github, hourglass, token).finish(posting()).posted
    assert forge(github, hourglass, token).finish(posting("Worse")).posted
    assert github.bodies(7) == [*(text for _, text in others), body("Worse")]


def test_it_is_found_behind_any_number_of_others(github: GitHub, hourglass: Hourglass) -> None:
    github.page_size = 10
    for number in range(25):
        github.say(7, "ada", f"words {number}")
    ours = github.say(7, BOT, body("old"))
    for number in range(13):
        github.say(7, "ada", f"more {number}")
    assert forge(github, hourglass).finish(posting()).told == (
        f"comment edited {ADDRESS}{ours.number}",
    )
    assert len(github.comments(7)) == 39
    assert github.calls.count(f"GET {COMMENTS}") == 4


def test_of_more_comments_than_can_be_none_is_made(github: GitHub, hourglass: Hourglass) -> None:
    github.page_size = 1
    for _ in range(52):
        github.say(7, "ada", "words")
    found = forge(github, hourglass).finish(posting())
    assert found.told == ("comment not posted: there are more than 5000 entries",)
    assert len(github.comments(7)) == 52


def test_two_of_ours_become_the_oldest(github: GitHub, hourglass: Hourglass) -> None:
    for text in ("first", "words of a person", "second"):
        github.say(7, "ada" if "person" in text else BOT, body(text))
    assert forge(github, hourglass).finish(posting()).posted
    assert github.bodies(7) == [body("Improved"), body("words of a person")]


def test_duplicates_that_may_not_be_removed_stay(github: GitHub, hourglass: Hourglass) -> None:
    for text in ("Improved", "second"):
        github.say(7, BOT, body(text))
    github.fail("DELETE", Fault(403, {"message": "no"}))
    assert forge(github, hourglass).finish(posting()).posted
    assert github.bodies(7) == [body("Improved"), body("second")]
    github.fail("DELETE", *[Fault(502)] * 50)
    assert forge(github, hourglass).finish(posting()).posted
    assert hourglass.slept


@pytest.mark.parametrize("projects", [1, 3])
def test_jobs_at_once_end_with_one_for_each_project(
    projects: int, github: GitHub, hourglass: Hourglass
) -> None:
    """All of them see that there is none before any has made one."""
    postings = [posting(marker=f"{MARKER}{job % projects}") for job in range(6)]
    github.fail(f"GET {COMMENTS}", *together(len(postings)))
    outcomes = _at_once(github, hourglass, postings)
    assert all(outcome.posted for outcome in outcomes)
    assert github.calls.count(f"POST {COMMENTS}") == len(postings)
    assert sorted(github.bodies(7)) == sorted(
        body(marker=f"{MARKER}{project}") for project in range(projects)
    )


def test_a_slow_job_of_an_older_head_changes_nothing(github: GitHub, hourglass: Hourglass) -> None:
    github.pulls[7].head = LATER
    new, old = posting("Worse", LATER), posting("Improved", HEAD)
    stale = ("comment not posted: the request is at bbbbbbb by now, not at aaaaaaa",)
    assert forge(github, hourglass).finish(old) == Outcome(stale, False)
    assert github.bodies(7) == []
    assert forge(github, hourglass).finish(new).posted
    assert forge(github, hourglass).finish(old) == Outcome(stale, False)
    assert github.bodies(7) == [body("Worse")]
    assert [check["head_sha"] for check in github.checks] == [HEAD, LATER, HEAD]


def test_a_push_while_it_waits_is_noticed(github: GitHub, hourglass: Hourglass) -> None:
    """The first try fails; until the second one there was a push, and its job was quicker."""
    github.say(7, BOT, body("Undecided"))
    github.fail("PATCH .*/issues/comments", Fault(503))

    def push(seconds: float) -> None:
        hourglass.slept.append(seconds)
        github.pulls[7].head = LATER
        github.comments(7)[0].body = body("Worse")

    patience = hourglass.patience()
    job = find_forge(
        github.environment(), None, None,
        patience=type(patience)(sleep=push, clock=hourglass.clock, now=hourglass.now),
    )  # fmt: skip
    assert not job.finish(posting("Improved")).posted
    assert github.bodies(7) == [body("Worse")]


def test_a_late_comment_of_an_older_head_goes_again(github: GitHub, hourglass: Hourglass) -> None:
    """It was made just when the push came and the later job had already looked."""
    github.say(7, BOT, body("Worse"))
    github.fail(f"GET {COMMENTS}", Fault(200, []))
    github.fail(f"GET /repos/{REPOSITORY}/pulls/7", Fault(200, {"head": {"sha": HEAD}}))
    github.pulls[7].head = LATER
    assert not forge(github, hourglass).finish(posting("Improved")).posted
    assert f"POST {COMMENTS}" in github.calls
    assert github.bodies(7) == [body("Worse")]


def test_who_asks_and_is_not_told_is_found_out(github: GitHub, hourglass: Hourglass) -> None:
    """Neither way of asking works: a workflow's own token is known, another one posts nothing."""
    github.say(7, BOT, body("old"))
    github.fail("POST /graphql", Fault(403, {"message": "no"}))
    assert forge(github, hourglass).finish(posting()).posted
    assert github.bodies(7) == [body("Improved")]
    environment = github.environment() | {"GH_TOKEN": TOKEN}
    del environment["GITHUB_TOKEN"]
    github.fail("POST /graphql", Fault(403, {"message": "no"}))
    found = find_forge(environment, None, None, patience=hourglass.patience()).finish(posting("x"))
    assert found.told == ("comment not posted: nobody tells which account the token belongs to",)
    assert github.bodies(7) == [body("Improved")]


@pytest.mark.parametrize(
    "fault", [LOST, Fault(502, b"<html>", acts=True), Fault(201, b"{", acts=True)]
)
def test_a_comment_of_which_nobody_heard_is_not_made_twice(
    fault: Fault, github: GitHub, hourglass: Hourglass
) -> None:
    github.fail(f"POST {COMMENTS}", fault)
    found = forge(github, hourglass).finish(posting())
    assert (found.posted, found.told[0][:15]) == (True, "comment created")
    assert github.bodies(7) == [body()]
    assert github.calls.count(f"POST {COMMENTS}") == 1


def test_a_list_that_lags_behind_makes_no_second_one(github: GitHub, hourglass: Hourglass) -> None:
    github.fail(f"GET {COMMENTS}", *[Fault(200, [])] * 2)
    assert forge(github, hourglass).finish(posting()).told[0].startswith("comment created ")
    assert github.bodies(7) == [body()]


def test_an_answer_that_comes_too_late(github: GitHub, hourglass: Hourglass) -> None:
    hourglass.call = 0.2
    github.fail(f"POST {COMMENTS}", slow(0.6))
    assert forge(github, hourglass).finish(posting()).posted
    assert github.bodies(7) == [body()]


def test_one_that_was_not_made_is_made_again(github: GitHub, hourglass: Hourglass) -> None:
    github.fail(f"POST {COMMENTS}", RESET, Fault(500))
    assert forge(github, hourglass).finish(posting()).posted
    assert github.bodies(7) == [body()]


def test_one_that_somebody_removes_meanwhile_is_made_again(
    github: GitHub, hourglass: Hourglass
) -> None:
    ours = github.say(7, BOT, body("old"))
    github.fail("PATCH .*/issues/comments", Fault(404, {"message": "Not Found"}))
    github.fail(f"GET {COMMENTS}", Fault(200, [github._shown(ours)]))
    github.comments(7).clear()
    found = forge(github, hourglass).finish(posting())
    assert (found.posted, found.told[0][:15]) == (True, "comment created")
    assert github.bodies(7) == [body()]


@pytest.mark.parametrize("event", ["workflow_run", "push"])
def test_the_pull_request_of_a_branch(
    event: str, github: GitHub, hourglass: Hourglass, tmp_path: Path
) -> None:
    """For a fork the event names no pull request; others of the branch are at another head, or closed."""
    owner = "mallory" if event == "workflow_run" else "octo"
    for number, head, is_open in (
        (7, HEAD, True),
        (8, HEAD, True),
        (9, LATER, True),
        (10, HEAD, False),
    ):
        github.pull(number, head, branch=f"{owner}:idea", is_open=is_open)
    run = {
        "head_branch": "idea", "head_sha": HEAD, "pull_requests": [],
        "head_repository": {"owner": {"login": owner}},
    }  # fmt: skip
    told = {"workflow_run": run} if event == "workflow_run" else {"after": HEAD}
    (tmp_path / "event.json").write_text(json.dumps(told))
    environment = github.environment(None) | {
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF": "refs/heads/main" if event == "workflow_run" else "refs/heads/idea",
    }
    job = find_forge(environment, None, None, patience=hourglass.patience())
    assert job.finish(posting()).posted
    posted = [number for number in github.pulls if github.bodies(number)]
    assert posted == [7, 8]
    assert job.finish(posting(head="c" * 40)).told == (
        "comment not posted: no open pull request has the head ccccccc",
    )


def test_the_commit_that_a_workflow_has_checked_out_stands_for_the_head(
    github: GitHub, hourglass: Hourglass, tmp_path: Path
) -> None:
    event = {"pull_request": {"number": 7, "head": {"sha": HEAD}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    environment = github.environment(7) | {
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_SHA": LATER,
    }
    job = find_forge(environment, None, None, patience=hourglass.patience())
    assert job.begin("paribus (digits)", LATER).told == ()
    assert job.finish(posting(head=LATER)).posted
    assert [check["head_sha"] for check in github.checks] == [HEAD]
    assert github.bodies(7) == [body()]


def _at_once(github: GitHub, hourglass: Hourglass, postings: list[Posting]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(
            target=lambda one=one: outcomes.append(forge(github, hourglass).finish(one))
        )
        for one in postings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(postings)
    return outcomes
