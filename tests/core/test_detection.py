"""What `paribus init` can find out of a project by itself."""

from __future__ import annotations

from typing import Any

import pytest

from paribus.core.detection import Detected, detect
from paribus.core.pipeline import Pipeline, read_pipeline

PIPELINE = read_pipeline(
    {
        "stages": {
            "train": {"cmd": "x"},
            "evaluate": {"foreach": ["a", "b"], "do": {"cmd": "x", "metrics": ["${item}.json"]}},
            "test": {"cmd": "x", "metrics": ["m.json"]},
        }
    },
    "dvc.yaml",
    [],
    {},
)
NOTHING = Pipeline("dvc.yaml")


def test_all_of_it() -> None:
    params = {
        "params.yaml": {"seed": 1, "train": {"random_state": 2, "lr": 0.1}},
        "conf/a.yaml": {"split_seed": 3},
    }
    metrics = ["train.loss", "train.accuracy", "accuracy"]
    assert detect(PIPELINE, metrics, params) == Detected(
        metric="accuracy",
        higher_is_better=True,
        seeds=("seed", "train.random_state", "conf/a.yaml:split_seed"),
        ruler=("evaluate", "test"),
        others=("train.loss", "train.accuracy"),
    )


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ([], None),
        (["anything"], "anything"),
        (["a", "b"], None),
        (["loss", "accuracy"], "accuracy"),
        (["loss", "f1", "rmse"], "f1"),
        (["val.loss", "train.loss", "loss.sum"], "val.loss"),
        (["macro.F1", "x"], "macro.F1"),
        (["a.json:auc", "b.json:auc", "x"], "a.json:auc"),
        (["accuracy_top5", "x"], None),
    ],
)
def test_the_primary_metric(metrics: list[str], expected: str | None) -> None:
    found = detect(NOTHING, metrics, {})
    assert found.metric == expected
    assert found.others == tuple(name for name in metrics if name != expected)


@pytest.mark.parametrize(
    "name",
    ["loss", "val_loss", "log-loss", "crossentropyloss", "test.error", "errors", "err", "rmse", "RMSLE_rmse",
     "mse", "test_mae", "MAPE", "wer", "char_cer", "perplexity", "brier_score", "fid", "FID_50k", "latency_ms",
     "time", "runtime", "train_time", "seconds", "cost", "nll", "m.json:eval.nll"],
)  # fmt: skip
def test_lower_is_better(name: str) -> None:
    assert not detect(NOTHING, [name], {}).higher_is_better


@pytest.mark.parametrize(
    "name",
    ["accuracy", "f1", "auc", "r2", "score", "map", "confidence", "power", "certainty", "sentiment_f1",
     "answer_f1", "fidelity", "precision", "loss.recall", "timeliness", "costume_accuracy"],
)  # fmt: skip
def test_higher_is_better(name: str) -> None:
    assert detect(NOTHING, [name], {}).higher_is_better


def test_what_the_user_says_is_not_questioned() -> None:
    found = detect(NOTHING, ["accuracy", "loss"], {}, "loss", "higher")
    assert (found.metric, found.higher_is_better, found.others) == ("loss", True, ("accuracy",))
    assert not detect(NOTHING, ["accuracy"], {}, None, "lower").higher_is_better
    assert detect(NOTHING, [], {}, "recall").metric == "recall"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"seed": 0}, ("seed",)),
        ({"SEED": 1, "np_seed": 2, "random_seed": 3, "rng_seed": 4}, ("SEED", "np_seed", "random_seed", "rng_seed")),
        ({"train": {"seed": 1}, "a.b": {"seed": 1}}, ("train.seed", '"a.b".seed')),
        ({"seed": None}, ()),
        ({"seed": "42"}, ()),
        ({"seed": [1, 2]}, ()),
        ({"seed": 1.5}, ()),
        ({"use_seed": True, "seed": False}, ()),
        ({"seeds": 3, "seedling": 1, "reseed": 1, "proceed": 1}, ()),
        ({"seed": {"a": 1}}, ()),
        ({}, ()),
        (5, ()),
    ],
)  # fmt: skip
def test_seeds(document: Any, expected: tuple[str, ...]) -> None:
    assert detect(NOTHING, [], {"params.yaml": document}).seeds == expected


def test_seeds_of_a_project_in_a_folder_are_named_from_there() -> None:
    params = {"a/b/params.yaml": {"seed": 1}, "a/b/conf/x.yaml": {"seed": 2}}
    found = detect(Pipeline("a/b/dvc.yaml"), [], params)
    assert found.seeds == ("seed", "conf/x.yaml:seed")
