"""The ledger's contents by what they are: experiments, baselines, declarations, sessions."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from paribus.core.declared import Declared
from paribus.core.experiment import Conclusion, Registration
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, Promotion
from paribus.core.record import Record
from paribus.core.run import Intent, Run
from paribus.git.own_objects import at_home
from paribus.ledger.branch import Branch, Found, Write
from paribus.ledger.families import read_families, record_family
from paribus.ledger.merge import kept_tree
from paribus.ledger.page import Page, page_of
from paribus.ledger.promotions import (
    Promotions,
    read_promotions,
    record_end,
    record_promotion,
    record_start,
)

EXPERIMENTS = "experiments"
BASELINES = "baselines"
DECLARED = "declared"
SESSIONS = "sessions"
EXAMPLES = "examples"
IDEAS = "ideas"


class Notebook:
    """What the workflows read from the ledger and write to it."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch

    def register(self, registration: Registration, ideas: Sequence[str] = ()) -> None:
        """Records an experiment before its first run, with the tree that it will test.

        Args:
            ideas: the key of each of its changes, by which `tried` finds it.
        """
        folder = _folder(EXPERIMENTS, registration.id)
        about = {"experiment": registration.id, "project": registration.project}
        tree, baseline = registration.tree, registration.baseline["commit"]
        with at_home(self._branch.git, tree, baseline):
            self._branch.append(
                [
                    Write(folder, Record("registration", registration.as_json())),
                    *(Write(_folder(IDEAS, idea), Record("idea", about)) for idea in ideas),
                ],
                f"register {registration.id[:8]}: {registration.summary}"[:120],
                {kept_tree(tree): tree},
            )

    def advance(
        self,
        ended: Sequence[tuple[str, Run]],
        starting: Sequence[tuple[str, Intent]],
        session: Mapping[str, Any],
        examples: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> str:
        """Records runs that ended and runs that are about to start, as one commit.

        Args:
            ended, starting: each with its owner: the experiment's id, or `baseline/<snapshot key>`.
            session: of the runs that start, as `Session.as_json` gives it.
            examples: packed, by the id of the run that they belong to.

        Returns:
            The ledger's commit that holds them.
        """
        writes = [Write(_owner(owner), Record("run", run.as_json())) for owner, run in ended]
        for identifier, packed in (examples or {}).items():
            writes.append(Write(_folder(EXAMPLES, identifier), Record("examples", packed)))
        told = [f"{run.status.value} {run.intent.id} of {owner[:17]}" for owner, run in ended]
        for owner, intent in starting:
            writes.append(Write(_owner(owner), Record("intent", intent.as_json())))
            told.append(f"start {intent.id} of {owner[:17]}")
        if starting:
            folder = _folder(SESSIONS, str(session["id"]))
            writes.append(Write(folder, Record("session", session)))
        return self._branch.append(writes, "; ".join(told))

    def conclude(self, experiment: str, conclusion: Conclusion) -> str:
        """Records a verdict; returns the ledger's commit that holds it."""
        verdict = conclusion.verdict
        return self._branch.append(
            [Write(_folder(EXPERIMENTS, experiment), Record("verdict", conclusion.as_json()))],
            f"{verdict.outcome.value} {experiment[:8]} after {verdict.n} pairs",
        )

    def join_family(self, members: Sequence[str], how: str) -> None:
        """Records that experiments were tried together, as `record_family` tells."""
        record_family(self._branch, members, how)

    def families(self, experiment: str) -> tuple[tuple[str, ...], ...]:
        """For each family of an experiment the ids of its members, its own among them."""
        return read_families(self._branch, experiment)

    def confirm(self, told: ConfirmationStart | ConfirmationEnd) -> str:
        """Records that a confirmation begins, or how it ended; returns the ledger's commit."""
        if isinstance(told, ConfirmationStart):
            return record_start(self._branch, told)
        return record_end(self._branch, told)

    def promote(self, promotion: Promotion) -> str:
        """Records a new baseline; returns the ledger's commit that holds it."""
        return record_promotion(self._branch, promotion)

    def promotions(self, project: str | None = None) -> Promotions:
        """Every confirmation and promotion, of one project or of all."""
        found = read_promotions(self._branch)
        return found if project is None else found.among(project)

    def refresh(self, key: str, given: str, author: str) -> str:
        """Records that a baseline's seeds are drawn anew; returns the ledger's commit."""
        body = {"given": given, "author": author}
        return self._branch.append(
            [Write(_folder(BASELINES, key), Record("refresh", body))],
            f"refresh the seeds of baseline {key[:8]}",
        )

    def declare(self, declared: Declared, given: str, author: str) -> str:
        """Records an outside baseline; returns the ledger's commit that holds it."""
        body = {**asdict(declared), "given": given, "author": author}
        return self._branch.append(
            [Write(DECLARED, Record("declaration", body))],
            f"declare {declared.metric} = {declared.value}: {declared.source}"[:120],
        )

    def experiment(self, identifier: str) -> Page:
        """One experiment's page; empty where there is none."""
        return page_of(identifier, self._branch.read(_folder(EXPERIMENTS, identifier)))

    def baseline(self, key: str) -> Page:
        """The page of a baseline, by its snapshot key; empty where there is none."""
        return page_of(key, self._branch.read(_folder(BASELINES, key)))

    def tried(self, idea: str, project: str) -> tuple[str, ...]:
        """The ids of a project's experiments that have a change, by the change's key."""
        found = (item.record for item in self._branch.read(_folder(IDEAS, idea)))
        return tuple(
            str(record.body["experiment"])
            for record in found
            if record is not None
            and record.body.get("project") == project
            and "experiment" in record.body
        )

    def examples(self, runs: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The packed examples of runs, by the run's id; of those that left any."""
        folders = {_folder(EXAMPLES, run): run for run in runs}
        found = {}
        for item in self._branch.read(*folders) if folders else ():
            run = folders.get(item.path.rpartition("/")[0])
            if run is not None and item.record is not None and item.record.kind == "examples":
                found[run] = item.record.body
        return found

    def experiments(self) -> list[Page]:
        """Every experiment, the earliest first."""
        pages: defaultdict[str, list[Found]] = defaultdict(list)
        for found in self._branch.read(EXPERIMENTS):
            pages["/".join(found.path.split("/")[2:-1])].append(found)
        listed = [page_of(identifier, records) for identifier, records in pages.items()]
        return sorted(
            listed, key=lambda page: page.registration.started if page.registration else ""
        )

    def identifiers(self, beginning: str) -> tuple[str, ...]:
        """The ids of experiments that start with these characters."""
        folders = [beginning[:2]] if len(beginning) >= 2 else self._branch.names(EXPERIMENTS)
        return tuple(
            name
            for folder in folders
            if folder.startswith(beginning[:2])
            for name in self._branch.names(f"{EXPERIMENTS}/{folder}")
            if name.startswith(beginning)
        )

    def declarations(self) -> list[tuple[str, Declared]]:
        """Declared outside baselines with the time at which each was given, the latest last."""
        found = []
        for item in self._branch.read(DECLARED):
            with contextlib.suppress(KeyError, TypeError, ValueError):
                if item.record is not None and item.record.kind == "declaration":
                    found.append((str(item.record.body["given"]), _declared(item.record.body)))
        return sorted(found, key=lambda pair: pair[0])

    def tip(self) -> str | None:
        """The ledger's newest commit."""
        return self._branch.tip()


# Private functions


def _folder(kind: str, name: str) -> str:
    return f"{kind}/{name[:2]}/{name}"


def _owner(owner: str) -> str:
    kind, slash, key = owner.partition("/")
    return _folder(BASELINES, key) if slash else _folder(EXPERIMENTS, kind)


def _declared(body: Mapping[str, Any]) -> Declared:
    return Declared(body["metric"], body["value"], body["source"], body["n"], body["sd"])
