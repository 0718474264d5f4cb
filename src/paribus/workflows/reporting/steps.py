"""The staircase: every baseline of a project, with what its own runs measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, stdev

from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.metrics import looked_up
from paribus.core.pairing import measured
from paribus.core.promotion import Promotion
from paribus.core.run import Purpose, Run
from paribus.git.dates import tag_dates
from paribus.git.objects import Objects
from paribus.git.tags import BaselineTag, baseline_tags
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import BASELINES
from paribus.ledger.page import Page, page_of
from paribus.reports.notebook.content import Step
from paribus.workflows.project import Project
from paribus.workflows.standing import Standing, key_of

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class _Stood:
    """What is known of a baseline without its runs; the attributes are those of `Step`."""

    name: str
    commit: str
    key: str | None
    experiment: str | None
    given: str
    provisional: str | None
    ruler: str | None


def steps(
    project: Project,
    branch: Branch,
    stands: Standing,
    firsts: Sequence[Registration],
    metric: str | None,
) -> tuple[Step, ...]:
    """Every baseline, the earliest first; each snapshot once.

    They are the promoted and the tagged ones, and before the first of these whatever else experiments
    were held against, such as the commits of a main branch that nobody tagged. What somebody names
    later with `--baseline` is no step of the project.

    Args:
        stands: tags, promotions and what is unconfirmed.
        firsts: the registration of the earliest experiment against each baseline.
        metric: whose mean is told; None to tell none.
    """
    rulers = {one.baseline["key"]: one.evaluation for one in reversed(firsts)}
    named = _once(_named(project, stands, rulers))
    known = {one.key for one in named}
    begin = min((one.given for one in named), default="")
    others = [_of_experiments(one) for one in firsts if one.baseline["key"] not in known]
    found = sorted(
        [*named, *(one for one in others if not named or one.given < begin)],
        key=lambda one: one.given,
    )
    pages = baseline_pages(branch, [one.key for one in found if one.key])
    return tuple(_step(one, pages.get(one.key or ""), metric) for one in found)


def baseline_pages(branch: Branch, keys: Iterable[str]) -> dict[str, Page]:
    """The pages of baselines by their snapshot keys; of those that have any record."""
    names = [key for key in dict.fromkeys(keys) if key.isalnum()]  # no path of somebody else's
    folders = [f"{BASELINES}/{key[:2]}/{key}" for key in names]
    found = groupby(
        branch.read(*folders) if folders else (), key=lambda each: each.path.split("/")[2]
    )
    return {key: page_of(key, records) for key, records in found}


def counting_runs(page: Page) -> list[Run]:
    """A baseline's runs that tell its mean, in the order of their pairs.

    The earliest of each pair that succeeded, of the seeds that were drawn last and were run; whichever
    session made it.
    """
    for generation in range(page.refreshes, -1, -1):
        series = f"fresh-{generation}" if generation else ""
        found = measured(page.runs, Purpose.MEASURE, series)
        runs = [run for _, run in sorted(found.items()) if run.succeeded]
        if runs:
            return runs
    return []


# Private functions


def _named(
    project: Project, stands: Standing, rulers: Mapping[str, str | None]
) -> Iterator[_Stood]:
    """The tagged baselines, and the promoted ones whose tags are not here."""
    git = project.repository.git
    tags, dates = baseline_tags(git), tag_dates(git, "baseline/")
    promoted: dict[tuple[int, str], Promotion] = {}
    for promotion in stands.promotions.promotions:
        promoted.setdefault((promotion.number, promotion.commit), promotion)
    with Objects(git) as objects:
        for tag in tags:
            found = promoted.pop((tag.number, tag.commit), None)
            key = found.key if found else _key(project, objects, tag)
            if key is not None:
                given = found.given if found else dates.get(tag.name, "")
                why = stands.unconfirmed.get(tag.name)
                yield _Stood(
                    tag.name, tag.commit, key, found.experiment if found else tag.experiment,
                    given, why, rulers.get(key) or _ruler(project, objects, tag.commit),
                )  # fmt: skip
        for one in promoted.values():
            why = (
                None if stands.promotions.is_confirmed(one.number, one.commit) else one.provisional
            )
            ruler = rulers.get(one.key) or _ruler(project, objects, one.commit)
            yield _Stood(one.tag, one.commit, one.key, one.experiment, one.given, why, ruler)


def _key(project: Project, objects: Objects, tag: BaselineTag) -> str | None:
    try:
        return key_of(project, objects, tag.commit)
    except Problem:
        return None  # damaged, or fetched in part


def _ruler(project: Project, objects: Objects, commit: str) -> str | None:
    """The name of what measures at a commit against which nothing was registered yet."""
    from paribus.core.identity import evaluation_key  # noqa: PLC0415 (as `standing` has it)
    from paribus.core.protocol import Protocol  # noqa: PLC0415
    from paribus.workflows.reading import Reader, Tree  # noqa: PLC0415

    reader = Reader(project, objects)
    try:
        tree = Tree(objects.tree_of(commit), commit, commit[:7])
        pipeline, protocol = reader.pipeline(tree), reader.protocol(tree) or Protocol()
        return evaluation_key(objects.tree(tree.id), pipeline, protocol)
    except Problem:
        return None


def _once(found: Iterable[_Stood]) -> list[_Stood]:
    """Each snapshot once, as it was called first: a tag that moves no metric is no step."""
    once: dict[str | None, _Stood] = {}
    for one in sorted(found, key=lambda each: each.given):
        once.setdefault(one.key, one)
    return list(once.values())


def _of_experiments(first: Registration) -> _Stood:
    """A baseline that nobody tagged stands since the first experiment against it."""
    base = first.baseline
    commit, name = str(base["commit"]), str(base["name"])
    name = commit[:7] if commit.startswith(name) or not name else name
    return _Stood(name, commit, base["key"], None, first.started, None, first.evaluation)


def _step(one: _Stood, page: Page | None, metric: str | None) -> Step:
    runs = counting_runs(page) if page is not None else []
    found = [looked_up(run.metrics, metric) for run in runs] if metric else []
    values = [float(value) for value in found if isinstance(value, int | float)]
    mean = fmean(values) if values else None
    sd = stdev(values) if len(values) > 1 else None
    half = _half_width(sd, len(values))
    low, high = (mean - half, mean + half) if mean is not None and half else (None, None)
    return Step(
        name=one.name,
        commit=one.commit,
        key=one.key,
        experiment=one.experiment,
        given=one.given,
        mean=mean,
        sd=sd,
        low=low,
        high=high,
        n=len(values),
        provisional=one.provisional,
        ruler=one.ruler,
    )


def _half_width(sd: float | None, n: int) -> float | None:
    """Of the t interval of a mean; None without a spread, since none is known exactly."""
    if not sd:
        return None
    from paribus.core.statistics.looks import t_quantile  # noqa: PLC0415 (scipy)

    return t_quantile((1 + CONFIDENCE) / 2, n - 1) * sd / math.sqrt(n)
