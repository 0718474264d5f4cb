"""The report of `paribus promote`, and what the tag of a baseline says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paribus.core.errors import Exit
from paribus.core.experiment import Registration
from paribus.core.numbers import decimals, number
from paribus.core.plan import Unit
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, GateAnswer, Promotion
from paribus.core.verdict import Verdict
from paribus.reports.registration import shown_baseline
from paribus.reports.standing import digits_of, estimate, fresh_pairs
from paribus.reports.text import clean, helps, plural, shortened, strict_json
from paribus.reports.verdict import difference_and_interval

SUBJECT_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Measured:
    """The new baseline's own runs: mean and standard deviation of the primary metric over n of them."""

    mean: float | None
    sd: float | None
    n: int


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """How far an experiment came on its way to the next baseline.

    Attributes:
        short: the experiment's id as it is shown.
        verdict: of the screening.
        start, end: the confirmation and its answer; None for a provisional promotion.
        promotion: the new baseline; None where it was not confirmed.
        measured: the new baseline's own runs; None where it stood before.
        queries: how often the locked evaluation set has been asked in this project.
        next_level: at which the next confirmation would be judged.
        merge: the command that brings the baseline to where the user is; None where it is there.
        recorded: the ledger's commit.
        found: whether it had been answered before, so that nothing was run now.
        agreement: clauses of the new baseline's paribus.yaml that are not as they were, and decide no
            verdict.
    """

    registration: Registration
    short: str
    verdict: Verdict
    start: ConfirmationStart | None
    end: ConfirmationEnd | None
    promotion: Promotion | None
    measured: Measured | None
    queries: int
    next_level: float
    merge: str | None
    recorded: str | None
    found: bool = False
    agreement: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether fresh runs did not confirm it."""
        return self.end is not None and not self.end.confirmed

    @property
    def status(self) -> Exit:
        """The exit code."""
        return Exit.RULE_BROKEN if self.is_refused or self.promotion is None else Exit.DONE


def as_json(report: PromotionReport) -> str:
    """One strict JSON object."""
    registration, promotion = report.registration, report.promotion
    content: dict[str, Any] = {
        "experiment": registration.id,
        "outcome": _outcome(report),
        "tag": promotion.tag if promotion else None,
        "commit": promotion.commit if promotion else None,
        "provisional": promotion.provisional if promotion else None,
        "baseline": registration.baseline["commit"],
        "changes": [dict(change) for change in registration.changes],
        "allow": registration.allow,
        "metric": registration.plan.metric,
        "screening": report.verdict.as_json(),
        "confirmation": _confirmation_json(report),
        "measured": None
        if report.measured is None
        else {"mean": report.measured.mean, "sd": report.measured.sd, "n": report.measured.n},
        "agreement": list(report.agreement),
        "recorded": report.recorded,
        "found": report.found,
        "next": _next(report),
    }
    return strict_json(content)


def as_text(report: PromotionReport) -> str:
    """For people: the answer in a line that stands alone, then its evidence, then what to do next."""
    lines = ["found in the ledger; nothing was run", ""] if report.found else []
    lines += [_headline(report), *(f"  {line}" for line in _evidence(report))]
    return "\n".join([*lines, *helps(_next(report), "next")])


def tag_message(
    registration: Registration,
    verdict: Verdict,
    end: ConfirmationEnd | None,
    provisional: str | None,
) -> str:
    """What the tag of a new baseline says: the change, the evidence in words, and its trailers."""
    baseline = registration.baseline
    if end is None:
        told = f"unconfirmed: {_one_line(provisional or '')}"
        evidence = ("Paribus-Provisional", _one_line(provisional or ""))
        found = _estimate(verdict)
    else:
        told = f"confirmed on {fresh_pairs(end)}"
        evidence = ("Paribus-Confirmed", f"{_pairs(end)}{_at_level(end)}")
        found = _estimate(end)
    metric = registration.plan.metric
    trailers = (
        ("Paribus-Experiment", registration.id),
        ("Paribus-Baseline", f"{baseline['name']} {baseline['commit']}"),
        ("Paribus-Estimate", f"{metric} {found}"),
        evidence,
    )
    body = f"{_one_line(metric)} {found} against {shown_baseline(baseline)}, {told}"
    why = [_one_line(registration.hypothesis)] if registration.hypothesis else []
    subject = shortened(_one_line(registration.summary), SUBJECT_WIDTH)
    trailing = "\n".join(f"{key}: {_one_line(value)}" for key, value in trailers)
    return "\n\n".join([subject, *why, body, trailing]) + "\n"


# Private functions


def _outcome(report: PromotionReport) -> str:
    if report.is_refused:
        return "not-confirmed"
    if report.promotion is None:
        return "not-promoted"
    return "promoted" if report.promotion.provisional is None else "promoted-unconfirmed"


def _headline(report: PromotionReport) -> str:
    metric, end, promotion = clean(report.registration.plan.metric), report.end, report.promotion
    if end is not None and not end.confirmed:
        stays = f"; {promotion.tag} stays unconfirmed" if promotion else ""
        return f"not confirmed: {metric} {_estimate(end)}, {fresh_pairs(end)}{stays}"
    assert promotion is not None
    if end is not None:
        found = f"{metric} {_means(end)}{_estimate(end)}"
        return f"promoted: {promotion.tag}, {found}, confirmed on {fresh_pairs(end)}"
    reason = clean(promotion.provisional or "")
    return f"promoted: {promotion.tag}, unconfirmed: {reason}"


def _evidence(report: PromotionReport) -> list[str]:
    registration, end = report.registration, report.end
    lines = [f"{clean(registration.summary)}, against {shown_baseline(registration.baseline)}"]
    if registration.allow:
        lines.append(
            f"allowed as one, so no single change of it is proven: {clean(registration.allow)}"
        )
    if end is None:
        screening = f"{_estimate(report.verdict)} on {_screened(report.verdict)}"
        lines.append(f"screening alone says {screening}, which flatters it")
    else:
        lines += _confirmed(report, end)
    if report.measured is not None and report.measured.mean is not None:
        lines.append(f"measured anew: {clean(registration.plan.metric)} {_spread(report.measured)}")
    if report.agreement:
        lines.append(f"its paribus.yaml agrees on something else: {', '.join(report.agreement)}")
    if report.recorded:
        lines.append(f"recorded {report.recorded[:7]} on the branch paribus/ledger")
    return lines


def _confirmed(report: PromotionReport, end: ConfirmationEnd) -> list[str]:
    lines = [] if end.confirmed else [clean(reason) for reason in end.reasons]
    lines.append(
        f"screening had said {_estimate(report.verdict)} on {_screened(report.verdict)};"
        " the fresh pairs are what counts"
    )
    if end.level is not None and report.start is not None:
        word = "passed" if end.confirmed else "not passed"
        lines.append(
            f"confirmation {report.start.test} of this project, level {end.level:.2g}: {word}"
        )
    told = () if end.confirmed else end.reasons
    lines += [clean(guard.reason) for guard in end.guards if guard.reason not in told]
    lines += [clean(note) for note in end.notes]
    if end.gate is not None:
        lines.append(f"{_gate(end.gate)}; asked {plural(report.queries, 'time')} so far")
    return lines


def _screened(verdict: Verdict) -> str:
    if verdict.unit is Unit.EXAMPLE and verdict.examples is not None:
        return plural(verdict.examples, "example")
    return plural(verdict.n, "pair")


def _gate(gate: GateAnswer) -> str:
    word = "pass" if gate.passed else "fail"
    return f"locked set {clean(gate.metric)}: {word}, about {gate.difference:+g}"


def _spread(measured: Measured) -> str:
    assert measured.mean is not None
    runs = plural(measured.n, "run")
    if not measured.sd:
        return f"{measured.mean:g} ({runs})"
    digits = decimals(measured.sd)
    return f"{number(measured.mean, digits)} ({runs}, sd {number(measured.sd, digits)})"


def _means(end: ConfirmationEnd) -> str:
    if end.baseline_mean is None or end.candidate_mean is None:
        return ""
    digits = digits_of(end)
    before, after = (number(each, digits) for each in (end.baseline_mean, end.candidate_mean))
    return f"{before} -> {after}, "


def _estimate(told: Verdict | ConfirmationEnd) -> str:
    if isinstance(told, Verdict):
        return " ".join(filter(None, difference_and_interval(told)))
    return estimate(told)


def _pairs(end: ConfirmationEnd) -> str:
    return "the locked set alone" if end.is_by_gate_alone else f"{end.n} of {end.pairs} pairs"


def _at_level(end: ConfirmationEnd) -> str:
    return "" if end.level is None else f" at level {end.level:.2g}"


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _confirmation_json(report: PromotionReport) -> dict[str, Any] | None:
    start, end = report.start, report.end
    if start is None or end is None:
        return None
    told = end.as_json()
    names = ("confirmed", "n", "pairs", "estimate", "low", "high", "baseline_mean", "candidate_mean",
             "reasons", "notes", "guards", "level", "p", "given")  # fmt: skip
    gate = None if end.gate is None else told["gate"] | {"queries": report.queries}
    return {
        "attempt": start.attempt,
        "test": start.test,
        **{name: told[name] for name in names},
        "gate": gate,
    }


def _next(report: PromotionReport) -> list[str]:
    short = report.short
    if report.is_refused:
        level = f"at level {report.next_level:.2g}"
        return [
            f"once more with fresh seeds, {level}   paribus promote {short} --again",
            f"its evidence   paribus show {short}",
        ]
    lines = [f"go on from it   {report.merge}"] if report.merge else []
    if report.promotion is not None:
        lines.append(f"share it   git push origin {report.promotion.tag}")
        if report.promotion.provisional is not None:
            lines.append(f"confirm it later   paribus promote {short}")
    return lines
