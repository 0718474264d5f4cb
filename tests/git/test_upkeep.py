"""Small packs are rolled into one, and nothing is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paribus.git.repository import discover
from paribus.git.upkeep import MANY_PACKS, join_small_packs

if TYPE_CHECKING:
    from tests.conftest import Workspace


def packs(project: Workspace) -> int:
    return len(list((project.path / ".git/objects/pack").glob("*.pack")))


def add_packs(project: Workspace, count: int) -> list[str]:
    """Packs of one blob each, as records of the ledger arrive; returns the blobs' ids."""
    listed = []
    for number in range(count):
        (project.path / "blob").write_text(f"{number}\n")
        oid = project.git("hash-object", "-w", "blob")
        name = f".git/objects/{oid[:2]}/{oid[2:]}"
        project.git("update-ref", f"refs/paribus-test/{number}", oid)
        project.git("repack", "--quiet")
        (project.path / name).unlink(missing_ok=True)
        listed.append(oid)
    (project.path / "blob").unlink()
    return listed


def test_many_packs_become_few_and_hold_what_they_held(project: Workspace) -> None:
    blobs = add_packs(project, MANY_PACKS + 1)
    before = project.state()
    assert packs(project) > MANY_PACKS

    join_small_packs(discover(project.path))

    assert packs(project) < 5
    assert project.state() == before
    assert [project.git("cat-file", "-t", oid) for oid in blobs] == ["blob"] * len(blobs)
    assert project.git("fsck", "--strict") == ""


def test_few_packs_are_left_alone(project: Workspace) -> None:
    add_packs(project, 3)

    join_small_packs(discover(project.path))

    assert packs(project) == 3
