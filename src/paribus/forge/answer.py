"""What a service said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        status: of HTTP.
        headers: their names in small letters.
        content: what the JSON says; None where it says nothing or is none.
    """

    status: int
    headers: Mapping[str, str]
    content: Any
