"""Carries out runs: intent first, then the run, then its record, read back."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from typing import Any

from paribus.core.ending import too_big
from paribus.core.errors import Terminated
from paribus.core.run import Intent, Run, Status
from paribus.execute import card
from paribus.execute.afresh import FOLDER, sweep
from paribus.execute.environment import worker_environment
from paribus.execute.executors import InlineExecutor, LocalExecutor, WorkerLost
from paribus.execute.holder import held
from paribus.execute.session import Session, current_session
from paribus.execute.task import Result, perform
from paribus.git.identity import identity
from paribus.git.own_objects import remove_old_objects
from paribus.git.upkeep import join_small_packs
from paribus.ledger.notebook import Notebook
from paribus.reports.text import plural
from paribus.workflows.leftovers import end_leftovers, remove_old_logs
from paribus.workflows.limits import NO_LIMITS, Limits
from paribus.workflows.listening import Listener
from paribus.workflows.project import Project
from paribus.workflows.readiness import require_recordable
from paribus.workflows.results import Ended, ended, lost
from paribus.workflows.tasks import new_intent, task_of
from paribus.workflows.under_way import (
    FAIL_FAST,
    Pace,
    UnderWay,
    cancelled,
    reason,
    too_big_once_more,
)
from paribus.workflows.wanted import Wanted

PATIENCE = 5.0
"""Seconds for which the end of a killed worker is waited for."""

TICK = 1.0
"""Seconds after which whoever waits is told that it goes on."""


class Runner:
    """Runs what is wanted, a few at a time, and records each run as it ends.

    Attributes:
        session: in which it runs.
        stopped: whether a run failed and all others were ended for it.
    """

    def __init__(
        self,
        project: Project,
        notebook: Notebook,
        executor: Executor,
        jobs: int,
        holder: str,
        listener: Listener,
        limits: Limits = NO_LIMITS,
    ) -> None:
        """
        Args:
            jobs: how many at once.
            holder: names the lock that this process holds.
        """
        self.session: Session = current_session()
        self.stopped = False
        self._project = project
        self._notebook = notebook
        self._executor = executor
        self._jobs = jobs
        self._holder = holder
        self._listener = listener
        self._limits = limits
        self._pace = Pace()
        self._under_way: dict[Future[Result], UnderWay] = {}
        self._starting: list[tuple[Wanted, Intent]] = []

    def carry_out(
        self,
        wanted: Sequence[Wanted],
        stop: Callable[[Run], bool] = lambda _: False,
        drop: Callable[[Run, Wanted], bool] = lambda _, __: False,
    ) -> list[Run]:
        """Runs them in order, each recorded before and after.

        Args:
            stop: whether a run that ended makes the ones that have not started pointless.
            drop: whether it makes one of them pointless.

        Raises:
            KeyboardInterrupt, Terminated: after every run under way is ended and recorded as cancelled.
        """
        waiting = list(wanted)
        made: list[Run] = []
        if not waiting:
            return []
        self._listener.planned(len(waiting), waiting[0].subject.metric)
        try:
            self._advance({}, waiting)
            while self._under_way:
                done, _ = wait(self._under_way, self._tick(), return_when=FIRST_COMPLETED)
                self._watch()
                if not done:
                    continue
                finished = {future: self._ended(future) for future in done}
                runs = [each.run for each in finished.values()]
                self._stop_after(runs)
                if self.stopped or any(map(stop, runs)):
                    waiting.clear()
                for run in runs:
                    waiting[:] = [one for one in waiting if not drop(run, one)]
                self._advance(finished, waiting)
                made += runs
        except BaseException as error:
            self._abandon(error)
            raise
        return made

    def learn(self, owner: str, runs: Sequence[Run]) -> None:
        """Takes up how long earlier runs took, by which it is told what is to be expected."""
        self._pace.learn(owner, runs)

    def examples(self, runs: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What runs made of each evaluation example, packed, by the run's id."""
        return self._notebook.examples(runs)

    def _advance(self, finished: Mapping[Future[Result], Ended], waiting: list[Wanted]) -> None:
        """Records what ended, and the intents of as many as there are places; then starts these."""
        places = self._jobs - len(self._under_way) + len(finished)
        chosen = [
            (wanted, new_intent(wanted, self.session, self._holder)) for wanted in waiting[:places]
        ]
        del waiting[:places]
        self._starting = list(chosen)
        self._record(
            list(finished.values()), [(wanted.subject.owner, intent) for wanted, intent in chosen]
        )
        for future, each in finished.items():
            self._forget(self._under_way.pop(future))
            self._pace.learn(each.wanted.subject.owner, [each.run])
            self._listener.ended(each.run)
        for wanted, intent in chosen:
            self._start(wanted, intent)
            self._starting.remove((wanted, intent))

    def _start(self, wanted: Wanted, intent: Intent) -> None:
        alone = isinstance(self._executor, LocalExecutor)
        task = task_of(self._project, wanted, intent, alone=alone)
        assert task.card is not None
        limit = self._limits.timeout or wanted.subject.timeout
        started = UnderWay(wanted, intent, task.log, task.card, limit)
        with contextlib.suppress(OSError):  # without a card it is only less visible
            card.write(task.card, card.new_card(intent.id, wanted.subject.owner, self._holder))
        self._listener.started(intent)
        # Inside this process nobody watches while a run is made.
        with contextlib.nullcontext() if alone else started.watched():
            self._under_way[self._executor.submit(perform, task)] = started

    def _tick(self) -> float:
        """Seconds until somebody has to be told something, or ended."""
        left = [
            one.limit - one.seconds
            for one in self._under_way.values()
            if one.limit is not None and one.why is None
        ]
        return max(0.01, min([TICK, *left]))

    def _watch(self) -> None:
        """Tells what is under way, and ends what has had its time."""
        going = [(future, one) for future, one in self._under_way.items() if not future.done()]
        for future, one in going:
            if one.is_late and one.why is None:
                one.time_out()
                self._end(future)
        self._listener.waiting([one.going(self._pace) for _, one in going])

    def _end(self, future: Future[Result]) -> None:
        if isinstance(self._executor, LocalExecutor):
            self._executor.end(future)

    def _stop_after(self, runs: Sequence[Run]) -> None:
        """Where it was asked for, ends everything else when one of these runs did not succeed."""
        if not self._limits.fail_fast or self.stopped or all(run.succeeded for run in runs):
            return
        self.stopped = True
        for future, one in self._under_way.items():
            if not future.done():
                one.cancel(FAIL_FAST)
                self._end(future)

    def _forget(self, one: UnderWay) -> None:
        with contextlib.suppress(OSError):
            one.card.unlink(missing_ok=True)

    def _record(self, ended: Sequence[Ended], starting: Sequence[tuple[str, Intent]]) -> None:
        self._notebook.advance(
            [(each.wanted.subject.owner, each.run) for each in ended],
            starting,
            self.session.as_json(),
            {each.run.intent.id: each.examples for each in ended if each.examples is not None},
        )

    def _ended(self, future: Future[Result]) -> Ended:
        one = self._under_way[future]
        try:
            result = future.result()
        except (Exception, CancelledError) as error:
            if one.why is not None:
                return one.cut()
            if isinstance(error, WorkerLost):
                return one.lost(error)
            return lost(one.wanted, one.intent, error)
        if one.why is not None and result.cause is not None:
            return one.cut()
        found = ended(self._project, one.wanted, one.intent, result)
        return too_big_once_more(found) if self._is_too_big(found) else found

    def _is_too_big(self, found: Ended) -> bool:
        owner = found.wanted.subject.owner
        kind, _, key = owner.rpartition("/")
        if found.run.status is not Status.KILLED:
            return False
        page = self._notebook.baseline(key) if kind else self._notebook.experiment(key)
        return too_big(found.run, page.runs)

    def _abandon(self, error: BaseException) -> None:
        """Ends what is under way, and records what had ended as well as what did not."""
        going = [one for future, one in self._under_way.items() if not future.done()]
        if going and isinstance(error, KeyboardInterrupt | Terminated):
            self._listener.noted(
                f"ending {plural(len(going), 'run')} under way; the same signal again ends at once"
            )
        because = reason(error)
        for one in going:
            one.cancel(because)
        if isinstance(self._executor, LocalExecutor):
            self._executor.stop()
        wait(self._under_way, PATIENCE)
        runs = [
            self._ended(future) if future.done() else one.cut()
            for future, one in self._under_way.items()
        ]
        runs += [cancelled(wanted, intent, because) for wanted, intent in self._starting]
        if runs:
            self._record(runs, [])
        for one in self._under_way.values():
            self._forget(one)
        self._under_way.clear()
        self._starting.clear()


@contextmanager
def running(
    project: Project,
    notebook: Notebook,
    jobs: int,
    listener: Listener,
    limits: Limits = NO_LIMITS,
) -> Iterator[Runner]:
    """A runner with its workers, which end with the block.

    Args:
        jobs: how many at once; 0 runs them in this process, for debugging.

    Raises:
        Problem: what is about to be run could not be recorded.
    """
    require_recordable(project)
    end_leftovers(project)
    sweep(project.state / FOLDER)
    who = identity(project.repository.git)
    environment = worker_environment(who)
    executor: Executor = LocalExecutor(jobs, environment) if jobs else _in_this_process(environment)
    with held(project.holders) as holder, executor:
        yield Runner(project, notebook, executor, max(1, jobs), holder, listener, limits)
    join_small_packs(project.repository)
    remove_old_logs(project.logs)
    remove_old_objects(project.repository.common_dir)


# Private functions


def _in_this_process(environment: Mapping[str, str]) -> Executor:
    """This process is the worker, and so has a worker's environment."""
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    return InlineExecutor()
