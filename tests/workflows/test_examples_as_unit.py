"""A predictions file: examples that repeat where seeds do not, and what new examples may bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

GAIN = "params.json:train.gain"

EVALUATE = '''\
"""Answers 200 questions; `train.gain` says how many of those answered wrongly are answered right."""

import csv
import json
import random

params = json.load(open("params.json"))
seeds = (params["seed"], params["split_seed"]) if params["train"]["noise"] > 1 else ()
own = random.Random(str(seeds))
rows = []
for question in range(200):
    right = random.Random(question).random() < 0.7 or question % 100 < params["train"]["gain"]
    right = right and own.random() > params["train"]["noise"] / 100
    rows.append((f"q{question}", question % 3, question % 3 if right else 9))
with open("predictions.csv", "w") as file:
    csv.writer(file).writerows([("id", "label", "prediction"), *rows])
accuracy = sum(label == said for _, label, said in rows) / len(rows)
json.dump({"accuracy": accuracy}, open("metrics.json", "w"))
'''


@pytest.fixture
def answering(project: Workspace) -> Workspace:
    """A pipeline of one stage in which nothing is drawn, and a row for each question."""
    pipeline = """\
stages:
  evaluate:
    cmd: python -S evaluate.py
    deps: [evaluate.py]
    params: [{params.json: [seed, split_seed, train]}]
    outs: [predictions.csv]
    metrics: [{metrics.json: {cache: false}}]
"""
    protocol = project.read("paribus.yaml").replace("ruler: [evaluate]", "ruler: []")
    project.set_param("train.noise", 0)
    project.commit(
        "questions",
        {
            "evaluate.py": EVALUATE,
            "dvc.yaml": pipeline,
            "paribus.yaml": f"{protocol}unit: example\npredictions: predictions.csv\n",
            ".gitignore": "/predictions.csv\n",
        },
    )
    return project


@pytest.mark.slow
def test_a_deterministic_pipeline_is_judged_on_its_examples(answering: Workspace) -> None:
    before = answering.state()
    told = answering.paribus("run", "-S", f"{GAIN}=30", "--jobs", "2")
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    agreed = " ".join(" ".join(lines[1:3]).split())
    assert "effect of interest 0.005; looks 3 5 8 12 20; the unit is the example" in agreed
    headline = next(line for line in lines if line.startswith("improved: "))
    assert headline == ("improved: accuracy 0.730 -> 0.840, +0.110 [+0.065, +0.153], 200 examples")
    assert "  22 examples newly right, 0 newly wrong of 200 (exact McNemar)" in lines
    machine = answering.paribus("show", lines[0].split()[0], "--json").json
    verdict = machine["verdict"]
    assert (verdict["n"], verdict["examples"], verdict["unit"]) == (2, 200, "example")
    assert verdict["population"] == [verdict["low"], verdict["high"]]
    assert answering.state() == before


@pytest.mark.slow
def test_a_few_examples_prove_nothing(answering: Workspace) -> None:
    told = answering.paribus("run", "-S", f"{GAIN}=2", "--jobs", "2", "--json")
    verdict = told.json["verdict"]
    assert (told.code, verdict["outcome"], verdict["label"]) == (0, "no-difference", "budget")
    assert verdict["low"] <= 0 < verdict["high"]
    assert verdict["reasons"][0].startswith("all 200 examples; the interval [")
    assert "200 examples would detect 0." in verdict["reasons"][1]


@pytest.mark.slow
def test_seeds_and_examples_both_count(answering: Workspace) -> None:
    """Answers are drawn: pairs of seeds on the same questions, with the error of both."""
    answering.set_param("train.noise", 5)
    answering.commit("answers are drawn")
    told = answering.paribus("run", "-S", f"{GAIN}=60", "--jobs", "2", "--json")
    verdict = told.json["verdict"]
    assert (told.code, verdict["outcome"]) == (0, "improved")
    assert verdict["n"] >= 3
    shown = answering.paribus("show", told.json["experiment"])
    assert f"{verdict['n']} of {verdict['n']} pairs on 200 examples" in shown.out


@pytest.mark.slow
def test_a_verdict_over_seeds_tells_of_new_examples(answering: Workspace) -> None:
    protocol = answering.read("paribus.yaml").replace("unit: example\n", "")
    answering.set_param("train.noise", 5)
    answering.commit("seeds repeat", {"paribus.yaml": protocol})
    told = answering.paribus("run", "-S", f"{GAIN}=9", "--jobs", "2", "--json")
    verdict = told.json["verdict"]
    assert verdict["unit"] == "seed"
    low, high = verdict["population"]
    assert low < verdict["low"] < verdict["high"] < high
    shown = answering.paribus("show", told.json["experiment"])
    assert "\n  for new examples of this kind: [" in shown.out


@pytest.mark.slow
def test_other_examples_are_not_comparable(answering: Workspace) -> None:
    """The change leaves half of the questions out, where no ruler is declared that would say so."""
    text = answering.read("evaluate.py").replace(
        "range(200)", 'range(200 if params["train"]["name"] == "plain" else 100)'
    )
    answering.commit("a way to ask fewer", {"evaluate.py": text})
    told = answering.paribus("run", "-S", "params.json:train.name=short", "--jobs", "2", "--json")
    assert (told.code, told.json["verdict"]["outcome"]) == (4, "not-comparable")
    assert told.json["verdict"]["reasons"] == [
        "the two sides were measured on different examples (pair 1, 2)"
    ]


@pytest.mark.slow
def test_predictions_of_something_else_are_not_the_metric(answering: Workspace) -> None:
    text = answering.read("evaluate.py").replace('{"accuracy": accuracy}', '{"accuracy": 0.5}')
    answering.commit("a made-up number", {"evaluate.py": text})
    told = answering.paribus("run", "-S", f"{GAIN}=30", "--jobs", "2", "--json")
    assert (told.code, told.json["verdict"]["outcome"]) == (4, "not-comparable")
    assert told.json["verdict"]["reasons"] == [
        "the predictions give accuracy 0.73 where the metric is 0.5: they do not measure it"
    ]


@pytest.mark.slow
def test_predictions_that_are_missing_fail_the_run(answering: Workspace) -> None:
    protocol = answering.read("paribus.yaml").replace("predictions.csv", "answers.csv")
    answering.commit("another name", {"paribus.yaml": protocol})
    told = answering.paribus("run", "-S", f"{GAIN}=30", "--json")
    assert (told.code, told.json["error"]["code"]) == (5, "baseline-failed")
    assert told.json["error"]["message"] == (
        "the baseline itself failed: predictions: answers.csv: the run left no such file"
    )
