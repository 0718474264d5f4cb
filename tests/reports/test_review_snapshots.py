"""Whole reviews, one for each face of each finding; `python -m tests.reports.review_cases` writes the files anew."""

from __future__ import annotations

import json

import pytest
from tests.reports.review_cases import CASES, FOLDER, review_of, texts

from paribus.core.review import Finding
from paribus.reports.reviewing.body import body
from paribus.reports.reviewing.content import as_json
from paribus.reports.reviewing.model import Judged


@pytest.mark.parametrize("name", CASES)
def test_what_a_reviewer_reads(name: str) -> None:
    finding, code, _ = CASES[name]
    review = review_of(name)
    assert (review.finding.value, int(review.status)) == (finding, code)
    for file, told in texts(name).items():
        assert (FOLDER / file).read_text(encoding="utf-8") == told, file


@pytest.mark.parametrize("name", CASES)
def test_a_comment_is_short_before_its_first_fold_and_ends_with_its_data(name: str) -> None:
    review = review_of(name)
    lines = body(review).splitlines()
    folds = [at for at, line in enumerate(lines) if line.startswith("<details>")]
    assert (folds or [len(lines)])[0] <= 12
    assert all(lines[at - 1 : at + 1] != ["", ""] for at in range(1, len(lines)))
    data = [lines[at + 1] for at, line in enumerate(lines) if line == "```json"]
    assert len(data) == isinstance(review.found, Judged)
    assert [json.loads(each) for each in data] == [json.loads(as_json(review)) for _ in data]


def test_every_finding_has_a_case_and_every_file_too() -> None:
    assert {finding for finding, _, _ in CASES.values()} == {each.value for each in Finding}
    made = {file for name in CASES for file in texts(name)}
    assert {path.name for path in FOLDER.iterdir()} == made
