"""Holds a run that was made afresh against its record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from paribus.core.errors import Problem
from paribus.core.metrics import is_number, looked_up, named, numbers
from paribus.core.paths import within
from paribus.core.reproduction import Comparison, Examples, Results, compared
from paribus.core.run import Purpose, Run
from paribus.core.timing import is_timing
from paribus.core.values import Value
from paribus.core.written import Written, written
from paribus.dvc.documents import is_document, parse
from paribus.dvc.layout import LOCK
from paribus.execute.afresh import MadeAfresh
from paribus.git.objects import Objects
from paribus.ledger.page import Page
from paribus.workflows.verification.tested import Tested


def recorded_files(objects: Objects, run: Run) -> Written | None:
    """What a recorded run read and wrote; None where its result is not in the repository any more."""
    try:
        if run.commit is None or objects.identify(f"{run.commit}^{{tree}}") is None:
            return None
        paths = [path for path in objects.tree(run.commit) if _is_lock(path)]
        return written(_parsed({path: objects.read(f"{run.commit}:{path}") for path in paths}))
    except Problem:
        return None  # the commit is here, and some of its objects are not


def held_against(
    run: Run,
    before: Written | None,
    made: MadeAfresh,
    tested: Tested,
    baseline: Page,
    packed: Mapping[str, Any] | None,
) -> Comparison:
    """Compares a recorded run with the same run made afresh, which succeeded.

    Args:
        before: what the recorded run read and wrote.
        baseline: its reruns of a seed tell how noisy a run is.
        packed: what the recorded run made of each example; None where it left none.

    Raises:
        Problem: the new run left no predictions that can be read.
    """
    locks = {path: data for path, data in made.collected.items() if _is_lock(path)}
    after = written(_parsed(locks)).without(set(made.frozen))
    comparison = compared(
        Results(run.metrics, before, made.folders),
        Results(_metrics(made, tested), after, made.folders),
        _limits(baseline),
        _examples(made, tested, after, packed),
        _kept(made, tested, after),
    )
    return replace(comparison, imported=made.imported, absent=made.absent)


# Private functions


def _is_lock(path: str) -> bool:
    return path.rpartition("/")[2] == LOCK


def _parsed(files: Mapping[str, bytes | None]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for path, data in files.items():
        with contextlib.suppress(Problem):
            found[path] = None if data is None else parse(path, data).value
    return found


def _metrics(made: MadeAfresh, tested: Tested) -> dict[str, float]:
    """As a run's record has them: every number, and the primary metric by the name that it has there."""
    paths = [path for path in tested.pipeline.metrics_files() if is_document(path)]
    values = named(
        _parsed({path: made.collected[path] for path in paths if path in made.collected})
    )
    primary = None if tested.metric is None else looked_up(values, tested.metric)
    found = numbers(values)
    if tested.metric is not None and is_number(primary):
        found[tested.metric] = float(primary)  # type: ignore[arg-type]
    return found


def _kept(made: MadeAfresh, tested: Tested, after: Written) -> frozenset[str]:
    """The names of metrics that no stage wrote now: they lay in the tree."""
    files = {
        path: made.collected[path]
        for path in tested.pipeline.metrics_files()
        if path in made.collected and is_document(path) and _lay_there(tested, after, path)
    }
    return frozenset(named(_parsed(files)))


def _lay_there(tested: Tested, after: Written, path: str) -> bool:
    """Whether stages write a file, or a folder that holds it, and none of them was run now."""
    ran = [
        (one.lock, stage.name) in after.stages
        for one in tested.pipeline.each()
        for stage in one.stages
        if any(within(path, out) for out in (*stage.outs, *stage.metrics))
    ]
    return bool(ran) and not any(ran)


def _examples(
    made: MadeAfresh, tested: Tested, after: Written, packed: Mapping[str, Any] | None
) -> Examples | None:
    if packed is None or tested.predictions is None or _lay_there(tested, after, tested.files[-1]):
        return None
    from paribus.core.examples.packed import unpack  # noqa: PLC0415 (imports numpy)
    from paribus.core.examples.reading import parse as parse_examples  # noqa: PLC0415

    path = tested.files[-1]
    data = made.collected.get(path)
    if data is None:
        raise Problem("no-predictions", f"predictions: {path}: the run left no such file")
    new = parse_examples(tested.predictions, path, data)
    try:
        old = unpack(packed)
    except ValueError:
        return None  # another version wrote them
    if old.digest != new.digest or old.measure != new.measure:
        return Examples(max(old.size, new.size), max(old.size, new.size))
    return Examples(int((old.values != new.values).sum()), old.size)


def _limits(baseline: Page) -> dict[str, float]:
    """How far reruns of a seed lie apart, by the baseline's control runs within one session.

    Between sessions more may differ than a rerun does, and that is what is asked for here.
    """
    groups: dict[tuple[Any, ...], list[dict[str, float]]] = {}
    for run in _reruns(baseline.runs):
        seeds = tuple(sorted(run.intent.seeds.items()))
        # A time says nothing of a rerun, so that it does not make a pipeline noisy.
        told = {name: value for name, value in run.metrics.items() if not is_timing(name)}
        groups.setdefault((seeds, run.intent.session, run.intent.series), []).append(told)
    several = [group for group in groups.values() if len(group) > 1]
    if all(each == group[0] for group in several for each in group):
        return {}
    from paribus.core.statistics.repeatability import repeatability  # noqa: PLC0415 (imports scipy)

    return repeatability(several)


def _reruns(runs: Iterable[Run]) -> Iterable[Run]:
    """Runs that DVC made anew, and the ones that they repeat."""
    return (
        run
        for run in runs
        if run.succeeded and run.intent.purpose in (Purpose.MEASURE, Purpose.CONTROL)
    )
