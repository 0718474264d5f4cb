"""The comment of a review shows what a repository says, and nothing of that acts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from tests.reports.test_ci_reports import CORPUS, OID, change, controls, report

from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.plan import Guard, Plan
from paribus.core.promotion import ConfirmationEnd
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.tolerance import Tolerance, gated
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.reports.reviewing.body import body
from paribus.reports.reviewing.model import Committed, Elsewhere, Evidence, Judged, Review, Turned
from paribus.reports.reviewing.text import as_text
from paribus.reports.run import RunReport
from paribus.reports.standing import Place

FOLD = re.compile(r"(</?details>|<summary>[^<>]*</summary>|<!-- paribus:review:\S+ -->|\s)*")
INLINE = {"text", "code_inline", "strong_open", "strong_close", "em_open", "em_close", "softbreak"}


def evidence(text: str, status: Status = Status.SUCCEEDED) -> Evidence:
    """An experiment that is called by a text wherever one can be."""
    guard = GuardFinding(text, False, Hold.OPEN, 0.1, -0.1, 0.3, 3, 0.0, f"guard {text} open")
    verdict = Verdict(
        Outcome.IMPROVED, text, 0.1, 0.05, 0.15, 3, (text, text), baseline_mean=0.5,
        candidate_mean=0.6, attempted=3, guards=(guard,), cap=20,
    )  # fmt: skip
    intent = Intent("1" * 10, 0, {text: 1}, Purpose.MEASURE, "s", "h", text, "2026-01-01", "e")
    run = Run(intent, status, {text: 0.5}, 3.0, stage=text, exit_code=1, cause=text, log_tail=text)
    registration = Registration(
        "0123abcd", "", {"commit": OID, "name": text, "key": "k"}, (change(text).as_json(),), text,
        Plan(text, True, 0.005, guards=(Guard(text, False),)), False, OID, None, text, text, "2026",
        earlier=({"experiment": text, "outcome": None, "differs": [text]},),
    )  # fmt: skip
    told = RunReport(
        registration, "0123", (run,), (run,), (verdict,), verdict, (0, 3), None, place=Place()
    )
    return Evidence(told, ((run, run),), None, 1, Turned(1, 2, 3, 1, False), {text: 2})


def reviews(text: str) -> list[Review]:
    """Reviews with a text in every place."""
    check = report(change(text), baseline_name=text, metric=text)
    gate = tuple(gated(Tolerance(text + end, True), 1.0, 0.5, 0.1) for end in ("", "1", "2", "3"))
    numbers = Committed({text: 1.0, "b": text}, {text: 2, "b": None}, None)
    plain = Judged(check, evidence(text), (), numbers, (), None)
    end = ConfirmationEnd(
        "e", 1, "", False, 20, 20, 0.1, -0.1, 0.3, 0.5, 0.6, 0.5, 0.01, (text,),
        (GuardFinding(text, True, Hold.BROKEN, 0.1, 0.0, 0.2, 20, 0.0, text),), None, (), "2026",
    )  # fmt: skip
    own = evidence(text)
    refuted = replace(own, report=replace(own.report, place=Place(end=end)))
    found: list[Judged | Problem | str] = [
        plain,
        replace(plain, stale=text),
        replace(plain, evidence=evidence(text, Status.FAILED)),
        replace(plain, evidence=refuted),
        replace(plain, gate=gate),
        replace(plain, gate=gate, evidence=None, elsewhere=(Elsewhere("ab", text, text),)),
        replace(plain, evidence=None, gate=(), committed=replace(numbers, why_not=text)),
        replace(plain, check=report(change(text), change(text), allowed_because=text)),
        replace(plain, check=report(change(text), change(text)), evidence=None),
        Problem("edited-metric", text, text, f"do   {text}"),
        text,
    ]
    return [Review(text, OID, one) for one in found]


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: repr(text[:30]))
def test_nothing_of_a_repository_acts(text: str) -> None:
    """Rendered with HTML and links allowed, there are our folds, and no link, picture or tag of theirs."""
    for review in reviews(text):
        told = body(review)
        assert len(told.encode("utf-16-le", "surrogatepass")) // 2 < 65_536
        assert not controls(told.replace("\u200b", ""))
        assert re.fullmatch(r"<!-- paribus:review:[\w%/.]+ -->", told.splitlines()[-1])
        tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(told)
        inner = [token for block in tokens for token in block.children or []]
        assert {token.type for token in inner} <= INLINE | {"html_inline"}
        tags = {token.content for token in inner if token.type == "html_inline"}
        assert {tag for tag in tags if not tag.startswith("<!-- ")} <= {"<sub>", "</sub>"}
        for block in tokens:
            if block.type == "html_block":
                assert FOLD.fullmatch(block.content), block.content
        plain = "".join(token.content for token in inner if token.type == "text")
        folds = "".join(block.content for block in tokens if block.type == "html_block")
        plain += re.sub(r"<!--.*-->", "", folds)
        assert not re.search(r"@(?!\u200b)|#(?!\u200b)|://|www\.|GH-\d", plain), plain
        assert not controls(as_text(review).replace("\n", ""))


def test_records_that_cannot_be_read_are_said_where_a_verdict_is_missing() -> None:
    own = evidence("accuracy")
    silent = replace(own, report=replace(own.report, verdict=None), unreadable=("a", "b"))
    judged = Judged(report(change("x")), silent, (), None, (), None)
    assert body(Review("", OID, judged)).splitlines()[0] == (
        "❔ **Not measured**: registered, and no verdict yet; 2 records of it cannot be read here. "
        "One change: `x`."
    )
