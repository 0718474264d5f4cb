"""`paribus compare`: metrics and params of any revisions, inert whatever they contain."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

NOTHING_ELSE: dict[str, object] = {
    "plots": {},
    "absent": [],
    "experiment": None,
    "runs": None,
    "error": None,
}
NOTE = "a difference between single committed runs may be noise; a verdict may not\n"


@pytest.fixture
def compared(project: Workspace) -> Workspace:
    """A baseline with committed metrics, and two branches: one change each."""
    project.commit("measured", {"metrics.json": '{"accuracy": 0.8, "loss": 0.2}\n'})
    for branch, key, value, accuracy in (
        ("exp/gain", "train.gain", 0.1, 0.9),
        ("exp/name", "train.name", "fancy", 0.8),
    ):
        project.git("switch", "--quiet", "--create", branch, "main")
        project.set_param(key, value)
        metrics = {"accuracy": accuracy, "loss": round(1 - accuracy, 6)}
        project.commit(branch, {"metrics.json": json.dumps(metrics)})
    project.git("switch", "--quiet", "main")
    return project


def test_several_revisions_beside_their_baseline(compared: Workspace) -> None:
    before = compared.state()
    told = compared.paribus("compare", "exp/gain", "exp/name")
    base = compared.git("rev-parse", "main")[:7]
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"              {base}    exp/gain    exp/name\n"
        "accuracy ↑        0.8  0.9 (+0.1)    0.8 (+0)\n"
        "loss              0.2  0.1 (-0.1)    0.2 (+0)\n"
        "train.gain          0         0.1           0\n"
        "train.name      plain       plain       fancy\n"
        f"{NOTE}"
    )
    assert compared.state() == before
    assert not (compared.path / ".dvc" / "tmp").exists()


def test_what_does_not_differ_too(compared: Workspace) -> None:
    told = compared.paribus("compare", "exp/gain", "--all")
    names = [line.split("  ")[0] for line in told.out.splitlines()[1:-1]]
    assert names == [
        "accuracy ↑", "loss", "seed", "split_seed", "train.gain", "train.noise",
        "train.fail", "train.name",
    ]  # fmt: skip


def test_the_working_tree_by_default(compared: Workspace) -> None:
    base = compared.git("rev-parse", "main")[:7]
    told = compared.paribus("compare")
    assert (told.code, told.out) == (0, f"nothing differs from baseline {base}\n")
    compared.set_param("train.gain", 0.25)
    (compared.path / "metrics.json").unlink()
    told = compared.paribus("compare")
    assert told.out == (
        f"              {base}    workspace\n"
        "accuracy ↑        0.8     not here\n"
        "loss              0.2     not here\n"
        "train.gain          0         0.25\n"
        "workspace: metrics.json (neither Git nor DVC has it)\n"
        f"{NOTE}"
    )


def test_for_machines(compared: Workspace) -> None:
    told = compared.paribus("compare", "exp/gain", "workspace", "--json")
    params = {
        "seed": 1,
        "split_seed": 2,
        "train.gain": 0.0,
        "train.noise": 0.01,
        "train.fail": False,
        "train.name": "plain",
    }
    assert (told.code, told.err) == (0, "")
    assert next(iter(told.json)) == "schema"
    assert told.json == {
        "schema": 1,
        "baseline": compared.git("rev-parse", "main"),
        "name": compared.git("rev-parse", "main")[:7],
        "metrics": {"accuracy": 0.8, "loss": 0.2},
        "plots": {},
        "params": params,
        "runs": None,
        "absent": [],
        "next": [],
        "revisions": [
            {
                "revision": compared.git("rev-parse", "exp/gain"),
                "name": "exp/gain",
                "metrics": {"accuracy": 0.9, "loss": 0.1},
                "delta": {"accuracy": 0.9 - 0.8, "loss": 0.1 - 0.2},
                "params": params | {"train.gain": 0.1},
                "missing": [],
                "verdict": None,
                **NOTHING_ELSE,
            },
            {
                "revision": None,
                "name": "workspace",
                "metrics": {"accuracy": 0.8, "loss": 0.2},
                "delta": {"accuracy": 0.0, "loss": 0.0},
                "params": params,
                "missing": [],
                "verdict": None,
                **NOTHING_ELSE,
            },
        ],
    }


def test_a_spreadsheet(compared: Workspace) -> None:
    told = compared.paribus("compare", "exp/gain", "--csv")
    rows = list(csv.DictReader(io.StringIO(told.out)))
    commit = compared.git("rev-parse", "exp/gain")
    assert list(rows[0]) == ["revision", "commit", "kind", "name", "value", "delta", "verdict"]
    assert len(rows) == 2 * (2 + 6)
    accuracy = next(
        row for row in rows if (row["revision"], row["name"]) == ("exp/gain", "accuracy")
    )
    assert float(accuracy.pop("delta")) == 0.9 - 0.8
    assert accuracy == {
        "revision": "exp/gain",
        "commit": commit,
        "kind": "metric",
        "name": "accuracy",
        "value": "0.9",
        "verdict": "",
    }


def test_markdown(compared: Workspace) -> None:
    told = compared.paribus("compare", "exp/gain", "--md")
    base = compared.git("rev-parse", "main")[:7]
    lines = told.out.splitlines()
    assert [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in lines[:5] if "---" not in line
    ] == [
        ["", base, "exp/gain"],
        ["accuracy ↑", "0.8", "0.9 \\(+0.1\\)"],
        ["loss", "0.2", "0.1 \\(-0.1\\)"],
        ["train.gain", "0", "0.1"],
    ]
    assert lines[5:] == ["", NOTE.strip()]


def test_another_baseline(compared: Workspace) -> None:
    told = compared.paribus("compare", "main", "--baseline", "exp/gain", "--json").json
    assert told["baseline"] == compared.git("rev-parse", "exp/gain")
    assert told["revisions"][0]["delta"]["accuracy"] == 0.8 - 0.9


def test_the_verdict_of_exactly_that_change(measured: Workspace, history: History) -> None:
    """Nothing stands beside a change that the ledger does not know, however near it is."""
    for branch, gain, extra in (
        ("known", 0.2, {}),
        ("near", 0.21, {}),
        ("docs", 0.2, {"README.md": "x"}),
    ):
        measured.git("switch", "--quiet", "--create", branch, "main")
        measured.set_param("train.gain", gain)
        measured.commit(branch, extra)
    measured.git("switch", "--quiet", "main")
    measured.set_param("train.gain", -0.2)
    told = measured.paribus("compare", "known", "near", "docs", "workspace", "--json").json
    verdicts = [one["verdict"] for one in told["revisions"]]
    improved, worse = (
        history.project.paribus("show", history.id(outcome), "--json").json["verdict"]
        for outcome in ("improved", "worse")
    )
    assert verdicts == [improved, None, improved, worse]
    text = measured.paribus("compare", "known", "near").out
    row = next(line for line in text.splitlines() if line.startswith("verdict "))
    assert row.split("  ")[-1].strip() == "not measured"
    assert "  improved +0.2" in row
    assert (
        measured.paribus("compare", "main", "known", "--json").json["revisions"][0]["verdict"]
        is None
    )


NASTY = {
    "=1+1": "@SUM(A1)",
    "a|b": "<b onload=x>|`a`",
    "<i>": "a\n=cmd|!A1",
    "c": "@everyone #12 [x](y) ~~x~~",
    "d": "http://evil.example",
    "e": "www.evil.example",
    "f": "\x1b[31m\u202e\a",
    "g": "&lt;$x$&#60;",
    "h": "-2+3",
}


@pytest.fixture
def nasty(project: Workspace) -> Workspace:
    """Values and names that a terminal, a browser or a spreadsheet would act upon."""
    params = json.loads(project.read("params.json"))
    params |= NASTY
    project.git("switch", "--quiet", "--create", "=cmd|<b>")
    project.commit("nasty", {"params.json": json.dumps(params), "metrics.json": '{"x|y<br>": 1}'})
    return project


COMMANDS = ("compare", "--all", "=cmd|<b>")


def test_nothing_acts_upon_a_terminal(nasty: Workspace) -> None:
    for arguments in (
        (*COMMANDS,),
        (*COMMANDS, "--md"),
        (*COMMANDS, "--csv"),
        ("check", "=cmd|<b>"),
    ):
        told = nasty.paribus(*arguments)
        assert told.code in (0, 1)
        assert not set(told.out) & set("\x1b\u202e\r\x07\x00"), arguments
    assert not set(nasty.paribus(*COMMANDS, "--json").out) & set("\x1b\x07\x00\r")


def test_nothing_acts_upon_a_browser(nasty: Workspace) -> None:
    lines = nasty.paribus(*COMMANDS, "--md").out.splitlines()
    table = [line for line in lines if line.startswith("|")]
    columns = {line.replace("\\|", "").count("|") for line in table}
    text = "\n".join(lines)
    assert columns == {4}  # no value has made a cell of its own
    for sign in "<>`#~[]()&$":
        before = {text[at - 1] for at, letter in enumerate(text) if letter == sign}
        assert before == {"\\"}, (sign, before)
    assert {text[at + 1] for at, letter in enumerate(text) if letter == "@"} == {"\u200b"}
    assert "www.evil" not in text
    assert "://" not in text


def test_nothing_acts_upon_a_spreadsheet(nasty: Workspace) -> None:
    told = nasty.paribus(*COMMANDS, "--csv")
    rows = list(csv.reader(io.StringIO(told.out)))
    cells = [cell for row in rows for cell in row]
    assert {len(row) for row in rows} == {7}
    assert "'=cmd|<b>" in cells
    assert "'@SUM(A1)" in cells
    for cell in cells:
        if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
            float(cell)  # a number may have a sign


def test_machines_get_the_values_as_they_are(nasty: Workspace) -> None:
    params = nasty.paribus(*COMMANDS, "--json").json["revisions"][0]["params"]
    assert set(NASTY.values()) <= set(params.values())


def test_a_time_is_shown_and_not_compared(project: Workspace) -> None:
    project.commit("slow", {"metrics.json": '{"accuracy": 0.8, "latency_ms": 30.0}\n'})
    project.git("tag", "-a", "baseline/1", "-m", "slow")
    project.commit("fast", {"metrics.json": '{"accuracy": 0.9, "latency_ms": 20.0}\n'})
    told = project.paribus("compare", "HEAD")
    assert told.code == 0
    assert told.out.splitlines() == [
        "              baseline/1        HEAD",
        "accuracy ↑           0.8  0.9 (+0.1)",
        "latency_ms            30          20",
        "latency_ms: a time is not comparable between the sessions of two commits",
        "a difference between single committed runs may be noise; a verdict may not",
    ]
    (found,) = project.paribus("compare", "HEAD", "--json").json["revisions"]
    assert found["delta"] == {"accuracy": pytest.approx(0.1)}
