"""Ledgers with some experiments, made at once."""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paribus.git.command import Git
from paribus.ledger.index.opening import Index

if TYPE_CHECKING:
    from tests.conftest import Workspace

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture(scope="session")
def write_ledger() -> Callable[..., None]:
    """`benchmarks/ledgers.write_ledger`: adds experiments to a ledger by their number."""
    spec = importlib.util.spec_from_file_location("ledgers", BENCHMARKS / "ledgers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., None] = module.write_ledger
    return found


@dataclass
class Room:
    """A project, its index, and what the index complained of."""

    project: Workspace
    told: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the index is."""
        return self.project.path / ".dvc" / "tmp" / "paribus"

    @property
    def file(self) -> Path:
        """The index."""
        return self.folder / "index.sqlite"

    @property
    def git(self) -> Git:
        """Git in the project."""
        return Git(self.project.path)

    def index(self) -> Index:
        """As a new process has it."""
        return Index(
            self.git,
            self.folder,
            lambda: self.folder.mkdir(parents=True, exist_ok=True),
            self.told.append,
        )

    def dump(self) -> list[Any]:
        """All that the index says, asked for as users ask."""
        return self.index().ask(dumped)


def dumped(connection: sqlite3.Connection) -> list[Any]:
    """Every row of what is derived from the ledger."""
    tables = ("experiments", "bodies", "runs", "promotions")
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


@pytest.fixture
def room(project: Workspace, write_ledger: Callable[..., None]) -> Room:
    """A project with twelve experiments in its ledger."""
    write_ledger(project.path, 12)
    return Room(project)
