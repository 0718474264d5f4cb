"""DVC inside a private clone: it has the project's settings, and tells how a run ended."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paribus.dvc.layout import cached_file, result_ref
from paribus.execute.environment import worker_environment
from paribus.execute.executors import LocalExecutor

if TYPE_CHECKING:
    from tests.conftest import Workspace

WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada Lovelace"), ("EMAIL", "ada@example.com"))
}


class Sent:
    """A function of `paribus.dvc.runner`, or an expression, that only the worker imports.

    DVC warns about its dependencies when it is imported, and here a warning is an error.
    """

    def __init__(self, source: str) -> None:
        self._source = source

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return eval, (self._source,)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        raise AssertionError("only the worker calls it")


RUNNER = "__import__('paribus.dvc.runner', fromlist=['x'])"
CONFIGURE = Sent(f"{RUNNER}.configure")
CACHE_DIRECTORY = Sent(f"{RUNNER}.cache_directory")
EXPERIMENT_RUN = Sent(
    f"lambda *a, **n: (lambda r: (r.cause, r.stage, r.exit_code))({RUNNER}.experiment_run(*a, **n))"
)
SETTINGS = Sent(
    "lambda folder: __import__('json').loads(__import__('json').dumps("
    "dict(__import__('dvc.config', fromlist=['x']).Config(folder)), default=str))"
)


@pytest.fixture(scope="module")
def workers() -> Iterator[list[LocalExecutor]]:
    made: list[LocalExecutor] = []
    yield made
    for executor in made:
        executor.shutdown()


@pytest.fixture
def call(workers: list[LocalExecutor]) -> Callable[..., Any]:
    """Calls in one warm worker, whose home is that of the first test."""
    if not workers:
        workers.append(LocalExecutor(1, worker_environment(WHO)))
    return lambda function, *arguments, **named: (
        workers[0].submit(function, *arguments, **named).result(60)
    )


@pytest.fixture
def clone(project: Workspace, tmp_path: Path) -> Workspace:
    """A clone in another folder, at another depth."""
    path = tmp_path / "pool" / "deep" / "clone"
    subprocess.run(["git", "clone", "--quiet", project.path, path], check=True)
    return replace(project, path=path)


def dvc(workspace: Workspace, *arguments: str) -> None:
    subprocess.run(["dvc", *arguments], cwd=workspace.path, check=True, capture_output=True)


def config(workspace: Workspace, name: str, text: str) -> None:
    with (workspace.path / ".dvc" / name).open("a") as file:
        file.write(text)


def settings(call: Callable[..., Any], workspace: Workspace) -> Any:
    return call(SETTINGS, str(workspace.path / ".dvc"))


# Settings


def test_the_cache_is_the_projects_own(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    before, theirs = project.state(), clone.state()
    call(CONFIGURE, clone.path, project.path)
    expected = project.path / ".dvc" / "cache"
    assert settings(call, clone)["cache"]["dir"] == str(expected)
    assert call(CACHE_DIRECTORY, project.path) == call(CACHE_DIRECTORY, clone.path) == expected
    assert project.state() == before
    assert clone.state() == theirs | {".dvc/config.local": clone.state()[".dvc/config.local"]}


@pytest.mark.parametrize("name", ["config", "config.local"])
@pytest.mark.parametrize("given", ["../../shared", "cache-here", "/absolute/shared", "~/shared"])
def test_a_cache_elsewhere(
    given: str, name: str, call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    """A relative one is relative to the user's `.dvc`, and the clone is somewhere else."""
    config(project, name, f'[cache]\n    dir = {given}\n    type = "hardlink,symlink"\n')
    call(CONFIGURE, clone.path, project.path)
    found = settings(call, clone)["cache"]
    assert found["dir"] == settings(call, project)["cache"]["dir"]
    if not given.startswith("~"):
        assert found["dir"] == str(Path(os.path.normpath(project.path / ".dvc" / given)))
    assert Path(found["dir"]).is_absolute()
    assert found["type"] == ["hardlink", "symlink"]
    assert call(CACHE_DIRECTORY, project.path) == Path(found["dir"])


@pytest.mark.parametrize("name", ["config", "config.local"])
@pytest.mark.parametrize(
    "url", ["../../remote", "/absolute/remote", "s3://bucket/path", "https://example.com/dvc"]
)
def test_remotes(
    url: str, name: str, call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    config(
        project, name,
        f"    remote = store\n['remote \"store\"']\n    url = {url}\n" if name == "config"
        else f"[core]\n    remote = store\n['remote \"store\"']\n    url = {url}\n",
    )  # fmt: skip
    config(
        project,
        "config.local",
        "['remote \"other\"']\n    url = https://example.com\n    password = secret\n",
    )
    call(CONFIGURE, clone.path, project.path)
    ours, theirs = settings(call, clone), settings(call, project)
    assert ours["remote"] == theirs["remote"]
    assert ours["remote"]["other"]["password"] == "secret"
    assert ours["core"]["remote"] == "store"
    relative = str(project.path.parent / "remote")
    assert ours["remote"]["store"]["url"] == (relative if url.startswith("..") else url)


def test_settings_that_only_this_machine_has_are_the_clones_too(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    """How DVC unpacks a list into a command, for one, moves what a stage does."""
    config(project, "config.local", "[parsing]\n    list = append\n    bool = boolean_optional\n")
    call(CONFIGURE, clone.path, project.path)
    assert settings(call, clone)["parsing"] == {"list": "append", "bool": "boolean_optional"}


def test_a_clone_keeps_to_itself(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    """Whatever the tree under judgement asks for."""
    for workspace in (project, clone):
        config(
            workspace,
            "config",
            "    autostage = true\n    check_update = true\n[exp]\n    auto_push = true\n",
        )
    call(CONFIGURE, clone.path, project.path)
    found = settings(call, clone)
    assert found["exp"]["auto_push"] is False
    assert {key: found["core"][key] for key in ("analytics", "autostage", "check_update")} == {
        "analytics": False,
        "autostage": False,
        "check_update": False,
    }


def test_the_trees_own_cache_does_not_count(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    config(clone, "config", "[cache]\n    dir = /somewhere/else\n")
    call(CONFIGURE, clone.path, project.path)
    assert settings(call, clone)["cache"]["dir"] == str(project.path / ".dvc" / "cache")


def test_settings_that_change_are_followed(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    config(
        project,
        "config.local",
        "[cache]\n    dir = one\n    type = symlink\n[parsing]\n    list = append\n",
    )
    call(CONFIGURE, clone.path, project.path)
    (project.path / ".dvc" / "config.local").write_text("[cache]\n    dir = other\n")
    call(CONFIGURE, clone.path, project.path)
    found = settings(call, clone)
    assert found["cache"]["dir"] == str(project.path / ".dvc" / "other")
    assert "type" not in found["cache"]
    assert found.get("parsing", {}) == settings(call, project).get("parsing", {})


# Runs


def test_a_run_makes_a_result_and_uses_the_shared_cache(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    config(project, "config.local", "[cache]\n    dir = ../../shared\n")
    call(CONFIGURE, clone.path, project.path)
    before = project.state()
    assert call(EXPERIMENT_RUN, clone.path, "paribus-one", "the message", fresh=False) == (
        None,
        None,
        None,
    )
    ref = result_ref(clone.git("rev-parse", "HEAD"), "paribus-one")
    assert clone.git("log", "-1", "--format=%s", ref) == "the message"
    lock = clone.git("show", f"{ref}:dvc.lock")
    md5 = lock.partition("path: model.json\n      hash: md5\n      md5: ")[2].split("\n")[0]
    cached = cached_file(project.path.parent / "shared", md5)
    assert cached.read_bytes() == (clone.path / "model.json").read_bytes()
    assert not (clone.path / ".dvc" / "cache").exists()
    assert project.state() == before


@pytest.mark.slow
def test_data_lies_in_the_clone_as_its_tree_says(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    """Whether it was altered, is gone, or belongs to another tree."""
    project.write({"data/a.csv": "right\n"})
    dvc(project, "add", "--quiet", "data")
    project.write(
        {"train.py": project.read("train.py") + "print('data:', open('data/a.csv').read())\n"}
    )
    project.commit("data")
    clone.git("pull", "--quiet")
    call(CONFIGURE, clone.path, project.path)
    alterations: list[Callable[[Path], object]] = [
        lambda data: (data / "a.csv").write_text("wrong\n"),
        lambda data: (data / "b.csv").write_text("more\n"),
        shutil.rmtree,
    ]
    (clone.path / "data").mkdir()
    for number, alter in enumerate(alterations):
        alter(clone.path / "data")
        ended = call(EXPERIMENT_RUN, clone.path, f"paribus-{number}", "m", fresh=True)
        assert ended == (None, None, None)
        assert {path.name: path.read_text() for path in (clone.path / "data").iterdir()} == {
            "a.csv": "right\n"
        }
        ref = result_ref(clone.git("rev-parse", "HEAD"), f"paribus-{number}")
        assert clone.git("diff", "--name-only", "HEAD", ref, "--", "data.dvc") == ""
        clone.git("reset", "--quiet", "--hard")


def test_a_failure_is_told_in_one_line(
    call: Callable[..., Any], project: Workspace, clone: Workspace
) -> None:
    call(CONFIGURE, clone.path, project.path)
    clone.set_param("train.fail", True)
    ended = call(EXPERIMENT_RUN, clone.path, "paribus-one", "m", fresh=False)
    assert ended == ("stage train, exit 1", "train", 1)
    assert "paribus-one" not in clone.git("for-each-ref", "refs/exps")
    clone.write({"dvc.yaml": "stages:\n  odd stage:\n    cmd: exit 1\n"})
    ended = call(EXPERIMENT_RUN, clone.path, "paribus-two", "m", fresh=False)
    assert ended == ("stage odd stage, exit 1", "odd stage", 1)
