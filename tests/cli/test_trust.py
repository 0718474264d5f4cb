"""A pull request that tries to be executed by whoever judges it: only git runs, and nothing is contacted."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

PARIBUS = Path(sys.executable).parent / "paribus"
EXECUTED = re.compile(r'execve\("([^"]+)".*= 0$', re.MULTILINE)
CONNECTED = re.compile(r"connect\(\d+, \{sa_family=AF_INET", re.MULTILINE)
COMMANDS = (
    ("check", "HEAD"),
    ("check", "--staged"),
    ("check", "HEAD~1", "HEAD", "--explain"),
    ("check", "main..HEAD", "--per-commit"),
    ("check", "HEAD", "--format", "github"),
    ("compare", "HEAD", "--baseline", "HEAD~1"),
)


class Loaded:
    """What unpickling it does."""

    def __init__(self, canary: str) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.canary}",)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file that is there when anything of the pull request was executed."""
    return tmp_path / "canary"


@pytest.fixture
def attack(project: Workspace, canary: Path) -> Workspace:
    """A branch with everything that is known to get itself executed, checked out."""
    project.git("switch", "--quiet", "-c", "attack")
    code = f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n"
    shell = f"#!/bin/sh\ntouch {canary}\n"
    project.write(
        {
            **dict.fromkeys(["params.py", "sitecustomize.py", "usercustomize.py", "dvc.py"], code),
            **dict.fromkeys(["yaml.py", "click.py", "git.py", "conftest.py", "setup.py"], code),
            "paribus/__init__.py": code,
            "train.py": "import params\n" + code,
            "dvc.yaml": "vars: [params.py]\nstages:\n  train:\n    cmd: python train.py $(touch x)\n"
            "    deps: [train.py]\n    params: [params.py:]\n    metrics: [metrics.json]\n",
            ".gitattributes": "* filter=canary diff=canary merge=canary\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch {canary}"\n'
            f"\tupdate = !touch {canary}\n",
            ".dvc/config": "[core]\n    site_cache_dir = /tmp/x\n    remote = r\n[exp]\n    auto_push = true\n"
            "[hydra]\n    enabled = true\n    plugins_path = plugins\n"
            '[remote "r"]\n    url = ssh://127.0.0.1:1/x\n',
            "plugins/hydra_plugins/evil.py": code,
            "conf/config.yaml": f"_target_: os.system\ncmd: touch {canary}\nx: ${{oc.env:HOME}}\n",
            ".git-hooks/pre-commit": shell,
            "nest/HEAD": "ref: refs/heads/main\n",
            "nest/config": f"[core]\n\tbare = true\n\tfsmonitor = {canary}.sh\n",
            "nest/objects/x": "",
            "nest/refs/x": "",
        }
    )
    pickled = pickle.dumps(Loaded(str(canary)))
    project.write({".dvc/tmp/repro.dat": pickled, "model.pkl": pickled})
    project.git("add", "--all", "--force")
    project.git("commit", "--quiet", "-m", "--upload-pack=touch canary")
    # The runner's own configuration has filters that an attribute of the branch switches on.
    script = canary.with_suffix(".sh")
    script.write_text(f"{shell}cat\n")
    script.chmod(0o755)
    for name in ("filter.canary.clean", "filter.canary.smudge", "diff.canary.textconv",
                 "diff.canary.command", "merge.canary.driver", "core.fsmonitor", "diff.external"):  # fmt: skip
        project.git("config", "--global", name, str(script))
    hooks = project.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction"):
        (hooks / name).write_text(shell)
        (hooks / name).chmod(0o755)
    canary.unlink(missing_ok=True)
    return project


@pytest.mark.parametrize("arguments", COMMANDS, ids=[" ".join(each) for each in COMMANDS])
def test_nothing_of_it_is_executed(
    attack: Workspace, canary: Path, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [str(PARIBUS), *arguments], cwd=attack.path, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert not canary.exists()


def test_the_working_tree_is_read_as_git_add_reads_it(attack: Workspace, canary: Path) -> None:
    """With the filters of one's own configuration, without which Git LFS would tell every file changed."""
    (Path(os.environ["GIT_CONFIG_GLOBAL"])).write_text("[user]\n\tname = A\n\temail = a@b\n")
    attack.write({"train.py": "print(1)\n"})
    done = subprocess.run(
        [str(PARIBUS), "check"], cwd=attack.path, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert not canary.exists()


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not on this machine")
def test_only_git_is_executed_and_nothing_contacted(
    attack: Workspace, canary: Path, tmp_path: Path
) -> None:
    for number, arguments in enumerate(COMMANDS):
        trace = tmp_path / f"trace{number}"
        watched = ["strace", "-f", "-o", str(trace), "-e", "trace=execve,connect"]
        subprocess.run(
            [*watched, str(PARIBUS), *arguments], cwd=attack.path, capture_output=True, check=False
        )
        told = trace.read_text()
        programs = {Path(path).name for path in EXECUTED.findall(told)}
        assert programs <= {"paribus", "git"}, arguments
        assert "git" in programs
        assert not CONNECTED.search(told), arguments
    assert not canary.exists()
