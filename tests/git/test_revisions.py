"""What the user calls a revision, and the commit to beat."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Exit, Problem
from paribus.git.repository import discover
from paribus.git.revisions import Baseline, find_baseline, resolve

if TYPE_CHECKING:
    from tests.conftest import Workspace


def resolved(workspace: Workspace, revision: str) -> str:
    return resolve(discover(workspace.path), revision)


def baseline(workspace: Workspace, revision: str = "HEAD", given: str | None = None) -> Baseline:
    repository = discover(workspace.path)
    return find_baseline(repository, resolve(repository, revision), given)


def refused(workspace: Workspace, revision: str) -> Problem:
    before = workspace.state()
    with pytest.raises(Problem) as caught:
        resolved(workspace, revision)
    assert caught.value.status is Exit.BAD_INPUT
    assert "\n" not in caught.value.message
    assert workspace.state() == before
    return caught.value


def cloned(workspace: Workspace, path: Path, *options: str) -> Workspace:
    url = f"file://{workspace.path}"
    subprocess.run(["git", "clone", "--quiet", *options, url, path], check=True)
    return replace(workspace, path=path)


# What names a commit


def test_names_of_a_commit(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit("second")
    project.git("checkout", "--quiet", "main")
    project.git("tag", "light")
    project.git("tag", "-a", "annotated", "-m", "words")
    project.git("tag", "-a", "of-a-tag", "-m", "words", "annotated")
    names = [
        "HEAD", "@", "main", "heads/main", "refs/heads/main", "HEAD~0", "HEAD^0", "topic^", "topic~1",
        "light", "annotated", "of-a-tag", "topic^{/baseline}", ":/The base", "@{-1}~1", "main@{0}",
        first, first.upper(), first[:12], first[:7], first[:4].upper(),
    ]  # fmt: skip
    assert {name: resolved(project, name) for name in names} == dict.fromkeys(names, first)


@pytest.mark.parametrize(
    "name", ["--output=x", "-uEvil", "--all", "-n1", "--", "ümlaut", "a'b\"c", "$(id)"]
)
def test_branches_with_names_that_look_like_something_else(name: str, project: Workspace) -> None:
    """Git takes any of them from `update-ref`, and from a push."""
    project.git("checkout", "--quiet", "--detach")
    commit = project.commit("evil")
    project.git("update-ref", f"refs/heads/{name}", commit)
    project.git("checkout", "--quiet", "main")
    before = project.state()
    assert resolved(project, name) == commit
    assert project.state() == before
    project.git("update-ref", "-d", f"refs/heads/{name}")
    assert refused(project, name).code == "unknown-revision"


def test_what_names_no_commit(project: Workspace) -> None:
    before = project.state()
    for revision in [
        "", " ", "nowhere", "main\n", "main\nmain", "\0", "main\0x", "^HEAD", "HEAD..main",
        "HEAD...main", "HEAD^@", "HEAD^!", "HEAD^-", "main topic", "HEAD:train.py", "HEAD^{tree}",
        "HEAD^{tree}^{}~0", "HEAD^{blob}", ":/nobody wrote this", "0" * 40, "f" * 40, "@{-1}",
        "@{upstream}", "HEAD~9", "--all", "--end-of-options", "../main", "main.lock", "\udcff",
        "\x1b[31m",
    ]:  # fmt: skip
        with pytest.raises(Problem) as caught:
            resolved(project, revision)
        problem = caught.value
        assert (problem.code, problem.status) == ("unknown-revision", Exit.BAD_INPUT)
        assert problem.message == f"no commit is called {revision!r} here"
        assert problem.helps[0] == "see what there is   git log --oneline --all"
        assert len(problem.helps) == 1 + (len(revision) == 40)  # an id may be elsewhere
    assert project.state() == before


def test_a_tag_of_something_else_than_a_commit(project: Workspace) -> None:
    project.git("tag", "-a", "a-blob", "-m", "words", "HEAD:train.py")
    project.git("tag", "a-tree", "HEAD^{tree}")
    assert refused(project, "a-blob").code == "unknown-revision"
    assert refused(project, "a-tree").code == "unknown-revision"


def test_an_ambiguous_beginning_names_none(project: Workspace) -> None:
    plain = subprocess.run(
        ["git", "cat-file", "commit", "HEAD"], cwd=project.path, capture_output=True, check=True
    ).stdout
    seen: dict[str, bytes] = {}
    for number in range(10_000):
        text = plain + b"%d\n" % number
        oid = hashlib.sha1(b"commit %d\0" % len(text) + text).hexdigest()
        if oid[:4] in seen:
            break
        seen[oid[:4]] = text
    ids = []
    for one in (seen[oid[:4]], text):
        write = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
        written = subprocess.run(
            write, cwd=project.path, input=one, capture_output=True, check=True
        )
        ids.append(written.stdout.decode().strip())
    assert ids[0] != ids[1] == oid
    assert refused(project, oid[:4]).code == "unknown-revision"
    assert resolved(project, oid) == oid


def test_a_tag_comes_before_a_branch_of_the_same_name(project: Workspace) -> None:
    """As everywhere in Git, which warns on standard error only."""
    first = project.git("rev-parse", "HEAD")
    project.git("tag", "same")
    project.commit("second")
    project.git("branch", "same")
    assert resolved(project, "same") == first


def test_the_previous_branch(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit("second")
    assert resolved(project, "@{-1}") == first


def test_before_the_first_commit(empty: Workspace) -> None:
    with pytest.raises(Problem) as caught:
        resolved(empty, "HEAD")
    assert caught.value.code == "no-commit"
    assert caught.value.message == "this repository has no commit yet"


def test_in_a_shallow_clone_the_missing_part_may_be_why(project: Workspace, tmp_path: Path) -> None:
    first = project.git("rev-parse", "HEAD")
    project.commit("second")
    clone = cloned(project, tmp_path / "clone", "--depth=1")
    for revision in ("HEAD~1", first):
        problem = refused(clone, revision)
        assert problem.code == "unknown-revision"
        assert problem.helps == (
            "this clone is shallow   git fetch --unshallow (CI: fetch-depth: 0)",
            "see what there is   git log --oneline --all",
        )


# The baseline


def test_the_given_one_comes_first(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.commit("second")
    project.git("tag", "-a", "baseline/1", "-m", "second")
    assert baseline(project, given="HEAD~1") == Baseline(first, "HEAD~1", "given with --baseline")


def test_a_given_one_that_is_nowhere_is_refused(project: Workspace) -> None:
    with pytest.raises(Problem) as caught:
        baseline(project, given="nowhere")
    assert caught.value.code == "unknown-revision"


def test_the_nearest_annotated_tag(project: Workspace) -> None:
    project.git("tag", "-a", "baseline/1", "-m", "first")
    second = project.commit("second")
    project.git("tag", "-a", "baseline/2", "-m", "second")
    project.commit("third")
    assert baseline(project) == Baseline(second, "baseline/2", "nearest baseline tag")
    assert baseline(project, "HEAD~2").name == "baseline/1"


def test_nearest_is_by_history_and_not_by_number(project: Workspace) -> None:
    project.git("tag", "-a", "baseline/10", "-m", "first")
    second = project.commit("second")
    project.git("tag", "-a", "baseline/9", "-m", "second")
    project.commit("third")
    assert baseline(project) == Baseline(second, "baseline/9", "nearest baseline tag")


def test_only_tags_behind_the_commit_count(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.git("tag", "-a", "baseline/1", "-m", "first")
    project.git("checkout", "--quiet", "-b", "other")
    project.commit("elsewhere")
    project.git("tag", "-a", "baseline/2", "-m", "elsewhere")
    project.git("checkout", "--quiet", "main")
    project.commit("here")
    assert baseline(project).commit == first


@pytest.mark.parametrize(
    "other",
    [
        "baseline/x",
        "baseline/2x",
        "baseline/2/b",
        "baseline/-2",
        "baseline-2",
        "v2",
        "old/baseline/2",
    ],
)
def test_other_tags_are_passed_over(other: str, project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.git("tag", "-a", "baseline/1", "-m", "first")
    project.commit("second")
    project.git("tag", "-a", other, "-m", "not a baseline")
    project.commit("third")
    assert baseline(project) == Baseline(first, "baseline/1", "nearest baseline tag")


def test_a_lightweight_tag_is_passed_over(project: Workspace) -> None:
    """Anybody makes one by accident; it has neither an author nor a date."""
    first = project.git("rev-parse", "HEAD")
    project.git("tag", "-a", "baseline/1", "-m", "first")
    project.commit("second")
    project.git("tag", "baseline/2")
    assert baseline(project) == Baseline(first, "baseline/1", "nearest baseline tag")


def test_with_nothing_but_a_lightweight_tag_the_merge_base_is_taken(project: Workspace) -> None:
    first = project.git("rev-parse", "HEAD")
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit("second")
    project.git("tag", "baseline/1")
    assert baseline(project) == Baseline(first, first[:7], "merge base with main")


@pytest.mark.parametrize("branch", ["main", "master"])
def test_the_merge_base_with_the_main_branch(branch: str, project: Workspace) -> None:
    fork = project.git("rev-parse", "HEAD")
    project.git("branch", "-m", branch)
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit("mine")
    project.git("checkout", "--quiet", branch)
    project.commit("theirs")
    project.git("checkout", "--quiet", "topic")
    assert baseline(project) == Baseline(fork, fork[:7], f"merge base with {branch}")


def test_on_the_main_branch_it_is_the_commit_itself(project: Workspace) -> None:
    project.commit("second")
    head = project.git("rev-parse", "HEAD")
    assert baseline(project) == Baseline(head, head[:7], "merge base with main")


def test_a_detached_head_has_one_too(project: Workspace) -> None:
    fork = project.git("rev-parse", "HEAD")
    project.git("checkout", "--quiet", "--detach")
    project.commit("mine")
    assert baseline(project) == Baseline(fork, fork[:7], "merge base with main")


def test_the_remotes_choice_of_a_main_branch_comes_first(
    project: Workspace, tmp_path: Path
) -> None:
    """A project may keep an old `master` beside its `trunk`."""
    project.git("branch", "master")
    fork = project.commit("newer")
    project.git("branch", "-m", "main", "trunk")
    clone = cloned(project, tmp_path / "clone")
    clone.git("branch", "master", "origin/master")
    clone.git("checkout", "--quiet", "-b", "topic")
    clone.git("branch", "-D", "trunk")
    clone.commit("mine")
    assert baseline(clone) == Baseline(fork, fork[:7], "merge base with origin/trunk")


def test_a_stale_main_gives_way_to_the_remotes(project: Workspace, tmp_path: Path) -> None:
    clone = cloned(project, tmp_path / "clone")
    newer = project.commit("newer")
    clone.git("fetch", "--quiet")
    clone.git("checkout", "--quiet", "-b", "topic", "origin/main")
    clone.commit("mine")
    assert baseline(clone) == Baseline(newer, newer[:7], "merge base with origin/main")


def test_a_main_that_is_ahead_of_the_remotes_is_the_nearer(
    project: Workspace, tmp_path: Path
) -> None:
    clone = cloned(project, tmp_path / "clone")
    newer = clone.commit("not pushed yet")
    clone.git("checkout", "--quiet", "-b", "topic")
    clone.commit("mine")
    assert baseline(clone) == Baseline(newer, newer[:7], "merge base with main")


def test_the_configured_name_of_new_main_branches_is_the_last_resort(project: Workspace) -> None:
    fork = project.git("rev-parse", "HEAD")
    project.git("config", "init.defaultBranch", "trunk")
    project.git("branch", "-m", "trunk")
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit("mine")
    assert baseline(project) == Baseline(fork, fork[:7], "merge base with trunk")


def test_without_a_main_branch_there_is_none(project: Workspace) -> None:
    project.git("branch", "-m", "topic")
    with pytest.raises(Problem) as caught:
        baseline(project)
    assert caught.value.code == "no-baseline"
    assert caught.value.status is Exit.BAD_INPUT
    assert caught.value.helps == (
        "if it is elsewhere   git fetch --tags URL main:main (CI: fetch-depth: 0)",
        "or name one   --baseline REV",
        'or tag one   git tag -a baseline/1 -m "first baseline" COMMIT',
    )


def test_an_unrelated_history_has_none(project: Workspace) -> None:
    project.git("checkout", "--quiet", "--orphan", "unrelated")
    project.commit("another root")
    with pytest.raises(Problem) as caught:
        baseline(project)
    assert caught.value.code == "no-baseline"
    commit = project.git("rev-parse", "--short=7", "HEAD")
    assert caught.value.message.endswith(f"no commit that {commit} has in common with main")


def test_what_to_fetch_where_there_is_a_remote(project: Workspace) -> None:
    project.git("branch", "-m", "topic")
    for remote in ("backup", "origin"):  # the usual one, where there are several
        project.git("remote", "add", remote, "file:///nowhere")
        way = (
            f"fetch what is not here   git fetch --tags {remote} "
            f"'+refs/heads/*:refs/remotes/{remote}/*' (CI: fetch-depth: 0)"
        )
        with pytest.raises(Problem) as caught:
            baseline(project)
        assert caught.value.helps[0] == way
        assert refused(project, "nosuch").helps == (
            "see what there is   git log --oneline --all",
            way,
        )


@pytest.mark.parametrize("what", ["baseline/1", "baseline/1^{commit}"])
def test_a_tag_that_leads_nowhere_is_not_passed_over(project: Workspace, what: str) -> None:
    project.git("tag", "-a", "baseline/1", "-m", "first")
    lost = project.git("rev-parse", what)
    project.commit("second", {"README.md": "second\n"})
    (project.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(Problem) as caught:
        baseline(project)
    assert (caught.value.code, caught.value.status) == ("missing-baseline", Exit.BAD_INPUT)
    assert baseline(project, given="HEAD").name == "HEAD"


# Shallow clones: never "nothing changed", for the baseline may lie where history is cut off


@pytest.fixture
def history(project: Workspace) -> Workspace:
    """baseline/1, then another commit on main, then two on the branch topic."""
    project.git("tag", "-a", "baseline/1", "-m", "first")
    project.commit("second", {"README.md": "second\n"})
    project.git("checkout", "--quiet", "-b", "topic")
    project.commit("third", {"README.md": "third\n"})
    project.commit("fourth", {"README.md": "fourth\n"})
    return project


@pytest.mark.parametrize(
    "options",
    [
        ("--depth=1",),
        ("--depth=1", "--branch=main"),
        ("--depth=1", "--no-single-branch"),
        ("--depth=2", "--branch=topic", "--no-tags"),
    ],
)
def test_a_shallow_clone_without_the_tag_is_refused(
    options: tuple[str, ...], history: Workspace, tmp_path: Path
) -> None:
    clone = cloned(history, tmp_path / "clone", *options)
    with pytest.raises(Problem) as caught:
        baseline(clone)
    assert caught.value.code == "shallow-clone"
    assert caught.value.status is Exit.BAD_INPUT
    assert caught.value.helps == (
        "fetch the rest   git fetch --unshallow (CI: fetch-depth: 0)",
        "or name it       --baseline REV",
    )
    assert baseline(clone, given="HEAD").name == "HEAD"


def test_a_shallow_clone_that_holds_the_tag_is_good_enough(
    history: Workspace, tmp_path: Path
) -> None:
    history.git("tag", "-a", "baseline/2", "-m", "second", "main")
    clone = cloned(history, tmp_path / "clone", "--depth=3")
    clone.git("fetch", "--quiet", "origin", "tag", "baseline/2")
    assert discover(clone.path).shallow
    second = history.git("rev-parse", "main")
    assert baseline(clone) == Baseline(second, "baseline/2", "nearest baseline tag")


def test_what_was_shallow_is_whole_once_the_rest_is_fetched(
    history: Workspace, tmp_path: Path
) -> None:
    clone = cloned(history, tmp_path / "clone", "--depth=1", "--branch=topic")
    clone.git("fetch", "--quiet", "--unshallow", "--tags")
    assert baseline(clone).name == "baseline/1"
