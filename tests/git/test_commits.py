"""Commits of a tree that is there, and branches made at them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Problem
from paribus.git.command import Git
from paribus.git.commits import make_commit
from paribus.git.refs import branch_tip, create_branch

if TYPE_CHECKING:
    from tests.conftest import Workspace

DATE = datetime(2020, 2, 3, 4, 5, 6, 789, tzinfo=UTC)


def made(project: Workspace, message: str = "Subject\n\nwhy\n") -> str:
    parent, tree = project.git("rev-parse", "HEAD", "HEAD^{tree}").split()
    return make_commit(Git(project.path), tree, parent, message, DATE)


def test_a_commit_says_what_it_was_told(project: Workspace) -> None:
    before = project.state()
    commit = made(project, "Grüße\n\nwhy\n\nKey: value\n")
    assert project.state() == before
    assert project.git("cat-file", "commit", commit).splitlines()[:4] == [
        f"tree {project.git('rev-parse', 'HEAD^{tree}')}",
        f"parent {project.git('rev-parse', 'HEAD')}",
        "author Ada Lovelace <ada@example.com> 1580702706 +0000",
        "committer Ada Lovelace <ada@example.com> 1580702706 +0000",
    ]
    assert project.git("log", "-1", "--format=%B", commit) == "Grüße\n\nwhy\n\nKey: value"


def test_the_same_arguments_give_the_same_commit(project: Workspace) -> None:
    first = made(project)
    project.git("config", "i18n.commitEncoding", "latin1")
    project.git("config", "commit.gpgSign", "true")
    assert made(project) == first
    assert made(project, "Other\n") != first


@pytest.mark.parametrize(
    "name", ["-x", "a b", "a..b", "@{-1}", "HEAD", "a.lock", "/a", "a/", "", "a\nb", "a~1", "$(x):"]
)
def test_what_is_no_name(project: Workspace, name: str) -> None:
    project.git("switch", "--quiet", "--create", "other")
    project.git("switch", "--quiet", "main")  # so that @{-1} stands for a branch
    with pytest.raises(Problem, match="cannot be the name of a branch") as caught:
        branch_tip(Git(project.path), name)
    assert caught.value.code == "bad-branch-name"


def test_a_branch_is_made_once(project: Workspace) -> None:
    git, commit = Git(project.path), made(project)
    assert branch_tip(git, "exp/é-$(x)") is None
    create_branch(git, "exp/é-$(x)", commit, "why")
    assert branch_tip(git, "exp/é-$(x)") == commit
    assert "why" in project.git("reflog", "show", "exp/é-$(x)")
    head = project.git("rev-parse", "HEAD")
    for name in ("exp/é-$(x)", "exp", "main/below"):
        with pytest.raises(Problem) as caught:
            create_branch(git, name, head, "why")
        assert caught.value.code == "branch-not-made"
    assert branch_tip(git, "exp/é-$(x)") == commit
    assert project.git("symbolic-ref", "HEAD") == "refs/heads/main"
