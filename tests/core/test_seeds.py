"""Seeds follow from a key, on every machine and in every year alike."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from paribus.core.seeds import LARGEST, derived_seeds

KEY = "0123456789abcdef0123"


def test_derived_seeds_never_change() -> None:
    """Pinned for ever: runs in ledgers are reused by them."""
    names = ("seed", "conf/a.yaml:split.seed")
    assert [derived_seeds(KEY, index, names) for index in range(3)] == [
        {"seed": 1576575006, "conf/a.yaml:split.seed": 553086546},
        {"seed": 848055870, "conf/a.yaml:split.seed": 1654552795},
        {"seed": 1890855146, "conf/a.yaml:split.seed": 1705911694},
    ]


def test_a_seed_is_31_bits_of_a_hash() -> None:
    digest = hashlib.sha256(f"{KEY}:7:seed".encode()).hexdigest()
    assert derived_seeds(KEY, 7, ("seed",)) == {"seed": int(digest[:8], 16) & 0x7FFFFFFF}


def test_without_names_there_are_no_seeds() -> None:
    assert derived_seeds(KEY, 0, ()) == {}


@given(st.text(max_size=5), st.integers(0, 100), st.lists(st.text(max_size=5), unique=True))
def test_a_seed_depends_on_its_own_name_alone(key: str, index: int, names: list[str]) -> None:
    together = derived_seeds(key, index, names)
    apart = {name: derived_seeds(key, index, [name])[name] for name in names}
    assert together == apart
    assert list(together) == names
    assert all(0 <= seed <= LARGEST for seed in together.values())


def test_pairs_keys_and_names_have_seeds_of_their_own() -> None:
    seeds = {
        derived_seeds(key, index, [name])[name]
        for key in ("a", "b", "a:1")
        for index in range(300)
        for name in ("seed", "split_seed")
    }
    assert len(seeds) == 3 * 300 * 2
    assert min(seeds) < LARGEST / 100
    assert max(seeds) > LARGEST * 0.99
