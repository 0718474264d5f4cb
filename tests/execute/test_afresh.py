"""A directory of its own for each run that is made afresh, and nothing left of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paribus.execute.afresh import own_directory, sweep


def test_it_is_there_while_it_is_needed(tmp_path: Path) -> None:
    parent = tmp_path / "afresh"
    with own_directory(parent) as directory, own_directory(parent) as other:
        assert directory != other
        (directory / "inner").mkdir()
        (directory / "inner" / "file").write_text("x")
        (directory / "inner").chmod(0o500)
        assert sweep(parent) == 0  # both are held
        assert directory.is_dir()
    assert list(parent.iterdir()) == []
    with pytest.raises(RuntimeError), own_directory(parent) as directory:
        raise RuntimeError
    assert list(parent.iterdir()) == []
    assert sweep(parent) == sweep(tmp_path / "nowhere") == 0


def test_what_a_killed_process_left_is_found_by_its_lock(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from paribus.execute.afresh import own_directory\n"
        "with own_directory(Path(sys.argv[1])) as directory:\n"
        "    (directory / '0').mkdir()\n"
        "    (directory / '0.lock').touch()\n"
        "    (directory / '0' / 'file').write_text('x')\n"
        "    (directory / '0').chmod(0o500)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == -9
    assert len(list(tmp_path.iterdir())) == 2
    with own_directory(tmp_path) as mine:
        assert sweep(tmp_path) == 1
        assert mine.is_dir()
    assert list(tmp_path.iterdir()) == []
