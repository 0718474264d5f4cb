"""A text is taken apart line by line, and put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.splice import Clash, Edit, edits, lines_of, merged, needed, spliced

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"lr: 0.1\n", b"lr: 0.2\n", b"\n"]), max_size=12)


def rebased(every: tuple[Edit, ...], made: set[int]) -> list[Edit]:
    """The edits that are left, with their lines as they stand where the made ones are made."""
    shift, left = 0, []
    for number, edit in enumerate(every):
        if number in made:
            shift += (edit.new[1] - edit.new[0]) - (edit.old[1] - edit.old[0])
        else:
            left.append(Edit((edit.old[0] + shift, edit.old[1] + shift), edit.new, edit.block))
    return left


@given(LINES, LINES, st.data())
def test_any_edits_and_then_the_rest_give_the_new_text(
    old: list[bytes], new: list[bytes], data: st.DataObject
) -> None:
    every = edits(old, new)
    some = data.draw(st.sets(st.sampled_from(range(len(every))))) if every else set()

    half = lines_of(spliced(old, new, every, some))
    rest = rebased(every, some)

    assert spliced(half, new, rest, range(len(rest))) == b"".join(new)


@given(LINES, LINES)
def test_no_edit_and_every_edit(old: list[bytes], new: list[bytes]) -> None:
    every = edits(old, new)
    assert spliced(old, new, every, ()) == b"".join(old)
    assert spliced(old, new, every, range(len(every))) == b"".join(new)
    assert all(edit.old[0] < edit.old[1] or edit.new[0] < edit.new[1] for edit in every)


@given(LINES, LINES)
def test_what_one_side_alone_edits_is_merged(base: list[bytes], other: list[bytes]) -> None:
    assert merged(base, other, base) == b"".join(other)
    assert merged(base, base, other) == b"".join(other)
    assert merged(base, other, other) == b"".join(other)


@given(LINES, LINES, LINES)
def test_the_sides_of_a_merge_can_be_swapped(
    base: list[bytes], ours: list[bytes], theirs: list[bytes]
) -> None:
    left, right = merged(base, ours, theirs), merged(base, theirs, ours)
    assert isinstance(left, Clash) == isinstance(right, Clash)
    if not isinstance(left, Clash):
        assert left == right


def test_edited_lines_of_one_block_are_edits_of_their_own() -> None:
    old = [b"C: 1.0\n", b"depth: 3\n", b"gone = None\n"]
    new = [b"C: 0.3\n", b"# why\n", b"depth: 4\n"]
    assert edits(old, new) == (
        Edit((0, 1), (0, 1), 0),
        Edit((1, 1), (1, 2), 0),
        Edit((1, 2), (2, 3), 0),
        Edit((2, 3), (3, 3), 0),
    )


def test_a_large_block_is_one_edit() -> None:
    old, new = [b"%d\n" % at for at in range(60)], [b"%d!\n" % at for at in range(60)]
    assert edits(old, new) == (Edit((0, 60), (0, 60), 0),)


def test_a_line_that_was_the_last_is_ended_before_another() -> None:
    old, new = [b"a"], [b"apple\n", b"z\n"]
    every = edits(old, new)
    assert [spliced(old, new, every, {at}) for at in range(len(every))] == [
        b"",
        b"a\napple\n",
        b"a\nz\n",
    ]


def test_lines_end_as_python_counts_them() -> None:
    assert lines_of(b"a\r\nb\rc\x0cd\ne") == [b"a\r\n", b"b\r", b"c\x0cd\n", b"e"]


@pytest.mark.parametrize(
    ("ours", "theirs", "made"),
    [
        pytest.param(b"1\n2!\n3\n", b"1\n2\n3!\n", b"1\n2!\n3!\n", id="neighbouring lines"),
        pytest.param(b"0\n1\n2\n3\n", b"1\n2\n3!\n", b"0\n1\n2\n3!\n", id="lines above"),
        pytest.param(b"1\n3\n", b"1\n2\n3\n4\n", b"1\n3\n4\n", id="one goes, one comes"),
        pytest.param(b"1\n2!\n3\n", b"1\n2!\n3?\n", b"1\n2!\n3?\n", id="the same edit once"),
        pytest.param(b"1\n2!\n3\n", b"1\n2?\n3\n", Clash(2, 2), id="the same line"),
        pytest.param(b"1\nx\n2\n3\n", b"1\ny\n2\n3\n", Clash(2, 2), id="the same gap"),
        pytest.param(b"1\n", b"1\n2\n3!\n", Clash(3, 3), id="an edit of what is gone"),
    ],
)  # fmt: skip
def test_three_way_merge(ours: bytes, theirs: bytes, made: bytes | Clash) -> None:
    assert merged(*map(lines_of, (b"1\n2\n3\n", ours, theirs))) == made


def test_what_brings_a_word_is_needed_by_what_uses_it() -> None:
    old = lines_of(b"import os\nx = os.name\ny = 1\n")
    new = lines_of(
        b"import os\nimport re\nimport sys\nx = os.name\npattern = re.compile(x)\ny = pattern\n"
    )
    every = edits(old, new)
    text = [b"".join(new[slice(*edit.new)]) for edit in every]
    place = {line: at for at, line in enumerate(text)}
    uses = place[b"y = pattern\n"]

    found = needed(old, new, every, {uses}, [at for at in range(len(every)) if at != uses])

    assert sorted(text[at] for at in found) == [b"import re\n", b"pattern = re.compile(x)\n"]
