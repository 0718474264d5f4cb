"""A failed run is a result: recorded with stage, exit code and log tail, and shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paribus.core.seeds import derived_seeds

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"

FAILED = """\
{id}  train.fail false -> true  against HEX
      accuracy, higher is better; effect of interest #; looks 3 5 8 12 20
      null control 0 of 3 differ
      it must <b>fail</b>

failed: pair 1, stage train, exit 1 after 0 s; recorded
  training with {{'gain': #, 'noise': #, 'fail': True, 'name': 'plain'}}
  ValueError: loss is nan at epoch 3
failed: accuracy, 0 of 1 pairs
  0 of at most 20 pairs; nothing is decided before 3; next look at 3
  1 of 1 candidate run failed where the baseline ran; a candidate that fails by
    itself is never improved
  recorded HEX on the branch paribus/ledger
next: mend it and try again   paribus run -S params.json:train.fail=true
next: every run of it         paribus show {id}
"""


def candidates(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The experiment's own runs."""
    return [run for run in report["runs"] if run["side"] == "candidate"]


def test_the_whole_output(history: History, shape: Callable[[str], str]) -> None:
    call = history.calls["failed"]
    seconds = call.out.split("exit 1 after ")[1].split(" ")[0]
    assert call.code == 5
    assert shape(call.out).replace(f"after {seconds} s", "after 0 s") == FAILED.format(
        id=history.id("failed")[:4]
    )
    assert shape(call.err).splitlines() == [
        f"registered {history.id('failed')[:4]}: train.fail false -> true",
        f"failed: pair 1, stage train, exit 1 after {seconds} s; recorded",
        "  training with {'gain': #, 'noise': #, 'fail': True, 'name': 'plain'}",
        "  ValueError: loss is nan at epoch 3",
    ]


def test_the_record(history: History) -> None:
    report = history.project.paribus("show", history.id("failed"), "--json").json
    (run,) = candidates(report)
    assert (run["status"], run["stage"], run["exit_code"]) == ("failed", "train", 1)
    assert run["cause"] == "stage train, exit 1"
    assert run["log_tail"].endswith("ValueError: loss is nan at epoch 3")
    assert (run["commit"], run["ref"], run["metrics"]) == (None, None, {})
    assert run["seconds"] > 0
    assert report["status"] == "failed"
    verdict = report["verdict"]
    assert (verdict["n"], verdict["attempted"], verdict["candidate_failures"]) == (0, 1, 1)


def test_show_and_log_tell_of_it(history: History) -> None:
    identifier = history.id("failed")
    shown = history.project.paribus("show", identifier[:6])
    assert shown.code == 0
    assert "failed: pair 1, stage train, exit 1 after " in shown.out
    assert "  ValueError: loss is nan at epoch 3\n" in shown.out
    row = next(line for line in shown.out.splitlines() if "  candidate     " in line)
    assert row.split()[1:4] == ["candidate", "1", "failed"]
    listed = history.project.paribus("log").out.splitlines()
    assert listed[0].split()[:2] == [identifier[:4], "failed"]
    assert listed[1] == "      train.fail false -> true: it must <b>fail</b>"


@pytest.mark.slow
def test_what_failed_is_tried_again(measured: Workspace, history: History) -> None:
    """Whoever runs it again has mended something; the first attempt is kept, and said once."""
    told = measured.paribus("run", "-S", "params.json:train.fail=true", "--json")
    assert told.code == 5
    assert [run["status"] for run in candidates(told.json)] == ["failed", "failed"]
    assert {run["pair"] for run in candidates(told.json)} == {1}
    text = measured.paribus("show", history.id("failed")).out
    assert text.count("failed: pair 1") == 1


@pytest.mark.slow
def test_a_candidate_that_fails_with_one_seed_is_never_improved(measured: Workspace) -> None:
    runs = measured.paribus("baseline", "--json").json["runs"]
    seed = runs[1]["seeds"]["params.json:seed"]
    measured.git("switch", "--quiet", "--create", "unlucky")
    text = measured.read("train.py")
    marker = "score = 0.8 + "
    assert marker in text
    gain = f'(sys.exit("an unlucky seed") if params["seed"] == {seed} else 0.3)'
    measured.commit("a gain for most", {"train.py": text.replace(marker, f"{marker}{gain} + ")})
    told = measured.paribus("run", "unlucky", "--json")
    assert told.code == 5
    assert [(run["pair"], run["status"]) for run in candidates(told.json)] == [
        (1, "succeeded"),
        (2, "failed"),
    ]
    assert told.json["verdict"]["outcome"] == "undecided"
    assert candidates(told.json)[1]["log_tail"].endswith("an unlucky seed")


@pytest.mark.slow
def test_a_metric_that_is_nan_is_a_failed_run(project: Workspace) -> None:
    text = project.read("train.py").replace(
        "json.dump(", 'if params["train"]["gain"] > 1:\n    score = float("nan")\njson.dump('
    )
    project.commit("too much gain breaks it", {"train.py": text})
    told = project.paribus("run", "-S", f"{GAIN}=2", "--jobs", "2", "--json")
    run, *_ = candidates(told.json)  # strict JSON, although a metrics file has NaN
    assert told.code == 5
    assert (run["status"], run["metrics"], run["stage"]) == ("failed", {}, None)
    assert run["cause"] == "metric accuracy is nan, which is no measurement"
    shown = project.paribus("show", told.json["experiment"])
    assert (
        "\nfailed: pair 1, metric accuracy is nan, which is no measurement; recorded\n" in shown.out
    )
    assert project.paribus("log", "--jsonl").code == 0
    assert project.paribus("compare", run["commit"] or "HEAD", "--json").json["revisions"]


@pytest.mark.slow
def test_a_metric_that_a_baseline_does_not_have(project: Workspace) -> None:
    text = project.read("evaluate.py").replace('"accuracy"', '"acc"')
    project.commit("renamed", {"evaluate.py": text})
    before = project.state()
    told = project.paribus("run", "-S", f"{GAIN}=0.2", "--json")
    assert (told.code, told.json["error"]["code"]) == (5, "baseline-failed")
    assert told.json["error"]["message"] == (
        "the baseline itself failed: metric accuracy is not there"
    )
    assert project.state() == before
    (experiment,) = project.paribus("log", "--json").json["experiments"]
    assert experiment["verdict"] is None


@pytest.mark.slow
def test_a_baseline_that_fails(project: Workspace) -> None:
    """The stage cannot be blamed on the change; it says so, and what the stage said."""
    project.set_param("train.fail", True)
    project.commit("broken")
    told = project.paribus("baseline", "--measure", "--seeds", "1")
    assert (told.code, told.out) == (5, "")
    assert told.err.endswith(
        "error[baseline-failed]: the baseline itself failed: stage train, exit 1\n"
        "help: the last that it said: ValueError: loss is nan at epoch 3\n"
        "help: mend it in a commit of its own, which is then the baseline\n"
    )
    assert "Traceback" not in told.err
    shown = project.paribus("baseline")
    assert (shown.code, shown.out.splitlines()[1]) == (0, "  not measured yet")


def failing_seeds(project: Workspace, condition: str) -> None:
    """Makes the stage fail with some seeds."""
    hook = f"if {condition}:\n    sys.exit('an unlucky seed')\n"
    text = project.read("train.py")
    project.commit("unlucky", {"train.py": text.replace("score = 0.8", f"{hook}score = 0.8")})


@pytest.mark.slow
def test_a_baseline_that_fails_with_one_seed_loses_that_pair(
    project: Workspace, tmp_path: Path
) -> None:
    """Another pair takes its place, and the verdict says so."""
    unlucky = tmp_path / "unlucky"
    unlucky.write_text("none")
    failing_seeds(
        project,
        f'str(params["seed"]) in open({str(unlucky)!r}).read() and not params["train"]["gain"]',
    )
    assert project.paribus("baseline", "--seeds", "1").code == 0
    listed = project.git("ls-tree", "-r", "--name-only", "paribus/ledger", "baselines/")
    key = listed.splitlines()[0].split("/")[2]
    unlucky.write_text(str(derived_seeds(key, 1, ["params.json:seed"])["params.json:seed"]))
    told = project.paribus("run", "-S", f"{GAIN}=0.5", "--jobs", "2", "--json")
    verdict = told.json["verdict"]
    assert (told.code, verdict["outcome"], verdict["n"]) == (0, "improved", 3)
    assert verdict["baseline_failures"] == 1
    assert [reason for reason in verdict["reasons"] if reason.endswith("baseline runs failed")]
    pairs = {run["pair"] for run in told.json["runs"] if run["purpose"] == "measure"}
    assert {1, 3, 4} <= pairs


@pytest.mark.slow
def test_a_baseline_that_fails_more_often_than_not_ends_the_test(project: Workspace) -> None:
    """It would look for luckier seeds for ever."""
    failing_seeds(project, 'params["seed"] % 16')
    told = project.paribus("run", "-S", f"{GAIN}=0.5", "--json", timeout=60)
    assert (told.code, told.json["error"]["code"]) == (5, "baseline-failed")
    assert told.json["error"]["message"].startswith("the baseline itself failed")


@pytest.mark.slow
def test_a_stage_that_writes_into_what_is_tested_is_caught(measured: Workspace) -> None:
    """Otherwise the recorded change would not be what was measured."""
    measured.git("switch", "--quiet", "--create", "sly")
    text = measured.read("train.py")
    measured.commit("sly", {"train.py": text + '\nopen("train.py", "a").write("# x\\n")\n'})
    told = measured.paribus("run", "sly", "--seeds", "1", "--json")
    (run,) = candidates(told.json)
    assert (told.code, run["status"]) == (5, "failed")
    assert run["cause"] == "the run itself altered train.py"


@pytest.mark.slow
def test_a_killed_stage(measured: Workspace) -> None:
    """As the kernel does it when memory runs out."""
    measured.git("switch", "--quiet", "--create", "greedy")
    text = measured.read("train.py")
    kill = (
        'import os, signal\nprint("allocating", flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n'
    )
    measured.commit(
        "greedy", {"train.py": text.replace("import json\n", f"import json\n{kill}", 1)}
    )
    told = measured.paribus("run", "greedy", "--seeds", "1", "--json")
    (run,) = candidates(told.json)
    assert (told.code, run["status"], run["stage"]) == (5, "killed", "train")
    assert run["cause"] == "stage train, SIGKILL (out of memory?)"
    assert run["exit_code"] in (-9, 137)
    assert run["log_tail"].splitlines()[-1].strip() in ("allocating", "Killed")


@pytest.mark.slow
def test_a_killed_worker(measured: Workspace) -> None:
    """Whoever runs inside it, the record says that it was killed, and the pair is open again."""
    measured.git("switch", "--quiet", "--create", "deadly")
    text = measured.read("train.py")
    kill = (
        "import os, signal\n"
        "if not os.path.exists('../../../killed'):\n"
        "    open('../../../killed', 'w').close()\n"
        "    os.kill(os.getsid(0), signal.SIGKILL)\n"
        "    __import__('time').sleep(5)\n"
    )
    measured.commit(
        "deadly", {"train.py": text.replace("import json\n", f"import json\n{kill}", 1)}
    )
    told = measured.paribus("run", "deadly", "--seeds", "1", "--json")
    (run,) = candidates(told.json)
    assert (told.code, run["status"]) == (5, "killed")
    again = measured.paribus("run", "deadly", "--seeds", "1", "--json")
    assert again.code == 4, again.err
    assert [run["status"] for run in candidates(again.json)] == ["killed", "succeeded"]


@pytest.mark.slow
def test_a_baseline_that_cannot_be_run_is_said_and_tried_again(project: Workspace) -> None:
    """Nothing is wrong with the pipeline: there is no room for a clone."""
    project.write({".dvc/tmp/paribus/pool": "a file where a folder belongs"})

    call = project.paribus("run", "-S", f"{GAIN}=0.2", "--seeds", "1")

    assert call.code == 5
    assert call.out == ""
    assert call.err.splitlines()[-2:] == [
        "error[run-killed]: a run of the baseline was killed: FileExistsError: [Errno 17] File exists:"
        f" '{project.path}/.dvc/tmp/paribus/pool'; it is recorded",
        "help: try again   run the same command; what succeeded is kept",
    ]

    (project.path / ".dvc/tmp/paribus/pool").unlink()
    assert project.paribus("run", "-S", f"{GAIN}=0.2", "--seeds", "1").code == 4
