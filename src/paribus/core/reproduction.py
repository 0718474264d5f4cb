"""Whether a run that was made again gave what was recorded of it: exact, within noise, or different."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from paribus.core.metrics import looked_up
from paribus.core.timing import is_timing
from paribus.core.written import Place, Written

MOST_NAMED = 20
"""Of the differing files of one folder."""


LISTS = ("kept", "timing", "added", "not_rerun", "imported", "absent")


class Outcome(StrEnum):
    """How a run that was made again compares with its record."""

    EXACT = "exact"
    SAME_RESULTS = "same-results"
    WITHIN_NOISE = "within-noise"
    DIFFERENT = "different"
    FAILED = "failed"
    NOT_VERIFIED = "not-verified"
    INTERRUPTED = "interrupted"


GRAVEST_FIRST = tuple(reversed(Outcome))


@dataclass(frozen=True, slots=True)
class Results:
    """What a run gave.

    Attributes:
        metrics: every finite number of its metrics files.
        written: what it read and wrote; None where that is not known any more.
        folders: the files of its folders by the folder's hash, of those that are known.
    """

    metrics: Mapping[str, float]
    written: Written | None = None
    folders: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricMoved:
    """A metric with another value; None where a side does not have it.

    Attributes:
        limit: the largest difference that reruns of a seed explain; 0 where they were all equal.
    """

    name: str
    old: float | None
    new: float | None
    limit: float

    @property
    def within_noise(self) -> bool:
        """Whether reruns of a seed differ as much."""
        known = self.old is not None and self.new is not None
        return known and abs(self.new - self.old) <= self.limit  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class FileMoved:
    """An input or output with another hash; None where a side does not have it.

    Attributes:
        differing: how many files of a folder differ; None for a file, or where it cannot be told.
        files: how many there are on either side.
        named: the first of those that differ.
    """

    place: Place
    old: str | None
    new: str | None
    differing: int | None = None
    files: int | None = None
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examples:
    """Predictions, held against each other one by one.

    Attributes:
        differing: how many examples came out otherwise; all of them where the sets differ.
        size: how many there are.
    """

    differing: int
    size: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A recorded run beside the same run made again.

    Attributes:
        metrics, outputs: how many were compared; outputs is None where the recorded ones are unknown.
        moved: metrics that differ.
        rewritten: outputs that differ.
        reread: inputs that differ, though they were taken from the same tree: what the recorded run
            read was not what its tree names.
        kept: metrics of stages that did not run again, which are not compared.
        timing: metrics that are times, and so are not compared.
        added: metrics that the record does not have.
        not_rerun: stages of the record that did not run again, such as frozen ones.
        imported: data from another repository or place, taken as the tree's hash names them.
        absent: tracked data that no stage declares, and that were not there.
        examples: of the predictions; None where there are none to compare.
        noisy: whether reruns of a seed of the baseline differ in anything.
    """

    metrics: int
    outputs: int | None
    moved: tuple[MetricMoved, ...] = ()
    rewritten: tuple[FileMoved, ...] = ()
    reread: tuple[FileMoved, ...] = ()
    kept: tuple[str, ...] = ()
    timing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    not_rerun: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    examples: Examples | None = None
    noisy: bool = False

    @property
    def outcome(self) -> Outcome:
        """`same-results` for files that differ, such as a model with a time in it, while no number does.

        `not-verified` where nothing was made again, since every stage is frozen.
        """
        if not self.metrics and not self.outputs:
            return Outcome.NOT_VERIFIED
        predictions = self.examples is None or not self.examples.differing
        if not self.moved and predictions and not self.added:
            return Outcome.SAME_RESULTS if self.rewritten else Outcome.EXACT
        explained = all(each.within_noise for each in self.moved) and not self.added
        # Predictions can move where no metric does; a pipeline that is deterministic moves neither.
        return Outcome.WITHIN_NOISE if explained and self.noisy else Outcome.DIFFERENT

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        lists = {name: list(getattr(self, name)) for name in LISTS}
        return {
            "compared": {"metrics": self.metrics, "outputs": self.outputs},
            "metrics": [asdict(each) | {"within_noise": each.within_noise} for each in self.moved],
            "outputs": [_file_json(each) for each in self.rewritten],
            "inputs": [_file_json(each) for each in self.reread],
            "examples": None if self.examples is None else asdict(self.examples),
            "noisy": self.noisy,
            **lists,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The comparison that `as_json` wrote."""
        examples = record["examples"]
        lists = {name: tuple(record[name]) for name in LISTS}
        return cls(
            metrics=record["compared"]["metrics"],
            outputs=record["compared"]["outputs"],
            moved=tuple(
                MetricMoved(each["name"], each["old"], each["new"], each["limit"])
                for each in record["metrics"]
            ),
            rewritten=tuple(map(_file_from_json, record["outputs"])),
            reread=tuple(map(_file_from_json, record["inputs"])),
            examples=None
            if examples is None
            else Examples(examples["differing"], examples["size"]),
            noisy=record["noisy"],
            **lists,
        )


def compared(
    old: Results,
    new: Results,
    limits: Mapping[str, float],
    examples: Examples | None = None,
    kept: Container[str] = (),
) -> Comparison:
    """Holds a recorded run against the same run made again.

    Args:
        limits: the largest difference that noise explains, for each metric that has any.
        kept: names of metrics that were not made again.
    """
    made = [name for name in old.metrics if name not in kept]
    names = [name for name in made if not is_timing(name)]
    files: dict[str, Any] = {"outputs": None}
    if old.written is not None and new.written is not None:
        files = _files(old, old.written, new, new.written)
    return Comparison(
        metrics=len(names),
        moved=tuple(_moved(old.metrics, new.metrics, names, limits)),
        kept=tuple(name for name in old.metrics if name in kept),
        timing=tuple(name for name in made if is_timing(name)),
        added=tuple(
            name
            for name in new.metrics
            if looked_up(old.metrics, name) is None and not is_timing(name)
        ),
        examples=examples,
        noisy=bool(limits),
        **files,
    )


def gravest(outcomes: Iterable[Outcome]) -> Outcome:
    """The one that an answer over several runs gives."""
    return min(outcomes, key=GRAVEST_FIRST.index)


# Private functions


def _moved(
    old: Mapping[str, float],
    new: Mapping[str, float],
    names: Iterable[str],
    limits: Mapping[str, float],
) -> Iterable[MetricMoved]:
    for name in names:
        value = looked_up(new, name)
        if value != old[name]:
            told = float(value) if isinstance(value, int | float) else None
            yield MetricMoved(name, old[name], told, limits.get(name, 0.0))


def _files(old: Results, before: Written, new: Results, after: Written) -> dict[str, Any]:
    stages = after.stages
    outputs = {
        place: told for place, told in before.outputs.items() if (place.lock, place.stage) in stages
    }
    # An input that a stage of the pipeline writes follows from that stage's outputs.
    made = {*before.outputs.values(), *after.outputs.values()}
    read = [
        {place: told for place, told in side.inputs.items() if told not in made}
        for side in (before, after)
    ]
    both = {(place.lock, place.stage) for place in before.inputs} & stages
    inputs = [place for place in sorted(read[0].keys() | read[1].keys())
              if (place.lock, place.stage) in both]  # fmt: skip
    gone = sorted(before.stages - stages)
    return {
        "outputs": len(outputs),
        "rewritten": tuple(
            _file(place, outputs.get(place), after.outputs.get(place), old, new)
            for place in sorted(outputs.keys() | after.outputs.keys())
            if outputs.get(place) != after.outputs.get(place)
        ),
        "reread": tuple(
            _file(place, read[0].get(place), read[1].get(place), old, new)
            for place in inputs
            if read[0].get(place) != read[1].get(place)
        ),
        "not_rerun": tuple(stage for _, stage in gone),
    }


def _file(
    place: Place, old: str | None, new: str | None, before: Results, after: Results
) -> FileMoved:
    left, right = _listed(old, before), _listed(new, after)
    if left is None or right is None:
        return FileMoved(place, old, new)
    names = sorted(left.keys() | right.keys())
    differing = [name for name in names if left.get(name) != right.get(name)]
    return FileMoved(place, old, new, len(differing), len(names), tuple(differing[:MOST_NAMED]))


def _listed(told: str | None, side: Results) -> Mapping[str, str] | None:
    return None if told is None else side.folders.get(told.split()[-1])


def _file_json(moved: FileMoved) -> dict[str, Any]:
    own = asdict(moved)
    del own["place"]
    return {**asdict(moved.place), **own, "named": list(moved.named)}


def _file_from_json(record: Mapping[str, Any]) -> FileMoved:
    return FileMoved(
        Place(record["lock"], record["stage"], record["path"]),
        record["old"], record["new"], record["differing"], record["files"], tuple(record["named"]),
    )  # fmt: skip
