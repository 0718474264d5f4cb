"""What a run brought home: its metrics, its examples, or why it gave none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from paribus.core.ending import FULL, is_full, stage_ended
from paribus.core.errors import Problem
from paribus.core.metrics import is_number, looked_up, named, numbers
from paribus.core.run import Intent, Run, Status
from paribus.core.values import Value
from paribus.dvc.documents import is_document, parse
from paribus.execute.task import Result
from paribus.git.objects import Objects
from paribus.workflows.project import Project
from paribus.workflows.promotion.gate import keep
from paribus.workflows.wanted import Wanted, predictions_files


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended, with the owner of its record and its examples, packed, if it left any."""

    wanted: Wanted
    run: Run
    examples: Mapping[str, Any] | None = None


def ended(project: Project, wanted: Wanted, intent: Intent, result: Result) -> Ended:
    """A run as it is recorded, from what its worker brought home."""
    failed = Run(
        intent, Status.FAILED, {}, round(result.seconds, 3), result.commit, result.ref,
        result.cause, result.stage, result.exit_code, result.log_tail,
    )  # fmt: skip
    if result.stage is not None and result.exit_code is not None:
        status, cause = stage_ended(
            result.stage, result.exit_code,
            out_of_memory=result.out_of_memory, log_tail=result.log_tail,
        )  # fmt: skip
        return Ended(wanted, replace(failed, status=status, cause=cause))
    if result.cause is not None or result.commit is None:
        if is_full(result.log_tail):  # DVC may tell of what followed from it alone
            failed = replace(failed, status=Status.KILLED, cause=FULL.lower())
        return Ended(wanted, failed)
    if wanted.asks is not None:
        keep(project, intent.id, wanted.asks, result.answer)
    with Objects(project.repository.git) as objects:
        try:
            metrics = _metrics(objects, wanted, result)
        except Problem as problem:  # an empty file, or half of one: the run's fault, not the user's
            return Ended(wanted, replace(failed, cause=f"metrics: {problem.message}"))
        run = _measured(failed, metrics, wanted.subject.metric)
        if not run.succeeded:
            return Ended(wanted, run)
        return _with_examples(objects, wanted, run, result, project.prefix)


def lost(wanted: Wanted, intent: Intent, error: BaseException) -> Ended:
    """A run that was not ended by its stages: a full disk, a failed clone."""
    lines = str(error).strip().splitlines()
    told = lines[0] if lines else type(error).__name__
    cause = told if isinstance(error, Problem) else f"{type(error).__name__}: {told}"
    return Ended(wanted, Run(intent, Status.KILLED, cause=cause))


# Private functions


def _metrics(objects: Objects, wanted: Wanted, result: Result) -> dict[str, Value]:
    """The metrics that the result's commit holds; those that DVC caches, as the run left them."""
    files: dict[str, Value] = {}
    for path in wanted.subject.pipeline.metrics_files():
        data = objects.read(f"{result.commit}:{path}") or result.collected.get(path)
        if data is not None and is_document(path):
            files[path] = parse(path, data).value
    return named(files)


def _measured(run: Run, metrics: Mapping[str, Value], primary: str) -> Run:
    """A run that gave numbers; without the primary metric as a finite number it has failed."""
    value = looked_up(metrics, primary)
    if not is_number(value):
        what = "is not there" if value is None else f"is {value}, which is no measurement"
        return replace(run, metrics=numbers(metrics), cause=f"metric {primary} {what}")
    found = numbers(metrics) | {primary: float(value)}
    return replace(run, status=Status.SUCCEEDED, metrics=found)


def _with_examples(
    objects: Objects, wanted: Wanted, run: Run, result: Result, prefix: str
) -> Ended:
    """A predictions file that was agreed on and cannot be read is a failed measurement."""
    given = wanted.subject.predictions
    if given is None:
        return Ended(wanted, run)
    from paribus.core.examples.packed import pack  # noqa: PLC0415 (imports numpy)
    from paribus.core.examples.reading import parse as parse_examples  # noqa: PLC0415

    (path,) = predictions_files(wanted.subject, prefix)
    data = objects.read(f"{result.commit}:{path}") or result.collected.get(path)
    try:
        if data is None:
            raise Problem("no-predictions", f"{path}: the run left no such file")
        examples = parse_examples(given, path, data)
    except Problem as problem:
        cause = f"predictions: {problem.message}"
        return Ended(wanted, replace(run, status=Status.FAILED, cause=cause))
    return Ended(wanted, replace(run, evaluation=examples.digest), pack(examples))
