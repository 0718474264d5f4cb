"""Metrics that measure the machine as much as the model."""

from __future__ import annotations

import re

_TIMING = re.compile(
    r"time|latency|duration|elapsed|throughput|speed|second|minute|hour|fps|qps|per_s(ec)?$"
    r"|(?<![a-z])(ms|sec|secs|rps|tps|wall|cpu)(?![a-z])",
    re.IGNORECASE,
)
_NO_TIMING = re.compile(
    r"time_?(series|step|stamp)|sometime|lifetime_value|centime"
    r"|sentiment|multime(dia|tric)|secondary|hourglass",
    re.IGNORECASE,
)


def is_timing(metric: str) -> bool:
    """Whether a metric's name says that it is a time or a speed.

    Such a number belongs to the session in which it was taken: another machine, another load or
    another clock rate is another number, even where one rerun happens to repeat it.
    """
    return bool(_TIMING.search(_NO_TIMING.sub("", metric)))
