"""Numbers as they are told: with as many digits as the noise supports."""

from __future__ import annotations

import math


def decimals(half_width: float) -> int:
    """How many decimals the noise supports: two significant digits of an interval's half-width.

    At most 6, and 6 when there is no noise to go by (`half_width` is 0).
    """
    if half_width <= 0:
        return 6
    return min(max(1 - math.floor(math.log10(half_width)), 0), 6)


def number(x: float, digits: int, *, sign: bool = False) -> str:
    """`x` with `digits` decimals, `+` in front when asked for; a rounded zero is never negative."""
    plus = "+" if sign else ""
    # A metric whose whole scale is below six decimals would otherwise read as zero.
    if digits >= 6 and 0 < abs(x) < 1e-5:
        return f"{x:{plus}.1e}"
    return f"{round(x, digits) + 0.0:{plus}.{digits}f}"
