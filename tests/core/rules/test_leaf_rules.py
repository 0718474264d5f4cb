"""Params and config files are judged leaf by leaf, whatever they are written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.change import Kind
from paribus.core.rules.configs import is_config
from paribus.core.rules.leaves import Leaf, differing, told
from paribus.core.values import MISSING, Value, leaves

if TYPE_CHECKING:
    from tests.core.conftest import Compare

PIPELINE = """\
stages:
  split:
    cmd: python split.py
    deps: [split.py, data/raw.yaml, site.yaml]
    params: [seed, {params.py: }]
    outs: [parts]
  train:
    cmd: python train.py --config conf/a.yaml conf/b.toml conf/c.ini
    deps: [train.py, parts, settings.json, table.json]
    params: [seed]
    outs: [model.pkl]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, parts, model.pkl, limits.yaml]
    metrics: [m.json]
"""

FILES = {
    "dvc.yaml": PIPELINE,
    "params.yaml": "seed: 1\nnot: 2\n",
    "params.py": "LR = 0.1\n\n\ndef schedule():\n    return LR\n\n\nclass Train:\n    EPOCHS = 3\n",
    "paribus.yaml": "schema: 1\nseeds: [seed, 'conf/a.yaml:seed']\nruler: [evaluate]\n",
    "conf/a.yaml": "seed: 1\nmodel: {lr: 0.1, name: x}\n",
    "conf/b.toml": "lr = 0.1\n[model]\nname = 'x'\n",
    "conf/c.ini": "[model]\nLr = 0.1\nname = %(x)s\n",
    "conf/list.yaml": "[1, 2]\n",
    "site.yaml": "a: 1\n",
    "settings.json": '{"a": 1, "b": [1, 2]}\n',
    "table.json": '{"a": 1, "b": 2}\n',
    "data/raw.yaml": "a: 1\nb: 2\n",
    "limits.yaml": "low: 1\n",
    "split.py": "import yaml\n",
    "train.py": "import yaml, params\nopen('conf/list.yaml')\n",
    "evaluate.py": "import json\n",
}

CASES: list[tuple[str, dict[str, str | None], list[str], list[str]]] = [
    ("a Python param", {"params.py": FILES["params.py"].replace("0.1", "0.2")}, [
        "param params.py:1: LR 0.1 -> 0.2",
    ], []),
    ("a Python param of a class, and a comment", {
        "params.py": FILES["params.py"].replace("= 3", "= 4  # more"),
    }, ["param params.py:9: Train.EPOCHS 3 -> 4"], []),
    ("comments of a Python file", {"params.py": "# lr\n" + FILES["params.py"]}, [], [
        "params.py: comments, order or formatting only",
    ]),
    ("YAML", {"conf/a.yaml": "# c\nseed: 1\nmodel:\n  name: x\n  lr: 0.2\n"}, [
        "param conf/a.yaml:5: model.lr 0.1 -> 0.2",
    ], []),
    ("comments of YAML", {"conf/a.yaml": "# c\n" + FILES["conf/a.yaml"]}, [], [
        "conf/a.yaml: comments, order or formatting only",
    ]),
    ("a seed of a config file", {"conf/a.yaml": "seed: 2\nmodel: {lr: 0.1, name: x}\n"}, [], [
        "conf/a.yaml: seed (declared seed)",
    ]),
    ("TOML", {"conf/b.toml": "[model]\nname = 'y'\n"}, [
        "param conf/b.toml: lr 0.1 -> (absent)", "param conf/b.toml: model.name x -> y",
    ], []),
    ("INI", {"conf/c.ini": "; c\n[model]\nname = %(x)s\nLr = 0.2\n"}, [
        'param conf/c.ini: model.Lr "0.1" -> "0.2"',
    ], []),
    ("JSON of settings", {"settings.json": '{"b": [1, 3], "a": 1}'}, [
        "param settings.json:1: b [1, 2] -> [1, 3]",
    ], []),
    ("a declared dependency", {"site.yaml": "a: 2\n"}, ["param site.yaml:1: a 1 -> 2"], []),
    ("of the ruler", {"limits.yaml": "low: 2\n"}, ["ruler limits.yaml:1: low 1 -> 2"], []),
    ("data in JSON", {"table.json": "{}\n"}, ["data table.json: table.json edited, +1 -1 lines"], []),
    ("data in YAML", {"data/raw.yaml": "a: 2\nb: 3\n"}, [
        "code data/raw.yaml: data/raw.yaml edited, +2 -2 lines",
    ], []),
    ("a list", {"conf/list.yaml": "[1, 3]\n"}, [
        "code conf/list.yaml: conf/list.yaml edited, +1 -1 lines",
    ], []),
    ("broken", {"conf/a.yaml": "a: [\n"}, [
        "code conf/a.yaml: conf/a.yaml edited, +1 -2 lines",
    ], []),
    ("gone", {"conf/a.yaml": None}, ["code conf/a.yaml: conf/a.yaml deleted"], []),
    ("a respelled key", {"params.yaml": "seed: 1\n\"a.b\": 1\nnot: 2\n"}, [
        'param params.yaml:2: "a.b" (absent) -> 1',
    ], []),
    ("the seed that draws the parts", {"params.yaml": "seed: 2\nnot: 2\n"}, [], [
        "params.yaml: seed (declared seed; it draws what evaluate measures on)",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "changes", "not_counted"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_leaves_of_each_kind_of_file(
    compare: Compare, edits: dict[str, str | None], changes: list[str], not_counted: list[str]
) -> None:
    new = {path: text for path, text in (FILES | edits).items() if text is not None}
    found = compare(FILES, new).diff()
    assert [f"{each.kind.value} {each.where}: {each.summary}" for each in found.changes] == changes
    assert [f"{each.file}: {each.reason}" for each in found.not_counted] == not_counted


def test_a_python_file_whose_program_differs_too_is_judged_as_a_program(compare: Compare) -> None:
    edited = FILES["params.py"].replace("0.1", "0.2").replace("return LR", "return LR / 2")
    found = compare(FILES, FILES | {"params.py": edited}).diff()
    assert {each.kind for each in found.changes} == {Kind.CODE}
    assert len(found.changes) == 2


@pytest.mark.parametrize("draws", [True, False])
def test_a_seed_of_training_alone_draws_no_data(compare: Compare, draws: bool) -> None:
    pipeline = PIPELINE if draws else PIPELINE.replace("[seed, {params.py: }]", "[{params.py: }]")
    old = FILES | {"dvc.yaml": pipeline}
    found = compare(old, old | {"params.yaml": "seed: 2\nnot: 2\n"}).diff()
    more = "; it draws what evaluate measures on" if draws else ""
    assert [each.reason for each in found.not_counted] == [f"seed (declared seed{more})"]


# Which files are config files


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("conf/a.yaml", True),
        ("src/configs/deep/a.yml", True),
        ("model_config/a.toml", True),
        ("params/a.cfg", True),
        ("conf/a.json", True),
        ("confetti/a.yaml", False),
        ("conf/a.txt", False),
        ("conf/dvc.yaml", False),
        ("a.yaml", False),
        ("config.json", False),
        ("site.yaml", True),
        ("settings.json", True),
        ("table.json", False),
        ("data/raw.yaml", False),
        ("pyproject.toml", False),
    ],
)
def test_is_config(compare: Compare, path: str, expected: bool) -> None:
    assert is_config(path, compare(FILES, FILES).sides.pipelines) is expected


# Leaves


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": {"b": 1}}, {"a.b": 1}, ['a.b 1 -> "a.b" 1']),
        ({"a.b": 1}, {"a": {"b": 2}}, ['"a.b" 1 -> a.b 2']),
        ({"a": {"b.c": 1}}, {"a.b": {"c": 2}}, ['a."b.c" 1 -> "a.b".c 2']),
        ({"a": 1}, {"a": 1.0}, ["a 1 -> 1.0 (type only)"]),
        ({"a": None}, {}, ["a null -> (absent)"]),
        ({"a": {}}, {}, ["a {} -> (absent)"]),
        ({0: 1}, {"0": 1}, ['(root)']),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a [1, 2] -> [1, 3]"]),
        ({"a": list(range(30))}, {"a": [*range(29), 7]}, ["a[29] 29 -> 7"]),
        ({"a": list(range(30))}, {"a": [0, 2, 1, *range(3, 30)]}, ["a[1] 1 -> 2, a[2] 2 -> 1"]),
        ({"a": list(range(30))}, {"a": list(range(1, 31))}, None),
        ({"a": [f"column_{n}" for n in range(9)]}, {"a": [f"column_{n}" for n in range(1, 10)]}, None),
        ({"a": [f"column_{n}" for n in range(9)]}, {"a": [f"column_{n}" for n in range(8)]}, [
            'a -column_8 (9 -> 8 elements)',
        ]),
        ({"a": [f"column_{n}" for n in range(9)]}, {"a": [f"c{n}" for n in range(9)] + [1]}, None),
    ],
)  # fmt: skip
def test_a_difference_is_told(old: Value, new: Value, expected: list[str] | None) -> None:
    found = differing(old, new)
    if expected == ["(root)"]:
        assert found == [Leaf((), old, new)]
    elif expected is None:
        assert [leaf.path for leaf in found] == [("a",)]
    else:
        assert [told(leaf) for leaf in found] == expected


documents = st.dictionaries(
    st.sampled_from(["a", "b", "a.b", "c"]),
    st.recursive(
        st.integers(0, 3) | st.booleans() | st.none() | st.just(1.0),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner)
        ),
        max_leaves=5,
    ),
    max_size=4,
)


@given(documents)
def test_nothing_differs_from_itself(document: Value) -> None:
    assert differing(document, document) == []


@given(documents, documents)
def test_the_way_back_is_mirrored(old: Value, new: Value) -> None:
    there = {
        (leaf.path, leaf.before): (repr(leaf.old), repr(leaf.new)) for leaf in differing(old, new)
    }
    back = {
        (leaf.before or leaf.path, leaf.path if leaf.before else None): (
            repr(leaf.new),
            repr(leaf.old),
        )
        for leaf in differing(new, old)
    }
    assert there == back
    for leaf in differing(old, new):
        assert "\n" not in told(leaf)


@given(documents, st.integers(4, 9), st.data())
def test_one_edited_leaf_is_one_difference(
    document: Value, value: int, data: st.DataObject
) -> None:
    paths = [path for path, _ in leaves(document) if path]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))

    def edited(inner: Value, rest: tuple[str, ...]) -> Value:
        return {**inner, rest[0]: edited(inner[rest[0]], rest[1:])} if rest else value

    found = differing(document, edited(document, path))
    assert [(leaf.path, leaf.new) for leaf in found] == [(path, value)]
    assert found[0].old is not MISSING
