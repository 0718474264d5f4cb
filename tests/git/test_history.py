"""Questions about commits, whatever their messages say."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Problem
from paribus.git.history import (
    allowances,
    commits_between,
    default_branch,
    first_parents,
    heads_of_work,
)
from paribus.git.repository import discover

if TYPE_CHECKING:
    from tests.conftest import Workspace


def commit(workspace: Workspace, message: str | bytes, *options: str) -> str:
    """An empty commit with a message as it is."""
    text = message.encode() if isinstance(message, str) else message
    subprocess.run(
        ["git", *options, "commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--file=-"],
        cwd=workspace.path, input=text, check=True,
    )  # fmt: skip
    return workspace.git("rev-parse", "HEAD")


def reasons(workspace: Workspace, base: str) -> tuple[str, ...]:
    head = workspace.git("rev-parse", "HEAD")
    return allowances(discover(workspace.path).git, (head,), base)


def test_commits_oldest_first_without_merges(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    one = commit(project, "one\n\nbody")
    project.git("switch", "--quiet", "--create", "side", base)
    side = commit(project, "commit 123\n")
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    two = commit(project, "two\x1b[31m\nsame line\n")
    found = commits_between(discover(project.path), base, two)
    assert {(each.sha, each.parent) for each in found[:2]} == {(one, base), (side, base)}
    assert found[2].sha == two
    assert found[2].subject == "two\x1b[31m same line"
    assert {each.subject for each in found[:2]} == {"one", "commit 123"}
    assert commits_between(discover(project.path), two, base) == ()


def test_a_first_commit_has_no_parent(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    project.git("switch", "--quiet", "--orphan", "alone")
    alone = commit(project, "alone\n")
    (found,) = commits_between(discover(project.path), base, alone)
    assert (found.sha, found.parent, found.subject) == (alone, None, "alone")


def test_reasons_are_read_from_trailers_alone(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    commit(project, "a\n\nParibus-Allow: one\nparibus-allow: two,\n  folded\nSigned-off-by: x\n")
    commit(project, "b\n\nParibus-Allow: said in the middle\n\nof a message.\n")
    commit(project, "c\n\nParibus-Allow:   \n")
    commit(project, "d\n\nParibus-Allow: one\n")
    commit(project, "e\n\nParibus-Allowed: no\nNot-Paribus-Allow: no\n")
    commit(project, "f\n\nParibus-Allow: commit 0123\n")
    commit(project, "g\n\nParibus-Allow: caf\xe9\n".encode("latin-1"), "-c", "i18n.commitEncoding=latin-1")  # fmt: skip
    assert reasons(project, base) == ("one", "two, folded", "commit 0123", "caf\xe9")
    assert reasons(project, "HEAD~1") == ("caf\xe9",)
    assert reasons(project, project.git("rev-parse", "HEAD")) == ()


def test_a_user_s_own_settings_do_not_matter(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    commit(project, "a\n\nParibus-Allow: one\n")
    for name, value in (
        ("trailer.separators", "#"),
        ("log.showSignature", "true"),
        ("i18n.logOutputEncoding", "utf-16"),
        ("trailer.Paribus-Allow.command", "touch planted"),
        ("log.mailmap", "true"),
    ):
        project.git("config", name, value)
    assert reasons(project, base) == ("one",)
    assert not (project.path / "planted").exists()


def test_what_is_being_merged_is_at_work_too(project: Workspace) -> None:
    repository, head = discover(project.path), project.git("rev-parse", "HEAD")
    assert heads_of_work(repository) == (head,)
    project.git("switch", "--quiet", "--create", "side")
    side = commit(project, "side\n")
    project.git("switch", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    assert heads_of_work(repository) == (head, side)
    (project.path / ".git" / "MERGE_HEAD").write_text("--output=x\n../../x\n")
    assert heads_of_work(repository) == (head,)


def test_heads(empty: Workspace) -> None:
    repository = discover(empty.path)
    assert default_branch(repository.git) == "refs/heads/main"
    with pytest.raises(Problem, match="no commit yet"):
        heads_of_work(repository)
    empty.commit("first", {"x": "1"})
    empty.git("switch", "--quiet", "--detach")
    assert default_branch(repository.git) is None


def test_first_parents_as_far_as_one_reads(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    project.git("switch", "--quiet", "--create", "side")
    commit(project, "side")
    project.git("switch", "--quiet", "main")
    one = commit(project, "one")
    project.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    merge = project.git("rev-parse", "HEAD")
    git = discover(project.path).git
    found = list(first_parents(git, merge))
    assert found[:3] == [merge, one, base]
    assert found == project.git("rev-list", "--first-parent", "HEAD").split()
    some = first_parents(git, merge)
    assert next(some) == merge
    some.close()
    assert list(first_parents(git, "ab" * 20)) == []
