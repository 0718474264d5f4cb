"""`paribus check` of an index, a range, two revisions, each commit; in a bare repository and a sub-directory."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

GAIN = "\n  1  param  train.gain 0.0 -> 0.3\n            params.json:5\n"


def name(project: Workspace, revision: str = "HEAD") -> str:
    """A commit as it is shown."""
    return project.git("rev-parse", revision)[:7]


def sha(project: Workspace, revision: str = "HEAD") -> str:
    return project.git("rev-parse", revision)


# Which tree against which.


@pytest.mark.parametrize(
    "arguments", [("main", "exp~1"), ("main..exp~1",), ("exp~1", "--baseline", "main")]
)
def test_one_revision_against_another(line: Workspace, arguments: tuple[str, ...]) -> None:
    told = line.paribus("check", *arguments)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"one change against main ({name(line, 'main')})\n{GAIN}")
    assert told.out.endswith(
        "\nnext: measure it   paribus run 'exp~1' --baseline main -m \"why it should help\"\n"
    )


def test_a_range_may_lack_a_side_and_two_revisions_may_be_turned_round(line: Workspace) -> None:
    assert line.paribus("check", "main..").code == 1
    told = line.paribus("check", "..main")
    assert told.code == 1
    assert "param  train.gain 0.4 -> 0.0" in told.out
    assert line.paribus("check", "exp", "main").out == told.out.replace("HEAD (", "exp (").replace(
        "--baseline HEAD", "--baseline exp"
    ).replace("paribus run HEAD", "paribus run exp")  # fmt: skip


def test_three_dots_start_where_the_two_parted(line: Workspace) -> None:
    line.git("switch", "--quiet", "main")
    line.set_param("train.noise", 0.5)
    line.commit("meanwhile")
    assert line.paribus("check", "main..exp~1").code == 1
    told = line.paribus("check", "main...exp~1")
    assert (told.code, told.out.splitlines()[2]) == (0, "  1  param  train.gain 0.0 -> 0.3")


def test_a_revision_with_dots_that_is_no_range(line: Workspace) -> None:
    line.commit("from 1..2 on")
    told = line.paribus("check", ":/from 1..2", "--json")
    assert (told.code, told.json["revision"]) == (1, sha(line))


@pytest.mark.parametrize("revision", ["main..nowhere", "nowhere..main", "main..ex\np", "a..b..c"])
def test_a_range_of_nothing(line: Workspace, revision: str) -> None:
    told = line.paribus("check", revision)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[unknown-revision]: no commit is called ")


def test_where_one_was_before(line: Workspace) -> None:
    line.git("switch", "--quiet", "main")
    assert line.paribus("check", "@{-1}").code == 1
    assert line.paribus("check", "..@{-1}").code == 1


def test_a_run_in_a_merge_has_the_baseline_of_the_check(line: Workspace) -> None:
    """What main brings in is not the branch's doing, for either of them."""
    line.git("reset", "--quiet", "--hard", "exp~1")
    line.git("switch", "--quiet", "main")
    line.commit("agreed on", {"train.py": line.read("train.py").replace("0.8 +", "0.7 +")})
    line.git("switch", "--quiet", "exp")
    line.git("merge", "--quiet", "--no-commit", "main")
    main = sha(line, "main")
    for arguments in (("check",), ("check", "--staged"), ("run", "--dry-run")):
        told = line.paribus(*arguments, "--json")
        assert told.code == 0
        assert told.json["baseline"] == main, arguments
    assert line.paribus("check").out.startswith(f"one change against {main[:7]}\n{GAIN}")


# The index.


def test_the_index_and_not_the_working_tree(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    project.set_param("train.noise", 0.02)
    project.write({"untracked.py": "1\n"})
    before = project.state()
    told = project.paribus("check", "--staged")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"one change against {name(project)}\n{GAIN}"
        '\nnext: measure it   paribus run -m "why it should help"\n'
    )
    assert project.state() == before


@pytest.mark.parametrize("setting", ["core.splitIndex", "feature.manyFiles", "index.sparse"])
def test_other_kinds_of_index(project: Workspace, setting: str) -> None:
    project.git("config", setting, "true")
    project.git("update-index", "--force-write-index")
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    files = sorted(path for path in (project.path / ".git").rglob("*") if path.is_file())
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert project.paribus("check", "--staged").out.startswith("one change against ")
    assert sorted(path for path in (project.path / ".git").rglob("*") if path.is_file()) == files
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in files] == before


def test_an_index_that_cannot_be_read(project: Workspace) -> None:
    (project.path / ".git" / "index").write_bytes(b"garbage")
    told = project.paribus("check", "--staged")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[unreadable-index]: git cannot read what is staged: ")


def test_the_first_commit_has_nothing_to_be_compared_with(empty: Workspace) -> None:
    (empty.path / ".dvc").mkdir()
    empty.write({".dvc/config": "", "dvc.yaml": "stages: {}\n"})
    empty.git("add", "--all")
    told = empty.paribus("check", "--staged")
    assert (told.code, told.out, told.err) == (
        0,
        "nothing to compare with: HEAD has no commit yet\n",
        "",
    )
    assert empty.paribus("check", "--staged", "--json").json == {
        "schema": 1,
        "baseline": None,
        "revision": None,
        "outcome": "none",
        "changes": [],
        "reason": "HEAD has no commit yet",
        "next": [],
    }
    assert empty.paribus("check").code == 2


# Each commit.


def test_each_commit_since_the_baseline(line: Workspace) -> None:
    told = line.paribus("check", "--per-commit")
    one, two, three = (name(line, f"HEAD~{back}") for back in (2, 1, 0))
    assert (told.code, told.err) == (1, "")
    assert told.out == (
        f"error[one-change]: 1 of 3 commits has several changes ({name(line, 'main')}..{three})\n"
        "\n"
        f"  {one}  one   a gain\n"
        f"  {two}  none  words\n"
        f"  {three}  many  both\n"
        "\n"
        f"{three}  both\n"
        f"error[one-change]: 2 changes against {two}; an experiment has one\n"
        "\n"
        "  1  param  train.gain 0.3 -> 0.4\n            params.json:5\n"
        "  2  param  train.noise 0.01 -> 0.02\n            params.json:6\n"
        "\n"
        f"help: one experiment each       paribus split {three} --baseline {two}\n"
        f'help: they belong together      paribus run {three} --baseline {two} --allow "why"   (recorded)\n'
        "help: they always go together   list them under `coupled` in paribus.yaml\n"
        "\n"
        "2 changes, 0 runs made\n"
    )
    assert line.paribus("check", "exp", "--per-commit").out == told.out
    assert line.paribus("check", "main..exp", "--per-commit").out == told.out
    assert line.paribus("check", "main", "exp", "--per-commit").out == told.out


def test_each_commit_for_machines(line: Workspace) -> None:
    found = line.paribus("check", "main..exp~1", "--per-commit", "--json").json
    assert list(found) == ["schema", "baseline", "revision", "outcome", "commits", "next"]
    assert (found["baseline"], found["revision"]) == (sha(line, "main"), sha(line, "exp~1"))
    assert found["outcome"] == "one"
    told = [(one["commit"], one["subject"], one["outcome"]) for one in found["commits"]]
    assert told == [
        (sha(line, "exp~2"), "a gain", "one"),
        (sha(line, "exp~1"), "words", "none"),
    ]
    assert found["commits"][0]["changes"][0]["summary"] == "train.gain 0.0 -> 0.3"


def test_no_commit_at_all(project: Workspace) -> None:
    told = project.paribus("check", "--per-commit")
    head = name(project)
    assert (told.code, told.out) == (
        0,
        f"0 commits, none with several changes ({head}..{head})\n",
    )


def test_merges_are_left_out_and_a_commit_answers_for_itself_alone(line: Workspace) -> None:
    line.git("switch", "--quiet", "main")
    line.commit("meanwhile", {"README.md": "# Other words\n" * 9, "docs/x.md": "x\n"})
    line.git("checkout", "--quiet", "main~1", "README.md")
    line.commit("and back")
    line.git("switch", "--quiet", "exp")
    line.git("merge", "--quiet", "-m", "merge", "main")
    line.git("commit", "--quiet", "--allow-empty", "-m", "late\n\nParibus-Allow: for no other")
    found = line.paribus("check", "main..exp", "--per-commit", "--json")
    assert found.code == 1
    subjects = [one["subject"] for one in found.json["commits"]]
    assert subjects == ["a gain", "words", "both", "late"]
    assert line.paribus("check", "exp", "--baseline", "main").code == 0  # as a whole it is allowed


def test_a_commit_may_allow_itself_and_one_may_be_broken(line: Workspace) -> None:
    line.git("commit", "--quiet", "--amend", "-m", "both\n\nParibus-Allow: they go together")
    told = line.paribus("check", "--per-commit")
    assert told.code == 0
    assert told.out.splitlines()[-1].endswith("  many  both (allowed: they go together)")
    kept = line.read("params.json")
    line.commit("broken", {"params.json": "{"})
    line.commit("mended", {"params.json": kept})
    told = line.paribus("check", "--per-commit")
    assert told.code == 2
    assert told.out.splitlines()[0] == (
        f"2 of 5 commits cannot be judged ({name(line, 'main')}..{name(line)})"
    )
    assert f"\n  {name(line, 'HEAD~1')}  ?     broken\n" in told.out
    found = line.paribus("check", "--per-commit", "--json").json["commits"][3]
    assert (found["outcome"], found["changes"]) == (None, [])
    assert found["error"]["message"].startswith("params.json")


def test_a_shallow_clone_is_not_judged_commit_by_commit(line: Workspace, tmp_path: Path) -> None:
    base = sha(line, "main")
    line.git("clone", "--quiet", "--depth=2", line.path.as_uri(), str(tmp_path / "shallow"))
    told = line.paribus("check", "--per-commit", folder=str(tmp_path / "shallow"))
    assert told.code == 2
    assert told.err.startswith("error[shallow-clone]: ")
    line.git("-C", str(tmp_path / "shallow"), "fetch", "--quiet", "--depth=1", "origin", base)
    told = line.paribus(
        "check", "--per-commit", "--baseline", base, folder=str(tmp_path / "shallow")
    )
    assert (told.code, told.err.splitlines()[0]) == (
        2,
        "error[shallow-clone]: this clone is shallow and does not hold every commit in between",
    )


# Without a working tree.


@pytest.fixture
def bare(line: Workspace, tmp_path: Path) -> Path:
    path = tmp_path / "bare.git"
    line.git("clone", "--quiet", "--bare", ".", str(path))
    return path


def test_in_a_bare_repository(line: Workspace, bare: Path) -> None:
    line.git("switch", "--quiet", "--detach")
    for arguments in (("main..exp~1",), ("exp~1",), ("exp", "--per-commit"), ("main", "exp", "--json")):  # fmt: skip
        here, there = (line.paribus("check", *arguments, folder=str(f)) for f in (".", bare))
        assert (there.code, there.out, there.err) == (here.code, here.out, here.err)
        assert "train.gain" in there.out
    inside = line.paribus("check", "exp~1", folder=str(bare / "refs"))
    assert inside.code == 0


def test_a_bare_repository_needs_a_revision(line: Workspace, bare: Path) -> None:
    told = line.paribus("check", folder=str(bare))
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        f"error[no-working-tree]: this is a bare repository, without a working tree: {bare}\n"
        "help: name what to judge   paribus check REVISION\n"
    )
    told = line.paribus("check", "--staged", folder=str(bare))
    assert told.err == (
        "error[no-working-tree]: a bare repository has no index, so nothing is staged in it\n"
    )
    assert line.paribus("log", folder=str(bare)).code == 2


def test_a_bare_repository_among_somebodys_files_is_not_trusted(
    line: Workspace, bare: Path
) -> None:
    """It came with a checkout, and its configuration could name programs to run."""
    planted = line.path / "data" / "planted"
    shutil.copytree(bare, planted)
    told = line.paribus("check", "exp", folder="data/planted")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[no-working-tree]: this is a bare repository")


# A project in a folder.


@pytest.fixture
def nested(line: Workspace, tmp_path: Path) -> Workspace:
    """The same project below `models/digits`, beside one at the top that differs, too."""
    inner = type(line)(tmp_path / "nested")
    inner.path.mkdir()
    inner.git("init", "--quiet")
    folder = inner.path / "models" / "digits"
    for revision, message in (("main", "first"), ("exp~1", "a gain")):
        line.git("checkout", "--quiet", revision)
        shutil.copytree(line.path, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))  # fmt: skip
        inner.commit(message)
    inner.git("tag", "first", "HEAD~1")
    return inner


def test_a_project_in_a_folder(nested: Workspace, tmp_path: Path) -> None:
    at_home = nested.paribus("check", "first..HEAD", folder="models/digits")
    assert at_home.code == 0
    assert "models/digits/params.json:5\n" in at_home.out
    nested.git("clone", "--quiet", "--bare", ".", str(tmp_path / "nested.git"))
    ways = [(".", "models/digits"), ("models", "./digits/"), ("models/digits", "."), (str(tmp_path / "nested.git"), "models/digits")]  # fmt: skip
    for folder, directory in ways:
        told = nested.paribus("check", "first..HEAD", "--project", directory, folder=folder)
        assert (told.code, told.out, told.err) == (0, at_home.out, ""), (folder, directory)
    text = nested.read("models/digits/params.json").replace('"gain": 0.3', '"gain": 0.4')
    nested.write({"models/digits/params.json": text})
    nested.git("add", "--all")
    for arguments in ((), ("--staged",)):
        told = nested.paribus("check", *arguments, "--project", "models/digits")
        assert told.out.splitlines()[2] == "  1  param  train.gain 0.3 -> 0.4"


def test_a_folder_without_a_pipeline_or_outside(nested: Workspace) -> None:
    told = nested.paribus("check", "HEAD", "--baseline", "first", "--project", "models")
    assert (told.code, told.err.splitlines()[0]) == (
        2,
        "error[no-pipeline]: there is no models/dvc.yaml in baseline first",
    )
    told = nested.paribus("check", "--project", "..", folder="models/digits/..")
    assert told.code == 2
    told = nested.paribus("check", "--project", "/etc")
    assert told.err.startswith("error[usage]: --project /etc leads out of the repository\n")
