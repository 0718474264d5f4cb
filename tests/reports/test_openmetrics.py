"""Metrics in OpenMetrics text: names that are allowed and never shared, values that are numbers."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from paribus.reports.openmetrics import metric_names, metrics_report


def test_a_report() -> None:
    assert metrics_report(
        {"loss": 0.05, "accuracy": 0.95, "per class.3": 1, "8s": 1e-9, "bad": float("nan"), "inf": float("-inf")}
    ) == (
        "_8s 1e-09\naccuracy 0.95\nbad NaN\ninf -Inf\nloss 0.05\nper_class_3 1.0\n# EOF\n"
    )  # fmt: skip
    assert metrics_report({}) == "# EOF\n"


def test_names_that_would_become_one() -> None:
    names = metric_names(["a.b", "a_b", "a b"])
    assert names["a_b"] == "a_b"
    assert len(set(names.values())) == 3
    assert metric_names(["a.b", "a_b", "c"])["a.b"] == names["a.b"]
    assert metric_names(["a.b"]) == {"a.b": "a_b"}


@given(st.dictionaries(st.text(), st.floats(), max_size=8))
def test_each_metric_has_a_line_of_its_own(metrics: dict[str, float]) -> None:
    *lines, end = metrics_report(metrics).splitlines()
    assert (len(lines), end) == (len(metrics), "# EOF")
    found = [re.fullmatch(r"([A-Za-z_:][A-Za-z0-9_:]*) (\S+)", line) for line in lines]
    assert len({match[1] for match in found if match}) == len(metrics)
    values = [match[2] for match in found if match]
    assert list(map(repr, map(float, values))) == [
        repr(metrics[name]) for name in _in_order(metrics)
    ]


def _in_order(metrics: dict[str, float]) -> list[str]:
    return sorted(metrics)
