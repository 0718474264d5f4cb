"""Clones, locks, folders, the index, the disk, and how Git is set up."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.workflows.doctoring import LEDGER, Past, codes, examined, mended, past, told

from paribus.execute.clone import take_slot
from paribus.execute.holder import held
from paribus.git.repository import discover
from paribus.ledger.index.opening import NAME, Index

if TYPE_CHECKING:
    from tests.conftest import Workspace

DAY = 86_400


@pytest.fixture
def full(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A project with a past."""
    return past(project, monkeypatch)


def state(full: Past) -> Path:
    return full.project.path / ".dvc" / "tmp" / "paribus"


def aged(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


# Clones and folders


def clone(full: Past, number: int) -> Path:
    """A place of the pool with something in it, which nobody holds."""
    pool = state(full) / "pool"
    directory = pool / str(number)
    (directory / "clone").mkdir(parents=True)
    (pool / f"{number}.lock").touch()
    return directory


def test_clones_that_no_run_will_use(full: Past) -> None:
    for number in range(4):
        clone(full, number)
    killed, unused, fresh, taken = (state(full) / "pool" / str(number) for number in range(4))
    (killed / "busy").touch()
    (taken / "busy").touch()
    aged(unused, 9 * DAY)
    (state(full) / "pool" / "9.aside-00").mkdir()
    with (state(full) / "pool" / "3.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = examined(full.project)
        assert told(report, full.project) == (
            "3 faults found; 3 can be repaired\n"
            "\n"
            "broken:\n"
            "  1  killed-clone: a run in it was killed\n"
            "     where  TOP/.dvc/tmp/paribus/pool/0\n"
            "     why    it takes room, and no run will use it\n"
            "     mend   paribus doctor --fix: the clone is thrown away\n"
            "  2  unused-clone: no run has used it for 9 days\n"
            "     where  TOP/.dvc/tmp/paribus/pool/1\n"
            "     why    it takes room\n"
            "     mend   paribus doctor --fix: the clone is thrown away; the next run makes\n"
            "            another\n"
            "  3  leftover-folder: a clone that was thrown away, and resisted\n"
            "     where  TOP/.dvc/tmp/paribus/pool/9.aside-00\n"
            "     why    it takes room\n"
            "     mend   paribus doctor --fix: the folder is thrown away\n"
            "\n"
            "help: repair what can be repaired   paribus doctor --fix"
        )
        mended(full.project, "killed-clone", "unused-clone", "leftover-folder")
        assert [path.exists() for path in (killed, unused, fresh, taken)] == [
            False, False, True, True,
        ]  # fmt: skip
    slot = take_slot(state(full) / "pool")
    assert slot.directory == killed
    slot.lock.close()


def test_folders_of_killed_verifications(full: Past) -> None:
    made = state(full) / "afresh"
    (made / "dead" / "clone").mkdir(parents=True)
    with held(made, "alive"):
        (made / "alive").mkdir()
        mended(full.project, "leftover-folder")
        assert sorted(path.name for path in made.iterdir()) == ["alive", "alive.lock"]


def test_temporary_folders(full: Past) -> None:
    """Those of yesterday, of nobody: one that a process works in, and others' stay."""
    temporary = Path(os.environ["TMPDIR"])
    for name in ("paribus-old", "paribus-new", "paribus-used", "others-old"):
        (temporary / name).mkdir()
        (temporary / name / "file").touch()
        if "new" not in name:
            aged(temporary / name, 2 * DAY)
    with subprocess.Popen(["sleep", "300"], cwd=temporary / "paribus-used") as process:
        try:
            mended(full.project, "leftover-folder")
        finally:
            process.kill()
    left = sorted(path.name for path in temporary.iterdir() if not path.name.startswith("sand"))
    assert left == ["others-old", "paribus-new", "paribus-used"]


# Locks


def test_locks_of_runs_that_are_over(full: Past) -> None:
    holders = full.project.path / ".git" / "paribus" / "holders"
    with held(holders) as alive:
        for name in ("old", "young"):
            (holders / f"{name}.lock").touch()
        for name in ("old", alive):
            aged(holders / f"{name}.lock", DAY)
        mended(full.project, "stale-lock-file")
        assert sorted(path.stem for path in holders.iterdir()) == sorted([alive, "young"])


@pytest.mark.parametrize(
    ("name", "age", "expected"),
    [
        (f"{LEDGER}.lock", 5, None),
        (f"{LEDGER}.lock", 120, True),
        ("refs/paribus/kept.lock", 120, True),
        ("refs/tags/baseline/3.lock", 120, True),
        ("refs/remotes/origin/paribus/ledger.lock", 120, True),
        ("refs/remotes/origin/main.lock", 120, False),
        ("refs/heads/main.lock", 120, False),
        ("index.lock", 120, False),
        ("HEAD.lock", 10 * 365 * DAY, True),
        ("packed-refs.lock", 10 * 365 * DAY, True),
        ("config.lock", 7200, False),
    ],
)
def test_locks_of_git(name: str, age: int, expected: bool | None, full: Past) -> None:
    """True: ours, or older than this boot, so that it goes; False: told; None: a git may be at work."""
    lock = full.project.path / ".git" / name
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    aged(lock, age)
    report = examined(full.project, fix=True)
    if expected is None:
        assert report.faults == ()
    elif expected:
        assert [one.done for one in report.repaired] == ["removed"]
        assert codes(report) == []
    else:
        (finding,) = report.left
        assert (finding.code, finding.where) == ("git-lock", str(lock))
        assert finding.message.endswith(" old; a git may be at work")
        assert finding.helps == (f"if no git is at work there   rm {lock}",)
    assert lock.exists() is not expected or expected is None


def test_a_lock_while_a_git_is_at_work(full: Past) -> None:
    lock = full.project.path / ".git" / f"{LEDGER}.lock"
    lock.touch()
    aged(lock, 120)
    with subprocess.Popen(
        ["git", "hash-object", "--stdin"], cwd=full.project.path, stdin=subprocess.PIPE
    ) as git:
        report = examined(full.project, fix=True)
        assert git.stdin is not None
        git.stdin.close()
    assert codes(report) == ["git-lock"]
    assert lock.exists()
    mended(full.project, "git-lock")


# Files of Git


TEMPORARY = (
    "tmp_obj_aaaaaa", "12/tmp_obj_bbbbbb", "pack/tmp_pack_cccccc", "pack/tmp_idx_dddddd",
    "pack/.tmp-42-pack-eeee.pack",
)  # fmt: skip


def test_what_a_killed_git_was_writing(full: Past) -> None:
    objects = full.project.path / ".git" / "objects"
    (objects / "12").mkdir(exist_ok=True)
    for name in TEMPORARY:
        (objects / name).write_text("half an obj")
    assert examined(full.project, fix=True).faults == ()  # it may be about to be whole
    mine = ("12/notes.txt", "pack/tmp-of-mine", "pack/precious.keep")
    for name in (*TEMPORARY, *mine):
        (objects / name).touch()
        aged(objects / name, DAY + 60)
    (objects / "pack" / "tmp_pack_link").symlink_to(objects / "nowhere")
    with subprocess.Popen(
        ["git", "hash-object", "--stdin"], cwd=full.project.path, stdin=subprocess.PIPE
    ) as git:
        assert examined(full.project, fix=True).faults == ()
        assert git.stdin is not None
        git.stdin.close()
    assert told(examined(full.project), full.project) == (
        "5 faults found; 5 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  leftover-file: git was writing it when it was killed\n"
        "     where  COMMON/objects/tmp_obj_aaaaaa\n"
        "  2  leftover-file: git was writing it when it was killed\n"
        "     where  COMMON/objects/12/tmp_obj_bbbbbb\n"
        "  3  leftover-file: git was writing it when it was killed\n"
        "     where  COMMON/objects/pack/tmp_pack_cccccc\n"
        "  4  leftover-file: git was writing it when it was killed\n"
        "     where  COMMON/objects/pack/tmp_idx_dddddd\n"
        "  5  leftover-file: git was writing it when it was killed\n"
        "     where  COMMON/objects/pack/.tmp-42-pack-eeee.pack\n"
        "     why    it takes room, and git leaves it for two weeks\n"
        "     mend   paribus doctor --fix: the file goes\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )
    mended(full.project, *(5 * ["leftover-file"]))
    assert [name for name in TEMPORARY if (objects / name).exists()] == []
    assert all((objects / name).exists() for name in mine)


def test_a_pack_that_is_kept_for_nobody(full: Past) -> None:
    packs = full.project.path / ".git" / "objects" / "pack"
    full.project.git("repack", "-a", "-d", "--quiet")
    (pack,) = packs.glob("*.pack")
    keep, theirs = pack.with_suffix(".keep"), packs / f"pack-{40 * '0'}.keep"
    keep.write_text("paribus\n")
    assert examined(full.project).faults == ()
    theirs.write_text("precious\n")
    for file in (keep, theirs):
        aged(file, 120)
    assert told(examined(full.project), full.project) == (
        "1 fault found; 1 can be repaired\n"
        "\n"
        "broken:\n"
        "  1  kept-pack: who kept it while it was brought home is gone\n"
        "     where  COMMON/objects/pack/pack-SHA.keep\n"
        "     why    git gc passes over the pack, so that it never becomes one with\n"
        "            others\n"
        "     mend   paribus doctor --fix: the file beside the pack goes, and the pack\n"
        "            stays\n"
        "\n"
        "help: repair what can be repaired   paribus doctor --fix"
    )
    mended(full.project, "kept-pack")
    assert [path.suffix for path in packs.glob("pack-*.*ee*")] == [".keep"]
    assert (pack.exists(), theirs.exists()) == (True, True)


def test_a_lock_of_a_result_that_never_came_home(full: Past) -> None:
    lock = full.project.path / ".git" / f"{full.ref[:-10]}00000000ff.lock"
    lock.touch()
    other = lock.with_name("their-own.lock")
    other.touch()
    for file in (lock, other):
        aged(file, 120)
    report = examined(full.project, fix=True)
    assert [one.where for one in report.repaired] == [str(lock)]
    assert [one.where for one in report.left] == [str(other)]
    assert (lock.exists(), other.exists()) == (False, True)


# The index


def test_an_index_that_tells_something_else(full: Past) -> None:
    git = discover(full.project.path).git
    state(full).mkdir(parents=True)
    (state(full) / ".gitignore").write_text("*\n")
    index = Index(git, state(full), lambda: None, lambda _: None)
    index.ask(lambda _: None)
    assert examined(full.project).faults == ()
    with sqlite3.connect(state(full) / NAME) as connection:
        connection.execute("UPDATE experiments SET runs = 99")
    connection.close()
    (finding,) = examined(full.project).left
    assert (finding.code, finding.where) == ("false-index", str(state(full) / NAME))
    mended(full.project, "false-index")
    (state(full) / NAME).write_bytes(b"garbage" * 100)
    mended(full.project, "false-index")
    index.ask(lambda connection: connection.execute("SELECT count(*) FROM experiments").fetchone())


# Room and Git


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs another user")
@pytest.mark.skipif(os.getuid() != 0, reason="needs another user")
def test_what_cannot_be_written_to(full: Past) -> None:
    """As another user sees it; its owner trusts Git, or else Git itself refuses."""
    configuration = Path(os.environ["GIT_CONFIG_GLOBAL"])
    for folder in (full.project.path, *full.project.path.parents):
        if str(folder).startswith(("/tmp/", "/var/")):
            folder.chmod(folder.stat().st_mode | 0o055)
    for folder in (configuration.parent, *configuration.parent.parents):
        if str(folder).startswith(("/tmp/", "/var/")):
            folder.chmod(folder.stat().st_mode | 0o055)
    with configuration.open("a") as file:
        file.write("[safe]\n\tdirectory = *\n")
    Path(os.environ["TMPDIR"]).chmod(0o777)
    ended = subprocess.run(
        ["setpriv", "--reuid=12345", "--clear-groups", sys.executable, "-m", "paribus", "doctor", "--json"],
        cwd=full.project.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Permission" in ended.stderr or not ended.stdout:
        pytest.skip("another user cannot read this interpreter")
    assert ended.returncode == 1
    assert '"not-writable"' in ended.stdout


def test_shallow_and_partial_clones(full: Past) -> None:
    address = f"file://{full.project.path}"
    full.project.git("config", "uploadpack.allowFilter", "true")
    for option, code in (("--depth=1", "shallow-clone"), ("--filter=blob:none", "partial-clone")):
        other = replace(full.project, path=full.project.path.parent / code)
        subprocess.run(
            ["git", "clone", "--quiet", "--no-single-branch", option, address, other.path],
            check=True,
        )
        report = examined(other)
        assert code in codes(report)
        (finding,) = (one for one in report.left if one.code == code)
        assert finding.helps[0].startswith("fetch the rest   git fetch ")


def test_settings_that_are_good_to_know(full: Past) -> None:
    full.project.git("config", "core.fsync", "none")
    full.project.write({".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})
    report = examined(full.project)
    assert report.faults == ()
    assert [(note.code, note.message) for note in report.notes][:2] == [
        ("weak-fsync", "core.fsync is none"),
        ("lfs-files", "Git LFS has *.bin"),
    ]
