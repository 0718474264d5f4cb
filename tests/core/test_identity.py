"""Names follow from content: the same idea tried twice has the same name, another has not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paribus.core.change import Change, Kind
from paribus.core.identity import digest, experiment_id, shortened, snapshot_key
from paribus.core.pipeline import Pipeline, read_pipeline
from paribus.core.plan import Goal
from paribus.core.protocol import Protocol
from paribus.core.snapshot import Entry
from paribus.core.values import MISSING, same

if TYPE_CHECKING:
    from tests.core.conftest import Compare, Files

KEY = "0123456789abcdef0123"
PROTOCOL = Protocol(metric="accuracy", effect=0.005, seeds=("seed",))

PIPELINE = read_pipeline(
    {
        "stages": {
            "train": {
                "cmd": "python train.py",
                "deps": ["train.py", "docs/words.md"],
                "outs": ["model.pkl", "out"],
                "metrics": ["metrics.json"],
            }
        }
    },
    "dvc.yaml",
    [],
    {},
)

TREE: Mapping[str, Entry] = {
    path: Entry("100644", f"{number:040x}")
    for number, path in enumerate(
        [
            "README.md",
            "docs/words.md",
            "dvc.lock",
            "dvc.yaml",
            "metrics.json",
            "out/a.csv",
            "params.yaml",
            "paribus.yaml",
            "sub/paribus.yaml",
            "tests/raw.dvc",
            "tests/test_a.py",
            "train.py",
        ]
    )
}


def lr(old: Any = 0.1, new: Any = 0.2, **other: Any) -> Change:
    change = Change(Kind.PARAM, "params.yaml", ("train", "lr"), old, new, "a summary", 3)
    return replace(change, **other)


CODE = Change(Kind.CODE, "train.py", (), "aaaaaaaaaaaa", "bbbbbbbbbbbb", "train.py edited")


def named(
    *changes: Change, key: str = KEY, protocol: Protocol = PROTOCOL, project: str = ""
) -> str:
    return experiment_id(key, changes, protocol, project)


# Pinned for ever: ledgers are full of them.


def test_the_name_of_an_experiment_never_changes() -> None:
    assert named(lr()) == "6655cca3a53f07ab74e6"
    assert named(lr(MISSING, None), CODE, project="sub") == "454fbbd9f5ba652a5bd7"


def test_the_name_of_a_snapshot_never_changes() -> None:
    assert snapshot_key(TREE, PIPELINE, PROTOCOL) == "ddd4c085d8523268f545"


def test_digest_never_changes() -> None:
    # printf '{"a":"\\u00e9","b":[1,1.0,true,null]}' | sha256sum
    assert digest({"b": [1, 1.0, True, None], "a": "é"}) == "c899aefc067218382737"


# Snapshots


def moved(path: str) -> dict[str, Entry]:
    return {**TREE, path: Entry("100644", "f" * 40)}


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("README.md", False),
        ("dvc.lock", False),
        ("metrics.json", False),
        ("out/a.csv", False),
        ("out/b.csv", False),
        ("paribus.yaml", False),
        ("sub/paribus.yaml", False),
        ("tests/test_a.py", False),
        ("docs/other.md", False),
        ("docs/words.md", True),
        ("dvc.yaml", True),
        ("params.yaml", True),
        ("tests/raw.dvc", True),
        ("train.py", True),
        ("new.py", True),
        ("requirements.txt", True),
    ],
)
def test_what_moves_the_name_of_a_snapshot(path: str, counts: bool) -> None:
    key = snapshot_key(TREE, PIPELINE, PROTOCOL)
    assert (snapshot_key(moved(path), PIPELINE, PROTOCOL) != key) is counts


def test_a_mode_and_a_name_move_the_name_of_a_snapshot() -> None:
    entry = TREE["train.py"]
    others = {path: entry for path, entry in TREE.items() if path != "train.py"}
    trees = [
        TREE,
        others,
        {**others, "train.py": Entry("100755", entry.oid)},
        {**others, "fit.py": entry},
    ]
    assert len({snapshot_key(tree, PIPELINE, PROTOCOL) for tree in trees}) == 4


def test_the_order_of_the_files_does_not_move_the_name_of_a_snapshot() -> None:
    backwards = dict(reversed(list(TREE.items())))
    assert snapshot_key(backwards, PIPELINE, PROTOCOL) == snapshot_key(TREE, PIPELINE, PROTOCOL)


def test_neutral_files_of_the_protocol_do_not_move_the_name_of_a_snapshot() -> None:
    protocol = replace(PROTOCOL, neutral=("new.py", "train.py"))
    key = snapshot_key(TREE, PIPELINE, protocol)
    assert snapshot_key(moved("new.py"), PIPELINE, protocol) == key
    assert snapshot_key(moved("train.py"), PIPELINE, protocol) != key


def test_what_is_no_change_does_not_move_the_name_of_a_snapshot(
    compare: Compare, base: Files
) -> None:
    edits = {
        "README.md": "x",
        "dvc.lock": "x",
        "metrics.json": "{}",
        "paribus.yaml": "metric: f1\n",
    }
    keys = []
    for files in (base, {**base, **edits}):
        sides = compare(base, files).sides
        entries = {path: Entry("100644", str(text)) for path, text in files.items()}
        keys.append(snapshot_key(entries, sides.new.pipeline, sides.protocol))
    assert keys[0] == keys[1]


# Experiments


@pytest.mark.parametrize(
    "other",
    [
        lambda: named(lr(new=0.3)),
        lambda: named(lr(old=0.3)),
        lambda: named(lr(path=("train", "rate"))),
        lambda: named(lr(path=("train.lr",))),
        lambda: named(lr(file="conf.yaml")),
        lambda: named(lr(kind=Kind.RULER)),
        lambda: named(lr(), CODE),
        lambda: named(CODE),
        named,
        lambda: named(lr(), key="f" * 20),
        lambda: named(lr(), project="sub"),
        lambda: named(lr(), protocol=replace(PROTOCOL, metric="f1")),
        lambda: named(lr(), protocol=replace(PROTOCOL, higher_is_better=False)),
        lambda: named(lr(), protocol=replace(PROTOCOL, effect=0.01)),
        lambda: named(lr(), protocol=replace(PROTOCOL, effect=None)),
        lambda: named(lr(), protocol=replace(PROTOCOL, goal=Goal.TWO_SIDED)),
        lambda: named(lr(), protocol=replace(PROTOCOL, looks=(3, 5))),
        lambda: named(lr(), protocol=replace(PROTOCOL, seeds=())),
    ],
)
def test_another_experiment_has_another_name(other: Callable[[], str]) -> None:
    assert other() != named(lr())


@pytest.mark.parametrize(
    "same_one",
    [
        lambda: named(lr(summary="other words", line=99)),
        lambda: named(lr(), protocol=replace(PROTOCOL, neutral=("a",), ruler=("b",), coupled=(("c",),))),
        lambda: named(lr(parts=(lr(),))),
    ],
)  # fmt: skip
def test_the_same_experiment_has_the_same_name(same_one: Callable[[], str]) -> None:
    assert same_one() == named(lr())


def test_neither_the_order_of_changes_nor_their_grouping_matters() -> None:
    grouped = replace(CODE, parts=(CODE, lr()))
    assert named(lr(), CODE) == named(CODE, lr()) == named(grouped)


VALUES: list[Any] = [
    MISSING,
    None,
    True,
    1,
    1.0,
    "1",
    "true",
    "",
    math.nan,
    "nan",
    math.inf,
    -math.inf,
    "inf",
    date(2026, 1, 2),
    "2026-01-02",
    [],
    {},
    [1],
    ["1"],
    [True],
    [math.nan],
    ["nan"],
    [[]],
    [{}],
    {"a": 1},
    {"a": 1.0},
    {"a": "1"},
    {"b": 1},
    {0: "x"},
    {"0": "x"},
    {"absent": True},
    {"float": "nan"},
    {"mapping": []},
    [{"absent": True}],
]


def test_no_two_values_give_the_same_name() -> None:
    assert len({named(lr(new=value)) for value in VALUES}) == len(VALUES)
    assert len({named(lr(old=value)) for value in VALUES}) == len(VALUES)


def test_the_order_of_the_keys_of_a_value_does_not_matter() -> None:
    assert named(lr(new={"a": 1, "b": [{"c": 2, "d": 3}]})) == named(
        lr(new={"b": [{"d": 3, "c": 2}], "a": 1})
    )


scalars = (
    st.none()
    | st.booleans()
    | st.integers(0, 2)
    | st.sampled_from([0.0, 1.0, math.nan, "1", "nan"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=3,
)  # fmt: skip


@given(values, values)
@example(math.nan, float("nan"))
def test_names_are_the_same_exactly_when_the_values_are(left: Any, right: Any) -> None:
    assert (named(lr(new=left)) == named(lr(new=right))) is same(left, right)


# Short names


@pytest.mark.parametrize(
    ("identifier", "others", "expected"),
    [
        ("abcdef", [], "abcd"),
        ("abcdef", ["abcdef"], "abcd"),
        ("abcdef", ["xbcdef"], "abcd"),
        ("abcdef", ["abcdxx"], "abcde"),
        ("abcdef", ["abcdxx", "abcdex"], "abcdef"),
        ("abcdef", ["abcdefgh"], "abcdef"),
        ("abcdef", ["abc"], "abcd"),
        ("abc", [], "abc"),
    ],
)
def test_shortened(identifier: str, others: list[str], expected: str) -> None:
    assert shortened(identifier, others) == expected


@given(st.sets(st.text(st.sampled_from("ab"), min_size=6, max_size=6), min_size=1))
def test_a_short_name_names_one(identifiers: set[str]) -> None:
    for identifier in identifiers:
        short = shortened(identifier, identifiers)
        assert [each for each in identifiers if each.startswith(short)] == [identifier]


def test_a_name_is_short_enough_to_read_and_long_enough_to_be_alone() -> None:
    assert len(named(lr())) == len(snapshot_key({}, Pipeline("dvc.yaml"), Protocol())) == 20
