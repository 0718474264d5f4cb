"""The notebook page in Chromium: pointing, opening, filtering, sorting, comparing, going back."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.reports.notebook.conftest import Viewer, written
from tests.reports.notebook.made import Notebook, notebook

from paribus.core.verdict import Verdict
from paribus.reports.verdict import WORDS, headline


def test_the_answer_comes_first(forty: Notebook, forty_file: Path, viewer: Viewer) -> None:
    shown = viewer.open(forty_file)
    expect(shown.locator("h1")).to_have_text("accuracy 0.9400 → 0.9779 in 4 steps")
    expect(shown.locator(".lead")).to_have_text(
        "40 experiments: 4 promoted, 1 improved, 9 worse, 24 no detectable difference, 2 failed"
    )
    assert shown.locator(".legend li").all_inner_texts() == [
        "baseline, 95 % interval of its mean", "promoted 4", "improved 5", "worse 9",
        "no detectable difference 24", "failed 2",
    ]  # fmt: skip
    assert shown.title() == "digits: accuracy 0.9400 → 0.9779 in 4 steps"
    # What the picture shows is in a table, too: each baseline with its mean, and where it came from.
    shown.get_by_text("The steps as a table").click()
    rows = shown.locator(".staircase tbody tr")
    promoted = [point for point in forty.overview.points if point.tag]
    assert [row.split("\t")[0] for row in rows.all_inner_texts()] == [
        step.name for step in forty.overview.steps
    ]
    assert rows.nth(1).inner_text().split("\t")[5] == f"{promoted[0].short} {promoted[0].summary}"
    assert shown.locator(".steps .step").count() == shown.locator(".steps .band").count() == 5
    assert shown.locator(".points .whisker").count() == 38


def test_a_point_tells_which_it_is_and_opens_it(
    forty: Notebook, forty_file: Path, viewer: Viewer
) -> None:
    shown = viewer.open(forty_file, "#/?x=order")
    frame = shown.locator(".stairs .plot").bounding_box()
    assert frame is not None
    # One experiment beside the other: the last stands at the right end, wherever it is in height.
    ring = shown.locator(".points .mark.ring").bounding_box()
    assert ring is not None
    shown.mouse.move(ring["x"] + 7, ring["y"] + ring["height"] - 7)
    first = next(point for point in forty.overview.points if point.tag)
    card = shown.locator(".card")
    expect(card).to_contain_text(first.short)
    expect(card).to_contain_text(f"{first.n} of {first.attempted} pairs")
    shown.mouse.down()
    shown.mouse.up()
    expect(shown).to_have_url(re.compile(f"#/x/{first.id}$"))
    expect(shown.locator("h1")).to_contain_text("promoted to baseline/2")
    shown.go_back()
    expect(shown).to_have_url(re.compile(r"#/\?x=order$"))
    expect(shown.locator(".stairs")).to_be_visible()
    shown.mouse.move(5, 5)
    expect(shown.locator(".card")).to_be_hidden()


def test_the_staircase_over_time_or_in_order(forty_file: Path, viewer: Viewer) -> None:
    shown = viewer.open(forty_file)
    assert "no." not in shown.locator(".stairs").inner_text()
    shown.get_by_text("in order").click()
    expect(shown).to_have_url(re.compile("x=order"))
    expect(shown.locator(".stairs")).to_contain_text("no.")
    assert shown.evaluate("document.activeElement.value") == "order"
    shown.go_back()
    expect(shown.locator(".stairs")).not_to_contain_text("no.")


def test_filters_sorts_and_searches(forty: Notebook, forty_file: Path, viewer: Viewer) -> None:
    points = forty.overview.points
    shown = viewer.open(forty_file)
    shown.locator(".legend").get_by_text("worse 9").click()
    expect(shown.locator(".count")).to_have_text("9 of 40 experiments")
    expect(shown.get_by_label("verdict")).to_have_value("worse")
    assert shown.locator(".list tbody tr").count() == 9
    assert shown.locator(".stairs.small .mark.pale").count() == 1

    shown.get_by_label("kind").focus()
    shown.get_by_label("kind").select_option("param")
    both = [one for one in points if one.outcome == "worse" and one.kinds == ("param",)]
    expect(shown.locator(".count")).to_have_text(f"{len(both)} of 40 experiments")
    expect(shown).to_have_url(re.compile("verdict=worse&kind=param"))
    assert shown.evaluate("document.activeElement.dataset.key") == "kind"
    shown.go_back()
    expect(shown.locator(".count")).to_have_text("9 of 40 experiments")
    shown.get_by_text("clear").click()
    expect(shown.locator(".count")).to_have_text("40 experiments")

    by_gain = sorted(
        (one for one in points if one.estimate is not None), key=lambda one: one.estimate or 0
    )
    failed = [one.short for one in points[::-1] if one.outcome == "failed"]
    for order, expected in (("ascending", by_gain), ("descending", by_gain[::-1])):
        shown.get_by_role("button", name="difference").click()
        expect(shown.locator(f'th[aria-sort="{order}"]')).to_contain_text("difference")
        # What is unknown comes last, either way.
        assert listed(shown) == [*(one.short for one in expected), *failed]

    shown.get_by_label("search").fill("KERNEL components")
    found = [one for one in points if "components" in one.summary]
    expect(shown.locator(".count")).to_have_text(f"{len(found)} of 40 experiments")
    assert set(listed(shown)) == {one.short for one in found}
    expect(shown).to_have_url(re.compile(r"q=KERNEL\+components"))
    shown.get_by_label("search").fill("nothing is so")
    expect(shown.locator(".results")).to_contain_text("None is as asked for. Show all")


def test_every_column_sorts(forty_file: Path, viewer: Viewer) -> None:
    shown = viewer.open(forty_file, "#/experiments?sort=difference")
    before = listed(shown)
    for column in ("id", "verdict", "change", "pairs", "kind", "against", "author", "cost", "when"):
        shown.get_by_role("button", name=column, exact=True).click()
        expect(shown.locator('th[aria-sort="ascending"]')).to_contain_text(column)
        rising = listed(shown)
        shown.get_by_role("button", name=column, exact=True).click()
        expect(shown.locator('th[aria-sort="descending"]')).to_contain_text(column)
        assert sorted(rising) == sorted(before)
        assert listed(shown) != rising


def test_a_link_leads_to_a_filter_a_page_an_experiment(tmp_path: Path, viewer: Viewer) -> None:
    many = notebook(250)
    file = written(many, tmp_path)
    shown = viewer.open(file, "#/experiments?sort=when&page=2")
    assert listed(shown) == [point.short for point in many.overview.points[100:200]]
    expect(shown.locator(".count")).to_have_text("250 experiments, page 2 of 3")
    shown.get_by_role("button", name="after").click()
    assert listed(shown) == [point.short for point in many.overview.points[200:]]
    assert shown.get_by_role("button", name="after").is_disabled()
    # By the beginning of its id, as in the terminal; its details are in the third block.
    last = many.overview.points[-1]
    shown.goto(f"{file.as_uri()}#/x/{last.id[:8]}")
    expect(shown.locator(".facts").first).to_contain_text(last.id)
    shown.goto(f"{file.as_uri()}#/x/nothing")
    expect(shown.locator("h1")).to_have_text("No experiment nothing is in this notebook.")
    shown.goto(f"{file.as_uri()}#/%E0%A4%A/x?page=-1&sort=constructor&verdict=__proto__")
    expect(shown.locator("h1")).to_have_text("There is no such page in this notebook.")
    shown.goto(f"{file.as_uri()}#/experiments?page=99&sort=constructor&verdict=__proto__")
    expect(shown.locator(".results")).to_contain_text("None is as asked for.")


def test_an_experiment_has_all_of_its_evidence(
    forty: Notebook, forty_file: Path, viewer: Viewer
) -> None:
    at, detail = next(
        (at, one) for at, one in enumerate(forty.details) if one.predictions and one.verdict
    )
    point, verdict = forty.overview.points[at], detail.verdict
    assert verdict is not None
    shown = viewer.open(
        forty_file, f"#/x/{point.id}", permissions=["clipboard-read", "clipboard-write"]
    )
    expect(shown.locator("h1")).to_have_text(
        headline(Verdict.from_json(verdict)).replace("->", "→")
    )
    expect(shown.locator("blockquote")).to_have_text(point.hypothesis)
    shown.get_by_text("The pairs as a table").click()
    first = shown.locator("details[open] tbody tr").first.inner_text().split("\t")
    pair = detail.pairs[0]
    assert first[:3] == ["1", str(pair.seeds["split.seed"]), str(pair.seeds["train.seed"])]
    assert first[5:] == [f"{pair.candidate - pair.baseline:+.5f}", pair.run, pair.beside]
    better = sum(1 for one in detail.pairs if one.candidate > one.baseline)
    expect(shown.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(f"^{better} pairs? better, 0 equal")
    )
    assert shown.locator(".pair").count() == len(detail.pairs)
    assert shown.get_by_text("The confirmation, pair by pair").count() == 0
    looks = shown.get_by_role("table", name="The verdict at each look").locator("tbody tr")
    assert [row.split("\t")[0] for row in looks.all_inner_texts()] == [
        str(look["n"]) for look in detail.looks
    ]
    assert looks.last.inner_text().split("\t")[-1] == WORDS[verdict["outcome"]]
    guards = shown.get_by_role("table", name="Guards, better to the right")
    assert [row.split("\t")[0] for row in guards.locator("tbody tr").all_inner_texts()] == [
        "log_loss ↓",
        "error_of_8 ↓",
    ]
    expect(
        shown.get_by_text("7 newly right, 3 newly wrong, 9 still wrong of 360 examples")
    ).to_be_visible()
    diff = shown.locator(".diff")
    assert diff.inner_text().rstrip("\n").split("\n") == (detail.diff or "").rstrip("\n").split(
        "\n"
    )
    for kind, sign in (("added", "+"), ("removed", "-")):
        signs = {line[0] for line in diff.locator(f".{kind}").all_inner_texts()}
        assert signs == {sign}
    shown.get_by_role("button", name="Copy: paribus verify").click()
    expect(shown.get_by_role("button", name="Copy: paribus verify")).to_have_text("Copied")
    assert shown.evaluate("navigator.clipboard.readText()") == f"paribus verify {point.short}"


def test_a_confirmation_is_drawn_pair_by_pair(
    forty: Notebook, forty_file: Path, viewer: Viewer
) -> None:
    at, detail = next((at, one) for at, one in enumerate(forty.details) if one.fresh)
    shown = viewer.open(forty_file, f"#/x/{forty.overview.points[at].id}")
    drawn = shown.locator("section").filter(has_text="The confirmation, pair by pair")
    better = sum(1 for one in detail.fresh if one.candidate > one.baseline)
    assert detail.confirmation is not None
    expect(drawn.locator("p").first).to_have_text(
        f"{better} pairs better, 0 equal, {20 - better} worse. "
        f"Mean difference {detail.confirmation['estimate']:+.4f} [+0.0070, +0.0110]."
    )
    assert drawn.locator(".pair").count() == 20
    drawn.get_by_text("The pairs as a table").click()
    runs = drawn.locator("tbody tr td:nth-last-child(2)").all_inner_texts()
    assert runs == [one.run for one in detail.fresh]


def test_a_failure_tells_its_last_lines(forty: Notebook, forty_file: Path, viewer: Viewer) -> None:
    point = next(one for one in forty.overview.points if one.outcome == "failed")
    shown = viewer.open(forty_file, f"#/x/{point.id}")
    expect(shown.locator("h1")).to_have_text("failed: no difference is known")
    expect(shown.locator(".ended")).to_contain_text(
        "pair 1, failed: stage train, exit 1 after 12 s"
    )
    expect(shown.locator(".ended pre")).to_contain_text("ValueError: loss is nan at epoch 3")


def test_two_are_compared(forty: Notebook, forty_file: Path, viewer: Viewer) -> None:
    first, last = forty.overview.points[0], forty.overview.points[-1]
    shown = viewer.open(forty_file, "#/experiments")
    shown.get_by_label(f"Choose {first.short} to compare").check()
    expect(shown.locator("#chosen")).to_contain_text("Choose another to compare")
    shown.goto(f"{forty_file.as_uri()}#/x/{last.id}")
    shown.locator("main").get_by_label(f"Choose {last.short} to compare").check()
    shown.locator("#chosen").get_by_text("Compare").click()
    expect(shown).to_have_url(re.compile(f"#/compare/{first.id}/{last.id}$"))
    expect(shown.locator("h1")).to_have_text(f"{first.short} beside {last.short}")
    expect(shown.locator(".warning")).to_contain_text("held against different baselines")
    table = shown.get_by_role("table", name="Side by side")
    expect(table).to_contain_text(first.summary.replace("->", "→"))
    expect(table).to_contain_text(last.summary.replace("->", "→"))
    assert (
        shown.get_by_role("table", name="Candidate minus baseline").locator("svg.interval").count()
        == 2
    )
    shown.get_by_role("button", name="Let go").click()
    expect(shown.locator("#chosen")).to_be_hidden()
    shown.goto(f"{forty_file.as_uri()}#/compare")
    shown.locator("input").first.fill(first.short)
    shown.locator("input").nth(1).fill("zz")
    shown.get_by_role("button", name="Compare").click()
    expect(shown.get_by_text("No experiment has an id that begins so.")).to_be_visible()
    shown.locator("input").nth(1).fill(last.short)
    shown.locator("input").nth(1).press("Enter")
    expect(shown).to_have_url(re.compile(f"#/compare/{first.id}/{last.id}$"))


def test_the_keyboard_goes_everywhere(forty: Notebook, forty_file: Path, viewer: Viewer) -> None:
    latest = [point.short for point in reversed(forty.overview.points)]
    shown = viewer.open(forty_file)
    keys = shown.keyboard
    keys.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "To the content"
    keys.press("Enter")
    assert shown.evaluate("document.activeElement.tagName") == "H1"
    shown.locator(".stairs .plot").focus()
    keys.press("ArrowRight")
    expect(shown.locator(".card")).to_contain_text(latest[0])
    keys.press("ArrowLeft")
    expect(shown.locator(".card")).to_contain_text(latest[1])
    expect(shown.locator("#announcer")).to_contain_text(latest[1])
    keys.press("Home")
    expect(shown.locator(".card")).to_contain_text(latest[-1])

    keys.press("/")
    expect(shown.get_by_label("search")).to_be_focused()
    keys.press("ArrowDown")
    assert focused(shown) == latest[0]
    keys.press("j")
    keys.press("ArrowDown")
    keys.press("k")
    assert focused(shown) == latest[1]
    keys.press("c")
    expect(shown.locator("#chosen")).to_contain_text(latest[1])
    keys.press("Enter")
    expect(shown.locator(".eyebrow .id")).to_have_text(latest[1])
    assert shown.evaluate("document.activeElement.tagName") == "H1"
    keys.press("j")
    expect(shown.locator(".eyebrow .id")).to_have_text(latest[2])
    keys.press("Escape")
    expect(shown.locator(".list")).to_be_visible()
    assert focused(shown) == latest[2]
    keys.press("?")
    expect(shown.get_by_role("dialog")).to_be_visible()
    shown.get_by_label("letters are keys").uncheck()
    keys.press("Escape")
    expect(shown.get_by_role("dialog")).to_be_hidden()
    keys.press("/")
    expect(shown.get_by_label("search")).not_to_be_focused()


def listed(shown: Page) -> list[str]:
    return shown.locator(".list a.id").all_inner_texts()


def focused(shown: Page) -> str:
    return str(shown.evaluate("document.activeElement.textContent"))
