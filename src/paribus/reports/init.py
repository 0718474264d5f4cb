"""The report of `paribus init`, and the file that it writes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from paribus.core.detection import Detected
from paribus.reports.installed import Placed, placed_lines
from paribus.reports.text import clean, helps, strict_json

PLAIN = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
HOOKS_WAY = "judge each commit   paribus init --hooks"
CI_WAY = "judge each pull request   paribus init --ci github   (or gitlab)"
WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True, slots=True)
class InitReport:
    """What `paribus init` did.

    Attributes:
        file: the protocol.
        written: whether it was written now.
        detected: what it holds then.
        placed: hooks and CI files that were asked for.
        offered: what could be asked for.
    """

    file: str
    written: bool
    detected: Detected | None
    placed: tuple[Placed, ...] = ()
    offered: tuple[str, ...] = ()


def protocol_text(detected: Detected) -> str:
    """A new `paribus.yaml`, each line with what it is for."""
    direction = "higher" if detected.higher_is_better else "lower"
    others = (
        f"  # also measured: {clean(', '.join(detected.others[:6]))}" if detected.others else ""
    )
    lines = [
        "# What this team measures, and what counts as a change. Versioned with the code.",
        "schema: 1",
        f"metric: {_quoted(detected.metric or '')}{others}",
        f"direction: {direction}  # higher or lower is better",
        "",
        "# The smallest difference that matters, in the metric's units. Without it, one standard",
        "# deviation of the baseline's own runs is taken.",
        "# effect: 0.005",
        "",
        "# Metrics that an improvement must not break, and the loss of them that is tolerated.",
        "# guards:",
        "#   - {metric: latency, direction: lower, margin: 0.1}",
        "",
        "# Params that are seeds: varied between repeats, never a change.",
        *_listed("seeds", detected.seeds),
        "",
        "# Stages that measure: when one of them changes, numbers are not comparable.",
        *_listed("ruler", detected.ruler),
        "",
        "# Files that cannot move a metric, beyond docs, tests and CI.",
        "neutral: []",
    ]
    return "\n".join(lines) + "\n"


def as_json(report: InitReport) -> str:
    """One strict JSON object."""
    detected = report.detected
    return strict_json(
        {
            "file": report.file,
            "written": report.written,
            "metric": detected.metric if detected else None,
            "seeds": list(detected.seeds) if detected else None,
            "ruler": list(detected.ruler) if detected else None,
            "files": [placed.as_json() for placed in report.placed],
            "next": _next(report),
        }
    )


def as_text(report: InitReport) -> str:
    """For people."""
    detected = report.detected
    after = [*placed_lines(report.placed), *helps(_next(report), "next")]
    if detected is None:
        return "\n".join([f"{report.file} is there and in order", *after])
    direction = "higher" if detected.higher_is_better else "lower"
    lines = [
        f"wrote {report.file}",
        f"  metric  {clean(detected.metric or '')}, {direction} is better",
        f"  seeds   {_or_none(detected.seeds)}",
        f"  ruler   {_or_none(detected.ruler)}",
    ]
    return "\n".join([*lines, *after])


# Private functions


def _next(report: InitReport) -> list[str]:
    commit = f"git add {report.file} && git commit -m 'Agree on what we measure'"
    ways = ["see what will be beaten   paribus baseline", *report.offered]
    return [f"look it over, commit it   {commit}", *ways] if report.written else ways


def _or_none(names: Sequence[str]) -> str:
    return ", ".join(map(clean, names)) or "none found"


def _listed(key: str, names: Sequence[str]) -> list[str]:
    if not names:
        return [f"{key}: []"]
    return [f"{key}:", *(f"  - {_quoted(name)}" for name in names)]


def _quoted(name: str) -> str:
    """A name as YAML text, in quotes where it could read as something else."""
    plain = PLAIN.fullmatch(name) and name.lower() not in WORDS_OF_YAML
    return name if plain else json.dumps(name, ensure_ascii=False)
