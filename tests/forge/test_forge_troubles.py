"""What services, networks and tokens do: it is told in a line, never raised, and the token is in none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.forge.conftest import HEAD, Hourglass, body, posting
from tests.forge.gitlab_service import TOKEN as PROJECT_TOKEN
from tests.forge.gitlab_service import GitLab
from tests.forge.service import READ_ONLY, REPOSITORY, TOKEN, GitHub, service
from tests.forge.serving import RESET, Asked, Fault, Said, slow

from paribus.forge.finding import find_forge
from paribus.forge.model import Forge
from paribus.forge.transport import LONGEST_ANSWER
from paribus.forge.wire import same_place

COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"
NO_COMMENT = "; the token needs `pull-requests: write`, and a fork's never has it: paribus init --ci github-forks"
NO_CHECK = "; only a workflow's or an app's token with `checks: write` may"
SECONDARY = {"message": "You have exceeded a secondary rate limit."}


def forge(
    service: GitHub | GitLab, hourglass: Hourglass, token: str | None = None, **environment: str
) -> Forge:
    """Of a job at this service."""
    found = service.environment(7) if token is None else service.environment(7, token)
    return find_forge(found | environment, None, None, patience=hourglass.patience())


def test_a_token_that_may_only_read(github: GitHub, hourglass: Hourglass) -> None:
    """That of a fork: what cannot be done is said once."""
    job = forge(github, hourglass, READ_ONLY)
    said = "403 (Resource not accessible by integration)"
    assert job.begin("paribus (digits)", HEAD).told == (f"check run not set: {said}{NO_CHECK}",)
    found = job.finish(posting())
    assert (found.told, found.posted) == ((f"comment not posted: {said}{NO_COMMENT}",), False)
    assert (github.bodies(7), github.checks) == ([], [])


def test_a_token_of_nobody(github: GitHub, hourglass: Hourglass) -> None:
    job = forge(github, hourglass, "ghs_expired")
    assert job.begin("paribus", HEAD).told == ("check run not set: 401 (Bad credentials)",)
    assert job.finish(posting()).told == (
        "check run not set: 401 (Bad credentials)",
        "comment not posted: the token is not valid: 401 (Bad credentials)",
    )


def test_a_pull_request_that_is_not_there(github: GitHub, hourglass: Hourglass) -> None:
    found = forge(github, hourglass, GITHUB_REF="refs/pull/8/merge").finish(posting())
    assert found.told == (f"comment not posted: 404 (Not Found){NO_COMMENT}",)


def test_what_the_service_will_not_take(github: GitHub, hourglass: Hourglass) -> None:
    github.fail(f"POST {COMMENTS}", Fault(422, {"message": "Validation Failed", "errors": []}))
    found = forge(github, hourglass).finish(posting())
    assert found.told == ("comment not posted: 422 (Validation Failed)",)
    assert hourglass.slept == []


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(429, {"message": "slow down"}, {"Retry-After": "7"}), 7),
        (Fault(403, SECONDARY, {"Retry-After": "20"}), 20),
        (Fault(429, b"", {"Retry-After": "Mon, 21 Sep 2026 14:13:30 GMT"}), 10),
        (Fault(403, {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000011"}), 12),
        (Fault(429, {}, {"RateLimit-Remaining": "0", "RateLimit-Reset": "1789999000"}), 1),
        (Fault(503, b"<html>", {"Retry-After": "3"}), 3),
    ],
)
@pytest.mark.parametrize("call", [f"GET {COMMENTS}", f"POST {COMMENTS}"])
def test_a_limit_is_waited_for(
    call: str, fault: Fault, wait: float, github: GitHub, hourglass: Hourglass
) -> None:
    github.fail(call, fault)
    assert forge(github, hourglass).finish(posting()).posted
    assert hourglass.slept == [wait]
    assert github.bodies(7) == [body()]


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(403, SECONDARY), 60),
        (Fault(429, b"no JSON"), 60),
        (Fault(429, {}, {"Retry-After": "3600"}), 3600),
        (Fault(429, {}, {"Retry-After": "9" * 400}), 315_360_000),
        (Fault(403, {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790001234"}), 1235),
    ],
)
def test_a_long_limit_is_told(
    fault: Fault, wait: int, github: GitHub, hourglass: Hourglass
) -> None:
    github.fail(f"POST {COMMENTS}", fault)
    found = forge(github, hourglass).finish(posting())
    assert found.told == (
        f"comment not posted: too many requests ({fault.status}), free again in {wait} s",
    )
    assert hourglass.slept == []


@pytest.mark.parametrize(
    "fault",
    [
        RESET,
        Fault(500),
        Fault(502, b"<html><body>Bad Gateway"),
        Fault(200, b"{garbage"),
        Fault(200, b"[" * 100_000),
        Fault(200, b"\xff\xfe"),
        Fault(200, b"[" + b"9" * 5000 + b"]"),
    ],
)
@pytest.mark.parametrize("path", ["/user", "/graphql", COMMENTS, "/pulls/7$", "POST .*check-runs"])
def test_what_passes_is_tried_again(
    path: str, fault: Fault, github: GitHub, hourglass: Hourglass
) -> None:
    github.fail(path, *[fault] * 2)
    assert forge(github, hourglass).finish(posting()).posted
    assert hourglass.slept == [0.5, 1.0]
    assert github.bodies(7) == [body()]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"an": "object"}, "a list was expected and something else came"),
        (None, "the answer cannot be read"),
    ],
)
def test_what_stays_is_given_up(
    content: object, why: str, github: GitHub, hourglass: Hourglass
) -> None:
    github.fail(f"GET {COMMENTS}", *[Fault(200, content)] * 100)
    assert forge(github, hourglass).finish(posting()).told == (f"comment not posted: {why}",)
    assert sum(hourglass.slept) < 40


def test_a_service_that_is_down_costs_a_minute_at_most(
    github: GitHub, hourglass: Hourglass
) -> None:
    github.fail(".", *[Fault(503)] * 1000)
    job = forge(github, hourglass)
    assert job.begin("paribus", HEAD).told == ("check run not set: 503",)
    assert job.finish(posting()).told == ("check run not set: 503", "comment not posted: 503")
    assert 60 < sum(hourglass.slept) < 80


def test_nobody_listens_there(hourglass: Hourglass) -> None:
    with service() as gone:
        pass
    assert forge(gone, hourglass).finish(posting()).told == (
        "check run not set: the connection failed",
        "comment not posted: the connection failed",
    )


@pytest.mark.parametrize(
    "fault", [slow(3), Fault(200, drips=True)], ids=["silent", "letter by letter"]
)
def test_an_answer_that_never_ends_does_not_hold_us_up(
    fault: Fault, github: GitHub, hourglass: Hourglass
) -> None:
    hourglass.call = 0.2
    github.fail(f"GET {COMMENTS}", fault)
    assert forge(github, hourglass).finish(posting()).posted
    assert hourglass.slept == [0.5]


def test_an_answer_without_measure_is_not_read(github: GitHub, hourglass: Hourglass) -> None:
    github.fail(f"GET {COMMENTS}", Fault(200, b" " * (LONGEST_ANSWER + 70_000)))
    found = forge(github, hourglass).finish(posting())
    assert found.told == ("comment not posted: the answer is too long",)


def test_entries_that_are_no_comments_are_passed_over(github: GitHub, hourglass: Hourglass) -> None:
    odd: list[object] = [
        None,
        3,
        {},
        {"user": None},
        {"user": {"login": "x"}},
        {"id": "1", "body": 2},
        [[]],
    ]
    ours = {"user": {"login": "github-actions[bot]", "type": "Bot"}}
    odd += [ours, {**ours, "id": 5}, {**ours, "body": body(), "id": "5"}]
    github.fail(f"GET {COMMENTS}", Fault(200, odd))
    assert forge(github, hourglass).finish(posting()).posted
    assert github.bodies(7) == [body()]


def test_an_address_that_acts_is_not_shown(github: GitHub, hourglass: Hourglass) -> None:
    entry = {"id": 5, "user": {"login": "github-actions[bot]", "type": "Bot"}, "body": body()}
    for url in ("\x1b]0;pwned", "https://x\n::error::y", 5):
        github.fail(f"GET {COMMENTS}", Fault(200, [{**entry, "html_url": url}]))
        assert forge(github, hourglass).finish(posting()).told == ("comment unchanged",)
    github.fail("GET .*/pulls/7", Fault(200, {"head": {"sha": "\x1b[31m"}}))
    assert forge(github, hourglass).finish(posting()).told == (
        "comment not posted: it does not tell the head of the request",
    )
    github.fail(f"POST {COMMENTS}", Fault(422, {"message": "a\n##[error]b\x1b[0m"}))
    told = forge(github, hourglass).finish(posting()).told[0]
    assert told == "comment not posted: 422 (a # #[error]b [0m)"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(
    status: int, github: GitHub, hourglass: Hourglass
) -> None:
    """As for a repository with a new name: reading and writing alike."""
    environment = github.environment() | {"GITHUB_REPOSITORY": "octo/old"}

    answer = github.answer

    def moved(asked: Asked) -> Said:
        if "/repos/octo/old/" in asked.path:
            target = asked.path.replace("/octo/old/", f"/{REPOSITORY}/")
            return Said(status, None, {"Location": target})
        return answer(asked)

    github.answer = moved  # type: ignore[method-assign]
    job = find_forge(environment, None, None, patience=hourglass.patience())
    assert job.finish(posting()).posted
    assert github.bodies(7) == [body()]


@pytest.mark.parametrize("path", ["GET /user", f"GET {COMMENTS}", f"POST {COMMENTS}"])
def test_no_token_goes_to_another_host(path: str, github: GitHub, hourglass: Hourglass) -> None:
    with service() as elsewhere:
        for target in (
            f"{elsewhere.url}/stolen",
            "//127.0.0.2/x",
            "http://[",
            "file:///etc/passwd",
        ):
            github.fail(path, Fault(307, None, {"Location": target}))
            found = forge(github, hourglass).finish(posting())
            assert not found.posted
            assert found.told[0].startswith("comment not posted: it points to ")
    assert elsewhere.asked == []
    assert github.bodies(7) == []


def test_no_page_is_read_elsewhere(github: GitHub, hourglass: Hourglass) -> None:
    with service() as elsewhere:
        link = {"Link": f'<{elsewhere.url}{COMMENTS}?page=2>; rel="next"'}
        github.fail(f"GET {COMMENTS}", Fault(200, [], link))
        found = forge(github, hourglass).finish(posting())
        assert found.told == ("comment not posted: the next page would be on another host",)
    assert elsewhere.asked == []


def test_a_circle_of_redirects_ends(github: GitHub, hourglass: Hourglass) -> None:
    github.fail("GET .*/user", *[Fault(302, None, {"Location": "/user"})] * 10)
    found = forge(github, hourglass).finish(posting())
    assert found.told == ("comment not posted: it redirects in a circle",)


def test_what_is_another_place() -> None:
    root = "https://api.github.com"
    assert same_place(root, "https://api.github.com:443/user")
    for address in (
        "http://api.github.com/user",
        "https://api.github.com:444/user",
        "https://api.github.com.example/user",
        "https://ada@api.github.com/user",
        "https://api.github.com:x/",
    ):
        assert not same_place(root, address)


def test_the_token_is_told_nowhere(
    github: GitHub, gitlab: GitLab, hourglass: Hourglass, capfd: pytest.CaptureFixture[str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Neither in an address, nor in an answer's echo; and a `.netrc` does not take its place."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password evil\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    for host, token, call in (
        (github, TOKEN, f"POST {COMMENTS}"),
        (gitlab, PROJECT_TOKEN, "POST .*notes"),
    ):
        assert isinstance(host, GitHub | GitLab)
        job = forge(host, hourglass)
        host.fail(call, Fault(400, {"message": f"bad header {token}"}))
        told = [*job.begin("paribus", HEAD).told, *job.finish(posting()).told]
        assert told == ["comment not posted: 400 (bad header ***)"]
        assert job.finish(posting()).posted
        assert token not in repr(job) + repr(vars(job))
        assert all(token not in asked.path + json.dumps(dict(asked.query)) for asked in host.asked)
        assert all("evil" not in str(asked.headers) for asked in host.asked)
    said = capfd.readouterr()
    assert TOKEN not in said.out + said.err


def test_letters_that_no_service_stores(github: GitHub, hourglass: Hourglass) -> None:
    """A path that is not UTF-8 comes as half a letter."""
    assert forge(github, hourglass).finish(posting("name \udcff\0\N{PARTY POPPER}")).posted
    assert forge(github, hourglass).finish(posting("name \udcff\0\N{PARTY POPPER}")).told[0].startswith("comment unchanged")  # fmt: skip
    assert github.bodies(7) == [body("name ??\N{PARTY POPPER}")]
