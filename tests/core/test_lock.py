"""A lock file is held against the tree beside it, whichever DVC wrote it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paribus.core.lock import (
    LFS,
    Hash,
    LockedStage,
    edited_metrics,
    is_content,
    mismatches,
    read_lock,
)
from paribus.core.pipeline import read_pipeline

DOCUMENT: Any = {
    "stages": {
        "train": {
            "cmd": "python train.py ${lr}",
            "wdir": "src",
            "deps": ["train.py", "../data"],
            "params": ["lr", {"more.yaml": None}],
            "outs": ["model.pkl"],
            "metrics": ["m.json"],
        },
        "plot": {"cmd": ["python plot.py", "ls"], "deps": ["plot.py"]},
    }
}


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


LOCK: Any = {
    "schema": "2.0",
    "stages": {
        "train": {
            "cmd": "python  train.py 0.1",
            "deps": [
                {"path": "../data", "hash": "md5", "md5": "1.dir"},
                {"path": "train.py", "hash": "md5", "md5": md5("x = 1\n"), "size": 6},
            ],
            "params": {"params.yaml": {"lr": 0.1}, "more.yaml": {"a": {"b": [1, 2]}}},
            "outs": [
                {"path": "m.json", "hash": "md5", "md5": md5("{}")},
                {"path": "model.pkl", "etag": "e", "size": 7},
            ],
        },
        "plot": {"cmd": ["python plot.py", "ls"], "deps": [{"path": "plot.py", "md5": md5("y\n")}]},
        "gone": {"cmd": "x"},
    },
}

PIPELINE = read_pipeline(DOCUMENT, "dvc.yaml", [{"lr": 0.1}], {})
FILES = {"src/train.py": b"x = 1\n", "plot.py": b"y\r\n"}
PARAMS = {"src/params.yaml": {"lr": 0.1}, "src/more.yaml": {"a": {"b": [1, 2]}}}


def test_what_a_lock_holds() -> None:
    assert read_lock(LOCK, PIPELINE) == {
        "train": LockedStage(
            "train",
            "python  train.py 0.1",
            {
                "data": Hash("md5 md5", "1.dir"),
                "src/train.py": Hash("md5 md5", md5("x = 1\n"), 6),
            },
            {"src/m.json": Hash("md5 md5", md5("{}")), "src/model.pkl": Hash("etag", "e", 7)},
            {"src/params.yaml": {"lr": 0.1}, "src/more.yaml": {"a": {"b": [1, 2]}}},
        ),
        "plot": LockedStage(
            "plot", ["python plot.py", "ls"], {"plot.py": Hash("md5", md5("y\n"))}, {}, {}
        ),
    }


@pytest.mark.parametrize(
    ("files", "params", "command", "expected"),
    [
        ({}, {}, None, []),
        ({"src/train.py": b"x = 2\n"}, {}, None, ["stage train: src/train.py differs"]),
        ({"src/train.py": b"x = 1\r\n"}, {}, None, []),
        ({"plot.py": b"z"}, {}, None, ["stage plot: plot.py differs"]),
        ({"plot.py": b"version https://git-lfs.github.com/spec/v1\n"}, {}, None, []),
        ({}, {"src/params.yaml": {"lr": 0.2}}, None, ["stage train: lr differs"]),
        ({}, {"src/params.yaml": {}}, None, ["stage train: lr differs"]),
        ({}, {"src/more.yaml": {"a": {"b": [1, 3]}}}, None, ["stage train: a.b differs"]),
        ({}, {}, "python train.py 0.3", ["stage train: its command differs"]),
        ({}, {}, ["python train.py 0.1"], []),
    ],
)
def test_where_a_lock_and_its_tree_differ(
    files: dict[str, bytes], params: dict[str, Any], command: Any, expected: list[str]
) -> None:
    lock = read_lock(LOCK, PIPELINE)
    if command is not None:
        document = {
            "stages": {**LOCK["stages"], "train": {**LOCK["stages"]["train"], "cmd": command}}
        }
        lock = read_lock(document, PIPELINE)
    assert mismatches(PIPELINE, lock, FILES | files, PARAMS | params) == expected


def test_what_is_not_in_git_is_not_looked_at() -> None:
    assert mismatches(PIPELINE, read_lock(LOCK, PIPELINE), {}, {}) == []


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ({}, []),
        ({"src/m.json": b"{}"}, []),
        ({"src/m.json": b"{1}"}, ["src/m.json"]),
        ({"src/other.json": b"{1}"}, []),
    ],
)
def test_edited_metrics(contents: dict[str, bytes], expected: list[str]) -> None:
    assert edited_metrics(PIPELINE, read_lock(LOCK, PIPELINE), contents) == expected
    assert edited_metrics(PIPELINE, {}, contents) == []


@given(st.binary(max_size=30))
def test_a_file_has_its_own_hash(data: bytes) -> None:
    assume(not data.startswith(LFS))
    recorded = hashlib.md5(data).hexdigest()
    assert is_content(data, Hash("md5", recorded))
    assert is_content(data, Hash("md5 md5", recorded))
    assert not is_content(data + b"x", Hash("md5", recorded))
    assert is_content(data + b"x", Hash("etag", recorded))


@pytest.mark.parametrize("written", [b"a\nb\n", b"a\r\nb\r\n"])
@pytest.mark.parametrize("committed", [b"a\nb\n", b"a\r\nb\r\n"])
def test_line_ends_are_those_of_a_system(written: bytes, committed: bytes) -> None:
    assert is_content(committed, Hash("md5 md5", hashlib.md5(written).hexdigest()))
    assert not is_content(committed + b"\n", Hash("md5 md5", hashlib.md5(written).hexdigest()))


rubbish = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from(["train", "path", "md5", "deps"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["stages", "train", "deps", "outs", "params", "path", "md5", "cmd", "params.yaml"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(rubbish)
def test_any_lock_is_read(document: Any) -> None:
    for lock in (
        read_lock(document, PIPELINE),
        read_lock({"stages": {"train": document}}, PIPELINE),
    ):
        mismatches(PIPELINE, lock, FILES, PARAMS)
        edited_metrics(PIPELINE, lock, {"src/m.json": b""})
