"""Records that cannot be read are named, and of many it is said how many there are."""

from __future__ import annotations

from paribus.reports.unread import unread


def test_of_many_ten_are_named_and_the_rest_is_counted() -> None:
    named = [f"cannot be read by this version: experiments/{number}" for number in range(10)]
    assert unread([f"experiments/{number}" for number in range(10)]) == named
    assert unread([f"experiments/{number}" for number in range(13)]) == [
        *named,
        "and 3 more: paribus doctor names all of them",
    ]
    assert unread([]) == []
