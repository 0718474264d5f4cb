"""A verdict in words: its headline, and its looks on one axis."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paribus.core.numbers import decimals, number
from paribus.core.plan import Unit
from paribus.core.verdict import Hold, Outcome, Verdict
from paribus.reports.axis import NARROW, heading, interval
from paribus.reports.tables import plain_table
from paribus.reports.text import WIDTH, clean, plural

AXIS = NARROW
"""Characters of the axis on which intervals are drawn."""

WORDS = {
    Outcome.IMPROVED: "improved",
    Outcome.WORSE: "worse",
    Outcome.NO_DIFFERENCE: "no detectable difference",
    Outcome.UNDECIDED: "undecided",
    Outcome.NOT_COMPARABLE: "not comparable",
}

FAILED = "failed"

_CLAUSE = re.compile(r", (?=[a-z])| \(")
"""Where the first words of a reason end."""


def headline(verdict: Verdict) -> str:
    """The verdict in one line."""
    word = word_of(verdict)
    metric = clean(verdict.metric)
    if verdict.estimate is None:
        return f"{word}: {_broken(verdict)}{metric}, {_completed(verdict)}"
    digits = _digits(verdict)
    means = ""
    if verdict.outcome in (Outcome.IMPROVED, Outcome.WORSE) and verdict.baseline_mean is not None:
        before = number(verdict.baseline_mean, digits)
        after = number(verdict.candidate_mean or 0.0, digits)
        means = f"{before} -> {after}, "
    difference, interval = difference_and_interval(verdict)
    found = " ".join(filter(None, [difference, interval]))
    return f"{word}: {_broken(verdict)}{metric} {means}{found}, {_completed(verdict)}"


def word_of(verdict: Verdict) -> str:
    """The outcome in words; a candidate of which a run failed has failed, whatever the others say."""
    failed = verdict.candidate_failures and verdict.outcome is Outcome.UNDECIDED
    return FAILED if failed else WORDS[verdict.outcome]


def broken_guards(verdict: Verdict) -> list[str]:
    """Names of the guards for which the candidate is worse."""
    return [clean(guard.metric) for guard in verdict.guards if guard.hold is Hold.BROKEN]


def guards_told(names: Sequence[str]) -> str:
    """`guard log_loss is broken`."""
    return (
        f"guard {names[0]} is broken"
        if len(names) == 1
        else f"guards {', '.join(names)} are broken"
    )


def first_words(verdict: Verdict) -> str:
    """The beginning of the reason of a verdict, its guards' left aside; empty where there is none."""
    own = [reason for reason in verdict.reasons if not reason.startswith("guard ")]
    return clean(_CLAUSE.split(own[0])[0]) if own else ""


def looks_table(trail: Sequence[Verdict], *, higher_is_better: bool) -> list[str]:
    """A row for each look, all on one axis."""
    if not trail:
        return []
    rows = [
        [str(verdict.n), *difference_and_interval(verdict), picture, verdict.outcome.value]
        for verdict, picture in zip(trail, drawn(trail), strict=True)
    ]
    ends = axis(higher_is_better=higher_is_better)
    text = plain_table(rows, ["pairs", "difference", "interval", ends, ""], right=(0, 1))
    lines = [line.rstrip() for line in text.splitlines()]
    indent = "  " if max(map(len, lines)) <= WIDTH - 2 else ""
    return [f"{indent}{line}".rstrip() for line in lines]


def drawn(verdicts: Sequence[Verdict]) -> list[str]:
    """The interval of each on one axis, which is the same for all; empty where there is none."""
    ends = [end for verdict in verdicts for end in (verdict.low, verdict.high) if end is not None]
    scale = max(map(abs, ends), default=0.0)
    return [_drawn(verdict, scale) for verdict in verdicts]


def axis(*, higher_is_better: bool) -> str:
    """The heading of drawn intervals."""
    return heading(higher_is_better=higher_is_better)


def difference_and_interval(verdict: Verdict) -> tuple[str, str]:
    digits = _digits(verdict)
    estimate = "" if verdict.estimate is None else number(verdict.estimate, digits, sign=True)
    if verdict.low is None or verdict.high is None:
        return estimate, ""
    low, high = (number(end, digits, sign=True) for end in (verdict.low, verdict.high))
    return estimate, f"[{low}, {high}]"


def for_new_examples(verdict: Verdict) -> list[str]:
    """What a verdict over seeds says of new examples; empty where it does not say it already."""
    if verdict.unit is not Unit.SEED or verdict.population is None or verdict.examples is None:
        return []
    low, high = verdict.population
    digits = decimals((high - low) / 2)
    ends = ", ".join(number(end, digits, sign=True) for end in (low, high))
    told = f"  for new examples of this kind: [{ends}], from {plural(verdict.examples, 'example')}"
    sure = verdict.outcome in (Outcome.IMPROVED, Outcome.WORSE)
    if sure and low <= 0 <= high:
        told += "; spans zero: more examples would settle it, more seeds would not"
    return [told]


# Private functions


def _broken(verdict: Verdict) -> str:
    """The guards for which a candidate is worse, be its own metric what it may."""
    broken = broken_guards(verdict)
    if not broken:
        return ""
    return f"{guards_told(broken)}; "


def _completed(verdict: Verdict) -> str:
    pairs = f"{verdict.n} of {max(verdict.attempted, verdict.n)} pairs"
    if verdict.unit is Unit.SEED or verdict.examples is None:
        return pairs
    examples = plural(verdict.examples, "example")
    # Below three pairs there is an interval only where one run a side is all that can be known.
    one_run = verdict.n < 3 and verdict.low is not None
    return examples if one_run else f"{pairs} on {examples}"


def _digits(verdict: Verdict) -> int:
    if verdict.low is not None and verdict.high is not None and verdict.high > verdict.low:
        return decimals((verdict.high - verdict.low) / 2)
    return decimals(abs(verdict.estimate)) if verdict.estimate else 0


def _drawn(verdict: Verdict, scale: float) -> str:
    """The interval on an axis from -scale to +scale, with zero in the middle."""
    if verdict.low is None or verdict.high is None or verdict.estimate is None:
        return ""
    return interval(verdict.low, verdict.estimate, verdict.high, scale)
