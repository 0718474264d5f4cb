"""The report of `paribus baseline`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from paribus.core.change import plain
from paribus.core.declared import Declared
from paribus.core.metrics import is_number, looked_up
from paribus.core.numbers import decimals, number
from paribus.core.run import Run
from paribus.core.values import Value
from paribus.core.verdict import Replay
from paribus.reports.runs import run_json
from paribus.reports.text import clean, helps, plural, strict_json


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the same baseline reached with the seeds that it had before.

    Attributes:
        mean, sd: of the primary metric over those runs; sd is None for a single one.
        n: how many they were.
        estimate: mean with the seeds of now minus that mean.
        low, high: ends of its 95 % interval; None where there is none.
        drift: whether they are of a session that none of now repeats, so that it may be drift.
    """

    mean: float
    sd: float | None
    n: int
    estimate: float
    low: float | None
    high: float | None
    drift: bool


@dataclass(frozen=True, slots=True)
class BaselineReport:
    """What is to be beaten.

    Attributes:
        commit, name, reason: which commit, and how it was found.
        committed: metrics that its tree holds.
        runs: measured runs that succeeded, in the order of the pairs.
        mean, sd: of the primary metric over the runs; None where there are too few.
        controls: (same-seed reruns that differ, reruns).
        seeds_wired: whether other seeds give other numbers.
        declared: outside baselines with the time at which each was given.
        replay: the rule applied to its runs against one another; None below ten runs.
        generation: how often its seeds were drawn anew.
        earlier: the same baseline with the seeds before; None where there were none.
        unconfirmed: why it was promoted without a confirmation; None where nothing says that it was.
        superseded: name of the baseline that came since; None where none did.
    """

    commit: str
    name: str
    reason: str
    metric: str
    higher_is_better: bool
    effect: float | None
    seeds: tuple[str, ...]
    committed: Mapping[str, Value]
    runs: tuple[Run, ...]
    mean: float | None
    sd: float | None
    controls: tuple[int, int]
    seeds_wired: bool
    declared: tuple[tuple[str, Declared], ...]
    replay: Replay | None = None
    generation: int = 0
    earlier: Earlier | None = None
    unconfirmed: str | None = None
    superseded: str | None = None


def as_json(report: BaselineReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "baseline": report.commit,
            "name": report.name,
            "reason": report.reason,
            "metric": report.metric,
            "direction": "higher" if report.higher_is_better else "lower",
            "effect": report.effect,
            "seeds": list(report.seeds),
            "metrics": plain(dict(report.committed)),
            "n": len(report.runs),
            "mean": report.mean,
            "sd": report.sd,
            "null_control": {"differ": report.controls[0], "of": report.controls[1]},
            "replay": None if report.replay is None else report.replay.as_json(),
            "seeds_wired": report.seeds_wired,
            "generation": report.generation,
            "earlier": None if report.earlier is None else asdict(report.earlier),
            "unconfirmed": report.unconfirmed,
            "superseded": report.superseded,
            "runs": [run_json("baseline", run) for run in report.runs],
            "declared": [_declared(given, item) for given, item in report.declared],
            "next": _next(report),
        }
    )


def as_text(report: BaselineReport) -> str:
    """For people."""
    short = report.commit[:7]
    name = "" if report.name == short else f"{clean(report.name)}{_unconfirmed(report)}  "
    direction = "higher" if report.higher_is_better else "lower"
    lines = [f"baseline {name}{short}  ({clean(report.reason)})", f"  {_measured(report)}"]
    lines += _standing(report)
    lines.append(f"  {clean(report.metric)}, {direction} is better; {_effect(report)}")
    committed = looked_up(report.committed, report.metric)
    if is_number(committed):
        lines.append(f"  committed with it: {clean(report.metric)} {committed:g}")
    lines += [*_fresh(report), *_controls(report), *_warnings(report)]
    for given, item in report.declared:
        details = f", n {item.n}" if item.n is not None else ""
        details += f", sd {item.sd:g}" if item.sd is not None else ""
        lines.append(
            f"  declared {given[:10]}: {clean(item.metric)} {item.value:g}{details}"
            f"  ({clean(item.source)})"
        )
    return "\n".join([*lines, *helps(_next(report), "next")])


# Private functions


def _unconfirmed(report: BaselineReport) -> str:
    return "" if report.unconfirmed is None else " (unconfirmed)"


def _standing(report: BaselineReport) -> list[str]:
    """What everybody who compares with it has to know."""
    lines = []
    if report.unconfirmed is not None:
        lines.append(f"  unconfirmed: {clean(report.unconfirmed)}")
    if report.superseded is not None:
        lines.append(f"  superseded by {clean(report.superseded)}")
    return lines


def _measured(report: BaselineReport) -> str:
    if report.mean is None:
        return "not measured yet"
    runs = plural(len(report.runs), "run")
    if report.sd is None:
        return f"{clean(report.metric)} {report.mean:g} ({runs}, too few for a spread)"
    digits = decimals(report.sd)
    mean, sd = number(report.mean, digits), number(report.sd, digits) if report.sd else "0"
    return f"{clean(report.metric)} {mean} ({runs}, sd {sd})"


def _fresh(report: BaselineReport) -> list[str]:
    """A lucky baseline becomes visible: luck in its seeds stays as long as its runs are reused."""
    if not report.generation:
        return []
    lines = [f"  seeds drawn anew {plural(report.generation, 'time')}"]
    earlier = report.earlier
    if earlier is None or report.mean is None:
        return lines
    digits = decimals(max(report.sd or 0.0, earlier.sd or 0.0))
    told = f"with fresh seeds {number(report.mean, digits)} ({plural(len(report.runs), 'run')})"
    told += f" instead of {number(earlier.mean, digits)} ({plural(earlier.n, 'run')})"
    if earlier.low is not None and earlier.high is not None:
        ends = (number(end, digits, sign=True) for end in (earlier.low, earlier.high))
        told += f", {number(earlier.estimate, digits, sign=True)} [{', '.join(ends)}]"
    return [*lines, f"  {told}", *(f"  {line}" for line in _luck(report, earlier))]


def _luck(report: BaselineReport, earlier: Earlier) -> list[str]:
    if earlier.drift:
        return ["those are of another session, which none repeats: it may be drift as well as luck"]
    if earlier.low is None or earlier.high is None:
        return []
    if earlier.low <= 0 <= earlier.high:
        return ["whether the earlier seeds were lucky cannot be told from noise"]
    lucky = (earlier.estimate < 0) is report.higher_is_better
    return [f"the earlier seeds were {'lucky' if lucky else 'unlucky'}"]


def _controls(report: BaselineReport) -> list[str]:
    told = []
    if report.controls[1]:
        told.append(f"null control {report.controls[0]} of {report.controls[1]} differ")
    if report.replay is not None:
        alarms, of = report.replay.false_alarms, report.replay.replays
        told.append(
            f"the rule told {alarms} of {of} splits of {report.replay.runs} baseline runs apart "
            f"({100 * alarms / of:.1f} %)"
        )
    return [f"  {'; '.join(told)}"] if told else []


def _effect(report: BaselineReport) -> str:
    if report.effect is None:
        return "effect of interest: one sd of its runs, since none is declared"
    return f"effect of interest {report.effect:g}"


def _warnings(report: BaselineReport) -> list[str]:
    lines = []
    if not report.seeds:
        lines.append("  no seeds are declared: repeats show only what is not deterministic")
    elif not report.seeds_wired:
        names = ", ".join(map(clean, report.seeds))
        lines.append(
            f"  the declared seeds change nothing ({names}): {len(report.runs)} runs are one run;"
            " list them under `params` of the stages that use them"
        )
    if report.controls[0]:
        lines.append("  the same seed gives other numbers: the pipeline is not deterministic")
    return lines


def _declared(given: str, item: Declared) -> dict[str, Any]:
    return {
        "metric": item.metric,
        "value": item.value,
        "source": item.source,
        "n": item.n,
        "sd": item.sd,
        "given": given,
    }


def _next(report: BaselineReport) -> list[str]:
    if report.mean is None:
        return ["measure it   paribus baseline --measure"]
    return ['try one change   paribus run -S key=value -m "why it should help"']
