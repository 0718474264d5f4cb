"""What the caller allows runs to take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may take, and what becomes of the others when one fails.

    Attributes:
        timeout: seconds after which a run is ended; None for what the agreement says.
        fail_fast: whether the first run that does not succeed ends all others.
    """

    timeout: float | None = None
    fail_fast: bool = False


NO_LIMITS = Limits()
