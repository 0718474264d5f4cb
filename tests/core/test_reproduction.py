"""Whether a run that was made again gave what was recorded of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.reproduction import (
    Comparison,
    Examples,
    FileMoved,
    MetricMoved,
    Outcome,
    Results,
    compared,
    gravest,
)
from paribus.core.written import Place, Written, written

MODEL = Place("dvc.lock", "train", "model.pkl")
FOLDER = Place("dvc.lock", "prepare", "features")
CODE = Place("dvc.lock", "train", "train.py")
READ = Place("dvc.lock", "train", "features")


def wrote(
    model: str = "md5 aa", folder: str = "md5 bb.dir", code: str = "md5 cc", **more: Any
) -> Written:
    return Written({CODE: code, READ: folder}, {MODEL: model, FOLDER: folder}, **more)


def test_all_equal_is_exact() -> None:
    told = {"accuracy": 0.9, "seconds": 3.0}
    found = compared(Results(told, wrote()), Results(told | {"seconds": 9.0}, wrote()), {})
    assert found == Comparison(metrics=1, outputs=2, timing=("seconds",))
    assert found.outcome is Outcome.EXACT


def test_the_smallest_difference_counts_without_noise() -> None:
    new = 0.9 + 2**-53
    assert new != 0.9
    found = compared(Results({"accuracy": 0.9}), Results({"accuracy": new}), {})
    assert found.moved == (MetricMoved("accuracy", 0.9, new, 0.0),)
    assert (found.outcome, found.outputs) == (Outcome.DIFFERENT, None)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(0.95, Outcome.WITHIN_NOISE), (0.85, Outcome.WITHIN_NOISE), (0.96, Outcome.DIFFERENT)],
)
def test_noise_explains_differences_up_to_its_limit(value: float, outcome: Outcome) -> None:
    found = compared(
        Results({"accuracy": 0.9}), Results({"accuracy": value}), {"accuracy": 0.0500001}
    )
    assert found.outcome is outcome


def test_noise_in_one_metric_explains_nothing_in_another() -> None:
    old, new = Results({"accuracy": 0.9, "loss": 0.1}), Results({"accuracy": 0.9, "loss": 0.2})
    assert compared(old, new, {"accuracy": 1.0}).outcome is Outcome.DIFFERENT


def test_a_metric_that_is_gone_or_new_is_different() -> None:
    gone = compared(
        Results({"accuracy": 0.9, "loss": 0.1}), Results({"accuracy": 0.9}), {"loss": 9.0}
    )
    assert gone.moved == (MetricMoved("loss", 0.1, None, 9.0),)
    assert gone.outcome is Outcome.DIFFERENT
    new = compared(Results({"accuracy": 0.9}), Results({"accuracy": 0.9, "loss": 0.1}), {})
    assert (new.added, new.outcome) == (("loss",), Outcome.DIFFERENT)


def test_a_metric_is_found_with_and_without_its_file() -> None:
    old = Results({"a.json:score": 1.0, "score": 1.0})
    assert compared(old, Results({"score": 1.0}), {}).outcome is Outcome.EXACT


def test_predictions_that_move_while_no_metric_does() -> None:
    same = Results({"accuracy": 0.9})
    swapped = Examples(2, 100)
    assert compared(same, same, {}, swapped).outcome is Outcome.DIFFERENT
    assert compared(same, same, {"accuracy": 0.1}, swapped).outcome is Outcome.WITHIN_NOISE
    assert compared(same, same, {}, Examples(0, 100)).outcome is Outcome.EXACT


def test_outputs_and_the_files_of_folders() -> None:
    old = Results({"a": 1.0}, wrote(), {"bb.dir": {"1": "x", "2": "y", "3": "z"}})
    new = Results(
        {"a": 1.0}, wrote("md5 ab", "md5 bc.dir"), {"bc.dir": {"1": "x", "2": "w", "4": "v"}}
    )
    found = compared(old, new, {})
    assert found.rewritten == (
        FileMoved(FOLDER, "md5 bb.dir", "md5 bc.dir", 3, 4, ("2", "3", "4")),
        FileMoved(MODEL, "md5 aa", "md5 ab"),
    )
    # What train reads of the folder follows from the folder, and is no other input.
    assert (found.reread, found.outcome) == ((), Outcome.SAME_RESULTS)
    unknown = compared(replace(old, folders={}), new, {})
    assert unknown.rewritten[0] == FileMoved(FOLDER, "md5 bb.dir", "md5 bc.dir")


def test_an_input_that_the_tree_does_not_name_is_told() -> None:
    found = compared(Results({"a": 1.0}, wrote()), Results({"a": 1.0}, wrote(code="md5 c1")), {})
    assert found.reread == (FileMoved(CODE, "md5 cc", "md5 c1"),)
    assert found.outcome is Outcome.EXACT


def test_stages_that_did_not_run_again_are_not_counted() -> None:
    after = wrote().without({("dvc.lock", "prepare")})
    found = compared(Results({"a": 1.0}, wrote()), Results({"a": 1.0}, after), {})
    assert (found.outputs, found.not_rerun, found.rewritten) == (1, ("prepare",), ())


def test_nothing_that_ran_again_is_no_verification() -> None:
    nothing = Results({"a": 1.0}, Written({}, {}))
    found = compared(Results({"a": 1.0}, wrote()), nothing, {}, None, {"a"})
    assert (found.kept, found.metrics, found.outputs) == (("a",), 0, 0)
    assert found.outcome is Outcome.NOT_VERIFIED


def test_the_gravest_of_several_is_the_answer() -> None:
    order = [Outcome.EXACT, Outcome.SAME_RESULTS, Outcome.WITHIN_NOISE, Outcome.DIFFERENT,
             Outcome.FAILED, Outcome.NOT_VERIFIED]  # fmt: skip
    for number, outcome in enumerate(order):
        assert gravest(reversed(order[: number + 1])) is outcome


names = st.text(min_size=1, max_size=8)
hashes = st.text("0123456789abcdef", min_size=4, max_size=8).map(lambda text: f"md5 {text}")
numbers = st.floats(-1e6, 1e6)
places = st.builds(Place, names, names, names)


@given(
    st.dictionaries(names, numbers, max_size=4),
    st.dictionaries(places, hashes, max_size=4),
    st.dictionaries(names, st.floats(0, 10), max_size=3),
    st.data(),
)
def test_what_is_written_down_is_read_back(
    metrics: dict[str, float],
    outputs: dict[Place, str],
    limits: dict[str, float],
    data: st.DataObject,
) -> None:
    other = data.draw(st.dictionaries(st.sampled_from(sorted(outputs)), hashes)) if outputs else {}
    moved = data.draw(st.dictionaries(st.sampled_from(sorted(metrics)), numbers)) if metrics else {}
    old = Results(metrics, Written({}, outputs))
    new = Results(metrics | moved, Written({}, outputs | other))
    found = compared(old, new, limits, Examples(1, 2))
    assert Comparison.from_json(json.loads(json.dumps(found.as_json(), allow_nan=False))) == found
    assert compared(old, old, limits).outcome in (Outcome.EXACT, Outcome.NOT_VERIFIED)


# What lock files say


def test_a_lock_file_is_read_by_stage_and_path() -> None:
    lock: Any = {
        "schema": "2.0",
        "stages": {
            "train": {
                "cmd": "python train.py",
                "deps": [{"path": "train.py", "hash": "md5", "md5": "c1", "size": 3}],
                "outs": [
                    {"path": "model", "md5": "d1.dir", "nfiles": 2},
                    {"path": "s3://bucket/x", "etag": "e1"},
                    {"path": "not-yet"},
                ],
            },
            "broken": None,
        },
    }
    found = written({"sub/dvc.lock": lock, "dvc.lock": "nonsense"})
    place = Place("sub/dvc.lock", "train", "train.py")
    assert found.inputs == {place: "md5 c1"}
    assert found.outputs == {
        replace(place, path="model"): "md5-dos2unix d1.dir",
        replace(place, path="s3://bucket/x"): "etag e1",
    }
    assert (found.stages, found.folders) == ({("sub/dvc.lock", "train")}, frozenset({"d1.dir"}))
