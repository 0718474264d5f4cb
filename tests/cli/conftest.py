"""A branch whose commits are experiments, for the tests of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace


@pytest.fixture
def line(project: Workspace) -> Workspace:
    """main, then three commits on `exp`: one change, none, two changes."""
    project.git("switch", "--quiet", "--create", "exp")
    project.set_param("train.gain", 0.3)
    project.commit("a gain")
    project.commit("words", {"README.md": "# Words\n"})
    project.set_param("train.gain", 0.4)
    project.set_param("train.noise", 0.02)
    project.commit("both")
    return project
