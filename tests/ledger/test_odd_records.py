"""Whatever stands in a field of a record that somebody else wrote, what lists and shows it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import Plan
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, Promotion
from paribus.core.record import Record, decoded
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.ledger.branch import Found
from paribus.ledger.index.rows import entry_of, row_of
from paribus.ledger.page import page_of
from paribus.ledger.promotions import gathered
from paribus.reports.notebook.content import PairPoint
from paribus.reports.run import RunReport, as_json, as_text, in_full
from paribus.reports.standing import Place

ODD: list[Any] = [None, "x", -1, 0.5, True, [], {}, [1], [[{}, []]], {"x": []}, 10**400]

GUARD = GuardFinding("loss", False, Hold.HOLDS, 0.1, 0.0, 0.2, 3, 0.5, "guard loss holds")
VERDICT = Verdict(
    Outcome.IMPROVED, "accuracy", 0.1, 0.05, 0.15, 3, ("it is",), None, 0.5, 0.6, 3, 3, 0, 0,
    guards=(GUARD,), cap=20, examples=10, population=(0.0, 0.2),
)  # fmt: skip
BASELINE = {"commit": "1" * 40, "name": "main", "key": "2" * 20}
CHANGE = {"kind": "param", "file": "p.yaml", "path": "lr", "summary": "lr 1 -> 2", "parts": []}
INTENT = Intent("3" * 10, 0, {"seed": 1}, Purpose.MEASURE, "s", "h", "host", "2026-01-01", "e")
WHOLE: dict[str, Mapping[str, Any]] = {
    "registration": Registration(
        "e", "", BASELINE, (CHANGE,), "it helps", Plan("accuracy", True, 0.005), False, "4" * 40,
        None, None, "Ada", "2026-01-01",
    ).as_json(),
    "intent": INTENT.as_json(),
    "run": Run(replace(INTENT, id="5" * 10), Status.SUCCEEDED, {"accuracy": 0.5}, 1.0).as_json(),
    "verdict": Conclusion(VERDICT, (VERDICT,), (("a", "b"),), (0, 3), "2026").as_json(),
    "confirmation-start": ConfirmationStart(
        "e", 1, "", 1, 0.01, 20, "key", None, "2026", "Ada"
    ).as_json(),
    "confirmation-end": ConfirmationEnd(
        "e", 1, "", True, 20, 20, 0.1, 0.05, 0.15, 0.5, 0.6, 0.01, 0.011, ("it is",), (GUARD,),
        None, (("a", "b"),), "2026", ("so",),
    ).as_json(),
    "promotion": Promotion(
        1, "6" * 40, "7" * 20, "", "e", "lr 1 -> 2", BASELINE, 1, None, "accuracy", 0.1, 0.05, 0.15,
        "2026", "Ada",
    ).as_json(),
}  # fmt: skip
PAIRS = tuple(PairPoint(pair, {"seed": pair}, 0.5, 0.5 + pair / 10, "a", "b") for pair in (1, 2, 3))


def altered(value: Any) -> Iterator[Any]:
    """The value with one of its parts replaced, or left out, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield {name: value[name] for name in value if name != key}
            for other in (*ODD, *altered(inner)):
                yield {**value, key: other}
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            for other in (*ODD, *altered(inner)):
                yield [*value[:place], other, *value[place + 1 :]]


def told(kind: str, body: Mapping[str, Any]) -> None:
    """All that reads and shows records, of a ledger with this one in the place of a whole one."""
    records = {**WHOLE, kind: body}
    found = [Found(name, Record(name, records[name])) for name in records]
    page = page_of(
        "e", [each for each in found if each.path in ("registration", "intent", "run", "verdict")]
    )
    promotions = gathered([each for each in found if each.path[0] in "cp"])
    row, text = row_of(page)
    entry = entry_of((*row, text))
    assert entry.unreadable == tuple(page.unreadable)
    attempt, promotion = promotions.latest("e"), promotions.promoted("e")
    promotions.baseline_runs("e")
    if page.registration is None:
        return
    conclusion = page.conclusions[-1] if page.conclusions else None
    report = RunReport(
        page.registration, "e", (), tuple(page.runs), conclusion.trail if conclusion else (),
        conclusion.verdict if conclusion else None, conclusion.null_control if conclusion else (0, 0),
        None, place=Place(promoted=promotion.tag if promotion else None,
                          provisional=promotion.provisional if promotion else None,
                          end=attempt.end if attempt else None),
        pairs=PAIRS, fresh=PAIRS,
    )  # fmt: skip
    assert as_text(report)
    assert in_full(report)
    assert json.loads(as_json(report))


@pytest.mark.parametrize("kind", WHOLE)
def test_one_odd_field_stops_nothing(kind: str) -> None:
    told(kind, WHOLE[kind])
    for body in altered(json.loads(json.dumps(WHOLE[kind]))):
        try:
            told(kind, body)
        except Exception as error:
            raise AssertionError(body) from error


def test_what_cannot_be_decoded_is_no_record() -> None:
    assert decoded(b'{"schema": 1, "kind": "run", "x": "\xff"}') is None
    assert decoded(b"[" * 100_000) is None


def test_what_stands_in_commands_to_type_is_an_id_and_nothing_else() -> None:
    body = {**WHOLE["run"], "commit": ";reboot"}
    assert page_of("e", [Found("its path", Record("run", body))]).unreadable == ["its path"]
    body = {**WHOLE["run"], "commit": "8" * 40}
    assert [run.commit for run in page_of("e", [Found("p", Record("run", body))]).runs] == [
        "8" * 40
    ]
