"""Patterns are read as in `.gitignore`, and paths are made plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.paths import joined, matches, within

names = st.text(st.sampled_from("ab.*?[]\\+ \n"), min_size=1, max_size=4).filter(
    lambda name: name not in {".", ".."}
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*.md", ["a.md", "x/y/a.md", ".md", "notes.md/a.png"], ["a.mdx", "md", "a.md5/x"]),
        ("LICENSE*", ["LICENSE", "x/LICENSE.txt"], ["MYLICENSE", "license"]),
        ("conftest.py", ["conftest.py", "a/b/conftest.py"], ["conftest.pyc", "xconftest.py"]),
        ("notebooks", ["notebooks", "notebooks/a.ipynb", "x/notebooks/y/z"], ["notebooks2/a"]),
        ("docs/", ["docs/a", "docs/a/b"], ["docs", "x/docs/a", "docs2/a"]),
        ("docs/**", ["docs/a", "docs/a/b"], ["docs", "x/docs/a"]),
        ("/docs", ["docs", "docs/a"], ["x/docs"]),
        ("src/*.csv", ["src/a.csv"], ["src/x/a.csv", "a.csv", "x/src/a.csv"]),
        ("src/a", ["src/a", "src/a/b"], ["src/ab", "x/src/a"]),
        ("**/cache/*", ["cache/a", "x/cache/a", "x/y/cache/a"], ["cache", "mycache/a"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "ab"]),
        ("data_?.csv", ["data_1.csv"], ["data_12.csv", "data_.csv", "data_/.csv"]),
        ("a+b(c).py", ["a+b(c).py"], ["aab(c).py", "a+bc.py"]),
        ("*", ["a", "a/b", ".hidden"], []),
    ],
)
def test_matches(pattern: str, inside: list[str], outside: list[str]) -> None:
    assert [path for path in inside if not matches(path, [pattern])] == []
    assert [path for path in outside if matches(path, [pattern])] == []


def test_one_of_several_patterns_is_enough() -> None:
    assert matches("b.txt", ["*.md", "*.txt"])
    assert not matches("b.txt", ["*.md", "docs/"])
    assert not matches("b.txt", [])


@given(paths)
def test_a_pattern_without_wildcards_matches_itself_and_what_is_below(path: str) -> None:
    if any(letter in path for letter in "*?"):
        return
    assert matches(path, [path])
    assert matches(f"{path}/below", [path])
    assert not matches(f"{path}x", [path])


@given(paths, paths)
def test_a_folder_is_matched_by_its_pattern_exactly_as_it_holds_a_path(
    path: str, folder: str
) -> None:
    if any(letter in folder for letter in "*?"):
        return
    assert matches(path, [f"/{folder}"]) is within(path, folder)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["a", "b"], "a/b"),
        (["", "a"], "a"),
        (["."], ""),
        ([""], ""),
        (["a", "."], "a"),
        (["a", ".."], ""),
        (["a/b", "../c"], "a/c"),
        (["a", "../../x"], "../x"),
        (["a/", "./b/"], "a/b"),
        (["a", "/data/x"], "/data/x"),
    ],
)
def test_joined(parts: list[str], expected: str) -> None:
    assert joined(*parts) == expected


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("a/b", "a", True),
        ("a", "a", True),
        ("a/b", "", True),
        ("ab", "a", False),
        ("a", "a/b", False),
        ("x/a", "a", False),
    ],
)
def test_within(path: str, folder: str, expected: bool) -> None:
    assert within(path, folder) is expected
