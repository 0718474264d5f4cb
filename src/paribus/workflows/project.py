"""The project that a command works on."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.paths import joined
from paribus.dvc.layout import PIPELINE, project_root
from paribus.git.repository import Repository, discover, discover_any


@dataclass(frozen=True, slots=True)
class Project:
    """A DVC project inside a Git repository.

    Attributes:
        repository: around it.
        root: its folder, absolute.
        prefix: its folder from the repository's top; empty for the top itself.
    """

    repository: Repository
    root: Path
    prefix: str

    @property
    def pipeline_file(self) -> str:
        """Its `dvc.yaml`, from the repository's top."""
        return joined(self.prefix, PIPELINE)

    @property
    def protocol_file(self) -> str:
        """Its `paribus.yaml`, from the repository's top."""
        from paribus.core.protocol import FILE  # noqa: PLC0415 (what reads no protocol starts faster)

        return joined(self.prefix, FILE)

    @property
    def holders(self) -> Path:
        """Where locks are that tell running from interrupted, for every working tree alike."""
        return self.repository.common_dir / "paribus" / "holders"

    @property
    def cards(self) -> Path:
        """Where each run under way has its card, for every working tree alike."""
        return self.repository.common_dir / "paribus" / "runs"

    @property
    def logs(self) -> Path:
        """Where the logs of runs are."""
        return self.state / "logs"

    @property
    def state(self) -> Path:
        """Where clones and logs are: all of it can be thrown away when nothing runs."""
        return self.root / ".dvc" / "tmp" / "paribus"

    def name(self, path: str) -> str:
        """How a file is named inside the project, given its path from the repository's top."""
        return posixpath.relpath(path, self.prefix or ".")

    def make_state(self) -> Path:
        """The state folder, made if need be; it hides itself from Git."""
        self.state.mkdir(parents=True, exist_ok=True)
        ignore = self.state / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        return self.state


def open_project(directory: Path) -> Project:
    """The project around a directory; raises `Problem` where there is none."""
    return _around(directory.resolve(), discover(directory.resolve()))


def open_any_project(directory: Path, folder: str | None = None) -> Project:
    """As `open_project`, in a bare repository too, for what reads Git objects only.

    Args:
        folder: the project's folder, from `directory`; None for the one around it. It must have a
            `dvc.yaml` in what is read, and need not be on disk.
    """
    repository = discover_any(directory.resolve())
    if folder is None and not repository.bare:
        return _around(directory.resolve(), repository)
    top = repository.top.resolve()
    root = top / (folder or "") if repository.bare else directory.resolve() / (folder or "")
    root = Path(os.path.normpath(root))
    if not root.is_relative_to(top):
        raise Problem("usage", f"--project {folder} leads out of the repository")
    return _below(repository, root)


def require_pipeline(project: Project) -> None:
    """Raises `Problem` where the working tree has no `dvc.yaml`."""
    if not (project.root / PIPELINE).is_file():
        raise Problem(
            "no-pipeline",
            f"this DVC project has no {project.pipeline_file}",
            "describe how the model is made   dvc stage add",
        )


def now() -> str:
    """UTC, ISO 8601 with microseconds, so that records sort by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


# Private functions


def _around(directory: Path, repository: Repository) -> Project:
    """The project whose folder is the nearest above a directory."""
    return _below(repository, project_root(directory, repository.top.resolve()))


def _below(repository: Repository, root: Path) -> Project:
    prefix = root.relative_to(repository.top.resolve()).as_posix()
    return Project(repository, root, "" if prefix == "." else prefix)
