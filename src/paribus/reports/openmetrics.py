"""Metrics as GitLab's merge requests compare them: the OpenMetrics text format."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

NO_PART = re.compile(r"[^A-Za-z0-9_:]+")
BEGINNING = re.compile(r"[A-Za-z_:]")


def metrics_report(metrics: Mapping[str, float]) -> str:
    """One line for each metric, in the order of their names.

    Args:
        metrics: values by their names. What is not a number is written as `NaN`: it was not measured,
            and is not 0.
    """
    written = metric_names(metrics)
    lines = [f"{written[name]} {_number(metrics[name])}" for name in sorted(metrics)]
    return "\n".join([*lines, "# EOF"]) + "\n"


def metric_names(names: Iterable[str]) -> dict[str, str]:
    """Names as the format allows them, each another one.

    A name that is allowed stays as it is. Of several that would become one, each other has a part of its
    hash behind it, so that it is called the same whatever other metrics there are beside it.
    """
    plain = {name: _plain(name) for name in names}
    counts = Counter(plain.values())
    return {
        name: made if made == name or counts[made] == 1 else f"{made}_{_hashed(name)}"
        for name, made in plain.items()
    }


# Private functions


def _plain(name: str) -> str:
    made = NO_PART.sub("_", name)
    return made if BEGINNING.match(made) else f"_{made}"


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value))
