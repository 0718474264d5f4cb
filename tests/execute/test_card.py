"""The card of a run under way: written as a whole, signed by who makes the run, and beating."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

from paribus.execute import card


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = card.path_of(tmp_path / "deep" / "runs", "abc")
    new = card.new_card("abc", "owner", "lock")
    card.write(file, new)
    assert file == tmp_path / "deep" / "runs" / "abc.json"
    assert card.read(file) == new
    assert (new.run, new.owner, new.holder, new.pid, new.stage) == (
        "abc", "owner", "lock", None, None,
    )  # fmt: skip
    assert list(file.parent.iterdir()) == [file]


def test_what_cannot_be_read_is_no_card(tmp_path: Path) -> None:
    file = tmp_path / "abc.json"
    assert card.read(file) is None
    assert card.silence(file) is None
    for text in ("", "{", "[]", '{"run": "abc"}', "\ufffd"):
        file.write_text(text)
        assert card.read(file) is None


def test_who_makes_the_run_signs_and_tells_the_stage(tmp_path: Path) -> None:
    file = tmp_path / "abc.json"
    card.write(file, card.new_card("abc", "owner", "lock"))
    with card.beating(file) as began:
        signed = card.read(file)
        assert signed is not None
        assert (signed.pid, signed.stage) == (os.getpid(), None)
        assert signed.born is not None
        assert abs(signed.born - psutil.Process().create_time()) < 0.1
        began("train")
        told = card.read(file)
        assert told is not None
        assert (told.stage, told.pid) == ("train", os.getpid())


def test_its_heart_beats_while_the_run_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "abc.json"
    card.write(file, card.new_card("abc", "owner", "lock"))
    with card.beating(file):
        os.utime(file, (1, 1))
        end = time.monotonic() + 5
        while (card.silence(file) or 0) > 60:
            assert time.monotonic() < end
            time.sleep(0.05)
    os.utime(file, (1, 1))
    time.sleep(1.2 * card.BEAT)
    assert (card.silence(file) or 0) > 60


def test_a_card_that_was_taken_away_does_not_come_back(tmp_path: Path) -> None:
    file = tmp_path / "abc.json"
    card.write(file, card.new_card("abc", "owner", "lock"))
    with card.beating(file):
        file.unlink()
        time.sleep(1.2 * card.BEAT)
    assert not file.exists()


def test_without_a_card_a_run_goes_on(tmp_path: Path) -> None:
    for file in (None, tmp_path / "none.json"):
        with card.beating(file) as began:
            began("train")
    assert list(tmp_path.iterdir()) == []
