"""What trees hold, under names that mean the same in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paribus.core.compared import named_alike
from paribus.core.errors import Problem
from paribus.core.values import Value
from paribus.reports.compare import Absent, Compared
from paribus.workflows.comparing.fetching import fetch_command, unreachable
from paribus.workflows.comparing.numbers import METRICS, PARAMS, PLOTS, Held, Lacking, values_of
from paribus.workflows.project import Project


class Named:
    """What trees hold, as it is reported.

    Attributes:
        origins: the files that each name of a metric or a plot is from.
    """

    def __init__(
        self, held: Sequence[Held | Problem], project: Project, commits: Sequence[str | None]
    ) -> None:
        """
        Args:
            held: of each tree.
            commits: that each belongs to; None for the working tree.
        """
        self._held = held
        self._project = project
        self._values: dict[str, list[dict[str, Value]]] = {}
        self.origins: dict[str, frozenset[str]] = {}
        for kind in (METRICS, PLOTS, PARAMS):
            self._values[kind], origins = named_alike(values_of(held, kind), always=kind == PLOTS)
            self.origins |= origins if kind != PARAMS else {}
        lacking = (
            commit
            for each, commit in zip(held, commits, strict=True)
            if commit is not None and isinstance(each, Held)
            and any(one.target for one in each.lacking)
        )  # fmt: skip
        self._unreachable = unreachable(project, lacking)

    def one(self, at: int, commit: str | None, name: str) -> Compared:
        """What the tree at an index holds."""
        held = self._held[at]
        lacking = [] if isinstance(held, Problem) else held.lacking
        return Compared(
            revision=commit,
            name=name,
            metrics=self._values[METRICS][at],
            params=self._values[PARAMS][at],
            missing=tuple(one.path for one in lacking if not one.is_broken),
            verdict=None,
            plots=self._values[PLOTS][at],
            absent=tuple(self._absent(lacking, commit)),
            problem=held if isinstance(held, Problem) else None,
        )

    # Private methods

    def _absent(self, lacking: Sequence[Lacking], commit: str | None) -> Iterator[Absent]:
        """Each file; one command fetches all that can be fetched."""
        targets = [one.target for one in lacking if one.target is not None]
        reachable = commit not in self._unreachable
        command = fetch_command(self._project, commit, targets, reachable=reachable)
        for one in lacking:
            yield Absent(one.path, one.why, command if one.target else None, one.is_broken)
