"""Code that a stage runs and does not declare: DVC would not notice that it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from paribus.core.change import Kind, Warned
from paribus.core.names import Found
from paribus.core.sides import Finding, Sides


def undeclared_code(sides: Sides, findings: Iterable[Finding]) -> Iterator[Warned]:
    """A warning for each changed file of code that a stage imports without declaring it."""
    changed = {
        each.change.file
        for each in findings
        if isinstance(each, Found) and each.change.kind in (Kind.CODE, Kind.RULER)
    }
    for path in sorted(changed):
        declared = {stage.name for stage in sides.new.pipeline.readers(path)}
        reaching = sorted(sides.new.reach.stages(path) - declared)
        if reaching:
            stages = ", ".join(reaching[:3]) + (" and others" if len(reaching) > 3 else "")
            message = (
                f"{path} is used by {stages} and not among the deps there: DVC would not rerun"
            )
            yield Warned("undeclared-code", path, message)
