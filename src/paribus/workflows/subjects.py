"""Makes what can be run out of what was judged."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paribus.core.change import Kind
from paribus.core.errors import Exit, Problem
from paribus.core.identity import evaluation_key, snapshot_key
from paribus.core.metrics import looked_up
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline
from paribus.core.policy import Judgement, undeclared
from paribus.core.protocol import FILE, Protocol
from paribus.core.rules.params import param_name
from paribus.core.run import Purpose, Run, Status
from paribus.core.snapshot import SUBMODULE_MODE
from paribus.core.timing import is_timing
from paribus.core.values import dotted
from paribus.dvc.layout import uses_hydra
from paribus.ledger.page import Page
from paribus.workflows.candidate import SOURCES, Candidate
from paribus.workflows.judging import Judged
from paribus.workflows.measuring import Series
from paribus.workflows.project import Project
from paribus.workflows.reading import Tree
from paribus.workflows.wanted import Subject


@dataclass(frozen=True, slots=True)
class Draw:
    """A series of seeds.

    Attributes:
        purpose: what its runs are for.
        name: of the series among those with this purpose; empty for the only one.
        key: from which the seeds follow.
        listed: their values where the team fixed them, which derived ones follow.
    """

    purpose: Purpose
    name: str
    key: str
    listed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """The baseline as runs need it.

    Attributes:
        key: its snapshot key.
        metric: the primary metric's name.
        evaluation: the name of what measures.
    """

    key: str
    metric: str
    protocol: Protocol
    pipeline: Pipeline
    evaluation: str


def require_ground(project: Project, found: Judged) -> Ground:
    """What the runs of a baseline need; raises `Problem` where something is missing."""
    candidate, protocol, pipeline = found.candidate, found.sides.protocol, found.sides.old.pipeline
    if protocol.metric is None:
        raise _no_metric(project)
    if uses_hydra(project.root):
        raise Problem(
            "hydra",
            "this DVC project composes its params by Hydra, which Paribus cannot run yet",
            "turn it off for the project   dvc config hydra.enabled false",
        )
    files = candidate.objects.tree(candidate.baseline_tree.id)
    modules = [path for path, entry in files.items() if entry.mode == SUBMODULE_MODE]
    if modules:
        raise Problem(
            "submodule", f"{modules[0]} is a Git submodule, which a private clone would not have"
        )
    _require_seeds(project, candidate, protocol)
    return Ground(
        snapshot_key(files, pipeline, protocol),
        protocol.metric,
        protocol,
        pipeline,
        evaluation_key(files, pipeline, protocol),
    )


def screening(ground: Ground, generation: int = 0) -> Draw:
    """Seeds that follow from the baseline, so that every experiment against it shares its runs.

    Args:
        generation: how often they have been drawn anew, to get away from those before.
    """
    if generation == 0:
        return Draw(Purpose.MEASURE, "", ground.key, ground.protocol.seed_list)
    name = f"fresh-{generation}"
    return Draw(Purpose.MEASURE, name, f"{ground.key}:{name}")


def baseline_series(
    candidate: Candidate, ground: Ground, page: Page, generation: int | None = None
) -> Series:
    """The baseline, with the runs that it has.

    Args:
        generation: how often its seeds have been drawn anew; None for the latest.
    """
    drawn = page.refreshes if generation is None else generation
    return series_of(baseline_subject(candidate, ground), ground, page, screening(ground, drawn))


def baseline_subject(candidate: Candidate, ground: Ground) -> Subject:
    """The baseline as it is run."""
    return Subject(
        owner=f"baseline/{ground.key}",
        experiment=None,
        label="baseline",
        message=f"paribus: baseline {candidate.baseline.name}",
        baseline=candidate.baseline.commit,
        tree=candidate.baseline_tree.id,
        pipeline=ground.pipeline,
        metric=ground.metric,
        guarded=read_files(candidate, candidate.baseline_tree, ground.pipeline),
        fresh=_is_timed(ground),
        timed=_is_timed(ground),
        predictions=ground.protocol.predictions,
        timeout=ground.protocol.timeout,
    )


def experiment_series(
    found: Judged, identifier: str, ground: Ground, page: Page, generation: int
) -> Series:
    """An experiment, with the runs that it has; its generation of seeds is the baseline's."""
    subject = experiment_subject(found, identifier, ground)
    return series_of(subject, ground, page, screening(ground, generation))


def experiment_subject(found: Judged, identifier: str, ground: Ground) -> Subject:
    """An experiment as it is run."""
    judgement = found.judgement
    return Subject(
        owner=identifier,
        experiment=identifier,
        label=identifier[:8],
        message=f"paribus: {_told(judgement)}",
        baseline=found.candidate.baseline.commit,
        tree=found.candidate.tree.id,
        pipeline=found.sides.new.pipeline,
        metric=ground.metric,
        guarded=(
            *(part.file for change in judgement.changes for part in change.single()),
            *read_files(found.candidate, found.candidate.tree, found.sides.new.pipeline),
        ),
        timed=_is_timed(ground),
        fresh=_is_timed(ground) or bool(undeclared(found.sides, judgement.changes)),
        predictions=ground.protocol.predictions,
        timeout=ground.protocol.timeout,
    )


def read_files(candidate: Candidate, tree: Tree, pipeline: Pipeline) -> tuple[str, ...]:
    """Files of a tree that stages read and do not write: a run that alters one measures another tree.

    Sources of programs, declared dependencies, params files and `dvc.yaml` itself. What else a stage
    may write into the repository, such as a picture that nobody declares, is let be.
    """
    declared = {dep for stage in pipeline.stages for dep in stage.deps}
    params = {*pipeline.params_files(), pipeline.file}
    return tuple(
        path
        for path in candidate.objects.tree(tree.id)
        if (path.endswith(SOURCES) or path in params or _is_within(path, declared))
        and not pipeline.is_output(path)
    )


def series_of(subject: Subject, ground: Ground, page: Page, draw: Draw) -> Series:
    """What succeeded earlier counts, if it was made with these seeds and has this metric.

    Failures before the first success are tried again: whoever runs again has mended something. One
    that came after a success stays a failure, or else an unlucky seed could be tried until it passes;
    unless somebody asked for it (`paribus retry --failed`), which the verdict tells.
    """
    series = Series(
        subject,
        draw.key,
        ground.protocol.seeds,
        [],
        fixed=draw.listed,
        purpose=draw.purpose,
        name=draw.name,
    )
    for run in page.runs:
        value = looked_up(run.metrics, ground.metric)
        belongs = (
            run.intent.purpose in (draw.purpose, Purpose.CONTROL)
            and run.intent.series == draw.name
            and run.intent.seeds == series.seeds_of(run.intent.index)
        )
        if run.succeeded and belongs and value is not None:
            series.runs.append(replace(run, metrics={**run.metrics, ground.metric: value}))
        elif run.status is Status.FAILED and belongs:
            stands = _has_measured(series) and not _was_made_again(run, page)
            (series.runs if stands else series.forgiven).append(run)
    return series


def require_runnable(judgement: Judgement) -> None:
    """Raises `Problem` for a change that both sides would share, being run in one environment."""
    kinds = {part.kind for change in judgement.changes for part in change.single()}
    if Kind.ENVIRONMENT in kinds:
        raise Problem(
            "environment-change",
            "not comparable: the environment changes, and both sides would run in the one that "
            "Paribus runs in, where that makes no difference",
            "take the new environment for both   commit it, install it, paribus baseline --measure",
            status=Exit.UNDECIDED,
        )


# Private functions


def _has_measured(series: Series) -> bool:
    return any(run.succeeded and run.intent.purpose is series.purpose for run in series.runs)


def _was_made_again(failed: Run, page: Page) -> bool:
    """Whether a later run succeeded in the place of one that failed."""
    place = (failed.intent.index, failed.intent.purpose, failed.intent.series, failed.intent.seeds)
    return any(
        run.succeeded
        and (run.intent.index, run.intent.purpose, run.intent.series, run.intent.seeds) == place
        and run.intent.started > failed.intent.started
        for run in page.runs
    )


def _is_within(path: str, folders: set[str]) -> bool:
    """Whether a path, or a folder around it, is among those."""
    parts = path.split("/")
    return any("/".join(parts[:count]) in folders for count in range(1, len(parts) + 1))


def _is_timed(ground: Ground) -> bool:
    """Whether a time counts: one that DVC hands out again from its run cache was measured elsewhere."""
    guards = (guard.metric for guard in ground.protocol.guards)
    return any(map(is_timing, (ground.metric, *guards)))


def _no_metric(project: Project) -> Problem:
    file = project.protocol_file
    if (project.root / FILE).exists():
        return Problem(
            "no-metric",
            "no primary metric is declared, neither at the baseline nor in what is tested",
            f"if {file} has one, commit it   git add {file} && git commit",
            "if not, add a line to it       metric: NAME",
        )
    return Problem(
        "no-metric",
        f"no primary metric is declared: there is no {file}",
        "write one for this project   paribus init",
    )


def _told(judgement: Judgement) -> str:
    return "; ".join(change.summary for change in judgement.changes)[:100]


def _require_seeds(project: Project, candidate: Candidate, protocol: Protocol) -> None:
    """A declared seed that no params file has would stop every run at its start."""
    for seed in protocol.seeds:
        name, path = param_name(seed)
        file = joined(project.prefix, name)
        document = candidate.reader.document(candidate.baseline_tree, file)
        for key in path:
            document = document.get(key) if isinstance(document, dict) else None
        if document is None:
            raise Problem(
                "unknown-seed",
                f"{project.protocol_file} declares the seed {dotted(path)}, which {file} does not have",
                f"add it to {file}, or take it out of {project.protocol_file}",
            )
