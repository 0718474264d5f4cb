"""The counter of kills for memory, of either kind of control groups."""

from __future__ import annotations

from pathlib import Path

from paribus.execute.memory import kills_for_memory


def test_one_hierarchy(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/user.slice/mine\n")
    folder = tmp_path / "mount" / "user.slice" / "mine"
    folder.mkdir(parents=True)
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\n")
    assert kills_for_memory(own, tmp_path / "mount") == 2


def test_the_older_kind(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("9:name=systemd:/\n4:memory:/job/1\n1:cpu,cpuacct:/\n0::/\n")
    folder = tmp_path / "mount" / "memory" / "job" / "1"
    folder.mkdir(parents=True)
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert kills_for_memory(own, tmp_path / "mount") == 5


def test_nobody_counts(tmp_path: Path) -> None:
    assert kills_for_memory(tmp_path / "none", tmp_path) is None
    own = tmp_path / "cgroup"
    own.write_text("0::/gone\nnonsense\n")
    assert kills_for_memory(own, tmp_path) is None
