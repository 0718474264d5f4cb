"""What is read of the page where no script runs: the answer, the steps, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from paribus.reports.notebook.content import Overview, Step
from paribus.reports.notebook.headline import headline, interval_text, mean_text
from paribus.reports.text import clean

NEEDS_SCRIPTS = (
    "The staircase, the experiments and their pages are drawn by the scripts of this file, which"
    " load nothing from anywhere. They do not run here: this is the summary."
)


def summary(overview: Overview) -> str:
    """HTML for people without scripts; every name in it is inert."""
    title, counts = headline(overview)
    return "\n".join(
        [
            f"<h1>{text(title)}</h1>",
            f"<p>{text(counts)}</p>",
            *(f"<p>{text(line)}</p>" for line in overview.stall),
            *_steps(overview),
            *_next(overview.next),
            f"<p>{NEEDS_SCRIPTS}</p>",
        ]
    )


def text(words: str) -> str:
    """Words that are neither markup nor control characters."""
    return escape(clean(words))


# Private functions


def _steps(overview: Overview) -> Iterable[str]:
    if not overview.steps:
        return
    yield "<table>"
    yield "<caption>Baselines, the earliest first</caption>"
    metric = text(overview.metric or "mean")
    names = ("baseline", "since", metric, "95 % interval", "runs", "confirmed")
    yield "<thead>" + _row(names, cell="th") + "</thead>"
    yield "<tbody>"
    for step in overview.steps:
        yield _row(_cells(step))
    yield "</tbody>"
    yield "</table>"


def _cells(step: Step) -> tuple[str, ...]:
    confirmed = "" if step.provisional is None else f"no: {text(step.provisional)}"
    runs = str(step.n) if step.n else ""
    return (text(step.name), text(step.given[:10]), mean_text(step), interval_text(step), runs,
            confirmed)  # fmt: skip


def _row(cells: Iterable[str], *, cell: str = "td") -> str:
    scope = ' scope="col"' if cell == "th" else ""
    return "<tr>" + "".join(f"<{cell}{scope}>{each}</{cell}>" for each in cells) + "</tr>"


def _next(steps: Iterable[tuple[str, str]]) -> list[str]:
    rows = [f"<li>{text(what)}: <code>{text(command)}</code></li>" for what, command in steps]
    return ["<h2>What to do next</h2>", "<ul>", *rows, "</ul>"] if rows else []
