"""Values of many revisions under names that mean the same in each of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.compared import TooManyValuesError, leaves_of, named_alike, params_of

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


def test_names_of_nested_values_and_of_lists() -> None:
    value = {"a": {"b.c": 1, "d": [0.5, {"e": 2}]}, "f": [], "g": {}, "h": [0] * 65}
    assert leaves_of(value) == (
        ('a."b.c"', 1), ("a.d[0]", 0.5), ("a.d[1].e", 2), ("f", []), ("g", {}), ("h", [0] * 65),
    )  # fmt: skip
    assert params_of({"a": [1, 2]}) == (("a", [1, 2]),)
    with pytest.raises(TooManyValuesError):
        leaves_of({str(number): number for number in range(20_000)})


@given(st.dictionaries(st.text(max_size=3), VALUES))
def test_no_two_values_share_a_name(value: dict[str, object]) -> None:
    names = [name for name, _ in leaves_of(value)]
    assert len(names) == len(set(names))


def test_a_file_is_named_where_some_revision_needs_it() -> None:
    one = {"m.json": (("acc", 1), ("only", 2))}
    both = {"m.json": (("acc", 3),), "n.json": (("acc", 4),)}
    moved = {"results/m.json": (("only", 5),)}
    named, origins = named_alike([one, both, moved])
    assert named == [
        {"m.json:acc": 1, "only": 2}, {"m.json:acc": 3, "n.json:acc": 4}, {"only": 5},
    ]  # fmt: skip
    assert origins["only"] == {"m.json", "results/m.json"}
    assert named_alike([one], always=True)[0] == [{"m.json:acc": 1, "m.json:only": 2}]
