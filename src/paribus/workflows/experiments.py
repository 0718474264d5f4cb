"""Experiments as the ledger has them, and what has become of runs that never ended."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from paribus.core.declared import Declared, Standing
from paribus.core.errors import Exit, Problem
from paribus.core.experiment import Conclusion
from paribus.core.identity import shortened
from paribus.core.run import Purpose, Run, Status
from paribus.execute.holder import is_held
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook, Page
from paribus.reports.run import RunReport
from paribus.workflows.project import Project


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
        return notebook.experiment(found[0])
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
) -> RunReport:
    """An experiment's report from its page.

    Args:
        recorded: the ledger's commit that holds its last word.
        found: whether it is told again, without anything having been run.
        fresh: its conclusion, where the page is older than that.
    """
    assert page.registration is not None
    conclusion = fresh or (page.conclusions[-1] if page.conclusions else None)
    baseline = notebook.baseline(page.registration.baseline["key"])
    used = {pair[0] for pair in conclusion.pairs} if conclusion else set()
    return RunReport(
        registration=page.registration,
        short=short_id(notebook, page.id),
        baseline_runs=tuple(
            run
            for run in baseline.runs
            if run.intent.id in used or run.intent.purpose is Purpose.CONTROL
        ),
        candidate_runs=(*page.runs, *unfinished(project, page)),
        trail=conclusion.trail if conclusion else (),
        verdict=conclusion.verdict if conclusion else None,
        controls=conclusion.null_control if conclusion else (0, 0),
        recorded=recorded or notebook.recorded(page.id),
        found=found,
        declared=standings(notebook, page.runs),
    )


def standings(notebook: Notebook, runs: Sequence[Run]) -> tuple[Standing, ...]:
    """How runs stand beside the latest declaration of each metric."""
    latest = {item.metric: item for _, item in notebook.declarations()}
    return tuple(_standing(item, runs) for item in latest.values())


def unfinished(project: Project, page: Page) -> list[Run]:
    """Runs that were started and have no end: running, or interrupted when nobody holds them."""
    return [
        Run(intent, Status.RUNNING if _is_alive(project, intent.host, intent.holder) else Status.INTERRUPTED)
        for intent in page.open_intents()
    ]  # fmt: skip


def refuse_if_running(project: Project, page: Page) -> None:
    """Raises `Problem` while another process runs this experiment."""
    running = [run for run in unfinished(project, page) if run.status is Status.RUNNING]
    if running:
        where = running[0].intent.host
        raise Problem(
            "already-running",
            f"experiment {page.id[:8]} is being run by another process on {where}",
            f"see how far it is   paribus show {page.id[:8]}",
            status=Exit.RUN_FAILED,
            retryable=True,
        )


# Private functions


def _standing(declared: Declared, runs: Sequence[Run]) -> Standing:
    from paribus.core.outside import against  # noqa: PLC0415 (imports scipy, for this alone)

    values = [run.metrics[declared.metric] for run in runs if declared.metric in run.metrics]
    estimate, low, high = against(declared, values) if values else (None, None, None)
    return Standing(declared, estimate, low, high)


def _is_alive(project: Project, host: str, holder: str) -> bool:
    """Another machine's locks cannot be seen from here, so its runs are taken for alive."""
    if host != socket.gethostname():
        return True
    return is_held(project.state / "holders", holder)
