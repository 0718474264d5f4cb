"""Runs and their intents are written as strict JSON and read back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.run import Intent, Purpose, Run, Status

INTENT = Intent(
    id="0123456789",
    index=2,
    seeds={"seed": 7, "conf/a.yaml:split.seed": 2147483647},
    purpose=Purpose.CONTROL,
    session="session",
    holder="holder",
    host="here",
    started="2026-01-02T03:04:05.000006+00:00",
    experiment="abcd",
)
INTENT_JSON = {
    "id": "0123456789",
    "index": 2,
    "seeds": {"seed": 7, "conf/a.yaml:split.seed": 2147483647},
    "purpose": "control",
    "session": "session",
    "holder": "holder",
    "host": "here",
    "started": "2026-01-02T03:04:05.000006+00:00",
    "experiment": "abcd",
    "series": "",
}
RUN = Run(
    INTENT,
    Status.FAILED,
    metrics={"accuracy": 0.5},
    seconds=1.25,
    commit="c" * 40,
    ref="refs/exps/cc/x",
    cause="loss is nan",
    stage="train",
    exit_code=1,
    log_tail="a\nb",
)
RUN_JSON = INTENT_JSON | {
    "status": "failed",
    "metrics": {"accuracy": 0.5},
    "seconds": 1.25,
    "commit": "c" * 40,
    "ref": "refs/exps/cc/x",
    "cause": "loss is nan",
    "stage": "train",
    "exit_code": 1,
    "log_tail": "a\nb",
    "evaluation": None,
}


def test_an_intent_as_json() -> None:
    assert json.loads(json.dumps(INTENT.as_json(), allow_nan=False)) == INTENT_JSON
    assert Intent.from_json(INTENT_JSON) == INTENT


def test_a_run_as_json() -> None:
    assert json.loads(json.dumps(RUN.as_json(), allow_nan=False)) == RUN_JSON
    assert list(RUN.as_json()) == list(RUN_JSON)
    assert Run.from_json(RUN_JSON) == RUN


def test_what_reads_back_has_its_types() -> None:
    run = Run.from_json(RUN_JSON)
    assert (type(run.status), type(run.intent.purpose)) == (Status, Purpose)


def test_keys_that_a_later_version_adds_are_passed_over() -> None:
    assert Run.from_json(RUN_JSON | {"schema": 1, "kind": "run", "later": 1}) == RUN


LATER = ("series", "evaluation")


@pytest.mark.parametrize("key", LATER)
def test_keys_that_an_earlier_version_did_not_write(key: str) -> None:
    record = {name: value for name, value in RUN_JSON.items() if name != key}
    assert Run.from_json(record) == RUN


@pytest.mark.parametrize("key", [key for key in RUN_JSON if key not in LATER])
def test_no_key_may_be_missing(key: str) -> None:
    record = {name: value for name, value in RUN_JSON.items() if name != key}
    with pytest.raises(KeyError, match=f"^'{key}'$"):
        Run.from_json(record)


@pytest.mark.parametrize(("key", "value"), [("status", "won"), ("purpose", "fun")])
def test_no_other_words_are_read(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=value):
        Run.from_json(RUN_JSON | {key: value})


texts = st.none() | st.text(max_size=5)


@given(
    st.builds(
        Run,
        st.just(INTENT),
        st.sampled_from(Status),
        st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False)),
        st.floats(0, 1e6),
        texts,
        texts,
        texts,
        texts,
        st.none() | st.integers(),
        st.text(),
    )
)
def test_a_run_reads_back(run: Run) -> None:
    assert Run.from_json(json.loads(json.dumps(run.as_json(), allow_nan=False))) == run
    assert run.succeeded is (run.status is Status.SUCCEEDED)
