"""The notebook as one HTML file, which needs nothing else: its scripts, its styles, all of its data.

The policy in its head lets no other script or style run than these, by their hashes, and nothing be
loaded. The data is text in base64 that the scripts show as text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from paribus.reports.notebook.content import Detail, Overview
from paribus.reports.notebook.headline import headline
from paribus.reports.notebook.payload import detail_blocks, overview_block
from paribus.reports.notebook.without_scripts import summary, text
from paribus.reports.text import shortened

SCRIPTS = ("dom", "numbers", "words", "data", "symbols", "scales", "router", "widgets", "intervals",
           "filters", "stairs", "staircase", "pointing", "choosing", "table", "overview", "tried", "noise",
           "pairs", "diff", "experiment", "evidence", "beside", "keys", "main")  # fmt: skip
"""The parts of the page's script, in order; together they are one function."""

STYLES = ("page", "charts")

TITLE = 200
"""Characters of the window's title."""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Paribus {version}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>
<main class="plain">
{summary}
</main>
</noscript>
<script type="application/zlib" id="overview">{overview}</script>
{details}<script>{script}</script>
</body>
</html>
"""


def page(overview: Overview, details: Iterable[Detail]) -> str:
    """The notebook's page; the same content gives the same bytes.

    Args:
        overview: all that is shown at once.
        details: of the overview's experiments, each once, in any order. They are packed as they come,
            so that not all of them need be held. An experiment without is shown without.
    """
    blocks, places = detail_blocks(details)
    script, style = _script(), _style()
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)};"
        " base-uri 'none'; form-action 'none'"
    )
    return PAGE.format(
        policy=policy,
        version=text(overview.version),
        title=text(shortened(f"{overview.project}: {headline(overview)[0]}", TITLE)),
        style=style,
        summary=summary(overview),
        overview=overview_block(overview, places),
        details="".join(
            f'<script type="application/zlib" class="details">{block}</script>\n'
            for block in blocks
        ),
        script=script,
    )


# Private functions


@cache
def _script() -> str:
    """All parts in one function, so that no name of theirs is known outside."""
    parts = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    return f"\n(() => {{\n'use strict';\n\n{parts}\n}})();\n"


@cache
def _style() -> str:
    return "\n" + "\n".join(_asset(f"{name}.css") for name in STYLES)


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _source(content: str) -> str:
    """The hash by which the policy knows a script or a style."""
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
