"""Examples without a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from paribus.core.examples.model import Examples

Make = Callable[..., Examples]


@pytest.fixture(scope="session")
def make() -> Make:
    """`make(values, labels=None, clusters=None, measure=...)` on an evaluation set of that size."""

    def made(
        values: Sequence[float] | NDArray[Any],
        labels: Sequence[int] | NDArray[Any] | None = None,
        clusters: Sequence[int] | NDArray[Any] | None = None,
        measure: str = "mean",
    ) -> Examples:
        return Examples(
            measure=measure,
            digest="digest",
            values=np.asarray(values, dtype=np.float64),
            labels=None if labels is None else np.asarray(labels, dtype=np.int64),
            clusters=None if clusters is None else np.asarray(clusters, dtype=np.int64),
        )

    return made
