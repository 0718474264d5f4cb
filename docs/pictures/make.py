"""Writes the pictures of docs/verdicts.md beside this file, or into the folder given: `make docs`.

They are simulated with the functions that give the verdicts, so that a picture cannot say anything
else than the tool does. The same bytes come out on every machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

from of_noise import drift, lucky_runs, pairing
from of_verdicts import chances, looks, peeking, winners_curse

PICTURES = {
    "lucky-runs": lucky_runs,
    "pairing": pairing,
    "drift": drift,
    "looks": looks,
    "peeking": peeking,
    "power": chances,
    "winners-curse": winners_curse,
}


def write(folder: Path) -> None:
    """Draws every picture into a folder that exists."""
    for name, picture in PICTURES.items():
        (folder / f"{name}.svg").write_text(picture().svg(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
