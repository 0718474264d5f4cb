"""`paribus report` and `paribus log --graph`: the page as a file, and the staircase in text."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.ledger.index.conftest import write_ledger

from paribus.cli.counting import Counting
from paribus.core.record import Record
from paribus.git.command import Git
from paribus.ledger.branch import Branch, Write
from paribus.workflows.reporting.sessions import MOST, Sessions

if TYPE_CHECKING:
    from tests.conftest import Workspace

__all__ = ["write_ledger"]
COUNT = 40


@pytest.fixture
def listed(project: Workspace, write_ledger: Callable[..., None]) -> Workspace:
    """A project with forty experiments that were registered five minutes apart."""
    write_ledger(project.path, COUNT)
    return project


def test_the_page_is_a_file_that_git_does_not_see(listed: Workspace) -> None:
    before = listed.state()
    done = listed.paribus("report")
    path = listed.path / ".dvc" / "tmp" / "paribus" / "report.html"
    size = path.stat().st_size
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"the notebook, 40 experiments, 1 baseline, {round(size / 1000)} kB:\n"
        f"  {path}\n"
        "next: open it in the browser   paribus report --open\n"
    )
    assert listed.state() == before
    page = path.read_bytes()
    assert page.lower().startswith(b"<!doctype html>")

    # The same ledger gives the same bytes, wherever they go.
    printed = listed.paribus("report", "-o", "-")
    assert (printed.code, printed.err) == (0, "")
    assert printed.out.encode() == page
    told = listed.paribus("report", "-o", "../page.html", "--json").json
    assert told == {
        "schema": 1,
        "path": str(listed.path.parent / "page.html"),
        "bytes": size,
        "experiments": 40,
        "baselines": 1,
        "unreadable": [],
        "next": ["open it in the browser   paribus report -o ../page.html --open"],
    }
    assert (listed.path.parent / "page.html").read_bytes() == page


def test_a_page_takes_the_place_of_the_one_before(project: Workspace) -> None:
    page, link = project.path.parent / "page.html", project.path.parent / "link.html"
    page.write_text("the old one")
    page.chmod(0o640)
    link.symlink_to(page)
    done = project.paribus("report", "-o", str(link))
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("the notebook, 0 experiments, 0 baselines, ")
    assert done.out.splitlines()[2:] == [
        'next: start one   paribus run -S key=value -m "why it should help"'
    ]
    assert link.is_symlink()
    assert page.read_text().lower().startswith("<!doctype html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert [each.name for each in project.path.parent.glob("*.tmp")] == []


def test_where_no_page_can_be_put(project: Workspace) -> None:
    folder = project.paribus("report", "-o", ".")
    assert (folder.code, folder.out) == (2, "")
    assert folder.err == (
        f"error[usage]: {project.path} is a folder\nhelp: name the file   paribus report -o FILE\n"
    )
    missing = project.paribus("report", "-o", "no where/page.html", "--json")
    assert missing.code == 2
    assert missing.json["next"] == [f"make it   mkdir -p '{project.path}/no where'"]
    full = project.paribus("report", "-o", "/dev/full")
    assert (full.code, full.err.splitlines()[0]) == (
        6,
        "error[not-written]: /dev/full could not be written: No space left on device",
    )
    both = project.paribus("report", "-o", "-", "--json")
    assert both.code == 2


def test_a_browser_opens_it(
    project: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    page = tmp_path / "page.html"
    done = project.paribus("report", "--open", "-o", str(page))
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "opened").read_text().strip() == page.as_uri()
    assert done.out.splitlines()[1] == f"  {page}"


def test_the_staircase_of_what_is_asked_for(listed: Workspace) -> None:
    drawn = listed.paribus("log", "--graph", "--verdict", "failed")
    assert (drawn.code, drawn.err) == (0, "")
    assert drawn.out.splitlines() == [
        "accuracy, higher is better; 4 of 40 experiments, 1 baseline",
        "",
        "0.9292 |",
        "       |",
        "       |",
        "       |",
        "0.9235 |",
        "       |",
        "       |",
        "       |   x     x     x     x",
        "0.9179 |",
        "       |",
        "       |",
        "       |",
        "       |",
        "0.9108 |",
        "       +------------------------------------",
        "        baseline/1",
        "        2025-01-01",
        "",
        "x failed 4",
        "next: the same as a list   paribus log",
    ]
    some = listed.paribus("log", "--graph", "-n", "3").out.splitlines()
    assert some[0] == "accuracy, higher is better; 3 of 40 experiments, 1 baseline"
    assert some[-2] == "w worse 1   ? undecided 1   x failed 1"
    none = listed.paribus("log", "--graph", "--text", "nothing is called so")
    assert none.out == "none of 40 experiments is as asked for\nnext: all of them   paribus log\n"
    machine = listed.paribus("log", "--graph", "--json")
    assert (machine.code, machine.json["error"]["code"]) == (2, "usage")


def test_before_anything_was_tried_there_is_no_staircase(project: Workspace) -> None:
    assert project.paribus("log", "--graph").out == project.paribus("log").out


def test_a_long_reading_tells_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    counting = Counting("experiments read", silence=0)
    counting(1, 10)
    counting(2, 10)
    counting.end()
    Counting("experiments read", silence=0, quiet=True)(1, 10)
    Counting("experiments read")(1, 10)
    assert capsys.readouterr().err == "  1 of 10 experiments read\n  2 of 10 experiments read\n"


def test_sessions_are_told_without_their_packages_and_how_they_differ(project: Workspace) -> None:
    branch = Branch(Git(project.path))
    sessions = {
        f"5e55{at}": {
            "id": f"5e55{at}", "host": "here" if at else "there", "packages": f"digest{at}",
            "installed": ["torch==2.1", f"numpy==1.{at}"], "python": "3.11", "system": "Linux",
            "accelerators": [],
        }
        for at in range(MOST + 2)
    }  # fmt: skip
    branch.append(
        [Write(f"sessions/5e/{name}", Record("session", one)) for name, one in sessions.items()],
        "sessions",
    )
    known = Sessions(branch)
    known.learn([*sessions, "unknown", "../5e"])
    told = known.told(["5e550", "5e551", "5e550", "unknown"])
    kept = {
        name: {k: v for k, v in one.items() if k != "installed"} for name, one in sessions.items()
    }
    assert told == (
        kept["5e550"],
        kept["5e551"]
        | {
            "differs": [
                {"what": "machine", "old": "there", "new": "here"},
                {"what": "numpy", "old": "1.0", "new": "1.1"},
            ]
        },
    )
    assert len(known.told(sessions)) == MOST
