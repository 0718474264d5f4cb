"""The report of `paribus sync`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paribus.core.errors import Exit
from paribus.reports.text import clean, helps, plural, strict_json, wrapped

SHOWN = 5
"""Of a list for people."""


@dataclass(frozen=True, slots=True)
class Clashing:
    """A baseline's number that stands at two commits.

    Attributes:
        name: of the tag.
        here, there: full SHAs of the commits.
        experiment: the id that is promoted here by that number; None for a tag made by hand.
    """

    name: str
    here: str
    there: str
    experiment: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What went one way.

    Attributes:
        records: of the ledger, by their kind.
        baselines: names of tags.
        results: how many.
    """

    records: Mapping[str, int] = field(default_factory=dict)
    baselines: tuple[str, ...] = ()
    results: int = 0

    def __bool__(self) -> bool:
        return bool(self.records or self.baselines or self.results)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was shared.

    Attributes:
        remote: its name.
        ledger: the ledger's newest commit here; None where there are no records at all.
        merged: whether both sides had records that the other had not.
        fetched, pushed: what went which way.
        clashes: baselines that are two commits; those that were made on top of one are `held`.
        skipped: results that were left alone, with why.
        refused: what the remote did not take, with why.
        replaced: paths in the ledger at which the two sides had something else.
        brought_back: whether the branch lacked records that were kept.
        shallow: whether this clone's history is cut off.
        rounds: how often it had to begin again, since others were quicker, and once more.
    """

    remote: str
    ledger: str | None
    merged: bool = False
    fetched: Moved = Moved()
    pushed: Moved = Moved()
    clashes: tuple[Clashing, ...] = ()
    held: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    replaced: tuple[str, ...] = ()
    brought_back: bool = False
    shallow: bool = False
    rounds: int = 1

    @property
    def status(self) -> Exit:
        """The process's exit code."""
        if self.refused:
            return Exit.NOT_RECORDED
        return Exit.RULE_BROKEN if self.clashes else Exit.DONE


def as_json(report: SyncReport) -> str:
    """One strict JSON object."""
    return strict_json(
        {
            "remote": report.remote,
            "ledger": report.ledger,
            "merged": report.merged,
            "fetched": _moved_json(report.fetched),
            "pushed": _moved_json(report.pushed),
            "conflicts": [
                {
                    "name": each.name,
                    "here": each.here,
                    "there": each.there,
                    "experiment": each.experiment,
                }
                for each in report.clashes
            ],
            "held": list(report.held),
            "skipped": [{"ref": ref, "reason": why} for ref, why in report.skipped],
            "refused": [{"ref": ref, "reason": why} for ref, why in report.refused],
            "replaced": list(report.replaced),
            "brought_back": report.brought_back,
            "rounds": report.rounds,
            "next": _next(report),
        }
    )


def as_text(report: SyncReport) -> str:
    """For people: the answer first, then what went which way, then what to do."""
    lines = wrapped(_first_line(report))
    lines += [
        told
        for name, moved in (("fetched", report.fetched), ("pushed", report.pushed))
        if moved
        for told in wrapped(f"{name:8} {_listed(moved)}", "  ", hang=9)
    ]
    if report.merged and report.ledger:
        lines += [f"  ledger   merged, {report.ledger[:7]} on the branch paribus/ledger"]
    for clash in report.clashes:
        lines += wrapped(
            f"{clash.name} is {clash.here[:12]} here and {clash.there[:12]} on {clean(report.remote)}",
            "  ",
        )
    lines += _some([f"refused: {clean(ref)}: {clean(why)}" for ref, why in report.refused])
    lines += _some([f"left alone: {clean(ref)}: {clean(why)}" for ref, why in report.skipped])
    lines += _some(_notes(report))
    word = "help" if report.status else "next"
    return "\n".join([*lines, *helps(_next(report), word)])


# Private functions


def _first_line(report: SyncReport) -> str:
    name = clean(report.remote)
    if report.refused:
        return (
            f"not all is shared with {name}: it refused {_what([ref for ref, _ in report.refused])}"
        )
    if report.clashes:
        names = ", ".join(clash.name for clash in report.clashes)
        are = "is one commit" if len(report.clashes) == 1 else "are other commits"
        return f"{names} {are} here and another on {name}; everything else is shared"
    if not report.fetched and not report.pushed:
        nothing = "nothing was new" if report.ledger else "no experiments yet on either side"
        return f"in step with {name}: {nothing}"
    ways = [
        f"{_brief(moved)} {word}"
        for word, moved in (("fetched", report.fetched), ("pushed", report.pushed))
        if moved
    ]
    return f"in step with {name}: {', '.join(ways)}"


def _what(refs: Sequence[str]) -> str:
    kinds = {
        "refs/heads/": "the ledger",
        "refs/tags/": "baselines",
        "refs/exps/": "results",
    }
    told = [word for start, word in kinds.items() if any(ref.startswith(start) for ref in refs)]
    return " and ".join(told)


def _brief(moved: Moved) -> str:
    """Experiments and runs, where there are any; they are what people count."""
    told = [
        plural(moved.records[kind], word)
        for kind, word in (("registration", "experiment"), ("run", "run"))
        if moved.records.get(kind)
    ]
    if not told and moved.records:
        told = [plural(sum(moved.records.values()), "record")]
    if not told and moved.baselines:
        told = [plural(len(moved.baselines), "baseline")]
    return " and ".join(told) or plural(moved.results, "result")


def _listed(moved: Moved) -> str:
    told = [plural(sum(moved.records.values()), "record")] if moved.records else []
    told += [plural(moved.results, "result")] if moved.results else []
    return ", ".join([*told, *moved.baselines])


def _notes(report: SyncReport) -> list[str]:
    notes = []
    if report.brought_back:
        notes.append("records that the branch paribus/ledger lacked are back")
    if report.replaced:
        some = ", ".join(map(clean, report.replaced[:SHOWN]))
        notes.append(
            "the two ledgers had different contents under one name, and the genuine ones stay; "
            f"the others are in its history: {some}"
        )
    for name in report.held:
        notes.append(f"{name} was made on top of that, and stays here, too")
    if report.shallow:
        notes.append("this clone is shallow; for whole histories   git fetch --unshallow")
    return [f"note: {note}" for note in notes]


def _some(told: Sequence[str]) -> list[str]:
    lines = [line for one in told[:SHOWN] for line in wrapped(one, "  ")]
    rest = len(told) - SHOWN
    return [*lines, f"  and {rest} more"] if rest > 0 else lines


def _next(report: SyncReport) -> list[str]:
    ways = [way for clash in report.clashes for way in _ways_out(clash, report)]
    if report.refused:
        ways.append(f"ask who keeps {clean(report.remote)} to let these references in")
    if ways:
        return ways
    if report.pushed.results:
        ways.append("send data, too   dvc push")
    if report.fetched.records or report.fetched.baselines:
        ways.append("see all of it    paribus log")
    return ways


def _ways_out(clash: Clashing, report: SyncReport) -> list[str]:
    """The baseline that others can see stands; the other is measured against it, and promoted anew."""
    number = clash.name.rpartition("/")[2]
    ways = [
        f"keep yours by another name   git branch not-baseline-{number} {clash.here[:12]}",
        f"take the shared one          git tag -d {clash.name} && paribus sync {clean(report.remote)}",
    ]
    if clash.experiment:
        short = clash.experiment[:8]
        ways.append(f"measure your change on it    paribus adopt {short} --baseline {clash.name}")
    else:
        ways.append(
            f"measure yours against it     paribus run {clash.here[:12]} --baseline {clash.name}"
        )
    return [*ways, "and if it is better there    paribus promote ID"]


def _moved_json(moved: Moved) -> dict[str, Any]:
    return {
        "records": dict(sorted(moved.records.items())),
        "baselines": list(moved.baselines),
        "results": moved.results,
    }
