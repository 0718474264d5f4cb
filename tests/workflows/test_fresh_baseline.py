"""`paribus baseline --fresh`: luck persists as long as a baseline's runs are reused."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"


@pytest.mark.slow
def test_fresh_seeds_show_a_lucky_baseline(
    measured: Workspace, shape: Callable[[str], str]
) -> None:
    state, before = measured.state(), measured.paribus("baseline", "--json").json
    assert (before["generation"], before["earlier"]) == (0, None)
    told = measured.paribus("baseline", "--fresh", "--seeds", "3", "--jobs", "2")
    assert told.code == 0
    lines = shape(told.out).splitlines()
    luck = lines.pop(5)
    assert lines == [
        "baseline HEX  (merge base with main)",
        "  accuracy # (3 runs, sd #)",
        "  accuracy, higher is better; effect of interest #",
        "  seeds drawn anew 1 time",
        "  with fresh seeds # (3 runs) instead of # (3 runs), # [#, #]",
        "  null control 0 of 3 differ",
        'next: try one change   paribus run -S key=value -m "why it should help"',
    ]
    after = measured.paribus("baseline", "--json").json
    earlier = after["earlier"]
    assert (earlier["mean"], earlier["sd"]) == (before["mean"], before["sd"])
    assert (earlier["n"], earlier["drift"], after["generation"]) == (3, False, 1)
    assert earlier["estimate"] == pytest.approx(after["mean"] - before["mean"])
    assert luck == (
        "  whether the earlier seeds were lucky cannot be told from noise"
        if earlier["low"] <= 0 <= earlier["high"]
        else f"  the earlier seeds were {'lucky' if earlier['high'] < 0 else 'unlucky'}"
    )
    old, new = ({tuple(run["seeds"].items()) for run in one["runs"]} for one in (before, after))
    assert len(old) == len(new) == 3
    assert not old & new
    assert measured.state() == state
    again = measured.paribus("baseline", "--measure", "--seeds", "3")
    assert (again.err, again.out) == ("", told.out)


@pytest.mark.slow
def test_experiments_keep_the_seeds_that_they_began_with(
    measured: Workspace, history: History
) -> None:
    old = {run["id"] for run in measured.paribus("baseline", "--json").json["runs"]}
    measured.paribus("baseline", "--fresh", "--seeds", "3")
    new = {run["id"] for run in measured.paribus("baseline", "--json").json["runs"]}
    begun = measured.paribus("run", "-S", f"{GAIN}=0.002", "--seeds", "4", "--json").json
    assert begun["experiment"] == history.id("undecided")
    used = {run["id"] for run in begun["runs"] if run["side"] == "baseline"}
    assert old <= used
    assert not new & used
    later = measured.paribus("run", "-S", f"{GAIN}=0.5", "--seeds", "3", "--json").json
    assert {
        run["id"]
        for run in later["runs"]
        if (run["side"], run["purpose"]) == ("baseline", "measure")
    } == new


@pytest.mark.slow
def test_seeds_that_nobody_used_are_fresh(project: Workspace) -> None:
    told = project.paribus("baseline", "--fresh", "--seeds", "2", "--json")
    assert told.code == 0
    assert told.err == "note: no run has used the seeds that the baseline has: they are fresh\n"
    assert (told.json["generation"], told.json["earlier"], told.json["n"]) == (0, None, 2)


@pytest.mark.slow
def test_ten_runs_are_a_null_control_of_the_rule(project: Workspace) -> None:
    assert (
        project.paribus("baseline", "--seeds", "9", "--jobs", "2", "--json").json["replay"] is None
    )
    told = project.paribus("baseline", "--seeds", "10")
    replay = project.paribus("baseline", "--json").json["replay"]
    assert (replay["replays"], replay["runs"], replay["pairs"]) == (150, 10, 5)
    alarms = replay["improved"] + replay["worse"]
    assert (
        f"  null control 0 of 3 differ; the rule told {alarms} of 150 splits "
        f"of 10 baseline runs apart ({100 * alarms / 150:.1f} %)\n" in told.out
    )
    values = [
        run["metrics"]["accuracy"] for run in project.paribus("baseline", "--json").json["runs"]
    ]
    found = re.search(r"accuracy (0\.\d+) \(10 runs, sd 0\.\d+\)", told.out)
    assert found is not None
    assert float(found[1]) == pytest.approx(fmean(values), abs=1e-3)
