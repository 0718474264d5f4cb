"""`paribus review`: what a reviewer reads, for each thing that a pull request can be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.change import NotCounted
from paribus.core.promotion import ConfirmationEnd
from paribus.core.review import STATUS, Finding
from paribus.core.run import Purpose, Run, Status
from paribus.core.verdict import GuardFinding, Hold
from paribus.reports.reviewing.body import body
from paribus.reports.reviewing.model import Judged, Review
from paribus.reports.reviewing.words import MARKDOWN, PLAIN, first_line
from paribus.workflows.project import open_any_project
from paribus.workflows.question import Question
from paribus.workflows.reviewing.review import review

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


def shown(project: Workspace, name: str) -> str:
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

**Next:** confirm it: `paribus promote ID`; or merge it as unconfirmed.

<details><summary>What changes: 1 change</summary>

1. **param** `train.gain 0.0 -> 0.2` in `params.json:5`

</details>
<details><summary>Trust: null control 0 of 3 differ · same session · baseline current · tree = tested tree</summary>

- null control 0 of 3 differ: the baseline's own seeds, made again
- the pairs were made in 1 session
- measured against BASELINE
- the tree that was run is the head's, in all that can move a metric

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
    told = shown(branches, "improved")
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
    assert told.out.splitlines()[0].startswith("2 changes, not one, against ")
    assert "next: one experiment each" in told.out

    branch(branches, "exp/unmeasured", **{"train.gain": 0.3})
    told = reviewed(branches, "unmeasured")
    assert told.code == 4
    assert told.out.splitlines()[0] == (
        "Not measured: no run of this tree. One change: train.gain 0.0 -> 0.3."
    )
    head = branches.git("rev-parse", "--short=7", "exp/unmeasured")
    base = branches.git("rev-parse", "--short=7", "main")
    assert told.out.splitlines()[-1] == f"next: measure it   paribus run {head} --baseline {base}"

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


@pytest.mark.slow
def test_a_baseline_that_came_since(branches: Workspace) -> None:
    done = branches.paribus(
        "promote", branches_id(branches, "improved"), "--provisional", "in a hurry"
    )
    assert done.code == 0, done.err
    told = reviewed(branches, "no-difference", "--format", "md")
    assert told.code == 4
    assert told.out.startswith(
        "⚠️ **Stale: baseline/1 came since**, and this was no detectable difference against "
    )
    assert (
        "`git merge baseline/1 && paribus run HEAD`; or take its change over: `paribus adopt "
        in told.out
    )
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
        "Missing metric: latency, there is none, and that is no pass. "
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
        "exp/nan": ('{"accuracy": 0.8, "loss": NaN}', 1, "Missing metric: loss, it is no number, and that is no pass."),
        "exp/gone": ('{"accuracy": 0.8}', 1, "Missing metric: loss, there is none, and that is no pass."),
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


@pytest.mark.parametrize("form", ["text", "md"])
def test_a_pipe_of_another_encoding(project: Workspace, form: str) -> None:
    """A pipe on Windows lacks the glyphs and arrows; a comment is UTF-8 everywhere."""
    project.set_param("train.gain", 0.3)
    project.commit("gain", {"metrics.json": '{"↑": 1}\n'})
    done = subprocess.run(
        [sys.executable, "-m", "paribus", "review", "HEAD~1", "HEAD", "--format", form],
        cwd=project.path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (4, b"")
    told = {"text": "Not measured: ", "md": "❔ **Not measured**"}
    assert done.stdout.decode().startswith(told[form])


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


def test_a_moved_metric_without_a_change_is_said(branches: Workspace) -> None:
    branches.commit("numbers", {"metrics.json": '{"accuracy": 0.8}\n'})
    branches.git("switch", "--quiet", "--create", "exp/numbers", "main")
    branches.commit("better", {"metrics.json": '{"accuracy": 0.99}\n'})
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "numbers", "--format", "md")
    assert told.out.splitlines()[0] == (
        "⚪ **No change**: nothing that can move a metric differs, yet 1 committed metric moved."
    )
    assert "- not counted: `metrics.json`, output of a stage" in told.out


def test_a_folder_without_a_pipeline_is_no_pass(project: Workspace) -> None:
    """One whose pipeline has only now come has nothing to be compared with."""
    project.write({"other/.dvc/config": "", "other/README.md": "nothing yet\n"})
    project.commit("a folder")
    told = project.paribus("review", "HEAD~1", "HEAD", "--project", "other", "--json")
    assert (told.code, told.json["finding"]) == (2, "cannot-judge")
    project.commit("a pipeline", {"other/dvc.yaml": "stages:\n  a:\n    cmd: echo 1\n"})
    told = project.paribus("review", "HEAD~1", "HEAD", "--project", "other")
    assert told.code == 0
    assert told.out.startswith("Nothing to compare with: there is no other/dvc.yaml in ")


def test_a_tag_called_like_the_base_is_not_the_base(branches: Workspace) -> None:
    base = branches.git("rev-parse", "--short=7", "main")
    branches.git("tag", base, "exp/worse")
    told = reviewed(branches, "worse", "--json")
    assert (told.code, told.json["baseline"]) == (1, branches.git("rev-parse", "main"))


def test_a_shallow_clone_says_what_it_lacks(branches: Workspace) -> None:
    branches.git(
        "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{branches.path}", "../cut"
    )
    told = branches.paribus("review", "origin/main...origin/exp/worse", folder="../cut")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[shallow-clone]: ")


def test_what_a_refused_confirmation_comes_to(branches: Workspace) -> None:
    """A gain that fresh seeds turn into a loss, and a candidate that fails with them, are no pass."""
    end = ConfirmationEnd(
        "e", 1, "", False, 20, 20, -0.02, -0.03, -0.01, 0.8, 0.78, 0.9, 0.01, ("it is not",), (), None, (), "",
    )  # fmt: skip
    guard = GuardFinding(
        "l|oss", False, Hold.BROKEN, 1.0, 0.5, 1.5, 20, 0.0, "guard l|oss is broken"
    )
    ends = [
        (end, "worse", "Worse, and not confirmed: accuracy -0.020 [-0.030, -0.010] on 20 of 20 fresh pairs."),
        (replace(end, estimate=0.01, low=-0.01, high=0.03), "no-difference", "Not confirmed: accuracy +0.010 [-0.010, +0.030] on 20 of 20 fresh pairs."),
        (replace(end, estimate=0.02, low=0.01, high=0.03, guards=(guard,), reasons=(guard.reason,)), "worse", "Worse, and not confirmed: accuracy +0.020 [+0.010, +0.030] on 20 of 20 fresh pairs; guard l|oss is broken."),
    ]  # fmt: skip
    project = open_any_project(branches.path, None)
    found = review(project, Question("exp/improved", "main"))
    for one, finding, line in ends:
        changed = with_report(found, end=one)
        assert changed.finding.value == finding
        assert first_line(changed, PLAIN) == f"{line} One change: train.gain 0.0 -> 0.2."
    changed = with_report(
        found, end=replace(end, confirmed=True, estimate=0.02, low=0.01, high=0.03)
    )
    assert isinstance(changed.found, Judged)
    changed = replace(changed, found=replace(changed.found, stale="baseline/9"))
    assert ": accuracy +0.020 [+0.010, +0.030] on 20 of 20 fresh pairs. " in first_line(
        changed, PLAIN
    )
    assert first_line(changed, PLAIN).startswith(
        "Stale: baseline/9 came since, and this was confirmed"
    )
    assert isinstance(found.found, Judged)
    assert found.found.evidence is not None
    (run, *_) = found.found.evidence.report.candidate_runs
    intent = replace(run.intent, purpose=Purpose.CONFIRM, series="confirm-1-abcdef")
    failed = Run(intent, Status.FAILED, stage="train@@ada <b>", exit_code=1)
    stopped = replace(end, n=0, estimate=None, low=None, high=None, p=None)
    changed = with_report(found, end=stopped, runs=(failed,))
    assert (changed.finding.value, int(changed.status)) == ("failed", 1)
    assert first_line(changed, MARKDOWN).startswith(
        "**Failed**: 1 run of its confirmation, stage train@\u200b@\u200bada \\<b\\>, exit 1."
    )


def with_report(found: Review, *, end: ConfirmationEnd, runs: tuple[Run, ...] = ()) -> Review:
    """The same review, had its confirmation ended so."""
    assert isinstance(found.found, Judged)
    assert found.found.evidence is not None
    report = found.found.evidence.report
    report = replace(
        report, place=replace(report.place, end=end), candidate_runs=(*report.candidate_runs, *runs)
    )
    evidence = replace(found.found.evidence, report=report)
    return replace(found, found=replace(found.found, evidence=evidence))


def test_a_body_is_small_and_shows_what_it_holds(branches: Workspace) -> None:
    """GitHub counts some characters twice, and what turns text is told by JSON's escapes."""
    found = review(open_any_project(branches.path, None), Question("exp/improved", "main"))
    assert isinstance(found.found, Judged)
    check = found.found.check
    change = replace(check.judgement.changes[0], file="\U0001f600" * 200)
    many = replace(
        check.judgement, changes=(change,) * 50, not_counted=(NotCounted("\u202e😀" * 99, "x"),)
    )
    told = body(replace(found, found=replace(found.found, check=replace(check, judgement=many))))
    assert len(told.encode("utf-16-le")) // 2 <= 65_536
    assert all(letter.isprintable() or letter in "\n\u200b" for letter in told)
    few = replace(check.judgement, not_counted=(NotCounted("\u202e<!--", "x"),))
    told = body(replace(found, found=replace(found.found, check=replace(check, judgement=few))))
    line = re.search(r"```json\n(.*)\n```", told)
    assert line is not None
    assert "\\u202e<!--" in line[1]
    assert json.loads(line[1])["not_counted"][0]["file"] == "\u202e<!--"


def test_a_lock_that_says_no_longer_who_wrote_a_metric(branches: Workspace) -> None:
    """Whoever takes the hash away may write any number: it is not shown as if it were one."""
    lock = (
        "schema: '2.0'\nstages:\n  evaluate:\n    cmd: python -S evaluate.py\n    outs:\n"
        "    - path: metrics.json\n      hash: md5\n      md5: 0123456789abcdef0123456789abcdef\n      size: 3\n"
    )
    branches.commit("locked", {"dvc.lock": lock})
    branches.git("switch", "--quiet", "--create", "exp/forged")
    branches.set_param("train.gain", 0.2)
    (branches.path / "dvc.lock").unlink()
    branches.commit("forged", {"metrics.json": '{"accuracy": 1.0}\n'})
    branches.git("switch", "--quiet", "main")
    told = reviewed(branches, "forged", "--format", "md")
    assert "committed metrics moved" not in told.out
    assert "- dvc.lock no longer says who wrote metrics.json" in told.out


def test_a_project_that_moved_is_no_new_one(project: Workspace) -> None:
    project.git("switch", "--quiet", "--create", "exp/moved")
    for name in ("dvc.yaml", "train.py", "evaluate.py", "params.json", "paribus.yaml"):
        project.write({f"there/{name}": project.read(name)})
        (project.path / name).unlink()
    project.commit("moved, and changed", {"there/train.py": "print(1)\n"})
    told = project.paribus("review", "main...HEAD", "--project", "there")
    assert told.code == 2
    assert " ".join(told.out.split()).startswith(
        "Cannot be judged (moved-project): dvc.yaml went and there/dvc.yaml came: what else changed "
        "cannot be told"
    )
