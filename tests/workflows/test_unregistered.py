"""Experiments that `dvc exp run` made without Paribus: listed, found by their names, taken in."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

WHEN = "2026-02-03T04:05:06+00:00"


def result(project: Workspace, name: str, gain: float = 0.3, baseline: str = "") -> str:
    """A commit and a reference as `dvc exp run` leaves them; returns the commit's SHA."""
    base = baseline or project.git("rev-parse", "HEAD")
    params = json.loads(project.git("show", f"{base}:params.json"))
    params["train"]["gain"] = gain
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=project.path, check=True, text=True,
        input=json.dumps(params, indent=4) + "\n", capture_output=True,
    ).stdout.strip()  # fmt: skip
    listed = project.git("ls-tree", base).splitlines()
    entries = [line for line in listed if not line.endswith("\tparams.json")]
    tree = subprocess.run(
        ["git", "mktree"], cwd=project.path, check=True, text=True, capture_output=True,
        input="\n".join([*entries, f"100644 blob {blob}\tparams.json"]) + "\n",
    ).stdout.strip()  # fmt: skip
    who = ("-c", "user.name=Grace Hopper", "-c", "user.email=grace@example.com")
    done = subprocess.run(
        ["git", *who, "commit-tree", tree, "-p", base, "-m", f"dvc: commit experiment {name}"],
        cwd=project.path, check=True, text=True, capture_output=True,
        env={**os.environ, "GIT_AUTHOR_DATE": WHEN},
    )  # fmt: skip
    commit = done.stdout.strip()
    project.git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/{name}", commit)
    return commit


def test_they_are_listed_with_what_takes_them_in(project: Workspace) -> None:
    base = project.git("rev-parse", "HEAD")
    commit = result(project, "brave-newt")
    told = project.paribus("log")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        "brave-newt  unregistered  2026-02-03\n"
        f"      made by dvc exp run from {base[:7]}; take it in   paribus run brave-newt\n"
    )
    expected = {
        "experiment": None,
        "status": "unregistered",
        "name": "brave-newt",
        "commit": commit,
        "baseline": base,
        "author": "Grace Hopper <grace@example.com>",
        "started": "2026-02-03T04:05:06.000000+00:00",
        "subject": "dvc: commit experiment brave-newt",
        "command": "paribus run brave-newt",
    }
    for _ in range(2):  # the second time from what the index kept
        found = project.paribus("log", "--json", "--status", "unregistered").json
        assert found["unregistered"] == [expected]
        assert (found["experiments"], found["remaining"]) == ([], 0)
        assert found["next"] == ["take one in   paribus run brave-newt"]
    line = project.paribus("log", "--jsonl").out
    assert json.loads(line) == {"schema": 1, **expected}


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--author", "hopper"), 1),
        (("--author", "ada"), 0),
        (("--text", "NEWT commit"), 1),
        (("--text", "toad"), 0),
        (("--since", "2026-02-03"), 1),
        (("--since", "2026-02-04"), 0),
        (("--until", "2026-02-03"), 1),
        (("--until", "2026-02-02"), 0),
        (("--baseline", "HEAD"), 1),
        (("--status", "judged"), 0),
        (("--verdict", "improved"), 0),
        (("--param", "train.gain"), 0),
        (("--metric", "accuracy"), 0),
        (("--change", "gain"), 0),
    ],
)
def test_filters_hold_for_them_too(project: Workspace, words: tuple[str, str], count: int) -> None:
    result(project, "brave-newt")
    assert len(project.paribus("log", "--json", *words).json["unregistered"]) == count


def test_they_come_after_the_others_in_pages(measured: Workspace) -> None:
    for number in range(3):
        result(measured, f"newt-{number}", number / 7)
    last = measured.paribus("log", "--limit", "2", "--offset", "4")
    lines = last.out.splitlines()
    assert "unregistered" in lines[2]
    assert lines[-1] == "and no experiment more, 2 unregistered: --offset 6"
    first = measured.paribus("log", "--limit", "2", "--json").json
    assert (first["unregistered"], first["total"], first["remaining"]) == ([], 5, 6)
    rest = measured.paribus("log", "--offset", "6", "--json").json
    assert (rest["experiments"], len(rest["unregistered"]), rest["remaining"]) == ([], 2, 0)


def test_what_is_no_result_is_left_alone(project: Workspace) -> None:
    """Queues, what runs now, runs of ours, broken references, and commits that are not there."""
    head = project.git("rev-parse", "HEAD")
    below = f"refs/exps/{head[:2]}/{head[2:]}"
    for ref in (
        "refs/exps/stash", "refs/exps/exec/EXEC_HEAD", "refs/exps/celery/stash", "refs/exps/foo",
        f"refs/exps/temp/{head[:10]}", f"{below}/paribus-0123abcd-1-0123456789ab",
        f"{below}/paribus-baseline-1-0123456789ab",
    ):  # fmt: skip
        project.git("update-ref", ref, head)
    folder = project.path / ".git" / below
    (folder / "garbage").write_text("garbage\n")
    (folder / "dangling").write_text(f"{'1' * 40}\n")
    (folder / "blob").write_text(f"{project.git('rev-parse', 'HEAD:params.json')}\n")
    result(project, "paribus-like-it")
    told = project.paribus("log", "--json")
    assert (told.code, told.err) == (0, "")
    assert [one["name"] for one in told.json["unregistered"]] == ["paribus-like-it"]
    for name in ("dangling", "blob", "garbage"):
        assert project.paribus("check", name).code == 2


def test_a_name_is_a_revision(project: Workspace) -> None:
    commit = result(project, "brave-newt")
    base = project.git("rev-parse", "HEAD")
    told = project.paribus("check", "brave-newt", "--json")
    assert (told.code, told.json["revision"], told.json["baseline"]) == (0, commit, base)
    assert [change["path"] for change in told.json["changes"]] == ["train.gain"]
    # A branch of the same name is what Git knows, and is meant.
    project.git("branch", "brave-newt")
    assert project.paribus("check", "brave-newt", "--json").json["revision"] == base


def test_a_name_that_two_have_is_refused(project: Workspace) -> None:
    first = result(project, "brave-newt")
    base = project.commit("another baseline", {"README.md": "more\n"})
    second = result(project, "brave-newt", 0.4, base)
    told = project.paribus("check", "brave-newt")
    named = ", ".join(
        commit[:12]
        for _, commit in sorted(
            (project.git("rev-parse", f"{commit}^"), commit) for commit in (first, second)
        )
    )
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "error[ambiguous-revision]: 2 experiments of DVC are called 'brave-newt'\n"
        f"help: say which   {named}\n"
    )
    commands = {one["command"] for one in project.paribus("log", "--json").json["unregistered"]}
    assert commands == {f"paribus run {first[:12]}", f"paribus run {second[:12]}"}


@pytest.mark.parametrize(
    "name", ["a|b", "$(id)", "-x", "<b>", "cafe", "x\N{RIGHT-TO-LEFT OVERRIDE}y"]
)
def test_a_name_that_is_not_safe_to_type_is_told_by_its_commit(
    project: Workspace, name: str
) -> None:
    commit = result(project, name)
    told = project.paribus("log")
    assert told.out.splitlines()[1].endswith(f"take it in   paribus run {commit[:12]}")
    assert told.out.replace("\n", "").isprintable()


@pytest.mark.slow
def test_what_dvc_made_is_taken_in_and_then_is_listed_as_ours(project: Workspace) -> None:
    subprocess.run(
        ["dvc", "exp", "run", "--quiet", "--name", "dvc-own", "-S", "params.json:train.gain=0.2"],
        cwd=project.path, check=True, capture_output=True,
    )  # fmt: skip
    project.git("checkout", "--quiet", "--force", "HEAD")
    (listed,) = project.paribus("log", "--json").json["unregistered"]
    assert listed["name"] == "dvc-own"
    ran = project.paribus("run", "dvc-own", "--json")
    assert ran.json["verdict"]["outcome"] == "improved"
    found = project.paribus("log", "--json").json
    assert [one["revision"] for one in found["experiments"]] == [listed["commit"]]
    assert found["unregistered"] == []
