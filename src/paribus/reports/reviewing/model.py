"""What a review knows, and the finding that follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from paribus.core.errors import Exit, Problem
from paribus.core.review import STATUS, Facts, Finding, finding
from paribus.core.run import Purpose, Run, Status
from paribus.core.tolerance import Gated
from paribus.core.values import MISSING, Value, same
from paribus.core.verdict import Hold
from paribus.reports.check import CheckReport
from paribus.reports.run import RunReport
from paribus.reports.text import plural

LONGEST_NAME = 200
"""Characters of a project's folder in a marker; a longer one is told by its hash."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Examples of the evaluation set that went over to the other side.

    Attributes:
        right, wrong: how many are newly right, and newly wrong: by the majority of the pairs, or, where
            each seed draws examples of its own, in a pair on average.
        size: of the evaluation set, on average.
        pairs: that were asked.
        each: whether each pair has examples of its own.
    """

    right: float
    wrong: float
    size: float
    pairs: int
    each: bool

    @property
    def told(self) -> str:
        """In a line."""
        if self.each:
            return (
                f"{self.right:.1f} predictions of {self.size:.0f} newly right in a pair, "
                f"{self.wrong:.1f} newly wrong"
            )
        return (
            f"{plural(round(self.right), 'prediction')} newly right, {self.wrong:.0f} newly wrong"
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ledger has of the tree under review.

    Attributes:
        report: of the experiment.
        pairs: the runs of each pair that the verdict rests on, (baseline, candidate).
        same_tree: whether the tested tree and the head are one snapshot; None where the tested tree is
            not here.
        sessions: in how many sessions the pairs were made.
        turned: None where the predictions of the pairs are not known.
        tries: how earlier experiments with the same param came out, by the word for it.
        unreadable: paths of its records that this version cannot read.
    """

    report: RunReport
    pairs: tuple[tuple[Run, Run], ...]
    same_tree: bool | None
    sessions: int
    turned: Turned | None
    tries: Mapping[str, int]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same change, measured against another baseline or by another agreement.

    Attributes:
        short: the experiment's id as it is shown.
        against: name of its baseline.
        said: its verdict in a line.
    """

    short: str
    against: str
    said: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The metrics that both commits have in Git or in the cache: one run a side, whoever made it.

    Attributes:
        old, new: by name.
        why_not: why they say nothing of this tree; None where they may.
    """

    old: Mapping[str, Value]
    new: Mapping[str, Value]
    why_not: str | None

    @property
    def moved(self) -> list[str]:
        """Names of the metrics that are not the same on both sides; none where they say nothing."""
        if self.why_not is not None:
            return []
        names = dict.fromkeys((*self.old, *self.new))
        sides = (self.old, self.new)
        return [name for name in names if not same(*(side.get(name, MISSING) for side in sides))]


@dataclass(frozen=True, slots=True)
class Judged:
    """A pull request that could be judged.

    Attributes:
        check: what it changes.
        evidence: None where the ledger has nothing of its tree.
        elsewhere: the same change under other conditions, the latest first.
        committed: metrics that are committed; None where they cannot be read.
        gate: what the gate says of each metric.
        stale: name of the baseline that came since; None where none did.
    """

    check: CheckReport
    evidence: Evidence | None
    elsewhere: tuple[Elsewhere, ...]
    committed: Committed | None
    gate: tuple[Gated, ...]
    stale: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """A review of one project's part of a pull request.

    Attributes:
        project: its folder from the top of the repository; empty for the top itself.
        head: full SHA of the judged commit; None for the working tree.
        found: what was judged, or why it could not be, or why there is nothing to judge.
    """

    project: str
    head: str | None
    found: Judged | Problem | str

    @property
    def finding(self) -> Finding:
        """What is to be known first."""
        found = self.found
        if isinstance(found, str):
            return Finding.NO_CHANGE
        if isinstance(found, Problem):
            is_edited = found.code == Finding.EDITED_METRIC.value
            return Finding.EDITED_METRIC if is_edited else Finding.CANNOT_JUDGE
        return finding(_facts(found))

    @property
    def status(self) -> Exit:
        """The exit code."""
        return STATUS[self.finding]

    @property
    def marker(self) -> str:
        """By which the comment is found again; one for each project of a repository."""
        name = "".join(
            letter
            if letter.isascii() and (letter.isalnum() or letter in "/._")
            else f"%{ord(letter):X}"
            for letter in self.project or "."
        )
        if len(name) > LONGEST_NAME:  # a comment has a limit, and a path has none
            digest = hashlib.sha256(self.project.encode("utf-8", "surrogatepass")).hexdigest()
            name = f"{name[:LONGEST_NAME]}.{digest[:16]}"
        return f"paribus:review:{name}"


def ended(report: RunReport) -> tuple[Run, ...]:
    """Runs of the candidate with an end: whether others still run depends on who asks, and when."""
    open_ = (Status.RUNNING, Status.INTERRUPTED)
    return tuple(run for run in report.candidate_runs if run.status not in open_)


def fresh_failures(report: RunReport) -> list[Run]:
    """Runs of the candidate that failed by themselves in the confirmation which ended for that."""
    end = report.place.end
    if end is None or end.confirmed or end.p is not None:
        return []
    series = f"confirm-{end.attempt}"
    return [
        run
        for run in report.candidate_runs
        if run.intent.purpose is Purpose.CONFIRM
        and run.status is Status.FAILED
        and (run.intent.series == series or run.intent.series.startswith(f"{series}-"))
    ]


# Private functions


def _facts(found: Judged) -> Facts:
    report = found.evidence.report if found.evidence else None
    verdict = report.verdict if report else None
    primary = [one for one in found.gate if one.metric == found.check.metric]
    return Facts(
        count=found.check.judgement.outcome,
        allowed=found.check.allowed_because is not None,
        moves_ruler=found.check.judgement.moves_ruler,
        verdict=verdict,
        failed=bool(report and (report.failed or fresh_failures(report))),
        refuted=bool(report and report.place.confirmed is False),
        stale=found.stale is not None,
        gate=tuple(
            one.verdict for one in found.gate if verdict is None or one.metric != found.check.metric
        ),
        tolerated=primary[0].verdict if primary and verdict is not None else None,
        lost=report is not None and _lost(report),
    )


def _lost(report: RunReport) -> bool:
    """Whether fresh pairs that refuted an experiment showed that it is worse."""
    end = report.place.end
    if end is None or end.confirmed:
        return False
    if any(guard.hold is Hold.BROKEN for guard in end.guards):
        return True
    if end.low is None or end.high is None:
        return False
    return end.high < 0 if report.registration.plan.higher_is_better else end.low > 0
