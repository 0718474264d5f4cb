"""Experiments that were tried together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paribus.core.record import Record
from paribus.git.command import Git
from paribus.ledger.branch import Branch, Write
from paribus.ledger.notebook import Notebook

if TYPE_CHECKING:
    from tests.conftest import Workspace

A, B, C = (letter * 20 for letter in "abc")


def test_every_member_knows_its_families(empty: Workspace) -> None:
    notebook = Notebook(Branch(Git(empty.path)))
    assert notebook.families(A) == ()
    notebook.join_family([B, A], "values")
    notebook.join_family([A, B, C], "values")
    assert sorted(notebook.families(A)) == [(A, B), (A, B, C)]
    assert notebook.families(C) == ((A, B, C),)


def test_the_same_command_again_writes_nothing(empty: Workspace) -> None:
    notebook = Notebook(Branch(Git(empty.path)))
    notebook.join_family([B, A], "split")
    tip = notebook.tip()
    notebook.join_family([A, B], "split")
    assert notebook.tip() == tip


def test_what_a_later_version_wrote_is_left_alone(empty: Workspace) -> None:
    branch = Branch(Git(empty.path))
    strange = [Record("family", {"members": 3}), Record("clan", {"members": [A]})]
    branch.append([Write(f"families/{A[:2]}/{A}", each) for each in strange], "from the future")
    assert Notebook(branch).families(A) == ()
