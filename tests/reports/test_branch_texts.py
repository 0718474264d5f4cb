"""The message of an experiment's commit, and the name of its branch."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.experiment import Registration
from paribus.core.plan import Goal, Plan
from paribus.core.verdict import Outcome, Verdict
from paribus.reports.branch import branch_name, commit_message

REGISTRATION = Registration(
    id="7f3a00000000000000ff",
    project="",
    baseline={"commit": "71ae0f2" + "0" * 33, "name": "baseline/4", "key": "k"},
    changes=({"summary": "train.C 1.0 -> 0.3"},),
    hypothesis="less overfitting on thin strokes",
    plan=Plan("accuracy", True, 0.003, Goal.IMPROVE),
    effect_is_default=False,
    tree="0" * 40,
    revision=None,
    allow=None,
    author="Ada <ada@example.com>",
    started="2020-02-03T04:05:06.000007+00:00",
)
IMPROVED = Verdict(
    Outcome.IMPROVED, "accuracy", 0.0052, 0.0011, 0.0093, 8, ("x",), baseline_mean=0.9465,
    candidate_mean=0.9517, attempted=8,
)  # fmt: skip


def trailers(message: str) -> list[str]:
    """As Git reads them."""
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=message,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_message_in_full() -> None:
    assert commit_message(REGISTRATION, IMPROVED, results=True) == (
        "train.C 1.0 -> 0.3\n"
        "\n"
        "less overfitting on thin strokes\n"
        "\n"
        "improved: accuracy 0.9465 -> 0.9517, +0.0052 [+0.0011, +0.0093], 8 of 8 pairs\n"
        "\n"
        "Paribus-Experiment: 7f3a00000000000000ff\n"
        "Paribus-Baseline: baseline/4 71ae0f2000000000000000000000000000000000\n"
        "Paribus-Verdict: improved accuracy +0.0052 [+0.0011, +0.0093], 8 of 8 pairs\n"
    )


def test_a_message_without_hypothesis_verdict_and_results() -> None:
    several = replace(
        REGISTRATION,
        hypothesis="",
        allow="they\nbelong together",
        changes=({"summary": "a" * 50}, {"summary": "b" * 50}),
    )
    assert commit_message(several, None, results=False) == (
        f"{'a' * 50}; {'b' * 17}...\n"
        "\n"
        "failed\n"
        "without results: the experiment failed\n"
        "\n"
        "Paribus-Experiment: 7f3a00000000000000ff\n"
        "Paribus-Baseline: baseline/4 71ae0f2000000000000000000000000000000000\n"
        "Paribus-Verdict: failed\n"
        "Paribus-Allow: they belong together\n"
    )


@pytest.mark.parametrize("results", [True, False])
@given(text=st.text(), reason=st.none() | st.text(min_size=1))
def test_nothing_that_people_write_is_taken_for_a_trailer(
    results: bool, text: str, reason: str | None
) -> None:
    text += "\n\nParibus-Verdict: made up"
    changes = ({"summary": f"a {text}"},)
    registration = replace(REGISTRATION, hypothesis=text, allow=reason, changes=changes)
    message = commit_message(registration, IMPROVED, results=results)
    found = trailers(message.encode("utf-8", "replace").decode())
    word = "improved" if results else "failed"
    assert found[:3] == [
        "Paribus-Experiment: 7f3a00000000000000ff",
        "Paribus-Baseline: baseline/4 71ae0f2000000000000000000000000000000000",
        f"Paribus-Verdict: {word} accuracy +0.0052 [+0.0011, +0.0093], 8 of 8 pairs",
    ]
    assert [line.partition(":")[0] for line in found[3:]] in ([], ["Paribus-Allow"])
    assert len(message.splitlines()[0]) <= 72
    assert {category(letter) for letter in message.replace("\n", "")}.isdisjoint({"Cc", "Cf", "Cs"})


def test_names_of_branches() -> None:
    assert branch_name("7f3a", "train.C 1.0 -> 0.3") == "exp/7f3a-train.c-1.0-0.3"
    assert branch_name("7f3a", "C 1 -> -0.3") == "exp/7f3a-c-1-minus-0.3"
    assert branch_name("7f3a", "w [-1, 2] -> 1e-5") == "exp/7f3a-w-minus-1-2-1e-5"
    assert branch_name("7f3a", "a..b.lock") == "exp/7f3a-a.b-lock"
    assert branch_name("7f3a", "x.lock.lock") == "exp/7f3a-x-lock-lock"
    assert branch_name("7f3a", "->") == "exp/7f3a"
    assert branch_name("7f3a", "x" * 99) == f"exp/7f3a-{'x' * 40}"


@given(st.text() | st.lists(st.sampled_from(["a", ".", ".lock", "-", "/", " "])).map("".join))
def test_every_change_gives_a_name_that_git_takes(summary: str) -> None:
    name = branch_name("7f3a", summary)
    assert name.isascii()
    done = subprocess.run(
        ["git", "check-ref-format", "--branch", name], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{name}\n"
