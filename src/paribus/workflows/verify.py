"""`paribus verify`: recorded runs, made again from a clean clone without caches, and compared."""

from __future__ import annotations

import secrets
from dataclasses import replace

from paribus.core.verification import VerificationEnd, VerificationStart
from paribus.execute.afresh import FOLDER, sweep
from paribus.execute.environment import worker_environment
from paribus.execute.executors import LocalExecutor
from paribus.execute.holder import held
from paribus.execute.session import current_session
from paribus.git.identity import identity
from paribus.git.objects import Objects
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook
from paribus.ledger.verifications import begin, finish
from paribus.reports.text import plural
from paribus.reports.verify import VerifyReport
from paribus.workflows.experiments import short_id
from paribus.workflows.leftovers import end_leftovers
from paribus.workflows.listening import Listener
from paribus.workflows.project import Project, now
from paribus.workflows.readiness import require_recordable
from paribus.workflows.registering import author
from paribus.workflows.verification.chosen import Chosen, chosen
from paribus.workflows.verification.held import recorded_files
from paribus.workflows.verification.making import Known, Making
from paribus.workflows.verification.tested import tested


def verify(
    project: Project, text: str, pairs: int, jobs: int, listener: Listener, *, both: bool
) -> VerifyReport:
    """Makes recorded runs again, compares, and records what came of it.

    Args:
        text: the beginning of an experiment's or a run's id, or `baseline`.
        pairs: how many pairs, from the first that counts.
        jobs: how many runs at once, at least 1.
        both: whether the baseline's run of each pair, too.

    Raises:
        Problem: it cannot be verified: data or the recorded tree are missing, or are not what their
            hashes say. This, too, is recorded, where a run was about to start.
        KeyboardInterrupt: after what had ended is recorded.
    """
    branch = Branch(project.repository.git)
    what = chosen(project, branch, text, pairs, both=both)
    require_recordable(project)
    end_leftovers(project)
    left = sweep(project.make_state() / FOLDER)
    if left:
        listener.noted(f"{plural(left, 'clone')} of killed verifications thrown away")
    with Objects(project.repository.git) as objects:
        known = [
            Known(one, tested(project, objects, one), recorded_files(objects, one.run))
            for one in what.runs
        ]
    report = _made(project, branch, what, known, min(jobs, len(known)), listener)
    registration = what.registration
    short = short_id(Notebook(branch), what.subject) if registration else what.subject[:7]
    return replace(report, short=short)


# Private functions


def _made(
    project: Project,
    branch: Branch,
    what: Chosen,
    known: list[Known],
    jobs: int,
    listener: Listener,
) -> VerifyReport:
    here, who = current_session(), identity(project.repository.git)
    runs = tuple(one.run for one in what.runs)
    with held(project.holders) as holder, LocalExecutor(jobs, worker_environment(who)) as executor:
        start = VerificationStart(
            secrets.token_hex(5),
            what.subject,
            tuple(run.intent.id for run in runs),
            here.id,
            holder,
            here.host,
            now(),
            author(project),
        )
        begin(branch, start, here.as_json())
        making = Making(project, branch, executor, here, holder, listener)
        try:
            making.carry_out(known, jobs)
        except BaseException:
            end = VerificationEnd(start.id, what.subject, tuple(making.remade), now(), True)
            finish(branch, end)
            raise
    places = {run.intent.id: index for index, run in enumerate(runs)}
    remade = tuple(sorted(making.remade, key=lambda one: places[one.run]))
    end = VerificationEnd(start.id, what.subject, remade, now())
    recorded = finish(branch, end)
    if making.problems:
        raise making.problems[0]
    return VerifyReport(start, end, "", what.registration, runs, recorded)
