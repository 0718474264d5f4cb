"""`paribus promote`: what improved is confirmed with fresh seeds and becomes the next baseline."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Called, Workspace
    from tests.workflows.conftest import History

GAIN = "params.json:train.gain"
LEDGER = "refs/heads/paribus/ledger"


@dataclass(frozen=True)
class Promoted:
    """A project whose improvement was promoted, what was there before, and what was said.

    Attributes:
        kept: a copy of the project in which no command is called.
    """

    project: Workspace
    kept: Path
    id: str
    before: dict[str, str]
    after: dict[str, str]
    code: int
    out: str
    err: str


@pytest.fixture
def past(history: History, tmp_path_factory: pytest.TempPathFactory) -> Promoted:
    """Read it, do not write: made once, with the history's improvement; other processes share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "promoted"
    with (folder.parent / "promoted.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = replace(history.project, path=folder / "project")
        if not (folder / "told.json").exists():
            shutil.copytree(history.kept, made.path, symlinks=True)
            before, winner = made.state(), history.id("improved")
            told = made.paribus("promote", winner[:8], "--jobs", "2")
            shutil.copytree(made.path, folder / "kept", symlinks=True)
            kept = [winner, before, made.state(), told.code, told.out, told.err]
            (folder / "told.json").write_text(json.dumps(kept))
    return Promoted(made, folder / "kept", *json.loads((folder / "told.json").read_text()))


@pytest.fixture
def promoted(past: Promoted, project: Workspace) -> Promoted:
    """A copy of that project, to go on with."""
    shutil.rmtree(project.path)
    shutil.copytree(past.kept, project.path, symlinks=True)
    return replace(past, project=project)


def ledger(project: Workspace) -> list[tuple[str, str]]:
    """(commit, subject) of what the ledger was told, the latest first."""
    log = project.git("log", "--format=%H %s", LEDGER).splitlines()
    return [(line[:40], line[41:]) for line in log]


def rewind(project: Workspace, wanted: Callable[[str], bool]) -> None:
    """The ledger as it was when this was the last that it had been told: as after a kill.

    What is kept beside it goes back as well: otherwise the ledger counts as rewound, and is restored.
    """
    rewind_to(project, next(commit for commit, subject in ledger(project) if wanted(subject)))


def rewind_to(project: Workspace, commit: str) -> None:
    for reference in (LEDGER, "refs/paribus/kept"):
        project.git("update-ref", reference, commit)


def refused(told: Called, code: str, status: int) -> str:
    """The line that says why."""
    first = told.err.splitlines()[0]
    assert first.startswith(f"error[{code}]: "), told.err
    assert (told.code, told.out) == (status, "")
    return first.removeprefix(f"error[{code}]: ")


@pytest.mark.slow
def test_what_improved_becomes_the_baseline(past: Promoted, shape: Callable[[str], str]) -> None:
    assert past.code == 0, past.err
    assert shape(past.out) == (
        "promoted: baseline/1, accuracy # -> #, # [#, #], confirmed on 20 of 20 fresh pairs\n"
        "  train.gain # -> #, against HEX\n"
        "  screening had said # [#, #] on 3 pairs; the fresh pairs are what counts\n"
        "  confirmation 1 of this project, level #: passed\n"
        "  measured anew: accuracy # (5 runs, sd #)\n"
        "  recorded HEX on the branch paribus/ledger\n"
        "next: go on from it   git merge --ff-only baseline/1\n"
        "next: share it        git push origin baseline/1\n"
    )
    found = re.search(r", (\S+) \[(\S+), (\S+)\], confirmed", past.out)
    assert found
    # The pairs' differences have a standard deviation of .0042, so that the mean's is .00095.
    estimate, low, high = map(float, found.groups())
    assert estimate == pytest.approx(0.2, abs=0.006)
    assert 0.19 < low < estimate < high < 0.21
    assert ", level 0.011: passed" in past.out


@pytest.mark.slow
def test_nothing_of_the_user_changes_but_the_tag(past: Promoted) -> None:
    assert {key for key in past.after if past.after[key] != past.before.get(key)} == {
        "refs/tags/baseline/1"
    }
    assert past.before.keys() <= past.after.keys()


@pytest.mark.slow
def test_the_tag_holds_exactly_what_was_tested(past: Promoted) -> None:
    project = past.project
    assert project.git("cat-file", "-t", "baseline/1") == "tag"
    assert project.git("rev-parse", "baseline/1^{commit}^") == project.git("rev-parse", "main")
    changed = project.git("diff", "--name-only", "main", "baseline/1").splitlines()
    assert changed == ["dvc.lock", "metrics.json", "params.json"]
    params = json.loads(project.git("show", "baseline/1:params.json"))
    assert (params["train"]["gain"], params["seed"], params["split_seed"]) == (0.2, 1, 2)
    shown = project.git("for-each-ref", "--format=%(contents)", "refs/tags/baseline/1")
    base = project.git("rev-parse", "main")
    estimate = re.search(r"-> [0-9.]+, (\S+ \[.+?\]), confirmed", past.out)
    assert estimate
    assert shown == (
        "train.gain 0.0 -> 0.2\n\n"
        "a larger gain gains\n\n"
        f"accuracy {estimate[1]} against {base[:7]}, confirmed on 20 of 20 fresh pairs\n\n"
        f"Paribus-Experiment: {past.id}\n"
        f"Paribus-Baseline: {base[:7]} {base}\n"
        f"Paribus-Estimate: accuracy {estimate[1]}\n"
        "Paribus-Confirmed: 20 of 20 pairs at level 0.011"
    )


def records(project: Workspace, kind: str) -> list[Any]:
    """Every record of a kind that the ledger has."""
    listed = project.git("ls-tree", "-r", "--name-only", LEDGER).splitlines()
    paths = [path for path in listed if path.rpartition("/")[2].startswith(f"{kind}-")]
    return [json.loads(project.git("show", f"{LEDGER}:{path}")) for path in paths]


@pytest.mark.slow
def test_from_then_on_the_confirmation_is_what_is_told(past: Promoted) -> None:
    """A screening's estimate flatters; a log that went on showing it would, too."""
    found = re.search(r"-> [0-9.]+, (\S+ \[.+?\]), confirmed", past.out)
    assert found
    row = next(line for line in past.project.paribus("log").out.splitlines() if past.id[:4] in line)
    assert re.fullmatch(
        rf"{past.id[:4]}  improved, promoted +{re.escape(found[1])} +20 fresh pairs  [0-9-]+", row
    )
    shown = past.project.paribus("show", past.id).out
    assert "\n  promoted: baseline/1\n" in shown
    confirmed = f" confirmed: {found[1]} on 20 of 20 fresh pairs, the estimate that counts "
    assert confirmed in " ".join(shown.split())
    assert "superseded" not in shown
    report = past.project.paribus("show", past.id, "--json").json
    assert report["confirmation"]["n"] == 20
    fresh = {run["id"]: run for run in report["runs"] if run["purpose"] == "confirm"}
    assert len(fresh) == 40
    (end,) = records(past.project, "confirmation-end")
    assert report["fresh_pairs"] == [
        {
            "pair": fresh[new]["pair"],
            "seeds": fresh[new]["seeds"],
            "baseline": fresh[old]["metrics"]["accuracy"],
            "candidate": fresh[new]["metrics"]["accuracy"],
            "difference": fresh[new]["metrics"]["accuracy"] - fresh[old]["metrics"]["accuracy"],
        }
        for old, new in end["runs"]
    ]
    *_, drawn = shown.partition("\n  fresh pair  difference ")
    rows = drawn.splitlines()[1:22]
    assert [row.split()[0] for row in rows] == [*map(str, range(1, 21)), "mean"]
    assert rows[-1].split()[1] == found[1].split()[0]
    assert report["null_control"] == {"differ": 0, "of": 3}
    assert len([run for run in report["runs"] if run["purpose"] == "control"]) == 3


@pytest.mark.slow
def test_both_sides_ran_with_seeds_that_nobody_had_seen(past: Promoted) -> None:
    runs = [run for run in records(past.project, "run") if run["status"] == "succeeded"]
    fresh = [run for run in runs if run["purpose"] == "confirm"]
    sides = [{run["index"]: run["seeds"] for run in fresh if bool(run["experiment"]) is side}
             for side in (True, False)]  # fmt: skip
    assert len(fresh) == 40
    assert sides[0] == sides[1]
    assert sorted(sides[0]) == list(range(20))
    screened = [run["seeds"] for run in runs if run["purpose"] == "measure"]
    assert not [seeds for seeds in sides[0].values() if seeds in screened]
    (start,), (end,) = (records(past.project, f"confirmation-{what}") for what in ("start", "end"))
    assert re.fullmatch(r"[0-9a-f]{16}", start["nonce"])
    assert start["key"].endswith(f":1:{start['nonce']}")
    assert start["started"] < min(run["started"] for run in fresh)
    assert (end["confirmed"], end["n"], len(end["runs"])) == (True, 20, 20)


@pytest.mark.slow
def test_sides_take_turns(past: Promoted) -> None:
    """Baseline, candidate, candidate, baseline: a drift falls on both alike."""
    fresh = [run for run in records(past.project, "intent") if run["purpose"] == "confirm"]
    first: dict[int, str] = {}
    for run in sorted(fresh, key=lambda run: run["started"]):
        first.setdefault(run["index"], "candidate" if run["experiment"] else "baseline")
    expected = {index: "candidate" if index % 2 else "baseline" for index in range(20)}
    assert first == expected


@pytest.mark.slow
def test_told_again_it_is_found(promoted: Promoted) -> None:
    project, before = promoted.project, ledger(promoted.project)
    told = project.paribus("promote", promoted.id, "--json")
    assert (told.code, told.err) == (0, "")
    found = told.json
    assert (found["outcome"], found["tag"], found["found"]) == ("promoted", "baseline/1", True)
    assert found["commit"] == project.git("rev-parse", "baseline/1^{commit}")
    assert found["confirmation"]["n"] == found["confirmation"]["pairs"] == 20
    assert found["confirmation"]["gate"] is None
    assert found["next"][0] == "go on from it   git merge --ff-only baseline/1"
    assert ledger(project) == before
    project.git("merge", "--quiet", "--ff-only", "baseline/1")
    assert project.paribus("promote", promoted.id, "--json").json["next"] == [
        "share it   git push origin baseline/1"
    ]


@pytest.mark.slow
def test_the_next_experiment_is_against_it(promoted: Promoted) -> None:
    project = promoted.project
    project.git("merge", "--quiet", "--ff-only", "baseline/1")
    planned = project.paribus("run", "-S", f"{GAIN}=0.4", "--dry-run")
    assert planned.code == 0, planned.err
    assert "\n  3 to 20 pairs; the baseline has 5 runs\n" in planned.out
    shown = project.paribus("baseline")
    assert shown.out.startswith("baseline baseline/1  ")
    assert "(5 runs, sd " in shown.out


@pytest.mark.slow
def test_what_was_cut_off_between_tag_and_record_is_mended(promoted: Promoted) -> None:
    project = promoted.project
    rewind(project, lambda subject: not subject.startswith("promote "))
    before = project.state()
    told = project.paribus("promote", promoted.id)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("promoted: baseline/1, accuracy 0.")
    assert ledger(project)[0][1] == f"promote {promoted.id[:8]} to baseline/1, confirmed"
    assert project.state() == before
    assert len(records(project, "promotion")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after the answer", "in the middle"])
def test_what_was_cut_off_before_goes_on(promoted: Promoted, point: str) -> None:
    """Fresh runs that were recorded are not made again, and the answer is the same."""
    project = promoted.project
    project.git("tag", "--delete", "baseline/1")
    (answer,) = records(project, "confirmation-end")
    if point == "after the answer":
        rewind(project, lambda subject: subject.startswith("confirmed "))
    else:
        commits = [commit for commit, subject in ledger(project) if subject.startswith("succeeded")]
        rewind_to(project, commits[len(commits) // 2])
    known = {run["id"] for run in records(project, "run") if run["purpose"] == "confirm"}
    told = project.paribus("promote", promoted.id, "--jobs", "2")
    assert told.code == 0, told.err
    assert told.out == promoted.out.replace(
        re.findall("recorded ([0-9a-f]+)", promoted.out)[0],
        re.findall("recorded ([0-9a-f]+)", told.out)[0],
    )
    (again,) = records(project, "confirmation-end")
    assert (again["p"], again["level"]) == (answer["p"], answer["level"])
    fresh = [run for run in records(project, "run") if run["purpose"] == "confirm"]
    assert known <= {run["id"] for run in fresh}
    assert len([run for run in fresh if run["status"] == "succeeded"]) == 40


@pytest.mark.slow
def test_a_new_session_draws_no_pair_again(promoted: Promoted, tmp_path: Path) -> None:
    """Whoever likes no fresh pair so far could install something, and begin anew at no cost."""
    project = promoted.project
    project.git("tag", "--delete", "baseline/1")
    commits = [commit for commit, subject in ledger(project) if subject.startswith("succeeded")]
    rewind_to(project, commits[len(commits) // 2])
    sides: dict[int, list[Any]] = {}
    for run in records(project, "run"):
        if run["purpose"] == "confirm":
            sides.setdefault(run["index"], []).append(run)
    known = {run["id"] for both in sides.values() if len(both) == 2 for run in both}
    assert len(known) >= 10
    extra = tmp_path / "extra-1.0.dist-info"
    extra.mkdir()
    (extra / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    project.environment["PYTHONPATH"] = str(tmp_path)
    told = project.paribus("promote", promoted.id, "--jobs", "2", timeout=300)
    assert told.code == 0, told.err
    (end,) = records(project, "confirmation-end")
    used = {run for pair in end["runs"] for run in pair}
    assert known <= used
    fresh = {run["id"]: run for run in records(project, "run") if run["purpose"] == "confirm"}
    sessions = [{fresh[run]["session"] for run in pair} for pair in end["runs"]]
    assert all(len(pair) == 1 for pair in sessions)
    assert len(set.union(*sessions)) == 2
    assert (end["n"], end["attempt"], len(records(project, "confirmation-start"))) == (20, 1, 1)


@pytest.mark.parametrize(
    ("outcome", "code", "status", "why"),
    [
        ("no-difference", "not-improved", 1, "no detectable difference; only an improvement is promoted"),
        ("worse", "not-improved", 1, "worse; only an improvement is promoted"),
        ("undecided", "not-improved", 4, "undecided; only an improvement is promoted"),
        ("failed", "not-improved", 1, "failed in 1 of 1 pairs"),
    ],
)  # fmt: skip
def test_what_did_not_improve(
    history: History, outcome: str, code: str, status: int, why: str
) -> None:
    identifier, tip = history.id(outcome), history.project.git("rev-parse", LEDGER)
    for more in ((), ("--provisional", "it must be"), ("--again",)):
        told = history.project.paribus("promote", identifier, *more)
        assert refused(told, code, status).endswith(why)
    assert history.project.git("rev-parse", LEDGER) == tip
    assert history.project.git("tag", "--list") == ""


@pytest.mark.slow
def test_a_bundle_that_was_allowed(measured: Workspace) -> None:
    """It may be promoted, and nobody is told that one of its changes did it."""
    more = ("-S", "params.json:train.name=fancy", "--allow", "they belong together")
    found = measured.paribus("run", "-S", f"{GAIN}=0.3", *more, "--jobs", "2", "--json").json
    told = measured.paribus("promote", found["experiment"], "--provisional", "no time", "-j", "2")
    assert told.code == 0, told.err
    assert (
        "  allowed as one, so no single change of it is proven: they belong together\n" in told.out
    )
    assert measured.git("rev-parse", "baseline/1^") == measured.git("rev-parse", "main")


def test_a_baseline_that_came_since(measured: Workspace, history: History) -> None:
    winner, before = history.id("improved"), len(ledger(measured))
    measured.set_param("train.gain", 0.1)
    commit = measured.commit("another idea")
    told = measured.paribus("promote", winner)
    message = refused(told, "stale-baseline", 1)
    assert message.startswith(f"{commit[:7]} came since: this was measured against ")
    measured.git("tag", "-a", "-m", "by hand", "baseline/7")
    told = measured.paribus("promote", winner, "--provisional", "it must be")
    assert refused(told, "stale-baseline", 1).startswith("baseline/7 came since: ")
    assert "paribus run -S params.json:train.gain=0.2 --baseline baseline/7\n" in told.err
    assert f"paribus adopt {winner[:8]}\n" in told.err
    assert len(ledger(measured)) == before


def test_a_commit_that_is_not_what_was_tested(measured: Workspace, history: History) -> None:
    winner = history.id("improved")
    measured.git("checkout", "--quiet", "-b", "other")
    measured.set_param("train.gain", 0.2)
    measured.commit(
        "the same change, and more", {"train.py": measured.read("train.py") + "\n# ?\n"}
    )
    before = measured.state()
    told = measured.paribus("promote", winner, "--commit", "other")
    assert refused(told, "not-the-tested-tree", 1) == (
        "other is not what was tested: train.py differs"
    )
    told = measured.paribus("promote", winner, "--commit", "main", "--provisional", "why not")
    assert refused(told, "not-the-tested-tree", 1) == (
        "main is not what was tested: params.json differs"
    )
    assert measured.state() == before


@pytest.mark.slow
def test_a_commit_that_agrees_on_something_else(measured: Workspace, history: History) -> None:
    """The tested snapshot leaves paribus.yaml out, and the next ideas are judged by it."""
    winner = history.id("improved")
    measured.git("checkout", "--quiet", "-b", "other")
    measured.set_param("train.gain", 0.2)
    agreed = measured.read("paribus.yaml")
    loose = (
        agreed.replace("effect: 0.005", "effect: 0.5")
        + "guards: [{metric: loss, direction: lower}]\n"
    )
    measured.commit("the change, and another ruler", {"paribus.yaml": loose})
    told = measured.paribus("promote", winner, "--commit", "other", "--provisional", "why not")
    assert refused(told, "not-the-tested-tree", 1) == (
        "other would be measured otherwise than what was tested: its paribus.yaml differs in effect,"
        " guards"
    )
    gate = "gate: {command: python gate.py, metrics: gate.json, metric: accuracy}\n"
    measured.commit("aside", {"paribus.yaml": f"{agreed}neutral: [docs/**]\n{gate}"})
    told = measured.paribus("promote", winner, "--commit", "other", "--provisional", "why not")
    assert told.code == 0, told.err
    assert "\n  its paribus.yaml agrees on something else: neutral, gate\n" in told.out
    again = measured.paribus("promote", winner, "--provisional", "why not", "--json").json
    assert again["agreement"] == ["neutral", "gate"]


@pytest.mark.slow
def test_without_a_confirmation_it_says_so(measured: Workspace, history: History) -> None:
    """The user has committed the change: that commit is tagged, and no other is made."""
    winner = history.id("improved")
    measured.git("checkout", "--quiet", "-b", "idea")
    measured.set_param("train.gain", 0.2)
    commit = measured.commit("my own commit", {"README.md": "# Something neutral\n"})
    told = measured.paribus("promote", winner, "--provisional", "the cluster\n is gone", "-j", "2")
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert lines[0] == "promoted: baseline/1, unconfirmed: the cluster is gone"
    assert lines[2].startswith("  screening alone says +0.20")
    assert lines[-1] == f"next: confirm it later   paribus promote {winner[:4]}"
    assert measured.git("rev-parse", "baseline/1^{commit}") == commit
    message = measured.git("for-each-ref", "--format=%(contents)", "refs/tags/baseline/1")
    assert message.splitlines()[-1] == "Paribus-Provisional: the cluster is gone"
    assert records(measured, "confirmation-start") == []
    shown = measured.paribus("baseline")
    assert shown.out.splitlines()[0] == (
        f"baseline baseline/1 (unconfirmed)  {commit[:7]}  (nearest baseline tag)"
    )
    assert shown.out.splitlines()[1].endswith(", sd 0.0049)")
    assert shown.out.splitlines()[2] == "  unconfirmed: the cluster is gone"
    again = measured.paribus("promote", winner, "--provisional", "another reason", "--json").json
    assert (again["outcome"], again["found"]) == ("promoted-unconfirmed", True)
    assert again["provisional"] == "the cluster is gone"
    words = measured.paribus("log").out
    assert f"\n{winner[:4]}  improved, promoted, unconfirmed  " in words
    older = measured.paribus("show", history.id("worse")).out.splitlines()[0]
    assert older.endswith(", superseded by baseline/1")
    rows = measured.paribus("log", "--json").json["experiments"]
    found = {row["experiment"]: (row["promotion"], row["tag"], row["superseded"]) for row in rows}
    assert found[winner] == ("promoted, unconfirmed", "baseline/1", None)
    assert found[history.id("worse")] == (None, None, "baseline/1")
    planned = measured.paribus("show", winner).out
    assert "\n  promoted: baseline/1, unconfirmed: the cluster is gone\n" in planned
    assert "paribus promote" not in planned


LUCKY = """
screened = json.load(open("{file}"))
if params["train"]["gain"] and params["seed"] not in screened:
    {otherwise}
"""


@pytest.fixture
def lucky(project: Workspace) -> Callable[[str], str]:
    """Makes a candidate that is good with the screening seeds alone; gives its id."""

    def made(otherwise: str) -> str:
        file = project.path.parent / "screened.json"
        file.write_text("[]")
        lucky = LUCKY.format(file=file, otherwise=otherwise)
        program = project.read("train.py").replace("json.dump({", f"{lucky}json.dump({{")
        project.commit("luck", {"train.py": program})
        runs = project.paribus("baseline", "--seeds", "8", "--jobs", "2", "--json").json["runs"]
        seeds = [run["seeds"]["params.json:seed"] for run in runs]
        file.write_text(json.dumps(seeds))
        found = project.paribus("run", "-S", f"{GAIN}=0.2", "--jobs", "2", "--json").json
        assert found["verdict"]["outcome"] == "improved"
        return str(found["experiment"])

    return made


@pytest.mark.slow
def test_a_candidate_that_fails_with_fresh_seeds(
    project: Workspace, lucky: Callable[[str], str]
) -> None:
    identifier = lucky('sys.exit("ValueError: bad luck")')
    before = project.state()
    told = project.paribus("promote", identifier)
    assert told.code == 1, told.err
    lines = told.out.splitlines()
    assert lines[0] == "not confirmed: accuracy unknown, 0 of 20 fresh pairs"
    assert lines[2] == (
        "  1 of 1 candidate runs failed where the baseline ran;"
        " a candidate that fails by itself is never confirmed"
    )
    assert lines[-2] == (
        "next: once more with fresh seeds, at level 0.0036"
        f"   paribus promote {identifier[:4]} --again"
    )
    assert project.state() == before
    found = project.paribus("promote", identifier, "--json")
    assert (found.code, found.json["outcome"], found.json["found"]) == (1, "not-confirmed", True)
    told = project.paribus("promote", identifier, "--provisional", "I know better")
    assert refused(told, "not-confirmed", 1).startswith("fresh runs did not confirm ")
    again = project.paribus("promote", identifier, "--again", "--json")
    assert (again.code, again.err) == (1, "")
    answer = again.json["confirmation"]
    assert (answer["attempt"], answer["test"], answer["n"]) == (2, 2, 0)
    assert answer["level"] == pytest.approx(0.0036, abs=1e-4)
    seeds = [
        json.dumps(run["seeds"]) for run in records(project, "run") if run["purpose"] == "confirm"
    ]
    assert len(set(seeds)) == 2


@pytest.mark.slow
def test_luck_is_not_confirmed(project: Workspace, lucky: Callable[[str], str]) -> None:
    identifier = lucky("score -= 0.21")
    told = project.paribus("promote", identifier, "--jobs", "2")
    assert told.code == 1, told.err
    lines = told.out.splitlines()
    assert re.fullmatch(
        r"not confirmed: accuracy -0\.0\d+ \[-0\.0\d+, -0\.0\d+\], 20 of 20 fresh pairs",
        lines[0],
    )
    assert lines[2].startswith("  the gain would have to be real at level 0.011; it is not")
    (screened,) = [line for line in lines if line.startswith("  screening had said ")]
    assert re.match(
        r"  screening had said \+0\.(19|20)\d* \[.+\] on \d+ pairs; the fresh", screened
    )
    assert project.git("tag", "--list") == ""
    (row,) = project.paribus("log", "--json").json["experiments"]
    assert row["verdict"]["outcome"] == "improved"
