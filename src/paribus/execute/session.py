"""The session of a run: the machine, its boot and its environment, between which numbers may drift."""

from __future__ import annotations

import hashlib
import json
import platform
import socket
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
OWN_PACKAGE = "paribus"


@dataclass(frozen=True, slots=True)
class Session:
    """What two runs must share before their numbers can be compared without more ado.

    Attributes:
        host: name of the machine.
        boot: changes when it starts anew.
        system: operating system and processor.
        python: version of the interpreter.
        packages: digest of every installed package and its version, Paribus apart.
        accelerators: each GPU with its driver.
        installed: the packages behind the digest, each as `name==version`, sorted; it names what
            differs between two sessions, and is no part of the id, which follows from the digest.
    """

    host: str
    boot: str
    system: str
    python: str
    packages: str
    accelerators: tuple[str, ...]
    installed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A short name that follows from all of it."""
        told = asdict(self)
        del told["installed"]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """Strict JSON."""
        lists = {"accelerators": list(self.accelerators), "installed": list(self.installed)}
        return {"id": self.id, **asdict(self), **lists}


def current_session() -> Session:
    """The session of this process."""
    installed = _installed()
    return Session(
        socket.gethostname(),
        _boot(),
        f"{platform.system()} {platform.release()} {platform.machine()}",
        platform.python_version(),
        hashlib.sha256("\n".join(installed).encode()).hexdigest()[:16],
        _accelerators(),
        installed,
    )


# Private functions


def _boot() -> str:
    if BOOT_ID.exists():
        return BOOT_ID.read_text().strip()
    return _output("sysctl", "-n", "kern.boottime")


def _installed() -> tuple[str, ...]:
    found = {(found.name, found.version) for found in distributions() if found.name}
    return tuple(sorted(f"{name}=={version}" for name, version in found if name != OWN_PACKAGE))


def _accelerators() -> tuple[str, ...]:
    listed = _output("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
    return tuple(line.strip() for line in listed.splitlines() if line.strip())


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
