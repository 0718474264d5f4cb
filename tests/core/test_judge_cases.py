"""The published table of cases, held to the judge and to the docs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.core.judge_cases import CASES, PROJECT, Case

if TYPE_CHECKING:
    from tests.core.conftest import Compare, Files

EVERY = [
    pytest.param(case, id=f"{about}: {case.about}") for about in CASES for case in CASES[about]
]
DOCS = Path(__file__).parents[2] / "docs" / "cases.md"


def edited(case: Case) -> Files:
    """The project after a case's edits."""
    new: dict[str, str] = dict(PROJECT)
    for path, old, text in case.edits:
        assert old in new[path], f"{old!r} does not stand in {path}"
        new[path] = new[path].replace(old, text) if old else new[path] + text
    for path, content in case.files.items():
        if content is None:
            del new[path]
        else:
            new[path] = content
    return new


@pytest.mark.parametrize("case", EVERY)
def test_case(compare: Compare, case: Case) -> None:
    judgement = compare(PROJECT, edited(case)).judge()
    assert [change.summary for change in judgement.changes] == case.changes


@pytest.mark.parametrize("case", EVERY)
def test_the_way_back_has_as_many_changes(compare: Compare, case: Case) -> None:
    judgement = compare(edited(case), PROJECT).judge()
    assert len(judgement.changes) == len(case.changes)


def test_there_are_enough_cases() -> None:
    assert len(EVERY) >= 80


def test_the_docs_show_the_same_table() -> None:
    assert DOCS.read_text() == table()


def table() -> str:
    """`docs/cases.md`; written by `python -m tests.core.test_judge_cases`."""
    lines = [
        "# What counts as one change: the cases",
        "",
        "Each line is an edit of one small project, `PROJECT` in `tests/core/judge_cases.py`, with what",
        "`paribus check` finds and why. The tests hold the judge to this table. How it gets there is in",
        "`docs/judging.md`.",
    ]
    for about, cases in CASES.items():
        lines += ["", f"## {about}", "", "| edited | changes | found | why |", "|---|--:|---|---|"]
        lines += [_row(case) for case in cases]
    return "\n".join(lines) + "\n"


def _row(case: Case) -> str:
    found = "; ".join(f"`{each}`" for each in case.changes).replace("|", "\\|")
    return f"| {case.about} | {len(case.changes)} | {found} | {case.why} |"


if __name__ == "__main__":
    DOCS.write_text(table())
