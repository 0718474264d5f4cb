"""`paribus branch`: an experiment of any outcome as a branch for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Called, Workspace
    from tests.workflows.conftest import History


def branched(project: Workspace, *arguments: str) -> tuple[Called, dict[str, str]]:
    """How the command ended, and all that is otherwise than before."""
    before = project.state()
    told = project.paribus("branch", *arguments)
    after = project.state()
    return told, {name: after[name] for name in after if after[name] != before.get(name)}


def test_an_improvement(history: History, measured: Workspace, shape: Callable[[str], str]) -> None:
    """In full; a second time it is there already, and nothing is run."""
    identifier = history.id("improved")
    short, name = identifier[:4], f"exp/{identifier[:4]}-train.gain-0.0-0.2"
    told, new = branched(measured, short)
    commit = measured.git("rev-parse", name)
    assert new == {f"refs/heads/{name}": commit}
    run = told.out.splitlines()[2].split()[5].rstrip(",")
    rest = [
        "  improved: accuracy # -> #, # [#, #], 3 of 3 pairs",
        f"  with the results of run {run}, made with the tree's own seeds",
        f"next: send it        git push origin {name}",
        f"next: work on it     git switch {name}",
        f"next: the evidence   paribus show {short}",
    ]
    main = measured.git("rev-parse", "main")[:7]
    lines = told.out.splitlines()
    assert lines[0] == (
        f"branch {name} at {commit[:7]}: train.gain 0.0 -> 0.2, one commit on {main}"
    )
    assert [shape(lines[1]), *lines[2:]] == rest
    assert measured.git("log", "-1", "--format=%(trailers:key=Paribus-Experiment,valueonly)", name) == (
        identifier
    )  # fmt: skip
    runs = measured.git("rev-list", "--count", "paribus/ledger")
    again, new = branched(measured, short)
    assert (again.code, again.err, new) == (0, "", {})
    assert again.out.splitlines()[0] == (
        f"branch {name} was there already, at {commit[:7]}: train.gain 0.0 -> 0.2, one commit on {main}"
    )
    assert again.out.splitlines()[1:] == lines[1:]
    assert measured.git("rev-list", "--count", "paribus/ledger") == runs
    checked = measured.paribus("check", name, "--json").json
    assert [change["summary"] for change in checked["changes"]] == ["train.gain 0.0 -> 0.2"]


def test_an_experiment_that_failed_has_its_change_alone(
    history: History, measured: Workspace
) -> None:
    identifier = history.id("failed")
    runs = measured.git("rev-list", "--count", "paribus/ledger")
    told, new = branched(measured, identifier, "exp/dead")
    assert (told.code, told.err) == (0, "")
    assert list(new) == ["refs/heads/exp/dead"]
    assert told.out.splitlines()[2] == (
        "  the change without results, since it failed: stage train, exit 1"
    )
    assert measured.git("diff", "--name-only", "main", "exp/dead") == "params.json"
    assert told.out.splitlines()[1].startswith("  failed: accuracy")
    body = measured.git("log", "-1", "--format=%B", "exp/dead")
    assert body.splitlines()[:3] == ["train.fail false -> true", "", "it must <b>fail</b>"]
    assert "\nwithout results: the experiment failed\n" in body
    assert measured.git("rev-list", "--count", "paribus/ledger") == runs


@pytest.mark.slow
@pytest.mark.parametrize("outcome", ["worse", "no-difference", "undecided"])
def test_dead_ends_have_branches_too(history: History, measured: Workspace, outcome: str) -> None:
    identifier = history.id(outcome)
    told, new = branched(measured, identifier, "--json")
    report = told.json
    assert (told.code, told.err) == (0, "")
    assert new == {f"refs/heads/{report['branch']}": report["commit"]}
    assert (report["experiment"], report["made"], report["results"]) == (identifier, True, True)
    assert (report["verdict"]["outcome"], report["cause"]) == (outcome, None)
    assert report["baseline"] == measured.git("rev-parse", f"{report['commit']}~1")
    trailer = "--format=%(trailers:key=Paribus-Verdict,valueonly)"
    told_so = measured.git("log", "-1", trailer, report["branch"])
    assert told_so.startswith(f"{outcome} accuracy ")
    assert told_so.endswith("3 of 3 pairs") or outcome == "no-difference"


def test_a_branch_of_somebody_elses_is_left_alone(history: History, measured: Workspace) -> None:
    """Told before anything is run; and a branch of the same experiment that has moved on, too."""
    identifier = history.id("improved")
    runs = measured.git("rev-list", "--count", "paribus/ledger")
    main = measured.git("rev-parse", "main")[:7]
    told, new = branched(measured, identifier, "main")
    assert (told.code, told.out, new) == (2, "", {})
    assert told.err.splitlines() == [
        f"error[branch-exists]: the branch main is there already, at another commit ({main})",
        "help: choose another name   paribus branch ID NAME",
    ]
    assert measured.git("rev-list", "--count", "paribus/ledger") == runs
    assert branched(measured, identifier, "it")[0].code == 0
    measured.git("switch", "--quiet", "it")
    commit = measured.commit("going on", {"README.md": "# Further\n"})
    told, new = branched(measured, identifier, "it")
    assert (told.code, new) == (2, {})
    assert told.err.splitlines()[0] == (
        f"error[branch-exists]: the branch it is there already, at another commit ({commit[:7]})"
    )


@pytest.mark.parametrize("name", ["a..b", "@{-1}", "HEAD", "::error::x", "a b"])
def test_what_is_no_name_for_a_branch(history: History, measured: Workspace, name: str) -> None:
    told, new = branched(measured, history.id("improved"), name, "--json")
    assert (told.code, new) == (2, {})
    assert told.json["error"]["code"] == "bad-branch-name"
    assert "\n::" not in told.err


def test_a_name_in_the_way_of_another(history: History, measured: Workspace) -> None:
    measured.git("branch", "exp/further")
    for name, other in (("main/below", "main"), ("exp", "exp/further")):
        told, new = branched(measured, history.id("failed"), name)
        assert (told.code, new) == (2, {})
        assert told.err.splitlines() == [
            f"error[branch-in-the-way]: there can be no branch {name} beside the branch {other}",
            "help: choose another name   paribus branch ID NAME",
        ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("paribus/ledger", "reserved-branch"),
        ("paribus/mine", "reserved-branch"),
        ("paribus", "reserved-branch"),
        ("refs/heads/mine", "bad-branch-name"),
    ],
)
def test_a_name_that_nobody_may_take(
    history: History, measured: Workspace, name: str, code: str
) -> None:
    """Whether the branch is there or not; and nobody is told how to delete the ledger."""
    told, new = branched(measured, history.id("failed"), name)
    assert (told.code, told.out, new) == (2, "", {})
    assert told.err.startswith(f"error[{code}]: ")
    assert "git branch -D" not in told.err


def test_an_experiment_that_is_not_there(measured: Workspace) -> None:
    told, new = branched(measured, "ffffff")
    assert (told.code, new) == (2, {})
    assert told.err.splitlines() == [
        "error[unknown-experiment]: no experiment's id starts with 'ffffff'",
        "help: all of them   paribus log",
    ]
