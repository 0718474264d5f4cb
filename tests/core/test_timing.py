"""Which metrics measure the machine."""

from __future__ import annotations

import pytest

from paribus.core.timing import is_timing


@pytest.mark.parametrize(
    "name",
    ["latency", "latency_ms", "p99.ms", "train_time", "seconds", "fps", "throughput", "tokens_per_s",
     "tokens_per_second", "inference.sec", "wall_clock", "cpu", "metrics.json:speed", "trainTime", "qps"],
)  # fmt: skip
def test_a_time_or_a_speed(name: str) -> None:
    assert is_timing(name)


@pytest.mark.parametrize(
    "name",
    ["accuracy", "loss", "f1", "timestep_error", "time_series.mae", "timestamp_f1", "items", "terms",
     "customer_lifetime_value", "perplexity", "params", "size_mb", "bleu", "forms", "rms", "msle",
     "sentiment_f1", "Sentiment.accuracy", "multimedia_map", "secondary_loss", "hourglass_pck"],
)  # fmt: skip
def test_none(name: str) -> None:
    assert not is_timing(name)
