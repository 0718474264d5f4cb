"""Where the repository is, and who writes in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paribus.core.errors import Exit, Problem
from paribus.git.command import Git
from paribus.git.identity import identity
from paribus.git.repository import Repository, discover

if TYPE_CHECKING:
    from tests.conftest import Workspace

NOBODY = 54321


def refused(directory: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        discover(directory)
    assert caught.value.status is Exit.BAD_INPUT
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("folder", [".", "data", "data/deep/deeper"])
def test_found_from_any_folder_of_the_working_tree(folder: str, project: Workspace) -> None:
    top = project.path
    (top / folder).mkdir(parents=True, exist_ok=True)
    assert discover(top / folder) == Repository(Git(top), top, top / ".git", top / ".git", False)


def test_a_linked_worktree_has_its_own_index_and_shares_the_objects(
    project: Workspace, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    project.git("worktree", "add", "--quiet", "-b", "idea", str(linked))
    main = project.path / ".git"
    expected = Repository(Git(linked), linked, main / "worktrees" / "linked", main, False)
    assert discover(linked) == expected


def test_a_folder_reached_by_a_link_is_found_where_it_really_is(
    project: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(project.path)
    assert discover(tmp_path / "link").top == project.path


@pytest.mark.parametrize(
    "name", ["with space", "ümlaut", "quote'\"s", "colon:colon", "dollar$HOME"]
)
def test_odd_names_of_folders(name: str, project: Workspace, tmp_path: Path) -> None:
    odd = project.path.rename(tmp_path / name)
    repository = discover(odd)
    assert (repository.top, repository.git_dir, repository.common_dir) == (
        odd,
        odd / ".git",
        odd / ".git",
    )


def test_a_shallow_clone_is_known_for_one(project: Workspace, tmp_path: Path) -> None:
    project.commit("second", {"README.md": "more\n"})
    clone = tmp_path / "clone"
    url = f"file://{project.path}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, clone], check=True)
    assert discover(clone).shallow
    subprocess.run(["git", "fetch", "--quiet", "--unshallow"], cwd=clone, check=True)
    assert not discover(clone).shallow


def test_outside_of_any_repository(tmp_path: Path) -> None:
    problem = refused(tmp_path)
    assert problem.code == "not-a-git-repository"
    assert problem.message == f"not inside a Git repository: {tmp_path}"
    assert problem.helps == ("start one   git init && dvc init",)


def test_a_bare_repository_has_no_working_tree(project: Workspace, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", project.path, bare], check=True)
    problem = refused(bare)
    assert problem.code == "no-working-tree"
    assert problem.message == f"this is a bare repository, without a working tree: {bare}"


def test_inside_the_git_directory_there_is_no_working_tree(project: Workspace) -> None:
    assert refused(project.path / ".git" / "refs").code == "no-working-tree"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_repository_of_another_user_is_not_trusted(project: Workspace) -> None:
    for path in (project.path, project.path / ".git"):
        os.chown(path, NOBODY, NOBODY)
    problem = refused(project.path)
    assert problem.code == "unsafe-repository"
    assert problem.helps == (
        f"if you trust it   git config --global --add safe.directory {project.path}",
    )
    subprocess.run(problem.helps[0].partition("   ")[2].split(" "), check=True)
    assert discover(project.path).top == project.path


def test_a_repository_that_this_git_cannot_read_is_said_in_gits_words(project: Workspace) -> None:
    """As one whose references are in a format that came later, to an older Git."""
    project.git("config", "core.repositoryFormatVersion", "1")
    project.git("config", "extensions.fromTheFuture", "true")
    problem = refused(project.path)
    assert problem.code == "unusable-repository"
    assert problem.message == (
        "Git cannot use this repository: fatal: unknown repository extension found: fromthefuture"
    )


def test_references_in_a_table(project: Workspace) -> None:
    """To an older Git it is an unknown extension; a newer one reads it, and DVC does not."""
    hint = "with Git 2.46 or later, keep them as files   git refs migrate --ref-format=files"
    table = project.path / ".git" / "reftable"
    table.mkdir()
    assert (refused(project.path).code, refused(project.path).helps) == ("reftable", (hint,))
    table.rmdir()
    project.git("config", "core.repositoryFormatVersion", "1")
    project.git("config", "extensions.refStorage", "reftable")
    if (
        "refstorage"
        in subprocess.run(
            ["git", "status"], cwd=project.path, capture_output=True, text=True, check=False
        ).stderr
    ):
        assert (refused(project.path).code, refused(project.path).helps) == ("reftable", (hint,))


def test_a_broken_configuration_is_said_in_gits_words(project: Workspace) -> None:
    with (project.path / ".git" / "config").open("a") as file:
        file.write("[core\n")
    problem = refused(project.path)
    assert problem.code == "unusable-repository"
    assert "bad config line" in problem.message
    assert problem.helps[1].endswith("git config --list --show-origin")


def test_a_folder_that_is_gone_is_not_taken_for_a_missing_git(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        discover(tmp_path / "gone")


# Identity


ADA = {
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def test_the_configured_identity(project: Workspace) -> None:
    assert identity(Git(project.path)) == ADA


def test_the_repositorys_own_identity_comes_first(project: Workspace) -> None:
    project.git("config", "user.name", "Grace Hopper <odd>")
    project.git("config", "user.email", "grace@example.com")
    assert identity(Git(project.path)) == {
        "GIT_AUTHOR_NAME": "Grace Hopper odd",
        "GIT_AUTHOR_EMAIL": "grace@example.com",
        "GIT_COMMITTER_NAME": "Grace Hopper odd",
        "GIT_COMMITTER_EMAIL": "grace@example.com",
    }


def test_an_identity_in_the_environment_comes_before_all(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "A CI")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ci@example.com")
    assert identity(Git(project.path))["GIT_COMMITTER_NAME"] == "A CI"


@pytest.mark.parametrize("strict", ["true", "false"])
def test_without_a_configured_identity_one_is_made_up(
    strict: str, project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(f"[user]\n\tuseConfigOnly = {strict}\n")
    monkeypatch.setenv("LOGNAME", "somebody-at-work")
    email = f"somebody-at-work@{socket.gethostname()}"
    assert identity(Git(project.path)) == {
        "GIT_AUTHOR_NAME": "somebody-at-work",
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": "somebody-at-work",
        "GIT_COMMITTER_EMAIL": email,
    }


def test_a_name_that_is_not_utf8_can_still_be_written_down(project: Workspace) -> None:
    config = project.path / ".git" / "config"
    config.write_bytes(config.read_bytes() + b"[user]\n\tname = Ren\xe9\n")
    name = identity(Git(project.path))["GIT_AUTHOR_NAME"]
    assert name == "Ren�"
    assert name.encode()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_user_database_need_not_know_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container runs with any user id."""
    script = (
        "import os, pwd; from pathlib import Path\n"
        "from paribus.git.command import Git; from paribus.git.identity import identity\n"
        f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "print(identity(Git(Path('/')))['GIT_AUTHOR_EMAIL'])"
    )
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"somebody@{socket.gethostname()}"
