"""What only some projects have is told by the page, too: other rulers, outliers, earlier tries, bundles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.reports.notebook.conftest import Viewer, written
from tests.reports.notebook.made import Notebook, notebook

from paribus.reports.notebook.content import Predictions


def test_what_the_picture_cannot_show_is_said(
    forty: Notebook, tmp_path: Path, viewer: Viewer
) -> None:
    overview, points = forty.overview, list(forty.overview.points)
    numbered = [
        at for at, point in enumerate(points) if point.estimate is not None and not point.tag
    ]
    points[numbered[0]] = replace(points[numbered[0]], estimate=-0.9, low=-0.95, high=-0.85)
    points[numbered[1]] = replace(points[numbered[1]], metric="f1")
    steps = [replace(step, ruler="old") for step in overview.steps[:2]] + list(overview.steps[2:])
    steps[3] = replace(steps[3], provisional="the locked set has no room")
    odd = replace(overview, steps=tuple(steps), points=tuple(points))
    shown = viewer.open(written(Notebook(odd, forty.details), tmp_path))
    expect(shown.locator("h1")).to_have_text(
        "accuracy 0.9564 → 0.9779 in 2 steps since the ruler changed (baseline/3)"
    )
    assert shown.locator(".staircase .note").inner_text() == (
        "A point stands at the mean of its baseline plus the difference that its pairs showed."
        " 1 point beyond the axis stands at its edge."
        " 1 experiment of another metric has no value here."
        " Dotted: the ruler changed, and values before and after are not comparable."
        " A dashed step stands without a confirmation."
    )
    assert shown.locator(".steps .ruler").count() == 1
    assert shown.locator(".steps .riser").count() == 3
    assert shown.locator(".steps .unconfirmed").count() == 1


def test_a_day_has_hours_and_an_hour_has_minutes(
    forty: Notebook, tmp_path: Path, viewer: Viewer
) -> None:
    found = {}
    for minutes in (0.001, 0.2, 60, 60 * 24 * 30):
        begin = datetime.fromisoformat(
            "2026-09-01T09:30:00" if minutes > 0.01 else "2026-09-01T09:30:05"
        )
        points = tuple(
            replace(point, started=(begin + timedelta(minutes=at * minutes)).isoformat())
            for at, point in enumerate(forty.overview.points)
        )
        made = replace(forty.overview, points=points, steps=())
        shown = viewer.open(written(Notebook(made, []), tmp_path))
        found[minutes] = shown.locator(".axis").nth(1).locator("text").all_text_contents()
    assert found == {
        0.001: ["1 Sep 09:30"],
        0.2: ["1 Sep 09:30", *(f"09:{minute}" for minute in range(31, 38))],
        60: ["1 Sep 12:00", "18:00", "2 Sep", "06:00", "12:00", "18:00", "3 Sep"],
        60 * 24 * 30: ["Jan 2027", "Jul 2027", "Jan 2028", "Jul 2028", "Jan 2029", "Jul 2029"],
    }


def test_an_experiment_tells_what_few_have(forty: Notebook, tmp_path: Path, viewer: Viewer) -> None:
    at = next(at for at, point in enumerate(forty.overview.points) if point.outcome == "worse")
    other, lost = forty.overview.points[at - 1], "f" * 20
    details, points = list(forty.details), list(forty.overview.points)
    verdict = dict(details[at].verdict or {})
    small = dict(
        verdict["guards"][0],
        metric="recall_of_8",
        higher_is_better=True,
        hold="broken",
        margin=0.01,
    )
    verdict["guards"] = [
        small,
        dict(small, metric="latency", estimate=90.0, low=80.0, high=100.0, hold="holds"),
    ]
    session = details[at].sessions[0]
    part: dict[str, Any] = {
        "kind": "code",
        "file": "b.py",
        "line": None,
        "summary": "f() added",
        "parts": [],
    }
    details[at] = replace(
        details[at],
        verdict=verdict,
        changes=({"kind": "code", "file": "a.py", "line": 3, "summary": "two", "parts": [part]}, part),
        diff_cut=True,
        earlier=({"experiment": other.id, "baseline": "b", "outcome": "no-difference", "differs": ["the looks"]},),
        bundled=({"change": "train.C", "experiment": lost, "outcome": None},),
        declared=({"metric": "accuracy", "value": 0.95, "source": "a paper", "estimate": 0.002, "low": None, "high": None},),
        verifications=(("2026-09-02T10:00:00", "identical"),),
        sessions=(session, dict(session, host="other", differs=[{"what": "numpy", "old": "1.26", "new": None}])),
        predictions=Predictions(1, 360, (), (), (), 0, 0, 0, "the predictions are not in the cache"),
    )  # fmt: skip
    points[at] = replace(points[at], allow="they belong together", broken=("recall_of_8",))
    made = Notebook(replace(forty.overview, points=tuple(points)), details)
    shown = viewer.open(written(made, tmp_path), f"#/x/{points[at].id}")
    expect(shown.locator("h1")).to_contain_text("worse: guard recall_of_8 is broken; accuracy 0.9")
    words = shown.locator("article").inner_text()
    for told in (
        "2 changes\n\nAllowed as one: they belong together",
        "The difference is longer than this; the rest is left out.",
        "Each guard is drawn on a scale of its own: their units differ.",
        f"as {other.short}: no detectable difference (the looks)",
        "train.C, by itself, as ffffffff: no verdict",
        "accuracy 0.95 (a paper): +0.0020, no interval",
        "2 Sep 2026, 10:00 UTC: identical",
        "the predictions are not in the cache",
    ):
        assert told in words
    differs = shown.get_by_role("table", name="What differs from the first")
    assert differs.locator("tbody td").all_inner_texts() == ["numpy", "1.26", ""]
    shown.locator("article").get_by_role("link", name=other.short).last.click()
    expect(shown.locator(".eyebrow .id")).to_have_text(other.short)


def test_many_experiments_keep_their_steps_in_sight(tmp_path: Path, viewer: Viewer) -> None:
    made = notebook(1600)
    shown = viewer.open(written(Notebook(made.overview, []), tmp_path))
    assert shown.locator(".halo").count() == 5
    assert shown.locator(".points .whisker").count() == 0
    assert shown.locator(".points path").count() <= 6
