"""What became of single examples, by the two runs of one pair.

The rows of both runs are read from their results' commits, or from the DVC cache. That costs up to
16 MB and a twentieth of a second an experiment, so that it is done of `MOST_READ`: first those which
are against the last baseline or were an improvement, and of these and of the others the latest. Of the
rest, and where the rows are not here, the ledger tells how many examples changed, and not which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from paribus.core import clauses
from paribus.core.errors import Problem
from paribus.core.examples.answers import Answer, changed, read_answers
from paribus.core.examples.packed import unpack
from paribus.core.paths import joined
from paribus.core.run import Run
from paribus.core.verdict import Outcome
from paribus.dvc.cached import Lack
from paribus.git.objects import Objects
from paribus.reports.notebook.content import Overview, Point, Prediction, Predictions
from paribus.workflows.cached_outputs import Output, output_of
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree

MOST_READ = 200
"""Experiments of which single examples are told."""
MOST_TOLD = 50
"""Examples that are told of each kind."""
LARGEST = 8 * 2**20
"""Bytes of a predictions file that is read."""
_LONGEST = 200
"""Characters of an id, a label or an answer."""
_EARLIER = "an earlier experiment: only how many changed is told"


class Examples:
    """Tells of examples, by the current agreement; of none where it declares no predictions."""

    def __init__(self, project: Project, objects: Objects, shown: Overview) -> None:
        """
        Args:
            objects: of the project's repository.
            shown: by which the experiments are chosen of which single examples are told.
        """
        self._project = project
        self._objects = objects
        self._settings = _settings(project, objects)
        self._read = _worth_reading(shown) if self._settings else frozenset[str]()

    @property
    def are_declared(self) -> bool:
        """Whether there is anything to tell."""
        return self._settings is not None

    def of(
        self, identifier: str, pair: int, sides: tuple[Run, Run], packed: Mapping[str, Any]
    ) -> Predictions | None:
        """What one pair of an experiment tells; None where nothing is declared.

        Args:
            pair: its number, from 1.
            sides: the baseline's run and the candidate's.
            packed: the packed examples of runs, by the run's id.
        """
        if self._settings is None:
            return None
        why = _EARLIER
        if identifier in self._read:
            try:
                before, after = (self._answers(self._settings, run) for run in sides)
                if before.keys() == after.keys():
                    return _told(pair, before, after)
                why = "the two sides were measured on different examples"
            except Problem as problem:
                why = problem.message
        return _counted(pair, [packed.get(run.intent.id) for run in sides], why)

    # Private methods

    def _answers(self, settings: clauses.Predictions, run: Run) -> dict[str, Answer]:
        """The answers of one run; raises `Problem` with why they cannot be had."""
        file = joined(self._project.prefix, settings.file)
        if run.commit is None:
            raise _not_here(f"run {run.intent.id} left no result")
        reader = Reader(self._project, self._objects)  # one for each, or they would be kept
        tree = Tree(self._objects.tree_of(run.commit), run.commit, run.commit[:7])
        found = output_of(reader, tree, file, most=LARGEST)
        if found.data is None:
            raise _not_here(f"{file} of run {run.intent.id} is {_lack(found)}")
        return read_answers(settings, file, found.data)


# Private functions


def _settings(project: Project, objects: Objects) -> clauses.Predictions | None:
    head = objects.identify("HEAD^{commit}")
    if head is None:
        return None
    try:
        protocol = Reader(project, objects).protocol(Tree(objects.tree_of(head), head, "HEAD"))
    except Problem:
        return None
    return protocol.predictions if protocol else None


def _worth_reading(shown: Overview) -> frozenset[str]:
    last = len(shown.steps) - 1
    judged = [one for one in shown.points if one.n]
    judged.sort(key=lambda one: one.step == last or _is_a_gain(one))  # the latest stay the last
    return frozenset(one.id for one in judged[-MOST_READ:])


def _is_a_gain(one: Point) -> bool:
    return one.outcome == Outcome.IMPROVED or bool(one.became)


def _lack(found: Output) -> str:
    if found.lack is Lack.TOO_LARGE:
        return f"larger than {LARGEST // 2**20} MB"
    return f"{found.lack or Lack.ABSENT} in the DVC cache: dvc fetch may bring it"


def _not_here(why: str) -> Problem:
    return Problem("missing-predictions", why)


def _told(pair: int, before: Mapping[str, Answer], after: Mapping[str, Answer]) -> Predictions:
    fixed, broken, wrong = changed(before, after)

    def some(keys: Iterable[str]) -> tuple[Prediction, ...]:
        return tuple(
            Prediction(
                key[:_LONGEST], after[key].label[:_LONGEST], before[key].said[:_LONGEST],
                after[key].said[:_LONGEST],
            )
            for key in list(keys)[:MOST_TOLD]
        )  # fmt: skip

    return Predictions(
        pair, len(after), some(fixed), some(broken), some(wrong),
        len(fixed), len(broken), len(wrong), "",
    )  # fmt: skip


def _counted(pair: int, packed: Sequence[Mapping[str, Any] | None], why: str) -> Predictions | None:
    """As many as the ledger's packed examples tell; None where it has none of them."""
    try:
        old, new = (unpack(one) for one in packed if one is not None)
    except ValueError:  # one is missing, or damaged
        return None
    before, after = old.right, new.right
    if before is None or after is None or old.digest != new.digest:
        return None
    return Predictions(
        pair, new.size, (), (), (),
        int((after & ~before).sum()), int((before & ~after).sum()), int((~after).sum()), why,
    )  # fmt: skip
