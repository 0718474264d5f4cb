"""The codes that scripts may rely on, and the documentation of each."""

from __future__ import annotations

import re
from pathlib import Path

from paribus.core.finding import KINDS, Level

DOCS = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"


def test_every_code_is_documented_as_it_is() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \|(?: (.+) \|)?$", DOCS.read_text(), re.MULTILINE)
    expected = [
        (
            code,
            kind.why,
            {
                Level.FAULT: kind.repair or "by hand",
                Level.NOTE: "a note",
                Level.PRACTICE: "",
            }[kind.level],
        )
        for code, kind in KINDS.items()
    ]
    assert rows == expected


def test_what_is_advice_has_no_repair() -> None:
    assert not [code for code, kind in KINDS.items() if kind.repair and kind.level != Level.FAULT]
