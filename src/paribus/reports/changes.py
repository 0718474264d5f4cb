"""How changes are listed for people: each with its number, its kind, `old -> new` and where it is."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.change import Change, Kind, NotCounted, Warned
from paribus.core.policy import Judgement
from paribus.reports.text import clean, plural, shortened

SHOWN_NOT_COUNTED = 6
SHOWN_PARTS = 8
SHOWN_PACKAGES = 5
"""Of a long list of changed packages; the others are counted."""

WIDEST = 100
"""Characters of what is told of one change on a line."""


def numbered(changes: Sequence[Change]) -> list[str]:
    """Every change with its number; of many changed packages, the first."""
    width = max((len(change.kind.value) for change in changes), default=0)
    lines: list[str] = []
    packages = 0
    for number, change in enumerate(changes, 1):
        packages += change.kind is Kind.ENVIRONMENT
        if change.kind is not Kind.ENVIRONMENT or packages <= SHOWN_PACKAGES:
            lines += _listed(change, f"  {number}  {change.kind.value.ljust(width)}  ")
    if packages > SHOWN_PACKAGES:
        lines.append(f"     and {packages - SHOWN_PACKAGES} more packages of the environment")
    return lines


def counted(changes: Sequence[Change]) -> str:
    """`3 changes`; those of the environment apart, so that `1 deliberate` one is not lost among them."""
    packages = sum(change.kind is Kind.ENVIRONMENT for change in changes)
    told = plural(len(changes), "change")
    if packages in (0, len(changes)):
        return told
    return f"{told} ({len(changes) - packages} deliberate + {packages} environment)"


def not_counted(items: Sequence[NotCounted], *, every: bool = False) -> list[str]:
    """What was seen and is no change."""
    if not items:
        return []
    shown = items if every else items[:SHOWN_NOT_COUNTED]
    told = [f"{clean(item.file)} ({clean(item.reason)})" for item in shown]
    if every:
        return ["", "not counted:", *(f"  {each}" for each in told)]
    more = len(items) - len(told)
    return ["", "not counted: " + ", ".join(told) + (f", and {more} more" if more else "")]


def warned(warnings: Sequence[Warned]) -> list[str]:
    """What a person wants to know, a line each."""
    if not warnings:
        return []
    return ["", *(f"warning[{each.code}]: {clean(each.message)}" for each in warnings)]


def explained(judgement: Judgement) -> list[str]:
    """Why changes were joined, and why the others were not."""
    lines = [
        f"  joined  {_short(tie.left)}\n"
        f"     and  {_short(tie.right)}\n"
        f"          the one {clean(tie.reason)}"
        for tie in judgement.ties
    ]
    if len(judgement.changes) > 1:
        lines.append(
            "  apart   the others: no name that comes or goes, no call of an edited definition, no\n"
            "          new param and no list under `coupled` ties one of them to another"
        )
    return ["", "why:", *(lines or ["  nothing was joined: there are no two parts"])]


def parts_of(change: Change) -> str:
    """A change in one line: what it is, and how many parts came with it."""
    more = len(change.parts) - 1
    head = change.parts[0].summary if change.parts else change.summary
    return f"{head}, with {plural(more, 'more part')}" if more > 0 else head


# Private functions


def _listed(change: Change, start: str) -> list[str]:
    indent = " " * len(start)
    extra = "; numbers before and after are not comparable" if _on_ruler(change) else ""
    head, *others = change.single()
    lines = [f"{start}{_short(head.summary)}", f"{indent}{clean(head.where)}{extra}"]
    for part in others[:SHOWN_PARTS]:
        lines.append(f"{indent}with {_short(_brief(part))}")
        lines.append(f"{indent}     {clean(part.where)}")
    if len(others) > SHOWN_PARTS:
        lines.append(f"{indent}and {len(others) - SHOWN_PARTS} more parts")
    return lines


def _brief(part: Change) -> str:
    return part.summary.replace(" (absent) -> ", " = ", 1) + (
        " (new)" if " (absent) -> " in part.summary else ""
    )


def _short(text: str) -> str:
    return shortened(clean(text), WIDEST)


def _on_ruler(change: Change) -> bool:
    return any(part.kind is Kind.RULER for part in change.single())
