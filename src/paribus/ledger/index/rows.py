"""An experiment's page as a row of the index, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isnan
from typing import Any

from paribus.core.cut import cut_off, is_cut_off
from paribus.core.ended import FAILED, not_made_up_for, standing
from paribus.core.experiment import Registration
from paribus.core.metrics import is_number
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import Verdict
from paribus.ledger.index.schema import COLUMNS, checksum, require_sum
from paribus.ledger.page import Page


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index has of one experiment.

    Attributes:
        id: as the ledger's folder has it.
        registration: None where it cannot be read.
        verdict: the last word; None before there is one.
        status: as `core.ended.standing` says it while nobody works on it.
        open: runs without an end.
        unreadable: paths of records that this version cannot read.
        runs, seconds: how many of its runs ended, and how long these took together.
    """

    id: str
    registration: Registration | None
    verdict: Verdict | None
    status: str
    open: tuple[Intent, ...]
    unreadable: tuple[str, ...]
    runs: int = 0
    seconds: float = 0.0


def row_of(page: Page) -> tuple[tuple[object, ...], str]:
    """(a value for each of `COLUMNS` and the checksum, the row's body)."""
    open_ = page.open_intents()
    body = _ascii(
        {
            "id": page.id,
            "registration": page.registration and page.registration.as_json(),
            "verdict": page.conclusions[-1].verdict.as_json() if page.conclusions else None,
            "open": [intent.as_json() for intent in open_],
            "unreadable": page.unreadable,
            "runs": ids_of(page),
        }
    )
    known = _known(page, open_) if page.registration else {}
    known |= {"id": key_of(page.id), "open": len(open_), "unreadable": len(page.unreadable)}
    values = tuple(_plain(known.get(column)) for column in COLUMNS)
    return (*values, checksum(*values, body)), body


def ids_of(page: Page) -> list[str]:
    """Ids of the runs that ended."""
    return sorted({run.intent.id for run in page.runs})


def entry_of(row: Sequence[Any]) -> Entry:
    """What a row holds, given `COLUMNS`, the checksum and the body; raises `Damaged`."""
    *values, total, body = row
    require_sum((*values, body), total)
    held = json.loads(body)
    registration, verdict = held["registration"], held["verdict"]
    return Entry(
        id=held["id"],
        registration=registration and Registration.from_json(registration),
        verdict=verdict and Verdict.from_json(verdict),
        status=values[_STATUS] or "",
        open=tuple(map(Intent.from_json, held["open"])),
        unreadable=tuple(held["unreadable"]),
        runs=values[_RUNS] or 0,
        seconds=values[_SECONDS] or 0.0,
    )


def runs_of(owner: str, identifiers: Iterable[str]) -> list[tuple[str, str, int]]:
    """Rows of the table `runs`, by which an experiment is found by the id of one of its runs.

    Args:
        owner: the experiment's id, as its row has it.
        identifiers: the runs' ids.
    """
    return [(run, owner, checksum(run, owner)) for run in map(key_of, identifiers)]


def ids_in(body: str) -> list[str]:
    """Ids of the runs that a row's body tells of."""
    found: list[str] = json.loads(body)["runs"]
    return found


def key_of(identifier: str) -> str:
    """An id as the index can hold it, whatever a folder may be called."""
    return identifier.encode("utf-8", "backslashreplace").decode()


# Private functions


_STATUS, _RUNS, _SECONDS = map(COLUMNS.index, ("status", "runs", "seconds"))
_encoder = json.JSONEncoder(separators=(",", ":"))


def _known(page: Page, open_: Sequence[Intent]) -> dict[str, object]:
    registration = page.registration
    assert registration is not None
    verdict = page.conclusions[-1].verdict if page.conclusions else None
    runs = (*page.runs, *(Run(intent, Status.INTERRUPTED) for intent in open_))
    status = standing(runs, judged=verdict is not None, running=False)
    parts = [part for change in registration.changes for part in change.get("parts") or (change,)]
    return {
        "project": registration.project,
        "started": registration.started,
        "author": registration.author,
        "change": registration.summary,
        "hypothesis": registration.hypothesis,
        "revision": registration.revision,
        "status": status,
        "outcome": FAILED if status == FAILED else verdict and verdict.outcome.value,
        "metric": registration.plan.metric,
        "estimate": verdict and verdict.estimate,
        "low": verdict and verdict.low,
        "high": verdict and verdict.high,
        "n": verdict and verdict.n,
        "baseline_commit": registration.baseline["commit"],
        "baseline_name": registration.baseline["name"],
        "baseline_key": registration.baseline["key"],
        "kinds": _listed(part.get("kind") for part in parts),
        "params": _listed(
            f"{part.get('file')}:{part['path']}"
            for part in parts
            if part.get("kind") == "param" and part.get("path")
        ),
        "files": _listed(part.get("file") for part in parts),
        "metrics": _ascii(_means(page.runs)),
        "runs": len(page.runs),
        "failures": len(not_made_up_for(page.runs)),
        "seconds": float(sum(run.seconds for run in page.runs)),
        "again": _again(page, runs),
    }


def _again(page: Page, runs: Sequence[Run]) -> int:
    """Whether something is to be made again; as far as the page says, for one may go on."""
    judged = bool(page.conclusions)
    if cut_off(runs, failed=False) or is_cut_off(page.runs, judged=judged):
        return 1
    return 2 if cut_off(runs, failed=True) else 0


def _means(runs: Sequence[Run]) -> dict[str, float]:
    """The mean of each metric over the runs by which an experiment is judged."""
    found: dict[str, list[float]] = {}
    for run in runs:
        if run.succeeded and run.intent.purpose is Purpose.MEASURE:
            for name, value in run.metrics.items():
                if is_number(value):
                    found.setdefault(name, []).append(value)
    return {name: fsum(values) / len(values) for name, values in found.items()}


def _listed(names: Any) -> str:
    return _ascii(sorted({str(name) for name in names if name}))


def _ascii(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON that SQLite can hold, whatever bytes a path is made of."""
    return _encoder.encode(value)


def _plain(value: object) -> object:
    """A value as SQLite gives it back."""
    if isinstance(value, str):
        return key_of(value)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None if value is None else str(value)
    if isnan(value):  # which SQLite takes for nothing
        return None
    return value if abs(value) < 2**62 else float(value)
