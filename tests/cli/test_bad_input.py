"""Input that cannot be judged: one clear line with a stable code, what to do next, exit 2, nothing changed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Called, Workspace

GAIN = "params.json:train.gain"
JUDGING = (("check",), ("run", "-S", f"{GAIN}=1"))
EVERY = (*JUDGING, ("baseline", "--measure"), ("compare",), ("log",), ("show", "abcd"), ("init",))


def refused(
    workspace: Workspace, arguments: Sequence[str], folder: str = ".", status: int = 2
) -> tuple[str, Called]:
    """The code of the error, after what must hold of every refusal."""
    before = workspace.state() if (workspace.path / ".git").exists() else {}
    told = workspace.paribus(*arguments, "--json", folder=folder)
    first, *helps = told.err.splitlines()
    assert told.code == status, told
    assert first.startswith("error[")
    assert helps, "what to do next"
    assert all(line.startswith("help: ") for line in helps), told.err
    code, _, message = first.removeprefix("error[").partition("]: ")
    assert told.json["error"] == {"code": code, "message": message, "retryable": False}
    assert len(told.json["next"]) == len(helps)
    if before:
        assert workspace.state() == before
        assert "paribus/ledger" not in workspace.git("for-each-ref")
    assert not (workspace.path / ".dvc" / "tmp" / "paribus").exists()
    return code, told


def test_a_refusal_for_people_is_the_same_on_stderr_alone(project: Workspace) -> None:
    _, machine = refused(project, ("check", "nosuch"))
    told = project.paribus("check", "nosuch")
    assert (told.code, told.out, told.err) == (2, "", machine.err)
    assert told.err == (
        "error[unknown-revision]: no commit is called 'nosuch' here\n"
        "help: see what there is   git log --oneline --all\n"
    )


# Where one is.


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_not_a_git_repository(project: Workspace, tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = replace(project, path=tmp_path / "plain")
    folder.path.mkdir()
    code, told = refused(folder, command)
    assert code == "not-a-git-repository"
    assert told.err == (
        f"error[not-a-git-repository]: not inside a Git repository: {folder.path}\n"
        "help: start one   git init && dvc init\n"
    )
    assert list(folder.path.iterdir()) == []


@pytest.mark.parametrize("command", [("run",), ("log",)], ids=" ".join)
def test_no_dvc_project(empty: Workspace, command: tuple[str, ...]) -> None:
    empty.commit("first", {"README.md": "x\n"})
    code, told = refused(empty, command)
    assert code == "no-dvc-project"
    assert told.err.startswith("error[no-dvc-project]: no DVC project here: ")
    assert told.err.endswith("help: start one   dvc init\n")


@pytest.mark.parametrize("command", EVERY[:4], ids=" ".join)
def test_no_commit_yet(empty: Workspace, command: tuple[str, ...]) -> None:
    empty.write({".dvc/config": ""})
    code, told = refused(empty, command)
    assert code == "no-commit"
    assert told.err == (
        'error[no-commit]: this repository has no commit yet\nhelp: make one   git commit -m "first"\n'
    )


def test_a_bare_repository(project: Workspace) -> None:
    project.git("clone", "--quiet", "--bare", ".", "../bare")
    bare = replace(project, path=project.path.parent / "bare")
    told = bare.paribus("check")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[no-working-tree]: ")


# Which revisions there are.


@pytest.mark.parametrize("command", [*JUDGING, ("baseline",), ("compare",)], ids=" ".join)
def test_no_baseline(project: Workspace, command: tuple[str, ...]) -> None:
    project.git("branch", "-m", "main", "feature")
    code, told = refused(project, command)
    assert code == "no-baseline"
    assert told.err == (
        "error[no-baseline]: no baseline found: no tag baseline/<n> behind it, and no main branch to "
        "take the merge base with\n"
        "help: if it is elsewhere   git fetch --tags URL main:main (CI: fetch-depth: 0)\n"
        "help: or name one          --baseline REV\n"
        'help: or tag one           git tag -a baseline/1 -m "first baseline" COMMIT\n'
    )
    assert project.paribus("check", "--baseline", "feature").code == 0


@pytest.mark.parametrize("revision", ["--output=evil", "HEAD~99", "main..HEAD~99", "a\nb", ""])
def test_an_unknown_revision(project: Workspace, revision: str) -> None:
    told = project.paribus("check", "--", revision)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[unknown-revision]: no commit is called "), told
    assert len(told.err.splitlines()) == 2
    assert refused(project, ("compare", f"--baseline={revision}"))[0] == "unknown-revision"
    assert not list(project.path.glob("*evil*"))


@pytest.mark.parametrize("command", ["run", "compare", "baseline --baseline"])
def test_every_command_refuses_an_unknown_revision(project: Workspace, command: str) -> None:
    assert refused(project, (*command.split(), "nosuch"))[0] == "unknown-revision"


def test_a_tree_is_no_revision(project: Workspace) -> None:
    assert refused(project, ("check", project.git("rev-parse", "HEAD^{tree}")))[0] == (
        "unknown-revision"
    )


def test_an_unrelated_history(project: Workspace) -> None:
    project.git("checkout", "--quiet", "--orphan", "other")
    project.commit("another beginning")
    commit = project.git("rev-parse", "--short=7", "HEAD")
    for command in (*JUDGING, ("compare",)):
        code, told = refused(project, command)
        assert (code, told.err) == (
            "no-baseline",
            "error[no-baseline]: no baseline found: no tag baseline/<n> behind it, and no commit that "
            f"{commit} has in common with main\n"
            "help: if it is elsewhere   git fetch --tags URL main:main (CI: fetch-depth: 0)\n"
            "help: or name one          --baseline REV\n"
            'help: or tag one           git tag -a baseline/1 -m "first baseline" COMMIT\n',
        )


# Clones that are whole, and still lack the baseline.

FETCH = "git fetch --tags origin '+refs/heads/*:refs/remotes/origin/*'"


@pytest.fixture
def one_branch(project: Workspace) -> Workspace:
    """A clone with its whole history, of a feature branch alone: neither main nor a tag is here."""
    project.git("tag", "-a", "baseline/1", "-m", "the first")
    project.git("switch", "--quiet", "--orphan", "feature")
    project.git("checkout", "--quiet", "main", "--", ".")
    project.commit("feature")
    source, target = f"file://{project.path}", str(project.path.parent / "one")
    only = ("--single-branch", "--no-tags", "--branch", "feature")
    project.git("clone", "--quiet", *only, source, target)
    clone = replace(project, path=Path(target))
    clone.git("remote", "set-head", "origin", "--delete")
    return clone


@pytest.mark.parametrize("command", [*JUDGING, ("compare",)], ids=" ".join)
def test_a_clone_of_one_branch(
    project: Workspace, one_branch: Workspace, command: tuple[str, ...]
) -> None:
    assert one_branch.git("rev-parse", "--is-shallow-repository") == "false"
    code, told = refused(one_branch, command)
    assert (code, told.err) == (
        "no-baseline",
        "error[no-baseline]: no baseline found: no tag baseline/<n> behind it, and no main branch to "
        "take the merge base with\n"
        f"help: fetch what is not here   {FETCH} (CI: fetch-depth: 0)\n"
        "help: or name one              --baseline REV\n"
        'help: or tag one               git tag -a baseline/1 -m "first baseline" COMMIT\n',
    )
    missing = project.git("rev-parse", "main")
    code, told = refused(one_branch, ("check", "--baseline", missing))
    assert (code, told.err) == (
        "unknown-revision",
        f"error[unknown-revision]: no commit is called '{missing}' here\n"
        "help: see what there is        git log --oneline --all\n"
        f"help: fetch what is not here   {FETCH} (CI: fetch-depth: 0)\n",
    )
    subprocess.run(shlex.split(FETCH), cwd=one_branch.path, check=True, capture_output=True)
    assert one_branch.paribus("check", "--baseline", missing).code == 0


def test_a_tag_that_leads_to_what_is_not_here(project: Workspace) -> None:
    """Git passes over such a tag: an older one, or HEAD itself, would count as the baseline."""
    project.git("tag", "-a", "baseline/1", "-m", "the first")
    project.set_param("train.gain", 0.5)
    project.commit("gain")
    project.git("tag", "-a", "baseline/2", "-m", "the second")
    project.commit("README", {"README.md": "else\n"})
    lost = project.git("rev-parse", "baseline/2^{commit}")
    (project.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    for command in (*JUDGING, ("compare",)):
        code, told = refused(project, command)
        assert (code, told.err) == (
            "missing-baseline",
            f"error[missing-baseline]: baseline/2 is here, and {lost[:12]}, to which it leads, is not\n"
            "help: if it is elsewhere    git fetch --tags URL main:main (CI: fetch-depth: 0)\n"
            "help: see what is missing   git fsck --connectivity-only\n"
            "help: or name another       --baseline REV\n",
        )
    assert project.paribus("check", "--baseline", "baseline/1").code in (0, 1)


@pytest.fixture
def shallow(project: Workspace) -> Workspace:
    """A clone of depth 1 of a feature branch, as CI makes it: its baseline is beyond the edge."""
    project.git("switch", "--quiet", "--create", "feature")
    project.set_param("train.gain", 0.5)
    project.commit("gain")
    source, target = f"file://{project.path}", str(project.path.parent / "shallow")
    project.git("clone", "--quiet", "--depth", "1", "--branch", "feature", source, target)
    clone = replace(project, path=Path(target))
    clone.git("remote", "set-head", "origin", "--delete")
    return clone


@pytest.mark.parametrize("command", [*JUDGING, ("compare",)], ids=" ".join)
def test_a_shallow_clone_without_the_baseline(shallow: Workspace, command: tuple[str, ...]) -> None:
    code, told = refused(shallow, command)
    assert code == "shallow-clone"
    assert told.err.splitlines()[0] == (
        "error[shallow-clone]: this clone is shallow and does not hold the baseline"
    )
    assert "git fetch --unshallow (CI: fetch-depth: 0)" in told.err


def test_a_shallow_clone_whose_tag_is_beyond_the_edge(project: Workspace) -> None:
    """Its main branch is there, but the tag that counts is not: it is never "no change"."""
    project.git("tag", "-a", "baseline/1", "-m", "the first")
    project.set_param("train.gain", 0.5)
    project.commit("gain")
    target = str(project.path.parent / "shallow")
    project.git("clone", "--quiet", "--depth", "1", f"file://{project.path}", target)
    clone = replace(project, path=Path(target))
    assert refused(clone, ("check",))[0] == "shallow-clone"


def test_a_revision_that_a_shallow_clone_lacks(shallow: Workspace) -> None:
    code, told = refused(shallow, ("check", "--baseline", "HEAD~1"))
    assert code == "unknown-revision"
    assert "fetch-depth: 0" in told.err


# Files that are missing, broken, or unknown to Git.

BROKEN = '{\n  "a": 1,\n  "b: }\n'


@pytest.mark.parametrize(
    ("file", "content", "code", "where"),
    [
        ("params.json", BROKEN, "unreadable-file", "params.json:3: "),
        ("params.json", '{"a": 1, "a": 2}', "unreadable-file", "params.json:1: "),
        ("params.json", b"\xff\xfe", "unreadable-file", "params.json:1: not UTF-8 text"),
        ("dvc.yaml", "stages:\n  train: [\n", "unreadable-file", "dvc.yaml:"),
        ("dvc.yaml", "- a list\n", "broken-pipeline", "dvc.yaml: the file is not a mapping"),
        (
            "dvc.yaml",
            "stages:\n  train:\n    deps: [x]\n",
            "broken-pipeline",
            "dvc.yaml:2: stage `train` has no `cmd`",
        ),
        ("paribus.yaml", "metric: [\n", "unreadable-file", "paribus.yaml:"),
        (
            "paribus.yaml",
            "metric: a\nlooks: [1]\n",
            "broken-protocol",
            "paribus.yaml:2: `looks` is",
        ),
        (
            "paribus.yaml",
            "metrics: a\n",
            "broken-protocol",
            "paribus.yaml:1: unknown key `metrics`",
        ),
        ("paribus.yaml", "effect: -1\n", "broken-protocol", "paribus.yaml:1: `effect` is -1"),
        ("paribus.yaml", "schema: 99\n", "broken-protocol", "paribus.yaml:1: `schema` is 99"),
    ],
)
def test_a_broken_file(
    project: Workspace, file: str, content: str | bytes, code: str, where: str
) -> None:
    project.write({file: content})
    for command in ("check", "run"):
        told = project.paribus(command)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith(f"error[{code}]: {where}"), told.err
    assert not (project.path / ".dvc" / "tmp").exists()


def test_a_broken_file_in_a_commit(project: Workspace) -> None:
    """It names the file, the line and the revision."""
    project.git("switch", "--quiet", "--create", "broken")
    project.commit("broken", {"dvc.yaml": "stages:\n  train: [\n"})
    project.git("switch", "--quiet", "main")
    for command in ("check", "run", "compare"):
        code, told = refused(project, (command, "broken"))
        assert code == "unreadable-file"
        assert told.err.splitlines()[0].startswith("error[unreadable-file]: dvc.yaml:")
        assert told.err.splitlines()[0].endswith("(in broken)")


@pytest.mark.parametrize(
    ("file", "message", "hint"),
    [
        (
            "params.json",
            "error[missing-file]: params.json is not in the working tree, and a stage reads it",
            "git add params.json",
        ),
        (
            "dvc.yaml",
            "error[no-pipeline]: there is no dvc.yaml in the working tree",
            "dvc stage add",
        ),
    ],
)
def test_a_missing_file(project: Workspace, file: str, message: str, hint: str) -> None:
    (project.path / file).unlink()
    for command in (("check",), ("run",)):
        _, told = refused(project, command)
        assert told.err.splitlines()[0] == message
        assert hint in told.err


def test_a_pipeline_that_git_does_not_know(project: Workspace) -> None:
    project.git("rm", "--quiet", "--cached", "dvc.yaml")
    code, told = refused(project, ("check",))
    assert code == "no-pipeline"
    assert "git add dvc.yaml" in told.err


@pytest.mark.parametrize("name", ["helper.py", "src/new module.py", "extra.json", "prep.sh"])
def test_an_untracked_file_that_a_stage_needs(project: Workspace, name: str) -> None:
    pipeline = project.read("dvc.yaml").replace("deps: [train.py]", "deps: [train.py, extra.json]")
    project.commit("a stage reads it", {"dvc.yaml": pipeline})
    project.write({name: "1\n"})
    for command in JUDGING if name == "helper.py" else JUDGING[:1]:
        code, told = refused(project, command)
        shown = f"'{name}'" if " " in name else name
        assert code == "untracked-file"
        assert told.err == (
            f"error[untracked-file]: {name}: Git does not track it, so a run would not see it\n"
            f"help: if it is part of the experiment   git add {shown}\n"
            f"help: if it is not                      echo {shown} >> .gitignore\n"
        )


def test_untracked_files_that_nobody_needs(project: Workspace) -> None:
    project.write({"notes.txt": "x\n", "docs/x.py": "x\n", "tests/test_x.py": "x\n"})
    told = project.paribus("check")
    assert told.code == 0
    assert told.out.endswith(
        "\nuntracked, so not part of it: docs/x.py, notes.txt, tests/test_x.py\n"
    )


@pytest.mark.parametrize("file", ["params.json", "train.py"])
def test_a_merge_conflict(project: Workspace, file: str) -> None:
    """Git would take a file with conflict markers for an edited one."""
    before, first, second = {
        "params.json": ('"gain": 0.0', '"gain": 0.1', '"gain": 0.2'),
        "train.py": ("score = 0.8", "score = 0.7", "score = 0.6"),
    }[file]
    text = project.read(file)
    project.git("switch", "--quiet", "--create", "theirs")
    project.commit("theirs", {file: text.replace(before, first)})
    project.git("switch", "--quiet", "main")
    project.commit("ours", {file: text.replace(before, second)})
    merge = subprocess.run(
        ["git", "merge", "theirs"], cwd=project.path, capture_output=True, check=False
    )
    assert merge.returncode == 1
    for command in JUDGING:
        code, told = refused(project, command)
        assert code == "merge-under-way"
        assert told.err.splitlines()[0] == (
            "error[merge-under-way]: files are still in conflict from a merge"
        )
        assert "git merge --abort" in told.err
    assert project.paribus("check", "theirs").code == 0  # a commit can be judged meanwhile


# What `-S` can say.

NO_VALUE = "help: such as   -S train.lr=0.01\n"


@pytest.mark.parametrize(
    ("override", "message", "helps"),
    [
        *(
            (wrong, f"error[bad-override]: -S {wrong!r} is not KEY=VALUE", NO_VALUE)
            for wrong in (GAIN, "=3", "params.json:=3", "", "params.json:train..gain=1")
        ),
        (
            "params.json:train.gian=1",
            "error[unknown-param]: params.json has no param train.gian",
            "help: there are seed, split_seed, train.gain, train.noise, train.fail, train.name\n"
            "help: a new param belongs into the file first, with the value that changes nothing\n",
        ),
        (
            "train.gain=1",
            "error[missing-file]: params.yaml is not in the working tree, so -S cannot set anything in it",
            "help: name the file                     -S params.json:KEY=VALUE\n"
            "help: if it lies there, let Git know it   git add params.yaml\n",
        ),
        (
            f"{GAIN}=0.1,,0.2",
            f"error[bad-override]: -S {f'{GAIN}=0.1,,0.2'!r} has an empty value among several",
            "help: empty text has quotes   -S 'KEY=\"\",other'\n",
        ),
        (
            f"{GAIN}=[1",
            "error[unreadable-value]: the value '[1' cannot be read: did not find expected ',' or ']'",
            "help: put quotes around it to mean text\n",
        ),
        (
            "train.py:x=1",
            "error[unreadable-file]: train.py: its suffix is none of .yaml .yml .dvc .lock .json .toml",
            "help: mend train.py, then try again\n",
        ),
    ],
)
def test_overrides(project: Workspace, override: str, message: str, helps: str) -> None:
    _, told = refused(project, ("run", "-S", override))
    first, _, rest = told.err.partition("\n")
    assert first == message
    assert [line.split() for line in rest.splitlines()] == [
        line.split() for line in helps.splitlines()
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.json", "link.json"])
def test_an_override_stays_inside_the_repository(project: Workspace, path: str) -> None:
    outside = project.path.parent / "outside.json"
    outside.write_text('{"a": 1}\n')
    (project.path / "link.json").symlink_to(outside)
    project.commit("a link")
    code, _ = refused(project, ("run", "-S", f"{path}:a=2"))
    assert code in {"missing-file", "unreadable-file"}
    assert outside.read_text() == '{"a": 1}\n'


# What an experiment needs.


def test_nothing_to_test(project: Workspace) -> None:
    for command in (("run",), ("run", "main", "-S", f"{GAIN}=0.0")):
        code, told = refused(project, command)
        assert code == "no-change"
        assert told.err == (
            f"error[no-change]: nothing differs from baseline {project.git('rev-parse', 'HEAD')[:7]}, "
            "so there is nothing to test\n"
            "help: set a param            paribus run -S key=value\n"
            "help: measure the baseline   paribus baseline --measure\n"
        )


def test_an_environment_change_is_not_run(project: Workspace) -> None:
    project.commit("lock", {"requirements.txt": "numpy==2.0\n"})
    project.write({"requirements.txt": "numpy==2.1\n"})
    code, told = refused(project, ("run",), status=4)
    assert code == "environment-change"
    assert told.err.splitlines()[0] == (
        "error[environment-change]: not comparable: the environment changes, and both sides would "
        "run in the one that Paribus runs in, where that makes no difference"
    )


@pytest.mark.parametrize("seed", ["params.json:sed", "other.json:seed", "seed"])
def test_a_declared_seed_that_is_not_there(project: Workspace, seed: str) -> None:
    protocol = project.read("paribus.yaml").replace("params.json:seed", seed)
    project.commit("a seed", {"paribus.yaml": protocol})
    file, _, key = seed.rpartition(":")
    for command in (("run", "-S", f"{GAIN}=1"), ("baseline", "--measure")):
        code, told = refused(project, command)
        assert code == "unknown-seed"
        assert told.err.splitlines()[0] == (
            f"error[unknown-seed]: paribus.yaml declares the seed {key}, "
            f"which {file or 'params.yaml'} does not have"
        )
    assert project.paribus("check").code == 0


def test_no_metric_declared(project: Workspace) -> None:
    protocol = project.read("paribus.yaml").replace("metric: accuracy\n", "")
    project.commit("no metric", {"paribus.yaml": protocol})
    for command in (("run", "-S", f"{GAIN}=1"), ("baseline",), ("baseline", "--measure")):
        assert refused(project, command)[0] == "no-metric"


def test_hydra_is_told(project: Workspace) -> None:
    project.commit("hydra", {".dvc/config": "[hydra]\n    enabled = True\n"})
    code, told = refused(project, ("run", "-S", f"{GAIN}=1"))
    assert code == "hydra"
    assert "dvc config hydra.enabled false" in told.err


def test_a_submodule_is_told(project: Workspace) -> None:
    entry = f"160000,{project.git('rev-parse', 'HEAD')},vendor"
    project.git("update-index", "--add", "--cacheinfo", entry)
    project.git("commit", "--quiet", "-m", "a submodule")
    told = project.paribus("run", "main", "-S", f"{GAIN}=1")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error[submodule]: vendor is a Git submodule")


# What cannot be written.


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_an_unwritable_repository(project: Workspace) -> None:
    objects = project.path / ".git" / "objects"
    for folder in (objects, *(path for path in objects.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    try:
        told = project.paribus("run", "-S", f"{GAIN}=1", "--json")
        assert (told.code, told.json["error"]["code"]) == (6, "not-recorded")
        assert project.paribus("check").code == 0  # it reads only
    finally:
        for folder in (objects, *(path for path in objects.rglob("*") if path.is_dir())):
            folder.chmod(0o755)


@pytest.mark.slow
def test_a_ledger_that_is_locked(project: Workspace) -> None:
    """A stale lock of Git's: nothing is run, since nothing could be recorded."""
    lock = project.path / ".git" / "refs" / "heads" / "paribus"
    lock.mkdir()
    (lock / "ledger.lock").touch()
    told = project.paribus("run", "-S", f"{GAIN}=1", "--json")
    assert (told.code, told.json["error"]["code"]) == (6, "not-recorded")
    assert told.json["error"]["retryable"] is True
    assert told.err.startswith("error[not-recorded]: the ledger could not be written: ")
    assert not list((project.path / ".dvc").rglob("clone"))
    shutil.rmtree(lock)
    assert project.paribus("run", "-S", f"{GAIN}=1", "--dry-run").code == 0
