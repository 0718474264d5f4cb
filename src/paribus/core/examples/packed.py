"""Examples as strict JSON of few bytes, so that a record can keep them.

Arrays are packed by the smallest type that holds them exactly, bits for 0 and 1, then compressed.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paribus.core.clauses import MEASURES
from paribus.core.examples.model import Examples
from paribus.core.examples.reading import MOST_ROWS

_TYPES = {"u1": "<u1", "u2": "<u2", "u4": "<u4", "f8": "<f8"}


def pack(examples: Examples) -> dict[str, Any]:
    """Strict JSON from which `unpack` makes the same examples; ids are not in it, their digest is."""
    arrays = {
        "values": examples.values,
        "labels": examples.labels,
        "clusters": examples.clusters,
    }
    return {
        "measure": examples.measure,
        "digest": examples.digest,
        "size": examples.size,
        **{key: _packed(array) for key, array in arrays.items() if array is not None},
    }


def unpack(packed: Mapping[str, Any]) -> Examples:
    """The examples that were packed.

    Raises:
        ValueError: this is not what `pack` makes.
    """
    size, measure, digest = (packed.get(key) for key in ("size", "measure", "digest"))
    if type(size) is not int or not 2 <= size <= MOST_ROWS:
        raise ValueError(f"no number of examples: {size!r}")
    if measure not in MEASURES or not isinstance(digest, str):
        raise ValueError("no measure or no digest")
    if "values" not in packed or (measure in ("auc", "f1")) != ("labels" in packed):
        raise ValueError("values are packed always, labels for auc and f1 only")
    labels, coded = _codes(packed, "labels", size), measure == "f1"
    if measure == "auc" and (labels is None or set(labels.tolist()) != {0, 1}):
        raise ValueError("labels for auc are 0 and 1")
    values = _codes(packed, "values", size) if coded else _unpacked(packed.get("values"), size)
    assert values is not None
    return Examples(
        measure=measure,
        digest=digest,
        values=values.astype(np.float64),
        labels=labels,
        clusters=_clusters(packed, size),
    )


# Private functions


def _packed(array: NDArray[Any]) -> str:
    kind = _kind(array)
    data = np.packbits(array != 0) if kind == "bits" else array.astype(_TYPES[kind])
    return f"{kind}:{base64.b64encode(zlib.compress(data.tobytes(), 9)).decode('ascii')}"


def _kind(array: NDArray[Any]) -> str:
    # A whole number type would lose the sign of -0.
    whole = not np.signbit(array).any() and bool(np.equal(array, np.floor(array)).all())
    largest = float(array.max())
    if not whole or largest >= 2**32:
        return "f8"
    if largest <= 1:
        return "bits"
    return "u1" if largest < 2**8 else "u2" if largest < 2**16 else "u4"


def _codes(packed: Mapping[str, Any], key: str, size: int) -> NDArray[np.int64] | None:
    if key not in packed:
        return None
    codes = _unpacked(packed[key], size)
    if codes.min() < 0 or codes.max() >= 2 * size or (codes != np.floor(codes)).any():
        raise ValueError(f"{key} are no codes")
    return codes.astype(np.int64)


def _clusters(packed: Mapping[str, Any], size: int) -> NDArray[np.int64] | None:
    clusters = _codes(packed, "clusters", size)
    if clusters is not None and not 2 <= clusters.max() + 1 == len(np.unique(clusters)):
        raise ValueError("clusters are not numbered 0, 1 and so on")
    return clusters


def _unpacked(text: Any, size: int) -> NDArray[np.float64]:
    kind, _, encoded = text.partition(":") if isinstance(text, str) else ("", "", "")
    if kind != "bits" and kind not in _TYPES:
        raise ValueError("no packed array")
    width = (size + 7) // 8 if kind == "bits" else size * np.dtype(_TYPES[kind]).itemsize
    data = _inflated(encoded, width)
    if kind == "bits":
        bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=size)
        return bits.astype(np.float64)
    array = np.frombuffer(data, dtype=_TYPES[kind]).astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError("a packed number is not finite")
    return array


def _inflated(encoded: str, width: int) -> bytes:
    """Exactly `width` bytes; no more is ever inflated, whatever the text promises."""
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(base64.b64decode(encoded, validate=True), width + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise ValueError("a packed array is damaged") from error
    if len(data) != width or not inflater.eof:
        raise ValueError("a packed array has not as many numbers as there are examples")
    return data
