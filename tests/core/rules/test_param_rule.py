"""Params by the names that people and protocols have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.rules.params import param_name, params_named
from paribus.core.values import dotted

if TYPE_CHECKING:
    from tests.core.conftest import Compare, Files


@pytest.mark.parametrize(
    ("name", "file", "path"),
    [
        ("lr", "params.yaml", ("lr",)),
        ("train.C", "params.yaml", ("train", "C")),
        ("conf/a.yaml:train.C", "conf/a.yaml", ("train", "C")),
        ("a:b.json:c", "a:b.json", ("c",)),
        ('"a:b".c', "params.yaml", ("a:b", "c")),
        ('x.json:"a:b".c', "x.json", ("a:b", "c")),
        ('train."a.b"', "params.yaml", ("train", "a.b")),
        (":a", "", ("a",)),
        ("conf/a.yaml:", "conf/a.yaml", ("",)),
        ("a..b", "params.yaml", ("a", "", "b")),
        ("", "params.yaml", ("",)),
    ],
)
def test_param_name(name: str, file: str, path: tuple[str, ...]) -> None:
    assert param_name(name) == (file, path)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=3).map(tuple))
def test_a_name_that_was_written_is_read_back(path: tuple[str, ...]) -> None:
    assert param_name(dotted(path)) == ("params.yaml", path)
    assert param_name(f"conf/a.yaml:{dotted(path)}") == ("conf/a.yaml", path)


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("", {("params.yaml", ("seed",)), ("conf/a.yaml", ("b", "seed"))}),
        ("a/b", {("a/b/params.yaml", ("seed",)), ("a/b/conf/a.yaml", ("b", "seed"))}),
    ],
)
def test_names_of_a_protocol_are_relative_to_its_project(
    compare: Compare,
    base: Files,
    project: str,
    expected: set[tuple[str, tuple[str, ...]]],
) -> None:
    files = {f"{project}/{path}" if project else path: text for path, text in base.items()}
    sides = compare(files, files, project).sides
    assert params_named(sides, ["seed", "conf/a.yaml:b.seed"]) == expected
