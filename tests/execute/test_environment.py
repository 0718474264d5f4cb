"""What a worker and the stages below it find in their environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from paribus.execute.environment import redirected_imports, worker_environment

WHO = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada"}


def test_a_worker_has_the_users_environment_and_ours_first_on_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_CONFIG_COUNT",
    ):
        monkeypatch.setenv(name, "redirected")
    monkeypatch.setenv("SOME_TOKEN", "kept")
    monkeypatch.setenv("DVC_EXP_AUTO_PUSH", "true")
    monkeypatch.setenv("DVC_STUDIO_OFFLINE", "false")
    found = worker_environment(WHO)
    assert found == {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **WHO,
        "GIT_CONFIG_GLOBAL": os.environ["GIT_CONFIG_GLOBAL"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DVC_NO_ANALYTICS": "1",
        "DVC_EXP_AUTO_PUSH": "false",
        "DVC_STUDIO_OFFLINE": "true",
    }


def test_a_worker_has_a_path_where_there_was_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert worker_environment({})["PATH"] == os.pathsep.join(
        [str(Path(sys.executable).parent), os.defpath]
    )


# Imports from the user's tree become imports from the clone's


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working tree with packages, and a clone of it below, where the pool puts it."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    user = tmp_path / "user"
    for folder in ("src", "lib", "sub"):
        (user / folder).mkdir(parents=True)
        (clone_of(user) / folder).mkdir(parents=True)
    return user


def clone_of(top: Path) -> Path:
    return top / ".dvc" / "tmp" / "paribus" / "pool" / "0" / "clone"


def redirected(top: Path) -> list[str]:
    text = redirected_imports(top, clone_of(top))
    return [entry for entry in text.split(os.pathsep) if entry]


def test_without_anything_to_redirect_there_is_nothing(top: Path) -> None:
    assert redirected_imports(top, clone_of(top)) == ""


def test_entries_of_pythonpath_inside_the_tree_move_and_others_stay(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    entries = [str(outside), str(top / "src"), "", str(top), str(top / "nowhere"), str(top / "lib")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(entries))
    clone = clone_of(top)
    assert redirected(top) == [str(clone / "src"), str(clone), str(clone / "lib"), str(outside)]


def test_relative_entries_mean_what_they_meant(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(top)
    monkeypatch.setenv("PYTHONPATH", "src:.")
    clone = clone_of(top)
    assert redirected(top) == [str(clone / "src"), str(clone), "src", "."]


def test_it_can_be_done_again_for_the_next_run(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker sets the variable for its first run, and finds it there at the second."""
    monkeypatch.setenv("PYTHONPATH", f"{top / 'src'}{os.pathsep}/elsewhere")
    monkeypatch.syspath_prepend(str(top / "src"))
    first = redirected_imports(top, clone_of(top))
    monkeypatch.setenv("PYTHONPATH", first)
    assert redirected_imports(top, clone_of(top)) == first == f"{clone_of(top) / 'src'}:/elsewhere"


def test_a_path_of_the_interpreter_moves_too(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a `.pth` file of an editable installation adds one."""
    monkeypatch.syspath_prepend(str(top / "src"))
    assert redirected(top) == [str(clone_of(top) / "src")]


@pytest.mark.parametrize("name", ["plain", "with space", "ümlaut"])
def test_a_package_installed_in_editable_mode_moves(
    name: str, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of them are found through an import hook, with no path to see."""
    user = top.rename(tmp_path / name)
    about = tmp_path / "site" / "mine-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    record = about / "direct_url.json"
    clone = clone_of(user)
    for text, expected in {
        f'{{"url": "{user.as_uri()}", "dir_info": {{"editable": true}}}}': [
            str(clone / "src"),
            str(clone),
        ],
        f'{{"url": "{user.as_uri()}/sub", "dir_info": {{"editable": true}}}}': [str(clone / "sub")],
        f'{{"url": "{user.as_uri()}", "dir_info": {{"editable": false}}}}': [],
        f'{{"url": "{user.as_uri()}", "dir_info": {{}}}}': [],
        '{"url": "https://example.com/x.whl", "archive_info": {}}': [],
        '{"url": "file:///elsewhere", "dir_info": {"editable": true}}': [],
        "not json": [],
        "{}": [],
    }.items():
        record.write_text(text)
        assert redirected(user) == expected, text


def test_a_tree_that_is_reached_by_a_link_moves_as_well(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git names the real folder, an installation may have been made through the link."""
    (tmp_path / "link").symlink_to(top)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "link" / "src"))
    assert redirected(top) == [str(clone_of(top) / "src")]
