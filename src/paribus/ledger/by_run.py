"""Finds a run by its id alone, without knowing what it is a run of."""

from __future__ import annotations

import sqlite3

from paribus.core.record import decoded
from paribus.git.bulk import contents, listed_together
from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.index.opening import Index
from paribus.ledger.index.query import with_run
from paribus.ledger.notebook import BASELINES, Notebook
from paribus.ledger.page import Page


def pages_with_run(git: Git, index: Index, beginning: str) -> list[Page]:
    """The pages of experiments and baselines that have a run whose id starts with these characters.

    The index tells the experiments, of which there are many; baselines are few, and all are read.

    Args:
        git: in the user's repository.
        index: of its ledger.
    """

    def question(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
        return with_run(connection, beginning), _baselines(git, beginning)

    experiments, baselines = index.ask(question)
    notebook = Notebook(Branch(git))
    return [*map(notebook.experiment, experiments), *map(notebook.baseline, baselines)]


# Private functions


def _baselines(git: Git, beginning: str) -> list[str]:
    """The snapshot keys of the baselines that have such a run."""
    tips = Branch(git).tips()
    listed = listed_together(git, tips, BASELINES) if tips else ()
    keys: dict[str, None] = {}
    for path, data in contents(git, listed):
        record = None if data is None else decoded(data)
        if record is None or record.kind != "run":
            continue
        if str(record.body.get("id", "")).startswith(beginning):
            keys[path.split("/")[2]] = None
    return list(keys)
