"""New values reach a file, and nothing else in it changes."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime

import pytest
import tomlkit
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from paribus.core.errors import Problem
from paribus.core.values import KeyPath, Value, same
from paribus.dvc.documents import parse
from paribus.dvc.edit import set_values

PARAMS = """\
# The baseline.
lr: 1e-3   # the rate
name: 'adam'
layers: [64,32] # widths
empty:

train:
    steps:
        - 1
        - x: 0o17
    text: |
      a
      b
# the end
"""


def edited(text: str, changes: dict[KeyPath, Value], path: str = "params.yaml") -> str:
    return set_values(path, text.encode(), changes).decode()


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def failure(text: str, changes: dict[KeyPath, Value], path: str = "params.yaml") -> tuple[str, str]:
    with pytest.raises(Problem) as caught:
        edited(text, changes, path)
    assert "\n" not in caught.value.message
    return caught.value.code, caught.value.message


# YAML, one value in the place of another


@pytest.mark.parametrize(
    ("keys", "value", "old", "new"),
    [
        (("lr",), 0.01, "1e-3", "0.01"),
        (("lr",), 1e-5, "1e-3", "1.0e-05"),
        (("lr",), 1e16, "1e-3", "1.0e+16"),
        (("lr",), 1.0, "1e-3", "1.0"),
        (("lr",), math.nan, "1e-3", ".nan"),
        (("lr",), -math.inf, "1e-3", "-.inf"),
        (("lr",), 1, "1e-3", "1"),
        (("lr",), 0, "1e-3", "0"),
        (("lr",), True, "1e-3", "true"),
        (("lr",), False, "1e-3", "false"),
        (("lr",), None, "1e-3", "null"),
        (("lr",), [], "1e-3", "[]"),
        (("lr",), [1, 1.0, True, "yes", ["a,b"]], "1e-3", '[1, 1.0, true, "yes", ["a,b"]]'),
        (("lr",), {"a": 1, "on": {"b c": None}}, "1e-3", '{a: 1, "on": {b c: null}}'),
        (("lr",), date(2020, 1, 1), "1e-3", "2020-01-01"),
        (("lr",), datetime(2020, 1, 1, 9, tzinfo=UTC), "1e-3", "2020-01-01T09:00:00+00:00"),
        (("name",), "sgd", "'adam'", "'sgd'"),
        (("name",), "it's", "'adam'", "'it''s'"),
        (("name",), "a\nb", "'adam'", '"a\\nb"'),
        (("name",), 1, "'adam'", "1"),
        (("layers",), [128], "[64,32]", "[128]"),
        (("layers",), "none", "[64,32]", "none"),
        (("empty",), 5, "empty:", "empty: 5"),
    ],
)
def test_only_the_value_itself_changes(keys: KeyPath, value: Value, old: str, new: str) -> None:
    expected = replaced(PARAMS, (old, new))

    assert edited(PARAMS, {keys: value}) == expected
    windows = replaced(PARAMS, (old, new)).replace("\n", "\r\n")
    assert edited(PARAMS.replace("\n", "\r\n"), {keys: value}) == windows
    assert edited("\ufeff" + PARAMS, {keys: value}) == "\ufeff" + expected


def test_several_values_change_at_once() -> None:
    changes: dict[KeyPath, Value] = {("layers",): [1], ("lr",): 2, ("name",): "é\U0001f600"}

    assert edited(PARAMS, changes) == replaced(
        PARAMS, ("1e-3", "2"), ("'adam'", "'é\U0001f600'"), ("[64,32]", "[1]")
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("abc", "abc"),
        ("two words", "two words"),
        ("data/train-2.csv", "data/train-2.csv"),
        ("../x", "../x"),
        ("/abs/x", "/abs/x"),
        ("été", '"été"'),
        ("tété", "tété"),
        ("_1", "_1"),
        ("", '""'),
        (" a", '" a"'),
        ("a ", '"a "'),
        ("yes", '"yes"'),
        ("Off", '"Off"'),
        ("y", '"y"'),
        ("null", '"null"'),
        ("~", '"~"'),
        ("True", '"True"'),
        ("nan", '"nan"'),
        (".inf", '".inf"'),
        (".5", '".5"'),
        ("1e-3", '"1e-3"'),
        ("010", '"010"'),
        ("12:30:00", '"12:30:00"'),
        ("2020-01-01", '"2020-01-01"'),
        ("a: b", '"a: b"'),
        ("# x", '"# x"'),
        ("a #x", '"a #x"'),
        ("- a", '"- a"'),
        ("---", '"---"'),
        ("<<", '"<<"'),
        ("*.csv", '"*.csv"'),
        ("[1]", '"[1]"'),
        ('say "a\\b"', '"say \\"a\\\\b\\""'),
        ("a\tb\r\n", '"a\\tb\\r\\n"'),
        ("\x00\x85\u2028\ufeff\U000e0001", '"\\u0000\\u0085\\u2028\\ufeff\\U000e0001"'),
    ],
)
def test_text_is_quoted_where_it_would_be_read_as_something_else(value: str, written: str) -> None:
    assert edited("a: 0 # c\n", {("a",): value}) == f"a: {written} # c\n"
    assert edited("a: {b: 0}\n", {("a", "b"): value}) == f"a: {{b: {written}}}\n"
    assert yaml.safe_load(f"a: {written}\n") == {"a": value}  # a reader of YAML 1.1 agrees


def test_a_value_that_is_there_already_leaves_the_file_alone() -> None:
    assert edited(PARAMS, {("lr",): 0.001, ("name",): "adam"}) == PARAMS


def test_a_key_that_is_a_number_is_found_by_its_text() -> None:
    assert edited("1: a\nnull: b\n", {("1",): "c", ("None",): "d"}) == "1: c\nnull: d\n"


# YAML, written by ruamel.yaml


def test_new_keys_and_blocks_are_written_with_comments_and_indents_kept() -> None:
    changes: dict[KeyPath, Value] = {
        ("new", "x", "y"): 1e-5,
        ("new", "x", "no"): "no",
        ("lr",): None,
        ("train", "more"): [{"a": True}],
    }

    assert (
        edited(PARAMS.replace("      a\n      b", "        a\n        b"), changes)
        == """\
# The baseline.
lr: null # the rate
name: 'adam'
layers: [64,32] # widths
empty:

train:
    steps:
        - 1
        - x: 0o17
    text: |
        a
        b
# the end
    more: [{a: true}]
new:
    x:
        y: 1.0e-05
        no: "no"
"""
    )


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("", {("a", "b"): 1}, "a:\n  b: 1\n"),
        ("# only", {("a",): 1}, "# only\na: 1"),
        ("{}\n", {("a",): 1}, "a: 1\n"),
        ("{a, b: , c: x}\n", {("a",): 1, ("b",): 2}, "{a: 1, b: 2, c: x}\n"),
        ("# c\n---\n# d\na: 1 # e\n", {("b",): 1}, "# c\n---\n# d\na: 1 # e\nb: 1\n"),
        ("---\n", {("a",): 1}, "---\na: 1\n"),
        ("a: 1", {("b",): 2}, "a: 1\nb: 2"),
        ("a: !!float '1' # c\n", {("a",): 2}, "a: 2 # c\n"),
        ("a: !!float '1' # c\n", {("b",): 2}, "a: !!float '1' # c\nb: 2\n"),
        ("a: 1\r\n", {("b",): 2}, "a: 1\r\nb: 2\r\n"),
        ("\ufeffa: 1\n", {("b",): 2}, "\ufeffa: 1\nb: 2\n"),
        ("a: |\n  x\nb: 1\n", {("a",): "s"}, "a: s\nb: 1\n"),
        ("a: 'x'\n", {("a",): "paribus-0-value", ("b",): 1}, "a: paribus-0-value\nb: 1\n"),
        ("a: paribus\n", {("b",): 1}, "a: paribus\nb: 1\n"),
        ("a:\n- 1\n- 2\n", {("a",): [3]}, "a: [3]\n"),
        ("a:\n  b: 1\n", {("a",): 3}, "a: 3\n"),
        ("a: " + "x " * 200 + "\n", {("b",): 1}, "a: " + "x " * 199 + "x\nb: 1\n"),
        (
            "a: 1e-3 # a\nb: [0x1F,null , ~]\nc: 5.662888023083397e+16\nd: ~ # d\ne:\n",
            {("f",): 1},
            "a: 1e-3 # a\nb: [0x1F,null , ~]\nc: 5.662888023083397e+16\nd: ~ # d\ne:\nf: 1\n",
        ),
        ("a: {b: {}, c: [1,2]}\n", {("a", "b", "k"): 1}, "a: {b: {k: 1}, c: [1,2]}\n"),
        ("a: &x 1\na2: &x 2\nb: *x\n", {("c",): 1}, "a: &x 1\na2: &x 2\nb: *x\nc: 1\n"),
        ("s: &s 3\nu: *s\n", {("s",): 9}, "s: 9\nu: &s 3\n"),
        ("s: &s 3\nu: *s\n", {("u",): 9}, "s: &s 3\nu: 9\n"),
        ("b: &b {k: 1}\nt:\n  <<: *b\n", {("t", "k"): 9}, "b: &b {k: 1}\nt:\n  <<: *b\n  k: 9\n"),
        ("b: &b {k: 1}\nt: *b\n", {("t",): 9}, "b: {k: 1}\nt: 9\n"),
    ],
)
def test_what_is_no_replacement_on_its_own(
    text: str, changes: dict[KeyPath, Value], expected: str
) -> None:
    assert edited(text, changes) == expected


@pytest.mark.parametrize("keys", [("base", "k"), ("train", "k"), ("other", "m", "n")])
def test_a_value_that_others_share_is_not_changed(keys: KeyPath) -> None:
    text = "base: &b\n  k: 1\n  m: {n: 1}\ntrain: *b\nother:\n  <<: *b\n"

    assert failure(text, {keys: 2}) == (
        "uneditable-file",
        f"params.yaml: {'.'.join(keys)} cannot be set with everything else left as it is",
    )


# JSON


def test_a_json_value_changes_alone() -> None:
    text = '{\n\t"a": 1e-3, "n": NaN,\n\t"b": {"c": "é"}\n}'

    assert edited(text, {("a",): 2.5, ("b", "c"): "à"}, "p.json") == replaced(
        text, ("1e-3", "2.5"), ("é", "à")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}\n', '{"a": 1, "c": {"d": [1, null]}}\n'),
        ('{"a":1}', '{"a":1,"c":{"d":[1,null]}}'),
        ("{}\n", '{"c": {"d": [1, null]}}\n'),
        (
            '{\n\t"a": 1\n}\n',
            '{\n\t"a": 1,\n\t"c": {\n\t\t"d": [\n\t\t\t1,\n\t\t\tnull\n\t\t]\n\t}\n}\n',
        ),
        (
            '{\r\n  "a": "é"\r\n}\r\n',
            '{\r\n  "a": "é",\r\n  "c": {\r\n    "d": [\r\n      1,\r\n      null\r\n    ]\r\n  }\r\n}\r\n',
        ),
        ('{"a": "\\u00e9"}', '{"a": "\\u00e9", "c": {"d": [1, null]}}'),
        ('{"a": "\\ud83d\\ude00"}', '{"a": "\\ud83d\\ude00", "c": {"d": [1, null]}}'),
    ],
)  # fmt: skip
def test_a_new_json_key_keeps_the_layout(text: str, expected: str) -> None:
    assert edited(text, {("c", "d"): [1, None]}, "p.json") == expected


# TOML

TOML = """\
# The baseline.
lr = 0.1 # the rate
[train]
steps = 1
[train.opt]
name = "a"
"""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {("lr",): 1e-5, ("train", "opt", "name"): "b"},
            replaced(TOML, ("0.1", "1e-05"), ('"a"', '"b"')),
        ),
        ({("train", "steps"): [1.0, 2.0]}, replaced(TOML, ("steps = 1", "steps = [1.0, 2.0]"))),
        ({("train", "opt", "k"): math.inf}, TOML + "k = inf\n"),
        ({("new", "x"): True}, TOML + "\n[new]\nx = true\n"),
        ({("top",): 1}, replaced(TOML, ("rate\n", "rate\ntop = 1\n\n"))),
    ],
)
def test_toml_keeps_comments_and_order(changes: dict[KeyPath, Value], expected: str) -> None:
    assert edited(TOML, changes, "p.toml") == expected
    windows = edited(TOML.replace("\n", "\r\n"), changes, "p.toml")
    assert windows == expected.replace("\n", "\r\n")


# What is refused


@pytest.mark.parametrize("path", ["p.yaml", "p.json", "p.toml"])
def test_a_key_below_a_scalar_is_unknown(path: str) -> None:
    text = {"p.yaml": "a: {b: 3}", "p.json": '{"a": {"b": 3}}', "p.toml": "a = {b = 3}"}[path]

    assert failure(text, {("a", "b", "c"): 1}, path) == (
        "unknown-param",
        f"a.b.c cannot be set: a.b in {path} holds 3, not a mapping",
    )


@pytest.mark.parametrize(
    ("path", "text", "changes", "expected"),
    [
        ("p.yaml", "- 1\n", {("a",): 1}, "a cannot be set: p.yaml holds [1], not a mapping"),
        ("p.yaml", "a:\n", {("a", "b"): 1}, "a.b cannot be set: a in p.yaml holds null, not a mapping"),
        ("p.yaml", "", {("a", "b"): 1, ("a",): 1}, "a.b and a, which holds it, cannot both be set"),
        ("p.yaml", "a: [\n", {("a",): 1}, "p.yaml:2: did not find expected node content"),
        ("p.yaml", "a: 1\n", {("a",): 1j}, "p.yaml cannot hold one of the values: a complex has no form in YAML"),
        ("p.yaml", "a: 1\n", {("b",): 1j}, "p.yaml cannot hold one of the values: a complex has no form in YAML"),
        ("p.json", "{}", {("a",): date(2020, 1, 1)}, "p.json cannot hold one of the values: Object of type date is not JSON serializable"),
        ("p.toml", "", {("a",): None}, "p.toml cannot hold one of the values: Unable to convert an object of <class 'NoneType'> to a TOML item"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_said(
    path: str, text: str, changes: dict[KeyPath, Value], expected: str
) -> None:
    assert failure(text, changes, path)[1] == expected


@pytest.mark.parametrize("path", ["p.yaml", "p.json", "p.toml"])
def test_half_a_character_is_refused(path: str) -> None:
    assert failure("{}" if path == "p.json" else "", {("a",): "\udcff"}, path)[0] == (
        "unwritable-value"
    )


# Any change to any file

half_typed = ["1e-3", "yes", "null", "", "a: b", "# x", " x ", "\n", "'", '"', "-", "~", "=", "<<"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(half_typed)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
names = st.sampled_from(["a", "b", "c", "1", "yes", "d e", "é"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
trees = st.dictionaries(
    names,
    st.recursive(values, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6),
    max_size=4,
)
changes_to = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map(tuple), values, min_size=1, max_size=3
)


class PlainDumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


PlainDumper.add_representer(str, PlainDumper.represent_text)


def as_yaml(tree: Value, *, flow: bool | None = False, style: str | None = None) -> str:
    return yaml.dump(
        tree,
        Dumper=PlainDumper,
        allow_unicode=True,
        sort_keys=False,
        width=10_000,
        default_flow_style=flow,
        default_style=style,
    )


def with_change(document: Value, keys: KeyPath, value: Value) -> Value:
    if not keys:
        return value
    if not isinstance(document, dict):
        raise TypeError
    below = with_change(document.get(keys[0], {}), keys[1:], value)
    return {**document, keys[0]: below}


def check_changes(path: str, text: str, changes: dict[KeyPath, Value]) -> None:
    expected = parse(path, text.encode()).value
    assume(not any(a != b and a == b[: len(a)] for a in changes for b in changes))
    try:
        for keys, value in changes.items():
            expected = with_change(expected, keys, value)
    except TypeError:
        assert failure(text, changes, path)[0] == "unknown-param"
    else:
        assert same(parse(path, edited(text, changes, path).encode()).value, expected)


@settings(max_examples=200, deadline=None)
@given(trees, changes_to, st.sampled_from([True, False, None]), st.sampled_from([None, "'", '"']))
def test_a_yaml_file_holds_the_changes_and_no_others(
    tree: Value, changes: dict[KeyPath, Value], flow: bool | None, style: str | None
) -> None:
    text = as_yaml(tree, flow=flow, style=style)
    try:
        parse("p.yaml", text.encode())
    except Problem:
        assume(False)  # PyYAML's emitter writes some texts that no reader takes

    check_changes("p.yaml", text, changes)


@settings(max_examples=100, deadline=None)
@given(trees, changes_to, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_a_json_file_holds_the_changes_and_no_others(
    tree: Value, changes: dict[KeyPath, Value], indent: int | str | None, escaped: bool
) -> None:
    check_changes("p.json", json.dumps(tree, indent=indent, ensure_ascii=escaped), changes)


toml_values = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), texts),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
toml_trees = st.dictionaries(
    names, toml_values | st.dictionaries(names, toml_values, max_size=3), max_size=4
)
toml_changes = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map(tuple), toml_values, min_size=1, max_size=3
)


@settings(max_examples=100, deadline=None)
@given(toml_trees, toml_changes)
def test_a_toml_file_holds_the_changes_and_no_others(
    tree: dict[str, Value], changes: dict[KeyPath, Value]
) -> None:
    check_changes("p.toml", tomlkit.dumps(tree), changes)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, scalars, min_size=1), st.data())
def test_the_other_lines_of_a_yaml_file_stay(tree: Value, data: st.DataObject) -> None:
    lines = [f"{json.dumps(key)}: 0 # {index}\r\n" for index, key in enumerate(tree)]
    chosen = data.draw(st.sampled_from(range(len(lines))))
    key, value = list(tree.items())[chosen]
    text = "# first\r\n\r\n" + "".join(lines)
    start = text.index(lines[chosen])

    result = edited(text, {(key,): value})

    assert result.startswith(text[:start] + json.dumps(key) + ": ")
    assert result.endswith(f" # {chosen}\r\n" + text[start + len(lines[chosen]) :])
    assert same(parse("p.yaml", result.encode()).value[key], value)
