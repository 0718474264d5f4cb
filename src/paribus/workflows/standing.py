"""Which baseline stands now, whether it was confirmed, and what it has superseded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.promotion import Promotion
from paribus.git.objects import Objects
from paribus.git.tags import BaselineTag, baseline_tags
from paribus.ledger.notebook import Notebook
from paribus.ledger.promotions import Attempt, Promotions
from paribus.reports.standing import Place
from paribus.workflows.project import Project

if TYPE_CHECKING:
    from paribus.core.protocol import Protocol

BY_HAND = "tagged by hand, never confirmed"
UNRECORDED = "its promotion is not in this ledger"
"""Why a baseline is told as unconfirmed, where neither its tag nor the ledger gives a reason."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The baselines of a repository.

    Attributes:
        latest: the tag with the highest number; None without tags.
        key: snapshot key of `latest`; None where it has no pipeline of this project.
        unconfirmed: why a baseline stands without a confirmation, by its name; those that were confirmed
            later are not among them.
        promotions: what the ledger has of confirmations and promotions in this project.
    """

    latest: BaselineTag | None
    key: str | None
    unconfirmed: dict[str, str]
    promotions: Promotions = field(default_factory=Promotions)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the latest baseline still waits for a confirmation."""
        return self.latest is not None and self.latest.name in self.unconfirmed

    def superseded(self, registration: Registration) -> str | None:
        """The name of the baseline that came since an experiment was registered; None where none did."""
        return self.since(registration.baseline["key"])

    def since(self, key: str) -> str | None:
        """The name of the latest baseline, where it is another snapshot than this one; None else."""
        if self.latest is None or self.key is None:
            return None
        return self.latest.name if self.key != key else None

    def place(self, registration: Registration) -> Place:
        """Where an experiment stands; one that is the latest baseline itself is not superseded by it."""
        promotion = self.promotions.promoted(registration.id)
        attempt = self.promotions.latest(registration.id)
        superseded = self.superseded(registration)
        return Place(
            unconfirmed=registration.baseline["name"] in self.unconfirmed,
            superseded=None if promotion and promotion.tag == superseded else superseded,
            promoted=promotion.tag if promotion else None,
            provisional=promotion.provisional if promotion else None,
            end=attempt.end if attempt else None,
        )


def standing(project: Project, notebook: Notebook, every: Promotions | None = None) -> Standing:
    """The baselines as tags and ledger have them now.

    Args:
        every: what the ledger has of confirmations and promotions, where that is known already.
    """
    tags = baseline_tags(project.repository.git)
    every = notebook.promotions() if every is None else every
    promotions = every.among(project.prefix).beside({tag.number: tag.commit for tag in tags})
    latest = tags[-1] if tags else None
    key = None if latest is None else _key(project, promotions, latest)
    return Standing(latest, key, _open(project, tags, every), promotions)


def by_experiment(stands: Standing) -> Mapping[str, Standing]:
    """The same for each experiment that was confirmed or promoted, with what is about it alone."""
    promotions = stands.promotions
    names = {each.start.experiment for each in promotions.attempts}
    names |= {each.experiment for each in promotions.promotions}
    attempts: dict[str, list[Attempt]] = {name: [] for name in names}
    made: dict[str, list[Promotion]] = {name: [] for name in names}
    for attempt in promotions.attempts:
        attempts[attempt.start.experiment].append(attempt)
    for promotion in promotions.promotions:
        made[promotion.experiment].append(promotion)
    return {
        name: replace(stands, promotions=Promotions(tuple(attempts[name]), tuple(made[name])))
        for name in names
    }


def key_of(
    project: Project, objects: Objects, commit: str, protocol: Protocol | None = None
) -> str | None:
    """The snapshot key of a commit; None where it has no pipeline of this project.

    Args:
        protocol: by which neutral files are told; None for the commit's own.
    """
    # What reads a whole revision is imported where one is read: a list of experiments seldom must.
    from paribus.core.identity import snapshot_key  # noqa: PLC0415
    from paribus.core.protocol import Protocol  # noqa: PLC0415
    from paribus.workflows.reading import Reader, Tree  # noqa: PLC0415

    reader = Reader(project, objects)
    tree = Tree(objects.tree_of(commit), commit, commit[:7])
    try:
        pipeline = reader.pipeline(tree)
        protocol = protocol or reader.protocol(tree) or Protocol()
    except Problem:
        return None
    return snapshot_key(objects.tree(tree.id), pipeline, protocol)


# Private functions


def _key(project: Project, promotions: Promotions, latest: BaselineTag) -> str | None:
    """As it was promoted; else as it is read, which takes longer the more files there are."""
    for promotion in promotions.promotions:
        is_it = (promotion.number, promotion.commit) == (latest.number, latest.commit)
        if is_it and promotion.key:
            return promotion.key
    with Objects(project.repository.git) as objects:
        return key_of(project, objects, latest.commit)


def _open(
    project: Project, tags: tuple[BaselineTag, ...], promotions: Promotions
) -> dict[str, str]:
    """Why the baselines that were not confirmed were not."""
    told = {tag.name: _said(tag, promotions) for tag in tags}
    if BY_HAND in told.values():
        with Objects(project.repository.git) as objects:
            told = _excused(project, objects, tags, told)
    return {name: why for name, why in told.items() if why is not None}


def _said(tag: BaselineTag, promotions: Promotions) -> str | None:
    """What ledger and message say of one tag; None where the ledger has it as confirmed."""
    if promotions.is_confirmed(tag.number, tag.commit):
        return None
    recorded = [
        each.provisional
        for each in promotions.promotions
        if (each.number, each.commit) == (tag.number, tag.commit) and each.provisional is not None
    ]
    unknown = BY_HAND if tag.experiment is None else UNRECORDED
    return next(filter(None, (tag.provisional, *recorded)), unknown)


def _excused(
    project: Project,
    objects: Objects,
    tags: tuple[BaselineTag, ...],
    told: dict[str, str | None],
) -> dict[str, str | None]:
    """As told, but that a tag by hand which moves no metric is as good as what it follows.

    The first of a project is where it begins, and beats nothing.
    """
    found, known = dict(told), dict[str, str | None]()
    if BY_HAND not in list(told.values())[1:]:
        return told | {tags[0].name: None}  # as in most projects; nothing need be read
    for tag in tags:
        key, why = key_of(project, objects, tag.commit), told[tag.name]
        if why == BY_HAND:
            begins = key is not None and not known
            found[tag.name] = None if key is None or begins else known.get(key, why)
        if key is not None and known.get(key, "") is not None:
            known[key] = found[tag.name]
    return found
