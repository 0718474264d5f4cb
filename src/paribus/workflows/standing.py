"""Which baseline stands now, whether it was confirmed, and what it has superseded."""

from __future__ import annotations

from dataclasses import dataclass, field

from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.identity import snapshot_key
from paribus.core.protocol import Protocol
from paribus.git.objects import Objects
from paribus.git.tags import BaselineTag, baseline_tags
from paribus.ledger.notebook import Notebook
from paribus.ledger.promotions import Promotions
from paribus.reports.standing import Place
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree


@dataclass(frozen=True, slots=True)
class Standing:
    """The baselines of a repository.

    Attributes:
        latest: the tag with the highest number; None without tags.
        key: snapshot key of `latest`; None where it has no pipeline of this project.
        unconfirmed: why a baseline was promoted without a confirmation, by its name; those that were
            confirmed later are not among them.
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


def standing(project: Project, notebook: Notebook) -> Standing:
    """The baselines as tags and ledger have them now."""
    tags, promotions = baseline_tags(project.repository.git), notebook.promotions(project.prefix)
    latest = tags[-1] if tags else None
    key = None if latest is None else _key(project, promotions, latest)
    return Standing(latest, key, _open(tags, promotions), promotions)


def key_of(
    project: Project, objects: Objects, commit: str, protocol: Protocol | None = None
) -> str | None:
    """The snapshot key of a commit; None where it has no pipeline of this project.

    Args:
        protocol: by which neutral files are told; None for the commit's own.
    """
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


def _open(tags: tuple[BaselineTag, ...], promotions: Promotions) -> dict[str, str]:
    return {
        tag.name: tag.provisional
        for tag in tags
        if tag.provisional is not None and not promotions.is_confirmed(tag.number, tag.commit)
    }
