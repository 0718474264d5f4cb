"""What several stages of the digits pipeline share: parameters, arrays, the linear model."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLASSES = 10


def load_params(section: str) -> dict[str, Any]:
    """Return one section of ``params.yaml`` in the current directory."""
    params: dict[str, Any] = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    section_params: dict[str, Any] = params[section]
    return section_params


def load_arrays(path: str) -> dict[str, NDArray[Any]]:
    """Return all arrays of an npz file by name."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def save_arrays(path: str, **arrays: NDArray[Any]) -> None:
    """Write named arrays to an npz file, creating its folder.

    The same arrays give the same bytes (numpy puts no time stamp into the file),
    so that DVC sees an unchanged result as unchanged.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **arrays)


def lift(features: Floats, frequencies: Floats, phases: Floats) -> Floats:
    """Map features (n, d) to random Fourier features (n, k).

    ``frequencies`` is (d, k), ``phases`` (k,) in radians. With k = 0 the features
    come back as they are: a model that is linear in them needs no lift.
    """
    components = frequencies.shape[1]
    if components == 0:
        return features
    waves: Floats = np.sqrt(2.0 / components) * np.cos(features @ frequencies + phases)
    return waves


def log_softmax(scores: Floats) -> Floats:
    """Turn class scores (n, classes) into log probabilities (n, classes), in nats."""
    # Shifting by the row's maximum keeps exp() from overflowing.
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
