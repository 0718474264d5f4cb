"""What is no change, and is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.core.judge_cases import PROJECT

if TYPE_CHECKING:
    from tests.core.conftest import Compare

DVC, PARAMS, FEATURIZE = "dvc.yaml", "params.yaml", "src/featurize.py"


@pytest.mark.parametrize(
    ("edits", "warnings"),
    [
        ([(DVC, "deps: [src/featurize.py, data/raw.csv]", "deps: [src/featurize.py]")], [
            ("removed-dependency", DVC,
             "stage featurize no longer depends on data/raw.csv: DVC would not rerun for it"),
        ]),
        ([(DVC, "deps: [src/featurize.py, data/raw.csv]", "deps: [src/, data/]")], []),
        ([(PARAMS, "  gamma: 0.1\n", "  gamma: 0.1\n  gama: 0.2\n")], [
            ("unread-param", PARAMS,
             "no stage and no code reads train.gama in params.yaml: a typing mistake?"),
        ]),
        ([("src/shared.py", "> 0]", "> 1]")], [
            ("undeclared-code", "src/shared.py",
             "featurize, train use src/shared.py undeclared: DVC would not notice the change"),
        ]),
        ([(FEATURIZE, "SCALE = 2.0", "SCALE = 3.0")], []),
    ],
)  # fmt: skip
def test_what_is_said(
    compare: Compare, edits: list[tuple[str, str, str]], warnings: list[tuple[str, str, str]]
) -> None:
    new = dict(PROJECT)
    for path, old, text in edits:
        assert old in new[path]
        new[path] = new[path].replace(old, text)
    found = compare(PROJECT, new).judge().warnings
    assert [(each.code, each.file, each.message) for each in found] == warnings
