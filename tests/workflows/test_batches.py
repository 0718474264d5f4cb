"""`paribus run` with several values: experiments that run together, each judged by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from paribus.execute.holder import held
from paribus.git.command import Git
from paribus.ledger.branch import Branch
from paribus.ledger.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Workspace

GAIN = "params.json:train.gain"
NAME = "params.json:train.name"


def candidates(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The candidate runs of every experiment of a batch, in the order in which they started."""
    runs = [run for one in report["experiments"] for run in one["runs"]]
    return sorted(
        (run for run in runs if run["side"] == "candidate"), key=lambda run: str(run["started"])
    )


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    """What became of each experiment, by its change."""
    return {
        one["label"]: one["verdict"]["outcome"] if one["verdict"] else one["status"]
        for one in report["experiments"]
    }


def notebook(project: Workspace) -> Notebook:
    return Notebook(Branch(Git(project.path)))


@pytest.mark.slow
def test_each_value_is_an_experiment_and_the_table_has_the_best_first(
    measured: Workspace, shape: Callable[[str], str]
) -> None:
    """0.2 was judged before, 0.0 is the baseline's own value, 0.20 is 0.2 again."""
    before = measured.state()
    told = measured.paribus(
        "run", "-S", f"{GAIN}=-0.3,0.2,0.0,0.3,0.20", "-m", "how much?", "--jobs", "2"
    )
    head = measured.git("rev-parse", "HEAD")[:7]
    assert told.code == 0, told
    assert told.out.splitlines()[:3] == [
        f"3 experiments against {head}: 2 improved, 1 worse",
        "      accuracy, higher is better; effect of interest 0.005; looks 3 5 8 12 20",
        "      null control 0 of 3 differ",
    ]
    lines = told.out.splitlines()[5:11]
    assert [line.strip() for line in lines[1::2]] == [
        "train.gain 0.0 -> 0.3",
        "train.gain 0.0 -> 0.2 (found, not run again)",
        "train.gain 0.0 -> -0.3",
    ]
    assert [line.split()[-1] for line in lines[::2]] == ["improved", "improved", "worse"]
    zero = {line.index("|") for line in lines[::2] if "|" in line}
    assert len(zero) == 1, "one axis for all"
    assert max(map(len, told.out.splitlines()[:11])) <= 80
    assert "skipped  -S params.json:train.gain=0.0\n" in told.out
    assert f"note: -S {GAIN}=0.20 is skipped: it is the same as -S {GAIN}=0.2\n" in told.err
    assert measured.state() == before
    assert measured.git("fsck", "--no-dangling") == ""
    shown = measured.paribus("show", told.out.splitlines()[5].split()[0])
    assert "      one of a family of 3 tried together\n" in shown.out

    machine = measured.paribus("run", "-S", f"{GAIN}=-0.3,0.2,0.0,0.3,0.20", "--json")
    assert machine.code == 0
    report = machine.json
    assert list(report) == [
        "schema", "baseline", "baseline_name", "experiments", "family", "refused", "skipped",
        "runs", "next",
    ]  # fmt: skip
    assert report["runs"] == {"made": 0, "limit": None}
    assert all(one["found"] for one in report["experiments"])
    assert [one["change"]["new"] for one in report["experiments"]] == [0.3, 0.2, -0.3]
    assert [one["hypothesis"] for one in report["experiments"]] == [
        "how much?", "a larger gain gains", "how much?",
    ]  # fmt: skip
    assert report["family"]["tried"] == 3
    assert all(0 < one["q"] < 0.05 and not one["alone"] for one in report["experiments"])
    assert report["skipped"] == [
        {"asked": f"-S {GAIN}=0.0", "reason": "nothing differs from the baseline"},
        {"asked": f"-S {GAIN}=0.20", "reason": f"it is the same as -S {GAIN}=0.2"},
    ]
    # The baseline's runs are shared, and it had them all.
    baseline = {
        run["id"]
        for one in report["experiments"]
        for run in one["runs"]
        if run["side"] == "baseline"
    }
    most = max(one["verdict"]["n"] for one in report["experiments"])
    assert len(baseline) == most + 3, "with the three reruns of the null control"
    family = tuple(sorted(report["family"]["members"]))
    assert all(notebook(measured).families(name) == (family,) for name in family)


@pytest.mark.slow
def test_all_are_registered_before_any_runs_and_losers_may_stop_at_the_first_look(
    project: Workspace,
) -> None:
    told = project.paribus("run", "-S", f"{GAIN}=0.2,-0.2", "--json", "--jobs", "0")
    assert told.code == 0, told
    assert outcomes(told.json) == {
        "train.gain 0.0 -> 0.2": "improved",
        "train.gain 0.0 -> -0.2": "worse",
    }
    first = min(run["started"] for run in candidates(told.json))
    assert all(one["started"] < first for one in told.json["experiments"])
    assert {one["plan"]["futile_from"] for one in told.json["experiments"]} == {3}
    # Forwards and backwards in turn, so that a drift falls on all of them alike.
    names = [one["change"]["new"] for one in told.json["experiments"]]
    values = {one["experiment"]: one["change"]["new"] for one in told.json["experiments"]}
    order = [values[run["experiment"]] for run in candidates(told.json)]
    assert names == [0.2, -0.2]
    assert order == [0.2, -0.2, -0.2, 0.2, 0.2, -0.2]
    # Alone, the same experiment is found.
    again = project.paribus("run", "-S", f"{GAIN}=0.2", "--json")
    assert (again.code, again.json["found"]) == (0, True)


@pytest.mark.slow
def test_one_that_fails_stops_alone_and_bundles_are_refused_one_by_one(
    measured: Workspace,
) -> None:
    command = ("run", "-S", f"{GAIN}=oops,0.3", "-S", f"{NAME}=plain,fancier", "--seeds", "3")
    told = measured.paribus(*command, "--jobs", "2", "--json")
    assert told.code == 5, told
    assert "note: train.gain 0.0 -> oops: a number becomes text\n" in told.err
    assert outcomes(told.json) == {
        "train.gain 0.0 -> 0.3": "improved",
        "train.gain 0.0 -> oops": "undecided",
    }
    failed = told.json["experiments"][-1]
    assert (failed["status"], failed["q"]) == ("failed", 1.0)
    assert [(one["asked"], one["code"]) for one in told.json["refused"]] == [
        (f"-S {GAIN}=oops -S {NAME}=fancier", "one-change"),
        (f"-S {GAIN}=0.3 -S {NAME}=fancier", "one-change"),
    ]
    assert [len(one["changes"]) for one in told.json["refused"]] == [2, 2]
    ran = [run for run in candidates(told.json) if run["status"] == "failed"]
    assert 1 <= len(ran) <= 2, "two may be under way at once, and no third is started"
    shown = measured.paribus(*command)
    assert shown.code == 5
    assert "  TypeError: unsupported operand type(s)" in shown.out
    assert "refused  -S params.json:train.gain=0.3 -S params.json:train.name=fancier\n" in shown.out
    assert (
        "         2 changes, and an experiment has one: train.gain 0.0 -> 0.3; train.name\n"
        "         plain -> fancier\n"
    ) in shown.out
    listed = measured.paribus("log", "--verdict", "failed", "--json").json["experiments"]
    assert [one["change"]["summary"] for one in listed] == [
        "train.gain 0.0 -> oops", "train.fail false -> true",
    ]  # fmt: skip
    allowed = measured.paribus(
        "run", "-S", f"{GAIN}=0.3,0.31", "-S", f"{NAME}=fancier", "--allow", "a pair",
        "--seeds", "1", "--json",
    )  # fmt: skip
    assert (allowed.code, allowed.json["refused"]) == (4, [])
    assert {one["allow"] for one in allowed.json["experiments"]} == {"a pair"}


@pytest.mark.slow
def test_a_number_of_runs_is_shared_and_the_same_command_goes_on(measured: Workspace) -> None:
    command = ("run", "-S", f"{GAIN}=0.3,-0.3", "--json")
    told = measured.paribus(*command, "--runs", "4")
    assert told.code == 4, told
    assert told.json["runs"] == {"made": 4, "limit": 4}
    assert len(candidates(told.json)) == 4
    assert outcomes(told.json) == {
        "train.gain 0.0 -> 0.3": "improved",
        "train.gain 0.0 -> -0.3": "undecided",
    }
    more = measured.paribus(*command[:-1], "--runs", "1").out
    assert "\n1 of at most 1 candidate runs made now\n" in more
    assert f"next: go on              paribus run -S {GAIN}=0.3,-0.3\n" in more
    again = measured.paribus(*command)
    assert again.code == 0, again
    assert len(candidates(again.json)) == sum(
        one["verdict"]["n"] for one in again.json["experiments"]
    )
    assert outcomes(again.json)["train.gain 0.0 -> -0.3"] == "worse"


def test_what_another_process_runs_is_left_to_it(measured: Workspace) -> None:
    command = ("run", "-S", f"{GAIN}=0.3,-0.3", "--seeds", "1", "--json")
    ids = [one["experiment"] for one in measured.paribus(*command, "--dry-run").json["experiments"]]
    with held(measured.path / ".git" / "paribus" / "holders", f"experiment-{ids[0]}"):
        told = measured.paribus(*command)
    assert told.code == 5
    assert [(one["asked"], one["code"]) for one in told.json["refused"]] == [
        ("train.gain 0.0 -> 0.3", "already-running")
    ]
    assert [one["experiment"] for one in told.json["experiments"]] == [ids[1]]
    assert len(candidates(told.json)) == 1


def test_a_dry_run_writes_nothing(measured: Workspace) -> None:
    before = measured.state(), measured.git("rev-parse", "paribus/ledger")
    command = ("run", "-S", f"{GAIN}=0.2,0.3", "-S", f"{NAME}=plain,fancy", "--dry-run")
    told = measured.paribus(*command)
    head = measured.git("rev-parse", "HEAD")[:7]
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == f"would run 2 experiments against {head}; 2 refused:"
    assert lines[3].startswith("            in the ledger: improved: accuracy ")
    assert max(len(line) for line in lines if not line.startswith("help: ")) <= 80
    assert "  3 to 20 pairs each; the baseline has 3 runs" in lines
    assert lines[-1] == "nothing was run or written"
    machine = measured.paribus(*command, "--json").json
    assert (len(machine["experiments"]), len(machine["refused"]), machine["dry_run"]) == (
        2,
        2,
        True,
    )
    assert (measured.state(), measured.git("rev-parse", "paribus/ledger")) == before


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("-S", f"{GAIN}=0.0,0.00"), "error[no-change]: no value differs"),
        (
            ("-S", f"{GAIN}=1,,2"),
            "error[bad-override]: -S 'params.json:train.gain=1,,2' has an empty",
        ),
        (("-S", "params.json:train.gian=1,2"), "error[unknown-param]: params.json has no param"),
        (
            ("-S", f"{GAIN}=range(1,5)"),
            "error[bad-override]: -S 'params.json:train.gain=range(1,5)'",
        ),
        (
            ("-S", "params.json:seed=1,2,3"),
            "error[no-change]: `params.json:seed` is a declared seed and is varied anyway",
        ),
        (
            ("-S", "params.json:seed=5"),
            "error[no-change]: `params.json:seed` is a declared seed and is varied anyway",
        ),
        (("-S", f"{GAIN}=1", "--runs", "3"), "error[usage]: --runs is shared by several"),
    ],
)
def test_what_cannot_be_meant(project: Workspace, arguments: tuple[str, ...], error: str) -> None:
    before = project.state()
    told = project.paribus("run", *arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(error)
    assert project.state() == before
    assert project.git("branch", "--list", "paribus/ledger") == ""


def test_all_refused_is_a_refusal(project: Workspace) -> None:
    """Each has the edit of the working tree beside its value."""
    project.set_param("train.noise", 0.5)
    told = project.paribus("run", "-S", f"{GAIN}=0.2,0.3")
    assert told.code == 1
    assert told.out.startswith("0 experiments against ")
    assert told.out.splitlines()[0].endswith(": nothing was run; 2 refused")
    planned = project.paribus("run", "-S", f"{GAIN}=0.2,0.3", "--dry-run")
    assert planned.code == 1
    assert planned.out.startswith("would run 0 experiments against ")
    assert planned.out.splitlines()[-3:] == [
        f'help: let the others through   paribus run -S {GAIN}=0.2,0.3 --allow "why"   (recorded)',
        "",
        "nothing was run or written",
    ]
    assert project.git("branch", "--list", "paribus/ledger") == ""


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_where_it_was(project: Workspace) -> None:
    program = project.read("train.py").replace(
        "score = 0.8", "import time\ntime.sleep(0.3)\nscore = 0.8"
    )
    project.commit("slow", {"train.py": program})
    before = project.state()
    command = [sys.executable, "-m", "paribus", "run", "-S", f"{GAIN}=0.2,-0.2", "--jobs", "2"]
    process = subprocess.Popen(
        command, cwd=project.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("  run 3 of"):
            break
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    time.sleep(1)  # its workers end with it
    assert project.state() == before
    told = project.paribus("run", "-S", f"{GAIN}=0.2,-0.2", "--jobs", "2", "--json")
    assert told.code == 0, told
    assert sorted(outcomes(told.json).values()) == ["improved", "worse"]
    good = [run for run in candidates(told.json) if run["status"] == "succeeded"]
    assert len({(run["experiment"], run["pair"]) for run in good}) == len(good) == 6
    assert {run["status"] for run in candidates(told.json)} <= {"succeeded", "interrupted"}
    assert project.state() == before
