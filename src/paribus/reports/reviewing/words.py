"""The first line of a review: the answer, which stands alone in an e-mail, a log and a list of checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paribus.core.change import Change, Kind
from paribus.core.errors import Problem
from paribus.core.promotion import ConfirmationEnd
from paribus.core.review import Finding
from paribus.core.tolerance import Gated, Pass
from paribus.core.verdict import Hold, Outcome, Verdict, is_final
from paribus.reports.changes import counted, parts_of
from paribus.reports.markdown import code, escaped
from paribus.reports.reviewing.model import Judged, Review, fresh_failures
from paribus.reports.standing import estimate, fresh_pairs
from paribus.reports.text import clean, plural, shortened
from paribus.reports.verdict import (
    WORDS,
    broken_guards,
    difference_and_interval,
    first_words,
    guards_told,
)

LONGEST = 120
"""Characters of a name or a change in the first line."""

GLYPHS = {
    Finding.CANNOT_JUDGE: "⛔",
    Finding.EDITED_METRIC: "⛔",
    Finding.MANY_CHANGES: "❌",
    Finding.NO_CHANGE: "⚪",
    Finding.NOT_COMPARABLE: "⚠️",
    Finding.TOLERANCE: "❌",
    Finding.NOT_MEASURED: "❔",
    Finding.FAILED: "❌",
    Finding.STALE: "⚠️",
    Finding.WORSE: "❌",
    Finding.TOLERATED: "⚪",
    Finding.UNDECIDED: "❔",
    Finding.NO_DIFFERENCE: "⚪",
    Finding.IMPROVED: "✅",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How words of the repository are told, so that they stay words.

    Attributes:
        name: of metrics and baselines, within a sentence.
        quote: of changes, reasons and messages.
        strong: of the answer itself.
    """

    name: Callable[[str], str]
    quote: Callable[[str], str]
    strong: Callable[[str], str]


PLAIN = Style(
    lambda text: shortened(clean(text), LONGEST), lambda text: shortened(clean(text), LONGEST), str
)
MARKDOWN = Style(
    lambda text: escaped(shortened(text, LONGEST)),
    lambda text: code(shortened(text, LONGEST)),
    lambda text: f"**{text}**",
)


def first_line(review: Review, style: Style) -> str:
    """The answer in one line: what is overridden, the verdict or what undoes it, the change."""
    found = review.found
    if isinstance(found, str):
        return f"{style.strong('Nothing to compare with')}: {style.quote(found)}"
    if isinstance(found, Problem):
        is_edited = review.finding is Finding.EDITED_METRIC
        lead = "Edited metric" if is_edited else f"Cannot be judged ({clean(found.code)})"
        return f"{style.strong(lead)}: {style.quote(found.message)}"
    lead, rest = _answer(review.finding, found, style)
    told = [f"{style.strong(lead)}{rest}."]
    because = found.check.allowed_because
    if because is not None and review.finding is not Finding.MANY_CHANGES:
        count = counted(found.check.judgement.changes)
        told.insert(0, f"{style.strong(f'{count}, allowed:')} {style.quote(because)}.")
    told += _changed(review.finding, found, style)
    return " ".join(told)


# Private functions


def _answer(finding: Finding, found: Judged, style: Style) -> tuple[str, str]:
    """(the answer, what belongs to it)."""
    told: dict[Finding, Callable[[], tuple[str, str]]] = {
        Finding.MANY_CHANGES: lambda: _several(found, style),
        Finding.NO_CHANGE: lambda: ("No change", _unchanged(found)),
        Finding.NOT_MEASURED: lambda: ("Not measured", _unmeasured(found, style)),
        Finding.STALE: lambda: _stale(found, style),
        Finding.TOLERANCE: lambda: _lost(found, style),
        Finding.FAILED: lambda: ("Failed", _failed(found, style)),
    }
    if finding in told:
        return told[finding]()
    verdict = found.evidence.report.verdict if found.evidence else None
    if finding is Finding.NOT_COMPARABLE:
        why = first_words(verdict) if verdict else "the ruler changed"
        return "Not comparable", f": {style.name(why)}"
    if finding is Finding.UNDECIDED:
        return _undecided(found, verdict, style)
    return _measured(finding, found, verdict, style)


def _several(found: Judged, style: Style) -> tuple[str, str]:
    """How many there are, and that a reason for them does not count where one is of the ruler."""
    check = found.check
    told = f", against {style.name(check.baseline_name)}"
    if check.allowed_because is not None:
        told += f"; a reason does not cover the ruler: {style.quote(check.allowed_because)}"
    return f"{counted(check.judgement.changes)}, not one", told


def _unchanged(found: Judged) -> str:
    moved = len(found.committed.moved) if found.committed else 0
    yet = f", yet {plural(moved, 'committed metric')} moved" if moved else ""
    return f": nothing that can move a metric differs{yet}"


def _unmeasured(found: Judged, style: Style) -> str:
    if found.elsewhere:
        against = style.name(found.check.baseline_name)
        return f" against {against}, but against another baseline or by another agreement"
    if found.evidence is not None:
        lost = len(found.evidence.unreadable)
        told = f"; {plural(lost, 'record')} of it cannot be read here" if lost else ""
        return f": registered, and no verdict yet{told}"
    return ": no run of this tree"


def _stale(found: Judged, style: Style) -> tuple[str, str]:
    """What came since, and what the verdict was before."""
    lead = f"Stale: {style.name(found.stale or '')} came since"
    if found.evidence is None or found.evidence.report.verdict is None:
        return lead, ""
    verdict, end = found.evidence.report.verdict, found.evidence.report.place.end
    outcome = WORDS[verdict.outcome]
    told = f"{_numbers(verdict, style)}{_pairs(verdict)}"
    if end is not None:  # fresh pairs have the last word, as in the table
        told = f"{style.name(verdict.metric)} {estimate(end)} on {fresh_pairs(end)}"
        outcome = "confirmed" if end.confirmed else "not confirmed"
    elif verdict.outcome is Outcome.IMPROVED:
        outcome = f"{outcome} (unconfirmed)"
    against = style.name(found.check.baseline_name)
    return lead, f", and this was {outcome} against {against}: {told}"


def _lost(found: Judged, style: Style) -> tuple[str, str]:
    """The metrics that lost too much, or are not there."""
    bad = [one for one in found.gate if one.verdict in (Pass.FAILS, Pass.MISSING)]
    if not bad:
        return "Worse", ""
    missing = [one for one in bad if one.verdict is Pass.MISSING]
    worst = (missing or bad)[0]
    lead = "Missing metric" if missing else "Worse than is tolerated"
    verb = "does" if len(bad) == 2 else "do"
    more = f"; {plural(len(bad) - 1, 'more metric')} {verb} not pass" if len(bad) > 1 else ""
    single = "" if worst.n or missing else ", by one committed run a side"
    return lead, f": {style.name(worst.metric)}, {worst.reason}{single}{more}"


def _failed(found: Judged, style: Style) -> str:
    assert found.evidence is not None
    report = found.evidence.report
    fresh = fresh_failures(report)
    run = (report.failed or fresh)[0]
    stage = f", stage {style.name(run.stage)}" if run.stage else ""
    ended = f", exit {run.exit_code}" if run.exit_code is not None else ""
    if not report.failed:
        end = report.place.end
        after = f" after {fresh_pairs(end)}" if end is not None and end.n else ""
        return f": {plural(len(fresh), 'run')} of its confirmation{after}{stage}{ended}"
    tried = max(len({one.intent.index for one in report.candidate_runs}), 1)
    failed = len({one.intent.index for one in report.failed})
    return f": {failed} of {plural(tried, 'pair')}{stage}{ended}"


def _undecided(found: Judged, verdict: Verdict | None, style: Style) -> tuple[str, str]:
    left = [one for one in found.gate if one.verdict is Pass.OPEN]
    if verdict is None or verdict.outcome is not Outcome.UNDECIDED:
        told = f": {style.name(left[0].metric)}, {left[0].reason}" if left else ": no verdict yet"
        return "Undecided", told
    # A guard that keeps an improvement waiting stands first among the reasons.
    guard = (
        verdict.reasons[0] if verdict.reasons and verdict.reasons[0].startswith("guard ") else ""
    )
    if is_final(verdict):
        why = guard or first_words(verdict)
        return "Undecided", f": {style.name(why)}; {_numbers(verdict, style)}{_pairs(verdict)}"
    waits = f"; {style.name(guard)}" if guard else ""
    after = f" after {verdict.n} of at most {verdict.cap} pairs" if verdict.cap else ""
    return f"Undecided{after}", f": {_numbers(verdict, style)}{waits}"


def _measured(
    finding: Finding, found: Judged, verdict: Verdict | None, style: Style
) -> tuple[str, str]:
    assert verdict is not None
    assert found.evidence is not None
    place = found.evidence.report.place
    pairs = _pairs(verdict)
    if finding is Finding.IMPROVED:
        name = style.name(verdict.metric)
        if place.end is not None and place.confirmed:
            return (
                f"Improved: {name} {estimate(place.end)}",
                f", confirmed on {fresh_pairs(place.end)}",
            )
        difference, interval = difference_and_interval(verdict)
        return f"Improved: {name} {difference}", f" {interval}{pairs}"
    if finding is Finding.TOLERATED:
        held = [one.reason for one in found.gate if one.metric == found.check.metric]
        lost = f" ({style.name(held[0])})" if held else ""
        return "Worse within the tolerance", f": {_numbers(verdict, style)}{pairs}{lost}"
    if place.end is not None and place.confirmed is False:
        return _refuted(finding, place.end, verdict.metric, style)
    if finding is Finding.WORSE:
        broken = broken_guards(verdict)
        told = f"{style.name(guards_told(broken))}; " if broken else ""
        return "Worse", f": {told}{_numbers(verdict, style)}{pairs}"
    words = first_words(verdict)
    why = f": {style.name(words)}" if words else ""
    return f"No detectable difference{why}", f"; {_numbers(verdict, style)}{pairs}"


def _refuted(finding: Finding, end: ConfirmationEnd, metric: str, style: Style) -> tuple[str, str]:
    """What fresh pairs said of a gain, and why it does not count, where it is not for their difference."""
    lead = "Worse, and not confirmed" if finding is Finding.WORSE else "Not confirmed"
    told = f": {style.name(metric)} {estimate(end)} on {fresh_pairs(end)}"
    guarded = any(guard.hold is not Hold.HOLDS for guard in end.guards)
    if end.reasons and (guarded or end.gate is not None or end.p is None):
        told += f"; {style.name(end.reasons[0])}"
    elif end.low is not None and end.high is not None and (end.low > 0 or end.high < 0):
        # Or the interval would seem to say the contrary.
        beyond = [reason for reason in end.reasons if reason.startswith("this is beyond ")]
        told += "".join(f"; {style.name(reason)}" for reason in beyond)
    return lead, told


def _pairs(verdict: Verdict) -> str:
    return f", {verdict.n} of {max(verdict.attempted, verdict.n)} pairs"


def _numbers(verdict: Verdict, style: Style) -> str:
    return " ".join(filter(None, [style.name(verdict.metric), *difference_and_interval(verdict)]))


def _changed(finding: Finding, found: Judged, style: Style) -> list[str]:
    """The one change, whether its gain is confirmed, and what became of it."""
    changes = found.check.judgement.changes
    told = []
    if len(changes) == 1:
        word = "One change of the ruler" if _on_ruler(changes[0]) else "One change"
        told.append(f"{word}: {style.quote(parts_of(changes[0]))}.")
    place = found.evidence.report.place if found.evidence else None
    if finding is Finding.IMPROVED and place is not None and place.confirmed is None:
        told.append("Unconfirmed." if style is PLAIN else "*Unconfirmed.*")
    if place is not None and place.promoted is not None:
        why = place.provisional
        without = f" without a confirmation: {style.quote(why)}" if why is not None else ""
        told.append(f"Promoted to {style.name(place.promoted)}{without}.")
    return told


def _on_ruler(change: Change) -> bool:
    return any(part.kind is Kind.RULER for part in change.single())


def shown_gated(one: Gated) -> str:
    """What the gate says of a metric, in a word or two."""
    words = {Pass.PASSES: "passes", Pass.FAILS: "fails", Pass.OPEN: "cannot tell"}
    return words.get(one.verdict, "missing")
