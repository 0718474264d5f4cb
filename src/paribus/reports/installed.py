"""What `paribus init` puts into a project so that the check runs by itself, and how it tells of that."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paribus.reports.text import clean

HOOKS = ("pre-commit", "commit-msg")
GITHUB_FILE = ".github/workflows/paribus.yml"
GITHUB_FORKS_FILE = ".github/workflows/paribus-review.yml"
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

GITHUB_REVIEW = """\
# Every pull request reviewed: one change? what is it worth? One comment. Written by `paribus init`.
name: paribus
on:
  pull_request:
permissions:
  contents: read
  pull-requests: write
  checks: write
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - run: pip install paribus
      - name: Review
        env:
          BASE: ${{ github.event.pull_request.base.ref }}
          HEAD: ${{ github.event.pull_request.head.sha }}
          GITHUB_TOKEN: ${{ github.token }}
        # Exit 4 is undecided or not comparable; the check run on the commit shows that as it is.
        run: paribus review "origin/$BASE...$HEAD" --format github --postPROJECT || [ $? = 4 ]
"""

GITHUB_CHECK = """\
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
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - run: pip install paribus
      - run: paribus check HEAD --format githubPROJECT
"""

GITHUB_FORKS = """\
# A comment on every pull request, those of forks too. Written by `paribus init`.
#
# This runs as the default branch has it, with a token that may write. So nothing of a pull request may
# run here: its commits are fetched as objects and never checked out, paribus reads objects alone, and
# nothing that the workflow of the pull request made is believed.
name: paribus review
on:
  workflow_run:
    workflows: [paribus]
    types: [completed]
permissions:
  contents: read
  pull-requests: write
  checks: write
jobs:
  review:
    if: github.event.workflow_run.event == 'pull_request'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - run: pip install paribus
      # The default branch. Its credentials stay for the fetch below; after that only paribus runs.
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
      - name: Fetch the pull request's commits, as objects only
        env:
          HEAD: ${{ github.event.workflow_run.head_sha }}
        run: git fetch --quiet --no-tags --no-recurse-submodules origin "$HEAD"
      - name: Review
        env:
          BASE: ${{ github.event.repository.default_branch }}
          HEAD: ${{ github.event.workflow_run.head_sha }}
          GITHUB_TOKEN: ${{ github.token }}
        # Exit 4 is undecided or not comparable; the check run on the commit shows that as it is.
        run: paribus review "origin/$BASE...$HEAD" --format github --postPROJECT || [ $? = 4 ]
"""

GITLAB = """\
# One change against the baseline, judged on every merge request; what it is worth, in one note.
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

# The note needs the variable PARIBUS_GITLAB_TOKEN, a project access token with the scope api.
paribus-review:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - pip install paribus
    - git fetch --quiet origin "+refs/heads/paribus/ledger:refs/remotes/origin/paribus/ledger" || true
    - >-
      paribus review HEAD --format gitlab --postPROJECT
      --baseline "${PARIBUS_BASELINE:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"
      > paribus-metrics.txt
  # Undecided, or not comparable: a warning.
  allow_failure:
    exit_codes: 4
  artifacts:
    when: always
    reports:
      metrics: paribus-metrics.txt
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


def github_review(prefix: str) -> str:
    """A workflow that reviews pull requests of the repository itself."""
    return GITHUB_REVIEW.replace("PROJECT", _project(prefix))


def github_forks(prefix: str) -> dict[str, str]:
    """Two workflows for pull requests of forks, by their files: one without rights, one that comments."""
    texts = {GITHUB_FILE: GITHUB_CHECK, GITHUB_FORKS_FILE: GITHUB_FORKS}
    return {file: text.replace("PROJECT", _project(prefix)) for file, text in texts.items()}


def gitlab_job(prefix: str) -> str:
    """Two jobs: a code quality report, and a review with a note and a metrics report."""
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
