"""Files are read to the values that DVC reads, and no file can hang or crash the process."""

from __future__ import annotations

import json
import math
import warnings
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from paribus.core.errors import Problem
from paribus.core.values import MISSING, Value, same
from paribus.dvc import yaml12
from paribus.dvc.documents import MAX_BYTES, is_document, parse, parse_scalar

PARAMS = b"""\
# The baseline.
lr: 1e-3
model:
  name: yes
  layers: [64, 32]
  opt: {beta: .9, "warm up": null}
seed: 010
"""

TRAPS = [
    "010",
    "0o17",
    "-0o17",
    "0o8",
    "08",
    "0x1F",
    "0b11",
    "1_000",
    "1_",
    "_1",
    "0_",
    "+1",
    "-0",
    "-010",
    "+_",
    "0o_",
    "0x_",
    "0b_",
    "0x",
    "0o",
    "-",
    "+",
    ".",
    "._",
    "__",
    "1e-3",
    "1e3",
    "1e+3",
    "1.e3",
    ".5e3",
    ".5e+3",
    ".1",
    "-.1",
    "1.",
    "1_.5",
    "0.1_",
    "1e400",
    "1e5_0",
    "1e",
    "-0.0",
    "1E5",
    "12e03",
    "+.5",
    "1.5.2",
    ".nan",
    ".NaN",
    ".NAN",
    "-.nan",
    "nan",
    ".inf",
    "-.inf",
    "+.Inf",
    ".INF",
    "inf",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "Yes",
    "true",
    "True",
    "TRUE",
    "tRUE",
    "false",
    "null",
    "Null",
    "NULL",
    "~",
    "nUll",
    "None",
    "=",
    "<<",
    "12:30:00",
    "190:20:30.15",
    "1:1",
    "2020-01-01",
    "2020-1-1",
    "2020-13-40",
    "2020-01-01T10:00:00Z",
    "2020-01-01t1:00:00.9999999+05:30",
    "2020-01-01T10:00:00-5",
    "0001-01-01",
    "abc",
    "a:b",
    "a#b",
    "http://x",
    "!!str",
    "!!int!!float",
    "!!bool",
    "1.0.0",
    "1e1.5",
    "v1.0",
    "١",
    "é",
    "😀",
]

# Each character plays a part in numbers, dates, quotes or structure; a tab is left out, which
# libyaml takes after a colon and ruamel.yaml does not.
scalar_texts = st.one_of(
    st.sampled_from(TRAPS),
    st.text(alphabet="0123456789+-._eEoxbaAfF:TZ", max_size=12),
    st.text(alphabet="01.-_e:tTrueyYnNoOfalsN~<=/ ,#'\"[]{}!é", max_size=12),
    st.from_regex(r"[-+]?[0-9_]{1,4}\.?[0-9_]{0,3}([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4}-[01]?[0-9]-[0-3]?[0-9]([Tt ][0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]"
        r"(\.[0-9]{0,8})?( ?(Z|[-+][01]?[0-9](:[0-5][0-9])?))?)?",
        fullmatch=True,
    ).filter(str.isascii),
)


def as_dvc_reads(text: str) -> Value:
    """What ruamel.yaml reads; MISSING where it reads nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return YAML(typ="safe").load(text)
    except Exception:  # it raises nearly anything on a bad scalar
        return MISSING


def as_we_read(text: str) -> Value:
    try:
        return parse("params.yaml", text.encode()).value
    except Problem:
        return MISSING


def message(path: str, data: bytes) -> str:
    with pytest.raises(Problem) as caught:
        parse(path, data)
    assert caught.value.code == "unreadable-file"
    assert caught.value.status == 2
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without the C parser, which some builds of PyYAML lack."""
    if request.param == "python":
        monkeypatch.setattr(yaml12, "LOADER", yaml.SafeLoader)


# What files hold


def test_a_params_file_is_read_with_the_line_of_each_key(parser: None) -> None:
    document = parse("params.yaml", PARAMS)

    assert document.value == {
        "lr": 0.001,
        "model": {
            "name": "yes",
            "layers": [64, 32],
            "opt": {"beta": 0.9, "warm up": None},
        },
        "seed": 10,
    }
    assert document.lines == {
        ("lr",): 2,
        ("model",): 3,
        ("model", "name"): 4,
        ("model", "layers"): 5,
        ("model", "opt"): 6,
        ("model", "opt", "beta"): 6,
        ("model", "opt", "warm up"): 6,
        ("seed",): 7,
    }


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("params.yaml", "", {}),
        ("params.yaml", "# nothing\n", {}),
        ("params.yaml", "null\n", {}),
        ("params.yaml", "\ufeffa: 1\n", {"a": 1}),
        ("params.yaml", "a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("params.yaml", "[]\n", []),
        ("dvc.lock", "schema: '2.0'\n", {"schema": "2.0"}),
        ("data.csv.dvc", "outs:\n- path: data.csv\n", {"outs": [{"path": "data.csv"}]}),
        ("P.YML", "1: a\nnull: b\n1.5: c\n", {1: "a", None: "b", 1.5: "c"}),
        ("params.yaml", "%YAML 1.2\n---\na: yes\n", {"a": "yes"}),
        ("params.yaml", "a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("params.yaml", "a: !!float 1\nb: !!str 1\n", {"a": 1.0, "b": "1"}),
        ("m.json", '{"a": {"b": [1, 1.0, true, null]}}', {"a": {"b": [1, 1.0, True, None]}}),
        ("m.json", "null", {}),
        ("p.toml", 'a = 1\n[b]\nc = "x"\n', {"a": 1, "b": {"c": "x"}}),
        ("p.toml", "", {}),
        ("p.toml", "d = 2020-01-01\r\n", {"d": date(2020, 1, 1)}),
    ],
)
def test_each_kind_of_file_is_read(path: str, text: str, value: Value) -> None:
    assert same(parse(path, text.encode()).value, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {k: 1, l: 1}\nb: {<<: *x, l: 2}\n", {"k": 1, "l": 2}),
        ("a: &x {k: 1, l: 1}\nb: {l: 2, <<: *x}\n", {"k": 1, "l": 2}),
        ("b: {<<: [{k: 1}, {k: 2, l: 3}]}\n", {"k": 1, "l": 3}),
        ("a: &x {<<: {k: 1}}\nb: {<<: *x}\n", {"k": 1}),
        ("b: {'<<': {k: 1}}\n", {"<<": {"k": 1}}),
        ("b: {<<: []}\n", {}),
    ],
)
def test_merged_keys_are_read_as_dvc_reads_them(text: str, value: Value) -> None:
    document = parse("params.yaml", text.encode())

    assert same(document.value["b"], value)
    assert same(document.value, as_dvc_reads(text))
    assert {path[1] for path in document.lines if path[0] == "b" and len(path) == 2} == set(value)


def test_a_merged_key_stands_at_the_line_where_it_is_written() -> None:
    document = parse("params.yaml", b"a: &x\n  k: 1\nb:\n  <<: *x\n  l: 2\nc: *x\n")

    assert document.lines == {
        ("a",): 1,
        ("a", "k"): 2,
        ("b",): 3,
        ("b", "k"): 2,
        ("b", "l"): 5,
        ("c",): 6,
        ("c", "k"): 2,
    }


def test_json_has_lines_and_keeps_nan() -> None:
    document = parse("m.json", b'{\n  "acc": NaN,\n  "test": {\n\t"f1": Infinity}\n}\n')

    assert same(document.value, {"acc": math.nan, "test": {"f1": math.inf}})
    assert document.lines == {("acc",): 2, ("test",): 3, ("test", "f1"): 4}


def test_json_that_is_no_yaml_is_read_without_lines() -> None:
    document = parse("m.json", b'{"a": "\\ud83d\\ude00"}')

    assert (document.value, document.lines) == ({"a": "\U0001f600"}, {})


def test_only_known_suffixes_are_documents() -> None:
    paths = ["params.yaml", "a/dvc.lock", "x.dvc", "M.JSON", "p.toml", "train.py", "yaml", ".dvc"]

    assert [path for path in paths if is_document(path)] == paths[:5]


# What DVC reads


@settings(max_examples=800, deadline=None)
@given(scalar_texts)
@example("!!bool yes")
@example("!!binary aGVsbG8=")
@example("a: b")
@example("[a, b")
def test_a_scalar_is_read_as_dvc_reads_it(text: str) -> None:
    document = f"key: {text}\n"
    theirs = as_dvc_reads(document)
    ours = as_we_read(document)

    if theirs is MISSING:
        # There DVC stops; `=` and `<<` are text here, and nothing else may be made up.
        assert ours is MISSING or text.strip("'\" ").partition(" #")[0].strip("=<' ") in ("", text)
    elif ours is not MISSING:
        assert same(ours, theirs)
    else:
        assert any(mark in text for mark in "!{?[:")  # what only ruamel.yaml takes for YAML


@pytest.mark.parametrize("text", TRAPS)
def test_the_traps_are_read_as_dvc_reads_them(parser: None, text: str) -> None:
    theirs = as_dvc_reads(f"key: {text}\n")
    ours = as_we_read(f"key: {text}\n")

    assert same(ours, {"key": text} if text in ("=", "<<") else theirs)


plain_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(exclude_categories=["C"], exclude_characters="\u2028\u2029")),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.1 ~"), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text("abc.1 ~", max_size=4), plain_values, max_size=4))
def test_json_is_read_back_and_has_the_line_of_each_key(value: Value) -> None:
    document = parse("m.json", json.dumps(value, indent=1, ensure_ascii=False).encode())

    assert same(document.value, value)
    assert {path[0] for path in document.lines} == set(value)


# What is refused


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("p.yaml", "a: 1\nb: [\n", "p.yaml:3: did not find expected node content"),
        ("p.yaml", "a: 1\nb: 2\na: 3\n", "p.yaml:3: the key a is given twice"),
        ("p.yaml", "a: 1\nb: {c: 1, c: 2}\n", "p.yaml:2: the key c is given twice"),
        ("p.yaml", "1: a\n'1': b\n", "p.yaml:2: the key 1 is given twice"),
        ("p.yaml", "? |\n  a\n  b\n: 1\n? |\n  a\n  b\n: 1\n", "p.yaml:5: the key 'a\\nb\\n' is given twice"),
        ("p.yaml", "{<<: {}, <<: {}}\n", "p.yaml:1: the key << is given twice"),
        ("p.yaml", "a:\n  <<: 1\n", "p.yaml:2: << takes a mapping or a list of mappings"),
        ("p.yaml", "a: 1\n---\nb: 1\n", "p.yaml:2: a second document starts here"),
        ("p.yaml", "[a]: 1\n", "p.yaml:1: a key is a list or a mapping"),
        ("p.yaml", "a: *b\n", "p.yaml:1: the alias *b names nothing above it"),
        ("p.yaml", "a: &b\n  c: *b\n", "p.yaml:2: the alias *b stands inside what it names"),
        ("p.yaml", "&b [*b]\n", "p.yaml:1: the alias *b stands inside what it names"),
        ("p.yaml", "a: !!python/object:os.system x\n", "p.yaml:1: the tag !!python/object:os.system has no meaning here"),
        ("p.yaml", "a: !!python/object/apply:os.system [x]\n", "p.yaml:1: the tag !!python/object/apply:os.system has no meaning here"),
        ("p.yaml", "a: !!set {b}\n", "p.yaml:1: the tag !!set has no meaning here"),
        ("p.yaml", "a: !x 1\n", "p.yaml:1: the tag !x has no meaning here"),
        ("p.yaml", "a: ! 1\n", "p.yaml:1: the tag ! has no meaning here"),
        ("p.yaml", "a: !<int> 1\n", "p.yaml:1: the tag int has no meaning here"),
        ("p.yaml", "a: 2020-13-40\n", "p.yaml:1: 2020-13-40 cannot be read as timestamp"),
        ("p.yaml", "a: !!int ''\n", "p.yaml:1: '' cannot be read as int"),
        ("p.yaml", "a: " + "9" * 5000 + "\n", "p.yaml:1: " + "9" * 57 + "... cannot be read as int"),
        ("p.yaml", "a: 0x" + "f" * 5000 + "\n", "p.yaml:1: 0x" + "f" * 55 + "... cannot be read as int"),
        ("p.yaml", "%YAML 1.1\n---\na: yes\n", "p.yaml:1: a %YAML directive asks for another version"),
        ("p.yaml", "é: 1\nb: '\x07'\n", "p.yaml:2: control characters are not allowed"),
        ("p.yaml", "[" * 100_000, "p.yaml:1: nested more than 100 levels deep"),
        ("p.yaml", "- " * 100_000, "p.yaml:1: nested more than 100 levels deep"),
        ("p.yaml", "{a: " * 101 + "1" + "}" * 101, "p.yaml:1: nested more than 100 levels deep"),
        ("m.json", '{\n"a": 1,\n"a": 2}', "m.json:3: the key a is given twice"),
        ("m.json", '{"\\ud83d\\ude00": 1, "\\ud83d\\ude00": 2}', "m.json: the key '\\U0001f600' is given twice"),
        ("m.json", '{\n"a": }', "m.json:2: Expecting value"),
        ("m.json", "", "m.json:1: Expecting value"),
        ("m.json", "[" * 100_000, "m.json: nested more than 100 levels deep"),
        ("m.json", "[" * 101 + "]" * 101, "m.json: nested more than 100 levels deep"),
        ("m.json", "9" * 5000, "m.json: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits"),
        ("m.json", '{"a": "\\ud83d"}', "m.json: an escape stands for half a character"),
        ("p.toml", "a = 1\nb = \n", "p.toml:2: Invalid value"),
        ("p.toml", "a = 1\na = 2\n", "p.toml:2: Cannot overwrite a value"),
        ("p.toml", "a = " + "[" * 100_000, "p.toml: nested more than 100 levels deep"),
        ("p.toml", "a = " + "9" * 5000, "p.toml: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits"),
        ("x.py", "a = 1\n", "x.py: its suffix is none of .yaml .yml .dvc .lock .json .toml"),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(path: str, text: str, expected: str) -> None:
    assert message(path, text.encode()) == expected


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    assert message("p.yaml", b"a: 1\nb: \xff\n") == "p.yaml:2: not UTF-8 text"


def test_a_file_larger_than_the_bound_is_refused() -> None:
    assert message("p.yaml", b"#" * (MAX_BYTES + 1)) == "p.yaml: larger than 32 MiB"


def bomb(levels: int) -> str:
    lines = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(["k0: &k0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", *lines])


def test_aliases_that_expand_beyond_the_bound_are_refused(parser: None) -> None:
    assert len(parse("p.yaml", bomb(4).encode()).value) == 4
    assert message("p.yaml", bomb(40).encode()) == (
        "p.yaml:6: more than 1,000,000 values once its aliases are expanded"
    )


def test_merged_mappings_that_grow_beyond_the_bound_are_refused() -> None:
    keys = ", ".join(f"k{n}: 1" for n in range(1000))
    text = f"a: &a {{{keys}}}\nb:\n" + "".join(
        "- {<<: [" + "*a, " * 100 + "]}\n" for _ in range(20)
    )

    assert message("p.yaml", text.encode()) == (
        "p.yaml:12: more than 1,000,000 values once its aliases are expanded"
    )


def test_a_chain_of_aliases_is_as_deep_as_what_it_expands_to(parser: None) -> None:
    chain = "k0: &k0 [1]\n" + "".join(f"k{n}: &k{n} [*k{n - 1}]\n" for n in range(1, 2000))

    assert message("p.yaml", chain.encode()) == "p.yaml:99: nested more than 100 levels deep"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["p.yaml", "p.json", "p.toml"]), st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(path: str, data: bytes) -> None:
    try:
        parse(path, data)
    except Problem as problem:
        assert problem.code == "unreadable-file"


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["p.yaml", "p.json", "p.toml"]), st.text("ab1:-[]{},&*<!|>'\"\\u=?#% \n"))
def test_any_text_is_read_or_refused(path: str, text: str) -> None:
    try:
        parse(path, text.encode())
    except Problem as problem:
        assert problem.code == "unreadable-file"


# Values from the command line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3", 0.3),
        ("1e-3", 0.001),
        ("3", 3),
        ("010", 10),
        ("true", True),
        ("yes", "yes"),
        ("null", None),
        ("~", None),
        ("", ""),
        ("  ", ""),
        (" abc ", "abc"),
        ("abc", "abc"),
        ('"1e-3"', "1e-3"),
        ("' it''s '", " it's "),
        ("[1, 2]", [1, 2]),
        ("[1, [x, 2.0]] # two", [1, ["x", 2.0]]),
        ("{a: 1, b: {c: true}}", {"a": 1, "b": {"c": True}}),
        (".nan", math.nan),
        ("nan", "nan"),
        ("-.inf", -math.inf),
        ("12:30:00", "12:30:00"),
        ("2020-01-01", date(2020, 1, 1)),
        ("2020-01-01T10:00:00Z", datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ("a: b", "a: b"),
        ("a #1", "a #1"),
        ("# a", "# a"),
        ("*.csv", "*.csv"),
        ("- a", "- a"),
        ("@x", "@x"),
        ("<<", "<<"),
        ("=", "="),
        ("!!python/object:os.system x", "!!python/object:os.system x"),
        ("a\nb", "a\nb"),
    ],
)
def test_a_value_typed_on_the_command_line(text: str, value: Value) -> None:
    assert same(parse_scalar(text), value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2", "the value '[1, 2' cannot be read: did not find expected ',' or ']'"),
        ("'a' b", "the value \"'a' b\" cannot be read: did not find expected <document start>"),
        ('"a": b', "the value '\"a\": b' cannot be read: not one list, mapping or quoted text"),
        ("[*a]", "the value '[*a]' cannot be read: the alias *a names nothing above it"),
        ("+_", "the value '+_' cannot be read: not a YAML scalar"),
        ("9" * 5000, f"the value '{'9' * 57}...' cannot be read: not a YAML scalar"),
        ("\udcff", "the value '\\udcff' cannot be read: not a YAML scalar"),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_a_value_that_is_half_typed_is_refused(text: str, expected: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_scalar(text)

    assert (caught.value.code, caught.value.message) == ("unreadable-value", expected)


@settings(max_examples=300, deadline=None)
@given(scalar_texts)
def test_a_typed_value_means_what_it_means_in_a_file(text: str) -> None:
    in_file: Any = as_we_read(f"key: {text}\n")
    try:
        typed = parse_scalar(text)
    except Problem:
        typed = MISSING
    whole = in_file is not MISSING and text.strip() and not set(text) & set("#!&*|>")

    assert not whole or same(in_file, {"key": typed})
