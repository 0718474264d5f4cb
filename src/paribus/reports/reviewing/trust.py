"""What a reviewer may rely on in a verdict, and how it was come by."""

from __future__ import annotations

from paribus.core.run import Purpose
from paribus.reports.registration import null_control
from paribus.reports.reviewing.model import Evidence, Judged, ended
from paribus.reports.text import plural
from paribus.reports.verdict import difference_and_interval, for_new_examples
from paribus.reports.verify import in_one_line

Told = tuple[str, list[str]]

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
    session = "same session" if evidence.sessions == 1 else f"{evidence.sessions} sessions"
    current = "baseline current" if found.stale is None else f"{found.stale} came since"
    tree = _TREE[evidence.same_tree]
    controls = null_control(report.controls, report.replay)
    lines = [
        f"{controls}: the baseline's own seeds, made again",
        f"the pairs were made in {plural(evidence.sessions, 'session')}",
        f"measured against {report.registration.baseline['name']}",
        f"the change of the tested tree is that of the head; {tree}",
    ]
    if report.place.unconfirmed:
        lines.append("the baseline itself was promoted without a confirmation")
    if report.registration.seed_list:
        lines.append("the seeds are listed in paribus.yaml, so that anybody can have tuned to them")
    if evidence.unreadable:
        lines.append(f"{plural(len(evidence.unreadable), 'record')} of it cannot be read here")
    made = in_one_line(report.verified)
    return " · ".join([controls, session, current, tree]), [*lines, *([made] if made else [])]


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
        lines.append(f"after {plural(look.n, 'pair')}: {numbers} {look.outcome.value}")
    if verdict is not None:
        lines += [*verdict.reasons, *(line.strip() for line in for_new_examples(verdict))]
    for one in report.registration.earlier:
        lines.append(
            f"tried before as {str(one['experiment'])[:4]}: {one['outcome'] or 'no verdict'}"
        )
    return ", ".join(told), lines


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
