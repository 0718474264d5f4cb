"""What `paribus report` gathers: the staircase, every experiment as a point, and each in full."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING

import pytest
from tests.ledger.team import BASELINE_KEY, Clone, experiment

from paribus.core.change import Kind
from paribus.core.clauses import Predictions as Settings
from paribus.core.examples.packed import pack
from paribus.core.examples.reading import parse
from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import Plan
from paribus.core.record import Record
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import Outcome, Verdict
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.ledger.branch import Branch, Write
from paribus.ledger.page import Page
from paribus.reports.notebook.content import Detail, Overview, Prediction, Predictions
from paribus.workflows.project import open_project
from paribus.workflows.reporting.details import details
from paribus.workflows.reporting.diffs import changes_as_text, outputs_of
from paribus.workflows.reporting.overview import overview
from paribus.workflows.reporting.steps import counting_runs

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

T_975_2 = 4.302652729911275
"""Quantile of Student's t with two degrees of freedom."""


def gathered(project: Workspace) -> tuple[Overview, list[Detail]]:
    """All that the page gets."""
    opened = open_project(project.path)
    shown = overview(opened)
    return shown, list(details(opened, shown))


@pytest.fixture
def clone(project: Workspace) -> Clone:
    """The small project as one whose ledger a test writes."""
    return Clone(project.path)


def test_the_overview_of_a_past(history: History) -> None:
    project, opened = history.project, open_project(history.project.path)
    before = project.state()
    shown = overview(opened)
    assert project.state() == before
    rows = project.paribus("log", "--json").json["experiments"][::-1]
    head = project.git("rev-parse", "HEAD")
    runs = project.paribus("show", rows[0]["experiment"], "--json").json["runs"]
    values = [
        run["metrics"]["accuracy"]
        for run in runs
        if (run["side"], run["purpose"]) == ("baseline", "measure")
    ]
    (step,) = shown.steps
    half = T_975_2 * stdev(values) / 3**0.5
    assert (step.name, step.commit, step.n, step.provisional) == (head[:7], head, 3, None)
    assert (step.mean, step.sd) == (fmean(values), stdev(values))
    assert (step.low, step.high) == pytest.approx((fmean(values) - half, fmean(values) + half))
    assert step.given == rows[0]["started"]
    assert step.ruler is not None

    assert (shown.metric, shown.higher_is_better, shown.effect) == ("accuracy", True, 0.005)
    assert (shown.project, shown.folder, shown.unreadable) == ("project", "", ())
    assert shown.ledger == project.git("rev-parse", "paribus/ledger")
    assert shown.stall[0].startswith("not yet: 2 without promotion")
    assert shown.next[0][1] == f"paribus promote {history.id('improved')[:4]}"
    assert shown.noise is not None
    assert (shown.noise.runs, shown.noise.sd, shown.noise.cap) == (3, stdev(values), 20)

    told = [(one.id, one.outcome, one.status, one.step, one.kinds) for one in shown.points]
    assert told == [
        (row["experiment"], outcome, status, 0, ("param",))
        for row, (outcome, status) in zip(
            rows,
            [(name, "judged") for name in ("improved", "worse", "no-difference", "undecided")]
            + [("failed", "failed")],
            strict=True,
        )
    ]
    first, last = shown.points[0], shown.points[-1]
    verdict = rows[0]["verdict"]
    assert (first.mean, first.baseline_mean) == (
        verdict["candidate_mean"],
        verdict["baseline_mean"],
    )
    assert (first.estimate, first.low, first.n) == (verdict["estimate"], verdict["low"], 3)
    assert (first.runs, first.seconds > 0, first.metric) == (3, True, "accuracy")
    assert (last.mean, last.n, last.attempted, last.hypothesis) == (
        None,
        0,
        1,
        "it must <b>fail</b>",
    )


def test_each_experiment_in_full(history: History) -> None:
    shown, found = gathered(history.project)
    assert [one.id for one in found] == [one.id for one in shown.points]
    improved, failed = found[0], found[-1]
    short = improved.id[:4]
    report = history.project.paribus("show", improved.id, "--json").json
    assert [
        {"pair": one.pair, "seeds": one.seeds, "baseline": one.baseline, "candidate": one.candidate}
        for one in improved.pairs
    ] == [{key: pair[key] for key in pair if key != "difference"} for pair in report["pairs"]]
    assert improved.verdict == report["verdict"]
    assert list(improved.looks) == report["looks"]
    assert improved.diff == (
        "diff --git a/params.json b/params.json\n--- a/params.json\n+++ b/params.json\n"
        '@@ -2,7 +2,7 @@\n     "seed": 1,\n     "split_seed": 2,\n     "train": {\n'
        '-        "gain": 0.0,\n+        "gain": 0.2,\n         "noise": 0.01,\n'
        '         "fail": false,\n         "name": "plain"\n'
    )
    candidate = [run for run in report["runs"] if run["side"] == "candidate"]
    assert improved.commands == (
        ("make its runs again, without caches", f"paribus verify {short}"),
        ("make it the baseline", f"paribus promote {short}"),
        ("see a result", f"paribus compare {candidate[0]['commit'][:7]}"),
        ("every run of it", f"paribus show {short}"),
        ("what its last run printed", f"paribus logs {candidate[-1]['id']}"),
        ("a branch of it, for a pull request", f"paribus branch {short}"),
    )
    assert improved.commit == candidate[0]["commit"]
    (session,) = improved.sessions
    assert session["id"] == candidate[0]["session"]
    assert not {"installed", "differs"} & session.keys()
    assert (improved.ended, improved.null_control, improved.predictions) == ((), (0, 3), None)

    (end,) = failed.ended
    assert (end.pair, end.status, end.stage, end.exit_code) == (1, "failed", "train", 1)
    assert end.tail.endswith("ValueError: loss is nan at epoch 3")
    assert failed.tail == end.tail
    assert failed.pairs == ()
    assert failed.commands == (
        ("run it again", "paribus run -S params.json:train.fail=true"),
        ("mend it and try again", "paribus run -S params.json:train.fail=true"),
        ("every run of it", f"paribus show {failed.id[:4]}"),
        ("what a run that failed printed", f"paribus logs {end.run}"),
    )


def test_nothing_is_gathered_of_nothing(project: Workspace) -> None:
    shown, found = gathered(project)
    assert (shown.steps, shown.points, shown.ledger, shown.recorded) == ((), (), None, None)
    assert (shown.metric, shown.noise, found) == ("accuracy", None, [])


def test_tagged_baselines_are_steps_and_what_moves_no_metric_is_none(clone: Clone) -> None:
    clone.git("tag", "-a", "-m", "one", "baseline/1")
    clone.commit("words", {"README.md": "# Other words\n"})
    clone.git("tag", "-a", "-m", "two", "baseline/2")
    clone.set_param("train.gain", 0.1)
    third = clone.commit("a gain")
    clone.git("tag", "-a", "-m", "three", "baseline/3")
    clone.git("tag", "baseline/4")  # not annotated
    shown, _ = gathered(clone)
    assert [(one.name, one.provisional) for one in shown.steps] == [
        ("baseline/1", None),
        ("baseline/3", "tagged by hand, never confirmed"),
    ]
    assert shown.steps[1].commit == third
    assert {one.ruler for one in shown.steps} == {shown.steps[0].ruler}

    # What was beaten before anybody tagged is where the staircase begins.
    clone.finish(clone.start(1, "run1"), 0.9)
    shown, _ = gathered(clone)
    assert [one.key == BASELINE_KEY for one in shown.steps] == [True, False, False]
    assert shown.steps[0].given == "2026-01-01T00:00:00"
    assert (shown.points[0].step, shown.points[0].kinds) == (0, (Kind.PARAM,))


def test_of_drawn_seeds_the_last_that_were_run_count() -> None:
    def run(name: str, index: int, series: str = "", purpose: Purpose = Purpose.MEASURE) -> Run:
        intent = Intent(
            name, index, {}, purpose, "s", "h", "here", f"2026-01-0{index + 1}", None, series
        )
        return Run(intent, Status.SUCCEEDED, {"accuracy": 0.5})

    page = Page("key", refreshes=2)
    page.runs = [run("a", 1), run("b", 0), run("again", 0, purpose=Purpose.CONTROL)]
    assert [each.intent.id for each in counting_runs(page)] == ["b", "a"]
    page.runs += [run("c", 0, "fresh-1"), run("noise", 0, "noise/seed", Purpose.NOISE)]
    assert [each.intent.id for each in counting_runs(page)] == ["c"]
    page.runs += [replace(run("d", 0, "fresh-2"), status=Status.FAILED)]
    assert [each.intent.id for each in counting_runs(page)] == ["c"]


def test_what_somebody_else_wrote_is_listed_and_takes_no_other_with_it(clone: Clone) -> None:
    good = clone.finish(clone.start(1, "run1"), 0.9)
    clone.finish(clone.start(2, "run2"), 0.8)
    clone.start(3, "run3")
    folders = {
        number: f"experiments/{experiment(number)[:2]}/{experiment(number)}" for number in (2, 3)
    }
    told = {page.id: page.registration for page in clone.book.experiments()}[experiment(3)]
    assert told is not None
    begun = told.as_json() | {"started": "2025"}
    Branch(Git(clone.path)).append(
        [
            Write(folders[2], Record("run", good.as_json() | {"id": "odd", "status": "failed", "log_tail": 7})),
            Write(folders[3], Record("registration", begun | {"tree": "--output=x", "baseline": {
                "commit": "HEAD", "name": "\x1b[2J<b>", "key": "../.."}})),
            Write(folders[3], Record("registration", begun | {"changes": [{"summary": "", "parts": [1]}]})),
            Write(folders[3], Record("strange", {})),
        ],
        "somebody else",
    )  # fmt: skip
    shown, found = gathered(clone)
    assert [path.partition("-")[0] for path in shown.unreadable] == [
        f"{folders[3]}/registration", f"{folders[3]}/strange", f"{folders[2]}/run",
    ]  # fmt: skip
    details_of = {one.id: one for one in found}
    assert details_of.keys() == {experiment(number) for number in (1, 2, 3)}
    first, second, third = (details_of[experiment(number)] for number in (1, 2, 3))
    assert (first.commit, first.diff) == (good.commit, "")
    again = ("make its runs again, without caches", f"paribus verify {experiment(2)[:4]}")
    assert (second.changes[0]["summary"], second.tail, second.commands[0]) == ("a -> 2", "", again)
    assert third.diff is None
    assert not (clone.path / "x").exists()


BEFORE = "id,label,prediction\na,1,1\nb,1,2\nc,2,1\nd,2,2\n"
AFTER = "id,label,prediction\na,1,2\nb,1,1\nc,2,1\nd,2,2\n"


def with_predictions(clone: Clone, *, are_here: bool = True) -> None:
    """Two experiments with one pair each, whose results' commits have their predictions, if any do."""
    protocol = clone.read("paribus.yaml") + "predictions: predictions.csv\n"
    clone.commit("agreed", {"paribus.yaml": protocol})
    book = clone.book
    commits, settings = [], Settings("predictions.csv")
    for name, text in (("before", BEFORE), ("after", AFTER)):
        clone.write({"predictions.csv" if are_here else "other.csv": text})
        clone.git("add", "--all")
        commits.append(clone.git("commit-tree", clone.git("write-tree"), "-p", "HEAD", "-m", name))
    clone.git("reset", "--quiet")
    packed = [pack(parse(settings, "predictions.csv", text.encode())) for text in (BEFORE, AFTER)]
    for number in (1, 2):
        intent = clone.start(number, f"new{number}")
        sides = [
            Run(replace(intent, id=f"{side}{number}", experiment=None if side == "old" else intent.experiment),
                Status.SUCCEEDED, {"accuracy": 0.5}, 1.0, commit, evaluation="digest")
            for side, commit in zip(("old", "new"), commits, strict=True)
        ]  # fmt: skip
        owners = (f"baseline/{BASELINE_KEY}", str(intent.experiment))
        book.advance(
            list(zip(owners, sides, strict=True)), [], {},
            {run.intent.id: one for run, one in zip(sides, packed, strict=True)},
        )  # fmt: skip
        verdict = Verdict(
            Outcome.UNDECIDED, "accuracy", 0.0, None, None, 1, ("early",), next_look=3
        )
        pairs = ((f"old{number}", f"new{number}"),)
        book.conclude(
            str(intent.experiment), Conclusion(verdict, (verdict,), pairs, (0, 0), "2026")
        )


def test_single_examples_by_the_results_of_one_pair(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_predictions(clone)
    expected = Predictions(
        1, 4,
        (Prediction("b", "1", "2", "1"),), (Prediction("a", "1", "1", "2"),),
        (Prediction("a", "1", "1", "2"), Prediction("c", "2", "1", "1")),
        1, 1, 2, "",
    )  # fmt: skip
    _, found = gathered(clone)
    assert [one.predictions for one in found] == [expected, expected]

    # Of all but the last ones, and of those whose rows are not here, the ledger knows how many.
    monkeypatch.setattr("paribus.workflows.reporting.predictions.MOST_READ", 1)
    counts = replace(expected, fixed=(), broken=(), wrong=())
    earlier = replace(counts, why_not="an earlier experiment: only how many changed is told")
    shown, found = gathered(clone)
    last = shown.points[-1].id
    told = {one.id: one.predictions for one in found}
    assert told == {one.id: expected if one.id == last else earlier for one in found}


def test_where_the_rows_are_not_here_the_ledger_knows_how_many_changed(clone: Clone) -> None:
    with_predictions(clone, are_here=False)
    _, found = gathered(clone)
    whys = {
        experiment(number): f"predictions.csv of run old{number} is absent in the DVC cache: "
        "dvc fetch may bring it"
        for number in (1, 2)
    }
    assert {one.id: one.predictions for one in found} == {
        name: Predictions(1, 4, (), (), (), 1, 1, 2, why) for name, why in whys.items()
    }


def test_a_change_is_told_of_the_projects_folder_and_of_what_it_names(clone: Clone) -> None:
    """Neither what another project changed nor what DVC writes itself."""
    clone.write({"part/dvc.yaml": clone.read("dvc.yaml"), "part/.dvc/config": ""})
    head = clone.commit("a part of a larger repository", {"common/lib.py": "a = 1\n"})
    clone.write(
        {
            "common/lib.py": "a = 2\n", "part/train.py": "b = 1\n", "other/train.py": "c = 1\n",
            "part/dvc.lock": "schema: '2.0'\n", "part/metrics.json": "{}\n",
        }
    )  # fmt: skip
    clone.git("add", "--all")
    tree = clone.git("write-tree")
    clone.git("reset", "--quiet")
    part = open_project(clone.path / "part")
    registration = Registration(
        id="id", project="part", baseline={"commit": head, "name": "main", "key": "k"},
        changes=({"summary": "", "file": "part/train.py", "parts": [{"file": "common/lib.py"}]},),
        hypothesis="", plan=Plan("accuracy", True, 0.005), effect_is_default=False, tree=tree,
        revision=None, allow=None, author="Ada", started="2026",
    )  # fmt: skip
    with Objects(part.repository.git) as objects:
        outputs = outputs_of(part, objects)
    assert outputs == ("part/metrics.json", "part/model.json")
    diff = changes_as_text(part, [registration], outputs)["id"]
    assert diff is not None
    assert [line for line in diff.text.splitlines() if line.startswith("+++")] == [
        "+++ b/common/lib.py",
        "+++ b/part/train.py",
    ]
