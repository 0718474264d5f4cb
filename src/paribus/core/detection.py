"""What of a protocol can be found out from a pipeline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paribus.core.pipeline import DEFAULT_PARAMS, Pipeline
from paribus.core.protocol import Protocol
from paribus.core.ruler import measuring_stages
from paribus.core.values import Value, dotted, leaves

SEED = re.compile(r"(^|_)(seed|random_state|random_seed|rng_seed)$", re.IGNORECASE)

LOWER_IS_BETTER = re.compile(
    r"loss|error|err$|rmse|perplexity|brier|latency|(time|seconds|cost)(?![a-z])"
    r"|(?<![a-z])(mse|mae|mape|wer|cer|fid|nll)(?![a-z])",
    re.IGNORECASE,
)

USUAL = (
    "accuracy",
    "acc",
    "f1",
    "auc",
    "roc_auc",
    "avg_prec",
    "map",
    "score",
    "r2",
    "rmse",
    "mae",
    "loss",
)
"""Names of primary metrics, the usual ones first."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What was found.

    Attributes:
        metric: the primary metric; None where several could be meant.
        higher_is_better: by its name.
        seeds: params that look like seeds.
        ruler: stages that measure.
        others: further metrics.
    """

    metric: str | None
    higher_is_better: bool
    seeds: tuple[str, ...]
    ruler: tuple[str, ...]
    others: tuple[str, ...]


def detect(
    pipeline: Pipeline,
    metrics: Sequence[str],
    params: Mapping[str, Value],
    metric: str | None = None,
    direction: str | None = None,
) -> Detected:
    """Finds the primary metric, its direction, the seeds and the ruler.

    Args:
        metrics: names of the numbers that the metrics files hold.
        params: the value of each params file, by its path.
        metric, direction: what the user said, which is not questioned.
    """
    chosen = metric or _primary(metrics)
    higher = direction == "higher" if direction else not LOWER_IS_BETTER.search(_last(chosen or ""))
    folder = pipeline.file.removesuffix("dvc.yaml")
    seeds = [
        _param(file.removeprefix(folder), dotted(path))
        for file, document in params.items()
        for path, value in leaves(document)
        if path and SEED.search(path[-1]) and type(value) is int
    ]
    stages = [name.split("@")[0] for name in measuring_stages(pipeline, Protocol())]
    others = tuple(name for name in metrics if name != chosen)
    return Detected(chosen, higher, tuple(seeds), tuple(dict.fromkeys(stages)), others)


# Private functions


def _primary(metrics: Sequence[str]) -> str | None:
    if len(metrics) == 1:
        return metrics[0]
    for usual in USUAL:
        found = [name for name in metrics if _last(name).lower() == usual]
        if found:
            # The shortest is the overall one: `accuracy` before `train.accuracy`.
            return min(found, key=lambda name: (name.count("."), len(name)))
    return None


def _last(name: str) -> str:
    return re.split(r"[.:/]", name)[-1]


def _param(file: str, key: str) -> str:
    return key if file == DEFAULT_PARAMS else f"{file}:{key}"
