"""Takes the pictures of docs/notebook.md and docs/pull-requests.md on a real history, in a real browser.

Run by `make docs`. The history is made first, unless a clone that has one is given.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from history import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).resolve().parent

STYLE = """<!doctype html><meta charset="utf-8"><style>
body { font: 14px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; margin: 24px; color: #1f2328; }
table { border-collapse: collapse; } td, th { border: 1px solid #d1d9e0; padding: 6px 13px; }
code { background: #eff1f3; padding: .2em .4em; border-radius: 6px; font-size: 85%; }
blockquote { border-left: .25em solid #d1d9e0; color: #59636e; margin: 0; padding: 0 1em; }
</style>
"""
"""About as GitHub shows Markdown."""

WIDE, NARROW = (1120, 760), (390, 844)


def take(clone: Path, folder: Path) -> None:
    """Writes each picture as PNG into a folder."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (installed for development only)

    browser_file = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if browser_file is None:
        raise SystemExit("the pictures need Chromium, such as Debian's package chromium")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        page = Path(temporary) / "notebook.html"
        _paribus(clone, "report", "--output", str(page))
        browser = playwright.chromium.launch(executable_path=browser_file, args=["--no-sandbox"])
        address, best = page.as_uri(), _best(clone)
        _shoot(browser, address, folder / "notebook.png", WIDE, "light")
        _shoot(
            browser,
            f"{address}#/x/{best}",
            folder / "notebook-experiment.png",
            (1120, 1280),
            "light",
        )
        _shoot(browser, address, folder / "notebook-phone.png", NARROW, "dark")
        page.write_text(STYLE + _comment(clone, best), encoding="utf-8")
        _shoot(browser, address, folder / "comment.png", (920, 520), "light")
        browser.close()


# Private functions


def _shoot(browser: Browser, address: str, file: Path, size: tuple[int, int], scheme: str) -> None:
    dark = scheme == "dark"
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=file, animations="disabled")
    page.close()


def _best(clone: Path) -> str:
    """The last experiment that was promoted."""
    rows = json.loads(_paribus(clone, "log", "--json"))["experiments"]
    return next(str(row["experiment"]) for row in rows if row["tag"])


def _comment(clone: Path, experiment: str) -> str:
    """The comment on a pull request with an experiment's branch, as a page."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 (installed for development only)

    listed = subprocess.run(
        ["git", "branch", "--list", "picture"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    )
    if not listed.stdout:
        _paribus(clone, "branch", experiment, "picture")
    told = subprocess.run(
        [sys.executable, "-m", "paribus", "review", "picture~1...picture", "--format", "md"],
        cwd=clone, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return str(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(told.stdout))


def _paribus(clone: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "paribus", *arguments]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    if len(sys.argv) > 1:
        take(Path(sys.argv[1]), HERE)
    else:
        with tempfile.TemporaryDirectory() as folder:
            take(make(Path(folder)), HERE)
