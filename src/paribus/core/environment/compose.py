"""docker-compose files: the images and the variables of services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from paribus.core.environment.blocks import blocks
from paribus.core.environment.docker import BASE_IMAGE
from paribus.core.environment.model import Listing, Role, Source, Stated, UnreadableError, asides
from paribus.core.environment.tables import table

QUIET = (
    "ports", "expose", "labels", "container_name", "hostname", "restart", "depends_on", "healthcheck",
    "networks", "logging", "stdin_open", "tty", "profiles", "command", "entrypoint", "working_dir", "links",
    "user", "env_file", "volumes", "init", "stop_grace_period",
)  # fmt: skip
"""How a service is reached and started; a pipeline is started by `dvc repro`, whatever starts that."""


def compose(source: Source) -> Listing:
    """Reads a `docker-compose.yml`."""
    services = table(blocks(source.text())).get("services")
    if not isinstance(services, Mapping):
        raise UnreadableError("no services")
    found = [each for name, body in services.items() for each in _service(name, table(body))]
    return Listing(tuple(found))


# Private functions


def _service(name: str, body: Mapping[str, Any]) -> Iterator[Stated]:
    for key, value in body.items():
        label = f"services.{name}.{key}"
        if key == "image":
            yield Stated(f"{BASE_IMAGE} {name}", str(value), Role.PART)
        elif key == "environment":
            yield from _variables(name, value)
        elif key in QUIET:
            yield from asides({label: value})
        else:
            yield Stated(label, str(value), Role.PART)


def _variables(name: str, value: Any) -> Iterator[Stated]:
    pairs = (
        value.items()
        if isinstance(value, Mapping)
        else [str(each).partition("=")[::2] for each in value or []]
    )
    for key, setting in pairs:
        yield Stated(f"services.{name} {key}", str(setting), Role.PART)
