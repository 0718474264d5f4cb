"""The ledger loses nothing, whoever else writes, locks or collects garbage."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import paribus.ledger.branch
from paribus.core.errors import Exit, Problem
from paribus.core.record import Record
from paribus.git.objects import LARGEST_BLOB
from paribus.git.repository import discover
from paribus.ledger.branch import KEPT, REF, Branch, Found, Write

if TYPE_CHECKING:
    from tests.conftest import Workspace

NOBODY = 54321

WRITER = """\
import os, sys
from pathlib import Path
from paribus.core.errors import Problem
from paribus.core.record import Record
from paribus.git.repository import discover
from paribus.ledger.branch import Branch, Write

folder, writer, count, user = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
if user:
    os.setgid(user)
    os.setuid(user)
branch = Branch(discover(Path(folder)).git)
for number in range(count):
    record = Record("run", {"writer": writer, "number": number})
    try:
        print(branch.append([Write(f"experiments/0{writer % 3}/w{writer}", record)], f"{writer}.{number}"))
    except Problem as problem:
        print(problem.code, int(problem.status), problem.message, sep="\\t")
"""


def ledger(workspace: Workspace) -> Branch:
    return Branch(discover(workspace.path).git)


def a_run(number: int = 1, **more: Any) -> Record:
    return Record("run", {"number": number, **more})


def written(*records: Record, folder: str = "experiments/01/0123") -> list[Write]:
    return [Write(folder, record) for record in records]


def found(branch: Branch, *folders: str) -> list[Record | None]:
    return [item.record for item in branch.read(*folders)]


def started(folder: Path, writer: int, count: int, user: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(writer), str(count), str(user)],
        stdout=subprocess.PIPE,
        text=True,
    )


def refused(branch: Branch, record: Record) -> Problem:
    with pytest.raises(Problem) as caught:
        branch.append(written(record), "a run")
    assert caught.value.code == "not-recorded"
    assert caught.value.status is Exit.NOT_RECORDED
    assert caught.value.retryable
    return caught.value


def is_sound(workspace: Workspace) -> bool:
    """Nothing is missing or malformed, history is a line, and it only ever added files."""
    workspace.git("fsck", "--full", "--strict", "--no-dangling")
    parents = workspace.git("rev-list", "--parents", REF).splitlines()
    linear = all(len(line.split()) == 2 for line in parents[:-1]) and len(parents[-1].split()) == 1
    touched = workspace.git("log", "--format=", "--name-status", "--no-renames", REF).splitlines()
    return linear and all(line.startswith("A\t") for line in touched if line)


# Writing and reading


def test_the_first_record_starts_the_branch(project: Workspace) -> None:
    before = project.state()
    branch = ledger(project)
    assert branch.tip() is None
    assert list(branch.read("experiments")) == []
    assert branch.names("experiments") == ()
    assert branch.last_touching("experiments") is None

    commit = branch.append(written(a_run()), "the first run")

    assert branch.tip() == commit == project.git("rev-parse", "paribus/ledger")
    path = f"experiments/01/0123/{a_run().name}"
    assert list(branch.read("experiments")) == [Found(path, a_run())]
    assert project.git("ls-tree", "-r", REF) == (
        f"100644 blob {project.git('rev-parse', f'{REF}:{path}')}\t{path}"
    )
    assert project.git("log", "--format=%s|%an <%ae>|%cn <%ce>|%P", REF) == (
        "the first run|Ada Lovelace <ada@example.com>|Ada Lovelace <ada@example.com>|"
    )
    assert is_sound(project)
    assert project.state() == before


def test_records_are_added_to_those_that_are_there(project: Workspace) -> None:
    branch = ledger(project)
    first = branch.append(written(a_run(1)), "first")
    second = branch.append(written(a_run(2), a_run(3)), "second")
    third = ledger(project).append(written(a_run(4), folder="baselines/45/4567"), "third")
    assert project.git("rev-list", REF).splitlines() == [third, second, first]
    assert found(branch, "experiments") == sorted(
        [a_run(1), a_run(2), a_run(3)], key=lambda record: record.name
    )
    assert found(branch, "baselines", "experiments/01/0123") == [
        a_run(4),
        *found(branch, "experiments"),
    ]
    assert found(branch, "experiments/01/012") == []
    assert found(branch, "experiments/02") == []
    assert is_sound(project)


def test_names_and_the_last_commit_of_a_folder(project: Workspace) -> None:
    branch = ledger(project)
    first = branch.append(written(a_run(1), folder="experiments/01/0123"), "first")
    second = branch.append(written(a_run(2), folder="experiments/0a/0abc"), "second")
    branch.append(written(a_run(3), folder="baselines/45/4567"), "third")
    assert branch.names("experiments") == ("01", "0a")
    assert branch.names("experiments/01") == ("0123",)
    assert branch.names("experiments/01/0123") == (a_run(1).name,)
    assert branch.names("nothing") == ()
    assert branch.last_touching("experiments/01/0123") == first
    assert branch.last_touching("experiments") == second
    assert branch.last_touching("nothing") is None


def test_a_record_is_named_for_its_content_and_written_once(project: Workspace) -> None:
    branch = ledger(project)
    branch.append(written(a_run(1), a_run(2)), "twice the same")
    tree = project.git("rev-parse", f"{REF}^{{tree}}")
    branch.append(written(a_run(2), a_run(1)), "and again")
    assert project.git("rev-parse", f"{REF}^{{tree}}") == tree
    assert len(found(branch, "experiments")) == 2
    assert is_sound(project)


@pytest.mark.parametrize(
    "body",
    [
        {"text": 'ümlaut \u2028 \0 " \\ \n\ndata 5\ndone\n'},
        {"long": "x" * 100_000},
        {"deep": {"list": [1, 1.5, None, True, {}], "tiny": 1e-300}},
    ],
    ids=["text", "long", "deep"],
)
def test_a_record_comes_back_as_it_was(body: dict[str, Any], project: Workspace) -> None:
    branch = ledger(project)
    branch.append(written(Record("run", body)), "a run")
    assert found(branch, "experiments") == [Record("run", body)]


@pytest.mark.parametrize(
    ("subject", "stored"),
    [
        ("two\nlines", "two lines"),
        ("", ""),
        ("ümlaut", "ümlaut"),
        ("not \udcff utf-8", "not ? utf-8"),
        ("data 3\nfrom HEAD\ndone\n", "data 3 from HEAD done"),
    ],
)
def test_any_words_can_be_a_subject(subject: str, stored: str, project: Workspace) -> None:
    ledger(project).append(written(a_run()), subject)
    assert project.git("log", "-1", "--format=%s", REF) == stored
    assert is_sound(project)


def test_what_is_not_strict_json_never_reaches_the_ledger(project: Workspace) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        ledger(project).append(written(Record("run", {"loss": float("nan")})), "a run")
    assert ledger(project).tip() is None


# Whose it is, and what it leaves alone


def test_the_writer_is_who_git_says_he_is(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.git("config", "user.name", "Grace Hopper")
    project.git("config", "user.email", "grace@example.com")
    project.git("config", "commit.gpgSign", "true")
    ledger(project).append(written(a_run()), "a run")
    assert project.git("log", "-1", "--format=%an|%ae", REF) == "Grace Hopper|grace@example.com"
    assert "gpgsig" not in project.git("cat-file", "commit", REF)


def test_it_can_be_written_where_nobody_said_who_he_is(project: Workspace) -> None:
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text("[user]\n\tuseConfigOnly = true\n")
    ledger(project).append(written(a_run()), "a run")
    assert "@" in project.git("log", "-1", "--format=%ae", REF)


@pytest.mark.parametrize("where", ["main", "topic", "detached", "linked", "subfolder", "empty"])
def test_the_branch_is_never_checked_out(
    where: str, project: Workspace, empty: Workspace, tmp_path: Path
) -> None:
    here, folder = project, "."
    if where == "topic":
        project.git("checkout", "--quiet", "-b", "topic")
    if where == "detached":
        project.git("checkout", "--quiet", "--detach")
    if where == "linked":
        project.git("worktree", "add", "--quiet", "-b", "idea", str(tmp_path / "linked"))
        folder = str(tmp_path / "linked")
    if where == "subfolder":
        folder = ".dvc"
    if where == "empty":
        here = empty
        here.write({"a.txt": "a"})
        here.git("add", "a.txt")
    here.write({"train.py": "an edit\n", "untracked.txt": "?"})
    status, before = here.git("status", "--porcelain=v2", "--branch"), here.state()
    reflog = [path.read_bytes() for path in sorted((here.path / ".git" / "logs").rglob("HEAD"))]
    branch = Branch(discover(here.path / folder).git)
    branch.append(written(a_run(1)), "a run")
    branch.append(written(a_run(2)), "a run")
    assert len(found(branch, "experiments")) == 2
    assert here.git("rev-list", "--count", REF) == "2"
    assert here.state() == before
    assert here.git("status", "--porcelain=v2", "--branch") == status
    assert reflog == [
        path.read_bytes() for path in sorted((here.path / ".git" / "logs").rglob("HEAD"))
    ]


def test_no_hook_of_the_users_runs(project: Workspace, tmp_path: Path) -> None:
    hooks = project.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-commit", "pre-commit", "commit-msg"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/sang\n")
        (hooks / name).chmod(0o755)
    ledger(project).append(written(a_run()), "a run")
    assert not (tmp_path / "sang").exists()
    project.git("update-ref", "refs/heads/other", "HEAD")
    assert (tmp_path / "sang").read_text().split() == ["reference-transaction"] * 2


def test_a_signature_on_the_ledger_is_not_looked_into(project: Workspace, tmp_path: Path) -> None:
    """A server signs what it merges; whom to trust with that is up to the user's own git."""
    branch = ledger(project)
    branch.append(written(a_run(1)), "first")
    text = project.git("cat-file", "commit", REF).replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n", 1
    )
    signed = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=project.path, input=text + "\n", text=True, capture_output=True, check=True,
    ).stdout.strip()  # fmt: skip
    project.git("update-ref", REF, signed)
    program = tmp_path / "gpg"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/sang\n")
    program.chmod(0o755)
    project.git("config", "gpg.program", str(program))
    project.git("config", "log.showSignature", "true")
    assert branch.last_touching("experiments") == signed
    assert found(branch, "experiments") == [a_run(1)]
    assert not (tmp_path / "sang").exists()
    project.git("log", "-1", REF)
    assert (tmp_path / "sang").exists()


def test_nothing_but_objects_and_the_branch_is_written(project: Workspace) -> None:
    def listed() -> set[str]:
        return {
            path.relative_to(project.path).as_posix()
            for path in project.path.rglob("*")
            if path.is_file() and "/objects/" not in str(path)
        }

    before = listed()
    branch = ledger(project)
    for number in range(3):
        branch.append(written(a_run(number)), "a run")
    assert listed() - before == {f".git/{REF}", f".git/logs/{REF}", f".git/{KEPT}"}
    assert list((project.path / ".git" / "objects" / "pack").glob("*.keep")) == []


# Trees


def test_a_registered_tree_is_kept(project: Workspace) -> None:
    """The user may collect garbage at once, and the experiment's files are still there."""
    project.write({"train.py": "print('an idea')\n", "data/x.csv": "1,2\n"})
    project.git("add", "--all")
    tree = project.git("write-tree")
    project.git("reset", "--quiet", "--hard")
    other = project.git("rev-parse", "HEAD^{tree}")
    branch = ledger(project)
    folder = "trees/01/0123"
    branch.append(written(a_run()), "register", {folder: tree, "trees/02/0234": other})
    branch.append(written(a_run(2)), "another")
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--quiet", "--prune=now")
    assert project.git("rev-parse", f"{REF}:{folder}") == tree
    assert project.git("show", f"{tree}:train.py") == "print('an idea')"
    assert project.git("rev-parse", f"{REF}:trees/02/0234") == other
    assert len(found(branch, "experiments")) == 2
    assert is_sound(project)


def test_a_tree_that_is_not_there_is_not_recorded(project: Workspace) -> None:
    branch = ledger(project)
    branch.append(written(a_run(1)), "first")
    tip, before = branch.tip(), project.state()
    with pytest.raises(Problem) as caught:
        branch.append(written(a_run(2)), "second", {"trees/01/0123": "f" * 40})
    assert caught.value.code == "not-recorded"
    assert (branch.tip(), project.state()) == (tip, before)
    assert list((project.path / ".git").glob("fast_import_crash_*")) == []
    assert is_sound(project)


# Others who write


def test_eight_writers_at_once_lose_nothing(project: Workspace) -> None:
    writers = [started(project.path, number, 5) for number in range(8)]
    commits = [line for writer in writers for line in writer.communicate(timeout=60)[0].split()]
    assert [writer.returncode for writer in writers] == [0] * 8
    records = found(ledger(project), "experiments")
    assert sorted(
        (record.body["writer"], record.body["number"]) for record in records if record
    ) == [(writer, number) for writer in range(8) for number in range(5)]
    assert sorted(project.git("rev-list", REF).splitlines()) == sorted(commits)
    assert len(commits) == 40
    assert is_sound(project)


@contextmanager
def meanwhile(*actions: Callable[[], object]) -> Iterator[list[int]]:
    """Repeats each action in a thread of its own until the block ends; yields how often each was done."""
    over, done = threading.Event(), [0] * len(actions)

    def repeat(number: int) -> None:
        while not over.is_set():
            actions[number]()
            done[number] += 1

    threads = [threading.Thread(target=repeat, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()


def quietly(workspace: Workspace, *arguments: str) -> Callable[[], object]:
    """A command of the user's, which may fail when it is in its own way."""
    return lambda: subprocess.run(
        ["git", *arguments], cwd=workspace.path, capture_output=True, check=False
    )


def collecting(workspace: Workspace) -> tuple[Callable[[], object], ...]:
    return (
        quietly(workspace, "gc", "--quiet", "--prune=now"),
        quietly(workspace, "pack-refs", "--all", "--prune"),
    )


def test_garbage_collection_takes_nothing_of_the_ledgers(project: Workspace) -> None:
    """Loose objects could be pruned before the reference names them, and with them the ledger."""
    branch = ledger(project)
    with meanwhile(*collecting(project)) as done:
        for number in range(12):
            branch.append(written(a_run(number)), "a run")
    assert min(done) > 1
    assert sorted(
        record.body["number"] for record in found(branch, "experiments") if record
    ) == list(range(12))
    assert is_sound(project)


@pytest.mark.slow
def test_many_writers_beside_everything_else(project: Workspace) -> None:
    """Eight writers, garbage collection, packed references and the user's own commits.

    The user does one after the other: a plain `git commit` beside `git gc --prune=now` loses files.
    """
    commits = 0
    collect, pack = collecting(project)

    def commit() -> None:
        nonlocal commits
        project.commit(f"number {commits}", {"train.py": f"print({commits})\n"})
        commits += 1
        collect()

    for turn in range(3):
        with meanwhile(commit, pack):
            writers = [started(project.path, turn * 8 + number, 5) for number in range(8)]
            said = [writer.communicate(timeout=120)[0] for writer in writers]
        assert "not-recorded" not in "".join(said)
        assert len(found(ledger(project), "experiments")) == (turn + 1) * 40
        assert is_sound(project)
    assert None not in found(ledger(project), "experiments")
    assert project.git("rev-list", "--count", "main") == str(commits + 1)


def test_another_writers_commit_is_built_upon(project: Workspace) -> None:
    one, other = ledger(project), ledger(project)
    one.append(written(a_run(1)), "one")
    other.append(written(a_run(2)), "other")
    one.append(written(a_run(3)), "one")
    project.git("pack-refs", "--all", "--prune")
    other.append(written(a_run(4)), "other")
    project.git("update-ref", REF, f"{REF}~1")  # somebody takes the last one back
    one.append(written(a_run(5)), "one")
    numbers = [record.body["number"] for record in found(one, "experiments") if record]
    assert sorted(numbers) == [1, 2, 3, 4, 5]
    assert is_sound(project)


def test_a_writer_waits_for_one_that_is_at_it(project: Workspace) -> None:
    """So that eight of them do not try again and again against each other."""
    directory = os.open(project.path / ".git", os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    writer = started(project.path, 1, 1)
    with pytest.raises(subprocess.TimeoutExpired):
        writer.communicate(timeout=1)
    assert ledger(project).tip() is None
    os.close(directory)
    assert writer.communicate(timeout=20)[0].strip() == ledger(project).tip()


# What cannot be recorded


def test_a_lock_that_a_crash_left_is_waited_for_and_then_named(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paribus.ledger.branch.PATIENCE < 10
    monkeypatch.setattr("paribus.ledger.branch.PATIENCE", 1.5)
    branch = ledger(project)
    branch.append(written(a_run(1)), "first")
    tip, before = branch.tip(), project.state()
    lock = project.path / ".git" / f"{REF}.lock"
    lock.touch()
    began = time.monotonic()
    problem = refused(branch, a_run(2))
    assert 1.5 < time.monotonic() - began < 5
    assert problem.message == (
        f"the ledger could not be written: cannot lock ref '{REF}': "
        f"Unable to create '{lock}': File exists."
    )
    assert problem.helps[0] == f"if no git is at work there   rm {lock}"
    assert branch.tip() == tip
    assert found(branch, "experiments") == [a_run(1)]
    lock.unlink()
    assert project.state() == before
    branch.append(written(a_run(2)), "second")
    assert len(found(branch, "experiments")) == 2
    assert is_sound(project)


def test_a_lock_that_goes_away_is_waited_for(project: Workspace) -> None:
    branch = ledger(project)
    branch.append(written(a_run(1)), "first")
    lock = project.path / ".git" / f"{REF}.lock"
    lock.touch()
    timer = threading.Timer(1.5, lock.unlink)
    timer.start()
    branch.append(written(a_run(2)), "second")
    timer.join()
    assert len(found(branch, "experiments")) == 2
    assert is_sound(project)


def test_a_branch_in_the_way_is_said_at_once(project: Workspace) -> None:
    project.git("branch", "paribus")
    began = time.monotonic()
    with pytest.raises(Problem) as caught:
        ledger(project).append(written(a_run()), "a run")
    assert time.monotonic() - began < 3
    problem = caught.value
    assert (problem.code, problem.status) == ("branch-in-the-way", Exit.NOT_RECORDED)
    assert problem.message == (
        "there is a branch paribus here, beside which git can have no branch paribus/ledger"
    )
    assert problem.helps == ("call it otherwise   git branch -m paribus OTHER",)


@pytest.fixture
def public(project: Workspace) -> Iterator[Workspace]:
    """The project where another user can reach it, and owned by that user if we can give it away."""
    top = Path(tempfile.mkdtemp(prefix="paribus-test-"))
    top.chmod(0o755)
    workspace = replace(project, path=top / "project")
    shutil.copytree(project.path, workspace.path, symlinks=True)
    if os.geteuid() == 0:
        for path in (workspace.path, *workspace.path.rglob("*")):
            os.lchown(path, NOBODY, NOBODY)
    yield workspace
    for path in workspace.path.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(top)


def told(workspace: Workspace, writer: int, environment: Mapping[str, str]) -> str:
    user = NOBODY if os.geteuid() == 0 else 0
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(workspace.path), str(writer), "1", str(user)],
        env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("folder", ["objects", "refs"])
def test_an_unwritable_repository_is_said_at_once(folder: str, public: Workspace) -> None:
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "HOME": "/"}
    assert len(told(public, 1, settings)) == 40
    inside = public.path / ".git" / folder
    for path in (inside, *inside.rglob("*")):
        if path.is_dir():
            path.chmod(0o555)
    began = time.monotonic()
    code, status, message = told(public, 2, settings).split("\t")
    assert time.monotonic() - began < 3
    assert (code, status) == ("not-recorded", "6")
    assert "Permission denied" in message
    for path in (inside, *inside.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    public.git("config", "--global", "safe.directory", "*")
    assert len(found(ledger(public), "experiments")) == 1
    assert is_sound(public)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_said_and_what_was_there_stays(project: Workspace, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copytree(project.path, disk / "project", symlinks=True)
        small = replace(project, path=disk / "project")
        branch = ledger(small)
        branch.append(written(a_run(1)), "first")
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(b"x" * 4_000_000)
        began = time.monotonic()
        problem = refused(branch, a_run(2, noise=os.urandom(50_000).hex()))
        assert time.monotonic() - began < 3
        assert problem.message.endswith("write error. Out of diskspace")
        assert found(branch, "experiments") == [a_run(1)]
        filler.unlink()
        branch.append(written(a_run(2)), "second")
        assert len(found(branch, "experiments")) == 2
        assert is_sound(small)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# Records that cannot be read


def damaged(workspace: Workspace, contents: Mapping[str, bytes]) -> None:
    """Puts files on the branch as another version, or another program, would."""
    index = {"GIT_INDEX_FILE": str(workspace.path / ".git" / "odd-index")}
    environment = {**os.environ, **index}
    run: Callable[..., str] = lambda *arguments, data=b"": subprocess.run(  # noqa: E731
        ["git", *arguments],
        cwd=workspace.path, env=environment, input=data, capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    run("read-tree", REF)
    for path, content in contents.items():
        oid = run("hash-object", "-w", "--stdin", data=content)
        run("update-index", "--add", "--cacheinfo", f"100644,{oid},{path}")
    commit = run("commit-tree", run("write-tree"), "-p", REF, "-m", "odd")
    workspace.git("update-ref", REF, commit)


def test_what_cannot_be_read_is_listed_and_stops_nothing(project: Workspace) -> None:
    branch = ledger(project)
    branch.append(written(a_run(1)), "first")
    odd = {
        "garbage.json": b"\0\xff garbage",
        "empty.json": b"",
        "half.json": a_run(2).encoded()[:-10],
        "list.json": b"[1, 2]",
        "no-kind.json": b'{"schema": 1}',
        "odd-kind.json": b'{"schema": 1, "kind": 5}',
        "newer.json": json.dumps({"schema": 2, "kind": "run"}).encode(),
        "text.json": b'{"schema": "1", "kind": "run"}',
        "deep.json": b"[" * 100_000,
        "not utf-8.json": b'{"schema": 1, "kind": "run", "text": "\xff"}',
    }
    folder = "experiments/01/0123"
    damaged(project, {f"{folder}/{name}": content for name, content in odd.items()})
    branch.append(written(a_run(3)), "second")
    items = {
        item.path.removeprefix(f"{folder}/"): item.record for item in branch.read("experiments")
    }
    assert items == dict.fromkeys(odd) | {a_run(1).name: a_run(1), a_run(3).name: a_run(3)}


@pytest.mark.parametrize("damage", ["gone", "empty", "cut"])
def test_a_record_that_the_disk_lost_stops_no_other(damage: str, project: Workspace) -> None:
    branch = ledger(project)
    for number in range(3):
        branch.append(written(a_run(number, noise=os.urandom(500).hex())), "a run")
    pack = project.path / ".git" / "objects" / "pack"
    for path in pack.glob("*.pack"):  # packed objects become loose ones, to be lost one by one
        moved = path.rename(project.path / ".git" / path.name)
        path.with_suffix(".idx").unlink()
        with moved.open("rb") as file:
            subprocess.run(
                ["git", "unpack-objects", "-q"], cwd=project.path, stdin=file, check=True
            )
    before = list(branch.read("experiments"))
    assert len([item for item in before if item.record]) == 3
    lost = before[1]
    oid = project.git("rev-parse", f"{REF}:{lost.path}")
    file_ = project.path / ".git" / "objects" / oid[:2] / oid[2:]
    content = file_.read_bytes()
    file_.unlink()
    if damage != "gone":
        file_.write_bytes(content[:-8] if damage == "cut" else b"")
    assert list(branch.read("experiments")) == [before[0], Found(lost.path, None), before[2]]
    branch.append(written(a_run(9)), "a run")
    assert a_run(9) in found(branch, "experiments")


def test_a_record_too_large_to_be_one_stops_no_other(project: Workspace) -> None:
    branch = ledger(project)
    branch.append(written(a_run(1)), "first")
    damaged(project, {"experiments/01/0123/huge.json": b" " * (LARGEST_BLOB + 1)})
    assert found(branch, "experiments") == [None, a_run(1)]


def test_a_ledger_whose_tree_is_lost_is_not_taken_for_an_empty_one(project: Workspace) -> None:
    branch = ledger(project)
    tip = branch.append(written(a_run(1)), "first")
    for path in (project.path / ".git" / "objects" / "pack").iterdir():
        path.unlink()
    refused(branch, a_run(2))
    assert (project.path / ".git" / REF).read_text().strip() == tip
