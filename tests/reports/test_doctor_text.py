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


def test_few_of_a_kind_and_how_many_more() -> None:
    cards = tuple(replace(CARD, where=f"cards/{number}.json") for number in range(9))
    text = as_text(DoctorReport((LOCK, *cards)))
    lines = text.splitlines()
    assert lines[0] == "10 faults found; 9 can be repaired"
    assert lines[-7:-2] == [
        "     and 4 more of stale-card",
        " 10  git-lock: it is 2 h old; a git may be at work",
        "     where  .git/a folder/index.lock",
        "     why    git refuses to write while it is there",
        "     help: if no git is at work there   rm '.git/a folder/index.lock'",
    ]
    assert lines[-1] == "help: repair what can be repaired   paribus doctor --fix"
    assert text.count("stale-card: ") == 5


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
        "     why    it tells of a run under way that is over\n"
        "     failed Permission denied: cards/1.json\n"
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
