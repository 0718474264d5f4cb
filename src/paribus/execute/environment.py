"""The environment variables of a worker and of the stages that it runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit

SETTINGS = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM"})


def worker_environment(identity: Mapping[str, str]) -> dict[str, str]:
    """Variables for a worker process: the user's own, with Paribus's environment first on PATH.

    Variables that Git exports to hooks are left out, since they would point every git below at the
    user's repository and index; where the user keeps Git's configuration stays.

    Args:
        identity: who is at work, as Git's variables.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in SETTINGS
    }
    here = str(Path(sys.executable).parent)
    return {
        **inherited,
        **identity,
        "PATH": os.pathsep.join([here, inherited.get("PATH", os.defpath)]),
        "DVC_NO_ANALYTICS": "1",
        "DVC_EXP_AUTO_PUSH": "false",
        "DVC_STUDIO_OFFLINE": "true",
    }


def redirected_imports(top: Path, clone: Path) -> str:
    """A PYTHONPATH that makes stages import the clone's code where they would import the user's.

    A package that is installed in editable mode points into the user's working tree; without this, a
    stage would run the code that lies there instead of the code that is judged.

    Args:
        top: the user's working tree, as Git names it, without symbolic links.
        clone: the clone's top directory.
    """
    given = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    candidates = [
        Path(entry).resolve() for entry in (*given, *filter(None, sys.path), *_editable_roots())
    ]
    inside = [clone / path.relative_to(top) for path in candidates if path.is_relative_to(top)]
    moved = [str(path) for path in inside if path.is_dir()]
    kept = [
        entry
        for entry in given
        if not Path(entry).is_absolute() or not Path(entry).resolve().is_relative_to(top)
    ]
    return os.pathsep.join(dict.fromkeys([*moved, *kept]))


# Private functions


def _editable_roots() -> Iterator[str]:
    """Folders from which packages installed in editable mode are imported, `src` layouts included."""
    for distribution in distributions():
        root = _editable_root(distribution)
        if root is not None:
            yield from (str(root / "src"), str(root))


def _editable_root(distribution: Distribution) -> Path | None:
    about = distribution.read_text("direct_url.json")
    if not about:
        return None
    try:
        record = json.loads(about)
    except ValueError:
        return None
    url = urlsplit(str(record.get("url", "")))
    editable = isinstance(record.get("dir_info"), dict) and record["dir_info"].get("editable")
    return Path(unquote(url.path)) if editable and url.scheme == "file" else None
