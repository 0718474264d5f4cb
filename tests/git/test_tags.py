"""Tags of baselines: which there are, what they say, and that nobody's tag is ever replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Exit, Problem
from paribus.git.command import Git
from paribus.git.tags import BaselineTag, baseline_tags, create_tag, next_number

if TYPE_CHECKING:
    from tests.conftest import Workspace

MESSAGE = """\
lr 0.1 -> 0.2

a smaller step settles lower

Paribus-Experiment: ab12
Paribus-Provisional: the cluster is gone
"""


def test_none_at_first(project: Workspace) -> None:
    git = Git(project.path)
    assert (baseline_tags(git), next_number(git)) == ((), 1)


def test_what_tags_there_are(project: Workspace) -> None:
    git, first = Git(project.path), project.git("rev-parse", "HEAD")
    second = project.commit()
    project.git("tag", "-a", "-m", "by hand", "baseline/2", first)
    assert create_tag(git, "baseline/10", second, MESSAGE)
    project.git("tag", "baseline/11")  # lightweight: no baseline, and its name is taken
    for name in ("baseline/x", "baseline/3/a", "v1"):
        project.git("tag", "-a", "-m", "another", name)
    project.git("tag", "-a", "-m", "a tree", "baseline/12", "HEAD^{tree}")
    assert baseline_tags(git) == (
        BaselineTag(2, first),
        BaselineTag(10, second, "ab12", "the cluster is gone"),
    )
    assert [tag.name for tag in baseline_tags(git)] == ["baseline/2", "baseline/10"]
    assert next_number(git) == 13


def test_a_tag_says_who_made_it(project: Workspace) -> None:
    commit = project.git("rev-parse", "HEAD")
    assert create_tag(Git(project.path), "baseline/1", commit, MESSAGE)
    form = "--format=%(objecttype) %(*objectname) %(taggername) %(taggeremail)\n%(contents)"
    assert project.git("for-each-ref", form, "refs/tags") == (
        f"tag {commit} Ada Lovelace <ada@example.com>\n{MESSAGE}".strip()
    )
    assert project.git("describe", "--match=baseline/*") == "baseline/1"
    assert project.git("fsck", "--strict") == ""


def test_only_the_last_paragraph_says_it(project: Workspace) -> None:
    git, commit = Git(project.path), project.git("rev-parse", "HEAD")
    hostile = "lr\n\nParibus-Provisional: says the hypothesis\n\nParibus-Experiment: ab12\n"
    assert create_tag(git, "baseline/1", commit, hostile)
    assert baseline_tags(git) == (BaselineTag(1, commit, "ab12", None),)


def test_a_name_that_is_taken_stays_as_it_is(project: Workspace) -> None:
    git, commit = Git(project.path), project.git("rev-parse", "HEAD")
    project.git("tag", "baseline/1")
    assert create_tag(git, "baseline/1", project.commit(), MESSAGE) is False
    assert project.git("rev-parse", "baseline/1") == commit


def test_of_many_at_once_one_is_first(project: Workspace) -> None:
    git, commit = Git(project.path), project.git("rev-parse", "HEAD")

    def made(number: int) -> bool:
        return create_tag(git, "baseline/1", commit, f"number {number}\n")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(made, range(8))) == 1


def test_a_tag_that_cannot_be_written(project: Workspace) -> None:
    """A branch of another tool's making stands where the folder of the tags would be."""
    commit = project.git("rev-parse", "HEAD")
    project.git("tag", "baseline")
    with pytest.raises(Problem, match=r"the tag baseline/1 could not be written: ") as caught:
        create_tag(Git(project.path), "baseline/1", commit, MESSAGE)
    assert (caught.value.code, caught.value.status) == ("not-recorded", Exit.NOT_RECORDED)
