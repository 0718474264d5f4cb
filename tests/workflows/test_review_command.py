"""`paribus review`: what a reviewer reads, for each thing that a pull request can be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.review import STATUS, Finding

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace
    from tests.workflows.conftest import History

CHANGES: dict[str, dict[str, object]] = {
    "improved": {"train.gain": 0.2},
    "worse": {"train.gain": -0.2},
    "no-difference": {"train.name": "fancy"},
    "undecided": {"train.gain": 0.002},
    "failed": {"train.fail": True},
}
"""The changes of the project's past, as commits of branches."""

DATES = {"GIT_AUTHOR_DATE": "1600000000 +0000", "GIT_COMMITTER_DATE": "1600000000 +0000"}


@pytest.fixture
def branches(measured: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of the project with a past: a branch for each of its changes, and some more."""
    for name, value in DATES.items():
        monkeypatch.setenv(name, value)
    measured.write({"paribus.yaml": measured.read("paribus.yaml")})
    for name, change in CHANGES.items():
        branch(measured, f"exp/{name}", **change)
    return measured


def branch(project: Workspace, name: str, **params: object) -> str:
    """A branch from main with params set; its commit."""
    project.git("switch", "--quiet", "--create", name, "main")
    for key, value in params.items():
        project.set_param(key, value)
    commit = project.commit(name)
    project.git("switch", "--quiet", "main")
    return commit


def reviewed(project: Workspace, name: str, *arguments: str) -> Called:
    return project.paribus("review", f"main...exp/{name}", *arguments)


def body(project: Workspace, name: str) -> str:
    """The Markdown, with what a machine's speed decides, and the long line for machines, left out."""
    told = reviewed(project, name, "--format", "md").out
    told = re.sub(r"```json\n.*\n```", "```json\n{}\n```", told)
    return re.sub(r"\d+ s</sub>", "SECONDS</sub>", told)


IMPROVED = """\
✅ **Improved: accuracy +0.201** [+0.189, +0.213], 3 of 3 pairs. One change: `train.gain 0.0 -> 0.2`. *Unconfirmed.*
> a larger gain gains

|                |   BASELINE |   this PR |                difference | verdict   |
|:---------------|----------:|----------:|--------------------------:|:----------|
| **accuracy** ↑ |     0.803 |     1.005 | +0.201 \\[+0.189, +0.213\\] | improved  |

**Next:** confirm it `paribus promote ID`; or merge it as unconfirmed.

<details><summary>What changes: 1 change, 0 files not counted</summary>

1. **param** `train.gain 0.0 -> 0.2` in `params.json:5`


</details>
<details><summary>Trust: null control 0 of 3 differ · same session · baseline current · tree = tested tree</summary>

- null control 0 of 3 differ: the baseline's own seeds, made again
- the pairs were made in 1 session
- measured against BASELINE
- the change of the tested tree is that of the head; tree = tested tree

</details>
<details><summary>3 pairs, 1 look, 2 other tries on this param (1 undecided, 1 worse)</summary>

- after 3 pairs: +0.201 \\[+0.189, +0.213\\] improved
- the interval \\[+0.189, +0.213\\] lies above zero
- a gain of at least 0.005 is shown

</details>
<details><summary>Machine-readable</summary>

```json
{}
```

</details>

<sub>measured `HEAD` against `BASELINE` · reproduce: `paribus verify ID` · 3 runs of the candidate, SECONDS</sub>
<!-- paribus:review:. -->
"""


def test_an_improvement_as_a_comment(branches: Workspace, history: History) -> None:
    told = body(branches, "improved")
    base, head = (branches.git("rev-parse", "--short=7", each) for each in ("main", "exp/improved"))
    for name, value in (("HEAD", head), ("BASELINE", base), ("ID", history.id("improved")[:4])):
        told = told.replace(value, name)
    assert told == IMPROVED


FIRST_LINES = {
    "improved": (0, r"✅ \*\*Improved: accuracy \+0\.2\d+\*\* \[\S+, \S+\], 3 of 3 pairs\. One change: `train\.gain 0\.0 -> 0\.2`\. \*Unconfirmed\.\*"),
    "worse": (1, r"❌ \*\*Worse\*\*: accuracy -0\.2\d+ \[\S+, \S+\], 3 of 3 pairs\. One change: `train\.gain 0\.0 -> -0\.2`\."),
    "no-difference": (0, r"⚪ \*\*No detectable difference: .*\*\*; accuracy \+0 \[\+0, \+0\], 3 of 3 pairs\. One change: `train\.name plain -> fancy`\."),
    "undecided": (4, r"❔ \*\*Undecided after 3 of at most 20 pairs\*\*: accuracy \S+ \[\S+, \S+\]\. One change: `train\.gain 0\.0 -> 0\.002`\."),
    "failed": (1, r"❌ \*\*Failed\*\*: 1 of 1 pair, stage train, exit 1\. One change: `train\.fail false -> true`\."),
}  # fmt: skip


def test_each_verdict_comes_first_with_its_exit_code(branches: Workspace) -> None:
    before = branches.state()
    for name, (code, line) in FIRST_LINES.items():
        told = reviewed(branches, name, "--format", "md")
        assert (told.code, told.err) == (code, ""), name
        assert re.fullmatch(line, told.out.splitlines()[0]), told.out.splitlines()[0]
        fold = told.out.splitlines().index(
            next(line for line in told.out.splitlines() if line.startswith("<details>"))
        )
        assert fold <= 12
        assert told.out.endswith("<!-- paribus:review:. -->\n")
        same = reviewed(branches, name, "--format", "md")
        assert same.out == told.out  # no clock, and no order of chance
    assert branches.state() == before


def test_a_review_for_machines(branches: Workspace, history: History) -> None:
    told = reviewed(branches, "improved", "--json")
    found = told.json
    assert list(found)[:5] == ["schema", "project", "revision", "finding", "exit"]
    assert (found["finding"], found["exit"], found["outcome"]) == ("improved", 0, "one")
    assert found["evidence"]["experiment"] == history.id("improved")
    assert found["evidence"]["same_tree"] is True
    assert found["evidence"]["tries"] == {"undecided": 1, "worse": 1}
    line = re.search(r"```json\n(.*)\n```", reviewed(branches, "improved", "--format", "md").out)
    assert line is not None
    assert json.loads(line[1]) == found


def test_what_undoes_a_verdict_is_said_instead(branches: Workspace) -> None:
    branch(branches, "exp/two", **{"train.gain": 0.3, "train.name": "fancy"})
    told = reviewed(branches, "two")
    assert told.code == 1
    assert told.out.splitlines()[0].startswith("2 changes, not one against ")
    assert "next: one experiment each" in told.out

    branch(branches, "exp/unmeasured", **{"train.gain": 0.3})
    told = reviewed(branches, "unmeasured")
    assert told.code == 4
    assert told.out.splitlines()[0] == (
        "Not measured: no run of this tree. One change: train.gain 0.0 -> 0.3."
    )
    head = branches.git("rev-parse", "--short=7", "exp/unmeasured")
    assert told.out.splitlines()[-1] == f"next: measure it   paribus run {head}"

    branches.git("switch", "--quiet", "--create", "exp/ruler", "main")
    branches.commit(
        "ruler", {"evaluate.py": branches.read("evaluate.py").replace("1 - score", "2 - score")}
    )
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "ruler")
    assert told.code == 4
    assert told.out.startswith("Not comparable: the ruler changed. One change of the ruler: ")

    branches.git("switch", "--quiet", "--create", "exp/docs", "main")
    branches.commit("docs", {"README.md": "# More words\n"})
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "docs")
    assert (told.code, told.out.splitlines()[0]) == (
        0, "No change: nothing that can move a metric differs.",
    )  # fmt: skip

    branches.git("switch", "--quiet", "--create", "exp/broken", "main")
    branches.commit("broken", {"dvc.yaml": "stages: ["})
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "broken")
    assert told.code == 2
    assert told.out.startswith("Cannot be judged (")


def test_several_changes_with_a_reason_are_said_to_be_overridden(branches: Workspace) -> None:
    branches.git("switch", "--quiet", "--create", "exp/allowed", "main")
    branches.set_param("train.gain", 0.3)
    branches.set_param("train.name", "fancy")
    branches.git("add", "--all")
    branches.git(
        "commit", "--quiet", "-m", "two", "--trailer", "Paribus-Allow: @ada says </details> they *must*",
    )  # fmt: skip
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "allowed", "--format", "md")
    assert told.code == 4
    assert told.out.splitlines()[0] == (
        "❔ **2 changes, allowed:** `@ada says </details> they *must*`. "
        "**Not measured**: no run of this tree."
    )


def test_a_baseline_that_came_since(branches: Workspace) -> None:
    done = branches.paribus(
        "promote", branches_id(branches, "improved"), "--provisional", "in a hurry"
    )
    assert done.code == 0, done.err
    told = reviewed(branches, "no-difference", "--format", "md")
    assert told.code == 4
    assert told.out.startswith(
        "⚠️ **Stale: baseline/1 came since**, and this was no difference against "
    )
    assert "--baseline baseline/1`; or take its change over `paribus adopt " in told.out
    own = reviewed(branches, "improved")
    assert own.code == 0
    assert own.out.startswith("Improved: accuracy ")


def branches_id(project: Workspace, outcome: str) -> str:
    rows = project.paribus("log", "--json", "--verdict", outcome).json["experiments"]
    return str(rows[0]["experiment"])


TOLERANCES = """\
tolerances:
  - {metric: loss, direction: lower, absolute: 0.05}
  - {metric: latency, direction: lower, relative: 10%}
"""


def test_the_gate_asks_the_pairs_or_the_committed_numbers(branches: Workspace) -> None:
    """The agreement is the baseline's: a branch cannot loosen what it is held against."""
    agreed = branches.read("paribus.yaml") + TOLERANCES
    branches.commit("tolerances", {"paribus.yaml": agreed})
    branch(branches, "exp/again", **{"train.gain": 0.2})
    told = reviewed(branches, "again", "--json")
    assert told.code == 1
    found = told.json
    assert found["finding"] == "tolerance"
    assert [(one["metric"], one["verdict"], one["n"]) for one in found["gate"]] == [
        ("loss", "passes", 3),
        ("latency", "missing", 0),
    ]
    assert found["answer"] == (
        "Missing metric: latency, is missing, which is not a pass. "
        "One change: train.gain 0.0 -> 0.2."
    )


def test_committed_numbers_are_held_against_the_noise_of_the_baseline(measured: Workspace) -> None:
    """Without a run in the ledger the numbers of the two commits are all that there is."""
    measured.git("update-ref", "-d", "refs/heads/paribus/ledger")
    measured.git("update-ref", "-d", "refs/paribus/kept")
    agreed = (
        measured.read("paribus.yaml")
        + "tolerances:\n  - {metric: loss, direction: lower, absolute: 0.05}\n"
    )
    measured.commit(
        "agreed", {"paribus.yaml": agreed, "metrics.json": '{"accuracy": 0.8, "loss": 0.2}\n'}
    )
    numbers = {
        "exp/lost": ('{"accuracy": 0.6, "loss": 0.4}', 1, "Worse than is tolerated: loss, a loss of 0.20 where 0.05 is tolerated, by one committed run a side."),
        "exp/kept": ('{"accuracy": 0.78, "loss": 0.22}', 4, "Not measured: no run of this tree."),
        "exp/nan": ('{"accuracy": 0.8, "loss": NaN}', 1, "Missing metric: loss, is no number, which is not a pass."),
        "exp/gone": ('{"accuracy": 0.8}', 1, "Missing metric: loss, is missing, which is not a pass."),
    }  # fmt: skip
    for name, (metrics, code, first) in numbers.items():
        measured.git("switch", "--quiet", "--create", name, "main")
        measured.set_param("train.gain", 0.4)
        measured.commit(name, {"metrics.json": metrics})
        measured.git("switch", "--quiet", "main")
        told = measured.paribus("review", f"main...{name}", "--json")
        assert (told.code, told.json["answer"]) == (
            code, f"{first} One change: train.gain 0.0 -> 0.4.",
        )  # fmt: skip


def test_an_edited_metric_is_said_first(branches: Workspace) -> None:
    """Numbers that the pipeline did not write are no evidence, whatever the ledger has."""
    branches.git("switch", "--quiet", "exp/improved")
    lock = (
        "schema: '2.0'\nstages:\n  evaluate:\n    cmd: python -S evaluate.py\n    outs:\n"
        "    - path: metrics.json\n      hash: md5\n      md5: 0123456789abcdef0123456789abcdef\n      size: 3\n"
    )
    branches.commit("made up", {"dvc.lock": lock, "metrics.json": '{"accuracy": 1.0}\n'})
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "improved", "--format", "md")
    assert told.code == 2
    assert told.out.startswith(
        "⛔ **Edited metric**: `metrics.json is not what the pipeline wrote: "
    )
    assert reviewed(branches, "improved", "--json").json["finding"] == "edited-metric"


def test_what_is_printed_for_ci_systems(
    branches: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary, outputs = branches.path.parent / "summary.md", branches.path.parent / "outputs"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    told = reviewed(branches, "worse", "--format", "github", "--output", "../body.md")
    assert told.code == 1
    assert [line for line in told.out.splitlines() if line.startswith("::")] == [
        f"::error title=worse::{reviewed(branches, 'worse', '--json').json['answer']}",
        "::notice file=params.json,line=5,title=param change::train.gain 0.0 -> -0.2",
    ]
    markdown = reviewed(branches, "worse", "--format", "md").out
    assert summary.read_text() == (branches.path.parent / "body.md").read_text() == markdown
    assert dict(line.split("=", 1) for line in outputs.read_text().splitlines()) == {
        "finding": "worse",
        "exit": "1",
        "changes": "1",
        "revision": branches.git("rev-parse", "exp/worse"),
        "baseline": branches.git("rev-parse", "main"),
        "answer": reviewed(branches, "worse", "--json").json["answer"],
        "error": "",
    }
    report = reviewed(branches, "worse", "--format", "gitlab").out
    assert report.splitlines()[-1] == "# EOF"
    assert "paribus_exit 1" in report


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pr", "3"), "--pr says where to --post"),
        (("main", "HEAD", "HEAD"), "at most two revisions are expected"),
        (("--format", "pdf"), "Invalid value for '--format'"),
    ],
)
def test_usage(project: Workspace, arguments: tuple[str, ...], message: str) -> None:
    told = project.paribus("review", *arguments)
    assert (told.code, told.out) == (2, "")
    assert message in told.err


def test_findings_and_exit_codes_are_documented() -> None:
    """`docs/pull-requests.md` has a row for each finding, with its exit code."""
    page = Path(__file__).parents[2] / "docs" / "pull-requests.md"
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d) \|", page.read_text(), flags=re.MULTILINE)
    assert {(Finding(name), int(code)) for name, code in rows} == {
        (name, int(code)) for name, code in STATUS.items()
    }
