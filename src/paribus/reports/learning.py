"""The report of `paribus status --learning-curve`: would more data help?"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from paribus.core.numbers import decimals, number
from paribus.core.statistics.learning import LearningCurve
from paribus.reports.tables import plain_table
from paribus.reports.text import clean, helps, strict_json

WIDTH = 31
"""Characters of the axis on which the curve is drawn."""


@dataclass(frozen=True, slots=True)
class LearningReport:
    """A baseline on less and less of its training data.

    Attributes:
        param: the param that says which share is used, as the protocol names it.
        shares: of the training data, rising; the last is the baseline's own.
        seeds: runs at each share.
        effect: the effect of interest, in the metric's units.
        curve: fitted to them; its sizes are relative.
    """

    metric: str
    higher_is_better: bool
    param: str
    shares: tuple[float, ...]
    seeds: int
    effect: float
    curve: LearningCurve

    @property
    def answer(self) -> str:
        """`should-help`, `should-not-help` or `cannot-tell`."""
        if self.curve.ill_behaved:
            return "cannot-tell"
        if self.curve.should_help(self.effect):
            return "should-help"
        return "should-not-help" if self.curve.high < self.effect else "cannot-tell"


def as_json(report: LearningReport) -> str:
    """One strict JSON object."""
    return strict_json({"learning_curve": content(report), "next": _next(report)})


def content(report: LearningReport) -> dict[str, Any]:
    """The curve as strict JSON has it."""
    curve = report.curve
    return {
        "answer": report.answer,
        "rough": True,
        "metric": report.metric,
        "direction": "higher" if report.higher_is_better else "lower",
        "effect": report.effect,
        "param": report.param,
        "shares": list(report.shares),
        "means": list(curve.means),
        "seeds": report.seeds,
        "gain": curve.gain,
        "low": curve.low,
        "high": curve.high,
        "predicted": curve.predicted,
        "ill_behaved": curve.ill_behaved,
    }


def as_text(report: LearningReport) -> str:
    """For people: the answer, the curve, how far it can be believed, what to do."""
    direction = "higher" if report.higher_is_better else "lower"
    return "\n".join(
        [
            headline(report),
            f"  {clean(report.metric)}, {direction} is better; effect of interest {report.effect:.3g}",
            "",
            *_drawn(report),
            "",
            *_why_rough(report),
            *helps(_next(report), "next"),
        ]
    )


def headline(report: LearningReport) -> str:
    """The answer in a line that stands alone."""
    curve = report.curve
    digits = _digits(report)
    gain, low, high = (
        number(value, digits, sign=True) for value in (curve.gain, curve.low, curve.high)
    )
    if curve.ill_behaved:
        return "cannot tell whether more data helps: the curve is ill-behaved (rough)"
    words = {
        "should-help": "more data should help",
        "should-not-help": "more data should not help",
        "cannot-tell": "more data may help or not",
    }
    return f"{words[report.answer]}: doubling gains {gain} [{low}, {high}] (rough)"


# Private functions


def _digits(report: LearningReport) -> int:
    """As many as the noise supports, and no more than the effect of interest asks for."""
    digits = decimals((report.curve.high - report.curve.low) / 2)
    return min(digits, decimals(report.effect) + 1) if report.effect > 0 else digits


def _drawn(report: LearningReport) -> list[str]:
    """A row for each share, all on one axis, and what twice the data should give."""
    curve = report.curve
    digits = _digits(report)
    values = [*curve.means, *([] if curve.ill_behaved else [curve.predicted])]
    low, high = min(values), max(values)

    def mark(value: float, sign: str) -> str:
        at = round((value - low) / ((high - low) or 1.0) * (WIDTH - 1))
        return "|" + sign.rjust(at + 1).ljust(WIDTH) + "|"

    rows = [
        [f"{share:.3g}", number(mean, digits), mark(mean, "*"), ""]
        for share, mean in zip(report.shares, curve.means, strict=True)
    ]
    rows[-1][-1] = "the baseline"
    if not curve.ill_behaved:
        twice = f"{2 * report.shares[-1]:.3g}"
        rows.append(
            [twice, number(curve.predicted, digits), mark(curve.predicted, "o"), "predicted"]
        )
    headers = [clean(report.param), clean(report.metric), "", ""]
    return [f"  {line}".rstrip() for line in plain_table(rows, headers, right=(0, 1)).splitlines()]


def _why_rough(report: LearningReport) -> list[str]:
    if report.curve.ill_behaved:
        return [
            "  a larger share is worse than a smaller one beyond noise, or no power law fits;",
            "  about one real curve in seven is like that",
        ]
    shares = f"{len(report.shares)} shares of {report.seeds} seeds each"
    return [
        f"  rough: a power law through {shares}; in simulations",
        "  its 90 % interval held the gain in 80 to 87 %, and about one real curve in seven",
        "  follows no power law; one evaluation set serves all, and its luck is unseen",
    ]


def _next(report: LearningReport) -> list[str]:
    share = report.shares[-1]
    if report.answer == "should-not-help":
        return ["what was tried   paribus log"]
    if share == 1:
        return ['add data, and test it as one change   paribus run -m "more data"']
    more = shlex.quote(f"{report.param}={min(1.0, 2 * share):g}")
    return [f'test it   paribus run -S {more} -m "more data"']
