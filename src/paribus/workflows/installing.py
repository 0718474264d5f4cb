"""Puts the check into a project's hooks and CI, beside what is there and never over it."""

from __future__ import annotations

import os
from pathlib import Path

from paribus.git.repository import Repository, hooks_folder
from paribus.reports.installed import (
    GITHUB_FILE,
    GITLAB_FILE,
    GITLAB_INCLUDE,
    GITLAB_MAIN,
    HOOKS,
    PRE_COMMIT_FILE,
    Placed,
    github_forks,
    github_review,
    gitlab_job,
    hook_command,
    hook_script,
    pre_commit_entry,
)
from paribus.workflows.project import Project

EXECUTABLE = 0o755
PLAIN = 0o644


def install_hooks(project: Project) -> tuple[Placed, ...]:
    """Git hooks, unless the pre-commit framework has them; a hook that is there stays as it is."""
    repository = project.repository
    framework = repository.top / PRE_COMMIT_FILE
    if framework.is_file():
        return (_beside(framework, PRE_COMMIT_FILE, "paribus", pre_commit_entry(project.prefix)),)
    folder = hooks_folder(repository)
    return tuple(_hook(project, folder, name) for name in HOOKS)


def install_ci(project: Project, system: str) -> tuple[Placed, ...]:
    """A workflow for `github`, two for `github-forks`, or jobs for `gitlab`."""
    top = project.repository.top
    if system == "github":
        return (_placed(top / GITHUB_FILE, GITHUB_FILE, github_review(project.prefix)),)
    if system == "github-forks":
        texts = github_forks(project.prefix)
        return tuple(_placed(top / file, file, text) for file, text in texts.items())
    job = _placed(top / GITLAB_FILE, GITLAB_FILE, gitlab_job(project.prefix))
    main = top / GITLAB_MAIN
    if main.exists():
        return job, _beside(main, GITLAB_MAIN, GITLAB_FILE, GITLAB_INCLUDE)
    return job, _placed(main, GITLAB_MAIN, GITLAB_INCLUDE)


def write_new(path: Path, text: str, mode: int = PLAIN) -> bool:
    """Never half a file, and never over one that is there; whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(mode)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    return True


# Private functions


def _hook(project: Project, folder: Path, name: str) -> Placed:
    repository, path = project.repository, folder / name
    told, command = _told(repository, path), hook_command(name, project.prefix)
    ours = path.is_relative_to(repository.top) or path.is_relative_to(repository.common_dir)
    # A folder elsewhere serves all of its owner's repositories.
    if path.exists() or not ours:
        called = any(line.strip().endswith(command) for line in _text(path).splitlines())
        return Placed(told, False, "" if called else command)
    return Placed(told, write_new(path, hook_script(name, project.prefix), EXECUTABLE))


def _placed(path: Path, told: str, text: str) -> Placed:
    if write_new(path, text):
        return Placed(told, True)
    return Placed(told, False, "" if _text(path) == text else text)


def _beside(path: Path, told: str, mark: str, add: str) -> Placed:
    """What to add to somebody's file, unless it is in it."""
    return Placed(told, False, "" if mark in _text(path) else add)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _told(repository: Repository, path: Path) -> str:
    inside = path.is_relative_to(repository.top)
    return path.relative_to(repository.top).as_posix() if inside else str(path)
