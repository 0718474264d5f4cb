"""Whether the kernel has killed for memory: the counter of this process's control group."""

from __future__ import annotations

import re
from pathlib import Path

OWN = Path("/proc/self/cgroup")
MOUNT = Path("/sys/fs/cgroup")


def kills_for_memory(own: Path = OWN, mount: Path = MOUNT) -> int | None:
    """How many processes of this control group were killed for memory; None where nobody counts.

    Args:
        own: file with the groups of this process.
        mount: where control groups are.
    """
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        folder = path.lstrip("/")
        if not controllers:
            found = _counter(mount / folder / "memory.events")
        elif "memory" in controllers.split(","):
            found = _counter(mount / "memory" / folder / "memory.oom_control")
        else:
            continue
        if found is not None:
            return found
    return None


# Private functions


def _counter(file: Path) -> int | None:
    try:
        found = re.search(r"^oom_kill (\d+)$", file.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None
