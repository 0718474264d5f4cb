"""Packing: what comes back is what went in, in few bytes, and nothing else comes back."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from paribus.core.examples.model import Examples
from paribus.core.examples.packed import pack, unpack

Make = Callable[..., Examples]

finite = st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 2**33).map(float)


def same(old: Examples, new: Examples) -> None:
    assert (old.measure, old.digest) == (new.measure, new.digest)
    for key in ("values", "labels", "clusters"):
        here, there = getattr(old, key), getattr(new, key)
        assert (here is None) == (there is None)
        if here is not None:
            assert here.dtype == there.dtype
            assert here.tobytes() == there.tobytes()


def through(examples: Examples) -> Examples:
    return unpack(json.loads(json.dumps(pack(examples), allow_nan=False)))


@given(st.data(), st.integers(2, 40), st.booleans())
def test_round_trip(make: Make, data: st.DataObject, m: int, in_clusters: bool) -> None:
    values = data.draw(arrays.arrays(np.float64, m, elements=finite))
    codes = data.draw(arrays.arrays(np.int64, m - 2, elements=st.integers(0, m)))
    clusters = np.unique(np.r_[0, 1, codes], return_inverse=True)[1] if in_clusters else None
    for examples in (
        make(values, None, clusters, "mean"),
        make(np.abs(values) > 1, None, clusters, "accuracy"),
        make(values, np.arange(m) % 2, clusters, "auc"),
        make(np.arange(m) % 7, np.arange(m) % 5, clusters, "f1"),
    ):
        same(examples, through(examples))


@pytest.mark.parametrize("largest", [1, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53])
def test_every_width(make: Make, largest: int) -> None:
    same(make([0, largest]), through(make([0, largest])))


def test_the_sign_of_zero_is_kept(make: Make) -> None:
    same(make([-0.0, 0.0, 1]), through(make([-0.0, 0.0, 1])))


def test_few_bytes(make: Make) -> None:
    right = np.random.default_rng(1).random(10_000) < 0.5
    assert len(json.dumps(pack(make(right, measure="accuracy")))) < 2000


def packed(data: bytes, kind: str = "bits") -> str:
    return f"{kind}:{base64.b64encode(zlib.compress(data)).decode()}"


GOOD = {"measure": "accuracy", "digest": "d", "size": 9, "values": packed(b"\xff\x80")}
RANKED = {**GOOD, "measure": "auc", "labels": packed(b"\xf0\x00")}
CODED = {**RANKED, "measure": "f1"}


@pytest.mark.parametrize("good", [GOOD, RANKED, CODED])
def test_what_is_damaged_starts_out_good(good: dict[str, Any]) -> None:
    assert unpack(good).values.tolist() == [1] * 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 1}, "no number of examples: 1"),
        ({"size": True}, "no number of examples: True"),
        ({"size": 10**9}, "no number of examples: 1000000000"),
        ({"size": 90}, "not as many numbers"),
        ({"measure": "speed"}, "no measure or no digest"),
        ({"measure": []}, "no measure or no digest"),
        ({"digest": None}, "no measure or no digest"),
        ({"measure": "auc"}, "values are packed always, labels for auc and f1 only"),
        ({"values": 5}, "no packed array"),
        ({"values": "f4:AAAA"}, "no packed array"),
        ({"values": "bits:%%%"}, "damaged"),
        ({"values": "bits:é"}, "damaged"),
        ({"values": "bits:AAAA"}, "damaged"),
        ({"values": packed(b"\xff\x80")[:-8]}, "damaged|not as many numbers"),
        ({"values": packed(b"\xff")}, "not as many numbers"),
        ({"values": packed(b"\xff\x80\x00")}, "not as many numbers"),
        ({"values": packed(bytes(10**8))}, "not as many numbers"),
        ({"values": packed(np.full(9, np.nan).tobytes(), "f8")}, "not finite"),
        ({"clusters": packed(np.full(9, -1.0).tobytes(), "f8")}, "clusters are no codes"),
        ({"clusters": packed(np.full(9, 0.5).tobytes(), "f8")}, "clusters are no codes"),
        ({"clusters": packed(bytes([200] * 9), "u1")}, "clusters are no codes"),
        ({"clusters": packed(bytes(2))}, "clusters are not numbered 0, 1 and so on"),
        ({"clusters": packed(bytes([0, 2] * 4 + [0]), "u1")}, "clusters are not numbered 0, 1"),
        ({**RANKED, "labels": packed(b"\xff\x80")}, "labels for auc are 0 and 1"),
        ({**RANKED, "labels": packed(bytes(range(9)), "u1")}, "labels for auc are 0 and 1"),
        ({**CODED, "values": packed(np.full(9, -1.0).tobytes(), "f8")}, "values are no codes"),
    ],
)
def test_damaged(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unpack({**GOOD, **change})


@given(
    st.dictionaries(
        st.sampled_from(sorted(CODED)), st.text() | st.integers() | st.none() | st.lists(st.none())
    )
)
def test_anything_else_is_a_value_error(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(content)
