"""`paribus sync`: shares ledger, baselines and results with a remote, and never forces anything."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from paribus.core.errors import Exit, Problem
from paribus.git.baselines import PREFIX, Compared, compare_baselines
from paribus.git.refusals import was_quicker
from paribus.git.remotes import DAMAGED, Remote, choose_remote
from paribus.git.repository import Repository
from paribus.git.tags import baseline_tags
from paribus.ledger.branch import REF, Branch, Joined
from paribus.ledger.counting import added
from paribus.ledger.results import RESULT, recorded_results
from paribus.ledger.tips import TRACKING
from paribus.reports.sync import Clashing, Moved, SyncReport

PATIENCE = 60.0
"""Seconds for which it begins again while others are quicker."""
IN_THE_WAY = REF.rpartition("/")[0]
"""A branch beside which git can have no ledger."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0
"""Seconds; the longest that the first pause, and any, can be."""


def sync(repository: Repository, remote: str | None, *, every: bool = False) -> SyncReport:
    """Fetches what the remote has, takes it in, and pushes what it lacks.

    Args:
        remote: its name; None for the usual one.
        every: with results that no run in the ledger tells of, too.

    Raises:
        Problem: there is no such remote, it cannot be reached, or others were quicker all the time.
            What was fetched until then is here, and nothing is lost.
    """
    name = choose_remote(repository.git, remote)
    return _Sync(repository, Remote(repository.git, name), every).carried_out()


# Private functions


@dataclass(slots=True)
class _Results:
    """What is to be done with the results of both sides."""

    fetch: tuple[str, ...] = ()
    push: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Sync:
    repository: Repository
    remote: Remote
    every: bool
    fetched: Counter[str] = field(default_factory=Counter)
    results: int = 0
    baselines: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    merged: bool = False

    def carried_out(self) -> SyncReport:
        branch, began, rounds = Branch(self.repository.git), time.monotonic(), 0
        brought_back, answers = branch.references().is_rewound, dict[str, str | None]()
        while True:
            rounds += 1
            there = self.remote.references()
            if IN_THE_WAY in there:
                raise _in_the_way(self.remote.name)
            joined = self._take_in(branch, there.get(REF))
            tags = compare_baselines(self.repository.git, there)
            results = self._compare_results(joined, there)
            failure = self._fetch(tags.missing, results.fetch)
            answers |= self.remote.push(self._offered(joined, there, tags, results))
            late = [ref for ref, why in answers.items() if why is not None and was_quicker(why)]
            answers = {ref: why for ref, why in answers.items() if ref not in late}
            damaged = tuple((ref, DAMAGED) for ref, why in answers.items() if why == DAMAGED)
            if not late:
                break
            if time.monotonic() - began > PATIENCE:
                raise _too_busy(self.remote.name)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**rounds)
            time.sleep(random.uniform(0, pause))  # noqa: S311
        if failure is not None:
            raise failure
        return SyncReport(
            remote=self.remote.name,
            ledger=joined.after,
            merged=self.merged,
            fetched=Moved(dict(self.fetched), tuple(self.baselines), self.results),
            pushed=self._pushed(joined, there.get(REF), answers),
            clashes=self._clashes(tags),
            held=tags.held,
            skipped=(*results.skipped, *damaged),
            refused=tuple((ref, why) for ref, why in answers.items() if why not in (None, DAMAGED)),
            replaced=tuple(self.replaced),
            brought_back=brought_back,
            shallow=self.repository.shallow,
            rounds=rounds,
        )

    def _take_in(self, branch: Branch, there: str | None) -> Joined:
        """Makes our ledger hold all of theirs."""
        git, name, was = self.repository.git, self.remote.name, branch.references()
        if there is not None:
            self._bring(there)
        joined = branch.join(there, f"merge the ledger of {name}")
        # A clone without a ledger of its own reads the remote's, so that all of it was fetched before.
        before = joined.before if was.branch or was.kept else next(iter(was.whole), None)
        if there is not None and joined.after not in (before, None):
            self.fetched += added(git, before, str(joined.after))
        self.merged |= joined.after not in (before, there)
        self.replaced += joined.replaced
        return joined

    def _bring(self, there: str) -> None:
        """Fetches the remote's ledger to where git has the remote's branches; it must be a commit."""
        git, tracking = self.repository.git, TRACKING.format(self.remote.name)
        if git.lookup("rev-parse", "--verify", "--quiet", tracking) == there:
            return
        self.remote.fetch({REF: f"+{tracking}"}, checked=True)
        if git.lookup("rev-parse", "--verify", "--quiet", f"{there}^{{commit}}") is None:
            git.lookup("update-ref", "-d", tracking)
            raise Problem(
                "foreign-ledger",
                f"the branch paribus/ledger on {self.remote.name} is no commit; yours is as it was",
                f"remove it there   git push {self.remote.name} --delete paribus/ledger",
            )

    def _compare_results(self, joined: Joined, there: Mapping[str, str]) -> _Results:
        git = self.repository.git
        lines = git.text("for-each-ref", "--format=%(refname) %(objectname)", "refs/exps/")
        every = dict(line.split(" ") for line in lines.splitlines())
        ours = {ref: sha for ref, sha in every.items() if RESULT.fullmatch(ref)}
        theirs = {ref: sha for ref, sha in there.items() if RESULT.fullmatch(ref)}
        both = ours.keys() & theirs.keys()
        skipped = [
            (ref, "another commit here than there") for ref in both if ours[ref] != theirs[ref]
        ]
        single = {ref: sha for ref, sha in (ours | theirs).items() if ref not in both}
        tips = (joined.after,) if joined.after else ()
        recorded = recorded_results(git, tips, single)
        skipped += [
            (ref, "the ledger has another commit for it")
            for ref, sha in single.items()
            if recorded.get(ref, sha) != sha
        ]
        shared = [
            ref
            for ref, sha in single.items()
            if recorded.get(ref, sha if self.every else "") == sha
        ]
        return _Results(
            tuple(sorted(ref for ref in shared if ref in theirs)),
            tuple(sorted(ref for ref in shared if ref in ours)),
            tuple(sorted(skipped)),
        )

    def _fetch(self, tags: Sequence[str], results: Sequence[str]) -> Problem | None:
        """Why they could not be fetched; that one is damaged there keeps nothing of ours from going there."""
        try:
            self.remote.fetch({ref: ref for ref in (*tags, *results)})
        except Problem as problem:
            return problem
        self.baselines += [ref.removeprefix(PREFIX) for ref in tags]
        self.results += len(results)
        return None

    def _offered(
        self, joined: Joined, there: Mapping[str, str], tags: Compared, results: _Results
    ) -> list[str]:
        """What to push; results first, so that the ledger never tells of one that is not there."""
        ledger = [REF] if joined.after not in (None, there.get(REF)) else []
        return [*results.push, *tags.offered, *ledger]

    def _pushed(
        self, joined: Joined, there: str | None, answers: Mapping[str, str | None]
    ) -> Moved:
        taken = [ref for ref, why in answers.items() if why is None]
        records: Counter[str] = Counter()
        if REF in taken and joined.after is not None:
            records = added(self.repository.git, there, joined.after)
        return Moved(
            dict(records),
            tuple(ref.removeprefix(PREFIX) for ref in taken if ref.startswith(PREFIX)),
            sum(RESULT.fullmatch(ref) is not None for ref in taken),
        )

    def _clashes(self, tags: Compared) -> tuple[Clashing, ...]:
        if not tags.clashes:
            return ()
        known = {tag.name: tag.experiment for tag in baseline_tags(self.repository.git)}
        return tuple(
            Clashing(each.name, each.here, each.there, known.get(each.name))
            for each in tags.clashes
        )


def _in_the_way(remote: str) -> Problem:
    branch = IN_THE_WAY.removeprefix("refs/heads/")
    return Problem(
        "branch-in-the-way",
        f"on {remote} there is a branch {branch}, beside which git can have no branch paribus/ledger",
        f"call it otherwise there   git push {remote} {remote}/{branch}:refs/heads/OTHER "
        f"&& git push {remote} :{branch}",
        status=Exit.NOT_RECORDED,
    )


def _too_busy(remote: str) -> Problem:
    return Problem(
        "others-were-quicker",
        f"others pushed to {remote} all the time; what they have is here, and yours is not there yet",
        "try again   paribus sync",
        status=Exit.NOT_RECORDED,
        retryable=True,
    )
