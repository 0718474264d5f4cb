"""The notebook page runs nothing but its own scripts, asks for nothing, and shows every name as a name."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from playwright.sync_api import expect
from tests.reports.notebook.conftest import Viewer, ready, written
from tests.reports.notebook.hostile import CORPUS, poisoned, views
from tests.reports.notebook.made import notebook

from paribus.cli import paribus
from paribus.reports.notebook import page as page_module
from paribus.reports.notebook.page import page

ELEMENTS = """() => ({
    pwned: window.pwned ?? null,
    scripts: document.querySelectorAll('script').length,
    foreign: document.querySelectorAll('img, iframe, object, embed, base, form, style + style, link').length,
    links: [...document.querySelectorAll('a')].filter((a) => !a.getAttribute('href').startsWith('#/') && a.className !== 'skip').length,
    handlers: [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes])
        .filter((a) => a.name.startsWith('on')).length,
    hidden: /[\\p{Cf}\\p{Zl}\\p{Zp}]/u.test(document.body.innerText),
})"""


@pytest.mark.parametrize("everything", [False, True])
def test_names_are_names_in_every_view(everything: bool, tmp_path: Path, viewer: Viewer) -> None:
    hostile = poisoned(notebook(20), everything=everything)
    file = written(hostile, tmp_path)
    shown = viewer.open(file)
    for view, where in views(hostile).items():
        at = quote(where, safe="#/?=&%", errors="replace")
        shown.goto("about:blank")
        viewer.wrong.clear()  # an empty page is a request, too
        shown.goto(f"{file.as_uri()}{at}")
        ready(shown)
        shown.evaluate(
            "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
        )
        found = shown.evaluate(ELEMENTS)
        blocks = 1 + len(shown.query_selector_all("script.details"))
        assert found == {
            "pwned": None, "scripts": blocks + 1, "foreign": 0, "links": 0, "handlers": 0, "hidden": False,
        }, view  # fmt: skip
        assert viewer.wrong == [], view
    if not everything:
        shown.goto(f"{file.as_uri()}#/experiments")
        expect(shown.locator(".list")).to_contain_text("<script>window.pwned = 1</script>")
        expect(shown.locator(".list")).to_contain_text("?gnp.exe")


def test_the_policy_lets_nothing_else_run(forty_file: Path, viewer: Viewer) -> None:
    text = forty_file.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    source = r"'sha256-[A-Za-z0-9+/]{43}='"
    assert re.fullmatch(
        rf"default-src 'none'; script-src {source}; style-src {source}; base-uri 'none'; form-action 'none'",
        policy[1],
    )
    shown = viewer.open(forty_file)
    blocked = shown.evaluate("""() => new Promise((done) => {
        const told = [];
        document.addEventListener('securitypolicyviolation', (event) => {
            told.push(event.effectiveDirective);
            if (told.length === 4) done(told.sort());
        });
        const added = (name, attributes) => document.body.append(Object.assign(document.createElement(name), attributes));
        added('script', { textContent: 'window.pwned = 1' });
        added('style', { textContent: 'body { display: none }' });
        added('img', { src: 'https://example.org/x.png' });
        document.body.setAttribute('style', 'display: none');
    })""")
    assert blocked == ["img-src", "script-src-elem", "style-src-attr", "style-src-elem"]
    assert shown.evaluate("window.pwned ?? null") is None
    # Chromium says on the console what it blocked, and Playwright names the request that it blocked.
    said = [line for line in viewer.wrong if not line.startswith("request: https://example.org/")]
    assert len(said) == 4
    assert all("violates the following Content Security Policy" in line for line in said)
    viewer.wrong.clear()


def test_no_name_leaks_and_nothing_is_stored(
    forty_file: Path, tmp_path: Path, viewer: Viewer
) -> None:
    blank = tmp_path / "blank.html"
    blank.write_text("<html data-ready><main id=main></main>", encoding="utf-8")
    names = "Object.keys(window).filter((name) => !/^\\d+$/.test(name)).sort()"
    expected = viewer.open(blank).evaluate(names)
    shown = viewer.open(forty_file)
    assert shown.evaluate(names) == expected
    assert shown.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [
        0,
        0,
        "",
    ]


def test_the_same_content_gives_the_same_bytes() -> None:
    once, again = notebook(12), notebook(12)
    assert page(once.overview, once.details) == page(again.overview, iter(again.details))
    other = replace(once.overview, project="other")
    assert page(other, once.details) != page(once.overview, once.details)


def test_the_file_holds_no_word_of_a_stranger_as_markup() -> None:
    """Outside of what is packed there are the title and the summary alone, and both are escaped."""
    hostile = poisoned(notebook(12))
    text = page(hostile.overview, hostile.details)
    packed = re.sub(r'(?s)<script type="application/zlib".*?</script>', "", text)
    for each in (one for one in CORPUS if set(one) & set("<\"'")):
        assert each not in packed
    assert packed.count("<script") == 1
    assert text.isascii() or not re.search("[\u202e\u2066\u2028\u2029\u200b]", text)


def test_the_assets_parse_no_markup_and_are_small() -> None:
    folder = files(page_module.__package__) / "assets"
    scripts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".js")}  # fmt: skip
    assert sorted(scripts) == sorted(f"{name}.js" for name in page_module.SCRIPTS)
    for name, text in scripts.items():
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|fetch\(|XMLHttp|https?://(?!www\.w3\.org/)",
            text,
        ), name
        assert len(text.splitlines()) < 300, name
        assert max(map(len, text.splitlines())) <= 120, name
        assert text.startswith("// "), name


def test_the_page_names_only_commands_that_there_are() -> None:
    folder = files(page_module.__package__) / "assets"
    text = "\n".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    found = set(re.findall(r"paribus ([a-z]+)((?: --[a-z-]+(?: [a-z-]+)?)*)", text))
    assert ("log", " --status unregistered") in found
    for name, options in found:
        command = paribus.get_command(click.Context(paribus), name)
        assert command is not None, name
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", options)) <= known, name
