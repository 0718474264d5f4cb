"""Seeds that nobody chose: they follow from what was fixed before the first run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

LARGEST = 2**31 - 1
"""Every common generator takes a seed up to here."""


def derived_seeds(key: str, index: int, names: Sequence[str]) -> dict[str, int]:
    """The seeds of pair `index` (from 0), one for each declared seed param.

    Baseline and experiment share them, so that they can be paired. They depend on nothing but the
    key, the index and the name, so that they are the same on every machine and in every year.

    Args:
        key: the baseline's snapshot key for screening.
    """
    return {name: _number(f"{key}:{index}:{name}") for name in names}


# Private functions


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % (LARGEST + 1)
