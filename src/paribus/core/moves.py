"""Files that have another path and are the same file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from paribus.core.pipeline import Stage
from paribus.core.sides import Sides
from paribus.core.snapshot import Entry, FileDelta

ALIKE = 0.5
"""Share of its lines that a file keeps when it is renamed and edited at once; Git takes the same."""

MOST = 200
"""Files that came or went; where there are more, only those of equal content are matched."""


def moved_files(sides: Sides, deltas: Sequence[FileDelta]) -> dict[str, str]:
    """Old path to new path, where one file that went has the content of one that came.

    Where several have the same content, as empty files do, those of the same name belong together.
    What is left of the source files is matched by the lines that they share.
    """
    gone = [(delta.path, delta.old) for delta in deltas if delta.new is None and delta.old]
    come = [(delta.path, delta.new) for delta in deltas if delta.old is None and delta.new]
    same = _matched(gone, come, by_name=False) | _matched(gone, come, by_name=True)
    left = [path for path, _ in gone if path not in same]
    found = [path for path, _ in come if path not in same.values()]
    return same | (_alike(sides, left, found) if len(left) + len(found) <= MOST else {})


# Private functions


def _matched(
    gone: Sequence[tuple[str, Entry]], come: Sequence[tuple[str, Entry]], *, by_name: bool
) -> dict[str, str]:
    def key(path: str, entry: Entry) -> tuple[str, str, str]:
        return entry.mode, entry.oid, path.rpartition("/")[2] if by_name else ""

    often = [Counter(key(*each) for each in side) for side in (gone, come)]
    targets = {key(*each): each[0] for each in come}
    return {
        path: targets[key(path, entry)]
        for path, entry in gone
        if often[0][key(path, entry)] == 1 == often[1][key(path, entry)]
    }


def _alike(sides: Sides, gone: Sequence[str], come: Sequence[str]) -> dict[str, str]:
    """Source files that share most of their lines, the most similar first."""
    before = {path: _lines(sides.contents(path)[0].data) for path in gone if path.endswith(".py")}
    after = {path: _lines(sides.contents(path)[1].data) for path in come if path.endswith(".py")}
    pairs = sorted(
        (
            (_share(old, new), source, target)
            for source, old in before.items()
            for target, new in after.items()
        ),
        reverse=True,
    )
    found: dict[str, str] = {}
    for share, source, target in pairs:
        if share >= ALIKE and source not in found and target not in found.values():
            found[source] = target
    return found


def _lines(data: bytes | None) -> Counter[bytes]:
    return Counter(line.strip() for line in (data or b"").splitlines() if line.strip())


def _share(old: Counter[bytes], new: Counter[bytes]) -> float:
    return (old & new).total() / max(old.total(), new.total(), 1)


def moved_outputs(sides: Sides) -> dict[str, str]:
    """Outputs that have another path on the new side: of the same stage, and of the same name or alone.

    What writes them and what reads them is expected to follow; a path that stays behind differs.
    """
    found: dict[str, str] = {}
    stages = {stage.name: stage for stage in sides.new.pipeline.stages}
    for stage in sides.old.pipeline.stages:
        other = stages.get(stage.name)
        if other is None:
            continue
        gone = [path for path in (*stage.outs, *stage.metrics) if path not in _written(other)]
        come = [path for path in (*other.outs, *other.metrics) if path not in _written(stage)]
        alone = len(gone) == 1 == len(come)
        for path in gone:
            alike = [new for new in come if alone or _name(new) == _name(path)]
            if len(alike) == 1:
                found[path] = alike[0]
    return found


def _written(stage: Stage) -> tuple[str, ...]:
    return (*stage.outs, *stage.metrics)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
