"""The report of `paribus noise`: shares of the spread on one axis, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import Any

from paribus.core.numbers import decimals, number
from paribus.core.run import Run
from paribus.core.statistics.planning import PairedSpread
from paribus.core.statistics.variance import EvaluationSet, Noise, Part, Source
from paribus.reports.pairs import spread_json, spread_text
from paribus.reports.runs import run_json
from paribus.reports.shares import advice, share_text, shares_table, source_name, within_text
from paribus.reports.tables import plain_table
from paribus.reports.text import clean, helps, plural, strict_json

WIDTH = 80


class Unknown(StrEnum):
    """Why nothing can be said of the evaluation set."""

    UNDECLARED = "undeclared"
    NO_EXAMPLES = "no-examples"
    UNSEEDED = "unseeded"
    OTHER_MEASURE = "other-measure"
    ALL_ALIKE = "all-alike"


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference to plan for, in the metric's units; `given`, `declared` or by `default` one sd."""

    size: float
    origin: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What pairs can show.

    Attributes:
        sd: standard deviation of one paired difference, in the metric's units.
        spread: as it was measured in pairs; None for sides without any correlation.
        detectable: by the number of pairs at each look, the difference detected with 80 % power.
        needed: pairs for the effect of interest; None for more than 1000.
    """

    sd: float
    spread: PairedSpread | None
    detectable: Mapping[int, float]
    needed: int | None


@dataclass(frozen=True, slots=True)
class NoiseReport:
    """Where the spread of a baseline comes from.

    Attributes:
        commit, name: of the baseline.
        seeds: the declared ones.
        mean: of the primary metric over the runs in which all seeds vary.
        together, reruns: numbers of those runs, and of the reruns of pair 1.
        runs: every run that counts, once.
        cached: whether runs with other seeds may be one run, taken from the cache, and show no sd.
        undeclared: seeds that are under no stage's params.
        failed: runs that gave no numbers and are left out.
        controls: (same-seed reruns that differ from the run that they repeat, reruns).
        unknown: why the evaluation set's part is unknown; None when it is known.
        planned: without a correlation, and as the pairs so far; empty without a spread.
    """

    commit: str
    name: str
    metric: str
    higher_is_better: bool
    seeds: tuple[str, ...]
    noise: Noise
    mean: float
    together: int
    reruns: int
    runs: tuple[Run, ...]
    cached: bool
    undeclared: tuple[str, ...]
    failed: tuple[Run, ...]
    controls: tuple[int, int]
    evaluation: EvaluationSet
    unknown: Unknown | None
    effect: Effect | None
    planned: tuple[Planned, ...]


def as_json(report: NoiseReport) -> str:
    """One strict JSON object."""
    noise, evaluation, effect = report.noise, report.evaluation, report.effect
    return strict_json(
        {
            "baseline": report.commit,
            "name": report.name,
            "metric": report.metric,
            "direction": "higher" if report.higher_is_better else "lower",
            "seeds": list(report.seeds),
            "n": report.together,
            "reruns": report.reruns,
            "mean": report.mean,
            "sd": noise.sd,
            "total_sd": noise.total_sd,
            "exact": noise.exact,
            "sources": [_part_json(part) for part in noise.parts],
            "evaluation": {
                "variance": evaluation.variance,
                "examples": evaluation.examples,
                "drawn_by": list(evaluation.drawn_by),
                "unknown": report.unknown,
            },
            "null_control": {"differ": report.controls[0], "of": report.controls[1]},
            "effect": None if effect is None else {"size": effect.size, "origin": effect.origin},
            "planned": [_planned_json(plan) for plan in report.planned],
            "cached": report.cached,
            "undeclared": list(report.undeclared),
            "failed": len(report.failed),
            "runs": [run_json("baseline", run) for run in (*report.runs, *report.failed)],
            "next": _next(report),
        }
    )


def as_text(report: NoiseReport) -> str:
    """For people: the answer, the shares, what they mean, what pairs can show."""
    short = report.commit[:7]
    name = short if report.name == short else f"{clean(report.name)} ({short})"
    mean = number(report.mean, decimals(report.noise.sd or 0.0))
    made = plural(len(report.runs) + len(report.failed), "run")
    lines = [
        _headline(report),
        f"  baseline {name}, mean {mean}; {made}, {len(report.failed)} failed"
        + (f"; null control {report.controls[0]} of {report.controls[1]} differ"
           if report.controls[1] else ""),
        "",
        *shares_table(report.noise, report.seeds),
        "",
        *(f"  {line}" for line in (*_findings(report), *advice(report.noise, report.seeds))),
    ]  # fmt: skip
    plan = _plan(report)
    return "\n".join([*lines, *([""] if plan else []), *plan, *helps(_next(report), "next")])


# Private functions


def _headline(report: NoiseReport) -> str:
    sd, metric = report.noise.sd, clean(report.metric)
    told = "unknown" if sd is None else number(sd, decimals(sd)) if sd else "0"
    line = f"noise: {metric} sd {told} over {plural(report.together, 'run')}"
    shown = [part for part in report.noise.parts if part.share is not None and not part.within]
    if not shown:
        return f"{line}; they are all the same number" if sd == 0 else line
    # What seeds do together is a remainder, and worth a word only where it is something.
    told_parts = [part for part in shown if part.source is not Source.TOGETHER or part.share]
    ranked = sorted(told_parts, key=lambda part: -(part.share or 0.0))
    shares = ", ".join(f"{source_name(part, report.seeds)} {share_text(part)}" for part in ranked)
    return f"{line}; {shares}"


def _findings(report: NoiseReport) -> list[str]:
    """What is wired, what repeats, and what is known of the evaluation set."""
    told = {
        True: ["one seed repeats exactly: deterministic"],
        False: ["the same seed gives other numbers: not deterministic"],
    }
    exact = report.noise.exact
    return [*_wiring(report), *(told[exact] if exact is not None else []), *_evaluation(report)]


def _wiring(report: NoiseReport) -> list[str]:
    if not report.seeds:
        return ["no seeds are declared: all that is seen is what is not deterministic"]
    lines = []
    for part in report.noise.parts:
        name = source_name(part, report.seeds)
        if part.name in report.undeclared:
            lines.append(
                f"{name} is declared by no stage, so that DVC runs nothing for it: "
                "list it under params of the stage that reads it"
            )
        elif part.source is Source.SEED and part.wired is False:
            lines.append(
                f"{name} moves nothing: not wired; list it under params of the stage that reads it"
            )
        elif part.source is Source.SEED and part.variance is not None and part.wired is None:
            lines.append(f"{name} cannot be told from reruns")
    return lines


def _evaluation(report: NoiseReport) -> list[str]:
    if report.unknown is not None:
        return [f"evaluation set unknown: {_why(report)}"]
    size, within = report.evaluation.examples, report.evaluation.drawn_by
    told = f"evaluation set of {size} examples, the same in all runs"
    for part in report.noise.parts:
        if within and part.source is Source.EVALUATION:
            name = within_text(part, report.seeds)
            told = (
                f"evaluation set of {size} examples, drawn by {name}, of whose share it is a part"
            )
    return [told]


def _why(report: NoiseReport) -> str:
    told = {
        Unknown.UNDECLARED: "no file of predictions is declared",
        Unknown.NO_EXAMPLES: "these runs were made before predictions were declared",
        Unknown.UNSEEDED: "runs differ in their examples, and no declared seed alone draws them",
        Unknown.OTHER_MEASURE: "the predictions measure something else than "
        f"{clean(report.metric)}, and are left out",
        Unknown.ALL_ALIKE: "every example came out the same, which shows no spread",
    }
    return told[report.unknown] if report.unknown else ""


def _plan(report: NoiseReport) -> list[str]:
    """The smallest differences that show, and what the effect of interest needs."""
    if not report.planned:
        return []
    looks = list(report.planned[0].detectable)
    smallest = min(value for plan in report.planned for value in plan.detectable.values())
    rows = [
        [
            "no correlation" if plan.spread is None else "as paired so far",
            *(number(plan.detectable[n], decimals(smallest)) for n in looks),
            _needed(plan, report),
        ]
        for plan in report.planned
    ]
    wanted = f"{report.effect.size:.3g} needs" if report.effect else ""
    headers = ["pairs", *map(str, looks), wanted]
    table = plain_table(rows, headers, tuple(range(1, len(headers)))).splitlines()
    lines = ["smallest difference that a look detects with 80 % power:", *table]
    for plan in report.planned:
        if plan.spread is not None:
            told = f"as paired so far: {spread_text(plan.spread)}"
            lines += wrap(told, WIDTH - 2, subsequent_indent="  ")
    if report.effect is not None and report.effect.origin == "default":
        lines.append("no effect of interest is declared: planned for one sd")
    return [f"  {line}".rstrip() for line in lines]


def _needed(plan: Planned, report: NoiseReport) -> str:
    if report.effect is None:
        return ""
    return "more than 1000 pairs" if plan.needed is None else f"{plan.needed} pairs"


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "source": part.source.value,
        "name": part.name,
        "variance": part.variance,
        "share": part.share,
        "low": part.low,
        "high": part.high,
        "n": part.n,
        "wired": part.wired,
        "within": list(part.within),
    }


def _planned_json(plan: Planned) -> dict[str, Any]:
    return {
        "sd": plan.sd,
        "measured": spread_json(plan.spread),
        "detectable": [{"pairs": n, "effect": value} for n, value in plan.detectable.items()],
        "needed": plan.needed,
    }


def _next(report: NoiseReport) -> list[str]:
    lines = []
    if report.unknown is Unknown.UNDECLARED:
        lines.append("what a small evaluation set adds   predictions: FILE, in paribus.yaml")
    elif report.unknown is Unknown.NO_EXAMPLES:
        lines.append("runs that leave predictions   paribus baseline --fresh")
    if any(part.low != part.high for part in report.noise.parts):
        lines.append(f"narrower intervals   paribus noise --seeds {2 * report.together}")
    return [*lines, 'try one change   paribus run -S key=value -m "why it should help"']
