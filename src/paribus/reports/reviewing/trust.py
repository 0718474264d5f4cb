"""What a reviewer may rely on in a verdict, and how it was come by."""

from __future__ import annotations

from paribus.core.run import Purpose
from paribus.reports.registration import before, null_control
from paribus.reports.reviewing.model import Evidence, Judged, ended, fresh_failures
from paribus.reports.runs import failure, last_words
from paribus.reports.standing import estimate, fresh_pairs
from paribus.reports.text import plural
from paribus.reports.verdict import WORDS, difference_and_interval, for_new_examples
from paribus.reports.verify import in_one_line

Told = tuple[str, list[str]]

_HEAD = {
    True: "the tree that was run is the head's, in all that can move a metric",
    False: "the head has the change that was run, and differs from that tree elsewhere",
    None: "the head has the change that was run; that tree is not here to be held against it",
}
_TREE = {
    True: "tree = tested tree",
    False: "tree differs from the tested one",
    None: "tested tree not here",
}


def trust(found: Judged) -> Told:
    """(a summary, what is behind it)."""
    evidence = found.evidence
    assert evidence is not None
    report = evidence.report
    controls = null_control(report.controls, None)
    summary, lines = [controls], [f"{controls}: the baseline's own seeds, made again"]
    if report.replay is not None:
        alarms = null_control(report.controls, report.replay).removeprefix(f"{controls}; ")
        lines.append(f"{alarms}: the rule, held against halves of the baseline")
    if evidence.sessions:
        same = evidence.sessions == 1
        summary.append("same session" if same else f"{evidence.sessions} sessions")
        lines.append(f"the pairs were made in {plural(evidence.sessions, 'session')}")
    summary.append("baseline current" if found.stale is None else f"{found.stale} came since")
    summary.append(_TREE[evidence.same_tree])
    lines.append(f"measured against {report.registration.baseline['name']}")
    lines.append(_HEAD[evidence.same_tree])
    for short, whole in _doubts(evidence):
        summary.append(short)
        lines.append(whole)
    made = in_one_line(report.verified)
    told = [made] if made else []
    return " · ".join([*summary, *told]), [*lines, *told]


def broke(evidence: Evidence) -> Told | None:
    """(the run that failed, the last that it said); None where none did."""
    failed = [*evidence.report.failed, *fresh_failures(evidence.report)]
    if not failed:
        return None
    told = failure(failed[0])[0].removesuffix("; recorded")
    told = told[:1].upper() + told[1:]
    if failed[0].intent.purpose is Purpose.CONFIRM:
        told = told.replace(": pair ", ": fresh pair ", 1)
    return told, last_words(failed[0])[-4:]


def looked(evidence: Evidence) -> Told:
    """(how often it was tried, each look and each reason)."""
    report = evidence.report
    verdict = report.verdict
    tries = sum(evidence.tries.values())
    told = [plural(verdict.n if verdict else 0, "pair"), plural(len(report.trail), "look")]
    if tries:
        each = ", ".join(f"{count} {word}" for word, count in sorted(evidence.tries.items()))
        word = "other try" if tries == 1 else "other tries"
        told.append(f"{tries} {word} on this param ({each})")
    lines = []
    for look in report.trail:
        numbers = " ".join(filter(None, difference_and_interval(look)))
        lines.append(f"after {plural(look.n, 'pair')}: {numbers} {WORDS[look.outcome]}")
    if verdict is not None:
        lines += [*verdict.reasons, *(line.strip() for line in for_new_examples(verdict))]
    end = report.place.end
    if end is not None:
        told.insert(2, fresh_pairs(end))
        word = "confirmed" if end.confirmed else "not confirmed"
        lines.append(f"then {fresh_pairs(end)}: {estimate(end)} {word}")
        lines += [*end.reasons, *end.notes]
    return ", ".join(told), [*lines, *before(report.registration)]


def cost(evidence: Evidence) -> str:
    """Runs of the candidate, failures too, and how long they took."""
    runs = [
        run
        for run in ended(evidence.report)
        if run.intent.purpose in (Purpose.MEASURE, Purpose.CONFIRM)
    ]
    seconds = sum(run.seconds for run in runs)
    took = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    failed = sum(not run.succeeded for run in runs)
    bad = f", {failed} of them failed" if failed else ""
    return f"{plural(len(runs), 'run')} of the candidate{bad}, {took}"


# Private functions


def _doubts(evidence: Evidence) -> list[tuple[str, str]]:
    """What makes a verdict worth less than its interval says: (in a word or two, in a sentence)."""
    report, told = evidence.report, []
    if report.place.unconfirmed:
        whole = "the baseline itself was promoted without a confirmation"
        told.append(("baseline unconfirmed", whole))
    if report.registration.seed_list:
        whole = "the seeds are listed in paribus.yaml, so that anybody can have tuned to them"
        told.append(("seeds listed", whole))
    if evidence.unreadable:
        lost = plural(len(evidence.unreadable), "record")
        told.append((f"{lost} unreadable", f"{lost} of it cannot be read here"))
    return told
