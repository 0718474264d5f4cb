"""Keys are taken out of a params file, and all else stays."""

from __future__ import annotations

import pytest

from paribus.core.errors import Problem
from paribus.core.rules.leaves import differing
from paribus.dvc.documents import parse
from paribus.dvc.leaves import mapping, with_leaves
from paribus.dvc.prune import without_keys


@pytest.mark.parametrize(
    ("path", "data", "removed", "left"),
    [
        pytest.param(
            "p.yaml",
            b"# all\ntrain:\n  lr: 0.1  # step\n  layers:\n    - 1\n    - 2\n\n# next\nseed: 1\n",
            [("train", "layers")],
            b"# all\ntrain:\n  lr: 0.1  # step\n\n# next\nseed: 1\n",
            id="yaml, with what is below it",
        ),
        pytest.param(
            "p.yaml", b"a: 1\r\nb: 2\r\n", [("a",)], b"b: 2\r\n", id="yaml of Windows"
        ),
        pytest.param(
            "p.json",
            b'{\n  "a": 1e-3,\n  "b": {\n    "c": 1,\n    "d": 2\n  }\n}\n',
            [("b", "d")],
            b'{\n  "a": 0.001,\n  "b": {\n    "c": 1\n  }\n}\n',
            id="json, the last of a mapping",
        ),
        pytest.param(
            "p.json", b'{\n  "a": 1,\n  "b": 2\n}', [("a",)], b'{\n  "b": 2\n}', id="json, a line"
        ),
        pytest.param(
            "p.toml",
            b"# all\na = 1\n\n[t]\nb = 2  # two\nc = 3\n",
            [("a",), ("t", "c")],
            b"# all\n\n[t]\nb = 2  # two\n",
            id="toml",
        ),
        pytest.param("p.yaml", b"a: 1\n", [("b",), ("a", "x")], b"a: 1\n", id="not there"),
    ],
)  # fmt: skip
def test_keys_go(path: str, data: bytes, removed: list[tuple[str, ...]], left: bytes) -> None:
    assert without_keys(path, data, removed) == left


def test_a_key_that_shares_its_line_stays() -> None:
    with pytest.raises(Problem) as caught:
        without_keys("p.yaml", b"t: {a: 1, b: 2}\n", [("t", "a")])
    assert (caught.value.code, caught.value.message) == (
        "uneditable-file",
        "p.yaml: t.a cannot be taken out with everything else left as it is",
    )


OLD = b"a: 1\nt:\n  b: 2\n  c: 3\n"
NEW = b"a: 9\nn:\n  x: 1\n"


@pytest.mark.parametrize(
    ("chosen", "made"),
    [
        ([("a",)], b"a: 9\nt:\n  b: 2\n  c: 3\n"),
        ([("t", "b")], b"a: 1\nt:\n  c: 3\n"),
        ([("t", "b"), ("t", "c")], b"a: 1\n"),
        ([("n", "x")], b"a: 1\nt:\n  b: 2\n  c: 3\nn:\n  x: 1\n"),
    ],
)
def test_some_leaves_alone(chosen: list[tuple[str, ...]], made: bytes) -> None:
    new = mapping("p.yaml", NEW)
    leaves = differing(mapping("p.yaml", OLD), new)
    assert {leaf.path for leaf in leaves} == {("a",), ("t", "b"), ("t", "c"), ("n", "x")}

    picked = [leaf for leaf in leaves if leaf.path in chosen]

    assert with_leaves("p.yaml", OLD, picked, new, []) == made
    assert with_leaves("p.yaml", OLD, leaves, new, []) is not None
    assert parse("p.yaml", with_leaves("p.yaml", OLD, leaves, new, []) or b"").value == new


def test_a_guess_is_taken_only_where_it_holds_the_values() -> None:
    new = {"a": 1, "z": 2}
    leaves = differing({"a": 1}, new)
    guesses = [b"a: 2\nz: 2\n", b"z: 2  # first\na: 1\n"]
    assert with_leaves("p.yaml", b"a: 1\n", leaves, new, guesses) == b"z: 2  # first\na: 1\n"


@pytest.mark.parametrize(("data", "value"), [(b"", {}), (b"- 1\n", None), (b"a: [", None)])
def test_what_is_no_mapping_is_none(data: bytes, value: object) -> None:
    assert mapping("p.yaml", data) == value
