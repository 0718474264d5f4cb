"""Tables, by tabulate."""

from __future__ import annotations

from collections.abc import Sequence


def plain_table(
    rows: Sequence[Sequence[str]], headers: Sequence[str], right: Sequence[int] = ()
) -> str:
    """A table for a terminal; every cell is text already.

    Args:
        right: indices of the columns that are aligned to the right.
    """
    from tabulate import tabulate  # noqa: PLC0415 (it costs a start 30 ms)

    return tabulate(
        rows,
        headers=list(headers),
        tablefmt="plain",
        disable_numparse=True,
        preserve_whitespace=True,
        colalign=_alignment(len(headers), right),
    )


def markdown_table(
    rows: Sequence[Sequence[str]], headers: Sequence[str], right: Sequence[int] = ()
) -> str:
    """A table for GitHub; every cell is safe text already."""
    from tabulate import tabulate  # noqa: PLC0415 (as above)

    return tabulate(
        rows,
        headers=list(headers),
        tablefmt="pipe",  # unlike `github`, it tells the alignment
        disable_numparse=True,
        colalign=_alignment(len(headers), right),
    )


# Private functions


def _alignment(columns: int, right: Sequence[int]) -> list[str]:
    return ["right" if at in right else "left" for at in range(columns)]
