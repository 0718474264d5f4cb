"""Which stages measure, and which changes reach nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paribus.core.change import Change, Kind
from paribus.core.pipeline import read_pipeline
from paribus.core.protocol import Protocol
from paribus.core.ruler import is_ruler, measuring_stages

if TYPE_CHECKING:
    from tests.core.conftest import Compare, Files


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (["prepare", "train", "evaluate*"], ["evaluate"]),
        (["train", "evaluate"], []),
        (["train*", "evaluate*"], ["evaluate"]),
        (["train", "model_test*", "compute-scores*", "validation*", "Benchmark*"],
         ["model_test", "compute-scores", "validation", "Benchmark"]),
        (["train", "scoring*", "measuring*"], ["scoring", "measuring"]),
        (["prepare", "train_latest*"], []),
        (["prepare", "latest*", "fastest*"], []),
        (["prepare", "train_and_evaluate*"], []),
        (["prepare", "tune_eval*", "fit_score*"], []),
        (["prepare", "benefit_eval*"], ["benefit_eval"]),
        (["evaluate*"], []),
        (["evaluate*", "test*"], []),
        ([], []),
    ],
)  # fmt: skip
def test_stages_that_write_metrics_and_sound_like_measuring(
    stages: list[str], expected: list[str]
) -> None:
    """A star says that the stage writes metrics."""
    document = {
        "stages": {
            name.rstrip("*"): {"cmd": "x", "metrics": ["m.json"] if name.endswith("*") else []}
            for name in stages
        }
    }
    pipeline = read_pipeline(document, "dvc.yaml", [], {})
    assert list(measuring_stages(pipeline, Protocol())) == expected


@pytest.mark.parametrize(
    ("ruler", "expected"),
    [
        ((), []),
        (("train",), ["train"]),
        (("evaluate",), ["evaluate@a", "evaluate@b"]),
        (("evaluate@b",), ["evaluate@b"]),
        (("evaluate", "train"), ["train", "evaluate@a", "evaluate@b"]),
        (("nothing",), []),
    ],
)
def test_stages_that_the_protocol_names(ruler: tuple[str, ...], expected: list[str]) -> None:
    document = {
        "stages": {
            "train": {"cmd": "x"},
            "evaluate": {"foreach": ["a", "b"], "do": {"cmd": "x", "metrics": ["m.json"]}},
        }
    }
    pipeline = read_pipeline(document, "dvc.yaml", [], {})
    assert list(measuring_stages(pipeline, Protocol(ruler=ruler))) == expected


def change(kind: Kind, file: str, path: str = "") -> Change:
    return Change(kind, file, tuple(path.split(".")) if path else (), 1, 2, "a change")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (change(Kind.CODE, "src/evaluate.py"), True),
        (change(Kind.CODE, "src/train.py"), False),
        (change(Kind.CODE, "src/shared.py"), False),
        (change(Kind.DATA, "data/test.csv"), True),
        (change(Kind.DATA, "data/test.csv.dvc"), True),
        (change(Kind.DATA, "data/raw.dvc"), False),
        (change(Kind.CODE, "data/test.csv.dvc"), False),
        (change(Kind.PARAM, "params.yaml", "evaluate.threshold"), True),
        (change(Kind.PARAM, "params.yaml", "evaluate"), True),
        (change(Kind.PARAM, "params.yaml", "train.lr"), False),
        (change(Kind.PARAM, "params.yaml", "other"), False),
        (change(Kind.PIPELINE, "dvc.yaml", "evaluate.cmd"), True),
        (change(Kind.PIPELINE, "dvc.yaml", "evaluate"), True),
        (change(Kind.PIPELINE, "dvc.yaml", "train.cmd"), False),
        (change(Kind.PIPELINE, "dvc.yaml", "vars"), False),
        (change(Kind.PIPELINE, "dvc.yaml", "vars.a"), False),
        (change(Kind.ENVIRONMENT, "requirements.txt"), False),
    ],
)
def test_what_only_measuring_stages_read(
    compare: Compare, base: Files, changed: Change, expected: bool
) -> None:
    assert is_ruler(compare(base, base).sides, changed) is expected


def test_either_side_may_tell_that_something_is_the_ruler(compare: Compare, base: Files) -> None:
    pipeline = str(base["dvc.yaml"])
    old = {**base, "dvc.yaml": pipeline.replace("data/test.csv, ", "")}
    new_side, old_side = compare(old, base).sides, compare(base, old).sides
    changed = change(Kind.DATA, "data/test.csv")
    assert (is_ruler(new_side, changed), is_ruler(old_side, changed)) == (True, True)
    assert not is_ruler(compare(old, old).sides, changed)
