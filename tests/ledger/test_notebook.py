"""What the ledger holds comes back as it was said, page by page."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paribus.core.declared import Declared
from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import Plan
from paribus.core.record import Record
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import Outcome, Verdict
from paribus.git.repository import discover
from paribus.ledger.branch import REF, Branch, Write
from paribus.ledger.notebook import Notebook
from paribus.ledger.page import Page

if TYPE_CHECKING:
    from tests.conftest import Workspace

EXPERIMENT = "0123456789abcdef" * 4
OTHER = "01ff" * 16
BASELINE = "fedcba9876543210" * 4
SESSION = {"id": "5e55", "host": "here", "accelerators": []}

INTENT = Intent(
    id="a1",
    index=0,
    seeds={"params.json:seed": 7},
    purpose=Purpose.MEASURE,
    session="5e55",
    holder="cafe",
    host="here",
    started="2026-01-01T00:00:01",
    experiment=EXPERIMENT,
)
RUN = Run(
    INTENT,
    Status.SUCCEEDED,
    {"accuracy": 0.8125, "loss": 1e-300},
    1.5,
    "c" * 40,
    "refs/exps/aa/bb/paribus-x",
)
FAILED = Run(
    replace(INTENT, id="a2", index=1, started="2026-01-01T00:00:02"),
    Status.FAILED,
    cause="stage train, exit 1",
    stage="train",
    exit_code=1,
    log_tail="ValueError: loss is nan\n\x1b[31mümlaut",
)
VERDICT = Verdict(
    Outcome.IMPROVED,
    "accuracy",
    0.01,
    0.004,
    0.016,
    3,
    ("the interval lies above zero",),
    next_look=5,
)
CONCLUSION = Conclusion(
    VERDICT,
    (replace(VERDICT, outcome=Outcome.UNDECIDED), VERDICT),
    (("b1", "a1"), ("b2", "a2")),
    (0, 3),
    "2026-01-01T00:01:00",
)


def registration(workspace: Workspace, identifier: str = EXPERIMENT, **more: Any) -> Registration:
    made = Registration(
        id=identifier,
        project="",
        baseline={"commit": "b" * 40, "name": "baseline/1", "key": BASELINE},
        changes=({"kind": "param", "summary": "train.gain 0.0 -> 0.1", "parts": []},),
        hypothesis="it should\nhelp",
        plan=Plan("accuracy", True, 0.005),
        effect_is_default=False,
        tree=workspace.git("rev-parse", "HEAD^{tree}"),
        revision=None,
        allow=None,
        author="Ada Lovelace <ada@example.com>",
        started="2026-01-01T00:00:00",
    )
    return replace(made, **more)


def notebook(workspace: Workspace) -> Notebook:
    return Notebook(Branch(discover(workspace.path).git))


def put(workspace: Workspace, folder: str, kind: str, body: dict[str, Any]) -> str:
    """Writes what another version, or another program, might; returns its path."""
    write = Write(folder, Record(kind, body))
    Branch(discover(workspace.path).git).append([write], "odd")
    return write.path


# Round trips


def test_an_empty_ledger(project: Workspace) -> None:
    book = notebook(project)
    assert book.experiment(EXPERIMENT) == Page(EXPERIMENT)
    assert book.baseline(BASELINE) == Page(BASELINE)
    assert book.experiments() == []
    assert book.identifiers("") == book.identifiers("01") == ()
    assert book.declarations() == []
    assert book.tip() is None


def test_a_registration_and_its_tree(project: Workspace) -> None:
    book, made = notebook(project), registration(project)
    book.register(made)
    assert notebook(project).experiment(EXPERIMENT) == Page(EXPERIMENT, made)
    assert project.git("rev-parse", f"{REF}:trees/{made.tree[:2]}/{made.tree}") == made.tree
    assert project.git("log", "-1", "--format=%s", REF) == (
        "register 01234567: train.gain 0.0 -> 0.1"
    )


def test_intents_then_runs_then_a_verdict(project: Workspace) -> None:
    book = notebook(project)
    book.register(registration(project))
    second = FAILED.intent
    book.advance([], [(EXPERIMENT, INTENT), (EXPERIMENT, second)], SESSION)
    page = book.experiment(EXPERIMENT)
    assert sorted(page.intents, key=lambda intent: intent.id) == [INTENT, second]
    assert sorted(page.open_intents(), key=lambda intent: intent.id) == [INTENT, second]
    assert (page.runs, page.conclusions) == ([], [])

    third = replace(INTENT, id="a3", index=2, started="2026-01-01T00:00:03")
    commit = book.advance([(EXPERIMENT, RUN)], [(EXPERIMENT, third)], SESSION)
    assert book.tip() == commit
    assert project.git("log", "-1", "--format=%s", REF) == (
        "succeeded a1 of 0123456789abcdef0; start a3 of 0123456789abcdef0"
    )
    page = book.experiment(EXPERIMENT)
    assert page.runs == [RUN]
    assert {intent.id for intent in page.open_intents()} == {"a2", "a3"}

    killed = Run(third, Status.KILLED, cause="signal 9")
    book.advance([(EXPERIMENT, killed), (EXPERIMENT, FAILED)], [], SESSION)
    assert book.conclude(EXPERIMENT, CONCLUSION) == book.tip()
    assert project.git("log", "-1", "--format=%s", REF) == "improved 01234567 after 3 pairs"
    page = notebook(project).experiment(EXPERIMENT)
    assert page.runs == [RUN, FAILED, killed]
    assert page.open_intents() == []
    assert page.conclusions == [CONCLUSION]
    assert page.unreadable == []


def test_runs_of_the_baseline_have_a_page_of_their_own(project: Workspace) -> None:
    book = notebook(project)
    intent = replace(INTENT, experiment=None, purpose=Purpose.CONTROL)
    run = replace(RUN, intent=intent)
    book.advance([], [(f"baseline/{BASELINE}", intent)], SESSION)
    book.advance([(f"baseline/{BASELINE}", run)], [(EXPERIMENT, FAILED.intent)], SESSION)
    assert book.baseline(BASELINE) == Page(BASELINE, None, [intent], [run])
    assert book.experiment(EXPERIMENT).runs == []
    assert [page.id for page in book.experiments()] == [EXPERIMENT]


def test_a_session_is_kept_once(project: Workspace) -> None:
    book = notebook(project)
    book.advance([], [(EXPERIMENT, INTENT)], SESSION)
    book.advance([], [(EXPERIMENT, FAILED.intent)], SESSION)
    listed = project.git("ls-tree", "-r", "--name-only", REF, "sessions").splitlines()
    assert len(listed) == 1
    assert listed[0].startswith("sessions/5e/5e55/session-")
    assert json.loads(project.git("show", f"{REF}:{listed[0]}")) == {
        "schema": 1,
        "kind": "session",
        **SESSION,
    }


def test_every_step_is_one_commit(project: Workspace) -> None:
    book = notebook(project)
    book.register(registration(project))
    book.advance([], [(EXPERIMENT, INTENT), (f"baseline/{BASELINE}", INTENT)], SESSION)
    book.advance([(EXPERIMENT, RUN)], [], SESSION)
    book.conclude(EXPERIMENT, CONCLUSION)
    assert project.git("rev-list", "--count", REF) == "4"


def test_declarations_come_in_the_order_of_time(project: Workspace) -> None:
    book = notebook(project)
    later = Declared("accuracy", 0.91, "Table 2 of the paper", n=5, sd=0.01)
    earlier = Declared("accuracy", 0.9, "an old\nreadme")
    book.declare(later, "2026-02-01", "Ada")
    commit = book.declare(earlier, "2026-01-01", "Ada")
    assert commit == book.tip()
    assert book.declarations() == [("2026-01-01", earlier), ("2026-02-01", later)]


def test_all_experiments_the_earliest_first(project: Workspace) -> None:
    book = notebook(project)
    second = registration(project)
    first = registration(project, OTHER, started="2025-12-31T00:00:00")
    book.register(second)
    book.register(first)
    book.advance([(EXPERIMENT, RUN)], [], SESSION)
    assert book.experiments() == [Page(OTHER, first), Page(EXPERIMENT, second, runs=[RUN])]


def test_the_earliest_registration_of_two_clones_holds(project: Workspace) -> None:
    book = notebook(project)
    made = registration(project)
    book.register(replace(made, started="2026-01-02", author="Bob <bob@example.com>"))
    book.register(made)
    assert book.experiment(EXPERIMENT).registration == made


def concluded(given: str, outcome: Outcome, **more: Any) -> Conclusion:
    return replace(CONCLUSION, given=given, verdict=replace(VERDICT, outcome=outcome, **more))


def test_what_stands_is_not_overruled_by_what_another_clone_found_later(project: Workspace) -> None:
    """Two clones that tested one idea, and met: whichever is read, the first word holds."""
    book = notebook(project)
    first = concluded("2026-01-02", Outcome.NO_DIFFERENCE, next_look=None)
    open_ = concluded("2026-01-01", Outcome.UNDECIDED, next_look=5)
    later = concluded("2026-01-03", Outcome.IMPROVED, next_look=None)
    for conclusion in (later, open_, first):
        book.conclude(EXPERIMENT, conclusion)
    assert book.experiment(EXPERIMENT).conclusions == [open_, first]
    assert book.experiments()[0].conclusions == [open_, first]


def test_what_only_failures_decided_may_be_followed(project: Workspace) -> None:
    book = notebook(project)
    failed = concluded("2026-01-01", Outcome.UNDECIDED, next_look=None, candidate_failures=1)
    mended = concluded("2026-01-02", Outcome.IMPROVED, next_look=None)
    book.conclude(EXPERIMENT, mended)
    book.conclude(EXPERIMENT, failed)
    assert book.experiment(EXPERIMENT).conclusions == [failed, mended]


def test_conclusions_come_in_the_order_of_time(project: Workspace) -> None:
    book = notebook(project)
    times = ["2026-01-03", "2026-01-01", "2026-01-02"]
    for time in times:
        book.conclude(EXPERIMENT, replace(CONCLUSION, given=time))
    given = [conclusion.given for conclusion in book.experiment(EXPERIMENT).conclusions]
    assert given == sorted(times)


def test_ids_by_their_beginning(project: Workspace) -> None:
    book = notebook(project)
    third = "ab" * 32
    for identifier in (EXPERIMENT, OTHER, third):
        book.register(registration(project, identifier))
    assert set(book.identifiers("")) == {EXPERIMENT, OTHER, third}
    assert set(book.identifiers("0")) == set(book.identifiers("01")) == {EXPERIMENT, OTHER}
    assert book.identifiers("012") == book.identifiers(EXPERIMENT) == (EXPERIMENT,)
    assert book.identifiers("a") == (third,)
    assert book.identifiers("ac") == book.identifiers(f"{EXPERIMENT}0") == ()


def test_a_long_summary_is_cut_in_the_subject_only(project: Workspace) -> None:
    change = {"summary": "x" * 500, "parts": []}
    made = registration(project, changes=(change,))
    notebook(project).register(made)
    assert len(project.git("log", "-1", "--format=%s", REF)) == 120
    assert notebook(project).experiment(EXPERIMENT).registration == made


def test_a_path_that_is_not_utf8_can_be_recorded(project: Workspace) -> None:
    made = registration(project, changes=({"summary": "code: src/\udcff.py", "parts": []},))
    notebook(project).register(made)
    assert notebook(project).experiment(EXPERIMENT).registration == made


def test_the_page_is_the_same_in_a_clone(project: Workspace) -> None:
    """A plain push and fetch share it, and with it the tree of each experiment."""
    book = notebook(project)
    book.register(registration(project))
    book.advance([(EXPERIMENT, RUN)], [], SESSION)
    clone = replace(project, path=project.path.parent / "clone")
    subprocess.run(["git", "clone", "--quiet", f"file://{project.path}", clone.path], check=True)
    clone.git("fetch", "--quiet", "origin", "paribus/ledger:paribus/ledger")
    assert notebook(clone).experiments() == book.experiments()
    tree = project.git("rev-parse", "HEAD^{tree}")
    listed = clone.git("ls-tree", "--name-only", f"{REF}:trees/{tree[:2]}/{tree}")
    assert listed == project.git("ls-tree", "--name-only", "HEAD")


# What this version cannot read


FOLDER = f"experiments/01/{EXPERIMENT}"


def changed(record: dict[str, Any], **values: Any) -> dict[str, Any]:
    return record | values


def without(record: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != key}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("memory", {"from": "a later version"}),
        ("run", {}),
        ("run", without(RUN.as_json(), "metrics")),
        ("run", changed(RUN.as_json(), status="exploded")),
        ("run", changed(RUN.as_json(), metrics=[1, 2])),
        ("run", changed(RUN.as_json(), metrics={"accuracy": "high"})),
        ("run", changed(RUN.as_json(), started=None)),
        ("run", changed(RUN.as_json(), index="first")),
        ("intent", changed(INTENT.as_json(), purpose="fun")),
        ("intent", changed(INTENT.as_json(), seeds=None)),
        ("intent", changed(INTENT.as_json(), id=["a1"])),
        ("verdict", {"verdict": 1}),
        ("verdict", changed(CONCLUSION.as_json(), verdict={"outcome": "splendid"})),
        ("verdict", changed(CONCLUSION.as_json(), given=5)),
        ("verdict", changed(CONCLUSION.as_json(), null_control=[1, 2, 3])),
        ("verdict", changed(CONCLUSION.as_json(), pairs=5)),
        ("registration", {"id": EXPERIMENT}),
    ],
)
def test_an_odd_record_is_listed_and_stops_no_other(
    kind: str, body: dict[str, Any], project: Workspace
) -> None:
    book = notebook(project)
    made = registration(project)
    book.register(made)
    book.advance([(EXPERIMENT, RUN)], [(EXPERIMENT, FAILED.intent)], SESSION)
    book.conclude(EXPERIMENT, CONCLUSION)
    path = put(project, FOLDER, kind, body)
    expected = Page(EXPERIMENT, made, [FAILED.intent], [RUN], [CONCLUSION], [path])
    assert book.experiment(EXPERIMENT) == expected
    assert book.experiments() == [expected]


@pytest.mark.parametrize(
    "values", [{"plan": []}, {"plan": {}}, {"started": None}, {"baseline": "main"}, {"changes": 5}]
)
def test_an_odd_registration_is_none(values: dict[str, Any], project: Workspace) -> None:
    path = put(project, FOLDER, "registration", registration(project).as_json() | values)
    assert notebook(project).experiments() == [Page(EXPERIMENT, unreadable=[path])]


def test_keys_of_a_later_version_are_passed_over(project: Workspace) -> None:
    put(project, FOLDER, "run", RUN.as_json() | {"energy": 5.0})
    put(project, FOLDER, "intent", INTENT.as_json() | {"priority": 1})
    page = notebook(project).experiment(EXPERIMENT)
    assert (page.runs, page.intents, page.unreadable) == ([RUN], [INTENT], [])


def test_files_in_the_wrong_place_stop_nothing(project: Workspace) -> None:
    book = notebook(project)
    book.register(registration(project))
    strays = [
        put(project, "experiments", "memory", {}),
        put(project, "experiments/01", "memory", {}),
    ]
    pages = {page.id: page for page in book.experiments()}
    assert set(pages) == {EXPERIMENT, ""}
    assert sorted(pages[""].unreadable) == sorted(strays)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {
            "metric": "accuracy",
            "value": "high",
            "source": "x",
            "n": None,
            "sd": None,
            "given": "2026",
        },
        {"metric": "accuracy", "value": 1.0, "source": "x", "n": 0, "sd": None, "given": "2026"},
        {"metric": "accuracy", "value": 1.0, "source": "x", "n": None, "sd": None},
    ],
)
def test_an_odd_declaration_stops_no_other(body: dict[str, Any], project: Workspace) -> None:
    declared = Declared("accuracy", 0.9, "a paper")
    notebook(project).declare(declared, "2026-01-01", "Ada")
    put(project, "declared", "declaration", body)
    put(project, "declared", "memory", {})
    assert notebook(project).declarations() == [("2026-01-01", declared)]
