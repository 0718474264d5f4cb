"""`paribus status`: where the project stands, from the ledger alone; and its learning curve."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.conftest import PARAMS, PROTOCOL

from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, Promotion
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.seeds import derived_seeds
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page
from paribus.workflows.baseline import baseline_ground
from paribus.workflows.candidate import opened
from paribus.workflows.experiments import open_notebook
from paribus.workflows.project import open_project

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

SCORE = '''\
def score(seeds, share):
    """The accuracy of a model of this share of the data."""
    luck = random.Random(str(seeds)).gauss(0, 0.001)
    own = random.Random(str((seeds, share))).gauss(0, 0.0002)
    return round(0.95 - 0.05 * share**-0.5 + luck + own, 6)
'''

TRAIN = (
    "import json\nimport random\n\n\n"
    + SCORE
    + """

params = json.load(open("params.json"))
if params["train"]["share"] < params["train"]["fewest"]:
    raise SystemExit("too little data to train on")
found = score((params["seed"], params["split_seed"]), params["train"]["share"])
json.dump({"score": found}, open("model.json", "w"))
"""
)

LEARNING = {
    "train.py": TRAIN,
    "params.json": PARAMS.replace('"gain": 0.0', '"share": 1.0,\n        "fewest": 0.0'),
    "paribus.yaml": PROTOCOL + "train_share: params.json:train.share\n",
}

SEEDS = ("params.json:seed", "params.json:split_seed")


WHOLE = """\
COMMIT      accuracy # (3 runs, sd #), {days} days old
since then  5 experiments: 1 improved (unconfirmed), 1 worse, 1 no detectable
              difference, 1 undecided, 1 failed
undecided   {undecided}  train.gain # -> #
              3 of 20 pairs, # [#, #]; next look at 5
              34 more runs to the look at 20, where # is detected (80 %
              power)
noise       20 pairs detect #; you look for #
            as paired so far: sd of a difference # [#, #], from 9
              pairs in 3 experiments (rough)
stalled?    not yet: 2 without promotion, all with 80 % power; at 14 of
              these the rate is below one in five with 95 % confidence
next        paribus promote {improved}  an improvement waits for confirmation
            paribus run -S params.json:train.gain=#
                                  goes on with {undecided}
            paribus show {failed}     why it failed
            paribus noise         where the spread comes from
"""

NO_SHARE = """\
error[no-train-share]: paribus.yaml does not say which param holds the share of the training data
help: name it in paribus.yaml   train_share: data.train_share
help: if there is none, add one with the value 1.0, and let the training read so many rows
"""


# The state of a project.


def test_a_fresh_project(project: Workspace) -> None:
    before = project.state()
    told = project.paribus("status")
    assert (told.code, told.err) == (0, "")
    commit, days = project.git("rev-parse", "HEAD")[:7], days_since(1_500_000_000)
    assert told.out == (
        f"{commit}     accuracy not measured yet, {days} days old\n"
        "since then  no experiments\n"
        "next        paribus baseline --measure  the baseline's own noise, shared by all\n"
    )
    assert project.state() == before


def test_a_project_with_a_past(history: History, shape: Callable[[str], str]) -> None:
    before = history.project.state()
    told = history.project.paribus("status")
    commit, days = history.project.git("rev-parse", "HEAD")[:7], days_since(1_500_000_000)
    ids = {name: history.id(name)[:4] for name in ("improved", "undecided", "failed")}
    assert (told.code, told.err) == (0, "")
    assert joined(shape(told.out.replace(commit, "COMMIT "))) == joined(
        WHOLE.format(days=days, **ids)
    )
    assert history.project.state() == before


def test_it_runs_nothing_and_writes_nothing(history: History) -> None:
    ledger = history.project.git("rev-parse", "paribus/ledger")
    began = time.monotonic()
    assert history.project.paribus("status").code == 0
    assert time.monotonic() - began < 10
    assert history.project.git("rev-parse", "paribus/ledger") == ledger


def test_the_state_for_machines(history: History) -> None:
    told = history.project.paribus("status", "--json").json
    assert list(told)[:2] == ["schema", "baseline"]
    assert (told["metric"], told["direction"], told["effect"]) == ("accuracy", "higher", 0.005)
    assert told["n"] == 3
    assert told["experiments"] == {
        "unconfirmed": 1, "worse": 1, "no-difference": 1, "undecided": 1, "failed": 1,
    }  # fmt: skip
    (undecided,) = told["undecided"]
    assert undecided["experiment"] == history.id("undecided")
    assert (undecided["pairs"], undecided["cap"], undecided["next_look"]) == (3, 20, 5)
    assert undecided["runs"] == 2 * (undecided["target"] - 3)
    assert undecided["command"] == "paribus run -S params.json:train.gain=0.002"
    assert told["stall"]["row"] == 2
    assert told["stall"]["stalled"] is False
    assert told["stall"]["untried"] == ["data", "code", "pipeline"]
    assert told["next"][0] == (
        f"an improvement waits for confirmation   paribus promote {history.id('improved')[:4]}"
    )
    assert (told["budget"], told["time_box"], told["learning_curve"]) == (None, None, None)


def test_the_undecided_experiment_goes_on_with_the_command_that_it_names(
    history: History,
) -> None:
    (undecided,) = history.project.paribus("status", "--json").json["undecided"]
    words = undecided["command"].split()[1:]
    plan = history.project.paribus(*words, "--dry-run", "--json").json
    assert plan["experiment"] == undecided["experiment"]


def test_another_baseline_supersedes_what_was_tried(measured: Workspace) -> None:
    measured.set_param("train.gain", 0.01)
    measured.commit("A better one")
    measured.git("tag", "-a", "baseline/1", "-m", "the next")
    told = measured.paribus("status")
    assert told.out.splitlines()[:3] == [
        "baseline/1  accuracy not measured yet, 0 days old",
        "since then  no experiments",
        "            5 against other baselines (superseded)",
    ]
    older = measured.paribus("status", "--baseline", "HEAD~1")
    assert older.out.splitlines()[0].endswith("; baseline/1 came since")
    assert "5 experiments" in older.out
    assert " --baseline 'HEAD~1'" in older.out or " --baseline HEAD~1" in older.out


@pytest.mark.slow
def test_what_became_of_an_improvement(measured: Workspace, history: History) -> None:
    book, identifier = notebook(measured), history.id("improved")
    found = book.experiment(identifier).registration
    assert found is not None
    for attempt, confirmed in ((1, False), (2, True)):
        book.confirm(start(identifier, attempt))
        assert counts(measured) in ({"unconfirmed": 1}, {"not-confirmed": 1})
        book.confirm(end(identifier, attempt, confirmed=confirmed))
        assert counts(measured) == {"confirmed" if confirmed else "not-confirmed": 1}
    assert measured.paribus("status", "--json").json["next"][0] == (
        f"it is confirmed: the next baseline   paribus promote {identifier[:4]}"
    )
    commit = measured.git("rev-parse", "HEAD")
    trailers = f"Paribus-Experiment: {identifier}\nParibus-Provisional: in a hurry"
    measured.git("tag", "-a", "baseline/1", "-m", f"The next\n\n{trailers}")
    book.promote(
        Promotion(
            1, commit, found.baseline["key"], "", identifier, "C", found.baseline, None,
            "in a hurry", "accuracy", 0.2, 0.1, 0.3, "2030-01-02", "Ada",
        )
    )  # fmt: skip
    assert counts(measured) == {"promoted": 1}
    told = measured.paribus("status")
    assert re.match(
        r"baseline/1  accuracy .* \(3 runs, sd .*\), 0 days old, unconfirmed\n", told.out
    )
    assert f"paribus promote {identifier[:4]}  confirms the baseline itself\n" in told.out
    row = measured.paribus("status", "--json").json["stall"]["row"]
    assert row == 2


def counts(project: Workspace) -> dict[str, int]:
    """How the improved experiment stands."""
    told = project.paribus("status", "--json").json["experiments"]
    others = {"worse": 1, "no-difference": 1, "undecided": 1, "failed": 1}
    assert told.items() >= others.items()
    return {state: count for state, count in told.items() if state not in others}


def start(identifier: str, attempt: int) -> ConfirmationStart:
    """A confirmation with three pairs."""
    return ConfirmationStart(
        identifier, attempt, "", attempt, 0.01, 3, "k", None, f"2029-01-0{attempt}", "Ada"
    )


def end(identifier: str, attempt: int, *, confirmed: bool) -> ConfirmationEnd:
    """Its end."""
    return ConfirmationEnd(
        identifier, attempt, "", confirmed, 3, 3, 0.1, 0.05, 0.15, 0.8, 0.9, 0.001, 0.01, ("why",), (),
        None, (), f"2029-02-0{attempt}",
    )  # fmt: skip


def test_budget_and_time_box(measured: Workspace) -> None:
    measured.write({"paribus.yaml": PROTOCOL + "budget: 20 runs\ntime_box: 6 weeks\n"})
    measured.commit("Agree on a budget")  # the protocol is no part of what is tested
    told = measured.paribus("status", "--json").json
    pages = [*notebook(measured).experiments(), baseline_page(measured)]
    runs = [run for page in pages for run in page.runs]
    assert len(runs) >= 15
    assert told["budget"] == {
        "amount": 20.0, "unit": "runs", "runs": len(runs),
        "hours": pytest.approx(sum(run.seconds for run in runs) / 3600),
    }  # fmt: skip
    assert told["time_box"]["weeks"] == 6.0
    assert 0 <= told["time_box"]["passed"] < 0.01
    text = measured.paribus("status").out
    assert re.search(rf"^budget      {len(runs)} of 20 runs", text, re.MULTILINE)
    assert re.search(r"^time-box    0 of 6 weeks$", text, re.MULTILINE)


def test_ten_runs_show_the_project_s_own_false_alarms(learning: Learning) -> None:
    learning.record({1.0: range(10)})
    told = learning.project.paribus("status", "--json").json
    assert told["n"] == 10
    assert (told["replay"]["runs"], told["replay"]["pairs"]) == (10, 5)
    assert told["replay"]["false_alarms"] <= told["replay"]["replays"]
    text = learning.project.paribus("status").out
    assert f"false alarm {told['replay']['false_alarms']} of 150 times" in text


@pytest.mark.slow
def test_the_noise_that_was_measured(learning: Learning) -> None:
    learning.record({1.0: range(5)})
    assert learning.project.paribus("status", "--json").json["noise"] is None
    first = derived_seeds(learning.key, 0, SEEDS)
    for _ in range(3):
        learning.enter(0, first, Purpose.CONTROL)
    for index in range(1, 5):
        for seed in SEEDS:
            own = derived_seeds(learning.key, index, SEEDS)[seed]
            learning.enter(index, first | {seed: own}, Purpose.NOISE, f"noise/{seed}")
    learning.write()
    assert learning.project.paribus("noise").code == 0  # with one rerun, to know this session by
    shares = learning.project.paribus("noise", "--json").json["sources"]
    told = learning.project.paribus("status", "--json").json
    assert [part["name"] for part in told["noise"]][:2] == list(SEEDS)
    assert [(one["share"], one["low"], one["high"]) for one in told["noise"]] == [
        (one["share"], one["low"], one["high"]) for one in shares
    ]
    assert not any("paribus noise" in line for line in told["next"])
    assert re.search(
        r"^noise       seed \d+ % \[", learning.project.paribus("status").out, re.MULTILINE
    )


def test_what_cannot_be_read_is_a_clear_problem(project: Workspace) -> None:
    project.commit("No metric", {"paribus.yaml": "schema: 1\n"})
    told = project.paribus("status")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[no-metric]:")


# The learning curve.


@dataclass
class Learning:
    """A project in which more data helps, and its ledger."""

    project: Workspace
    key: str
    made: int = 0
    entered: list[tuple[str, Run]] = field(default_factory=list)

    def record(self, made: dict[float, range]) -> None:
        """Enters runs as if another session had made them: for each share, these pairs."""
        for share, pairs in made.items():
            purpose = Purpose.MEASURE if share == 1 else Purpose.LEARN
            name = "" if share == 1 else f"learn/{share:.6g}"
            for index in pairs:
                self.enter(index, derived_seeds(self.key, index, SEEDS), purpose, name, share)
        self.write()

    def enter(
        self,
        index: int,
        seeds: dict[str, int],
        purpose: Purpose,
        name: str = "",
        share: float = 1.0,
    ) -> None:
        """Enters one run."""
        self.made += 1
        at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.made)
        intent = Intent(
            f"{self.made:010}", index, seeds, purpose, "elsewhere", "gone", "host", at.isoformat(),
            series=name,
        )  # fmt: skip
        accuracy = score(tuple(seeds.values()), share)
        metrics = {"accuracy": accuracy, "loss": round(1 - accuracy, 6)}
        run = Run(intent, Status.SUCCEEDED, metrics, 1.0)
        self.entered.append((f"baseline/{self.key}", run))

    def write(self) -> None:
        """Writes what was entered to the ledger."""
        notebook(self.project).advance(self.entered, [], {"id": "elsewhere"})
        self.entered.clear()


@pytest.fixture
def learning(project: Workspace) -> Learning:
    """A project that says which param is the share of its training data."""
    project.commit("More data helps", LEARNING)
    found = open_project(project.path)
    with opened(found) as candidate:
        return Learning(project, baseline_ground(found, candidate).key)


def score(seeds: tuple[int, ...], share: float) -> float:
    """As the project's own training computes it."""
    space: dict[str, Callable[[tuple[int, ...], float], float]] = {}
    exec(SCORE, {"random": random}, space)
    return space["score"](seeds, share)


SHARES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2]


def test_without_a_declared_share(project: Workspace) -> None:
    told = project.paribus("status", "--learning-curve")
    assert (told.code, told.out) == (2, "")
    assert told.err == NO_SHARE


@pytest.mark.parametrize(
    ("value", "told"), [("3", "3"), ("true", "True"), ("0", "0"), (None, "not there")]
)
def test_a_share_that_is_none(project: Workspace, value: str | None, told: str) -> None:
    params = PARAMS if value is None else PARAMS.replace('"gain": 0.0', f'"share": {value}')
    project.commit("Broken", {**LEARNING, "params.json": params})
    failed = project.paribus("status", "--learning-curve")
    assert (failed.code, failed.out) == (2, "")
    assert failed.err.startswith(
        f"error[bad-train-share]: train_share: params.json:train.share is {told} at baseline "
    )
    assert project.paribus("status").code == 0


def test_a_curve_from_the_ledger_is_shown_without_running(learning: Learning) -> None:
    made = dict.fromkeys([*SHARES, 1.0], range(5))
    learning.record({share: pairs for share, pairs in made.items() if share != 0.25})
    assert learning.project.paribus("status", "--json").json["learning_curve"] is None
    learning.record({0.25: range(5)})
    ledger = learning.project.git("rev-parse", "paribus/ledger")
    told = learning.project.paribus("status", "--json").json["learning_curve"]
    assert (told["answer"], told["rough"]) == ("should-help", True)
    assert told["shares"] == [*SHARES, 1.0]
    assert told["low"] <= 0.05 * (1 - 0.5**0.5) <= told["high"]
    text = learning.project.paribus("status").out
    assert "more data?  more data should help: doubling gains +0.01" in text
    assert learning.project.git("rev-parse", "paribus/ledger") == ledger


@pytest.mark.slow
def test_a_curve_goes_on_where_it_was_interrupted(learning: Learning) -> None:
    made = dict.fromkeys([*SHARES, 1.0], range(5))
    learning.record(made | {0.5: range(4)})
    before = learning.project.state()
    told = learning.project.paribus("status", "--learning-curve")
    assert (told.code, told.err.count("\n")) == (0, 2)  # one rerun of a seed, and the missing run
    assert told.out.splitlines()[0].startswith("more data should help: doubling gains +0.01")
    assert told.out.splitlines()[0].endswith("] (rough)")
    assert told.out.endswith(
        'next: add data, and test it as one change   paribus run -m "more data"\n'
    )
    (new,) = [
        run for run in baseline_page(learning.project).runs if run.intent.series == "learn/0.5"
    ][4:]
    expected = score(tuple(new.intent.seeds.values()), 0.5)
    assert (new.intent.purpose, new.metrics["accuracy"]) == (Purpose.LEARN, expected)
    assert learning.project.state() == before
    again = learning.project.paribus("status", "--learning-curve", "--json")
    assert (again.code, again.err) == (0, "")
    shown = learning.project.paribus("status", "--json").json["learning_curve"]
    assert again.json["learning_curve"] == shown


@pytest.mark.slow
def test_a_share_that_is_too_small_to_train_on(learning: Learning) -> None:
    made = dict.fromkeys([*SHARES, 1.0], range(5))
    learning.project.set_param("train.fewest", 0.1)
    learning.project.commit("Refuse to train on little")
    found = open_project(learning.project.path)
    with opened(found) as candidate:
        learning.key = baseline_ground(found, candidate).key
    learning.record(made | {1 / 32: range(0), 1 / 16: range(0)})
    failed = learning.project.paribus("status", "--learning-curve")
    assert (failed.code, failed.out) == (5, "")
    assert "error[run-failed]: a run of the baseline with train.share 0.03125 failed" in failed.err
    assert "help: the last that it said: too little data to train on" in failed.err
    assert failed.err.count("too little data") <= 2  # the others were not tried
    assert learning.project.paribus("status", "--json").json["learning_curve"] is None


@pytest.mark.slow
def test_a_whole_curve(learning: Learning) -> None:
    told = learning.project.paribus("status", "--learning-curve", "--jobs", "2", timeout=600)
    assert told.code == 0
    assert told.out.startswith("more data should help: doubling gains +0.01")
    runs = baseline_page(learning.project).runs
    assert len(runs) == 30
    for run in runs:
        share = float(run.intent.series.removeprefix("learn/") or 1)
        assert run.metrics["accuracy"] == score(tuple(run.intent.seeds.values()), share)
    assert {run.intent.index for run in runs} == set(range(5))
    told = learning.project.paribus("baseline", "--json")
    assert told.json["n"] == 5


def joined(text: str) -> str:
    """Without the breaks of long lines, which lie elsewhere where numbers have other digits."""
    return re.sub(r"\n {14}(?=\S)", " ", text)


def days_since(second: int) -> int:
    """Whole days since a second of the epoch."""
    return int(time.time() - second) // 86_400


def notebook(project: Workspace) -> Notebook:
    """The project's ledger."""
    return open_notebook(open_project(project.path))


def baseline_page(project: Workspace) -> Page:
    """What the ledger has of the baseline."""
    found = open_project(project.path)
    with opened(found) as candidate:
        return notebook(project).baseline(baseline_ground(found, candidate).key)
