"""A comparison as rows of words, which every form of it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from paribus.core.metrics import is_number
from paribus.core.paths import within
from paribus.core.timing import is_timing
from paribus.core.values import MISSING, Value, same, spelled
from paribus.core.verdict import Outcome, Verdict
from paribus.reports.compare import METRIC, PARAM, PLOT, Compared, CompareReport
from paribus.reports.text import clean, plural, shortened
from paribus.reports.verdict import FAILED, WORDS, difference_and_interval, word_of

WIDEST_CELL = 32
WIDEST_NAME = 40
VERDICT = "verdict"
MOST_NAMED = 3
"""Revisions that are named in one note."""


@dataclass(frozen=True, slots=True)
class Line:
    """One metric, plot, param, or the verdicts.

    Attributes:
        label: its name, its direction, and whether it is a guard.
        cells: of the baseline first, then of each revision.
    """

    label: str
    cells: tuple[str, ...]


def titles(report: CompareReport) -> list[str]:
    """What each column is called, the baseline's first; the runs behind means are told."""
    return [_title(report.baseline_name, report.reference), *(
        _title(one.name, one) for one in report.compared
    )]  # fmt: skip


def lines(report: CompareReport, *, everything: bool) -> list[Line]:
    """A line for each value; of those that are the same everywhere none, unless they are asked for."""
    found = []
    for kind in (METRIC, PLOT, PARAM):
        labels = _labels(report, kind, _names(report, kind, everything=everything))
        for name, label in labels.items():
            cells = (_cell(report, one, kind, name) for one in _everyone(report))
            found.append(Line(label, tuple(cells)))
    if any(one.verdict for one in report.compared):
        told = (_verdict(one) for one in report.compared)
        found.append(Line(VERDICT, ("", *told)))
    return found


def notes(report: CompareReport) -> list[str]:
    """What the lines do not say: what could not be read, and what must not be read into them."""
    told = [f"{_called(one.name, one)}: {clean(one.problem.message)}"
            for one in report.compared if one.problem]  # fmt: skip
    told += _absences(report)
    differing = _names(report, METRIC, everything=False)
    timed = [name for name in differing if is_timing(name)]
    if timed:
        names = ", ".join(map(clean, timed[:4]))
        told.append(f"{names}: a time is not comparable between the sessions of two commits")
    if any(one.paired for one in report.compared):
        told.append("of an experiment: means over its runs, and differences from pair to pair")
    measured = [one for one in report.compared if not one.problem]
    if any(one.verdict is None for one in measured):
        told.append("a difference between single committed runs may be noise; a verdict may not")
    return told


def commands(report: CompareReport) -> list[str]:
    """What to do about what could not be read, each `words   command`."""
    fetched = (
        f"fetch what is not here   {each.command}"
        for one in _everyone(report)
        for each in one.absent
        if each.command
    )
    helped = (text for one in report.compared if one.problem for text in one.problem.helps)
    return list(dict.fromkeys([*fetched, *helped]))


# Private functions


def _everyone(report: CompareReport) -> tuple[Compared, ...]:
    return (report.reference, *report.compared)


def _title(name: str, one: Compared) -> str:
    runs = f", {plural(one.runs, 'run')}" if one.runs is not None else ""
    return _called(name, one) + runs


def _called(name: str, one: Compared) -> str:
    """A revision's name as it is shown; a whole SHA is told by its beginning."""
    return name[:7] if name == one.revision else shortened(clean(name), WIDEST_CELL)


def _names(report: CompareReport, kind: str, *, everything: bool) -> list[str]:
    """Of values, the primary metric and the guards first."""
    sides = [one.values(kind) for one in _everyone(report) if one.problem is None]
    first = sides[0]
    names = [
        name
        for name in dict.fromkeys(name for side in sides for name in side)
        if everything
        or any(not same(side.get(name, MISSING), first.get(name, MISSING)) for side in sides)
    ]
    if kind != METRIC:
        return names
    return sorted(names, key=lambda name: _rank(report, name))


def _rank(report: CompareReport, name: str) -> int:
    if report.is_guard(name):
        return 1
    return 0 if report.is_higher_better(name) is not None else 2


def _labels(report: CompareReport, kind: str, names: Sequence[str]) -> dict[str, str]:
    short = _short_names(names) if kind == PLOT else {}
    return {
        name: shortened(clean(short.get(name, name)), WIDEST_NAME) + _sign(report, kind, name)
        for name in names
    }


def _sign(report: CompareReport, kind: str, name: str) -> str:
    higher = report.is_higher_better(name) if kind == METRIC else None
    if higher is None:
        return ""
    arrow = "\N{UPWARDS ARROW}" if higher else "\N{DOWNWARDS ARROW}"
    return f" {arrow} guard" if report.is_guard(name) else f" {arrow}"


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Plots without the folders that no two files need to be told apart."""
    files = {name.rpartition(":")[0] for name in names}
    short: dict[str, str] = {}
    for file in files:
        parts = file.split("/")
        endings = ("/".join(parts[-count:]) for count in range(1, len(parts) + 1))
        short[file] = next(
            ending
            for ending in endings
            if ending == file or not any(
                other != file and f"/{other}".endswith(f"/{ending}") for other in files
            )
        )  # fmt: skip
    return {name: f"{short[name.rpartition(':')[0]]}: {name.rpartition(':')[2]}" for name in names}


def _cell(report: CompareReport, one: Compared, kind: str, name: str) -> str:
    values, before = one.values(kind), report.reference.values(kind)
    if one.problem is not None:
        return ""
    if name not in values:
        if one.runs == 0 and kind != PARAM:
            return FAILED
        hidden = _hidden(report, one, kind, name)
        return hidden or ("removed" if name in before else "")
    value = values[name]
    text = _shown(value)
    remark = None if one is report.reference else _remark(report, one, kind, name)
    if kind != PARAM and isinstance(value, float) and not math.isfinite(value):
        remark = "no measurement"
    return f"{text} ({remark})" if remark else text


def _remark(report: CompareReport, one: Compared, kind: str, name: str) -> str | None:
    """What stands behind a value: its difference, or why there is none."""
    before = report.reference.values(kind)
    if name not in before:
        return None if _hidden(report, report.reference, kind, name) else "new"
    delta = report.delta(one, kind, name)
    if delta is not None:
        return f"{delta:+.4g}"
    was, now = (_is_numeric(values[name]) for values in (before, one.values(kind)))
    if kind != PARAM and was != now:
        return "was a number" if was else "was no number"
    return None


def _is_numeric(value: Value) -> bool:
    """NaN included, which is a number that failed."""
    return isinstance(value, float) or is_number(value)


def _hidden(report: CompareReport, one: Compared, kind: str, name: str) -> str | None:
    """Whether a value may well be there, in a file that could not be read."""
    files = report.origins.get(name, frozenset()) if kind != PARAM else frozenset()
    for each in one.absent:
        if any(within(file, each.path) for file in files):
            return "unreadable" if each.is_broken else "not here"
    return None


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else str(value).replace("nan", "NaN")
    return shortened(clean(spelled(value)), WIDEST_CELL)


def _verdict(one: Compared) -> str:
    if one.problem is not None:
        return ""
    verdict: Verdict | None = one.verdict
    if verdict is None:
        return "not measured"
    if verdict.outcome is Outcome.NOT_COMPARABLE:
        return WORDS[verdict.outcome]
    return " ".join(filter(None, [word_of(verdict), *difference_and_interval(verdict)]))


def _absences(report: CompareReport) -> list[str]:
    """Each file once, with the revisions that lack it."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in _everyone(report):
        for each in one.absent:
            found.setdefault((each.path, each.why), []).append(_called(one.name, one))
    alike: dict[tuple[str, str], list[str]] = {}
    for (path, why), names in found.items():
        alike.setdefault((_listed(names), why), []).append(clean(path))
    return [line for (names, why), paths in alike.items() for line in _lacking(names, why, paths)]


def _lacking(names: str, why: str, paths: Sequence[str]) -> list[str]:
    if len(paths) <= MOST_NAMED:
        return [f"{names}: {path} {_as_predicate(why)}" for path in paths]
    told = clean(why.removeprefix("is "))
    return [f"{names}: {paths[0]} and {len(paths) - 1} more files: {told}"]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _as_predicate(why: str) -> str:
    return clean(why) if why.startswith("is ") else f"({clean(why)})"
