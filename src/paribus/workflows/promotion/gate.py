"""A locked evaluation set: when it is asked, and how what it says stays with this machine.

Its numbers by run are kept in the project's state folder, so that a confirmation that was cut off can
go on. They reach neither the ledger nor a report, and no commit holds the file that its command
writes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paribus.core.clauses import Gate, Predictions
from paribus.core.errors import Exit, Problem
from paribus.core.metrics import is_number, looked_up, named
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.dvc.documents import is_document, parse
from paribus.execute.task import Answer, Question
from paribus.workflows.judging import Judged
from paribus.workflows.project import Project

if TYPE_CHECKING:
    from paribus.core.examples.model import Examples

FOLDER = "gate"


def by_examples(gate: Gate) -> Gate:
    """The gate as it is asked where fresh seeds change nothing: for its predictions alone.

    Raises:
        ValueError: it leaves none.
    """
    if gate.predictions is None:
        raise ValueError("this gate leaves no predictions")
    return replace(gate, metrics=gate.predictions)


def question(gate: Gate | None) -> Question | None:
    """What a run asks when its pipeline has ended."""
    return None if gate is None else Question(gate.command, gate.metrics)


def keep(project: Project, run: str, gate: Gate, answer: Answer | None) -> None:
    """Writes down what the locked set said of a run, or why it said nothing."""
    told = _examples_told(gate, answer) if gate.metrics == gate.predictions else _told(gate, answer)
    path = _path(project, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(told, allow_nan=False))
    os.replace(unfinished, path)  # noqa: PTH105 (whole, or not at all)


def kept(project: Project, runs: Sequence[str]) -> dict[str, float]:
    """What the locked set said of runs, by the run's id; of those of which it is known here."""
    found = {run: _read(project, run) for run in runs}
    return {
        run: float(told["value"]) for run, told in found.items() if is_number(told.get("value"))
    }


def kept_examples(project: Project, run: str) -> Examples:
    """What a run made of each example of the locked set.

    Raises:
        ValueError: it was not asked for them, or what is kept cannot be read.
    """
    from paribus.core.examples.packed import unpack  # noqa: PLC0415 (numpy, and rarely needed)

    return unpack(_read(project, run).get("examples") or {})


def why_not(project: Project, run: str) -> str | None:
    """Why the locked set said nothing of a run; None where it did, or was not asked."""
    cause = _read(project, run).get("cause")
    return None if cause is None else str(cause)


def require_locked(found: Judged, gate: Gate) -> None:
    """Raises `Problem` for a set that every run would see, or that the tested change moves."""
    sides, candidate = found.sides, found.candidate
    prefix = candidate.reader.project.prefix
    for pipeline in (sides.old.pipeline, sides.new.pipeline):
        stage = _stage_with(pipeline, gate, prefix)
        if stage is not None:
            raise Problem(
                "open-gate",
                f"the gate is not locked: stage {stage} of {pipeline.file} asks it in every run",
                "take it out of the pipeline; `paribus promote` alone asks it",
            )
    changed = {
        delta.path
        for delta in candidate.objects.changed(candidate.baseline_tree.id, candidate.tree.id)
    }
    moved = [path for path in _named(gate, prefix) if path in changed]
    if moved:
        raise Problem(
            "gate-moved",
            f"the experiment changes {moved[0]}, which the gate's command names",
            "change the gate in a commit of its own, then test the rest against that",
            status=Exit.UNDECIDED,
        )


# Private functions


def _path(project: Project, run: str) -> Path:
    return project.make_state() / FOLDER / f"{run}.json"


def _read(project: Project, run: str) -> dict[str, Any]:
    try:
        found = json.loads(_path(project, run).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _unanswered(answer: Answer | None) -> str:
    return "it was not asked" if answer is None else answer.cause or "it left no file"


def _examples_told(gate: Gate, answer: Answer | None) -> dict[str, Any]:
    """The examples and their measure; the file was agreed on by its name, so its columns tell."""
    if answer is None or answer.data is None:
        return {"cause": _unanswered(answer)}
    from paribus.core.examples.packed import pack  # noqa: PLC0415 (numpy, and rarely needed)
    from paribus.core.examples.reading import parse as parse_examples  # noqa: PLC0415

    try:
        found = parse_examples(Predictions(gate.metrics), gate.metrics, answer.data)
    except Problem as problem:
        return {"cause": problem.message}
    return {"value": found.metric(), "examples": pack(found)}


def _told(gate: Gate, answer: Answer | None) -> dict[str, Any]:
    if answer is None or answer.data is None:
        return {"cause": _unanswered(answer)}
    if not is_document(gate.metrics):
        return {"cause": f"{gate.metrics} is neither JSON, YAML nor TOML"}
    try:
        value = looked_up(
            named({gate.metrics: parse(gate.metrics, answer.data).value}), gate.metric
        )
    except Problem as problem:
        return {"cause": problem.message}
    if not is_number(value):
        return {"cause": f"{gate.metrics} has no number {gate.metric}"}
    return {"value": float(value)}


def _stage_with(pipeline: Pipeline, gate: Gate, prefix: str) -> str | None:
    """The stage that runs the gate's command, or writes a file that it writes."""
    wanted = " ".join(gate.command.split())
    files = {joined(prefix, file) for file in (gate.metrics, gate.predictions) if file}
    for stage in pipeline.stages:
        parts = (part for command in stage.commands for part in re.split(r"[;&|\n]+", command))
        asks = wanted in {" ".join(part.split()) for part in parts}
        if asks or files & {*stage.outs, *stage.metrics}:
            return stage.name
    return None


def _named(gate: Gate, prefix: str) -> list[str]:
    """The words of the command, as files from the top of the repository."""
    try:
        words = shlex.split(gate.command)
    except ValueError:
        words = gate.command.split()
    return [joined(prefix, word) for word in words]
