"""What a confirmation will cost is told before it starts, where that is worth telling."""

from __future__ import annotations

import pytest

from paribus.core.run import Intent, Purpose, Run, Status
from paribus.reports.standing import fresh_cost


def runs(*seconds: float, purpose: Purpose = Purpose.MEASURE) -> list[Run]:
    return [
        Run(Intent("a", index, {}, purpose, "s", "h", "here", "now"), Status.SUCCEEDED, {}, taken)
        for index, taken in enumerate(seconds)
    ]


@pytest.mark.parametrize(
    ("baseline", "candidate", "told"),
    [
        (runs(8, 10), runs(9), "20 fresh seeds a side, about 6 min"),
        (runs(600), runs(1200), "20 fresh seeds a side, about 10 h"),
        (runs(7), runs(7), ""),
        (runs(), runs(900), ""),
        (
            runs(9),
            runs(9) + runs(9000, purpose=Purpose.CONFIRM),
            "20 fresh seeds a side, about 6 min",
        ),
    ],
)
def test_by_the_seconds_of_the_screening(
    baseline: list[Run], candidate: list[Run], told: str
) -> None:
    assert fresh_cost(baseline, candidate) == told
