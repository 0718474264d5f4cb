"""Experiments as the ledger has them, and what has become of runs that never ended."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from paribus.core.declared import Declared, Standing
from paribus.core.errors import Exit, Problem
from paribus.core.experiment import Conclusion
from paribus.core.identity import shortened
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.execute import card
from paribus.execute.holder import held, is_held
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.reports.run import RunReport
from paribus.reports.text import plural
from paribus.workflows.again import command_of
from paribus.workflows.listening import Listener
from paribus.workflows.pair_points import pair_points
from paribus.workflows.project import Project
from paribus.workflows.standing import standing


def open_notebook(project: Project) -> Notebook:
    """The ledger of the project's repository."""
    return Notebook(Branch(project.repository.git))


def short_id(notebook: Notebook, identifier: str) -> str:
    """The id as it is shown: as short as it can be among the experiments there are."""
    return shortened(identifier, notebook.identifiers(identifier[:2]))


def find(notebook: Notebook, text: str) -> Page:
    """The experiment whose id starts with these characters; raises `Problem` for none or several."""
    beginning = text.lower()
    plain = beginning and all(letter in "0123456789abcdef" for letter in beginning)
    found = notebook.identifiers(beginning) if plain else ()
    if len(found) == 1:
        return _readable(notebook.experiment(found[0]))
    if not found:
        raise Problem(
            "unknown-experiment",
            f"no experiment's id starts with {text!r}",
            "all of them   paribus log",
        )
    several = ", ".join(shortened(one, found) for one in found[:5])
    raise Problem(
        "ambiguous-experiment",
        f"{len(found)} experiments start with {text!r}",
        f"say more   {several}",
    )


def report_of(
    notebook: Notebook,
    project: Project,
    page: Page,
    *,
    recorded: str | None = None,
    found: bool = False,
    fresh: Conclusion | None = None,
    command: str | None = None,
) -> RunReport:
    """An experiment's report from its page.

    Args:
        recorded: the ledger's commit that holds its last word.
        found: whether it is told again, without anything having been run.
        fresh: its conclusion, where the page is older than that.
        command: what goes on with it; None to tell by what it changes.
    """
    assert page.registration is not None
    conclusion = fresh or (page.conclusions[-1] if page.conclusions else None)
    baseline = notebook.baseline(page.registration.baseline["key"])
    stands = standing(project, notebook)
    used = {pair[0] for pair in conclusion.pairs} if conclusion else set()
    used |= stands.promotions.baseline_runs(page.id)
    own = (*page.runs, *unfinished(project, page))
    place = stands.place(page.registration)
    against = page.registration.baseline["name"] if place.superseded else None
    metric, both = page.registration.plan.metric, (*baseline.runs, *own)
    return RunReport(
        registration=page.registration,
        short=short_id(notebook, page.id),
        baseline_runs=_runs_beside(own, baseline, used),
        candidate_runs=own,
        trail=conclusion.trail if conclusion else (),
        verdict=conclusion.verdict if conclusion else None,
        controls=conclusion.null_control if conclusion else (0, 0),
        recorded=recorded or _recorded(project, page),
        found=found,
        running=not recorded and is_running(project, page),
        declared=standings(
            notebook, [run for run in page.runs if run.intent.purpose is Purpose.MEASURE]
        ),
        replay=conclusion.replay if conclusion else None,
        place=place,
        family=max(map(len, notebook.families(page.id)), default=1),
        command=command or command_of(project, page.registration, against),
        pairs=pair_points(conclusion.pairs, both, metric) if conclusion else (),
        fresh=pair_points(place.end.runs, both, metric) if place.end else (),
    )


def standings(notebook: Notebook, runs: Sequence[Run]) -> tuple[Standing, ...]:
    """How runs stand beside the latest declaration of each metric."""
    return beside_declared([item for _, item in notebook.declarations()], runs)


def beside_declared(declared: Sequence[Declared], runs: Sequence[Run]) -> tuple[Standing, ...]:
    """How runs stand beside the last of these declarations for each metric."""
    latest = {item.metric: item for item in declared}
    return tuple(_standing(item, runs) for item in latest.values())


def unfinished(project: Project, page: Page) -> list[Run]:
    """Runs that were started and have no end: running, or interrupted when nobody holds them."""
    return [
        Run(intent, Status.RUNNING if _is_alive(project, intent) else Status.INTERRUPTED)
        for intent in page.open_intents()
    ]


def note_interrupted(project: Project, listener: Listener, *pages: Page) -> None:
    """Says how many runs were cut off and have not been made again since."""
    count = sum(_interrupted(project, page) for page in pages)
    if count:
        listener.noted(f"{plural(count, 'run')} interrupted earlier: made again where needed")


@contextmanager
def claimed(project: Project, identifier: str) -> Iterator[None]:
    """Keeps an experiment for this process; raises `Problem` while another one runs it."""
    page = open_notebook(project).experiment(identifier)
    for run in unfinished(project, page):
        if run.status is Status.RUNNING:
            raise _already_running(identifier, run.intent.host)
    with ExitStack() as stack:
        for attempt in range(CLAIMS):
            try:
                stack.enter_context(held(project.holders, _claim(identifier)))
                break
            except BlockingIOError:  # who looks whether it is held holds it for a moment, too
                if attempt == CLAIMS - 1:
                    raise _already_running(identifier, socket.gethostname()) from None
                time.sleep(0.05)
        yield


def is_running(project: Project, page: Page) -> bool:
    """Whether a process works on an experiment, be it on its runs or on its baseline's."""
    return is_held(project.holders, _claim(page.id)) or any(
        run.status is Status.RUNNING for run in unfinished(project, page)
    )


# Private functions


def _runs_beside(own: Sequence[Run], baseline: Page, used: set[str]) -> tuple[Run, ...]:
    """The baseline's runs that were `used` to judge an experiment, and the reruns of its seeds."""
    screened = [run.intent for run in own if run.intent.purpose is Purpose.MEASURE]
    seeds = {intent.index: intent.seeds for intent in screened}
    return tuple(
        run
        for run in baseline.runs
        if run.intent.id in used
        or (
            run.intent.purpose is Purpose.CONTROL
            and run.intent.seeds == seeds.get(run.intent.index)
        )
    )


def _recorded(project: Project, page: Page) -> str | None:
    from paribus.workflows.asking import recorded  # noqa: PLC0415 (a start of a run need not wait)

    return recorded(project, page.id)


CLAIMS = 5
DAY = 86_400.0


def _readable(page: Page) -> Page:
    if page.registration is None:
        raise Problem(
            "unreadable-record",
            f"this version of Paribus cannot read the registration of {page.id[:8]}",
            "what it can read   paribus log",
        )
    return page


def _claim(identifier: str) -> str:
    return f"experiment-{identifier}"


def _already_running(identifier: str, host: str) -> Problem:
    return Problem(
        "already-running",
        f"experiment {identifier[:8]} is being run by another process on {host}",
        f"see how far it is   paribus show {identifier[:8]}",
        status=Exit.RUN_FAILED,
        retryable=True,
    )


def _interrupted(project: Project, page: Page) -> int:
    settled = {_place(run) for run in page.runs if run.status in (Status.SUCCEEDED, Status.FAILED)}
    runs = (*page.runs, *unfinished(project, page))
    cut = (Status.INTERRUPTED, Status.CANCELLED)
    return len({_place(run) for run in runs if run.status in cut} - settled)


def _place(run: Run) -> tuple[int, Purpose, str]:
    return run.intent.index, run.intent.purpose, run.intent.series


def _standing(declared: Declared, runs: Sequence[Run]) -> Standing:
    from paribus.core.outside import against  # noqa: PLC0415 (imports scipy, for this alone)

    values = [run.metrics[declared.metric] for run in runs if declared.metric in run.metrics]
    estimate, low, high = against(declared, values) if values else (None, None, None)
    return Standing(declared, estimate, low, high)


def _is_alive(project: Project, intent: Intent) -> bool:
    """Whether a run goes on: by its lock here, by its heartbeat on a disk that machines share.

    Of a run of which nothing but the intent came here, by a fetch, nobody can know; for a day it is
    taken for alive.
    """
    if intent.host == socket.gethostname():
        return is_held(project.holders, intent.holder)
    silence = card.silence(card.path_of(project.cards, intent.id))
    if silence is not None:
        return silence < card.LOST
    return _age(intent.started) < DAY


def _age(started: str) -> float:
    """Seconds since a time in UTC; what nobody can read is long ago."""
    try:
        since = datetime.fromisoformat(started)
    except ValueError:
        return math.inf
    return (
        datetime.now(UTC) - (since if since.tzinfo else since.replace(tzinfo=UTC))
    ).total_seconds()
