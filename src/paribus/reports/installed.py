"""What `paribus init` puts into a project so that the check runs by itself, and how it tells of that."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paribus.reports.text import clean

HOOKS = ("pre-commit", "commit-msg")
GITHUB_FILE = ".github/workflows/paribus.yml"
GITLAB_FILE = ".gitlab/paribus.yml"
GITLAB_MAIN = ".gitlab-ci.yml"
PRE_COMMIT_FILE = ".pre-commit-config.yaml"

HOOK = """\
#!/bin/sh
# One change against the baseline. Written by `paribus init --hooks`.
command -v paribus >/dev/null || { echo "paribus is not on PATH: not judged" >&2; exit 0; }
exec COMMAND
"""

PRE_COMMIT_ENTRY = """\
  - repo: local
    hooks:
      - id: paribus-check
        name: one change against the baseline
        entry: CHECK
        language: system
        stages: [pre-commit]
        pass_filenames: false
        always_run: true
      - id: paribus-commit-msg
        name: the change named in the message
        entry: MESSAGE
        language: system
        stages: [commit-msg]
"""

GITHUB = """\
# One change against the baseline, judged on every pull request. Written by `paribus init`.
name: paribus
on:
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install paribus
      - run: paribus check HEAD --format githubPROJECT
"""

GITLAB = """\
# One change against the baseline, judged on every merge request.
paribus:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - pip install paribus
    - >-
      paribus check HEAD --format gitlabPROJECT
      --baseline "${PARIBUS_BASELINE:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"
      > gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""

GITLAB_INCLUDE = """\
include:
  - local: .gitlab/paribus.yml
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that calls Paribus.

    Attributes:
        file: as a person finds it.
        written: whether it was written now.
        add: what to add by hand, where the file is somebody else's.
    """

    file: str
    written: bool
    add: str = ""

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {"file": self.file, "written": self.written, "add": self.add or None}


def hook_command(name: str, prefix: str) -> str:
    """The line that a hook runs; Git starts it at the top of the working tree."""
    arguments = ' "$1"' if name == "commit-msg" else ""
    return f"paribus hook {name}{arguments}{_project(prefix)}"


def hook_script(name: str, prefix: str) -> str:
    """A whole hook."""
    return HOOK.replace("COMMAND", hook_command(name, prefix))


def pre_commit_entry(prefix: str) -> str:
    """What to add below `repos:` of the pre-commit framework's file."""
    calls = {"CHECK": "pre-commit", "MESSAGE": "commit-msg"}
    entry = PRE_COMMIT_ENTRY
    for word, name in calls.items():
        entry = entry.replace(word, f"paribus hook {name}{_project(prefix)}")
    return entry


def github_workflow(prefix: str) -> str:
    """A workflow of its own."""
    return GITHUB.replace("PROJECT", _project(prefix))


def gitlab_job(prefix: str) -> str:
    """A job of its own, with a code quality report."""
    return GITLAB.replace("PROJECT", _project(prefix))


def placed_lines(placed: Sequence[Placed]) -> list[str]:
    """For people: a line for each file, and what to add where it is not ours."""
    lines = []
    for one in placed:
        if one.written:
            lines.append(f"wrote {clean(one.file)}")
        elif one.add:
            lines += [f"{clean(one.file)} is yours and left as it is; add to it:", ""]
            lines += [*(f"    {clean(line)}".rstrip() for line in one.add.splitlines()), ""]
        else:
            lines.append(f"{clean(one.file)} calls Paribus already")
    return lines


# Private functions


def _project(prefix: str) -> str:
    return f" --project {shlex.quote(prefix)}" if prefix else ""
