"""The answer in two lines: how far the metric has come, and what became of all experiments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from paribus.core.numbers import decimals, number
from paribus.reports.notebook.content import Overview, Point, Step
from paribus.reports.text import clean, plural
from paribus.reports.verdict import FAILED, WORDS

ORDER = ("promoted", "confirmed", "not confirmed", "improved", "worse", "no detectable difference",
         "undecided", "not comparable", FAILED, "running", "interrupted", "planned")  # fmt: skip
"""What becomes of experiments, in the order in which it is counted."""


def headline(overview: Overview) -> tuple[str, str]:
    """How far the metric has come, and the experiments counted by what became of them."""
    return _progress(overview), _counts(overview.points)


def since_the_ruler(steps: Sequence[Step]) -> Sequence[Step]:
    """The last steps, of which no two have different rulers, as far as the rulers are known."""
    first = len(steps)
    ruler = None
    while first and (ruler is None or steps[first - 1].ruler in (None, ruler)):
        first -= 1
        ruler = ruler or steps[first].ruler
    return steps[first:]


def mean_text(step: Step) -> str:
    """A step's mean as far as its noise supports digits; empty where it was not measured."""
    return "" if step.mean is None else _number(step.mean, _digits(step))


def interval_text(step: Step) -> str:
    """Its interval; empty where there is none."""
    if step.low is None or step.high is None:
        return ""
    return f"[{_number(step.low, _digits(step))}, {_number(step.high, _digits(step))}]"


# Private functions


_WORDS = {outcome.value: word for outcome, word in WORDS.items()}


def _progress(overview: Overview) -> str:
    metric = clean(overview.metric or "the metric")
    comparable = since_the_ruler(overview.steps)
    measured = [step for step in comparable if step.mean is not None]
    if not measured:
        nothing = not overview.steps and not overview.points
        return "nothing is recorded yet" if nothing else f"{metric} is not measured yet"
    since = ""
    if len(comparable) < len(overview.steps):
        since = f" since the ruler changed ({clean(comparable[0].name)})"
    first, last = measured[0], measured[-1]
    if first is last:
        found = " ".join(filter(None, [mean_text(last), interval_text(last)]))
        return f"{metric} {found}, no step yet{since}"
    steps = plural(comparable.index(last) - comparable.index(first), "step")
    return f"{metric} {mean_text(first)} → {mean_text(last)} in {steps}{since}"


def _counts(points: Sequence[Point]) -> str:
    if not points:
        return "no experiments"
    found = Counter(map(_became, points))
    told = [f"{found.pop(word)} {word}" for word in ORDER if word in found]
    # A word that a later version of the ledger has is still counted.
    told += [f"{count} {clean(word)}" for word, count in sorted(found.items())]
    return f"{plural(len(points), 'experiment')}: {', '.join(told)}"


def _became(point: Point) -> str:
    if point.became:
        return point.became.partition(",")[0]
    if point.outcome is None or point.outcome == FAILED:
        return point.outcome or point.status
    return _WORDS.get(point.outcome, point.outcome)


def _digits(step: Step) -> int | None:
    """Decimals that the step's own noise supports; None where nothing is known of it."""
    if step.low is not None and step.high is not None:
        return decimals((step.high - step.low) / 2)
    return None if step.sd is None else decimals(step.sd)


def _number(value: float, digits: int | None) -> str:
    return f"{value:.6g}" if digits is None else number(value, digits)
