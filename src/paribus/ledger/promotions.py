"""What the ledger holds of confirmations and promotions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, Promotion, events
from paribus.core.record import Record
from paribus.core.statistics.online import next_level
from paribus.ledger.branch import Branch, Found, Write

CONFIRMATIONS = "confirmations"
PROMOTIONS = "promotions"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One confirmation of an experiment; `end` is None while it has no answer."""

    start: ConfirmationStart
    end: ConfirmationEnd | None = None


@dataclass(frozen=True, slots=True)
class Promotions:
    """Every confirmation and promotion of a repository, or of one project in it.

    Attributes:
        attempts: the earliest first.
        promotions: the earliest first.
        unreadable: paths of records that this version cannot read.
    """

    attempts: tuple[Attempt, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    unreadable: tuple[str, ...] = ()

    def among(self, project: str) -> Promotions:
        """Those of one project."""
        return Promotions(
            tuple(each for each in self.attempts if each.start.project == project),
            tuple(each for each in self.promotions if each.project == project),
            self.unreadable,
        )

    def beside(self, tags: Mapping[int, str]) -> Promotions:
        """Without those whose number stands at another commit by now.

        Two clones can promote at the same time; one of them stands, and the other gives its tag up.

        Args:
            tags: the commit of each tag `baseline/<n>` that there is.
        """
        standing = (
            each for each in self.promotions if tags.get(each.number, each.commit) == each.commit
        )
        return replace(self, promotions=tuple(standing))

    def latest(self, experiment: str) -> Attempt | None:
        """An experiment's last confirmation; None where none was begun."""
        own = [each for each in self.attempts if each.start.experiment == experiment]
        return max(own, key=lambda each: each.start.attempt, default=None)

    def answered(self, experiment: str) -> ConfirmationEnd | None:
        """The last answer of an experiment's confirmations, though another may have begun since."""
        ends = [
            each.end
            for each in self.attempts
            if each.end is not None and each.start.experiment == experiment
        ]
        return max(ends, key=lambda end: end.attempt, default=None)

    def promoted(self, experiment: str) -> Promotion | None:
        """An experiment's last promotion; the one that was confirmed before one that was not."""
        own = [each for each in self.promotions if each.experiment == experiment]
        return max(own, key=lambda each: (each.provisional is None, each.given), default=None)

    def is_confirmed(self, number: int, commit: str) -> bool:
        """Whether a baseline was confirmed, at its promotion or later."""
        return any(
            (each.number, each.commit, each.provisional) == (number, commit, None)
            for each in self.promotions
        )

    def baseline_runs(self, experiment: str) -> set[str]:
        """Ids of the baseline's runs on which an experiment's confirmations rest."""
        ends = (each.end for each in self.attempts if each.start.experiment == experiment)
        return {baseline for end in ends if end is not None for baseline, _ in end.runs}

    @property
    def tests(self) -> int:
        """How many confirmations have had a level."""
        return len({each.start.id for each in self.attempts if each.start.test is not None})

    @property
    def next_level(self) -> float:
        """The level of a confirmation that starts now."""
        starts = [each.start for each in self.attempts]
        return next_level(events(starts, [each.end for each in self.attempts if each.end]))

    @property
    def queries(self) -> int:
        """How often the locked evaluation set has been asked."""
        return sum(each.end is not None and each.end.gate is not None for each in self.attempts)


def read_promotions(branch: Branch) -> Promotions:
    """All that the ledger has."""
    return gathered(branch.read(CONFIRMATIONS, PROMOTIONS))


def record_start(branch: Branch, start: ConfirmationStart) -> str:
    """Records a confirmation before its first run; returns the ledger's commit, read back."""
    return branch.append(
        [Write(_folder(start.experiment), Record("confirmation-start", start.as_json()))],
        f"confirm {start.experiment[:8]} with {start.pairs} fresh pairs, attempt {start.attempt}",
    )


def record_end(branch: Branch, end: ConfirmationEnd) -> str:
    """Records what came of a confirmation; returns the ledger's commit, read back."""
    word = "confirmed" if end.confirmed else "not confirmed"
    return branch.append(
        [Write(_folder(end.experiment), Record("confirmation-end", end.as_json()))],
        f"{word} {end.experiment[:8]} after {end.n} fresh pairs, attempt {end.attempt}",
    )


def record_promotion(branch: Branch, promotion: Promotion) -> str:
    """Records a new baseline; returns the ledger's commit, read back."""
    how = "unconfirmed" if promotion.provisional is not None else "confirmed"
    return branch.append(
        [Write(PROMOTIONS, Record("promotion", promotion.as_json()))],
        f"promote {promotion.experiment[:8]} to {promotion.tag}, {how}",
    )


def gathered(found: Iterable[Found]) -> Promotions:
    """What records say of confirmations and promotions."""
    starts: list[ConfirmationStart] = []
    ends: list[ConfirmationEnd] = []
    promotions: list[Promotion] = []
    unreadable: list[str] = []
    for item in found:
        record = item.record
        try:
            if record is not None and record.kind == "confirmation-start":
                starts.append(ConfirmationStart.from_json(record.body))
            elif record is not None and record.kind == "confirmation-end":
                ends.append(ConfirmationEnd.from_json(record.body))
            elif record is not None and record.kind == "promotion":
                promotions.append(Promotion.from_json(record.body))
            else:
                unreadable.append(item.path)
        except (AttributeError, KeyError, TypeError, ValueError):
            unreadable.append(item.path)
    promotions.sort(key=lambda each: each.given)
    return Promotions(_attempts(starts, ends), tuple(promotions), tuple(unreadable))


# Private functions


def _folder(experiment: str) -> str:
    return f"{CONFIRMATIONS}/{experiment[:2]}/{experiment}"


def _attempts(
    starts: Iterable[ConfirmationStart], ends: Iterable[ConfirmationEnd]
) -> tuple[Attempt, ...]:
    """Each with the first of its starts and of its ends: two clones may have made the same one."""
    answered: dict[str, ConfirmationEnd] = {}
    for end in sorted(ends, key=lambda each: each.given):
        answered.setdefault(end.id, end)
    begun: dict[str, ConfirmationStart] = {}
    for start in sorted(starts, key=lambda each: each.started):
        begun.setdefault(start.id, start)
    return tuple(Attempt(start, answered.get(start.id)) for start in begun.values())
