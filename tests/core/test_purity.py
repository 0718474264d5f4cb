"""The core takes values and gives values: once imported, it opens, starts and prints nothing."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

SCRIPT = """
import codecs
import importlib
import pkgutil
import sys

outside = []
watching = True
HARMLESS = {"builtins.id", "compile"}


def watched(event, arguments):
    if watching and event not in HARMLESS:
        outside.append((event, repr(arguments)))


sys.addaudithook(watched)

import paribus.core

for module in pkgutil.walk_packages(paribus.core.__path__, "paribus.core."):
    importlib.import_module(module.name)
codecs.lookup("utf-8-sig")
started = [event for event, _ in outside if event.startswith(("subprocess.", "socket."))]
assert not started, started  # files it may read: scipy has many

from paribus.core.decision import decide
from paribus.core.identity import experiment_id, snapshot_key
from paribus.core.pipeline import read_pipeline
from paribus.core.plan import Plan
from paribus.core.policy import judge, undeclared
from paribus.core.protocol import read_protocol
from paribus.core.record import Record
from paribus.core.sample import Pair, Sample
from paribus.core.seeds import derived_seeds
from paribus.core.sides import Sides
from paribus.core.snapshot import Content, Entry, FileDelta, Snapshot

PROTOCOL = {"metric": "accuracy", "seeds": ["seed"], "ruler": ["evaluate"], "coupled": [["a", "b"]]}
STAGES = {
    "train": {"cmd": "python train.py ${a}", "deps": ["train.py", "data.csv"], "params": ["a", "b"]},
    "evaluate": {"foreach": ["x"], "do": {"cmd": "python e.py", "metrics": ["m.json"]}},
}


def side(which, params, code, command):
    document = {"stages": {**STAGES, "train": {**STAGES["train"], "cmd": command}}}
    files = {
        "README.md": Content(b"%d" % which),
        "data.csv": Content(b"x" * which),
        "dvc.lock": Content(b"%d" % which),
        "dvc.yaml": Content(b"", document),
        "m.json": Content(b"{}"),
        "params.yaml": Content(b"%d" % which, params),
        "paribus.yaml": Content(b"", PROTOCOL),
        "raw.dvc": Content(b"", {"outs": [{"md5": which}]}),
        "requirements.txt": Content(b"%d" % which),
        "train.py": Content(code),
    }
    pipeline = read_pipeline(document, "dvc.yaml", [params], {})
    protocol = read_protocol({**PROTOCOL, "effect": which}, {})
    raw = {path: content.data for path, content in files.items()}
    return Snapshot(None, "tree", pipeline, protocol, files, files=raw)


old = side(1, {"a": 1, "b": 1, "seed": 1}, b"x = fit(1)", "python train.py")
new = side(2, {"a": 2, "b": 2, "seed": 2, "c": 3}, b"x = fit(p['c'])", "python train.py  -x")
sides = Sides(old, new)
deltas = [
    FileDelta(path, Entry("100644", path + "1"), Entry("100644", path + "2"))
    for path in old.contents
]
outside.clear()

judgement = judge(sides, deltas)
undeclared(sides, judgement.changes)
files = {delta.path: delta.new for delta in deltas}
key = snapshot_key(files, new.pipeline, sides.protocol)
derived_seeds(experiment_id(key, judgement.changes, sides.protocol, ""), 0, ["seed"])
Record("run", {"changes": [change.as_json() for change in judgement.changes]}).name
decide(Plan("accuracy", True, 0.1), Sample(tuple(Pair(i, 0.5, 0.6 + i / 9) for i in range(5)), 5))
PROBE
watching = False
print([change.kind.value for change in judgement.changes])
print(len(judgement.not_counted))
print(outside)
"""


def run(probe: str) -> list[str]:
    script = textwrap.dedent(SCRIPT).replace("PROBE", probe)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_after_its_import_the_core_touches_nothing() -> None:
    assert run("") == [
        "['data', 'pipeline', 'param', 'code', 'ruler', 'data', 'environment']",
        "4",
        "[]",
    ]


@pytest.mark.parametrize(
    ("probe", "event"),
    [
        ("open(sys.executable).close()", "open"),
        ("import subprocess; subprocess.run([sys.executable, '-c', ''])", "subprocess.Popen"),
        ("import socket; socket.socket().close()", "socket.__new__"),
    ],
)
def test_the_watch_sees_what_it_is_for(probe: str, event: str) -> None:
    *_, outside = run(probe)
    assert f"('{event}', " in outside
