"""`paribus init`: writes `paribus.yaml` for an existing DVC project."""

from __future__ import annotations

import shlex
from dataclasses import replace

from paribus.core.detection import Detected, detect
from paribus.core.errors import Problem
from paribus.core.metrics import is_number, looked_up, named
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import FILE, read_protocol
from paribus.core.values import Value
from paribus.dvc.documents import is_document, parse
from paribus.git.objects import Objects
from paribus.git.worktree import captured
from paribus.reports.init import CI_WAY, HOOKS_WAY, InitReport, protocol_text
from paribus.workflows.candidate import WORKING_TREE
from paribus.workflows.installing import install_ci, install_hooks, write_new
from paribus.workflows.project import Project, require_pipeline
from paribus.workflows.reading import Reader, Tree


def init(
    project: Project,
    metric: str | None,
    direction: str | None,
    *,
    hooks: bool = False,
    ci: str | None = None,
) -> InitReport:
    """Writes the protocol, with what could be found out; leaves one that is there as it is.

    Args:
        metric: the primary metric's name; None to find it.
        direction: `higher` or `lower`; None to guess it from the name.
        hooks: whether to put the check into Git's hooks, too.
        ci: the CI system to put it into.

    Raises:
        Problem: no primary metric can be told, or the protocol that is there is broken.
    """
    report = _protocol(project, metric, direction)
    placed = (
        *(install_hooks(project) if hooks else ()),
        *(install_ci(project, ci) if ci else ()),
    )
    offered = tuple(way for way, given in ((HOOKS_WAY, hooks), (CI_WAY, ci)) if not given)
    return replace(report, placed=placed, offered=offered)


# Private functions


def _protocol(project: Project, metric: str | None, direction: str | None) -> InitReport:
    path = project.root / FILE
    if path.exists():
        document = parse(project.protocol_file, path.read_bytes())
        read_protocol(document.value, document.lines, project.protocol_file)
        return InitReport(project.protocol_file, written=False, detected=None)
    require_pipeline(project)
    detected = _detected(project, metric, direction)
    if not write_new(path, protocol_text(detected)):
        return InitReport(project.protocol_file, written=False, detected=None)  # another was faster
    return InitReport(project.protocol_file, written=True, detected=detected)


def _detected(project: Project, metric: str | None, direction: str | None) -> Detected:
    with captured(project.repository, keep=False) as capture, Objects(capture.git) as objects:
        reader = Reader(project, objects)
        tree = Tree(capture.tree, None, WORKING_TREE)
        pipeline = reader.pipeline(tree)
        metrics = reader.metrics(tree, pipeline) or _lying_there(project, pipeline)
        params = reader.params(tree, pipeline)
    numbers = [name for name, value in metrics.items() if is_number(value)]
    if metric is not None and numbers and looked_up(metrics, metric) is None:
        raise Problem(
            "unknown-metric",
            f"no metrics file has {metric}",
            f"there are {', '.join(numbers[:12])}",
        )
    detected = detect(pipeline, numbers, params, metric, direction)
    if detected.metric is None:
        files = ", ".join(pipeline.metrics_files()) or "dvc.yaml declares none"
        why = f"there is no number in a metrics file ({files})"
        raise Problem(
            "no-metric",
            "the primary metric cannot be told: "
            + (f"there are {', '.join(numbers[:12])}" if numbers else why),
            f"name it   paribus init --metric {shlex.quote(numbers[0] if numbers else 'accuracy')}",
        )
    return detected


def _lying_there(project: Project, pipeline: Pipeline) -> dict[str, Value]:
    """Metrics that Git does not have, since DVC caches them, as the last run left them."""
    paths = {path: project.repository.top / path for path in pipeline.metrics_files()}
    return named(
        {
            path: parse(path, file.read_bytes()).value
            for path, file in paths.items()
            if is_document(path) and file.is_file() and not file.is_symlink()
        }
    )
