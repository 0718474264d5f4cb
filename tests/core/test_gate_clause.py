"""The gate's clause of the agreement, with and without predictions."""

from __future__ import annotations

import pytest

from paribus.core.clauses import Gate, read_gate

PLAIN = {"command": "python gate.py", "metrics": "gate.json", "metric": "accuracy"}


def test_predictions_are_optional() -> None:
    plain, asked = read_gate(PLAIN), read_gate(PLAIN | {"predictions": "gate.csv"})
    assert plain == Gate("python gate.py", "gate.json", "accuracy")
    assert asked == Gate("python gate.py", "gate.json", "accuracy", "gate.csv")
    assert plain is not None
    assert asked is not None
    assert plain.as_json() == PLAIN  # as records of earlier versions have it
    assert asked.as_json() == PLAIN | {"predictions": "gate.csv"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"predictions": "gate.json"}, "has gate.json as metrics and as predictions"),
        ({"predictions": 5}, "has 5, where a text is expected"),
        ({"rows": "gate.csv"}, "has the unknown key 'rows'"),
    ],
)
def test_what_is_no_gate(more: dict[str, object], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        read_gate(PLAIN | more)
