"""Which service, request and token are meant, and what is said where one is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.forge.conftest import HEAD, posting

from paribus.core.errors import Problem
from paribus.forge.finding import find_forge
from paribus.forge.github import GitHub
from paribus.forge.gitlab import GitLab

TOKENS = {"GITHUB_TOKEN": "ghp_x", "GITLAB_TOKEN": "glpat-x"}
ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "octo/digits", "GITHUB_TOKEN": "ghs_x"}


@pytest.mark.parametrize(
    ("url", "root", "path"),
    [
        ("https://github.com/octo/digits.git", "https://api.github.com", "octo/digits"),
        ("https://ada:ghp_secret@GitHub.com/octo/digits/", "https://api.github.com", "octo/digits"),
        ("git@github.com:octo/digits.git", "https://api.github.com", "octo/digits"),
        ("github.com:octo/di.gits", "https://api.github.com", "octo/di.gits"),
        ("ssh://git@github.com:22/octo/digits", "https://api.github.com", "octo/digits"),
        ("git@gitlab.com:a/b/c.git", "https://gitlab.com/api/v4", "a/b/c"),
        ("https://gitlab.com/a/b", "https://gitlab.com/api/v4", "a/b"),
    ],
)
def test_by_hand_the_remote_tells(url: str, root: str, path: str) -> None:
    for request in ("7", "#7", "!7", " 7 "):
        forge = find_forge(TOKENS, url, request)
        place = forge._place  # type: ignore[attr-defined]
        if isinstance(forge, GitHub):
            found = place.root, place.repository, place.pulls.number
        else:
            found = place.root, place.project, place.number
        assert found == (root, path, 7)
        assert "secret" not in repr(place)


@pytest.mark.parametrize(
    "url",
    [
        None, "", "/srv/digits.git", "https://github.com.example/octo/digits", "https://[::1/x", "file:///x",
        "https://example.com/github.com/octo", "git@gitlab.example:a/b.git", "C:\\work\\digits",
    ],
)  # fmt: skip
def test_a_token_goes_to_no_host_that_only_a_remote_names(url: str | None) -> None:
    with pytest.raises(Problem) as caught:
        find_forge(TOKENS, url, "7")
    assert caught.value.code == "no-forge"
    assert "GITHUB_API_URL" in caught.value.helps[0]


@pytest.mark.parametrize(
    ("variables", "root"),
    [
        ({}, "https://api.github.com"),
        ({"GITHUB_SERVER_URL": "https://github.com"}, "https://api.github.com"),
        ({"GITHUB_SERVER_URL": "https://git.example:8443/"}, "https://git.example:8443/api/v3"),
        ({"GITHUB_SERVER_URL": "https://octo.ghe.com"}, "https://api.octo.ghe.com"),
        ({"GITHUB_API_URL": "https://git.example/api/v3/"}, "https://git.example/api/v3"),
        ({"GITHUB_API_URL": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
    ],
)
def test_enterprise_servers(variables: dict[str, str], root: str) -> None:
    forge = find_forge(ACTIONS | variables, "https://evil.example/octo/digits", "7")
    assert isinstance(forge, GitHub)
    assert forge._place.root == root


@pytest.mark.parametrize(
    "root",
    ["ftp://x", "https://", "nonsense", "https://u:p@x", "https://x?y", "https://[", "https://x:y"],
)
def test_an_address_that_is_none(root: str) -> None:
    environment = {"GITHUB_REPOSITORY": "octo/digits", **TOKENS}
    for name in ("GITHUB_API_URL", "CI_API_V4_URL"):
        more = {"CI_PROJECT_ID": "1", "GITHUB_REPOSITORY": ""} if name.startswith("CI") else {}
        with pytest.raises(Problem) as caught:
            find_forge(environment | more | {name: root}, None, "7")
        assert caught.value.code == "no-forge"


@pytest.mark.parametrize(
    "repository", ["digits", "../..", "a/..", "a/b/c", "a b/c", "a/b?x=y", "a%2f/b"]
)
def test_a_repository_that_is_none(repository: str) -> None:
    with pytest.raises(Problem) as caught:
        find_forge({"GITHUB_REPOSITORY": repository, **TOKENS}, None, "7")
    assert caught.value.code == "no-forge"


@pytest.mark.parametrize("request_", ["", "x", "0", "-1", "7.5", "7/../8", "1" * 11, "٧"])
def test_a_number_that_is_none(request_: str) -> None:
    """This is a mistake on the command line, in a job as well."""
    for environment in (TOKENS, ACTIONS):
        with pytest.raises(Problem) as caught:
            find_forge(environment, "https://github.com/octo/digits", request_)
        assert caught.value.code == "no-request"


@pytest.mark.parametrize("token", ["gh p", "gh\nX-Evil: 1", "ghé", "\x7f"])
def test_a_token_that_is_none_is_not_repeated(token: str) -> None:
    with pytest.raises(Problem) as caught:
        find_forge({"GITHUB_TOKEN": token}, "https://github.com/octo/digits", "7")
    assert caught.value.message == "GITHUB_TOKEN holds no token: there are blanks in it"


def test_by_hand_what_is_missing_is_a_problem() -> None:
    url = "https://github.com/octo/digits"
    for environment, request, code, message, help_ in (
        (
            {},
            "7",
            "no-token",
            "there is no token to post with",
            "set PARIBUS_GITHUB_TOKEN or GITHUB_TOKEN",
        ),
        (
            TOKENS,
            None,
            "no-request",
            "no pull request is known",
            "name it   paribus review --post --pr NUMBER",
        ),
    ):
        with pytest.raises(Problem) as caught:
            find_forge(environment, url, request)
        assert (caught.value.code, caught.value.message, caught.value.helps) == (
            code,
            message,
            (help_,),
        )


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "octo/digits", "GITHUB_REF": "refs/pull/7/merge"},
            "there is no token to post with; set PARIBUS_GITHUB_TOKEN or GITHUB_TOKEN",
        ),
        (
            ACTIONS | {"GITHUB_REF": "refs/tags/v1"},
            "no pull request is known; name it   paribus review --post --pr NUMBER",
        ),
        (
            {"GITLAB_CI": "true", "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7", "CI_JOB_TOKEN": "x"},
            "there is no token to post with; set PARIBUS_GITLAB_TOKEN or GITLAB_TOKEN;"
            " CI_JOB_TOKEN may not write notes",
        ),
        (
            {"GITLAB_CI": "true", "CI_PROJECT_ID": "42", "GITLAB_TOKEN": "x"},
            "no merge request is known; name it   paribus review --post --pr NUMBER",
        ),
    ],
)  # fmt: skip
def test_in_a_job_what_is_missing_is_told(environment: dict[str, str], told: str) -> None:
    """A fork's job has no token, and its exit code is the review's."""
    forge = find_forge(environment, None, None)
    assert forge.begin("paribus", HEAD).told == ()
    found = forge.finish(posting())
    assert (found.told, found.posted) == ((f"comment not posted: {told}",), False)


@pytest.mark.parametrize(
    ("event", "ref", "number", "branch"),
    [
        ({"pull_request": {"number": 7, "head": {"sha": HEAD}}}, "refs/pull/7/merge", 7, None),
        ({"pull_request": {"number": 7}}, "refs/heads/main", 7, None),
        ({"issue": {"number": 7, "pull_request": {}}}, "refs/heads/main", 7, None),
        ({"issue": {"number": 7}}, "refs/heads/main", None, "octo:main"),
        ({}, "refs/pull/7/head", 7, None),
        (b"{garbage", "refs/pull/7/merge", 7, None),
        (b"[]", "refs/pull/7/merge", 7, None),
        ({"pull_request": {"number": "7"}}, "refs/heads/idea", None, "octo:idea"),
        ({"workflow_run": {"head_branch": "a b", "head_repository": {"owner": {"login": "eve"}}}},
         "refs/heads/main", None, "eve:a b"),
    ],
)  # fmt: skip
def test_which_pull_request_an_event_is_about(
    event: object, ref: str, number: int | None, branch: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(event if isinstance(event, bytes) else json.dumps(event).encode())
    environment = ACTIONS | {"GITHUB_EVENT_PATH": str(path), "GITHUB_REF": ref}
    forge = find_forge(environment, None, None)
    assert isinstance(forge, GitHub)
    assert (forge._place.pulls.number, forge._place.pulls.branch) == (number, branch)
    named = find_forge(environment, None, "12")
    assert isinstance(named, GitHub)
    assert named._place.pulls.number == 12


def test_a_run_of_a_fork_that_is_gone_is_not_mistaken_for_the_main_branch(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"workflow_run": {"head_branch": "main", "head_repository": None}}))
    environment = ACTIONS | {"GITHUB_EVENT_PATH": str(path), "GITHUB_REF": "refs/heads/main"}
    told = find_forge(environment, None, None).finish(posting()).told
    assert told == ("comment not posted: no pull request is known; name it   paribus review --post --pr NUMBER",)  # fmt: skip


def test_the_own_tokens_of_paribus_come_first() -> None:
    more = {"PARIBUS_GITHUB_TOKEN": "ghp_own", "PARIBUS_GITLAB_TOKEN": "glpat-own"}
    github = find_forge(ACTIONS | more, None, "7")
    gitlab = find_forge({"CI_API_V4_URL": "https://gitlab.example/api/v4", "CI_PROJECT_ID": "42", **TOKENS, **more}, None, "7")  # fmt: skip
    assert isinstance(github, GitHub)
    assert isinstance(gitlab, GitLab)
    assert (github._place.token, github._place.of_workflow) == ("ghp_own", False)
    assert gitlab._place.token == "glpat-own"


def test_finding_a_service_loads_no_http_library() -> None:
    code = "import sys, paribus.forge.finding; print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
