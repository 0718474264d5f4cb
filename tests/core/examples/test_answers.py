"""What a run said of each example, and which examples changed between two runs."""

from __future__ import annotations

import pytest

from paribus.core.clauses import Predictions
from paribus.core.errors import Problem
from paribus.core.examples.answers import Answer, changed, read_answers

FILE = "predictions.csv"
SETTINGS = Predictions(FILE)


def test_answers_are_told_as_the_file_has_them_and_compared_as_classes() -> None:
    data = b"id,label,prediction\nb,1,1.0\na,2,3\nc,01,1\n"
    assert read_answers(SETTINGS, FILE, data) == {
        "b": Answer("1", "1.0", True),
        "a": Answer("2", "3", False),
        "c": Answer("01", "1", True),
    }


def test_a_column_of_passed_examples_has_no_labels() -> None:
    data = b'{"id": "x", "passed": true}\n{"id": "y", "passed": 0}\n'
    assert read_answers(Predictions("graded.jsonl"), "graded.jsonl", data) == {
        "x": Answer("", "true", True),
        "y": Answer("", "0", False),
    }


@pytest.mark.parametrize(
    ("settings", "data", "why"),
    [
        (Predictions(FILE, measure="squared-error"), b"id,label,prediction\na,1,2\nb,1,1\n",
         "the measure is squared-error"),
        (SETTINGS, b"id,value\na,0.5\nb,1\n", "values are not 0 and 1"),
    ],
)  # fmt: skip
def test_not_every_answer_is_right_or_wrong(settings: Predictions, data: bytes, why: str) -> None:
    with pytest.raises(Problem) as caught:
        read_answers(settings, FILE, data)
    assert caught.value.message == (
        f"predictions.csv: no answer is right or wrong by itself: {why}"
    )


def test_which_examples_changed() -> None:
    right, wrong = Answer("1", "1", True), Answer("1", "0", False)
    before = {"a": right, "b": wrong, "c": wrong, "d": right}
    after = {"d": wrong, "c": right, "b": wrong, "a": right}
    assert changed(before, after) == (["c"], ["d"], ["d", "b"])
