"""Confirms a candidate: fresh seeds on both sides, and one test at the level that it began with.

A candidate was chosen because its runs looked good, so they say too much of it. These runs are made
after the choice, with seeds that follow from the registration and from a number that is drawn when the
confirmation starts; and nothing is decided before the last.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from paribus.core.clauses import Gate
from paribus.core.errors import Exit, Problem
from paribus.core.identity import digest
from paribus.core.pairing import seeds_wired
from paribus.core.promotion import FRESH_PAIRS, ConfirmationStart
from paribus.core.run import Run
from paribus.execute.holder import held
from paribus.ledger.promotions import Attempt
from paribus.workflows.measuring import require_success
from paribus.workflows.project import Project, now
from paribus.workflows.promotion.fresh_pairs import SINGLE, Candidacy, FreshPairs
from paribus.workflows.promotion.gate import require_locked
from paribus.workflows.registering import author
from paribus.workflows.runner import Runner
from paribus.workflows.subjects import baseline_series

PATIENCE = 10.0
"""Seconds to wait for another confirmation that takes its number at this moment."""


def answer_of(candidacy: Candidacy, *, again: bool) -> Attempt | None:
    """The confirmation that has answered already, if it is to stand.

    Args:
        again: whether one that did not confirm it is to be followed by another.
    """
    promotions = candidacy.notebook.promotions(candidacy.project.prefix)
    latest = promotions.latest(candidacy.page.id)
    if latest is None or latest.end is None or (again and not latest.end.confirmed):
        return None
    return latest


def confirm(candidacy: Candidacy, runner: Runner) -> Attempt:
    """Makes the fresh runs that are missing, judges them, and records the answer.

    Raises:
        Problem: fresh seeds are no evidence here; a run was killed; the baseline fails; the locked set
            cannot be asked. What ran is kept, and the same command goes on.
    """
    if candidacy.gate is not None:
        require_locked(candidacy.found, candidacy.gate)
    start = _open(candidacy) or _begun(candidacy, tells=_seeds_tell(candidacy, runner))
    fresh = FreshPairs(candidacy, start, runner)
    fresh.run()
    end = fresh.judged()
    candidacy.notebook.confirm(end)
    return Attempt(start, end)


# Private functions


def _open(candidacy: Candidacy) -> ConfirmationStart | None:
    """A confirmation that began and has no answer: it goes on as it was fixed.

    One without a level is an earlier version's, and could only have asked without a test.
    """
    latest = candidacy.notebook.promotions(candidacy.project.prefix).latest(candidacy.page.id)
    if latest is None or latest.end is not None or latest.start.level is None:
        return None
    if latest.start.gate != _as_json(candidacy.gate):
        raise Problem(
            "gate-moved",
            f"the gate was changed after confirmation {latest.start.attempt} began",
            "put it back as it was in paribus.yaml, and promote again",
            status=Exit.UNDECIDED,
        )
    return latest.start


def _begun(candidacy: Candidacy, *, tells: bool) -> ConfirmationStart:
    """Records a new confirmation before its first run."""
    if not tells and (candidacy.gate is None or candidacy.gate.predictions is None):
        raise _no_evidence(candidacy)
    page, project, nonce = candidacy.page, candidacy.project, secrets.token_hex(8)
    with _turn(project):
        promotions = candidacy.notebook.promotions(project.prefix)
        latest = promotions.latest(page.id)
        attempt = 1 if latest is None else latest.start.attempt + 1
        start = ConfirmationStart(
            experiment=page.id,
            attempt=attempt,
            project=project.prefix,
            test=promotions.tests + 1,
            level=promotions.next_level,
            pairs=FRESH_PAIRS if tells else SINGLE,
            key=f"confirm:{digest(candidacy.registration.as_json())}:{attempt}:{nonce}",
            gate=_as_json(candidacy.gate),
            started=now(),
            author=author(project),
            nonce=nonce,
        )
        candidacy.notebook.confirm(start)
    return start


@contextmanager
def _turn(project: Project) -> Iterator[None]:
    """One after another, so that no two confirmations take one number."""
    since = time.monotonic()
    while True:
        try:
            with held(project.holders, "confirmations"):
                yield
                return
        except BlockingIOError:
            if time.monotonic() - since > PATIENCE:
                raise
            time.sleep(0.05)


def _as_json(gate: Gate | None) -> dict[str, str] | None:
    return None if gate is None else gate.as_json()


def _no_evidence(candidacy: Candidacy) -> Problem:
    seeds = candidacy.ground.protocol.seeds
    why = "the declared seeds change nothing" if seeds else "no seeds are declared"
    return Problem(
        "no-fresh-evidence",
        f"{why}, so fresh runs would only repeat what is known: they cannot confirm it",
        "ask other examples         gate: in paribus.yaml, a locked set, with its predictions:",
        "declare a seed that moves  seeds: in paribus.yaml",
        f'or promote it unconfirmed  paribus promote {candidacy.page.id[:8]} --provisional "why"',
        status=Exit.UNDECIDED,
    )


def _seeds_tell(candidacy: Candidacy, runner: Runner) -> bool:
    """Whether other seeds give other numbers, told by the baseline's screening runs alone."""
    found, ground = candidacy.found, candidacy.ground
    page = candidacy.notebook.baseline(ground.key)
    series = baseline_series(found.candidate, ground, page, candidacy.registration.generation)
    known: dict[str, list[Run]] = {}
    for run in series.runs:
        if run.intent.purpose is series.purpose:
            known.setdefault(run.intent.session, []).append(run)
    if not any(len(runs) > 1 for runs in known.values()):
        series.trusted = {runner.session.id}
        series.runs += runner.carry_out(series.missing(2))
        require_success(series)
        known = {runner.session.id: series.succeeded()}
    return any(seeds_wired(runs) for runs in known.values() if len(runs) > 1)
