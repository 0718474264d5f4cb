"""A notebook all of whose words want to be more than words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from tests.reports.notebook.made import Notebook

CORPUS = (
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 2</script>",
    "<!-- <script>",
    "<img src=x onerror=window.pwned=3>",
    "<svg onload=window.pwned=4>",
    "javascript:window.pwned=5",
    '" onmouseover=window.pwned=6 x="',
    "' onfocus=window.pwned=7 autofocus '",
    "{{constructor.constructor('window.pwned=8')()}} ${window.pwned=9}",
    "]]>--></noscript></style></title></textarea>",
    "\u202egnp.exe\u2066 \u200b\ufeff",
    "line\u2028separator\u2029paragraph",
    "\x00\x1b[31mred\x07\r\n\ttab",
    "&lt;b&gt; &amp;amp; %3Cscript%3E #/x/../..",
    "__proto__ constructor toString",
    "\udc80 not UTF-8, \U0001f9ea, e\u0301, \u4e2d\u6587",
    "huge" * 5_000,
)

MEANT = {
    "id", "short", "started", "given", "recorded", "outcome", "status", "key", "ruler", "experiment", "hold",
    "unit", "metric", "step", "tree", "commit", "run", "beside",
}  # fmt: skip
"""Fields by which the page finds its way; a ledger's reader has looked at these."""

T = TypeVar("T")


def poisoned(shown: Notebook, *, everything: bool = False) -> Notebook:
    """The same notebook with something of the corpus in each text, in those with a meaning too if wanted."""
    poison = _Poison(everything)
    return Notebook(poison.of(shown.overview), [poison.of(detail) for detail in shown.details])


# Private functions


class _Poison:
    """Adds to each text another of the corpus; to the same one always the same."""

    def __init__(self, everything: bool) -> None:
        self._everything = everything
        self._given: dict[str, str] = {}

    def of(self, value: T, name: str = "") -> T:
        if isinstance(value, str):
            spared = name in MEANT and not self._everything
            return value if spared else self._text(value)  # type: ignore[return-value]
        if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{f.name: self.of(getattr(value, f.name), f.name) for f in fields(value)}
            )
        if isinstance(value, Mapping):
            return {key: self.of(item, key) for key, item in value.items()}  # type: ignore[return-value]
        if isinstance(value, tuple):
            return tuple(self.of(item, name) for item in value)  # type: ignore[return-value]
        if isinstance(value, list):
            return [self.of(item, name) for item in value]  # type: ignore[return-value]
        return value

    def _text(self, value: str) -> str:
        if value not in self._given:
            self._given[value] = f"{value} {CORPUS[len(self._given) % len(CORPUS)]}"
        return self._given[value]


def views(shown: Notebook) -> dict[str, str]:
    """Where everything of a notebook is to be seen, by what it is."""
    points = shown.overview.points
    first, last = points[0].id, points[-1].id
    code = next((point.id for point in points if "code" in point.kinds[0]), first)
    failed = next((point.id for point in points if point.outcome == "failed"), first)
    won = next((point.id for point in points if point.tag), first)
    return {
        "overview": "#/",
        "in order": "#/?x=order",
        "list": "#/experiments",
        "filtered": "#/experiments?verdict=worse&sort=difference",
        "won": f"#/x/{won}",
        "code": f"#/x/{code}",
        "failed": f"#/x/{failed}",
        "comparison": f"#/compare/{first}/{last}",
        "choosing": "#/compare",
        "nowhere": "#/nowhere",
    }
