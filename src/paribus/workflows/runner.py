"""Carries out runs: intent first, then the run, then its record, read back."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from paribus.core.clauses import Gate, Predictions
from paribus.core.errors import Problem
from paribus.core.metrics import is_number, looked_up, named, numbers
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.rules.params import param_name
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.values import KeyPath, Value
from paribus.dvc.documents import is_document, parse
from paribus.execute.clone import Origin
from paribus.execute.environment import worker_environment
from paribus.execute.executors import InlineExecutor, LocalExecutor, WorkerLost
from paribus.execute.holder import held
from paribus.execute.session import Session, current_session
from paribus.execute.task import Result, Task, perform
from paribus.git.identity import identity
from paribus.git.objects import Objects
from paribus.git.upkeep import join_small_packs
from paribus.ledger.notebook import Notebook
from paribus.workflows.gate import keep, question
from paribus.workflows.listening import Listener
from paribus.workflows.project import Project, now

TICK = 1.0
"""Seconds after which whoever waits is told that it goes on."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run: the baseline, or an experiment.

    Attributes:
        owner: where its records belong: the experiment's id, or `baseline/<snapshot key>`.
        experiment: its id, or None for the baseline.
        label: short, for the names of results.
        message: of the results' commits.
        baseline: commit that the results follow.
        tree: id of the tree to run.
        pipeline: what the tree declares.
        metric: the primary metric.
        guarded: files that a result must hold exactly as the tree does.
        fresh: whether DVC must run every stage: it would not see the change, or time is measured.
        predictions: where a run leaves a row for each evaluation example; None if nowhere.
        gate: a locked evaluation set, which the runs of a confirmation ask; None if there is none.
    """

    owner: str
    experiment: str | None
    label: str
    message: str
    baseline: str
    tree: str
    pipeline: Pipeline
    metric: str
    guarded: tuple[str, ...] = ()
    fresh: bool = False
    predictions: Predictions | None = None
    gate: Gate | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One run that is wanted; index, seeds, purpose and series are those of `Intent`.

    Attributes:
        fresh: whether DVC must run every stage for it.
    """

    subject: Subject
    index: int
    seeds: Mapping[str, int]
    purpose: Purpose = Purpose.MEASURE
    series: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended, with the owner of its record and its examples, packed, if it left any."""

    wanted: Wanted
    run: Run
    examples: Mapping[str, Any] | None = None


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
        ended: list[Run] = []
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
                ended += [each.run for each in finished]
        except BaseException:
            self._abandon(running)
            raise
        return ended

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
            collect=(*subject.pipeline.metrics_files(), *self._predictions_files(subject)),
            # Without a declared seed every repeat is the same to DVC, which would not run it again.
            fresh=subject.fresh or wanted.fresh or control or not (wanted.seeds or result),
            question=question(_asked(wanted)),
        )

    def _predictions_files(self, subject: Subject) -> tuple[str, ...]:
        given = subject.predictions
        return () if given is None else (joined(self._project.prefix, given.file),)

    def _ended(self, future: Future[Result], wanted: Wanted, intent: Intent) -> Ended:
        try:
            result = future.result()
        except (Exception, CancelledError) as error:
            # Not the stage's doing: a worker that died, a full disk, a clone that could not be made.
            return Ended(wanted, Run(intent, Status.KILLED, cause=_told(error)))
        failed = Run(
            intent, Status.FAILED, {}, round(result.seconds, 3), result.commit, result.ref,
            result.cause, result.stage, result.exit_code, result.log_tail,
        )  # fmt: skip
        if result.cause is not None or result.commit is None:
            return Ended(wanted, failed)
        run = _measured(failed, self._metrics(wanted, result), wanted.subject.metric)
        if (gate := _asked(wanted)) is not None:
            keep(self._project, intent.id, gate, result.answer)
        return self._with_examples(wanted, run, result) if run.succeeded else Ended(wanted, run)

    def _with_examples(self, wanted: Wanted, run: Run, result: Result) -> Ended:
        """A predictions file that was agreed on and cannot be read is a failed measurement."""
        given = wanted.subject.predictions
        if given is None:
            return Ended(wanted, run)
        from paribus.core.examples.packed import pack  # noqa: PLC0415 (imports numpy)
        from paribus.core.examples.reading import parse as parse_examples  # noqa: PLC0415

        (path,) = self._predictions_files(wanted.subject)
        with Objects(self._project.repository.git) as objects:
            data = objects.read(f"{result.commit}:{path}") or result.collected.get(path)
        try:
            if data is None:
                raise Problem("no-predictions", f"{path}: the run left no such file")
            examples = parse_examples(given, path, data)
        except Problem as problem:
            cause = f"predictions: {problem.message}"
            return Ended(wanted, replace(run, status=Status.FAILED, cause=cause))
        return Ended(wanted, replace(run, evaluation=examples.digest), pack(examples))

    def _metrics(self, wanted: Wanted, result: Result) -> dict[str, Value]:
        """The metrics that the result's commit holds; those that DVC caches, as the run left them."""
        files: dict[str, Value] = {}
        with Objects(self._project.repository.git) as objects:
            for path in wanted.subject.pipeline.metrics_files():
                data = objects.read(f"{result.commit}:{path}") or result.collected.get(path)
                if data is not None and is_document(path):
                    files[path] = parse(path, data).value
        return named(files)

    def _abandon(self, running: Mapping[Future[Result], tuple[Wanted, Intent]]) -> None:
        """Ends what is under way, and records what had ended as well as what did not."""
        done = {future for future in running if future.done()}
        if isinstance(self._executor, LocalExecutor):
            self._executor.stop()
        ended = [
            self._ended(future, wanted, intent)
            if future in done
            else Ended(wanted, Run(intent, Status.INTERRUPTED, cause="interrupted"))
            for future, (wanted, intent) in running.items()
        ]
        if ended:
            self._record(ended, [])


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


def _asked(wanted: Wanted) -> Gate | None:
    """A locked set is asked by the runs of a confirmation, and by no other."""
    return wanted.subject.gate if wanted.purpose is Purpose.CONFIRM else None


def _told(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    told = lines[0] if lines else type(error).__name__
    return told if isinstance(error, WorkerLost | Problem) else f"{type(error).__name__}: {told}"


def _measured(run: Run, metrics: Mapping[str, Value], primary: str) -> Run:
    """A run that gave numbers; without the primary metric as a finite number it has failed."""
    value = looked_up(metrics, primary)
    if not is_number(value):
        what = "is not there" if value is None else f"is {value}, which is no measurement"
        return replace(run, metrics=numbers(metrics), cause=f"metric {primary} {what}")
    found = numbers(metrics) | {primary: float(value)}
    return replace(run, status=Status.SUCCEEDED, metrics=found)
