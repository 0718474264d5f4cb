"""Which keys of a params file a stage reads, asked of DVC itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from dvc.dependency.param import read_param_file
from dvc.fs import LocalFileSystem

from paribus.core.pipeline import ParamUse
from paribus.core.rules.leaves import differing
from paribus.dvc.documents import parse


def as_dvc_reads(folder: Path, text: str, keys: list[str]) -> object:
    path = folder / "params.yaml"
    path.write_text(text)
    return read_param_file(LocalFileSystem(), str(path), keys or None, flatten=bool(keys))


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ("a: {b: 1}\n", "a.b: 1\n", ["a.b"]),
        ("a: {b: 1}\n", "a: {b: 2}\n", ["a.b"]),
        ("a: {b: 1}\n", "a: {b: 2}\n", ["a"]),
        ("a: {b: 1}\n", "a: {b: 2}\n", []),
        ("a: {b: 1, c: 1}\n", "a: {b: 1, c: 2}\n", ["a.b"]),
        ("a: 1\nab: 1\n", "a: 1\nab: 2\n", ["a"]),
        ("a: [1, 2]\n", "a: [1, 3]\n", ["a.1"]),
        ("a: [1, 2]\n", "a: [1, 3]\n", ["a"]),
        ("a: [{b: 1}]\n", "a: [{b: 2}]\n", ["a.0.b"]),
        ("a: {1: x}\n", "a: {1: y}\n", ["a"]),
    ],
)
def test_a_key_that_dvc_reads_anew_is_one_that_a_stage_reads(
    tmp_path: Path, old: str, new: str, keys: list[str]
) -> None:
    theirs = as_dvc_reads(tmp_path, old, keys) != as_dvc_reads(tmp_path, new, keys)
    found = differing(*(parse("params.yaml", text.encode()).value for text in (old, new)))
    use = ParamUse("params.yaml", tuple(keys) or None)

    assert len(found) == 1
    assert use.reads("params.yaml", found[0].path) is theirs


def test_dvc_does_not_find_a_dotted_key(tmp_path: Path) -> None:
    assert as_dvc_reads(tmp_path, "a: {b: 1}\n", ["a.b"]) == {"a.b": 1}
    assert as_dvc_reads(tmp_path, "a.b: 1\n", ["a.b"]) == {}
