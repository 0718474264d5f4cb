"""What a run read and wrote, by hash, as the lock files that it left say."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paribus.core.lock import HASHES
from paribus.core.values import Value


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An input or an output of a stage.

    Attributes:
        lock: the lock file, from the repository's top.
        stage: as that file names it.
        path: as that file has it: from where the stage's command runs.
    """

    lock: str
    stage: str
    path: str


@dataclass(frozen=True, slots=True)
class Written:
    """Hashes by place, each as `md5 5d41...`; the kind of hash tells DVC 2's from DVC 3's."""

    inputs: Mapping[Place, str]
    outputs: Mapping[Place, str]

    @property
    def stages(self) -> set[tuple[str, str]]:
        """(lock file, stage) of every stage that a lock file has; one may neither read nor write."""
        return {(place.lock, place.stage) for place in (*self.inputs, *self.outputs)}

    @property
    def folders(self) -> frozenset[str]:
        """The hashes of the outputs that are folders, without their kind."""
        values = (told.split()[-1] for told in self.outputs.values())
        return frozenset(value for value in values if value.endswith(".dir"))

    def without(self, stages: Container[tuple[str, str]]) -> Written:
        """The same without some stages, each given as (lock file, stage)."""
        return Written(
            *(
                {
                    place: told
                    for place, told in side.items()
                    if (place.lock, place.stage) not in stages
                }
                for side in (self.inputs, self.outputs)
            )
        )


def written(locks: Mapping[str, Value]) -> Written:
    """What lock files say.

    Args:
        locks: the value of each lock file by its path.
    """
    found: dict[str, dict[Place, str]] = {"deps": {}, "outs": {}}
    for lock, document in locks.items():
        for stage, body in _mapping(_mapping(document).get("stages")).items():
            for key, places in found.items():
                for path, told in _hashes(_mapping(body).get(key)):
                    places[Place(lock, str(stage), path)] = told
    return Written(found["deps"], found["outs"])


def listing(data: bytes) -> dict[str, str] | None:
    """The files of a folder with their hashes, from the object that DVC keeps for it; None if damaged."""
    try:
        entries = json.loads(data)
        return {str(entry["relpath"]): str(entry["md5"]) for entry in entries}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


# Private functions


def _hashes(entries: Value) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else ():
        about = _mapping(entry)
        kind = next((kind for kind in HASHES if about.get(kind)), None)
        if kind is not None and about.get("path"):
            # DVC 2 made another md5 of text, and did not say `hash`.
            which = kind if kind != "md5" or about.get("hash") else "md5-dos2unix"
            yield str(about["path"]), f"{which} {about[kind]}"


def _mapping(value: Value) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
