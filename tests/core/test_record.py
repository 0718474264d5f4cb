"""A record is a file whose name follows from its content, and it reads back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.record import Record, decoded

RECORD = Record("run", {"id": "19ab", "metrics": {"größe": 0.5}, "log": "a\nb", "exit": None})

texts = st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
bodies = st.dictionaries(
    texts.filter(lambda key: key not in {"schema", "kind"}), values, max_size=4
)


def test_the_bytes_and_the_name_never_change() -> None:
    """Pinned for ever: ledgers are full of them, and a name is checked against the bytes."""
    assert (
        RECORD.encoded()
        == (
            '{\n "schema": 1,\n "kind": "run",\n "id": "19ab",\n "metrics": {\n  "größe": 0.5\n },\n'
            ' "log": "a\\nb",\n "exit": null\n}\n'
        ).encode()
    )
    assert RECORD.name == "run-de982edfc0b7748b.json"


@given(texts, bodies)
def test_a_record_reads_back(kind: str, body: dict[str, Any]) -> None:
    record = Record(kind, body)
    assert decoded(record.encoded()) == record
    assert decoded(record.encoded()).name == record.name  # type: ignore[union-attr]


def test_a_path_that_is_not_utf_8_is_kept() -> None:
    record = Record("run", {"file": "caf\udce9.csv"})
    assert b'"caf\\udce9.csv"' in record.encoded()
    assert decoded(record.encoded()) == record


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_only_strict_json_is_written(value: float) -> None:
    with pytest.raises(ValueError, match="Out of range float values"):
        Record("run", {"metric": value}).encoded()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'"run"',
        b'{"kind": "run"}',
        b'{"schema": 2, "kind": "run"}',
        b'{"schema": "1", "kind": "run"}',
        b'{"schema": 1}',
        b'{"schema": 1, "kind": 5}',
        b"[" * 100_000,
        b'{"schema": 1, "kind": "run", "n": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_this_version_cannot_read_is_no_record(data: bytes) -> None:
    assert decoded(data) is None


@given(st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_can_break_it(data: bytes) -> None:
    assert decoded(data) is None or isinstance(decoded(data), Record)


def test_another_body_or_kind_has_another_name() -> None:
    names = {
        RECORD.name,
        Record("intent", RECORD.body).name,
        Record("run", {**RECORD.body, "exit": 1}).name,
        Record("run", {**RECORD.body, "exit": 1.0}).name,
        Record("run", {**RECORD.body, "exit": True}).name,
    }
    assert len(names) == 5
