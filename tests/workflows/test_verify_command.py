"""`paribus verify`: a recorded run, made again without anything that could answer in its place."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Workspace

PREPARE = '''\
"""Makes features of the raw data, a file for each column."""

import json, os, pathlib

knobs = json.load(open(os.environ["KNOBS"]))
rows = [line.split(",") for line in open("data/raw.csv").read().split()]
more = [float(path.read_text()) for path in sorted(pathlib.Path("data/extra").iterdir())]
folder = pathlib.Path("features")
folder.mkdir()
for number, column in enumerate(zip(*rows)):
    (folder / f"{number}.txt").write_text(" ".join(column))
(folder / "more.txt").write_text(repr(more) + knobs.get("feature", ""))
'''

TRAIN = '''\
"""The "model" is a number that seed and features decide."""

import json, os, pathlib, random, sys, time

knobs = json.load(open(os.environ["KNOBS"]))
if knobs.get("sleep"):
    pathlib.Path(knobs["began"]).touch()
    time.sleep(knobs["sleep"])
if knobs.get("fail"):
    sys.exit("ValueError: loss is nan at epoch 3")
params = json.load(open("../params.json"))
total = sum(map(float, pathlib.Path("../features/0.txt").read_text().split()))
score = random.Random(params["seed"]).random() / 10 + total / 100 + params["train"]["gain"]
json.dump({"score": score, "stamp": knobs.get("stamp", "")}, open("../model.json", "w"))
'''

EVALUATE = '''\
"""Measures the model; a test may make it noisy."""

import json, os

knobs = json.load(open(os.environ["KNOBS"]))
noise = knobs["noises"].pop(0) if knobs.get("noises") else 0.0
json.dump(knobs, open(os.environ["KNOBS"], "w"))
score = json.load(open("model.json"))["score"]
right = [1, 0, 1, 1] if not knobs.get("flip") else [0, 1, 1, 1]
with open("predictions.csv", "w") as file:
    print("id,value", *(f"{number},{value}" for number, value in enumerate(right)), sep="\\n", file=file)
told = {"accuracy": score + noise, "loss": 1 - score, "seconds": knobs.get("seconds", 1.5)}
json.dump(told, open("metrics.json", "w"))
'''

PIPELINE = """\
stages:
  prepare:
    cmd: python -S prepare.py
    deps: [prepare.py, data/raw.csv, data/extra]
    outs: [features]
  train:
    cmd: python -S train.py
    wdir: code
    deps: [train.py, ../features]
    params:
      - ../params.json: [seed, train]
    outs: [../model.json]
  evaluate:
    cmd: python -S evaluate.py
    deps: [evaluate.py, model.json]
    outs: [predictions.csv]
    metrics:
      - metrics.json: {cache: false}
"""

PROTOCOL = """\
schema: 1
metric: accuracy
direction: higher
effect: 0.005
seeds: ["params.json:seed"]
ruler: [evaluate]
predictions: predictions.csv
"""

RAW = b"1,2\n3,4\n"
EXTRA = {"a.txt": b"1.5", "b.txt": b"2.5"}


@dataclass
class Shop(Workspace):
    """A project with tracked data and knobs outside of it, which a stage may turn to."""

    knobs: Path = field(default_factory=Path)

    def turn(self, **knobs: Any) -> None:
        """Sets what the stages find outside of the project."""
        self.knobs.write_text(json.dumps(knobs))

    @property
    def cache(self) -> Path:
        return self.path / ".dvc" / "cache" / "files" / "md5"

    def verify(self, *arguments: str) -> Any:
        """What `verify baseline --json` answers."""
        return self.paribus("verify", "baseline", "--json", *arguments).json


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def kept(cache: Path, data: bytes, suffix: str = "") -> str:
    """Puts data into a DVC cache as DVC does; returns the hash."""
    value = md5(data) + suffix
    path = cache / value[:2] / value[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o444)
    return value


def pointer(name: str, value: str, **more: Any) -> str:
    return json.dumps({"outs": [{"md5": value, "hash": "md5", "path": name, **more}]}) + "\n"


def laid_out(path: Path, knobs: Path) -> Shop:
    """The project with its data in the cache and one commit."""
    path.mkdir(parents=True)
    shop = Shop(path, {"KNOBS": str(knobs)}, knobs)
    shop.turn()
    listing = [{"md5": kept(shop.cache, data), "relpath": name} for name, data in EXTRA.items()]
    folder = kept(shop.cache, json.dumps(listing).encode(), ".dir")
    shop.git("init", "--quiet")
    shop.commit(
        "The baseline",
        {
            "prepare.py": PREPARE,
            "code/train.py": TRAIN,
            "evaluate.py": EVALUATE,
            "params.json": json.dumps({"seed": 1, "train": {"gain": 0.0}}),
            "dvc.yaml": PIPELINE,
            "paribus.yaml": PROTOCOL,
            "data/raw.csv.dvc": pointer("raw.csv", kept(shop.cache, RAW)),
            "data/extra.dvc": pointer("extra", folder),
            "data/.gitignore": "/raw.csv\n/extra\n",
            ".gitignore": "/features\n/model.json\n/predictions.csv\n",
            ".dvc/config": "[core]\n    analytics = false\n",
            ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        },
    )
    return shop


def copied(shop: Shop, tmp_path: Path) -> Shop:
    path = tmp_path / "shop"
    shutil.copytree(shop.path, path, symlinks=True)
    knobs = Path(shutil.copy(shop.knobs, tmp_path / "knobs.json"))
    return Shop(path, {"KNOBS": str(knobs)}, knobs)


@pytest.fixture(scope="module")
def made() -> dict[str, Shop]:
    return {}


@pytest.fixture
def shop(made: dict[str, Shop], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A copy of a project whose baseline has been run: once, and three times more with its seed."""
    if "shop" not in made:
        base = tmp_path_factory.mktemp("made")
        shop = laid_out(base / "shop", base / "knobs.json")
        done = shop.paribus("baseline", "--seeds", "1")
        assert done.code == 0, done.err
        made["shop"] = shop
    return copied(made["shop"], tmp_path)


def shaped(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\d", "DATE", text)
    text = re.sub(r"\b[0-9a-f]{10}\b", "RUN", text)
    return re.sub(r"\b(?=\w*\d)(?=\w*[a-f]|\d{7})[0-9a-f]{7}\b", "HEX", text)


# What it says


def test_a_run_that_gives_the_same_is_exact(shop: Shop) -> None:
    before = shop.state()
    done = shop.paribus("verify", "baseline")
    assert (done.code, shaped(done.out)) == (
        0,
        """\
exact: run RUN of the baseline, pair 1, gave the recorded result again
  metrics      2 of 2 equal
  outputs      4 of 4 equal
  predictions  4 of 4 equal
  not compared: seconds (measures the machine)
  environment  the same as on DATE
  recorded HEX on the branch paribus/ledger
""",
    )
    assert shop.state() == before
    assert not list((shop.path / ".dvc/tmp/paribus/afresh").iterdir())


def test_an_experiment_is_verified_and_show_tells_it(measured: Workspace) -> None:
    rows = measured.paribus("log", "--json").json["experiments"]
    (row,) = (one for one in rows if one["hypothesis"] == "a larger gain gains")
    short = row["experiment"][:6]
    refs = measured.git("for-each-ref", "refs/exps")
    before = measured.paribus("show", short, "--json").json
    done = measured.paribus("verify", short, "--both", "-j", "2")
    assert (done.code, shaped(done.out)) == (
        0,
        f"""\
exact: 2 of 2 runs of {short[:4]} gave the recorded result again
  train.gain 0.0 -> 0.2

exact: run RUN of {short[:4]}, pair 1
  metrics      2 of 2 equal
  outputs      2 of 2 equal
  environment  the same as on DATE

exact: run RUN of the baseline, pair 1
  metrics      2 of 2 equal
  outputs      2 of 2 equal
  environment  the same as on DATE
  recorded HEX on the branch paribus/ledger
next: every run of it   paribus show {short[:4]}
""",
    )
    assert measured.git("for-each-ref", "refs/exps") == refs  # it is nobody's experiment
    shown = measured.paribus("show", short)
    line = f"  verified DATE on {socket.gethostname()}: exact\n"
    assert line in shaped(shown.out)
    (told,) = measured.paribus("show", short, "--json").json["verifications"]
    assert (told["outcome"], len(told["runs"]), told["host"]) == ("exact", 2, socket.gethostname())
    # No series counts it, and no verdict moves.
    again = measured.paribus("show", short, "--json").json
    assert again["runs"] == before["runs"]
    assert again["verdict"] == row["verdict"]


@pytest.mark.slow
def test_a_single_run_is_named_by_its_own_id(shop: Shop) -> None:
    run = shop.verify()["runs"][0]["run"]
    found = shop.paribus("verify", run[:7], "--json").json
    assert [(one["run"], one["outcome"]) for one in found["runs"]] == [(run, "exact")]
    unknown = shop.paribus("verify", "abcdefabcd")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err == (
        "error[unknown-run]: neither an experiment's nor a run's id starts with 'abcdefabcd'\n"
        "help: every experiment          paribus log\n"
        "help: the runs of one of them   paribus show ID\n"
    )


def test_a_baseline_without_runs_cannot_be_verified(project: Workspace) -> None:
    done = project.paribus("verify", "baseline")
    assert (done.code, done.out) == (2, "")
    assert "next" not in done.err
    assert "help: make some   paribus baseline --measure" in done.err


# What differs


@pytest.mark.slow
def test_a_deterministic_pipeline_that_gives_other_numbers_is_different(shop: Shop) -> None:
    shop.turn(noises=[0.25], flip=True, stamp="now")
    found = shop.verify()
    (run,) = found["runs"]
    compared = run["comparison"]
    assert found["outcome"] == "different"
    (metric,) = compared["metrics"]
    assert metric["name"] == "accuracy"
    assert metric["new"] - metric["old"] == pytest.approx(0.25)
    assert (metric["limit"], metric["within_noise"], compared["noisy"]) == (0.0, False, False)
    assert compared["examples"] == {"differing": 2, "size": 4}
    assert [one["path"] for one in compared["outputs"]] == [
        "metrics.json", "predictions.csv", "../model.json",
    ]  # fmt: skip
    assert compared["inputs"] == []
    shop.turn(noises=[0.25])
    done = shop.paribus("verify", "baseline")
    assert done.code == 1
    assert done.out.startswith("different: run ")
    assert re.search(r"^    accuracy  0\.\d+ -> 0\.\d+$", done.out, re.MULTILINE)
    assert "next: does a rerun of a seed differ at all?   paribus noise" in done.out


@pytest.mark.slow
def test_a_file_that_differs_while_no_number_does_is_told(shop: Shop) -> None:
    shop.turn(stamp="2026-11-22", seconds=99.0)
    done = shop.paribus("verify", "baseline")
    assert (done.code, shaped(done.out)) == (
        0,
        """\
same results: run RUN of the baseline, pair 1, gave the recorded numbers
  metrics      2 of 2 equal
  outputs      2 of 4 equal
    evaluate: metrics.json  HEX -> HEX
    train: ../model.json  HEX -> HEX
  predictions  4 of 4 equal
  not compared: seconds (measures the machine)
  environment  the same as on DATE
  recorded HEX on the branch paribus/ledger
""",
    )


@pytest.mark.slow
def test_files_of_a_folder_are_counted(shop: Shop) -> None:
    shop.turn(feature="!")
    found = shop.verify()
    (folder,) = (
        one for one in found["runs"][0]["comparison"]["outputs"] if one["stage"] == "prepare"
    )
    assert (folder["differing"], folder["files"], folder["named"]) == (1, 3, ["more.txt"])
    assert found["outcome"] == "same-results"


@pytest.mark.slow
def test_a_noisy_pipeline_may_move_as_far_as_its_reruns(
    made: dict[str, Shop], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.mktemp("noisy")
    noisy = laid_out(base / "shop", base / "knobs.json")
    noisy.turn(noises=[0.0, 0.001, -0.001, 0.0005])
    assert noisy.paribus("baseline", "--seeds", "1").code == 0
    noisy.turn(noises=[0.002])
    found = noisy.verify()
    (metric,) = found["runs"][0]["comparison"]["metrics"]
    assert (found["outcome"], metric["within_noise"]) == ("within-noise", True)
    assert 0.002 < metric["limit"] < 0.005
    noisy.turn(noises=[0.02])
    done = noisy.paribus("verify", "baseline")
    assert done.code == 1
    assert re.search(r"accuracy .* -> .* \(reruns of a seed: up to 0\.00\d+\)", done.out)


@pytest.mark.slow
def test_a_run_that_fails_is_recorded_as_failed(shop: Shop) -> None:
    shop.turn(fail=True)
    done = shop.paribus("verify", "baseline")
    assert done.code == 5
    assert shaped(done.out).startswith(
        "failed: run RUN of the baseline, pair 1, did not run to its end\n  stage train, exit 1, after"
    )
    assert "    ValueError: loss is nan at epoch 3\n" in done.out
    (run,) = shop.verify()["runs"]
    assert (run["outcome"], run["stage"], run["exit_code"]) == ("failed", "train", 1)
    assert len(shop.git("log", "--format=%s", "paribus/ledger").split("failed: verification")) == 3


# What could answer in its place


@pytest.mark.parametrize("mode", [0o644, 0o444])
def test_altered_data_in_the_shared_cache_are_found(shop: Shop, mode: int) -> None:
    """DVC trusts a read-only file of its cache without a look."""
    value = md5(RAW)
    path = shop.cache / value[:2] / value[2:]
    path.chmod(0o644)
    path.write_bytes(b"9,9\n9,9\n")
    path.chmod(mode)
    done = shop.paribus("verify", "baseline")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        f"error[altered-data]: data/raw.csv is not what the tree names: {path} has another content "
        "than its hash",
        f"help: throw the altered copy away   rm -f {path}",
        "help: fetch it again                dvc pull data/raw.csv",
    ]
    assert path.read_bytes() == b"9,9\n9,9\n"
    assert "not-verified" in shop.git("log", "-1", "--format=%s", "paribus/ledger")


def test_an_altered_file_of_a_folder_is_found(shop: Shop) -> None:
    value = md5(EXTRA["b.txt"])
    path = shop.cache / value[:2] / value[2:]
    path.chmod(0o644)
    path.write_bytes(b"2.6")
    path.chmod(0o444)
    done = shop.paribus("verify", "baseline")
    assert done.code == 2
    assert done.err.startswith("error[altered-data]: data/extra is not what the tree names")


def test_a_state_database_that_vouches_for_altered_data_is_not_asked(shop: Shop) -> None:
    value = md5(RAW)
    path = shop.cache / value[:2] / value[2:]
    path.chmod(0o644)
    path.write_bytes(b"9,9\n9,9\n")
    vouch = (
        "from dvc.repo import Repo\n"
        "from dvc_data.hashfile.hash_info import HashInfo\n"
        "repo = Repo('.')\n"
        f"repo.state.save({str(path)!r}, repo.cache.local.fs, HashInfo('md5', {value!r}))\n"
        f"repo.cache.local.check({value!r})\n"  # would raise, and remove the file
        "print(repo.status(targets=['data/raw.csv.dvc'], cloud=False) is not None)\n"
    )
    subprocess.run([sys.executable, "-c", vouch], cwd=shop.path, check=True, capture_output=True)
    assert path.exists()
    done = shop.paribus("verify", "baseline")
    assert done.code == 2
    assert done.err.startswith("error[altered-data]: data/raw.csv")


@pytest.mark.slow
def test_the_users_state_database_is_not_even_opened(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("")
    shop.environment["DVC_SITE_CACHE_DIR"] = str(tmp_path / "no-folder")
    assert shop.verify()["outcome"] == "exact"


def planted(shop: Shop) -> int:
    """Makes every entry of the run cache for the model name one that no stage has made."""
    poison = kept(shop.cache, b'{"score": 7.0, "stamp": ""}')
    count = 0
    for entry in (shop.cache.parents[1] / "runs").rglob("*"):
        if entry.is_file() and "model.json" in entry.read_text():
            text = entry.read_text()
            count += "outs:\n- path: ../model.json" in text
            entry.write_text(
                re.sub(
                    r"(outs:\n- path: \.\./model\.json\n(?:  .*\n)*?  md5: )\w+",
                    rf"\g<1>{poison}",
                    text,
                )
            )
    return count


@pytest.mark.slow
def test_a_wrong_result_in_the_run_cache_is_not_taken(shop: Shop) -> None:
    assert planted(shop) == 1
    assert shop.verify()["outcome"] == "exact"


@pytest.mark.slow
def test_dvc_itself_would_take_that_result(shop: Shop, tmp_path: Path) -> None:
    assert planted(shop) == 1
    seeds = shop.verify()["runs"][0]["seeds"]
    shop.write(
        {"params.json": json.dumps({"seed": seeds["params.json:seed"], "train": {"gain": 0.0}})}
    )
    environment = {**os.environ, **shop.environment}
    for command in (["checkout", "data/raw.csv.dvc", "data/extra.dvc"], ["repro"]):
        subprocess.run(["dvc", *command], cwd=shop.path, env=environment, check=True)
    assert json.loads(shop.read("model.json"))["score"] == 7.0


def test_missing_data_are_named(shop: Shop) -> None:
    value = md5(RAW)
    (shop.cache / value[:2] / value[2:]).unlink()
    done = shop.paribus("verify", "baseline", "--json")
    assert done.code == 2
    assert done.json["error"] == {
        "code": "missing-data",
        "message": "data are neither in the project's cache nor on its remote: data/raw.csv",
        "retryable": False,
    }
    assert done.json["next"] == [
        "if a colleague has them, let them push, then   dvc pull data/raw.csv"
    ]


@pytest.mark.parametrize("sound", [True, False])
def test_missing_data_come_from_the_remote_and_are_hashed_too(
    shop: Shop, tmp_path: Path, sound: bool
) -> None:
    value = md5(RAW)
    remote = tmp_path / "remote" / "files" / "md5" / value[:2] / value[2:]
    remote.parent.mkdir(parents=True)
    (shop.cache / value[:2] / value[2:]).replace(remote)
    if not sound:
        remote.chmod(0o644)
        remote.write_bytes(b"9,9\n9,9\n")
        remote.chmod(0o444)
    (shop.path / ".dvc" / "config.local").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path / 'remote'}\n"
    )
    done = shop.paribus("verify", "baseline")
    assert done.code == (0 if sound else 2), done.err
    assert not (shop.cache / value[:2] / value[2:]).exists()  # the project's cache is left alone
    if not sound:
        assert done.err.startswith("error[altered-data]: data/raw.csv is not what the tree names")


@pytest.mark.slow
def test_data_that_no_stage_declares_may_be_missing_and_are_named(shop: Shop) -> None:
    shop.commit("More data", {"data/old.csv.dvc": pointer("old.csv", "0" * 32)})
    shop.turn()
    assert shop.paribus("baseline", "--seeds", "1").code == 0
    found = shop.verify()
    assert found["outcome"] == "exact"
    assert found["runs"][0]["comparison"]["absent"] == ["data/old.csv"]


def test_an_altered_object_of_git_is_found(shop: Shop) -> None:
    oid = shop.git("rev-parse", "HEAD:evaluate.py")
    path = shop.path / ".git" / "objects" / oid[:2] / oid[2:]
    assert path.exists()
    source = EVALUATE.replace("score + noise", "0.99999").encode()
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob %d\0" % len(source) + source))
    done = shop.paribus("verify", "baseline")
    assert done.code == 2
    assert re.match(
        r"error\[(altered-tree|missing-object)\]: .*(evaluate\.py|does not hold)", done.err
    ), done.err


# What is around it


def test_a_package_with_another_version_is_named(shop: Shop, tmp_path: Path) -> None:
    about = tmp_path / "site" / "a_library-1.1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: a-library\nVersion: 1.1\n")
    shop.environment["PYTHONPATH"] = str(tmp_path / "site")
    shop.turn(noises=[0.25])
    done = shop.paribus("verify", "baseline")
    assert done.code == 1
    assert "    a-library  none -> 1.1\n" in done.out
    assert re.search(r"^  environment  1 part differs from 20\d\d-", done.out, re.MULTILINE)
    assert re.search(
        r"^next: in the recorded environment +paribus verify baseline$", done.out, re.M
    )


def test_a_result_that_was_collected_as_garbage_leaves_the_metrics(shop: Shop) -> None:
    for ref in shop.git("for-each-ref", "--format=%(refname)", "refs/exps").splitlines():
        shop.git("update-ref", "-d", ref)
    shop.git("reflog", "expire", "--expire=now", "--all")
    shop.git("gc", "--quiet", "--prune=now")
    done = shop.paribus("verify", "baseline")
    assert done.code == 0
    assert "  metrics      2 of 2 equal\n" in done.out
    assert (
        "  outputs      unknown: the recorded result is no longer in the repository\n" in done.out
    )
    assert "  predictions  4 of 4 equal\n" in done.out


@pytest.mark.slow
def test_frozen_stages_are_told_and_not_counted(shop: Shop) -> None:
    """The frozen stage's output is taken from the cache by the hash in the tree's lock file."""
    run = shop.verify()["runs"][0]["run"]
    commit = next(
        line.split()[0]
        for line in shop.git("for-each-ref", "refs/exps").splitlines()
        if line.endswith(run)
    )
    lock = shop.git("show", f"{commit}:dvc.lock")
    frozen = PIPELINE.replace("    outs: [features]\n", "    outs: [features]\n    frozen: true\n")
    shop.commit("Freeze", {"dvc.yaml": frozen, "dvc.lock": lock + "\n"})
    assert shop.paribus("baseline", "--seeds", "1").code == 0
    (found,) = shop.verify()["runs"]
    assert (found["outcome"], found["comparison"]["not_rerun"]) == ("exact", ["prepare"])
    assert found["comparison"]["compared"] == {"metrics": 2, "outputs": 3}


@pytest.mark.slow
def test_a_project_in_a_folder_is_verified_there(tmp_path: Path) -> None:
    inner = laid_out(tmp_path / "mono" / "shop", tmp_path / "knobs.json")
    shutil.rmtree(inner.path / ".git")
    outer = Shop(tmp_path / "mono", inner.environment, inner.knobs)
    outer.git("init", "--quiet")
    outer.commit("All", {"README.md": "mono\n"})
    assert outer.paribus("baseline", "--seeds", "1", folder="shop").code == 0
    found = outer.paribus("verify", "baseline", "--json", folder="shop").json
    assert found["outcome"] == "exact"
    assert found["runs"][0]["comparison"]["compared"] == {"metrics": 2, "outputs": 4}


# Cut off


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_a_killed_verification_left_is_thrown_away(
    shop: Shop, tmp_path: Path, number: signal.Signals
) -> None:
    began, afresh = tmp_path / "began", shop.path / ".dvc" / "tmp" / "paribus" / "afresh"
    shop.turn(sleep=60, began=str(began))
    process = subprocess.Popen(
        [sys.executable, "-m", "paribus", "verify", "baseline"],
        cwd=shop.path,
        env={**os.environ, **shop.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while not began.exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(number)
    code = process.wait(30)
    shop.turn()
    if number == signal.SIGINT:
        assert code == 130
        assert not list(afresh.iterdir())
        assert shop.git("log", "-1", "--format=%s", "paribus/ledger").startswith("interrupted:")
        return
    assert code == -number
    assert len([path for path in afresh.iterdir() if path.is_dir()]) == 1
    done = shop.paribus("verify", "baseline")
    assert done.code == 0
    assert "note: 1 clone of killed verifications thrown away\n" in done.err
    assert not list(afresh.iterdir())
