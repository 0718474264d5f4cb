"""A browser for the notebook page: Chromium, started once, that tells of everything it should not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from tests.reports.notebook.made import Notebook, notebook

from paribus.reports.notebook.page import page

TIMEOUT = 10_000.0
"""Milliseconds after which the page is taken to do nothing."""


@dataclass
class Viewer:
    """Opens files, and remembers what a page that needs nothing else must not do."""

    browser: Browser
    wrong: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, file: Path, where: str = "", *, scripts: bool = True, **options: Any) -> Page:
        """A page of its own, once its scripts have drawn it."""
        options = {"viewport": {"width": 1280, "height": 900}} | options
        context = self.browser.new_context(java_script_enabled=scripts, **options)
        self.contexts.append(context)
        shown = context.new_page()
        shown.set_default_timeout(TIMEOUT)
        address = file.as_uri()
        shown.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        shown.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        shown.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        shown.on("request", lambda request: self._asked(request.url, address))
        shown.goto(f"{address}{where}")
        if scripts:
            ready(shown)
        return shown

    def close(self) -> None:
        """Closes what was opened; nothing may have gone wrong."""
        for context in self.contexts:
            context.close()
        assert self.wrong == []

    def _asked(self, url: str, address: str) -> None:
        if url.partition("#")[0] != address:
            self.wrong.append(f"request: {url}")


def ready(shown: Page) -> None:
    """Waits until the page has been drawn."""
    shown.wait_for_selector("html[data-ready]", state="attached")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; without any they are skipped, but never in CI."""
    with sync_playwright() as playwright:
        path = _chromium(playwright)
        if path is None:
            if "CI" in os.environ:
                pytest.fail("no Chromium was found, and CI must drive the page")
            pytest.skip("no Chromium was found")
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def viewer(browser: Browser) -> Iterator[Viewer]:
    """Opens pages, and holds at the end that they asked for nothing and complained of nothing."""
    opened = Viewer(browser)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def forty() -> Notebook:
    """A project of 40 experiments and five baselines."""
    return notebook(40)


@pytest.fixture(scope="session")
def forty_file(forty: Notebook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its page."""
    return written(forty, tmp_path_factory.mktemp("notebook"))


def written(shown: Notebook, folder: Path) -> Path:
    """A notebook's page as a file."""
    file = folder / "notebook.html"
    file.write_text(page(shown.overview, shown.details), encoding="utf-8", newline="\n")
    return file


# Private functions


def _chromium(playwright: Playwright) -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    own = Path(playwright.chromium.executable_path)
    return str(own) if own.exists() else None
