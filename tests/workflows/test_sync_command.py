"""`paribus sync`: everybody ends with everything, nothing is forced, and refusals are told."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.ledger.team import SESSION, Clone, Team, experiment, gathered

from paribus.core.errors import Problem
from paribus.core.run import Run, Status
from paribus.git.repository import discover
from paribus.ledger.branch import KEPT, REF
from paribus.workflows.sync import sync

if TYPE_CHECKING:
    from tests.conftest import Workspace


@pytest.fixture
def team(project: Workspace, tmp_path: Path) -> Team:
    return gathered(project, tmp_path, 2)


def hidden(text: str) -> str:
    """Object ids and paths differ from run to run."""
    return re.sub(r"\b[0-9a-f]{7,40}\b", "HEX", re.sub(r"/\S+/", "PATH/", text))


def refs(workspace: Workspace) -> str:
    return workspace.git("for-each-ref")


def theirs_alone(clone: Clone) -> dict[str, str]:
    """What is the user's: HEAD, index, files, stash, branches, tags."""
    return {name: what for name, what in clone.state().items() if "paribus/ledger" not in name}


def shared(clone: Clone, *arguments: str, code: int = 0) -> str:
    done = clone.paribus("sync", *arguments)
    assert (done.code, done.err if code < 2 else "") == (code, ""), done.err
    return done.out if code < 2 else done.err


# What it shares


def test_what_one_records_the_other_has(team: Team) -> None:
    one, other = team.clones
    run = one.finish(one.start(1, "aa"), 0.5)
    before = theirs_alone(one)
    assert shared(one) == (
        "in step with origin: 1 experiment and 1 run pushed\n"
        "  pushed   4 records, 1 result\n"
        "next: send data, too   dvc push\n"
    )
    assert theirs_alone(one) == before
    assert shared(one) == "in step with origin: nothing was new\n"
    before = theirs_alone(other)
    assert shared(other) == (
        "in step with origin: 1 experiment and 1 run fetched\n"
        "  fetched  4 records, 1 result\n"
        "next: see all of it   paribus log\n"
    )
    assert other.runs() == {"aa": run}
    assert other.results() == {run.ref}
    assert other.git("rev-parse", str(run.ref)) == run.commit
    assert theirs_alone(other) == before
    assert other.git("rev-parse", REF, KEPT) == one.git("rev-parse", REF, KEPT)
    assert other.is_sound()


def test_two_that_recorded_apart_are_merged(team: Team) -> None:
    one, other = team.clones
    runs = {"aa": one.finish(one.start(1, "aa"), 0.5), "bb": other.fail(other.start(1, "bb"))}
    shared(one)
    assert hidden(shared(other)) == (
        "in step with origin: 1 run fetched, 1 run pushed\n"
        "  fetched  2 records, 1 result\n"
        "  pushed   2 records\n"
        "  ledger   merged, HEX on the branch paribus/ledger\n"
        "next: see all of it   paribus log\n"
    )
    shared(one)
    assert one.runs() == other.runs() == runs
    assert one.git("rev-parse", REF) == other.git("rev-parse", REF)
    assert one.git("rev-list", "--count", "--merges", REF) == "1"


def test_a_fresh_clone_knows_the_teams_experiments(team: Team, tmp_path: Path) -> None:
    one = team.clones[0]
    one.finish(one.start(1, "aa"), 0.5)
    shared(one)
    subprocess.run(["git", "clone", "-q", team.remote.path, tmp_path / "fresh"], check=True)
    fresh = Clone(tmp_path / "fresh")
    before = fresh.state()
    listed = fresh.paribus("log")
    assert (listed.code, listed.err) == (0, "")
    assert "a -> 1" in listed.out
    assert fresh.state() == before
    run = fresh.finish(fresh.start(2, "bb"), 0.25)
    shared(fresh)
    shared(one)
    assert one.runs()["bb"] == run
    assert one.git("rev-list", "--count", "--merges", REF) == "0"


def test_nothing_at_all_is_no_ledger(team: Team) -> None:
    one = team.clones[0]
    before = refs(one), refs(team.remote)
    assert shared(one) == "in step with origin: no experiments yet on either side\n"
    assert (refs(one), refs(team.remote)) == before


def test_json(team: Team) -> None:
    one, other = team.clones
    one.finish(one.start(1, "aa"), 0.5)
    other.finish(other.start(2, "bb"), 0.5)
    shared(one)
    assert other.paribus("sync", "--json").json == {
        "schema": 1,
        "remote": "origin",
        "ledger": other.git("rev-parse", REF),
        "merged": True,
        "fetched": {
            "records": {"intent": 1, "registration": 1, "run": 1},
            "baselines": [],
            "results": 1,
        },
        "pushed": {
            "records": {"intent": 1, "registration": 1, "run": 1},
            "baselines": [],
            "results": 1,
        },
        "conflicts": [],
        "held": [],
        "skipped": [],
        "refused": [],
        "replaced": [],
        "brought_back": False,
        "rounds": 1,
        "next": ["send data, too   dvc push", "see all of it    paribus log"],
    }


def test_a_remote_that_was_emptied_or_rewound_gets_everything_again(team: Team) -> None:
    one, other = team.clones
    runs = {name: one.finish(one.start(1, name), 0.5) for name in ("aa", "bb")}
    shared(one)
    shared(other)
    team.remote.git("update-ref", REF, f"{REF}~1")
    other.finish(other.start(2, "cc"), 0.5)
    shared(other)
    team.remote.git("update-ref", "-d", REF)
    shared(one)
    shared(other)
    shared(one)
    assert one.runs() == other.runs()
    assert one.runs().keys() == {*runs, "cc"}
    assert team.remote.git("rev-parse", REF) == one.git("rev-parse", REF)


def test_who_commits_from_an_old_checkout_takes_nothing_from_others(team: Team) -> None:
    """It goes back to all records, so that git takes it for the newest, and it has none of the last."""
    one, other = team.clones
    one.finish(one.start(1, "aa"), 0.5)
    old = one.git("rev-parse", f"{REF}^{{tree}}")
    one.finish(one.start(2, "bb"), 0.5)
    shared(one)
    shared(other)
    less = one.git("commit-tree", old, "-p", REF, "-m", "a word")
    one.git("push", "--quiet", "origin", f"{less}:{REF}")
    assert hidden(shared(other)) == (
        "in step with origin: 1 experiment and 1 run pushed\n"
        "  pushed   3 records\n"
        "  ledger   merged, HEX on the branch paribus/ledger\n"
    )
    shared(one)
    for clone in team.clones:
        assert clone.runs().keys() == {"aa", "bb"}
    assert (
        team.remote.git("rev-parse", REF)
        == one.git("rev-parse", REF)
        == other.git("rev-parse", REF)
    )
    assert team.remote.git("merge-base", less, REF) == less


def test_a_rewound_branch_is_brought_back_and_said(team: Team) -> None:
    one, other = team.clones
    for name in ("aa", "bb"):
        one.finish(one.start(1, name), 0.5)
    one.git("branch", "--quiet", "-D", "paribus/ledger")
    assert shared(one) == (
        "in step with origin: 1 experiment and 2 runs pushed\n"
        "  pushed   6 records, 2 results\n"
        "  note: records that the branch paribus/ledger lacked are back\n"
        "next: send data, too   dvc push\n"
    )
    assert one.git("rev-parse", REF) == one.git("rev-parse", KEPT)
    shared(other)
    assert other.runs().keys() == {"aa", "bb"}


# Results


def test_only_what_the_ledger_tells_of_is_shared(team: Team) -> None:
    one, other = team.clones
    run = one.finish(one.start(1, "aa"), 0.5)
    head = one.git("rev-parse", "HEAD")
    folder = f"refs/exps/{head[:2]}/{head[2:]}"
    mine = {f"{folder}/sandy-yurt", f"{folder}/paribus-12345678-1-bb", "refs/exps/exec/EXEC_HEAD"}
    for ref in (*mine, "refs/exps/stash", "refs/exps/temp/x"):
        one.git("update-ref", ref, head)
    shared(one)
    shared(other)
    assert other.results() == {run.ref}
    shared(one, "--all")
    shared(other)
    assert other.results() == {run.ref}
    shared(other, "--all")
    assert other.results() == {run.ref, f"{folder}/sandy-yurt", f"{folder}/paribus-12345678-1-bb"}


@pytest.mark.parametrize("lost", ["HEX", "HEX:made"])
def test_a_damaged_result_keeps_nothing_else_back(lost: str, team: Team) -> None:
    """As after a disk error, or a `gc --prune=now` at the wrong moment: git can send no pack with it."""
    one, other = team.clones
    whole, intent = one.finish(one.start(1, "aa"), 0.5), one.start(2, "bb")
    one.commit("of a run", {"made": "by the run"})
    commit, base = one.git("rev-parse", "HEAD", "HEAD~1").splitlines()
    ref = f"refs/exps/{base[:2]}/{base[2:]}/paribus-{str(intent.experiment)[:8]}-1-bb"
    one.git("update-ref", ref, commit)
    one.git("reset", "--quiet", "--hard", base)
    run = Run(intent, Status.SUCCEEDED, {"accuracy": 0.5}, 1.5, commit, ref)
    one.book.advance([(str(intent.experiment), run)], [], SESSION)
    missing = one.git("rev-parse", lost.replace("HEX", commit))
    (one.path / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    done = one.paribus("sync")
    assert (done.code, done.err) == (0, "")
    assert hidden(done.out) == (
        "in step with origin: 2 experiments and 2 runs pushed\n"
        "  pushed   7 records, 1 result\n"
        "  left alone:\n"
        "    refsPATH/paribus-HEX-1-bb:\n"
        "    objects of it are missing here\n"
        "next: send data, too   dvc push\n"
    )
    shared(other)
    assert other.runs().keys() == {"aa", "bb"}
    assert other.results() == {str(whole.ref)}


def test_a_result_that_is_damaged_there_keeps_nothing_of_ours_here(team: Team) -> None:
    one, other = team.clones
    base = one.git("rev-parse", "HEAD")
    intent = one.start(1, "aa")
    commit = one.commit("of a run", {"made": "by the run"})
    ref = f"refs/exps/{base[:2]}/{base[2:]}/paribus-{str(intent.experiment)[:8]}-1-aa"
    one.git("update-ref", ref, commit)
    one.git("reset", "--quiet", "--hard", base)
    run = Run(intent, Status.SUCCEEDED, {"accuracy": 0.5}, 1.5, commit, ref)
    one.book.advance([(str(intent.experiment), run)], [], SESSION)
    shared(one)
    blob = team.remote.git("rev-parse", f"{commit}:made")
    (team.remote.path / "objects" / blob[:2] / blob[2:]).unlink()
    other.fail(other.start(2, "bb"))
    told = shared(other, code=6)
    # Two processes of git speak at once; which of them is first is the system's choice.
    words = f"remote: fatal: unable to read {blob}", "git upload-pack: git-pack-objects died"
    assert told.startswith(
        tuple(f"error[not-shared]: origin: git fetch failed: {each}" for each in words)
    )
    shared(one)
    assert one.runs() == other.runs()
    assert one.runs().keys() == {"aa", "bb"}


def test_a_name_for_two_results_is_left_alone(team: Team) -> None:
    one, other = team.clones
    run = one.finish(one.start(1, "aa"), 0.5)
    shared(one)
    other.git("update-ref", str(run.ref), "HEAD")
    assert hidden(shared(other)) == (
        "in step with origin: 1 experiment and 1 run fetched\n"
        "  fetched  4 records\n"
        "  left alone:\n"
        f"    {hidden(str(run.ref))}:\n"
        "    another commit here than there\n"
        "next: see all of it   paribus log\n"
    )
    assert other.git("rev-parse", str(run.ref)) == other.git("rev-parse", "HEAD")
    assert team.remote.git("rev-parse", str(run.ref)) == run.commit


def test_a_result_that_is_not_what_was_recorded_is_left_alone(team: Team) -> None:
    one, other = team.clones
    run = one.finish(one.start(1, "aa"), 0.5)
    shared(one)
    team.remote.git("update-ref", str(run.ref), "refs/heads/main")
    told = other.paribus("sync", "--json").json
    assert told["skipped"] == [{"ref": run.ref, "reason": "the ledger has another commit for it"}]
    assert other.results() == set()


# Baselines


def tag(clone: Clone, number: int, message: str, *, trailer: str = "") -> str:
    commit = clone.commit(message)
    clone.git("tag", "-a", f"baseline/{number}", "-m", f"{message}\n\n{trailer}")
    return commit


def test_baselines_go_both_ways(team: Team) -> None:
    one, other = team.clones
    tag(one, 1, "first")
    one.git("tag", "baseline/7")
    one.git("tag", "v1", "-a", "-m", "a release")
    assert shared(one) == "in step with origin: 1 baseline pushed\n  pushed   baseline/1\n"
    assert shared(other) == (
        "in step with origin: 1 baseline fetched\n"
        "  fetched  baseline/1\n"
        "next: see all of it   paribus log\n"
    )
    assert other.git("tag", "--list") == "baseline/1"
    assert other.git("rev-parse", "baseline/1") == one.git("rev-parse", "baseline/1")
    assert team.remote.git("tag", "--list") == "baseline/1"


def test_one_number_at_two_commits_is_refused_and_the_rest_is_shared(team: Team) -> None:
    one, other = team.clones
    tag(one, 1, "first")
    shared(one)
    theirs = tag(one, 2, "theirs")
    mine = tag(other, 2, "mine", trailer="Paribus-Experiment: 7f3a1234567890abcdef")
    tag(other, 3, "on top of mine")
    shared(one)
    run = other.finish(other.start(1, "aa"), 0.5)
    before = other.git("rev-parse", "baseline/2")
    assert shared(other, code=1) == (
        "baseline/2 is one commit here and another on origin; everything else is shared\n"
        "  fetched  baseline/1\n"
        "  pushed   4 records, 1 result\n"
        f"  baseline/2 is {mine[:12]} here and {theirs[:12]} on origin\n"
        "  note: baseline/3 was made on top of that, and stays here, too\n"
        f"help: keep yours by another name   git branch not-baseline-2 {mine[:12]}\n"
        "help: take the shared one          git tag -d baseline/2 && paribus sync origin\n"
        "help: measure your change on it    paribus adopt 7f3a1234 --baseline baseline/2\n"
        "help: and if it is better there    paribus promote ID\n"
    )
    assert other.git("rev-parse", "baseline/2") == before
    assert team.remote.git("rev-parse", "baseline/2^{commit}") == theirs
    assert team.remote.git("tag", "--list") == "baseline/1\nbaseline/2"
    told = other.paribus("sync", "--json")
    assert told.code == 1
    assert told.json["conflicts"] == [
        {"name": "baseline/2", "here": mine, "there": theirs, "experiment": "7f3a1234567890abcdef"}
    ]
    assert told.json["held"] == ["baseline/3"]
    shared(one)
    assert one.runs() == {"aa": run}
    other.git("branch", "not-baseline-2", mine)
    other.git("tag", "-d", "baseline/2", "baseline/3")
    shared(other)
    assert other.git("rev-parse", "baseline/2^{commit}") == theirs


def test_two_tags_at_one_commit_are_no_conflict(team: Team) -> None:
    one, other = team.clones
    for clone, words in ((one, "my words"), (other, "other words")):
        clone.git("tag", "-a", "baseline/1", "-m", words)
    shared(one)
    assert shared(other) == "in step with origin: no experiments yet on either side\n"


def test_a_lightweight_tag_in_the_way_is_told(team: Team) -> None:
    one, other = team.clones
    theirs = tag(one, 1, "theirs")
    shared(one)
    other.commit("mine")
    other.git("tag", "baseline/1")
    assert f"and {theirs[:12]} on origin" in shared(other, code=1)


# Contention


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_rounds_of_two_clones_keep_the_union(rounds: int, team: Team) -> None:
    """Both push at once, and each time one of them has to begin again."""
    runs = {}
    for turn in range(rounds):
        syncing = []
        for number, clone in enumerate(team.clones):
            name = f"{turn:02x}{number}"
            runs[name] = clone.finish(clone.start(turn % 3, name), turn / 100)
            command = [sys.executable, "-m", "paribus", "sync", "--json"]
            syncing.append(
                subprocess.Popen(command, cwd=clone.path, stdout=subprocess.PIPE, text=True)
            )
        for process in syncing:
            out, _ = process.communicate(timeout=100)
            assert process.returncode == 0, out
    for clone in (*team.clones, *team.clones):
        shared(clone)
    one, other = team.clones
    assert one.runs() == other.runs() == runs
    assert one.git("rev-parse", REF) == other.git("rev-parse", REF)
    assert one.results() == other.results() == {run.ref for run in runs.values()}
    assert team.remote.git("rev-parse", REF) == one.git("rev-parse", REF)
    assert all(clone.is_sound() for clone in team.clones)
    team.remote.git("fsck", "--full", "--strict", "--no-dangling")


def hook(team: Team, name: str, text: str) -> None:
    path = team.remote.path / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)


QUICKER = f"""
[ "$1" = {REF} ] || exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
git update-ref {REF} $(git commit-tree 'main^{{tree}}' -m "$3")
"""
"""Between what was asked and what is pushed, somebody else pushes."""


def test_who_is_always_overtaken_gives_up_in_time(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = team.clones[0]
    run = one.finish(one.start(1, "aa"), 0.5)
    hook(team, "update", QUICKER)
    monkeypatch.setattr("paribus.workflows.sync.PATIENCE", 1.0)
    began = time.monotonic()
    with pytest.raises(Problem) as caught:
        sync(discover(one.path), None)
    assert time.monotonic() - began < 20
    assert caught.value.code == "others-were-quicker"
    assert (caught.value.status, caught.value.retryable) == (6, True)
    assert one.runs() == {"aa": run}
    (team.remote.path / "hooks" / "update").unlink()
    shared(one)
    assert team.remote.git("rev-parse", REF) == one.git("rev-parse", REF)


# Refusals


def test_a_server_that_takes_no_ledger_is_quoted(team: Team) -> None:
    one = team.clones[0]
    run = one.finish(one.start(1, "aa"), 0.5)
    hook(team, "update", 'case "$1" in refs/heads/*) echo "protected here" >&2; exit 1;; esac\n')
    done = one.paribus("sync")
    assert (done.code, done.err) == (6, "")
    assert done.out == (
        "not all is shared with origin: it refused the ledger\n"
        "  pushed   1 result\n"
        f"  refused: {REF}: hook declined: protected here\n"
        "help: ask who keeps origin to let these references in\n"
    )
    assert one.runs() == {"aa": run}
    assert team.remote.git("for-each-ref", "--format=%(refname)", "refs/exps") == run.ref


def test_a_branch_that_is_in_the_way_is_told_at_once(team: Team) -> None:
    """Git keeps branches as files, so that `paribus` and `paribus/ledger` cannot both be."""
    one, other = team.clones
    one.finish(one.start(1, "aa"), 0.5)
    one.git("push", "--quiet", "origin", "HEAD:refs/heads/paribus")
    assert shared(one, code=6) == (
        "error[branch-in-the-way]: on origin there is a branch paribus, beside which git can have no "
        "branch paribus/ledger\n"
        "help: call it otherwise there   git push origin origin/paribus:refs/heads/OTHER "
        "&& git push origin :paribus\n"
    )
    one.git("fetch", "--quiet", "origin")
    one.git("push", "--quiet", "origin", "origin/paribus:refs/heads/OTHER")
    one.git("push", "--quiet", "origin", ":paribus")
    shared(one)
    other.git("update-ref", "refs/remotes/origin/paribus", "HEAD")
    assert shared(other, code=6) == (
        "error[branch-in-the-way]: refs/remotes/origin/paribus is in the way of the ledger, and is no longer "
        "on origin\n"
        "help: forget it   git remote prune origin\n"
    )
    other.git("remote", "prune", "origin")
    other.git("branch", "paribus")
    assert shared(other, code=6) == (
        "error[branch-in-the-way]: there is a branch paribus here, beside which git can have no "
        "branch paribus/ledger\n"
        "help: call it otherwise   git branch -m paribus OTHER\n"
    )
    other.git("branch", "-m", "paribus", "OTHER")
    shared(other)
    assert other.runs() == one.runs()


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("file:///no/where", 2, "error[no-such-remote]: origin leads to no repository: "),
        ("ssh://127.0.0.1:1/x", 6, "error[unreachable-remote]: origin cannot be reached: "),
        ("http://user:secret@127.0.0.1:1/x", 6, "error[unreachable-remote]: origin cannot be "),
        ("ext::sh -c touch% sang", 6, "error[not-shared]: origin: git ls-remote failed: "),
    ],
)
def test_a_remote_that_is_not_there_is_told_in_a_line(
    url: str, code: int, said: str, team: Team
) -> None:
    one = team.clones[0]
    one.finish(one.start(1, "aa"), 0.5)
    one.git("remote", "set-url", "origin", url)
    before = one.state(), refs(one)
    done = one.paribus("sync", timeout=30)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == 2
    assert "secret" not in done.err
    assert (one.state(), refs(one)) == before


def test_which_remote(team: Team) -> None:
    one, other = team.clones
    assert one.paribus("sync", "nix").err == (
        "error[no-remote]: no remote is called 'nix'\nhelp: there are   origin\n"
    )
    one.git("remote", "add", "backup", str(other.path))
    one.git("config", "branch.main.remote", "backup")
    assert shared(one) == "in step with backup: no experiments yet on either side\n"
    one.git("checkout", "--quiet", "--detach")
    assert shared(one).startswith("in step with origin")
    one.git("remote", "rename", "origin", "third")
    assert one.paribus("sync").err == (
        "error[no-remote]: which remote?\nhelp: name one   paribus sync backup\n"
    )
    for name in ("backup", "third"):
        one.git("remote", "remove", name)
    done = one.paribus("sync")
    assert (done.code, done.err) == (
        2,
        "error[no-remote]: this repository has no remote to share with\n"
        "help: add one   git remote add origin URL\n",
    )
    assert one.paribus("sync", "--", "--upload-pack=touch sang").code == 2


def test_nothing_of_the_users_runs_or_prunes(team: Team, tmp_path: Path) -> None:
    one = team.clones[0]
    run = one.finish(one.start(1, "aa"), 0.5)
    shared(one)
    for name in ("fetch.prune", "fetch.pruneTags", "remote.origin.mirror", "push.followTags"):
        one.git("config", name, "true")
    one.git("config", "remote.origin.tagOpt", "--tags")
    one.git("tag", "-a", "mine", "-m", "not on origin")
    team.remote.git("update-ref", "-d", str(run.ref))
    team.remote.git("branch", "theirs", "main")
    one.finish(one.start(1, "bb"), 0.5)
    before = theirs_alone(one)
    hooks = one.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-push", "reference-transaction", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/sang\nexit 1\n")
        (hooks / name).chmod(0o755)
    shared(one)
    assert not (tmp_path / "sang").exists()
    assert theirs_alone(one) == before
    assert team.remote.git("branch", "--list", "--format=%(refname:short)").split() == [
        "main", "paribus/ledger", "theirs",
    ]  # fmt: skip
    assert team.remote.git("tag", "--list") == ""
    assert len(one.results()) == 2


# Ledgers of others


def test_a_garbage_ledger_does_no_harm(team: Team) -> None:
    one, other = team.clones
    mine = one.finish(one.start(1, "aa"), 0.5)
    other.write({"experiments/01/x": "not a record", "README": "hello", "trees": "a file"})
    other.git("checkout", "--quiet", "--orphan", "paribus/ledger")
    other.git("add", "--all")
    other.git("commit", "--quiet", "-m", "garbage")
    other.git("push", "--quiet", "origin", "paribus/ledger")
    told = one.paribus("sync", "--json")
    assert (told.code, told.err) == (0, "")
    assert one.runs() == {"aa": mine}
    assert one.paribus("log").code == 0
    assert team.remote.git("rev-parse", REF) == one.git("rev-parse", REF)
    assert one.is_sound()


def test_a_malformed_ledger_is_not_let_in(team: Team) -> None:
    one = team.clones[0]
    run = one.finish(one.start(1, "aa"), 0.5)
    blob = team.remote.git("rev-parse", "main:README.md")
    tree = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        input=b"100644 .git\0" + bytes.fromhex(blob), cwd=team.remote.path,
        check=True, capture_output=True,
    ).stdout.decode().strip()  # fmt: skip
    team.remote.git("update-ref", REF, team.remote.git("commit-tree", tree, "-m", "evil"))
    before = refs(one)
    done = one.paribus("sync")
    assert done.code == 6
    assert done.err.startswith("error[not-shared]: origin: git fetch failed: ")
    assert refs(one) == before
    assert one.runs() == {"aa": run}


def test_a_shallow_clone_shares_and_says_so(team: Team, tmp_path: Path) -> None:
    one = team.clones[0]
    one.commit("a second commit")
    one.git("push", "--quiet", "origin", "main")
    run = one.finish(one.start(1, "aa"), 0.5)
    shared(one)
    command = [
        "git",
        "clone",
        "-q",
        "--depth",
        "1",
        f"file://{team.remote.path}",
        str(tmp_path / "s"),
    ]
    subprocess.run(command, check=True)
    shallow = Clone(tmp_path / "s")
    mine = shallow.fail(shallow.start(2, "bb"))
    told = shared(shallow)
    assert "this clone is shallow; for whole histories   git fetch --unshallow" in " ".join(
        told.split("\n")
    ).replace("    ", " ")
    assert shallow.runs() == {"aa": run, "bb": mine}
    shared(one)
    assert one.runs() == {"aa": run, "bb": mine}


def test_a_partial_clone_is_told_what_to_fetch(team: Team, tmp_path: Path) -> None:
    """Without its records the ledger looked as if nothing had been tried."""
    one = team.clones[0]
    one.finish(one.start(1, "aa"), 0.5)
    shared(one)
    team.remote.git("config", "uploadpack.allowFilter", "true")
    clone = Clone(tmp_path / "partial")
    address = f"file://{team.remote.path}"
    one.git("clone", "--quiet", "--filter=blob:none", address, str(clone.path))
    for command in (("log",), ("status",), ("show", experiment(1)[:8])):
        told = clone.paribus(*command)
        assert (told.code, told.out) == (2, ""), command
        assert told.err == (
            "error[missing-object]: this is a partial clone, and records of the ledger were not fetched\n"
            "help: fetch them   git fetch --refetch --no-filter origin paribus/ledger\n"
        )
    clone.git("fetch", "--quiet", "--refetch", "--no-filter", "origin", "paribus/ledger")
    assert clone.runs() == one.runs()
    one.finish(one.start(2, "bb"), 0.5)
    shared(one)
    shared(clone)
    assert clone.runs() == one.runs()
    assert clone.paribus("log").code == 0
