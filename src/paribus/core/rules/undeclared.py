"""Code that a stage runs and does not declare: DVC would not notice that it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from paribus.core.change import Kind, Warned
from paribus.core.names import Found
from paribus.core.paths import within
from paribus.core.sides import Finding, Sides

SHOWN = 3
"""Files and stages that a warning names; the others are counted."""


def undeclared_code(sides: Sides, findings: Iterable[Finding]) -> Iterator[Warned]:
    """A warning about the changed code that stages import without declaring it, once for the same stages."""
    changed = {
        each.change.file
        for each in findings
        if isinstance(each, Found) and each.change.kind in (Kind.CODE, Kind.RULER)
    }
    by_stages: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in sorted(changed):
        declared = {stage.name for stage in sides.new.pipeline.readers(path)}
        reaching = tuple(sorted(sides.new.reach.stages(path) - declared))
        if reaching:
            by_stages[reaching].append(path)
    for stages, paths in by_stages.items():
        message = (
            f"{_listed(stages)} use {_listed(paths)} undeclared: DVC would not notice the change"
        )
        yield Warned("undeclared-code", paths[0], message)


def lost_dependencies(sides: Sides) -> Iterator[Warned]:
    """A warning for each stage that no longer declares what it read: DVC would not notice a change of it."""
    stages = {stage.name: stage for stage in sides.new.pipeline.stages}
    for stage in sides.old.pipeline.stages:
        now = stages.get(stage.name)
        if now is None:
            continue
        gone = [
            path
            for path in stage.deps
            if not any(within(sides.moves.get(path, path), dep) for dep in now.deps)
        ]
        if gone:
            message = f"stage {stage.name} no longer depends on {_listed(gone)}: DVC would not rerun for it"
            yield Warned("removed-dependency", sides.new.pipeline.file, message)


# Private functions


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - SHOWN
    return ", ".join(listed[:SHOWN]) + (f" and {more} more" if more > 0 else "")
