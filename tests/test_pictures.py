"""The pictures of docs/verdicts.md are what their script draws, and its figures what the tool computes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from paribus.core.plan import LOOKS
from paribus.core.statistics.looks import level
from paribus.core.statistics.planning import paired_sd, pairs_needed, runs_needed_unpaired

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURES = DOCS / "pictures"
NAMES = sorted(path.name for path in PICTURES.glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def page() -> str:
    return (DOCS / "verdicts.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_script_draws_the_same_bytes(tmp_path: Path) -> None:
    script = PICTURES / "make.py"
    subprocess.run([sys.executable, "-B", str(script), str(tmp_path)], check=True)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(drawn) == NAMES
    changed = [name for name in NAMES if drawn[name] != (PICTURES / name).read_bytes()]
    assert changed == [], "make docs draws other pictures: look at them, then commit them"


def test_the_page_shows_every_picture_once_and_says_what_is_in_it() -> None:
    shown = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", page())
    assert sorted(target for _, target in shown) == [f"pictures/{name}" for name in NAMES]
    assert all(len(words.split()) >= 10 for words, _ in shown)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_can_be_read(name: str) -> None:
    """On a dark page, aloud, and without colours that are too pale."""
    root = ElementTree.parse(PICTURES / name).getroot()
    title, description, sheet, *shapes = list(root)
    assert (root.get("width"), root.get("font-family"), root.get("font-size")) == (
        "720", "sans-serif", "13",
    )  # fmt: skip
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text
    assert description.text
    assert (sheet.get("fill"), sheet.get("width"), sheet.get("rx")) == ("#ffffff", "720", "10")
    words = [shape for shape in shapes if shape.tag == f"{SVG}text"]
    assert words
    assert min(contrast(word.get("fill", "")) for word in words) >= 4.5


def contrast(colour: str) -> float:
    """Of a colour against white, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)


def test_pairs_needed_are_those_of_the_planning() -> None:
    rows = re.findall(r"^\| ([\d.]+) sd \| (.+) \|$", page(), flags=re.MULTILINE)
    told = {float(gain): [int(cell) for cell in cells.split(" | ")] for gain, cells in rows}
    c = level(LOOKS)
    assert told == {
        gain: [
            runs_needed_unpaired(1, gain, c),
            *(pairs_needed(paired_sd(1, related), gain, c) for related in (0, 0.5, 0.8)),
        ]
        for gain in (0.5, 1, 2, 3)
    }


def test_links_within_the_page_have_a_heading() -> None:
    headings = re.findall(r"^## (.+)$", page(), flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", page()))
    assert links
    assert links <= anchors


def test_every_picture_that_a_page_shows_is_there() -> None:
    """Those of the notebook are taken by `make docs`, which takes a quarter of an hour; here they are only looked for."""
    shown = {
        (page.parent / name).resolve()
        for page in DOCS.glob("*.md")
        for name in re.findall(
            r"(?:\]\(|src=\")(pictures/[^)\"]+)", page.read_text(encoding="utf-8")
        )
    }
    assert shown == {
        path.resolve() for path in PICTURES.iterdir() if path.suffix in (".svg", ".png")
    }
