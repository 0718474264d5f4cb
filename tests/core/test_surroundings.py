"""How two sessions differ."""

from __future__ import annotations

import json
from typing import Any

from paribus.core.surroundings import Moved, moved

SESSION: dict[str, Any] = {
    "id": "1234",
    "host": "ada",
    "boot": "1",
    "system": "Linux 6.1 x86_64",
    "python": "3.11.4",
    "packages": "p1",
    "accelerators": ["A100, 535.1"],
    "installed": ["numpy==1.26.4", "scipy==1.11.0"],
}


def test_a_new_boot_alone_is_no_difference() -> None:
    assert moved(SESSION, SESSION | {"id": "5678", "boot": "2"}) == ()


def test_each_part_is_named_with_both_values() -> None:
    other = SESSION | {
        "host": "bob",
        "system": "Darwin 23.1 arm64",
        "python": "3.12.0",
        "packages": "p2",
        "accelerators": ["A100, 550.2"],
        "installed": ["numpy==2.0.1", "torch==2.3.0"],
    }
    found = moved(SESSION, other)
    assert found == (
        Moved("machine", "ada", "bob"),
        Moved("system", "Linux 6.1 x86_64", "Darwin 23.1 arm64"),
        Moved("python", "3.11.4", "3.12.0"),
        Moved("accelerators", "A100, 535.1", "A100, 550.2"),
        Moved("numpy", "1.26.4", "2.0.1"),
        Moved("scipy", "1.11.0", None),
        Moved("torch", None, "2.3.0"),
    )
    for each in found or ():
        assert Moved.from_json(json.loads(json.dumps(each.as_json()))) == each


def test_a_session_without_a_list_tells_only_that_packages_differ() -> None:
    old = {name: value for name, value in SESSION.items() if name != "installed"}
    assert moved(old, SESSION) == ()
    assert moved(old, SESSION | {"packages": "p2"}) == (Moved("packages", None, None),)


def test_a_package_that_is_there_twice_is_told_with_both_versions() -> None:
    other = SESSION | {
        "packages": "p2",
        "installed": ["numpy==1.26.4", "numpy==2.0", "scipy==1.11.0"],
    }
    assert moved(SESSION, other) == (Moved("numpy", "1.26.4", "1.26.4 and 2.0"),)


def test_an_unknown_session_is_unknown() -> None:
    assert moved(None, SESSION) is None
