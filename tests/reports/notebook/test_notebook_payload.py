"""What the notebook's file holds: everything once, small, and strict JSON, whatever was recorded."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.reports.notebook.conftest import Viewer
from tests.reports.notebook.made import Notebook, notebook

from paribus.reports.notebook.content import Detail
from paribus.reports.notebook.page import page
from paribus.reports.notebook.payload import LARGEST, detail_blocks, overview_block

MEGABYTES = 1_000_000


def read(block: str) -> Any:
    """As a browser reads a block; a number that JSON does not know is an error."""

    def refused(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(zlib.decompress(base64.b64decode(block)), parse_constant=refused)


def test_details_come_in_blocks_in_any_order() -> None:
    made = notebook(230)
    blocks, places = detail_blocks(iter(made.details[::-1]))
    told = [[detail["id"] for detail in read(block)] for block in blocks]
    assert [len(block) for block in told] == [100, 100, 30]
    assert {one: at for at, block in enumerate(told) for one in block} == places
    assert sorted(places) == sorted(detail.id for detail in made.details)
    overview = read(overview_block(made.overview, places))
    assert [places[one] for one in overview["points"]["id"]] == overview["block"]
    assert overview["points"]["author"] == [point.author for point in made.overview.points]


def test_a_block_does_not_grow_for_ever() -> None:
    made = notebook(4)
    long = [replace(detail, diff="+" * LARGEST) for detail in made.details]
    assert len(detail_blocks(long)[0]) == 4


def test_what_json_does_not_know_is_unknown() -> None:
    made = notebook(3)
    point, detail = made.overview.points[0], made.details[0]
    odd = replace(point, estimate=float("nan"), high=float("inf"), author="Ad\udc80", mean=1 / 3)
    wrong = replace(detail.pairs[0], baseline=float("nan"), candidate=123456789.123456)
    blocks, places = detail_blocks([replace(detail, pairs=(wrong,), tail="\udcff\u2028</script>")])
    told = read(blocks[0])[0]
    assert told["pairs"]["baseline"] == [None]
    assert told["pairs"]["candidate"] == [123456789.0]
    assert told["tail"] == "\udcff\u2028</script>"
    points = read(overview_block(replace(made.overview, points=(odd,)), places))["points"]
    assert (points["estimate"], points["high"], points["mean"]) == ([None], [None], [0.333333333])
    assert points["author"] == ["Ad\udc80"]


def test_an_experiment_without_details_is_shown_without(
    forty: Notebook, tmp_path: Path, viewer: Viewer
) -> None:
    point = forty.overview.points[0]
    file = tmp_path / "notebook.html"
    file.write_text(page(forty.overview, forty.details[1:]), encoding="utf-8")
    shown = viewer.open(file, f"#/x/{point.id}")
    expect(shown.locator("main")).to_contain_text("This file has no details of it.")
    expect(shown.locator("h1")).to_contain_text(f"{point.n} of {point.attempted} pairs")


def test_a_hundred_experiments_are_a_small_file(forty: Notebook) -> None:
    hundred = notebook(100)
    frame = len(page(replace(forty.overview, points=()), []).encode())
    assert frame < 140_000
    assert len(page(hundred.overview, hundred.details).encode()) - frame < 100 * 800


@pytest.mark.slow
def test_ten_thousand_experiments_open_in_two_seconds(tmp_path: Path, viewer: Viewer) -> None:
    many = notebook(10_000)
    details: list[Detail] = many.details
    text = page(many.overview, details)
    assert len(text.encode()) < 8 * MEGABYTES
    file = tmp_path / "notebook.html"
    file.write_text(text, encoding="utf-8")
    opened = []
    for where in ("", "", "", "#/experiments", f"#/x/{many.overview.points[5000].id}"):
        began = perf_counter()
        shown = viewer.open(file, where)
        opened.append(perf_counter() - began)
    # The median of the first views, since others are at work on the machine, too.
    assert median(opened[:3]) < 2, opened
    assert max(opened[3:]) < 2.5, opened
    expect(shown.locator("h1")).to_contain_text(re.compile("pairs|no difference"))
    began = perf_counter()
    shown.evaluate("location.hash = '#/experiments?q=kernel&sort=difference'")
    expect(shown.locator(".count")).to_contain_text("of 10000 experiments")
    assert perf_counter() - began < 2
