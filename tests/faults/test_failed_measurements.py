"""A run that gives no number: exit 5, recorded, and to be seen in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faults.oracle import before, listed, runs

if TYPE_CHECKING:
    from tests.conftest import Workspace

slow = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        ("exit 3", "stage train, exit 3"),
        ("echo '{\"accuracy\": NaN}' > metrics.json", "metric accuracy is nan"),
        pytest.param("rm metrics.json", "metrics.json", marks=slow),
        (": > metrics.json", "metrics: metrics.json:1: Expecting value"),
        pytest.param("echo '{}' > metrics.json", "metric accuracy is not there", marks=slow),
        pytest.param(
            'echo \'{"accuracy": "high"}\' > metrics.json', "metric accuracy is high", marks=slow
        ),
        pytest.param("echo '{\"accuracy\": null}' > metrics.json", "metric accuracy", marks=slow),
        pytest.param("echo '{\"accuracy\": 1e999}' > metrics.json", "metric accuracy", marks=slow),
        pytest.param(
            "echo '[' > metrics.json", "metrics: metrics.json:2: Expecting value", marks=slow
        ),
        pytest.param("printf '\\377' > metrics.json", "metrics.json", marks=slow),
    ],
)
def test_what_is_no_number(ending: str, cause: str, tiny: Workspace) -> None:
    tiny.write({"train.sh": f"{tiny.read('train.sh')}{ending}\n"})
    then = before(tiny)
    told = tiny.paribus("run", "--json")
    assert told.code == 5, told
    (failed,) = runs(tiny, "failed")
    assert cause in failed["cause"]
    assert failed["metrics"] == {}
    assert told.json["verdict"]["outcome"] != "improved"
    shown = tiny.paribus("show", told.json["experiment"])
    assert shown.code == 0
    assert cause in " ".join(shown.out.split())
    assert "failed" in listed(tiny).values()
    assert "failed" in tiny.paribus("log").out
    assert before(tiny).state == then.state
