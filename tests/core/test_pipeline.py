"""What a `dvc.yaml` declares, with every path from the top of the repository."""

from __future__ import annotations

from typing import Any

import pytest

from paribus.core.errors import Problem
from paribus.core.pipeline import ParamUse, Pipeline, Stage, read_pipeline, vars_files
from paribus.dvc.documents import parse


def read(text: str, file: str = "dvc.yaml", **params: str) -> Pipeline:
    """The pipeline of a `dvc.yaml`, with the texts of params files by their stems."""
    document = parse(file, text.encode())
    values = [
        parse(path, params[stem].encode()).value
        for path in vars_files(document.value, file)
        if (stem := path.rpartition("/")[2].removesuffix(".yaml")) in params
    ]
    return read_pipeline(document.value, file, values, document.lines)


def told(stage: Stage) -> dict[str, Any]:
    """What a stage declares, without what is empty."""
    content = {
        "deps": list(stage.deps),
        "params": {use.file: use.keys and list(use.keys) for use in stage.params},
        "outs": list(stage.outs),
        "metrics": list(stage.metrics),
    }
    return {key: value for key, value in content.items() if value}


ALL_FORMS = """\
stages:
  train:
    cmd: python train.py
    deps:
      - train.py
      - ./data/../data/train.csv
      - s3://bucket/data.csv
      - remote://store/data.csv
    params:
      - lr
      - train.epochs
      - conf/model.json: [depth]
      - whole.toml:
    outs:
      - model.pkl
      - log.txt: {cache: false, persist: true}
    plots:
      - loss.csv: {x: step}
      - roc.csv
    metrics:
      - metrics.json: {cache: false}
      - more.json
metrics:
  - final.json
params:
  - extra.yaml
"""

SUB_DIRECTORY = """\
vars:
  - ../common.yaml
  - conf.yaml:model,data
stages:
  train:
    wdir: work/${model}
    cmd: python ../train.py
    deps: [../../train.py, /data/x]
    params: [lr, ../p.yaml: [a]]
    outs: ["${model}.pkl"]
    metrics: [m.json]
metrics: ["${model}.json"]
"""

FOREACH = """\
stages:
  train:
    foreach: ${models}
    do:
      wdir: ${key}
      cmd: python train.py ${item.lr}
      outs: ["${item.name}.pkl"]
  evaluate:
    matrix:
      part: [test, valid]
      k: [1, 2]
    cmd: python evaluate.py ${item.part} ${item.k}
    deps: [ "${item.part}.csv" ]
    metrics: [ "${key}.json": {cache: false} ]
"""

VARS = """\
vars:
  - a.yaml
  - train: {two: 2}
stages:
  train:
    vars:
      - train: {three: 3}
      - stage.yaml
    cmd: python train.py
    outs: ["${train.one}.txt", "${train.two}.txt", "${train.three}.txt", "${here}.txt"]
"""


@pytest.mark.parametrize(
    ("text", "file", "params", "expected"),
    [
        ("", "dvc.yaml", {}, {}),
        ("stages:\n", "dvc.yaml", {}, {}),
        ("stages:\n  a:\n    cmd: x\n    wdir:\n    deps:\n", "dvc.yaml", {}, {"a": {}}),
        ("stages:\n  a:\n    cmd: x\n    deps: b\n    outs: {c: {cache: false}}\n", "dvc.yaml", {},
         {"a": {"deps": ["b"], "outs": ["c"]}}),
        (ALL_FORMS, "dvc.yaml", {}, {"train": {
            "deps": ["train.py", "data/train.csv"],
            "params": {"conf/model.json": ["depth"], "whole.toml": None, "params.yaml": ["lr", "train.epochs"]},
            "outs": ["model.pkl", "log.txt", "loss.csv", "roc.csv"],
            "metrics": ["metrics.json", "more.json"],
        }}),
        (SUB_DIRECTORY, "proj/sub/dvc.yaml", {"conf": "model: svm\n"}, {"train": {
            "deps": ["proj/sub/train.py", "/data/x"],
            "params": {"proj/sub/work/p.yaml": ["a"], "proj/sub/work/svm/params.yaml": ["lr"]},
            "outs": ["proj/sub/work/svm/svm.pkl"],
            "metrics": ["proj/sub/work/svm/m.json"],
        }}),
        (FOREACH, "dvc.yaml", {"params": "models: {a: {lr: 1, name: svm}, b: {lr: 2, name: mlp}}"}, {
            "train@a": {"outs": ["a/svm.pkl"]},
            "train@b": {"outs": ["b/mlp.pkl"]},
            "evaluate@test-1": {"deps": ["test.csv"], "metrics": ["test-1.json"]},
            "evaluate@test-2": {"deps": ["test.csv"], "metrics": ["test-2.json"]},
            "evaluate@valid-1": {"deps": ["valid.csv"], "metrics": ["valid-1.json"]},
            "evaluate@valid-2": {"deps": ["valid.csv"], "metrics": ["valid-2.json"]},
        }),
        (VARS, "dvc.yaml", {"a": "train: {one: 1}", "stage": "here: 4"},
         {"train": {"outs": ["1.txt", "2.txt", "3.txt", "4.txt"]}}),
        ("stages:\n  a:\n    cmd: x\n    outs: ['${nowhere}/x']\n", "dvc.yaml", {},
         {"a": {"outs": ["${nowhere}/x"]}}),
    ],
)  # fmt: skip
def test_stages(text: str, file: str, params: dict[str, str], expected: dict[str, Any]) -> None:
    pipeline = read(text, file, **params)
    assert {stage.name: told(stage) for stage in pipeline.stages} == expected


def test_files_of_the_whole() -> None:
    pipeline = read(ALL_FORMS)
    assert pipeline.metrics_files() == ("metrics.json", "more.json", "final.json")
    assert pipeline.params_files() == (
        "conf/model.json", "whole.toml", "params.yaml", "extra.yaml",
    )  # fmt: skip
    assert (pipeline.lock, pipeline.folder) == ("dvc.lock", "")


def test_files_of_the_whole_in_a_sub_directory() -> None:
    pipeline = read(SUB_DIRECTORY, "proj/sub/dvc.yaml", conf="model: svm\n")
    assert pipeline.metrics_files() == ("proj/sub/work/svm/m.json", "proj/sub/svm.json")
    assert pipeline.params_files() == (
        "proj/sub/work/p.yaml", "proj/sub/work/svm/params.yaml",
        "proj/sub/params.yaml", "proj/common.yaml", "proj/sub/conf.yaml",
    )  # fmt: skip
    assert (pipeline.lock, pipeline.folder) == ("proj/sub/dvc.lock", "proj/sub")


@pytest.mark.parametrize(
    ("text", "file", "expected"),
    [
        ("", "dvc.yaml", ["params.yaml"]),
        ("vars: [params.yaml, a.json, {b: 1}]", "dvc.yaml", ["params.yaml", "a.json"]),
        ("vars: [a.json:x.y, a.json:z]", "p/dvc.yaml", ["p/params.yaml", "p/a.json"]),
        ("vars: {b: 1}", "dvc.yaml", ["params.yaml"]),
        ("stages: {s: {wdir: w, vars: [a.yaml], cmd: x}}", "p/dvc.yaml", ["p/params.yaml", "p/w/a.yaml"]),
        ("stages: {s: {foreach: [1], do: {vars: [a.yaml], cmd: x}}}", "dvc.yaml", ["params.yaml", "a.yaml"]),
        ("stages: [1]", "dvc.yaml", ["params.yaml"]),
        ("[1]", "dvc.yaml", ["params.yaml"]),
    ],
)  # fmt: skip
def test_vars_files(text: str, file: str, expected: list[str]) -> None:
    assert list(vars_files(parse(file, text.encode()).value, file)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "dvc.yaml: the file is not a mapping of keys"),
        ("a: 1\nstages: [train]", "dvc.yaml:2: `stages` is not a mapping of names to stages"),
        ("stages: train", "dvc.yaml:1: `stages` is not a mapping of names to stages"),
        ("stages:\n  train:\n", "dvc.yaml:2: stage `train` is not a mapping of keys"),
        ("stages:\n  a:\n    cmd: x\n  b: python b.py", "dvc.yaml:4: stage `b` is not a mapping of keys"),
        ("stages:\n  train:\n    deps: [a]", "dvc.yaml:2: stage `train` has no `cmd`"),
        ("stages:\n  t:\n    foreach: [a, b]\n", "dvc.yaml:2: stage `t@a` has no `cmd`"),
        ("stages:\n  t:\n    foreach: [a]\n    do:\n      deps: [x]", "dvc.yaml:2: stage `t@a` has no `cmd`"),
        ("stages:\n  t:\n    matrix: {m: [1]}\n", "dvc.yaml:2: stage `t@1` has no `cmd`"),
    ],
)  # fmt: skip
def test_a_broken_pipeline_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Problem) as caught:
        read(text)
    problem = caught.value
    assert (problem.code, problem.message) == ("broken-pipeline", message)
    assert problem.helps == ("see what DVC says of it   dvc stage list",)


@pytest.mark.parametrize(
    ("path", "readers", "output"),
    [
        ("train.py", ["train"], False),
        ("data/train.csv", ["train"], False),
        ("data/train.csv/part-0", ["train"], False),
        ("data", [], False),
        ("model.pkl", [], True),
        ("model.pkl/weights", [], True),
        ("loss.csv", [], True),
        ("metrics.json", [], True),
        ("final.json", [], True),
        ("params.yaml", [], False),
    ],
)
def test_who_reads_and_who_writes(path: str, readers: list[str], output: bool) -> None:
    pipeline = read(ALL_FORMS)
    assert [stage.name for stage in pipeline.readers(path)] == readers
    assert pipeline.is_output(path) is output


@pytest.mark.parametrize(
    ("keys", "path", "expected"),
    [
        (None, "a.b", True),
        (("a",), "a", True),
        (("a",), "a.b", True),
        (("a.b",), "a", True),
        (("a.b",), "a.c", False),
        (("a",), "ab", False),
        ((), "a", False),
    ],
)
def test_a_use_reads_its_keys_and_those_above_and_below(
    keys: tuple[str, ...] | None, path: str, expected: bool
) -> None:
    use = ParamUse("params.yaml", keys)
    assert use.reads("params.yaml", tuple(path.split("."))) is expected
    assert use.reads("other.yaml", tuple(path.split("."))) is False


FILLED = """\
vars: [conf.yaml]
stages:
  declared:
    cmd: python a.py
    params: [train.lr]
  filled:
    cmd: python b.py --lr ${train.lr}
  listed:
    foreach: ${train.layers}
    do:
      cmd: python c.py ${item}
"""


@pytest.mark.parametrize(
    ("file", "path", "expected"),
    [
        ("params.yaml", "train.lr", ["declared", "filled"]),
        ("params.yaml", "train", ["declared", "filled", "listed@1"]),
        ("params.yaml", "train.layers", ["listed@1"]),
        ("params.yaml", "train.other", []),
        ("conf.yaml", "train.lr", ["filled"]),
        ("unread.yaml", "train.lr", []),
    ],
)
def test_a_param_is_read_by_who_declares_it_or_is_filled_in_with_it(
    file: str, path: str, expected: list[str]
) -> None:
    pipeline = read(FILLED, params="train: {lr: 1, layers: [1]}")
    found = pipeline.param_readers(file, tuple(path.split(".")))
    assert [stage.name for stage in found] == expected
