"""A locked evaluation set: asked by a confirmation alone, and it answers with one bit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Workspace

GAIN = "params.json:train.gain"

EVALUATE = '''\
"""Answers 100 questions, nothing of which is drawn; `train.gain` says how many more come out right."""

import csv
import json

gain = json.load(open("params.json"))["train"]["gain"]
rows = [(f"q{number}", 1, int(number < 60 + gain)) for number in range(100)]
with open("predictions.csv", "w") as file:
    csv.writer(file).writerows([("id", "label", "prediction"), *rows])
json.dump({"accuracy": sum(said for _, _, said in rows) / 100}, open("metrics.json", "w"))
'''

ALONE = """\
stages:
  evaluate:
    cmd: python -S evaluate.py
    deps: [evaluate.py]
    params: [{params.json: [seed, split_seed, train]}]
    outs: [predictions.csv]
    metrics: [{metrics.json: {cache: false}}]
"""

GATE = """\
import json
import os
import sys

told = json.load(open({file!r}))
print("the locked set is asked in", os.getcwd())
if told["fails"]:
    sys.exit("the locked set is out of reach")
model = {model}
score = 0.5 + told["share"] * model
json.dump({{"locked": score}}, open("gate.json", "w"))
with open("gate.csv", "w") as file:
    print("id,label,prediction", file=file)
    for number in range(1000):
        print(number, 1, int(number < round(1000 * score)), sep=",", file=file)
"""

CLAUSE = "gate: {command: python -S gate.py, metrics: gate.json, metric: locked}\n"
ASKED = CLAUSE.replace("}", ", predictions: gate.csv}")


def locked(project: Workspace) -> Path:
    """The file, outside of the project, that says how the locked set behaves."""
    return project.path.parent / "locked.json"


def behaves(project: Workspace, share: float, *, fails: bool = False) -> None:
    """From now on this share of a gain is one on the locked set, too; or it cannot be asked."""
    locked(project).write_text(json.dumps({"share": share, "fails": fails}))


def gate(project: Workspace, model: str) -> str:
    """The program that asks it."""
    return GATE.format(file=str(locked(project)), model=model)


def ledger(project: Workspace) -> str:
    """All that the ledger holds, as one text."""
    paths = project.git("ls-tree", "-r", "--name-only", "paribus/ledger").splitlines()
    return "\n".join(
        project.git("show", f"paribus/ledger:{path}")
        for path in paths
        if path.endswith(".json") and not path.startswith("trees/")
    )


def records(project: Workspace, kind: str) -> list[Any]:
    listed = project.git("ls-tree", "-r", "--name-only", "paribus/ledger").splitlines()
    paths = [path for path in listed if path.rpartition("/")[2].startswith(f"{kind}-")]
    return [json.loads(project.git("show", f"paribus/ledger:{path}")) for path in paths]


@pytest.fixture
def drawn(project: Workspace) -> tuple[Workspace, str]:
    """A deterministic pipeline, and the id of an improvement that its examples show."""
    protocol = project.read("paribus.yaml").replace("ruler: [evaluate]", "ruler: []")
    project.set_param("train.gain", 0)
    project.commit(
        "questions",
        {
            "evaluate.py": EVALUATE,
            "gate.py": gate(project, 'json.load(open("params.json"))["train"]["gain"]'),
            "dvc.yaml": ALONE,
            "paribus.yaml": f"{protocol}unit: example\npredictions: predictions.csv\n",
            ".gitignore": "/predictions.csv\n",
        },
    )
    found = project.paribus("run", "-S", f"{GAIN}=20", "--json").json
    assert found["verdict"]["outcome"] == "improved", found["verdict"]
    return project, str(found["experiment"])


@pytest.mark.slow
def test_where_fresh_seeds_say_nothing_the_locked_examples_can(
    drawn: tuple[Workspace, str],
) -> None:
    project, identifier = drawn
    told = project.paribus("promote", identifier)
    assert (told.code, told.out) == (4, "")
    assert told.err.splitlines()[0] == (
        "error[no-fresh-evidence]: the declared seeds change nothing, so fresh runs would only"
        " repeat what is known: they cannot confirm it"
    )
    agreed = project.read("paribus.yaml")
    project.commit("a gate without predictions", {"paribus.yaml": agreed + CLAUSE})
    told = project.paribus("promote", identifier)
    assert (told.code, told.out) == (4, "")
    assert told.err.startswith("error[no-fresh-evidence]: ")
    assert "gate: in paribus.yaml, a locked set, with its predictions:" in told.err
    assert f'paribus promote {identifier[:8]} --provisional "why"' in told.err
    assert records(project, "confirmation-start") == []
    project.commit("a gate", {"paribus.yaml": agreed + ASKED})
    before = project.state()
    behaves(project, 0.01, fails=True)
    told = project.paribus("promote", identifier)
    assert (told.code, told.out) == (5, "")
    error, log, *_ = [line for line in told.err.splitlines() if line.startswith(("error", "help"))]
    assert error == (
        "error[gate-failed]: the locked set could not be asked: its command ended with exit 1;"
        " nothing is decided"
    )
    said = project.read(re.findall(r"less (\S+)", log)[0])
    assert said.endswith("the locked set is out of reach\n")
    behaves(project, 0.0001)  # 2 of 1000 examples more: a gain, and no evidence of one
    told = project.paribus("promote", identifier)
    assert told.code == 1, told.err
    assert told.out.startswith(
        "not confirmed: accuracy +0.20, the locked set alone\n  train.gain 0 -> 20, against "
    )
    assert "\n  it does not hold on the locked set (locked)\n" in told.out
    assert "\n  confirmation 1 of this project, level 0.011: not passed\n" in told.out
    behaves(project, 0.01)
    told = project.paribus("promote", identifier, "--again")
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert lines[0] == (
        "promoted: baseline/1, accuracy 0.60 -> 0.80, +0.20, confirmed on the locked set alone"
    )
    assert "  locked set locked: pass, about +0.2; asked 2 times so far" in lines
    assert "  confirmation 2 of this project, level 0.0036: passed" in lines
    lost, end = sorted(records(project, "confirmation-end"), key=lambda end: end["attempt"])
    assert (lost["confirmed"], lost["p"]) == (False, 0.25)
    assert (end["n"], end["level"] < 0.0037, end["p"]) == (1, True, 2.0**-200)
    message = project.git("for-each-ref", "--format=%(contents)", "refs/tags/baseline/1")
    assert message.endswith("\nParibus-Confirmed: the locked set alone at level 0.0036")
    assert end["gate"] == {"metric": "locked", "passed": True, "difference": 0.2, "n": 1}
    assert '"locked": 0.7' not in ledger(project)
    assert project.git("log", "--all", "--format=%H", "--", "gate.json", "gate.csv") == ""
    after = project.state()
    assert {key for key in after if after[key] != before.get(key)} == {"refs/tags/baseline/1"}


@pytest.mark.slow
def test_a_gate_that_every_run_would_see(drawn: tuple[Workspace, str]) -> None:
    project, identifier = drawn
    open_ = ASKED.replace("python -S gate.py", "python -S evaluate.py")
    project.commit("no gate", {"paribus.yaml": project.read("paribus.yaml") + open_})
    told = project.paribus("promote", identifier)
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[0] == (
        "error[open-gate]: the gate is not locked: stage evaluate of dvc.yaml asks it in every run"
    )


@pytest.mark.slow
def test_both_must_pass_and_every_question_is_counted(project: Workspace) -> None:
    program = gate(project, 'json.load(open("model.json"))["score"]')
    clause = project.read("paribus.yaml") + CLAUSE
    project.commit("a gate", {"gate.py": program, "paribus.yaml": clause})
    found = project.paribus("run", "-S", f"{GAIN}=0.2", "--jobs", "2", "--json").json
    identifier = str(found["experiment"])
    behaves(project, -0.25)
    told = project.paribus("promote", identifier, "--jobs", "2")
    assert told.code == 1, told.err
    lines = told.out.splitlines()
    assert re.fullmatch(
        r"not confirmed: accuracy \+0\.\d+ \[\+0\.\d+, \+0\.\d+\], 20 of 20 fresh pairs", lines[0]
    )
    assert lines[2] == "  it does not hold on the locked set (locked)"
    (answer,) = [line for line in lines if line.startswith("  locked set")]
    assert re.fullmatch(r"  locked set locked: fail, about -0\.0\d+; asked 1 time so far", answer)
    assert project.git("tag", "--list") == ""
    behaves(project, 0.25)
    told = project.paribus("promote", identifier, "--again", "--jobs", "2", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.json["tag"] == "baseline/1"
    found = told.json["confirmation"]["gate"]
    difference = found.pop("difference")
    assert found == {"metric": "locked", "passed": True, "n": 20, "queries": 2}
    # Pairs differ by about .001 there, so that the third or fourth decimal is the last that is told.
    assert difference == round(difference, 4) == pytest.approx(0.05, abs=0.002)
    texts = ledger(project)
    kept = list((project.path / ".dvc/tmp/paribus/gate").glob("*.json"))
    assert len(kept) == 80
    values = [json.loads(path.read_text())["value"] for path in kept]
    assert not [value for value in values if repr(value) in texts]
    assert project.git("log", "--all", "--format=%H", "--", "gate.json") == ""
