"""The notebook page for everybody: axe-core, a phone, paper, dark and light, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from tests.reports.notebook.conftest import Viewer, ready, written
from tests.reports.notebook.hostile import poisoned, views
from tests.reports.notebook.made import Notebook, empty, notebook

from paribus.reports.notebook.content import Detail, Overview
from paribus.reports.notebook.without_scripts import NEEDS_SCRIPTS

UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
PHONE = {"width": 360, "height": 740}
RULES = {
    "light": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What axe looks for; by colours alone do the schemes differ."""

WITHOUT_SCRIPTS = """\
accuracy 0.9400 → 0.9476 in 1 step
2 experiments: 1 promoted, 1 no detectable difference
not yet: 16 without promotion, all with 80 % power; at 29 of these the rate is below one in ten with 95 % confidence
Baselines, the earliest first
baseline\tsince\taccuracy\t95 % interval\truns\tconfirmed
baseline/1\t2026-08-30\t0.9400\t[0.9381, 0.9419]\t20\t
baseline/2\t2026-09-01\t0.9476\t[0.9457, 0.9494]\t20\tno: a <b>tie</b>
What to do next
an improvement waits for confirmation: paribus promote 7f3a
where the spread comes from: paribus noise
"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(scheme: str, tmp_path: Path, viewer: Viewer) -> None:
    made = notebook(24)
    shown = viewer.open(written(made, tmp_path), color_scheme=scheme)
    options = {"runOnly": RULES[scheme], "resultTypes": ["violations"]}
    told = views(made)
    for view in ("overview", "list", "won", "code", "failed", "comparison", "choosing"):
        shown.evaluate(f"location.hash = {told[view]!r}")
        expect(shown.locator("#main h1")).to_have_count(1)
        shown.wait_for_timeout(50)
        shown.evaluate(UNFOLD)
        found = Axe().run(shown, options=options)
        assert found.violations_count == 0, f"{view}: {found.generate_report()}"
    shown.keyboard.press("?")
    expect(shown.get_by_role("dialog")).to_be_visible()
    assert Axe().run(shown, options=options).violations_count == 0
    shown.keyboard.press("Escape")


@pytest.mark.parametrize("make", [lambda one: one, poisoned], ids=["plain", "hostile"])
def test_a_phone_scrolls_one_way_only(
    make: Callable[[Notebook], Notebook], tmp_path: Path, viewer: Viewer
) -> None:
    made = make(notebook(12))
    shown = viewer.open(written(made, tmp_path), viewport=PHONE)
    for view, where in views(made).items():
        shown.evaluate(f"location.hash = {where!r}")
        expect(shown.locator("#main h1")).to_have_count(1)
        shown.wait_for_timeout(50)
        shown.evaluate(UNFOLD)
        assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], view


def test_paper_has_the_drawing_and_every_table(
    forty: Notebook, forty_file: Path, viewer: Viewer
) -> None:
    shown = viewer.open(forty_file, color_scheme="dark")
    shown.emulate_media(media="print")
    for gone in ("header nav", "#theme", "fieldset.segmented", "button.copy >> nth=0"):
        expect(shown.locator(gone)).to_be_hidden()
    expect(shown.locator(".stairs svg")).to_be_visible()
    # What is folded on the screen is open on paper, which is white.
    expect(shown.get_by_role("cell", name="baseline/1", exact=True)).to_be_visible()
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown.evaluate(f"location.hash = '#/x/{forty.overview.points[0].id}'")
    expect(shown.locator(".diff")).to_be_visible()
    expect(shown.get_by_role("table", name="Pairs of runs with the same seeds")).to_be_visible()
    pages = shown.pdf()
    assert pages.startswith(b"%PDF")


def test_dark_and_light_can_be_turned(forty_file: Path, viewer: Viewer) -> None:
    shown = viewer.open(forty_file, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = shown.evaluate(ground)
    shown.get_by_role("button", name="Dark or light").click()
    dark = shown.evaluate(ground)
    assert dark != light
    shown.get_by_role("button", name="Dark or light").click()
    assert shown.evaluate(ground) == light
    other = viewer.open(forty_file, color_scheme="dark")
    assert other.evaluate(ground) == dark
    other.get_by_role("button", name="Dark or light").click()
    assert other.evaluate(ground) == light


def test_without_scripts_the_answer_and_the_steps_remain(tmp_path: Path, viewer: Viewer) -> None:
    made = notebook(2, steps=2)
    steps = (made.overview.steps[0], replace(made.overview.steps[1], provisional="a <b>tie</b>"))
    overview = replace(made.overview, steps=steps)
    shown = viewer.open(written(Notebook(overview, made.details), tmp_path), scripts=False)
    assert (
        shown.locator("body").inner_text().replace("\n\n", "\n").strip()
        == WITHOUT_SCRIPTS + NEEDS_SCRIPTS
    )


def test_an_old_browser_is_told_so(forty_file: Path, viewer: Viewer) -> None:
    shown = viewer.open(forty_file, scripts=True)
    shown.add_init_script("delete window.DecompressionStream")
    viewer.wrong.clear()
    shown.reload()
    expect(shown.locator("h1")).to_have_text("This browser is too old for the notebook")


BARE = replace(notebook(1).overview, points=(), noise=None, stall=(), next=(), ledger=None)
ALL_FAILED = [
    (point, detail)
    for made in [notebook(60)]
    for point, detail in zip(made.overview.points, made.details, strict=True)
    if point.outcome == "failed"
]


@pytest.mark.parametrize(
    ("overview", "details", "told"),
    [
        (empty(), [], ("nothing is recorded yet", "no experiments")),
        (replace(empty(), metric="f1", steps=(replace(BARE.steps[0], mean=None, low=None, high=None, sd=None, n=0),)),
         [], ("f1 is not measured yet", "no experiments")),
        (replace(BARE, steps=BARE.steps[:1]), [],
         ("accuracy 0.9400 [0.9381, 0.9419], no step yet", "no experiments")),
        (replace(BARE, steps=(replace(BARE.steps[0], low=None, high=None, sd=None, n=1),)), [],
         ("accuracy 0.94, no step yet", "no experiments")),
        (replace(BARE, steps=(), points=tuple(point for point, _ in ALL_FAILED), unreadable=("a/b.json",), unregistered=3),
         [detail for _, detail in ALL_FAILED],
         ("accuracy is not measured yet", f"{len(ALL_FAILED)} experiments: {len(ALL_FAILED)} failed")),
        (replace(BARE, points=(replace(notebook(1).overview.points[0], outcome=None, status="planned", n=0, attempted=0,
         estimate=None, low=None, high=None, mean=None, became="", tag=None, step=None, runs=0, seconds=0.0),)), [],
         ("accuracy 0.9400 → 0.9476 in 1 step", "1 experiment: 1 planned")),
    ],
    ids=["nothing", "not measured", "a baseline", "one run", "all failed", "planned"],
)  # fmt: skip
def test_a_project_that_has_hardly_begun(
    overview: Overview, details: list[Detail], told: tuple[str, str], tmp_path: Path, viewer: Viewer
) -> None:
    file = written(Notebook(overview, details), tmp_path)
    shown = viewer.open(file)
    expect(shown.locator("h1")).to_have_text(told[0])
    expect(shown.locator(".lead")).to_have_text(told[1])
    if overview.unregistered:
        expect(shown.locator("main")).to_contain_text("3 experiments that DVC made without Paribus")
        expect(shown.locator("main")).to_contain_text("1 record that this version cannot read:")
    assert "NaN" not in shown.locator("body").inner_text()
    assert "undefined" not in shown.locator("body").inner_text()
    ids = [point.id for point in overview.points]
    for where in ("#/experiments", "#/compare", *(f"#/x/{one}" for one in ids[:1])):
        shown.evaluate(f"location.hash = {where!r}")
        expect(shown.locator("#main h1")).not_to_have_text(told[0])
        words = shown.locator("body").inner_text()
        assert "NaN" not in words
        assert "undefined" not in words
    ready(shown)
