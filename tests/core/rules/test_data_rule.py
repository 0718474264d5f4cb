"""A `.dvc` file is a change where it points to other data that something reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.core.conftest import Compare

PIPELINE = """\
stages:
  train:
    cmd: python train.py --extra data/extra.bin
    deps: [train.py, data/raw, held/x.csv]
    outs: [model.pkl]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, model.pkl, test]
    metrics: [m.json]
"""

FILES = {
    "dvc.yaml": PIPELINE,
    "train.py": "open('lookup.bin')\n",
    "evaluate.py": "import json\n",
    "other/dvc.yaml": "stages: {a: {cmd: x, deps: [../elsewhere.bin]}}\n",
}

PLAIN = "outs:\n- md5: {}\n  size: 10\n  hash: md5\n  path: {}\n"

IMPORT = """\
md5: {top}
frozen: {frozen}
deps:
- path: data
  md5: {dep}
  size: {size}
  repo: {{url: {url}, rev: {rev}, rev_lock: {lock}}}
outs:
- {{md5: {md5}, size: {size}, path: raw, desc: {desc}}}
"""

AS_IS = {
    "top": "a", "frozen": "true", "dep": "d", "size": "1", "url": "u", "rev": "r", "lock": "l", "md5": "m",
    "desc": "x",
}  # fmt: skip

DATABASE = (
    "deps:\n- db: {{query: {}, connection: {}, file_format: csv}}\nouts:\n- {{path: raw, md5: m}}\n"
)


def judged(compare: Compare, path: str, old: str | None, new: str | None) -> list[str]:
    sides = [FILES | ({} if text is None else {path: text}) for text in (old, new)]
    found = compare(*sides).diff()
    changes = [f"{each.kind.value}: {each.summary}" for each in found.changes]
    return changes + [f"not counted: {each.reason}" for each in found.not_counted]


@pytest.mark.parametrize(
    ("path", "out", "expected"),
    [
        ("data/raw.dvc", "raw", "data: data/raw.dvc edited"),
        ("data/raw.csv.dvc", "raw.csv", "not counted: no stage reads it"),
        ("data.dvc", "data", "data: data.dvc edited"),
        ("held.dvc", "held", "data: held.dvc edited"),
        ("data/raw/part.dvc", "part", "data: data/raw/part.dvc edited"),
        ("test.dvc", "test", "ruler: test.dvc edited"),
        ("data/extra.bin.dvc", "extra.bin", "data: data/extra.bin.dvc edited"),
        ("lookup.bin.dvc", "lookup.bin", "data: lookup.bin.dvc edited"),
        ("elsewhere.bin.dvc", "elsewhere.bin", "data: elsewhere.bin.dvc edited"),
        ("old/best.pt.dvc", "best.pt", "not counted: no stage reads it"),
    ],
)
def test_data_counts_where_something_reads_it(
    compare: Compare, path: str, out: str, expected: str
) -> None:
    assert judged(compare, path, PLAIN.format("1", out), PLAIN.format("2", out)) == [expected]


@pytest.mark.parametrize(
    "suffix", ["md5: 1", "etag: a", "checksum: c", "version_id: v", "md5: 1.dir"]
)
def test_every_hash_counts(compare: Compare, suffix: str) -> None:
    old = f"outs:\n- {{path: raw, {suffix}}}\n"
    new = f"outs:\n- {{path: raw, {suffix}2}}\n"
    assert judged(compare, "data/raw.dvc", old, new) == ["data: data/raw.dvc edited"]
    assert judged(compare, "data/raw.dvc", old, "# c\n" + old) == ["not counted: same data"]


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("top", False), ("size", False), ("desc", False), ("frozen", True), ("dep", True),
        ("url", True), ("rev", True), ("lock", True), ("md5", True),
    ],
)  # fmt: skip
def test_what_counts_of_an_import(compare: Compare, key: str, counts: bool) -> None:
    edited = AS_IS | {key: {"frozen": "false", "size": "2"}.get(key, "z")}
    expected = "data: data/raw.dvc edited" if counts else "not counted: same data"
    assert judged(compare, "data/raw.dvc", IMPORT.format(**AS_IS), IMPORT.format(**edited)) == [
        expected
    ]


@pytest.mark.parametrize("edited", [("q2", "c"), ("q", "c2")])
def test_what_counts_of_a_database(compare: Compare, edited: tuple[str, str]) -> None:
    old, new = DATABASE.format("q", "c"), DATABASE.format(*edited)
    assert judged(compare, "data/raw.dvc", old, new) == ["data: data/raw.dvc edited"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]\n",
        "outs: 1\n",
        "outs: [1]\n",
        "outs: [{path: [1]}]\n",
        "wdir: 1\nouts: [{md5: a}]\n",
    ],
)
def test_rubbish_is_a_change(compare: Compare, text: str) -> None:
    assert judged(compare, "data/raw.dvc", PLAIN.format("1", "raw"), text) == [
        "data: data/raw.dvc edited"
    ]


@pytest.mark.parametrize("read", [True, False])
def test_data_that_comes_or_goes(compare: Compare, read: bool) -> None:
    path, out = ("data/raw.dvc", "raw") if read else ("old/best.pt.dvc", "best.pt")
    for old, new, verb in ((None, PLAIN, "added"), (PLAIN, None, "deleted")):
        sides = [None if text is None else text.format("1", out) for text in (old, new)]
        expected = f"data: {path} {verb}" if read else "not counted: no stage reads it"
        assert judged(compare, path, *sides) == [expected]
