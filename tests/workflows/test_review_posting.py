"""`paribus review --post`: one comment that lasts, and an exit code that never depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.forge.gitlab_service import gitlab_service
from tests.forge.service import READ_ONLY, service
from tests.forge.serving import Fault

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace


def a_branch(project: Workspace, **params: object) -> str:
    project.git("switch", "--quiet", "--create", "idea")
    return on(project, **params)


def on(project: Workspace, **params: object) -> str:
    """The next commit of the pull request."""
    for name, value in params.items():
        project.set_param(f"train.{name}", value)
    return project.commit("try it")


def posted(project: Workspace, *arguments: str) -> Called:
    return project.paribus("review", "main...HEAD", "--post", *arguments)


def test_one_comment_follows_the_pull_request(project: Workspace) -> None:
    head = a_branch(project, gain=0.2)
    with service() as github:
        github.pull(7, head)
        github.say(7, "grace", "Nice!\n<!-- paribus:review:. -->")
        project.environment |= github.environment(7)
        told = posted(project)
        assert told.code == 4
        assert told.out.startswith("Not measured: no run of this tree. One change: train.gain")
        body = project.paribus("review", "main...HEAD", "--format", "md").out
        assert [one.rstrip() for one in github.bodies(7)[1:]] == [body.rstrip()]
        assert [(one["name"], one["head_sha"], one["conclusion"]) for one in github.checks] == [
            ("paribus", head, "neutral")
        ]

        writes = len(github.writes)
        again = posted(project)
        assert (again.code, len(github.bodies(7))) == (4, 2)
        assert not any("comments" in str(write) for write in github.writes[writes:])

        head = on(project, name="fancy")
        github.pulls[7].head = head
        more = posted(project, "--format", "github")
        assert more.code == 1
        assert "::error title=one-change::2 changes, not one, against " in more.out
        assert github.bodies(7)[0] == "Nice!\n<!-- paribus:review:. -->"
        assert github.bodies(7)[1].startswith("❌ **2 changes, not one**, against ")
        assert len(github.bodies(7)) == 2
        assert github.checks[-1]["conclusion"] == "failure"
        assert [len(one["annotations"]) for one in github.checks] == [1, 1, 0]


def test_what_cannot_be_posted_changes_no_exit_code(project: Workspace) -> None:
    head = a_branch(project, gain=0.2, name="fancy")
    silent = project.paribus("review", "main...HEAD")
    with service() as github:
        github.pull(7, head)
        project.environment |= github.environment(7, READ_ONLY)
        told = posted(project)
        assert (told.code, told.out, github.bodies(7)) == (1, silent.out, [])
        assert READ_ONLY not in told.err
        assert "not posted" in told.err
        project.environment |= github.environment(7)
        github.fail(".*", *[Fault(status=404)] * 20)
        told = posted(project)
        assert (told.code, told.out, github.bodies(7)) == (1, silent.out, [])
    for name in list(project.environment):
        project.environment.pop(name)
    told = posted(project)
    assert (told.code, told.out) == (1, silent.out)
    assert told.err.startswith("not posted: ")
    told = posted(project, "--pr", "seven")
    assert (told.code, told.out) == (2, "")


def test_two_projects_of_a_repository_have_two_comments(project: Workspace) -> None:
    head = a_branch(project, gain=0.2)
    files = {name: project.read(name) for name in ("dvc.yaml", "train.py", "evaluate.py", "params.json", "paribus.yaml")}  # fmt: skip
    head = project.commit("another", {f"other-one/{name}": text for name, text in files.items()})
    with service() as github:
        github.pull(7, head)
        project.environment |= github.environment(7)
        posted(project)
        posted(project, "--project", "other-one")
        assert [body.splitlines()[-1] for body in github.bodies(7)] == [
            "<!-- paribus:review:. -->",
            "<!-- paribus:review:other%2Done -->",
        ]
        assert [one["name"] for one in github.checks] == ["paribus", "paribus (other-one)"]


def test_a_note_at_gitlab(project: Workspace) -> None:
    head = a_branch(project, gain=0.2)
    with gitlab_service() as gitlab:
        gitlab.merge(7, head)
        project.environment |= gitlab.environment(7)
        told = posted(project, "--format", "gitlab")
        assert told.code == 4
        assert told.out.splitlines()[-1] == "# EOF"
        assert [body.splitlines()[-1] for body in gitlab.bodies(7)] == ["<!-- paribus:review:. -->"]
        assert posted(project).code == 4
        assert len(gitlab.bodies(7)) == 1


def test_what_cannot_even_be_asked_is_posted_too(project: Workspace) -> None:
    """Silence is not a pass: branches without a common ancestor have a comment that says so."""
    head = project.git("commit-tree", "HEAD^{tree}", "-m", "from elsewhere")
    with service() as github:
        github.pull(7, head)
        project.environment |= github.environment(7)
        told = project.paribus("review", f"main...{head}", "--post")
        assert told.code == 2
        (body,) = github.bodies(7)
        assert body.startswith("⛔ **Cannot be judged (no-baseline)**: ")
        assert github.checks[-1]["conclusion"] == "action_required"
