"""Clones that run, fail, crash, share, and do to their repositories whatever git lets them.

The model is the dictionary of runs that were acknowledged. Whatever happened, each clone can read its
own, and when all have shared, each can read all of them.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.conftest import FILES, Workspace
from tests.ledger.team import Clone, Team, gathered

from paribus.core.run import Intent, Run
from paribus.git.repository import discover
from paribus.ledger.branch import KEPT, REF
from paribus.workflows.sync import sync

CLONES = 2
WHO = st.integers(0, CLONES - 1)
EXPERIMENTS = st.integers(0, 2)


class Clones(RuleBasedStateMachine):
    """Rules are what people and crashes do; the invariant is that nothing acknowledged is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="paribus-machine-"))
        self.team: Team
        self.known: list[dict[str, Run]] = [{} for _ in range(CLONES)]
        self.open: list[list[Intent]] = [[] for _ in range(CLONES)]
        self.made = 0

    def teardown(self) -> None:
        if hasattr(self, "team"):
            self.share_with_all()
        shutil.rmtree(self.folder)

    @initialize()
    def gather(self) -> None:
        first = Workspace(self.folder / "first")
        first.path.mkdir()
        first.git("init", "--quiet", "--template=")
        first.commit("the baseline", FILES)
        self.team = gathered(first, self.folder, CLONES)
        for clone in self.team.clones:
            clone.write({"untracked.txt": "mine\n", "params.json": "{}\n"})

    # What Paribus does

    @rule(who=WHO, number=EXPERIMENTS)
    def start(self, who: int, number: int) -> None:
        """What is started and never finished was cut off."""
        self.made += 1
        with Untouched(self.team.clones[who]):
            self.open[who].append(self.team.clones[who].start(number, f"{self.made:04x}"))

    @rule(who=WHO, number=EXPERIMENTS)
    def start_and_die(self, who: int, number: int) -> None:
        """Killed when the branch had moved and the second name had not; nothing was acknowledged."""
        clone = self.team.clones[who]
        self.start(who, number)
        self.open[who].pop()
        clone.git("update-ref", KEPT, f"{REF}~1")

    @precondition(lambda self: any(self.open))
    @rule(who=WHO, fails=st.booleans(), score=st.integers(0, 9), concludes=st.booleans())
    def end(self, who: int, fails: bool, score: int, concludes: bool) -> None:
        if not self.open[who]:
            return
        clone, intent = self.team.clones[who], self.open[who].pop()
        with Untouched(clone):
            run = clone.fail(intent) if fails else clone.finish(intent, score / 10)
            if concludes:
                clone.conclude(intent)
        self.known[who][intent.id] = run

    @rule(who=WHO)
    def share(self, who: int) -> None:
        clone = self.team.clones[who]
        with Untouched(clone):
            assert sync(discover(clone.path), None).status == 0
        there = self.known[who] | {
            name: run for known in self.known for name, run in known.items() if name in clone.runs()
        }
        self.known[who] = there  # from now on it must keep what it has fetched

    # What their users do

    @rule(who=WHO, how=st.sampled_from(["commit", "amend", "squash", "reset", "rebase", "drop"]))
    def rewrite(self, who: int, how: str) -> None:
        clone = self.team.clones[who]
        clone.git("stash", "--quiet", "--include-untracked")
        if how == "commit":
            clone.commit("work", {"train.py": f"print({self.made})\n"})
        elif how == "amend":
            clone.git("commit", "--quiet", "--amend", "--allow-empty", "-m", f"again {self.made}")
        elif how in ("squash", "reset"):
            clone.git("reset", "--quiet", "--soft" if how == "squash" else "--hard", "origin/main")
            clone.git("commit", "--quiet", "--allow-empty", "-m", f"in one {self.made}")
        elif how == "rebase":
            clone.git("rebase", "--quiet", "--force-rebase", "origin/main")
        else:
            clone.git("checkout", "--quiet", "-B", f"topic-{self.made}")
            clone.git("branch", "--quiet", "-D", *self.branches(clone))
        clone.git("stash", "pop", "--quiet")

    def branches(self, clone: Clone) -> list[str]:
        """All but the one that is checked out; the ledger among them."""
        head = clone.git("branch", "--show-current")
        listed = clone.git("branch", "--format=%(refname:short)").splitlines()
        return [name for name in listed if name != head] or [clone.make_branch()]

    @rule(who=WHO)
    def collect_garbage(self, who: int) -> None:
        clone = self.team.clones[who]
        clone.git("reflog", "expire", "--expire=now", "--all")
        clone.git("gc", "--quiet", "--prune=now")

    @rule(who=WHO)
    def pack_references(self, who: int) -> None:
        self.team.clones[who].git("pack-refs", "--all", "--prune")

    @rule(who=WHO, steps=st.integers(1, 3))
    def rewind(self, who: int, steps: int) -> None:
        clone = self.team.clones[who]
        past = clone.git("for-each-ref", "--format=%(objectname)", REF)
        listed = clone.git("rev-list", past).splitlines()[steps:] if past else []
        if listed:
            clone.git("update-ref", REF, listed[0])

    @rule(who=WHO)
    def delete(self, who: int) -> None:
        self.team.clones[who].git("update-ref", "-d", REF)

    @rule(who=WHO)
    def overwrite(self, who: int) -> None:
        """A forced fetch of what the remote has."""
        if self.team.remote.git("for-each-ref", REF):
            self.team.clones[who].git("fetch", "--quiet", "origin", f"+{REF}:{REF}")

    @rule(how=st.sampled_from(["delete", "rewind", "collect"]))
    def spoil_the_remote(self, how: str) -> None:
        remote = self.team.remote
        if how == "collect":
            remote.git("gc", "--quiet", "--prune=now")
        elif remote.git("for-each-ref", REF):
            listed = remote.git("rev-list", REF).splitlines()
            remote.git("update-ref", *(("-d", REF) if how == "delete" else (REF, listed[-1])))

    # What must hold

    @invariant()
    def each_reads_what_was_acknowledged(self) -> None:
        if not hasattr(self, "team"):
            return
        for clone, known in zip(self.team.clones, self.known, strict=True):
            runs = clone.runs()
            assert {name: runs.get(name) for name in known} == known

    def share_with_all(self) -> None:
        """At the end everybody shares twice, and has everything."""
        every = {name: run for known in self.known for name, run in known.items()}
        for clone in (*self.team.clones, *self.team.clones):
            assert sync(discover(clone.path), None).status == 0
        results = {run.ref for run in every.values() if run.ref}
        for clone in self.team.clones:
            assert clone.runs() == every
            assert clone.is_sound()
            assert clone.results() == results
            assert all(clone.git("rev-parse", str(run.ref)) == run.commit
                       for run in every.values() if run.ref)  # fmt: skip
            assert (
                clone.git("rev-parse", KEPT, REF) == self.team.clones[0].git("rev-parse", REF, REF)
                if every
                else True
            )


class Untouched:
    """What is the user's is after the block as it was before."""

    def __init__(self, clone: Clone) -> None:
        self.clone = clone

    def state(self) -> dict[str, Any]:
        return {
            name: what
            for name, what in self.clone.state().items()
            if "paribus/ledger" not in name and not name.startswith("refs/exps/")
        }

    def __enter__(self) -> None:
        self.before = self.state()

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            assert self.state() == self.before


QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def test_clones_lose_nothing() -> None:
    """A few short lives."""
    short = settings(
        max_examples=4, stateful_step_count=12, deadline=None, suppress_health_check=QUIET
    )
    run_state_machine_as_test(Clones, settings=short)


@pytest.mark.slow
def test_many_clones_lose_nothing() -> None:
    """More and longer ones."""
    long = settings(
        max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=QUIET
    )
    run_state_machine_as_test(Clones, settings=long)
