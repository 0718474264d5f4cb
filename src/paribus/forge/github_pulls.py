"""Which pull request at GitHub a job is about."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paribus.forge.github_author import inner
from paribus.forge.wire import Wire

LONGEST_EVENT = 50_000_000
OF_PULL = re.compile(r"refs/pull/([0-9]{1,10})/(?:merge|head)")
OF_BRANCH = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Pulls:
    """Pull requests, by number or by the branch that they are made of.

    Attributes:
        number: of the only one; None where the service has to be asked.
        branch: `owner:branch` of the head, as the service wants it.
        merge: the commit that the service made to test the pull request, which a job has checked out.
        head: the pull request's own head, for which that commit stands.
    """

    number: int | None = None
    branch: str | None = None
    merge: str | None = None
    head: str | None = None

    def judged(self, head: str) -> str:
        """The commit on which people see what was judged."""
        return self.head if self.head is not None and head == self.merge else head

    def numbers(self, wire: Wire, repository: str, head: str) -> list[int]:
        """The open pull requests that have a head.

        Raises:
            Trouble: the service does not tell.
        """
        if self.number is not None:
            return [self.number]
        found = wire.pages(f"repos/{repository}/pulls", head=self.branch or "", state="open")
        return [
            entry["number"]
            for entry in found
            if (inner(entry, "head") or {}).get("sha") == head
            and isinstance(entry.get("number"), int)
        ]


def pulls_of(environment: Mapping[str, str], repository: str) -> Pulls | None:
    """As the environment of a workflow tells; None where it does not."""
    event = _event(environment.get("GITHUB_EVENT_PATH"))
    pull = inner(event, "pull_request") or {}
    ref = environment.get("GITHUB_REF", "")
    number = pull.get("number") or _commented(event) or _of_ref(ref)
    if isinstance(number, int):
        head = (inner(pull, "head") or {}).get("sha")
        if isinstance(head, str) and OF_PULL.fullmatch(ref):
            return Pulls(number, merge=environment.get("GITHUB_SHA"), head=head)
        return Pulls(number)
    branch = _of_run(event)
    if branch is None and ref.startswith(OF_BRANCH) and inner(event, "workflow_run") is None:
        branch = f"{repository.partition('/')[0]}:{ref.removeprefix(OF_BRANCH)}"
    return None if branch is None else Pulls(branch=branch)


# Private functions


def _event(path: str | None) -> Mapping[str, Any]:
    """What started the workflow; nothing where it cannot be read."""
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            content = json.loads(file.read(LONGEST_EVENT))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _commented(event: Mapping[str, Any]) -> object:
    """A comment on a pull request is an event of an issue."""
    issue = inner(event, "issue") or {}
    return issue.get("number") if "pull_request" in issue else None


def _of_ref(ref: str) -> int | None:
    found = OF_PULL.fullmatch(ref)
    return int(found[1]) if found else None


def _of_run(event: Mapping[str, Any]) -> str | None:
    """For a fork the run's own list of pull requests is empty, so the branch is asked for."""
    run = inner(event, "workflow_run") or {}
    owner = (inner(run, "head_repository", "owner") or {}).get("login")
    branch = run.get("head_branch")
    return f"{owner}:{branch}" if isinstance(owner, str) and isinstance(branch, str) else None
