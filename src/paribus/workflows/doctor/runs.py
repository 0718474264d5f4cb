"""Runs without an end, and what is left of runs that are over."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from paribus.core.run import Intent, Run, Status
from paribus.execute import card
from paribus.execute.holder import is_held
from paribus.execute.processes import end_marked
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.text import plural
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import DAY, Ground
from paribus.workflows.doctor.survey import Open, has_lost_ends
from paribus.workflows.experiments import unfinished
from paribus.workflows.leftovers import cards_left, end_leftovers

GONE = "its process was gone before its end was recorded"
CAME_HOME = "its process was gone when its result had come home, before it was recorded"


def check_runs(ground: Ground) -> Iterator[Ailment]:
    """Runs that were started, have no end, and on which nobody works."""
    over = [one for one in ground.survey.open if _is_over(ground, one.intent)]
    here = [one for one in over if one.intent.host == socket.gethostname()]
    ends = _Ends(ground, here)
    for one in here:
        message = f"run {one.intent.id} never ended, and its process is gone"
        if one.result:
            message += f"; its result came home, to {one.result[1][:12]}"
        yield ailment(
            "interrupted-run",
            message,
            one.owner,
            repair=partial(ends.record, one),
        )
    for one in over:
        if one not in here:
            yield ailment(
                "lost-run",
                f"run {one.intent.id} on {one.intent.host} has no end since {one.intent.started[:16]}",
                one.owner,
                "ask there   paribus doctor --fix && paribus sync",
            )


def check_processes(ground: Ground) -> Iterator[Ailment]:
    """Processes that outlived their run, and cards of runs that are over."""
    cards = {told.run for _, told in cards_left(ground.project) if told}
    for run, processes in sorted(ground.marked.items()):
        intent, pids = ground.survey.holders.get(run), sorted(pid for pid, _ in processes)
        dead = (
            intent is not None and _is_dead(ground, intent) and _is_in_our_clone(ground, processes)
        )
        if run in cards or dead:
            listed = ", ".join(map(str, pids))
            yield ailment(
                "orphan-processes",
                f"{plural(len(processes), 'process')} of run {run} outlived it: {listed}".replace(
                    "processs", "processes"
                ),
                f"run {run}",
                f"end them   kill {' '.join(map(str, pids))}",
                repair=partial(_end, run),
            )
    for file, _ in cards_left(ground.project):
        yield ailment(
            "stale-card",
            "a card of a run that is over",
            str(file),
            repair=partial(_end_leftovers, ground),
        )


# Private functions


@dataclass(slots=True)
class _Ends:
    """Records the ends of all runs at once, when the first of them is asked for."""

    ground: Ground
    runs: list[Open]
    recorded: set[str] | None = field(default=None)

    def record(self, one: Open) -> str:
        """Records them; tells of one."""
        if self.recorded is None:
            self.recorded = self._record()
        if one.intent.id not in self.recorded:
            return "its end has been recorded meanwhile"
        if one.result:
            return f"recorded as interrupted, with its result at {one.result[0]}"
        return "recorded as interrupted"

    def _record(self) -> set[str]:
        """Nobody holds them since they were looked at; whoever did has recorded their end before that.

        So the ledger is asked once more, and the records say nothing that could differ, so that two who
        do this at once write the same.
        """
        notebook = Notebook(self.ground.branch)
        pages = [_page(notebook, owner) for owner in {one.owner for one in self.runs}]
        still = {
            intent.id for page in pages if not has_lost_ends(page) for intent in page.open_intents()
        }
        ended = [(one.owner, _interrupted(one)) for one in self.runs if one.intent.id in still]
        if ended:
            notebook.advance(ended, [], {})
        return still


def _interrupted(one: Open) -> Run:
    if one.result is None:
        return Run(one.intent, Status.INTERRUPTED, cause=GONE)
    ref, commit = one.result
    return Run(one.intent, Status.INTERRUPTED, cause=CAME_HOME, commit=commit, ref=ref)


def _page(notebook: Notebook, owner: str) -> Page:
    kind, _, key = owner.rpartition("/")
    return notebook.baseline(key) if kind else notebook.experiment(owner)


def _is_over(ground: Ground, intent: Intent) -> bool:
    """Whether nobody works on a run.

    On this machine another clone may have started it, and have shared its ledger: what left nothing here
    is over when no process has its name, after a day.
    """
    if intent.host != socket.gethostname():
        (run,) = unfinished(ground.project, Page("", intents=[intent]))
        return run.status is Status.INTERRUPTED
    if not _is_dead(ground, intent):
        return False
    return _was_made_here(ground, intent) or (
        intent.id not in ground.marked and ground.since(intent.started) > DAY
    )


def _is_dead(ground: Ground, intent: Intent) -> bool:
    here = intent.host == socket.gethostname()
    return here and not is_held(ground.project.holders, intent.holder)


def _was_made_here(ground: Ground, intent: Intent) -> bool:
    """Whether a command that was killed has left its lock, the run's card, or its log."""
    project = ground.project
    return (
        (project.holders / f"{intent.holder}.lock").exists()
        or card.path_of(project.cards, intent.id).exists()
        or (project.logs / f"{intent.id}.log").exists()
    )


def _is_in_our_clone(ground: Ground, processes: Iterable[tuple[int, str]]) -> bool:
    """Whether a process was started in a private clone of this repository, not in one of another."""
    return any(
        Path(place).is_relative_to(top) for _, place in processes for top in ground.working_trees
    )


def _end(run: str) -> str:
    return f"{end_marked({run})} ended"


def _end_leftovers(ground: Ground) -> str:
    end_leftovers(ground.project)
    return "removed"
