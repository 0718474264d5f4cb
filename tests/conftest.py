"""A sealed room for every test, and a small real project of Git and DVC to work on."""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tests.forked import Forked

# How fast an example is made depends on who else is at work on the machine, and is no assertion.
settings.register_profile("paribus", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("paribus")

# A shell that starts tests in the background has them ignore signals, and all that they start.
for _number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

TRAIN = '''\
"""Trains: the "model" is a number that params, seeds and data decide."""

import json
import random
import sys

params = json.load(open("params.json"))
print("training with", params["train"])
if params["train"]["fail"]:
    sys.exit("ValueError: loss is nan at epoch 3")
seeds = params["seed"], params["split_seed"]
shared = random.Random(str(seeds)).gauss(0, 1)
own = random.Random(str((seeds, params["train"]["gain"]))).gauss(0, 0.3)
score = 0.8 + params["train"]["gain"] + params["train"]["noise"] * (shared + own)
json.dump({"score": score}, open("model.json", "w"))
'''

EVALUATE = '''\
"""Measures the model."""

import json

score = json.load(open("model.json"))["score"]
json.dump({"accuracy": round(score, 6), "loss": round(1 - score, 6)}, open("metrics.json", "w"))
'''

PARAMS = """\
{
    "seed": 1,
    "split_seed": 2,
    "train": {
        "gain": 0.0,
        "noise": 0.01,
        "fail": false,
        "name": "plain"
    }
}
"""

PIPELINE = """\
stages:
  train:
    cmd: python -S train.py
    deps: [train.py]
    params:
      - params.json: [seed, split_seed, train]
    outs: [model.json]
  evaluate:
    cmd: python -S evaluate.py
    deps: [evaluate.py, model.json]
    metrics:
      - metrics.json: {cache: false}
"""

PROTOCOL = """\
schema: 1
metric: accuracy
direction: higher
effect: 0.005
goal: improve
seeds: ["params.json:seed", "params.json:split_seed"]
ruler: [evaluate]
"""

LEDGER = ("refs/heads/paribus/ledger", "refs/paribus/kept")

FILES = {
    "train.py": TRAIN,
    "evaluate.py": EVALUATE,
    "params.json": PARAMS,
    "dvc.yaml": PIPELINE,
    "paribus.yaml": PROTOCOL,
    "README.md": "# A small project\n",
    ".gitignore": "/model.json\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvcignore": "",
}


@pytest.fixture(autouse=True)
def sealed_room(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees this machine's home, identity, configuration or clock settings."""
    home = tmp_path_factory.mktemp("home")
    outside = ("GIT_", "DVC_", "PARIBUS_", "GITHUB_", "GITLAB_", "GH_", "CI_")
    for name in [name for name in os.environ if name.startswith(outside)]:
        monkeypatch.delenv(name)
    configuration = home / "gitconfig"
    configuration.write_text(
        "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
    )
    fixed = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": str(configuration),
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_GLOBAL_CONFIG_DIR": str(home / "dvc-global"),
        "DVC_SYSTEM_CONFIG_DIR": str(home / "dvc-system"),
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "SHELL": "/bin/sh",  # what DVC runs commands with
        "TZ": "UTC",
        "COLUMNS": "100",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name, value in fixed.items():
        monkeypatch.setenv(name, value)


@dataclass(frozen=True)
class Called:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as strict JSON: NaN and the like are refused."""
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"not strict JSON: {constant}")


@dataclass
class Workspace:
    """A Git repository with files, and the commands that a user types in it."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    def git(self, *arguments: str) -> str:
        """What git prints; the call must succeed."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def git_of_captures(self, *arguments: str) -> str:
        """As `git`, which here also reads what Paribus has captured and nothing refers to yet."""
        captures = self.path / ".git" / "paribus" / "objects"
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(captures))
            return self.git(*arguments)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Writes files below the top."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, name: str) -> str:
        """A file's text."""
        return (self.path / name).read_text()

    def commit(
        self, message: str = "change", files: Mapping[str, str | bytes] | None = None
    ) -> str:
        """Commits everything that Git does not ignore; returns the full SHA."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def set_param(self, name: str, value: Any) -> None:
        """Edits one dotted key of params.json in the working tree."""
        params = json.loads(self.read("params.json"))
        *folders, key = name.split(".")
        inner = params
        for folder in folders:
            inner = inner[folder]
        inner[key] = value
        self.write({"params.json": json.dumps(params, indent=4) + "\n"})

    def paribus(self, *arguments: str, folder: str = ".", timeout: float = 120) -> Called:
        """Runs the command as a user does; in a fork, where the way in which Python starts is no matter."""
        environment = {**os.environ, **self.environment}
        command, place = [sys.executable, "-m", "paribus", *arguments], self.path / folder
        forked = _forked()
        if forked.starts_alike(environment):
            done = forked.call(list(arguments), place, environment, timeout)
        else:
            done = subprocess.run(
                command,
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=timeout,
                stdin=subprocess.DEVNULL,
            )
        assert "Traceback" not in done.stderr, done.stderr
        return Called(done.returncode, done.stdout, done.stderr)

    def state(self) -> dict[str, str]:
        """All that Paribus must leave as it is: HEAD, index, files, stash, and refs of others."""
        found = {
            "HEAD": (self.path / ".git" / "HEAD").read_text(),
            "index": _digest(self.path / ".git" / "index"),
            "stash": self.git("stash", "list"),
        }
        for line in self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines():
            ref, _, target = line.partition(" ")
            if ref not in LEDGER and "/paribus-" not in ref:
                found[ref] = target
        for path in sorted(self.path.rglob("*")):
            relative = path.relative_to(self.path).as_posix()
            if relative.startswith((".git/", ".dvc/tmp", ".dvc/cache")) or path.is_dir():
                continue
            found[relative] = f"{path.lstat().st_mode:o} {_digest(path)}"
        return found


@functools.cache
def _forked() -> Forked:
    """One for each process that runs tests; it ends with that."""
    forked = Forked()
    atexit.register(forked.close)
    return forked


def _digest(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with one commit on main, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "project"
    path.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_NAME": "Ada Lovelace" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "ada@example.com" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_DATE": "1500000000 +0000" for role in ("AUTHOR", "COMMITTER")},
    }
    for name, content in FILES.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(content)
    for arguments in (
        ("init", "--quiet", "--initial-branch=main", "--template="),
        ("add", "--all"),
        ("commit", "--quiet", "-m", "The baseline"),
    ):
        subprocess.run(["git", *arguments], cwd=path, env=environment, check=True)
    return path


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Workspace:
    """A fresh copy of the small project: params.json, train and evaluate, protocol, one commit.

    Two declared seeds; `train.gain` is a true effect, `train.noise` the spread between seeds (runs
    of one seed share most of it, so that pairing helps), `train.fail` makes the stage fail, `train.name` changes nothing.
    """
    path = tmp_path / "project"
    shutil.copytree(template, path, symlinks=True)
    return Workspace(path)


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    """A Git repository without a commit."""
    path = tmp_path / "empty"
    path.mkdir()
    workspace = Workspace(path)
    workspace.git("init", "--quiet")
    return workspace
