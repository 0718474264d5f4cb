"""The report of `paribus compare`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paribus.core.change import plain
from paribus.core.metrics import is_number, looked_up
from paribus.core.timing import is_timing
from paribus.core.values import MISSING, Value, same, spelled
from paribus.core.verdict import Outcome, Verdict
from paribus.reports.markdown import escaped
from paribus.reports.tables import markdown_table, plain_table
from paribus.reports.text import clean, shortened, strict_json
from paribus.reports.verdict import WORDS, difference_and_interval

WIDEST_CELL = 32
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Compared:
    """One revision's numbers.

    Attributes:
        revision: full SHA; None for the working tree.
        name: as it was asked for.
        metrics, params: values by name.
        missing: metrics files that Git does not have of it.
        verdict: what the ledger says of it.
    """

    revision: str | None
    name: str
    metrics: Mapping[str, Value]
    params: Mapping[str, Value]
    missing: tuple[str, ...]
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Revisions beside their baseline."""

    baseline: str
    baseline_name: str
    reference: Compared
    compared: tuple[Compared, ...]
    metric: str | None
    higher_is_better: bool


def as_json(report: CompareReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "baseline": report.baseline,
            "metrics": plain(dict(report.reference.metrics)),
            "params": plain(dict(report.reference.params)),
            "revisions": [_one_json(report, one) for one in report.compared],
        }
    )


def as_text(report: CompareReport, *, everything: bool) -> str:
    """A table for a terminal; only what differs, unless everything is asked for."""
    headers, rows = _cells(report, everything=everything)
    if not rows:
        return f"nothing differs from baseline {clean(report.baseline_name)}"
    right = tuple(range(1, len(headers)))
    lines = [line.rstrip() for line in plain_table(rows, headers, right).splitlines()]
    return "\n".join([*lines, *_notes(report)])


def as_markdown(report: CompareReport, *, everything: bool) -> str:
    """A table for GitHub, inert whatever names and values contain."""
    headers, rows = _cells(report, everything=everything)
    safe = [[escaped(cell) for cell in row] for row in rows]
    table = markdown_table(safe, [escaped(head) for head in headers], tuple(range(1, len(headers))))
    return "\n".join([table, *(f"\n{escaped(note)}" for note in _notes(report))])


def as_csv(report: CompareReport) -> str:
    """A row for each revision and value, in a form that a spreadsheet does not take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["revision", "commit", "kind", "name", "value", "delta", "verdict"])
    for one in (report.reference, *report.compared):
        verdict = one.verdict.outcome.value if one.verdict else ""
        for kind, values in (("metric", one.metrics), ("param", one.params)):
            for name, value in values.items():
                delta = _delta(report, one, name) if kind == "metric" else None
                row = [one.name, one.revision or "", kind, name, value, delta, verdict]
                writer.writerow([_csv_cell(cell) for cell in row])
    return out.getvalue().rstrip("\n")


# Private functions


def _one_json(report: CompareReport, one: Compared) -> dict[str, Any]:
    deltas = {name: _delta(report, one, name) for name in one.metrics}
    return {
        "revision": one.revision,
        "name": one.name,
        "metrics": plain(dict(one.metrics)),
        "delta": {name: delta for name, delta in deltas.items() if delta is not None},
        "params": plain(dict(one.params)),
        "missing": list(one.missing),
        "verdict": one.verdict.as_json() if one.verdict else None,
    }


def _delta(report: CompareReport, one: Compared, name: str) -> float | None:
    """None for a time as well: two commits were measured in two sessions."""
    if is_timing(name):
        return None
    before, after = report.reference.metrics.get(name), one.metrics.get(name)
    if before is None or after is None or one is report.reference:
        return None
    return float(after) - float(before) if is_number(before) and is_number(after) else None


def _cells(report: CompareReport, *, everything: bool) -> tuple[list[str], list[list[str]]]:
    """Headers, and a row for each metric and param; a column for each revision."""
    everyone = (report.reference, *report.compared)
    headers = ["", clean(report.baseline_name), *(clean(one.name) for one in report.compared)]
    rows: list[list[str]] = []
    for name in _names([one.metrics for one in everyone], everything=everything):
        arrow = _arrow(report, name)
        cells = [_metric_cell(report, one, name) for one in report.compared]
        rows.append([clean(name) + arrow, _value(report.reference.metrics, name), *cells])
    for name in _names([one.params for one in everyone], everything=everything):
        rows.append([clean(name), *(_value(one.params, name) for one in everyone)])
    if any(one.verdict for one in report.compared):
        rows.append(["verdict", "", *(_verdict_cell(one.verdict) for one in report.compared)])
    return headers, rows


def _names(sides: list[Mapping[str, Value]], *, everything: bool) -> list[str]:
    names = list(dict.fromkeys(name for side in sides for name in side))
    return [
        name
        for name in names
        if everything
        or any(not same(side.get(name, MISSING), sides[0].get(name, MISSING)) for side in sides)
    ]


def _arrow(report: CompareReport, name: str) -> str:
    if report.metric is None or looked_up({name: 1}, report.metric) is None:
        return ""
    return " (higher is better)" if report.higher_is_better else " (lower is better)"


def _value(values: Mapping[str, Value], name: str) -> str:
    if name not in values:
        return ""
    value = values[name]
    text = f"{value:.6g}" if isinstance(value, float) else spelled(value)
    return shortened(clean(text), WIDEST_CELL)


def _metric_cell(report: CompareReport, one: Compared, name: str) -> str:
    delta = _delta(report, one, name)
    value = _value(one.metrics, name)
    return value if delta is None else f"{value} ({delta:+.4g})"


def _verdict_cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not measured"
    if verdict.outcome is Outcome.NOT_COMPARABLE:
        return WORDS[verdict.outcome]
    difference, interval = difference_and_interval(verdict)
    return " ".join(filter(None, [WORDS[verdict.outcome], difference, interval]))


def _notes(report: CompareReport) -> list[str]:
    everyone = (report.reference, *report.compared)
    lines = [
        f"{clean(one.name)}: Git does not have {', '.join(map(clean, one.missing))}"
        for one in everyone
        if one.missing
    ]
    timed = [name for name in _names([one.metrics for one in everyone], everything=False)
             if is_timing(name)]  # fmt: skip
    if timed:
        told = ", ".join(map(clean, timed[:4]))
        lines.append(f"{told}: a time is not comparable between the sessions of two commits")
    if any(one.verdict is None for one in report.compared):
        lines.append("a difference between single committed runs may be noise; a verdict may not")
    return lines


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    text = clean(value if isinstance(value, str) else spelled(value))
    is_text = isinstance(value, str)
    return f"'{text}" if is_text and text.startswith(FORMULA_SIGNS) else text
