"""`paribus run` from the change to the verdict: what it prints, for people and for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace
    from tests.workflows.conftest import History

CODES = {"improved": 0, "worse": 1, "no-difference": 0, "undecided": 4, "failed": 5}

HEADER = """\
{id}  {change}  against {baseline}
      accuracy, higher is better; effect of interest #; looks 3 5 8 12 20
      null control 0 of 3 differ
"""

OUTPUT = {
    "improved": HEADER
    + """\
      a larger gain gains

    pairs    difference  interval              worse | better
        3        #  [#, #]  DRAWN  improved

improved: accuracy # -> #, # [#, #], 3 of 3 pairs
  the interval [#, #] lies above zero
  a gain of at least # is shown
  3 pairs better, 0 equal, 0 worse
  recorded HEX on the branch paribus/ledger
next: make it the baseline   paribus promote {id}
next: see a result           paribus compare HEX
next: every run of it        paribus show {id}
""",
    "worse": HEADER
    + """\

    pairs    difference  interval              worse | better
        3        #  [#, #]  DRAWN  worse

worse: accuracy # -> #, # [#, #], 3 of 3 pairs
  the interval [#, #] lies below zero
  0 pairs better, 0 equal, 3 worse
  recorded HEX on the branch paribus/ledger
next: other dead ends   paribus log --verdict worse
next: every run of it   paribus show {id}
""",
    "no-difference": HEADER
    + """\

    pairs    difference  interval        worse | better
        3            +0  [+0, +0]              *            no-difference

no detectable difference: accuracy +0 [+0, +0], 3 of 3 pairs
  accuracy is identical in all 3 pairs
  0 pairs better, 3 equal, 0 worse
  recorded HEX on the branch paribus/ledger
next: other dead ends   paribus log --verdict no-difference
next: every run of it   paribus show {id}
""",
    "undecided": HEADER
    + """\

    pairs    difference  interval              worse | better
        3        #  [#, #]  DRAWN  undecided

undecided: accuracy # [#, #], 3 of 3 pairs
  3 of at most 20 pairs; the interval [#, #] still spans zero; next
    look at 5
  at this spread about {needed} pairs would detect # (80 % power)
  {better} pairs better, {equal} equal, {worse} worse
  recorded HEX on the branch paribus/ledger
next: go on to the next look   paribus run -S params.json:train.gain=#
next: every run of it          paribus show {id}
""",
}

CHANGES = {
    "improved": "train.gain # -> #",
    "worse": "train.gain # -> #",
    "no-difference": "train.name plain -> fancy",
    "undecided": "train.gain # -> #",
}


def shown(history: History, *arguments: str) -> Called:
    """A command that only reads, in the project with a past."""
    return history.project.paribus(*arguments)


@pytest.mark.parametrize("outcome", CODES)
def test_the_exit_code_tells_the_outcome(history: History, outcome: str) -> None:
    assert history.calls[outcome].code == CODES[outcome]


@pytest.mark.parametrize("outcome", OUTPUT)
def test_the_whole_output(history: History, shape: Callable[[str], str], outcome: str) -> None:
    verdict = shown(history, "show", history.id(outcome), "--json").json["verdict"]
    needed = re.search(r"about (\d+) pairs", " ".join(verdict["reasons"]))
    expected = OUTPUT[outcome].format(
        id=history.id(outcome)[:4],
        change=CHANGES[outcome],
        baseline="HEX",
        needed=needed[1] if needed else "",
        **{key: verdict[key] for key in ("better", "equal", "worse")},
    )
    assert shape(history.calls[outcome].out) == expected


def test_the_numbers_of_the_first_line_are_those_of_the_runs(history: History) -> None:
    report = shown(history, "show", history.id("improved"), "--json").json
    by_side: dict[str, list[float]] = {"baseline": [], "candidate": []}
    for run in report["runs"]:
        if run["purpose"] == "measure":
            by_side[run["side"]].append(run["metrics"]["accuracy"])
    differences = [
        new - old for old, new in zip(by_side["baseline"], by_side["candidate"], strict=True)
    ]
    assert len(differences) == 3
    assert report["verdict"]["estimate"] == pytest.approx(sum(differences) / 3)
    assert report["verdict"]["low"] < 0.2 < report["verdict"]["high"]
    first = next(
        line for line in history.calls["improved"].out.splitlines() if line.startswith("improved: ")
    )
    assert f"{sum(by_side['baseline']) / 3:.3f} -> {sum(by_side['candidate']) / 3:.3f}, " in first


def test_progress_goes_to_stderr(history: History, shape: Callable[[str], str]) -> None:
    lines = shape(history.calls["improved"].err).splitlines()
    identifier = history.id("improved")[:4]
    assert lines[0] == f"registered {identifier}: train.gain # -> #"
    runs = lines[1:-1]
    pairs = [
        *(f"{side} pair 1" for side in ("baseline ", "candidate")),
        *(f"{side} pair 2" for side in ("candidate", "baseline ")),
        *(f"{side} pair 3" for side in ("baseline ", "candidate")),
        *["control   pair 1"] * 3,
    ]
    assert runs == [f"  run {at} of 9  {what}  accuracy #  # s" for at, what in enumerate(pairs, 1)]
    assert lines[-1] == "  look at 3 pairs: improved"


RUN_KEYS = ["id", "seeds", "status", "metrics", "seconds", "commit"]
VERDICT_KEYS = ["outcome", "metric", "estimate", "low", "high", "n", "reasons"]


@pytest.mark.parametrize("outcome", CODES)
def test_keys_that_scripts_rely_on(history: History, outcome: str) -> None:
    report = shown(history, "show", history.id(outcome), "--json").json
    assert next(iter(report)) == "schema"
    assert report["experiment"] == history.id(outcome)
    assert report["baseline"] == history.project.git("rev-parse", "main")
    assert report["change"]["kind"] == "param"
    assert report["hypothesis"] in ("", "a larger gain gains", "it must <b>fail</b>")
    assert all(list(run)[:6] == RUN_KEYS for run in report["runs"])
    assert list(report["verdict"])[:7] == VERDICT_KEYS
    expected = "undecided" if outcome == "failed" else outcome
    assert report["verdict"]["outcome"] == expected


@pytest.mark.slow
def test_the_same_keys_for_run(measured: Workspace) -> None:
    """While a machine reads, stderr is silent."""
    told = measured.paribus("run", "-S", "params.json:train.gain=0.3", "-m", "more", "--json")
    report = told.json
    assert (told.code, told.err) == (0, "")
    assert next(iter(report)) == "schema"
    again = measured.paribus("show", report["experiment"], "--json").json
    assert again == report | {"found": True}
    assert report["found"] is False
    assert (report["hypothesis"], report["allow"], report["revision"]) == ("more", None, None)
    assert report["verdict"]["outcome"] == "improved"
    assert report["null_control"] == {"differ": 0, "of": 3}
    _runs_are_whole(measured, report)


def _runs_are_whole(project: Workspace, report: dict[str, Any]) -> None:
    """Each run's commit holds the params that it says, the metrics that it says, and its parent."""
    candidates = [run for run in report["runs"] if run["side"] == "candidate"]
    baselines = [run for run in report["runs"] if run["side"] == "baseline"]
    assert [run["pair"] for run in candidates] == [1, 2, 3]
    for run in report["runs"]:
        params = json.loads(project.git("show", f"{run['commit']}:params.json"))
        metrics = json.loads(project.git("show", f"{run['commit']}:metrics.json"))
        assert metrics == run["metrics"]
        assert params["train"]["gain"] == (0.3 if run["side"] == "candidate" else 0.0)
        seeds = {f"params.json:{name}": params[name] for name in ("seed", "split_seed")}
        assert seeds == run["seeds"]
        assert project.git("rev-parse", f"{run['commit']}^") == report["baseline"]
        assert project.git("rev-parse", run["ref"]) == run["commit"]
    by_pair = {run["pair"]: run["seeds"] for run in baselines if run["purpose"] == "measure"}
    assert by_pair == {run["pair"]: run["seeds"] for run in candidates}
    assert len({tuple(seeds.values()) for seeds in by_pair.values()}) == 3


@pytest.mark.slow
def test_lower_is_better(measured: Workspace) -> None:
    protocol = measured.read("paribus.yaml").replace("metric: accuracy", "metric: loss")
    measured.commit("loss", {"paribus.yaml": protocol.replace("higher", "lower")})
    told = measured.paribus("run", "-S", "params.json:train.gain=0.2", "--json")
    verdict = told.json["verdict"]
    assert (told.code, verdict["outcome"], verdict["metric"]) == (0, "improved", "loss")
    assert verdict["high"] < 0
    text = measured.paribus("show", told.json["experiment"]).out
    assert "better | worse" in text
    assert "      loss, lower is better; " in text


@pytest.mark.slow
def test_without_a_declared_effect_the_baselines_spread_is_taken(project: Workspace) -> None:
    protocol = project.read("paribus.yaml").replace("effect: 0.005\n", "")
    project.commit("no effect", {"paribus.yaml": protocol})
    told = project.paribus("run", "-S", "params.json:train.gain=0.2", "--jobs", "2", "--json")
    shown = project.paribus("baseline", "--json").json
    assert told.json["plan"]["effect"] == pytest.approx(shown["sd"])
    assert shown["n"] == 5
    text = project.paribus("show", told.json["experiment"]).out
    assert " (default: the baseline's own spread)" in " ".join(text.split())


# Seeds.


@pytest.mark.slow
def test_seeds_that_change_nothing_are_said_and_never_improve(project: Workspace) -> None:
    fixed = project.read("train.py").replace(
        'seeds = params["seed"], params["split_seed"]', "seeds = 1, 2"
    )
    project.commit("seeds that nobody reads", {"train.py": fixed})
    told = project.paribus("run", "-S", "params.json:train.gain=0.2", "--seeds", "2")
    assert told.code == 4
    assert re.search(r"^undecided: accuracy \+0\.\d+, 2 of 2 pairs$", told.out, re.MULTILINE)
    assert "  the declared seeds change nothing, so 2 runs a side are one run\n" in told.out
    assert "go on to the next look" not in told.out  # more runs would settle nothing
    again = project.paribus("run", "-S", "params.json:train.gain=0.2")
    assert (again.code, again.err) == (4, "")
    assert again.out == f"found in the ledger; nothing was run\n\n{told.out}"
    shown = project.paribus("baseline")
    assert (
        "  the declared seeds change nothing (params.json:seed, params.json:split_seed): "
        "2 runs are one run; list them under `params` of the stages that use them\n"
    ) in shown.out


@pytest.mark.slow
def test_without_seeds_repeats_are_real_runs(project: Workspace) -> None:
    """To DVC they are one and the same; the run cache must not answer for them."""
    protocol = "schema: 1\nmetric: accuracy\ndirection: higher\neffect: 0.005\n"
    stage = project.read("train.py") + 'open("../../../../../../../ran", "a").write("x")\n'
    project.commit("no seeds", {"paribus.yaml": protocol, "train.py": stage})
    told = project.paribus("run", "-S", "params.json:train.gain=0.2", "--seeds", "2", "--json")
    assert (told.code, told.json["verdict"]["outcome"]) == (4, "undecided")
    assert "the declared seeds change nothing" in told.json["verdict"]["reasons"][0]
    assert all(run["seeds"] == {} for run in told.json["runs"])
    assert len((project.path / ".." / "ran").read_text()) == len(told.json["runs"]) == 7
    assert "  no seeds are declared: repeats show only what is not deterministic\n" in (
        project.paribus("baseline").out
    )


@pytest.mark.slow
def test_a_pipeline_that_is_not_deterministic_is_told(project: Workspace) -> None:
    """The null control: the same seed three times, caches off."""
    noisy = project.read("train.py").replace(
        "own = ", "shared += random.SystemRandom().gauss(0, 1)\nown = "
    )
    project.commit("noise", {"train.py": noisy})
    told = project.paribus("run", "-S", "params.json:train.gain=0.5", "--seeds", "1", "--json")
    assert told.json["null_control"] == {"differ": 3, "of": 3}
    text = project.paribus("show", told.json["experiment"]).out
    assert "      null control 3 of 3 differ\n" in text
    assert "  the same seed gives other numbers: the pipeline is not deterministic\n" in (
        project.paribus("baseline").out
    )
