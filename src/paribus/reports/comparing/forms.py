"""A comparison as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
from typing import Any

from paribus.core.change import plain
from paribus.core.values import Value, spelled
from paribus.reports.compare import METRIC, PARAM, PLOT, Absent, Compared, CompareReport
from paribus.reports.comparing.cells import commands, lines, notes, titles
from paribus.reports.comparing.text import FEW, as_columns, as_rows
from paribus.reports.markdown import code, escaped
from paribus.reports.tables import markdown_table
from paribus.reports.text import clean, strict_json, strict_line

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("revision", "commit", "kind", "name", "value", "delta", "verdict")


def as_json(report: CompareReport) -> str:
    """One strict JSON object."""
    reference = report.reference
    return strict_json(
        {
            "baseline": report.baseline,
            "name": report.baseline_name,
            "metrics": plain(dict(reference.metrics)),
            "plots": plain(dict(reference.plots)),
            "params": plain(dict(reference.params)),
            "runs": reference.runs,
            "absent": [_absent(each) for each in reference.absent],
            "revisions": [_one(report, one) for one in report.compared],
            "next": commands(report),
        }
    )


def as_json_lines(report: CompareReport) -> str:
    """One strict JSON object a line, one line a revision."""
    return "\n".join(
        strict_line({"baseline": report.baseline, **_one(report, one)}) for one in report.compared
    )


def as_markdown(report: CompareReport, *, everything: bool) -> str:
    """A table for GitHub, inert whatever names and values contain."""
    found = lines(report, everything=everything)
    many = len(report.compared) > FEW
    headers, rows = (as_rows if many else as_columns)(titles(report), found)
    safe = [[escaped(cell) for cell in row] for row in rows]
    right = tuple(range(1, len(headers)))
    table = markdown_table(safe, [escaped(head) for head in headers], right)
    if not found:
        table = f"nothing differs from baseline {code(report.baseline_name)}"
    told = [escaped(note) for note in notes(report)]
    told += [code(text) for text in commands(report)]
    return "\n\n".join([table, *told])


def as_csv(report: CompareReport) -> str:
    """A row for each revision and value, in a form that a spreadsheet does not take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in (report.reference, *report.compared):
        verdict = one.verdict.outcome.value if one.verdict else ""
        about = [one.name, one.revision or ""]
        for kind in (METRIC, PLOT, PARAM):
            for name, value in one.values(kind).items():
                delta = report.delta(one, kind, name)
                _write(writer, [*about, kind, name, value, delta, verdict])
        if one.problem is not None:
            _write(writer, [*about, "problem", one.problem.code, one.problem.message, None, ""])
        for each in one.absent:
            _write(writer, [*about, "absent", each.path, each.why, None, ""])
    return out.getvalue().rstrip("\n")


# Private functions


def _one(report: CompareReport, one: Compared) -> dict[str, Any]:
    deltas = {
        name: report.delta(one, kind, name) for kind in (METRIC, PLOT) for name in one.values(kind)
    }
    return {
        "revision": one.revision,
        "name": one.name,
        "metrics": plain(dict(one.metrics)),
        "delta": {name: delta for name, delta in deltas.items() if delta is not None},
        "params": plain(dict(one.params)),
        "plots": plain(dict(one.plots)),
        "missing": list(one.missing),
        "absent": [_absent(each) for each in one.absent],
        "verdict": one.verdict.as_json() if one.verdict else None,
        "experiment": one.experiment,
        "runs": one.runs,
        "error": {"code": one.problem.code, "message": one.problem.message}
        if one.problem
        else None,
    }


def _absent(each: Absent) -> dict[str, Any]:
    return {
        "path": each.path, "why": each.why, "command": each.command, "unreadable": each.is_broken,
    }  # fmt: skip


def _write(writer: Any, row: list[Value]) -> None:
    writer.writerow([_safe(cell) for cell in row])


def _safe(value: Value) -> str:
    if value is None:
        return ""
    is_text = isinstance(value, str)
    text = clean(value if is_text else spelled(value))
    return f"'{text}" if is_text and text.startswith(FORMULA_SIGNS) else text
