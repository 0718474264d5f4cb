"""Makes recorded runs again, a few at a time, each in a directory that is thrown away."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from paribus.core.errors import Problem
from paribus.core.reproduction import Outcome
from paribus.core.run import Intent, Run, Status
from paribus.core.surroundings import moved
from paribus.core.verification import Remade
from paribus.core.written import Written
from paribus.execute import card
from paribus.execute.afresh import FOLDER, Afresh, MadeAfresh, own_directory, perform_afresh
from paribus.execute.clone import Origin
from paribus.execute.executors import LocalExecutor, WorkerLost
from paribus.execute.session import Session
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook
from paribus.ledger.verifications import session
from paribus.workflows.listening import Going, Listener
from paribus.workflows.project import Project, now
from paribus.workflows.runner import TICK
from paribus.workflows.tasks import seed_params
from paribus.workflows.verification.chosen import Recorded
from paribus.workflows.verification.held import held_against
from paribus.workflows.verification.tested import Tested


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded run, its tree, and what it read and wrote, if that is still known."""

    recorded: Recorded
    tested: Tested
    files: Written | None


@dataclass(slots=True)
class Making:
    """Recorded runs that are being made again.

    Attributes:
        here: the session in which they are made.
        holder: names the lock that this process holds.
        remade: those that have ended, in the order in which they did.
        problems: why some of them could not be made.
    """

    project: Project
    branch: Branch
    executor: LocalExecutor
    here: Session
    holder: str
    listener: Listener
    remade: list[Remade] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def carry_out(self, known: Sequence[Known], jobs: int) -> None:
        """Makes them all; whoever cuts it off finds in `remade` what had ended."""
        self.listener.planned(len(known), known[0].tested.metric or "")
        waiting, running = list(known), dict[Future[MadeAfresh], _UnderWay]()
        with ThreadPoolExecutor(jobs) as threads:
            try:
                while waiting or running:
                    while waiting and len(running) < jobs:
                        under_way = self._under_way(waiting.pop(0))
                        self.listener.started(under_way.intent)
                        running[threads.submit(self._make, under_way)] = under_way
                    done, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._end(future, running.pop(future))
                    self.listener.waiting([each.going() for each in running.values()])
            except BaseException:
                self.executor.stop()
                raise

    def _under_way(self, known: Known) -> _UnderWay:
        intent = replace(
            known.recorded.run.intent,
            id=secrets.token_hex(5),
            session=self.here.id,
            host=self.here.host,
            started=now(),
        )
        file = card.path_of(self.project.cards, intent.id)
        with suppress(OSError):  # without a card it is only less visible
            card.write(file, card.new_card(intent.id, known.recorded.owner, self.holder))
        return _UnderWay(known, intent, file, time.monotonic())

    def _make(self, under_way: _UnderWay) -> MadeAfresh:
        try:
            with own_directory(self.project.make_state() / FOLDER) as directory:
                task = self._task(under_way, directory)
                return self.executor.submit(perform_afresh, task).result()
        finally:
            under_way.card.unlink(missing_ok=True)

    def _task(self, under_way: _UnderWay, directory: Path) -> Afresh:
        project, intent, known = self.project, under_way.intent, under_way.known
        repository = project.repository
        return Afresh(
            run=intent.id,
            origin=Origin(repository.top, repository.common_dir, project.prefix),
            directory=directory,
            log=project.logs / f"{intent.id}.log",
            commit=known.tested.commit,
            tree=known.tested.tree,
            params=seed_params(intent.seeds, project.prefix),
            guarded=known.tested.guarded,
            collect=known.tested.files,
            folders=known.files.folders if known.files else frozenset(),
            card=under_way.card,
        )

    def _end(self, future: Future[MadeAfresh], under_way: _UnderWay) -> None:
        remade = self._remade(future, under_way.known)
        self.remade.append(remade)
        # What did not end well is told with the answer, when it is recorded.
        if remade.comparison is not None:
            self.listener.ended(Run(under_way.intent, Status.SUCCEEDED, {}, remade.seconds))

    def _remade(self, future: Future[MadeAfresh], known: Known) -> Remade:
        run = known.recorded.run
        there = session(self.branch, run.intent.session)
        ended = Remade(run.intent.id, Outcome.FAILED, environment=moved(there, self.here.as_json()))
        try:
            made = future.result()
        except Problem as problem:
            self.problems.append(problem)
            return replace(ended, outcome=Outcome.NOT_VERIFIED, cause=problem.message)
        except WorkerLost as error:
            return replace(ended, cause=str(error))
        except OSError:
            raise  # a full disk: whoever verifies must hear of it, and nothing is known of the run
        except Exception as error:
            told = (str(error).strip().splitlines() or [""])[0]
            return replace(ended, cause=f"{type(error).__name__}: {told}")
        ended = replace(ended, seconds=round(made.seconds, 3))
        if made.cause is not None:
            return replace(
                ended, cause=made.cause, stage=made.stage, exit_code=made.exit_code,
                log_tail=made.log_tail,
            )  # fmt: skip
        try:
            comparison = held_against(
                run, known.files, made, known.tested, known.recorded.baseline, self._packed(run)
            )
        except Problem as problem:
            return replace(ended, cause=problem.message, log_tail=made.log_tail)
        outcome = comparison.outcome
        cause = None
        if outcome is Outcome.NOT_VERIFIED:
            cause = "nothing of it was run again: every stage is frozen"
            self.problems.append(
                Problem(
                    "nothing-to-verify",
                    f"run {run.intent.id}: {cause}",
                    "thaw a stage, in a commit of its own   dvc unfreeze STAGE",
                )
            )
        return replace(ended, outcome=outcome, comparison=comparison, cause=cause)

    def _packed(self, run: Run) -> Mapping[str, Any] | None:
        return Notebook(self.branch).examples([run.intent.id]).get(run.intent.id)


# Private functions


@dataclass(frozen=True, slots=True)
class _UnderWay:
    known: Known
    intent: Intent
    card: Path
    began: float

    def going(self) -> Going:
        told, elapsed = card.read(self.card), time.monotonic() - self.began
        stage = None if told is None else told.stage
        return Going(self.intent, stage, elapsed, self.known.recorded.run.seconds)
