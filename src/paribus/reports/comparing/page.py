"""A comparison as one HTML document: no script, nothing from elsewhere, nothing that acts."""

from __future__ import annotations

import base64
import hashlib
import html

from paribus.reports.compare import CompareReport
from paribus.reports.comparing.cells import commands, lines, notes, titles
from paribus.reports.comparing.text import FEW, as_columns, as_rows
from paribus.reports.text import clean

STYLE = """
:root { color-scheme: light dark;
  --ink: #1a1d21; --paper: #ffffff; --soft: #565c64; --line: #c9ced6; --band: #f2f4f7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --paper: #16181c; --soft: #a9b0ba; --line: #454b54; --band: #22262c; }
}
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.25rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { background: var(--band); }
tbody tr:nth-child(even) { background: var(--band); }
li { color: var(--soft); }
code { font-family: ui-monospace, monospace; }
@media print { body { margin: 0; } }
"""


def as_page(report: CompareReport, *, everything: bool) -> str:
    """The whole document."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = f"Compared with baseline {_safe(report.baseline_name)}"
    told = [f"<li>{_safe(note)}</li>" for note in notes(report)]
    told += [f"<li><code>{_safe(text)}</code></li>" for text in commands(report)]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{title}</h1>",
            *_table(report, everything=everything),
            *(["<ul>", *told, "</ul>"] if told else []),
            "</main>",
            "</body>",
            "</html>",
        ]
    )


# Private functions


def _table(report: CompareReport, *, everything: bool) -> list[str]:
    found = lines(report, everything=everything)
    if not found:
        return [f"<p>Nothing differs from baseline {_safe(report.baseline_name)}.</p>"]
    many = len(report.compared) > FEW
    headers, rows = (as_rows if many else as_columns)(titles(report), found)
    first = "Revision" if many else "Value"
    heads = "".join(f'<th scope="col">{_safe(head)}</th>' for head in [first, *headers[1:]])
    kept = "Every value" if everything else "What differs"
    return [
        # A table that scrolls must be reached by keyboard, too.
        f'<div class="table" role="region" aria-label="{kept}" tabindex="0">',
        "<table>",
        f"<caption>{kept}; baseline {_safe(report.baseline[:7])}</caption>",
        f"<thead><tr>{heads}</tr></thead>",
        "<tbody>",
        *(_row(row) for row in rows),
        "</tbody>",
        "</table>",
        "</div>",
    ]


def _row(row: list[str]) -> str:
    name, *cells = row
    told = "".join(f"<td>{_safe(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{_safe(name)}</th>{told}</tr>'


def _safe(text: str) -> str:
    return html.escape(clean(text)).encode("utf-8", "backslashreplace").decode()
