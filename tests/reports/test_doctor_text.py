"""How findings are told: the answer first, few of a kind, and what could not be repaired."""

from __future__ import annotations

import json
from dataclasses import replace

from paribus.core.finding import Finding
from paribus.reports.doctor import DoctorReport, as_json, as_text

CARD = Finding("stale-card", "a card of a run that is over", "cards/1.json", fixable=True)
LOCK = Finding(
    "git-lock",
    "it is 2 h old; a git may be at work",
    ".git/a folder/index.lock",
    ("if no git is at work there   rm '.git/a folder/index.lock'",),
)


def test_few_of_a_kind_and_what_they_share_once() -> None:
    cards = tuple(replace(CARD, where=f"cards/{number}.json") for number in range(9))
    assert as_text(DoctorReport((LOCK, *cards))) == (
        "10 faults found; 9 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  stale-card: a card of a run that is over\n"
        "     where  cards/0.json\n"
        "  2  stale-card: a card of a run that is over\n"
        "     where  cards/1.json\n"
        "  3  stale-card: a card of a run that is over\n"
        "     where  cards/2.json\n"
        "  4  stale-card: a card of a run that is over\n"
        "     where  cards/3.json\n"
        "  5  stale-card: a card of a run that is over\n"
        "     where  cards/4.json\n"
        "     and 4 more of stale-card\n"
        "     why    it tells of a run under way that is over\n"
        "     mend   paribus doctor --fix: processes of that run are ended, and the card\n"
        "            goes\n"
        " 10  git-lock: it is 2 h old; a git may be at work\n"
        "     where  .git/a folder/index.lock\n"
        "     why    git refuses to write while it is there\n"
        "     help: if no git is at work there   rm '.git/a folder/index.lock'\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )


def test_a_way_that_several_share_is_told_once_and_each_ones_own_with_it() -> None:
    def result(name: str) -> Finding:
        own = f"if nobody did   git update-ref -d {name}"
        shared = "if others recorded it   paribus sync"
        return Finding("unrecorded-result", "no run in the ledger has it", name, (shared, own))

    assert as_text(DoctorReport((result("refs/a"), result("refs/b")), experiments=1)) == (
        "2 faults found, to be mended by hand\n"
        "\n"
        "broken:\n"
        "  1  unrecorded-result: no run in the ledger has it\n"
        "     where  refs/a\n"
        "     help: if nobody did   git update-ref -d refs/a\n"
        "  2  unrecorded-result: no run in the ledger has it\n"
        "     where  refs/b\n"
        "     help: if nobody did   git update-ref -d refs/b\n"
        "     why    no run in the ledger tells of it, so that it counts for nothing\n"
        "     help: if others recorded it   paribus sync\n"
        "\n"
        "help: what each finding means   docs/doctor.md"
    )


def test_what_can_be_repaired_comes_before_what_cannot() -> None:
    ours = replace(LOCK, where="ours.lock", helps=("rm ours.lock",), fixable=True)
    assert as_text(DoctorReport((LOCK, ours))) == (
        "2 faults found; 1 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  git-lock: it is 2 h old; a git may be at work\n"
        "     where  ours.lock\n"
        "  2  git-lock: it is 2 h old; a git may be at work\n"
        "     where  .git/a folder/index.lock\n"
        "     help: if no git is at work there   rm '.git/a folder/index.lock'\n"
        "     why    git refuses to write while it is there\n"
        "     mend   paribus doctor --fix: it goes, where it is provably nobody's\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )


def test_what_could_not_be_repaired() -> None:
    failed = replace(CARD, failed="Permission denied: cards/1.json")
    done = replace(CARD, where="cards/2.json", done="removed")
    report = DoctorReport((done, failed), experiments=3, runs=9)
    assert report.status == 1
    assert as_text(report) == (
        "1 fault repaired, 1 left\n"
        "\n"
        "repaired:\n"
        "  1  stale-card: a card of a run that is over\n"
        "     where  cards/2.json\n"
        "     done   removed\n"
        "\n"
        "broken:\n"
        "  1  stale-card: a card of a run that is over\n"
        "     where  cards/1.json\n"
        "     failed Permission denied: cards/1.json\n"
        "     why    it tells of a run under way that is over\n"
        "\n"
        "help: what each finding means   docs/doctor.md"
    )


def test_hostile_names_are_inert() -> None:
    hostile = replace(LOCK, where="a\x1b[2J\u202eb", message="c\nd", helps=("rm   rm a\x1b[2Jb",))
    text = as_text(DoctorReport((hostile,)))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_strict_json() -> None:
    told = json.loads(as_json(DoctorReport((replace(CARD, done="removed"),), runs=2)))
    assert told == {
        "schema": 1,
        "sound": True,
        "experiments": 0,
        "runs": 2,
        "findings": [
            {
                "code": "stale-card",
                "message": "a card of a run that is over",
                "where": "cards/1.json",
                "why": "it tells of a run under way that is over",
                "fixable": True,
                "fixed": True,
                "done": "removed",
                "failed": None,
                "help": [],
            }
        ],
        "practices": [],
        "notes": [],
        "next": [],
    }
