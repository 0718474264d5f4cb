"""What was fixed before an experiment's first run, in the lines above its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paribus.core.experiment import Registration
from paribus.core.identity import SHORTEST
from paribus.core.plan import Unit
from paribus.core.verdict import Replay
from paribus.reports.text import clean, plural, wrapped
from paribus.reports.verdict import WORDS

INDENT = "      "


def header(
    registration: Registration,
    short: str,
    controls: tuple[int, int] | None,
    replay: Replay | None = None,
) -> list[str]:
    """What is tested, against what, how it will be judged, and what was tried before."""
    baseline = shown_baseline(registration.baseline)
    lines = [
        f"{short}  {clean(registration.summary)}  against {baseline}",
        *judged_how(registration),
    ]
    if controls is not None and controls[1]:
        lines += wrapped(null_control(controls, replay), INDENT)
    further = [
        clean(registration.hypothesis),
        f"allowed as one: {clean(registration.allow)}" if registration.allow else "",
        _listed(registration),
        *before(registration),
    ]
    return lines + [part for line in further if line for part in wrapped(line, INDENT)]


def before(registration: Registration) -> list[str]:
    """What was known of the same change, or of a part of it, before it was registered."""
    return [*map(_bundled, registration.bundled), *map(_earlier, registration.earlier)]


def judged_how(registration: Registration) -> list[str]:
    """The rule that was fixed: the metric, the effect that is sought, the looks."""
    plan = registration.plan
    direction = "higher" if plan.higher_is_better else "lower"
    effect = f"{plan.effect:.3g}" + (
        " (default: the baseline's own spread)" if registration.effect_is_default else ""
    )
    unit = "; the unit is the example" if plan.unit is Unit.EXAMPLE else ""
    looks = " ".join(map(str, plan.looks))
    return wrapped(
        f"{clean(plan.metric)}, {direction} is better; effect of interest {effect};"
        f" looks {looks}{unit}",
        INDENT,
    )


def null_control(controls: tuple[int, int], replay: Replay | None) -> str:
    """What the rule finds where there is nothing to be found."""
    told = f"null control {controls[0]} of {controls[1]} differ"
    if replay is None:
        return told
    share = f"{100 * replay.false_alarms / replay.replays:.1f}".removesuffix(".0")
    return (
        f"{told}; false alarms in {replay.false_alarms} of {replay.replays} replays"
        f" of {replay.runs} baseline runs ({share} %)"
    )


def shown_baseline(baseline: Mapping[str, str]) -> str:
    """A baseline's name with its commit."""
    short = baseline["commit"][:7]
    return short if baseline["name"] == short else f"{clean(baseline['name'])} ({short})"


# Private functions


def _listed(registration: Registration) -> str:
    if not registration.seed_list:
        return ""
    seeds = plural(len(registration.seed_list), "seed")
    return f"{seeds} listed in paribus.yaml, which anybody can have tuned to"


def _bundled(one: Mapping[str, Any]) -> str:
    change, word = clean(str(one["change"])), _word(one["outcome"])
    return f"contains {change}, which by itself was: {word} ({one['experiment'][:SHORTEST]})"


def _earlier(one: Mapping[str, Any]) -> str:
    differs = "; ".join(clean(str(text)) for text in one["differs"])
    why = f" ({differs})" if differs else ""
    return f"tried before as {one['experiment'][:SHORTEST]}: {_word(one['outcome'])}{why}"


def _word(outcome: str | None) -> str:
    if not outcome:
        return "no verdict"
    # A record may be of a later version, which has another word.
    return next((word for known, word in WORDS.items() if known == outcome), clean(outcome))
