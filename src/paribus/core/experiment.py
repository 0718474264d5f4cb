"""An experiment: baseline, one change and a hypothesis, registered before its first run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from paribus.core.plan import Plan
from paribus.core.shapes import pairs_of_texts, require_counts
from paribus.core.verdict import Replay, Verdict


@dataclass(frozen=True, slots=True)
class Registration:
    """What is fixed before the first run.

    Attributes:
        id: follows from baseline, change and measurement.
        project: folder of the DVC project from the top of the repository.
        baseline: commit, name and snapshot key of what is to be beaten.
        changes: as `Change.as_json` gives them.
        hypothesis: why it should help; may be empty.
        plan: how it will be judged.
        effect_is_default: whether nobody declared the effect, so that it is the baseline's own spread.
        tree: id of the tested tree, which the ledger keeps.
        revision: the commit that was given, or None for overrides and edits.
        allow: why more than one change was let through; None where there is one.
        author: name and e-mail of who ran it.
        started: UTC, ISO 8601.
        seeds: names of the params that vary from pair to pair.
        seed_list: their values where the team fixed them; empty where nobody chose them.
        generation: how often the baseline's seeds had been drawn anew.
        evaluation: the name of what measures.
        earlier: experiments with the same change, judged by another agreement or against another
            baseline, each with `experiment`, `baseline`, `outcome` and `differs`.
        bundled: changes of an allowed bundle that were judged alone and were no gain, each with
            `change`, `experiment` and `outcome`.
    """

    id: str
    project: str
    baseline: Mapping[str, str]
    changes: tuple[Mapping[str, Any], ...]
    hypothesis: str
    plan: Plan
    effect_is_default: bool
    tree: str
    revision: str | None
    allow: str | None
    author: str
    started: str
    seeds: tuple[str, ...] = ()
    seed_list: tuple[int, ...] = ()
    generation: int = 0
    evaluation: str | None = None
    earlier: tuple[Mapping[str, Any], ...] = ()
    bundled: tuple[Mapping[str, Any], ...] = ()

    @property
    def summary(self) -> str:
        """The change, or the changes, in one line."""
        return "; ".join(str(change["summary"]) for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {
            "id": self.id,
            "project": self.project,
            "baseline": dict(self.baseline),
            "changes": [dict(change) for change in self.changes],
            "hypothesis": self.hypothesis,
            "plan": self.plan.as_json(),
            "effect_is_default": self.effect_is_default,
            "tree": self.tree,
            "revision": self.revision,
            "allow": self.allow,
            "author": self.author,
            "started": self.started,
            "seeds": list(self.seeds),
            "seed_list": list(self.seed_list),
            "generation": self.generation,
            "evaluation": self.evaluation,
            "earlier": [dict(one) for one in self.earlier],
            "bundled": [dict(one) for one in self.bundled],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The registration that `as_json` wrote."""
        names = ("id", "project", "baseline", "hypothesis", "effect_is_default", "tree", "revision",
                 "allow", "author", "started")  # fmt: skip
        return cls(
            changes=tuple(record["changes"]),
            plan=Plan.from_json(record["plan"]),
            seeds=tuple(record.get("seeds", ())),
            seed_list=tuple(record.get("seed_list", ())),
            generation=record.get("generation", 0),
            evaluation=record.get("evaluation"),
            earlier=tuple(record.get("earlier", ())),
            bundled=tuple(record.get("bundled", ())),
            **{name: record[name] for name in names},
        )


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A verdict with what it rests on.

    Attributes:
        verdict: the last word.
        trail: the verdict at each look.
        pairs: ids of the paired runs, (baseline, candidate).
        null_control: (same-seed reruns of the baseline that differ, reruns).
        given: UTC, ISO 8601.
        replay: the rule applied to the baseline against itself; None while it has too few runs.
    """

    verdict: Verdict
    trail: tuple[Verdict, ...]
    pairs: tuple[tuple[str, str], ...]
    null_control: tuple[int, int]
    given: str
    replay: Replay | None = None

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        return {
            "verdict": self.verdict.as_json(),
            "trail": [verdict.as_json() for verdict in self.trail],
            "pairs": [list(pair) for pair in self.pairs],
            "null_control": list(self.null_control),
            "given": self.given,
            "replay": None if self.replay is None else self.replay.as_json(),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The conclusion that `as_json` wrote."""
        differ, made = record["null_control"]
        require_counts(differ, made)
        replay = record.get("replay")
        return cls(
            Verdict.from_json(record["verdict"]),
            tuple(Verdict.from_json(verdict) for verdict in record["trail"]),
            pairs_of_texts(record["pairs"]),
            (differ, made),
            record["given"],
            None if replay is None else Replay.from_json(replay),
        )
