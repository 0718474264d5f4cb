"""Which service, request and token a posting is for: from the environment of a job, or by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from paribus.core.errors import Problem
from paribus.forge.github import GitHub, Place
from paribus.forge.github_pulls import Pulls, pulls_of
from paribus.forge.gitlab import GitLab, MergeRequest
from paribus.forge.model import Forge, Outcome, Posting
from paribus.forge.wire import Patience

GITHUB_TOKENS = ("PARIBUS_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
GITLAB_TOKENS = ("PARIBUS_GITLAB_TOKEN", "GITLAB_TOKEN")
OF_WORKFLOW = "GITHUB_TOKEN"
NUMBER = re.compile(r"[#!]?([1-9][0-9]{0,9})")
TOKEN = re.compile(r"[!-~]{1,1000}")
REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]+/(?!\.{1,2}$)[A-Za-z0-9._-]+")
PROJECT = re.compile(r"[0-9]+|[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")
LIKE_SSH = re.compile(r"(?:[^@/]+@)?([^:/]+):(?!/)(.+)")
ADDRESSED = "GITHUB_API_URL and GITHUB_REPOSITORY, or CI_API_V4_URL and CI_PROJECT_ID"


def find_forge(
    environment: Mapping[str, str],
    remote_url: str | None,
    request: str | None,
    *,
    patience: Patience | None = None,
) -> Forge:
    """The service that has the pull or merge request.

    In a job of GitHub or GitLab whatever is missing is told by what is returned, because a job of a
    fork has no token and must end as its review does. Elsewhere somebody can mend it.

    Args:
        environment: of the process.
        remote_url: of the repository's remote, as Git has it.
        request: number of the pull or merge request; None to find it in the environment.
        patience: how long to wait; for tests.

    Raises:
        Problem: the number is none; or, outside of CI, there is no service, token or number.
    """
    number = _number(request)
    in_ci = "true" in {environment.get("GITHUB_ACTIONS"), environment.get("GITLAB_CI")}
    try:
        return _found(environment, _remote(remote_url), number, patience or Patience())
    except Problem as problem:
        if not in_ci:
            raise
        return Unable(problem)


@dataclass(frozen=True, slots=True)
class Unable:
    """A `Forge` for a job that cannot post."""

    problem: Problem

    def begin(self, name: str, head: str) -> Outcome:
        """Nothing: it is told at the end."""
        return Outcome()

    def finish(self, posting: Posting) -> Outcome:
        """Tells why."""
        said = "; ".join((self.problem.message, *self.problem.helps[:1]))
        return Outcome((f"comment not posted: {said}",))


# Private functions


@dataclass(frozen=True, slots=True)
class _Remote:
    """Host and path of a remote's address, whatever its form."""

    host: str = ""
    path: str = ""


def _found(
    environment: Mapping[str, str], remote: _Remote, number: int | None, patience: Patience
) -> Forge:
    if _is_gitlab(environment, remote):
        return GitLab(_merge_request(environment, remote, number), patience)
    return GitHub(_place(environment, remote, number), patience)


def _is_gitlab(environment: Mapping[str, str], remote: _Remote) -> bool:
    """The job's own service first, then what the environment names, then the remote."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return False
    if environment.get("GITLAB_CI") == "true":
        return True
    if environment.get("GITHUB_REPOSITORY"):
        return False
    if environment.get("CI_API_V4_URL"):
        return True
    if remote.host not in {"github.com", "gitlab.com"} and not environment.get("GITHUB_API_URL"):
        raise Problem(
            "no-forge",
            "no pull request can be found: the remote is not at github.com or gitlab.com",
            f"for another host, set {ADDRESSED}",
        )
    return remote.host == "gitlab.com"


def _place(environment: Mapping[str, str], remote: _Remote, number: int | None) -> Place:
    repository = environment.get("GITHUB_REPOSITORY") or remote.path
    if not REPOSITORY.fullmatch(repository):
        raise Problem("no-forge", "no repository at GitHub is known", f"set {ADDRESSED}")
    root = environment.get("GITHUB_API_URL") or _github_root(environment)
    name, token = _token(environment, GITHUB_TOKENS)
    pulls = pulls_of(environment, repository)
    if number is not None and (pulls is None or pulls.number != number):
        pulls = Pulls(number)
    if pulls is None:
        raise _no_request("pull")
    in_workflow = environment.get("GITHUB_ACTIONS") == "true" and name == OF_WORKFLOW
    return Place(_address(root), repository, pulls, token, of_workflow=in_workflow)


def _merge_request(
    environment: Mapping[str, str], remote: _Remote, number: int | None
) -> MergeRequest:
    here = environment.get("CI_PROJECT_ID") or remote.path
    # A fork's job runs in the fork; the merge request is where it goes to.
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or here
    if not PROJECT.fullmatch(project) or not PROJECT.fullmatch(here):
        raise Problem("no-forge", "no project at GitLab is known", f"set {ADDRESSED}")
    _, token = _token(environment, GITLAB_TOKENS)
    told = _number(environment.get("CI_MERGE_REQUEST_IID") or None)
    wanted = number or told
    if wanted is None:
        raise _no_request("merge")
    root = environment.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    found = MergeRequest(_address(root), project, wanted, here, token)
    head = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
    if not head or wanted != told:
        return found
    return replace(found, merge=environment.get("CI_COMMIT_SHA"), head=head)


def _no_request(word: str) -> Problem:
    return Problem(
        "no-request",
        f"no {word} request is known",
        "name it   paribus review --post --pr NUMBER",
    )


def _number(request: str | None) -> int | None:
    if request is None:
        return None
    found = NUMBER.fullmatch(request.strip())
    if found is None:
        raise Problem(
            "no-request",
            "that is not the number of a pull request",
            "name it   paribus review --post --pr 7",
        )
    return int(found[1])


def _token(environment: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, str]:
    """Name of the variable, and the token. No message ever holds any of it."""
    for name in names:
        token = environment.get(name, "").strip()
        if token:
            if not TOKEN.fullmatch(token):
                raise Problem("no-token", f"{name} holds no token: there are blanks in it")
            return name, token
    more = "; CI_JOB_TOKEN may not write notes" if "CI_JOB_TOKEN" in environment else ""
    raise Problem(
        "no-token", "there is no token to post with", f"set {names[0]} or {names[1]}{more}"
    )


def _github_root(environment: Mapping[str, str]) -> str:
    """A token goes to github.com, or to where the environment says in so many words."""
    server = environment.get("GITHUB_SERVER_URL", "").rstrip("/")
    place = server.removeprefix("https://")
    if place in {"", "github.com"}:
        return "https://api.github.com"
    return f"https://api.{place}" if place.endswith(".ghe.com") else f"{server}/api/v3"


def _address(root: str) -> str:
    """Where a service is; without TLS only where the environment says so.

    Raises:
        Problem: it is no address, or holds credentials.
    """
    try:
        split = urlsplit(root)
        sound = split.scheme in {"https", "http"} and split.hostname and split.port != 0
    except ValueError:
        sound = False
    if not sound or "@" in root or "?" in root or "#" in root:
        raise Problem("no-forge", "the address of the service is none", f"set {ADDRESSED}")
    return root.rstrip("/")


def _remote(url: str | None) -> _Remote:
    """Of `https://host/path.git`, `ssh://git@host/path` or `git@host:path`; without credentials."""
    if not url:
        return _Remote()
    like_ssh = None if "://" in url else LIKE_SSH.fullmatch(url)
    try:
        split = urlsplit(url)
        host, path = like_ssh.groups() if like_ssh else (split.hostname or "", split.path)
    except ValueError:
        return _Remote()
    return _Remote(host.lower(), path.strip("/").removesuffix(".git"))
