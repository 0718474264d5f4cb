"""The report of `paribus report`: where the page is, and what it has."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from paribus.reports.text import clean, helps, plural, strict_json, wrapped
from paribus.reports.unread import unread


@dataclass(frozen=True, slots=True)
class Written:
    """A page that was written.

    Attributes:
        path: absolute.
        size: bytes.
        experiments, baselines: how many it shows.
        unreadable: paths of records that this version cannot read.
        opened: whether somebody looks at it already.
        output: where it was asked to be, as it was typed; None for the usual place.
    """

    path: str
    size: int
    experiments: int
    baselines: int
    unreadable: Sequence[str] = ()
    opened: bool = False
    output: str | None = None


def as_json(report: Written) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "path": report.path,
            "bytes": report.size,
            "experiments": report.experiments,
            "baselines": report.baselines,
            "unreadable": list(report.unreadable),
            "next": _next(report),
        }
    )


def as_text(report: Written) -> str:
    """For people: what it has, and below it the path alone, to be clicked or pasted."""
    counts = f"{plural(report.experiments, 'experiment')}, {plural(report.baselines, 'baseline')}"
    return "\n".join(
        [
            f"the notebook, {counts}, {_size(report.size)}:",
            f"  {clean(report.path)}",
            *(part for line in unread(report.unreadable) for part in wrapped(line)),
            *helps(_next(report), "next"),
        ]
    )


# Private functions


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 999_500 else f"{max(1, round(size / 1000))} kB"


def _next(report: Written) -> list[str]:
    if not report.experiments:
        return ['start one   paribus run -S key=value -m "why it should help"']
    words = ["paribus", "report", *([] if report.output is None else ["-o", report.output])]
    return [] if report.opened else [f"open it in the browser   {shlex.join([*words, '--open'])}"]
