"""Which files are about the environment, and who reads them."""

from __future__ import annotations

from paribus.core.environment.compose import compose
from paribus.core.environment.conda import conda_environment
from paribus.core.environment.docker import dockerfile
from paribus.core.environment.interpreter import python_version, tool_versions
from paribus.core.environment.locks import conda_lock, pipfile_lock, pixi_lock, poetry_lock, uv_lock
from paribus.core.environment.makefile import makefile
from paribus.core.environment.model import Listing, Reader, Role, Source, Stated, UnreadableError
from paribus.core.environment.pyproject import pipfile, pixi_file, pyproject
from paribus.core.environment.requirements import requirements
from paribus.core.environment.setuptools import setup_cfg, setup_py
from paribus.core.paths import matches


def read(source: Source) -> Listing:
    """What a file says of the environment.

    Raises:
        UnreadableError: it is not what its name promises, or nothing reads such files.
    """
    for patterns, reader in READERS:
        if matches(source.path, patterns):
            return reader(source)
    raise UnreadableError("no reader")


# Private functions


def _ignored(source: Source) -> Listing:
    """A `.dockerignore`: what an image leaves out is in Git, and judged there."""
    return Listing((Stated("what an image leaves out", source.text(), Role.ASIDE),))


READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    (("pyproject.toml",), pyproject),
    (("setup.py",), setup_py),
    (("setup.cfg",), setup_cfg),
    (("uv.lock",), uv_lock),
    (("poetry.lock", "pdm.lock"), poetry_lock),
    (("Pipfile",), pipfile),
    (("Pipfile.lock",), pipfile_lock),
    (("environment*.yml", "environment*.yaml"), conda_environment),
    (("conda-lock.yml",), conda_lock),
    (("pixi.toml",), pixi_file),
    (("pixi.lock",), pixi_lock),
    (("docker-compose*.yml", "docker-compose*.yaml", "compose.yml", "compose.yaml"), compose),
    ((".dockerignore", "*.dockerignore"), _ignored),
    (("Dockerfile*", "*.dockerfile", "Containerfile"), dockerfile),
    ((".python-version", "runtime.txt"), python_version),
    ((".tool-versions",), tool_versions),
    (("Makefile", "makefile", "GNUmakefile", "*.mk"), makefile),
    (("*.txt", "*.in", "requirements*.lock"), requirements),
)
"""In the order in which they are asked."""
