"""Two dictionaries of files as the two sides of a judgement, without Git."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import pytest

from paribus.core.change import Change
from paribus.core.diff import Difference, diff
from paribus.core.group import group
from paribus.core.hydra.setup import Hydra
from paribus.core.lock import read_lock
from paribus.core.paths import joined, within
from paribus.core.pipeline import Pipeline, read_pipeline, vars_files
from paribus.core.policy import Judgement, judge
from paribus.core.protocol import Protocol, read_protocol
from paribus.core.rules.configs import LARGEST, is_config
from paribus.core.sides import Sides
from paribus.core.snapshot import LINK_MODE, SUBMODULE_MODE, Content, Entry, FileDelta, Snapshot
from paribus.dvc.configs import read_config
from paribus.dvc.documents import is_document, parse
from paribus.dvc.hydra import Revision, read_hydra
from paribus.dvc.python_params import read_python

File = str | bytes | tuple[str, str]
"""What a file holds, as text or bytes; or its mode and its text."""

Files = Mapping[str, File]

PIPELINE = """\
stages:
  train:
    cmd: python src/train.py
    deps: [src/train.py, data/train.csv, data/raw]
    params: [split.seed, train]
    outs: [model.pkl]
  evaluate:
    cmd: python src/evaluate.py
    deps: [src/evaluate.py, data/test.csv, model.pkl]
    params: [evaluate]
    metrics:
      - metrics.json: {cache: false}
"""

PARAMS = """\
split:
  seed: 1
train:
  lr: 0.1
  layers: [64, 32]
  name: plain
evaluate:
  threshold: 0.5
"""

PROTOCOL = """\
schema: 1
metric: accuracy
effect: 0.005
seeds: [split.seed]
ruler: [evaluate]
"""

POINTER = """\
outs:
  - md5: 00000000000000000000000000000001.dir
    size: 100
    nfiles: 2
    hash: md5
    path: raw
"""

TRAIN = '''\
"""Trains."""

import json

from shared import FACTOR

params = json.load(open("params.json"))
rate = params["lr"] * FACTOR
fit(**params)
'''

BASE: Files = {
    ".dvc/config": "[core]\n",
    "README.md": "# Example\n",
    "data/raw.dvc": POINTER,
    "data/test.csv": "x,y\n1,1\n",
    "data/train.csv": "x,y\n1,2\n3,4\n",
    "dvc.lock": "schema: '2.0'\n",
    "dvc.yaml": PIPELINE,
    "metrics.json": '{"accuracy": 0.9}\n',
    "params.yaml": PARAMS,
    "paribus.yaml": PROTOCOL,
    "requirements.txt": "numpy==2.1\n",
    "src/evaluate.py": 'measure("data/test.csv")\n',
    "src/shared.py": "FACTOR = 1\n",
    "src/train.py": TRAIN,
    "tests/test_train.py": "assert True\n",
}
"""A small project: each kind of file once."""


@dataclass(frozen=True)
class Compared:
    """Two sides, the files in which they differ, and what the core says of them."""

    sides: Sides
    deltas: tuple[FileDelta, ...]

    def diff(self) -> Difference:
        """Before grouping."""
        return diff(self.sides, self.deltas)

    def grouped(self) -> tuple[Change, ...]:
        """After grouping."""
        return group(self.sides, self.diff().found).changes

    def judge(self) -> Judgement:
        """After counting."""
        return judge(self.sides, self.deltas)


Compare = Callable[..., Compared]
"""`compare(old, new, project="")`: two sets of files, and the folder of the DVC project."""


def entry(file: File) -> Entry:
    """What Git's tree would have of a file."""
    mode, data = (file[0], file[1].encode()) if isinstance(file, tuple) else ("100644", _raw(file))
    return Entry(mode, hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest())


def pipeline_of(files: Files, project: str = "") -> Pipeline:
    """The pipeline that some files declare."""
    path = joined(project, "dvc.yaml")
    document = parse(path, _raw(files[path]))
    found = [name for name in vars_files(document.value, path) if name in files]
    values = [parse(name, _raw(files[name])).value for name in found]
    return read_pipeline(document.value, path, values, document.lines)


def protocol_of(files: Files, project: str = "") -> Protocol | None:
    """The protocol that some files declare."""
    path = joined(project, "paribus.yaml")
    if path not in files:
        return None
    document = parse(path, _raw(files[path]))
    return read_protocol(document.value, document.lines, path)


@pytest.fixture(scope="session")
def base() -> Files:
    """The small project."""
    return BASE


@pytest.fixture(scope="session")
def compare() -> Compare:
    """Builds two sides from their files."""

    def built(old: Files, new: Files, project: str = "") -> Compared:
        trees = [{path: entry(file) for path, file in files.items()} for files in (old, new)]
        paths = sorted(trees[0].keys() | trees[1].keys())
        deltas = tuple(
            FileDelta(path, trees[0].get(path), trees[1].get(path))
            for path in paths
            if trees[0].get(path) != trees[1].get(path)
        )
        pipelines = [pipeline_of(files, project) for files in (old, new)]
        # A file that one side alone reads as params is read as values on both.
        params = {path for pipeline in pipelines for path in pipeline.params_files()}
        snapshots = [
            Snapshot(
                revision=None,
                tree="tree",
                pipeline=pipeline,
                protocol=protocol_of(files, project),
                contents={
                    delta.path: _content(delta.path, files[delta.path], params, pipelines)
                    for delta in deltas
                    if delta.path in files
                },
                files={path: _raw(file) for path, file in files.items()},
                hydra=_hydra(files, project, pipeline, deltas),
                locks={
                    one.lock: read_lock(parse(one.lock, _raw(files[one.lock])).value, one)
                    for one in pipeline.each()
                    if one.lock in files
                },
            )
            for pipeline, files in zip(pipelines, (old, new), strict=True)
        ]
        before, after = snapshots
        return Compared(Sides(before, after), deltas)

    return built


# Private functions


def _raw(file: File) -> bytes:
    if isinstance(file, tuple):
        return file[1].encode()
    return file.encode() if isinstance(file, str) else file


def _hydra(files: Files, project: str, pipeline: Pipeline, deltas: Sequence[FileDelta]) -> Hydra:
    def listed(folder: str) -> list[str]:
        return [path for path in files if within(path, folder)]

    raw = {path: _raw(file) for path, file in files.items()}
    changed = [delta.path for delta in deltas]
    return read_hydra(Revision(raw, listed, project, pipeline), changed)


def _content(
    path: str, file: File, params: Container[str], pipelines: Sequence[Pipeline]
) -> Content:
    if entry(file).mode in (LINK_MODE, SUBMODULE_MODE):
        return Content()
    data = _raw(file)
    if path in params and path.endswith(".py"):
        found = read_python(data)
        return Content(data, found.value, found.lines, found.rest) if found else Content(data)
    structured = path in params or path.endswith((".dvc", "dvc.yaml", "paribus.yaml"))
    if structured and is_document(path):
        document = parse(path, data)
        return Content(data, document.value, document.lines)
    config = read_config(path, data, LARGEST) if is_config(path, pipelines) else None
    return Content(data, config.value, config.lines) if config else Content(data)
