"""Carries out runs: intent first, then the run, then its record, read back."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from typing import Any

from paribus.core.paths import joined
from paribus.core.rules.params import param_name
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.values import KeyPath, Value
from paribus.execute.clone import Origin
from paribus.execute.environment import worker_environment
from paribus.execute.executors import InlineExecutor, LocalExecutor
from paribus.execute.holder import held
from paribus.execute.session import Session, current_session
from paribus.execute.task import Result, Task, perform
from paribus.git.identity import identity
from paribus.git.upkeep import join_small_packs
from paribus.ledger.notebook import Notebook
from paribus.workflows.listening import Listener
from paribus.workflows.project import Project, now
from paribus.workflows.promotion.gate import question
from paribus.workflows.results import Ended, ended, lost
from paribus.workflows.wanted import Wanted, predictions_files

TICK = 1.0
"""Seconds after which whoever waits is told that it goes on."""


class Runner:
    """Runs what is wanted, a few at a time, and records each run as it ends."""

    def __init__(
        self,
        project: Project,
        notebook: Notebook,
        executor: Executor,
        jobs: int,
        holder: str,
        listener: Listener,
    ) -> None:
        """
        Args:
            jobs: how many at once.
            holder: names the lock that this process holds.
        """
        self.session: Session = current_session()
        self._project = project
        self._notebook = notebook
        self._executor = executor
        self._jobs = jobs
        self._holder = holder
        self._listener = listener

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
            KeyboardInterrupt: after every run under way is ended and recorded as interrupted.
        """
        waiting = list(wanted)
        running: dict[Future[Result], tuple[Wanted, Intent]] = {}
        made: list[Run] = []
        if not waiting:
            return []
        self._listener.planned(len(waiting), waiting[0].subject.metric)
        try:
            running |= self._advance([], waiting, self._jobs)
            while running:
                done, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
                if not done:
                    self._listener.waiting()
                    continue
                finished = [self._ended(future, *running[future]) for future in done]
                if any(stop(each.run) for each in finished):
                    waiting.clear()
                for each in finished:
                    waiting[:] = [one for one in waiting if not drop(each.run, one)]
                places = self._jobs - len(running) + len(done)
                started = self._advance(finished, waiting, places)
                running = {
                    future: of for future, of in running.items() if future not in done
                } | started
                made += [each.run for each in finished]
        except BaseException:
            self._abandon(running)
            raise
        return made

    def examples(self, runs: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What runs made of each evaluation example, packed, by the run's id."""
        return self._notebook.examples(runs)

    def _advance(
        self, finished: Sequence[Ended], waiting: list[Wanted], places: int
    ) -> dict[Future[Result], tuple[Wanted, Intent]]:
        """Records what ended, and the intents of as many as there are places; then starts these."""
        chosen = [(wanted, self._intent(wanted)) for wanted in waiting[:places]]
        del waiting[:places]
        self._record(finished, [(wanted.subject.owner, intent) for wanted, intent in chosen])
        for each in finished:
            self._listener.ended(each.run)
        started = {}
        for wanted, intent in chosen:
            self._listener.started(intent)
            future = self._executor.submit(perform, self._task(wanted, intent))
            started[future] = (wanted, intent)
        return started

    def _record(self, ended: Sequence[Ended], starting: Sequence[tuple[str, Intent]]) -> None:
        self._notebook.advance(
            [(each.wanted.subject.owner, each.run) for each in ended],
            starting,
            self.session.as_json(),
            {each.run.intent.id: each.examples for each in ended if each.examples is not None},
        )

    def _intent(self, wanted: Wanted) -> Intent:
        return Intent(
            id=secrets.token_hex(5),
            index=wanted.index,
            seeds=wanted.seeds,
            purpose=wanted.purpose,
            session=self.session.id,
            holder=self._holder,
            host=self.session.host,
            started=now(),
            experiment=wanted.subject.experiment,
            series=wanted.series,
        )

    def _task(self, wanted: Wanted, intent: Intent) -> Task:
        project, subject = self._project, wanted.subject
        state = project.make_state()
        control, result = (wanted.purpose is each for each in (Purpose.CONTROL, Purpose.RESULT))
        which = "the tree's own seeds" if result else f"pair {wanted.index + 1}"
        return Task(
            name=f"paribus-{subject.label}-{wanted.index + 1}-{intent.id}",
            message=f"{subject.message}, {which}",
            origin=Origin(project.repository.top, project.repository.common_dir, project.prefix),
            pool=state / "pool",
            log=state / "logs" / f"{intent.id}.log",
            baseline=subject.baseline,
            tree=subject.tree,
            params=seed_params(wanted.seeds, project.prefix),
            guarded=subject.guarded,
            collect=(
                *subject.pipeline.metrics_files(),
                *predictions_files(subject, project.prefix),
            ),
            # Without a declared seed every repeat is the same to DVC, which would not run it again.
            fresh=subject.fresh or wanted.fresh or control or not (wanted.seeds or result),
            question=question(wanted.asks),
        )

    def _ended(self, future: Future[Result], wanted: Wanted, intent: Intent) -> Ended:
        try:
            result = future.result()
        except (Exception, CancelledError) as error:
            return lost(wanted, intent, error)
        return ended(self._project, wanted, intent, result)

    def _abandon(self, running: Mapping[Future[Result], tuple[Wanted, Intent]]) -> None:
        """Ends what is under way, and records what had ended as well as what did not."""
        done = {future for future in running if future.done()}
        if isinstance(self._executor, LocalExecutor):
            self._executor.stop()
        runs = [
            self._ended(future, wanted, intent)
            if future in done
            else Ended(wanted, Run(intent, Status.INTERRUPTED, cause="interrupted"))
            for future, (wanted, intent) in running.items()
        ]
        if runs:
            self._record(runs, [])


@contextmanager
def running(
    project: Project, notebook: Notebook, jobs: int, listener: Listener
) -> Iterator[Runner]:
    """A runner with its workers, which end with the block.

    Args:
        jobs: how many at once; 0 runs them in this process, for debugging.
    """
    who = identity(project.repository.git)
    environment = worker_environment(who)
    executor: Executor = LocalExecutor(jobs, environment) if jobs else _in_this_process(environment)
    with held(project.holders) as holder, executor:
        yield Runner(project, notebook, executor, max(1, jobs), holder, listener)
    join_small_packs(project.repository)


def seed_params(seeds: Mapping[str, int], prefix: str) -> dict[str, dict[KeyPath, Value]]:
    """Seeds as values of params files."""
    params: dict[str, dict[KeyPath, Value]] = {}
    for name, value in seeds.items():
        file, path = param_name(name)
        params.setdefault(joined(prefix, file), {})[path] = value
    return params


# Private functions


def _in_this_process(environment: Mapping[str, str]) -> Executor:
    """This process is the worker, and so has a worker's environment."""
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    return InlineExecutor()
