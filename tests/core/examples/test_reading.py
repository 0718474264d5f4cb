"""Predictions files as users, spreadsheets and enemies write them."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paribus.core.clauses import Predictions
from paribus.core.errors import Problem
from paribus.core.examples import table
from paribus.core.examples.model import Examples
from paribus.core.examples.reading import parse

PLAIN = "id,label,prediction\nb,cat,cat\na,dog,cat\nc,cat,dog\n"


def read(data: str | bytes, file: str = "p.csv", **settings: str) -> Examples:
    raw = data.encode() if isinstance(data, str) else data
    return parse(Predictions(file, **settings), file, raw)


def refused(data: str | bytes, file: str = "p.csv", **settings: str) -> str:
    with pytest.raises(Problem) as caught:
        read(data, file, **settings)
    assert caught.value.code == "bad-predictions"
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 1200
    return caught.value.message


def rows(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(item) + "\n" for item in objects)


def facts(examples: Examples) -> tuple[str, list[float], float]:
    return examples.measure, examples.values.tolist(), examples.metric()


SAME = {
    "csv": ("p.csv", PLAIN),
    "CSV": ("P.CSV", PLAIN),
    "bom": ("p.csv", "\ufeff" + PLAIN),
    "crlf": ("p.csv", PLAIN.replace("\n", "\r\n")),
    "cr": ("p.csv", PLAIN.replace("\n", "\r")),
    "blank lines": ("p.csv", PLAIN.replace("\n", "\n\n")),
    "no last line end": ("p.csv", PLAIN.rstrip()),
    "quotes": ("p.csv", PLAIN.replace("cat", '"cat"')),
    "other order": ("p.csv", "id,label,prediction\na,dog,cat\nc,cat,dog\nb,cat,cat\n"),
    "other columns": ("p.csv", "n,Y_pred,x,ID,Target\n1,cat,,b,cat\n2,cat,,a,dog\n3,dog,nan,c,cat\n"),
    "pandas": ("p.csv", PLAIN.replace("id,", ",")),
    "tsv": ("p.tsv", PLAIN.replace(",", "\t")),
    "json": ("p.json", json.dumps([{"id": i, "label": t, "prediction": p} for i, t, p in
             [("b", "cat", "cat"), ("a", "dog", "cat"), ("c", "cat", "dog")]])),
    "jsonl": ("p.jsonl", rows({"id": "b", "label": "cat", "prediction": "cat"}, {"prediction": "cat", "id": "a", "label": "dog"},
              {"id": "c", "label": "cat", "prediction": "dog", "more": [1]})),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_the_same_examples_however_written(name: str) -> None:
    file, text = SAME[name]
    found = read(text, file)
    assert facts(found) == ("accuracy", [0, 1, 0], 1 / 3)
    assert found.digest == read(PLAIN).digest
    assert (found.labels, found.clusters) == (None, None)


def test_the_digest_is_of_ids_and_labels() -> None:
    digests = {
        read(text).digest
        for text in (
            PLAIN,
            PLAIN.replace("b,", "bb,"),
            PLAIN.replace("a,dog", "a,cat"),
            "id,label,prediction\na,dog,cat\nc,cat,dog\n",
        )
    }
    assert len(digests) == 4
    assert read(PLAIN).digest == read(PLAIN.replace(",dog\n", ",fox\n")).digest
    # What one field says is never what two say.
    one = read('id,label,prediction\na,"b"",""c",1\nd,e,1\n')
    assert one.digest != read('id,label,prediction\n"a"",""b",c,1\nd,e,1\n').digest


@pytest.mark.parametrize(
    ("label", "prediction", "same"),
    [
        ("1", "1.0", True),
        ("1.0", "1", True),
        ("1", "True", True),
        ("False", "0", True),
        ("1", "01", True),
        ("1", "one", False),
        ("1", "0_1", False),
        ("cat", "cat ", False),
        ("cat", "", False),
        ("cat", "Cat", False),
        ("1_0", "10", False),
        ("é", "é", True),
        ("日本", "日本", True),
    ],
)
def test_same_class(label: str, prediction: str, same: bool) -> None:
    found = read(f"id,label,prediction\n1,{label},{prediction}\n2,{label},{label}\n")
    assert found.values.tolist() == [float(same), 1]


@pytest.mark.parametrize(
    ("header", "settings", "measure"),
    [
        ("id,label,prediction,score,value", {}, "accuracy"),
        ("id,label,score,value", {}, "mean"),
        ("id,label,score", {}, "auc"),
        ("id,x,loss", {}, "mean"),
        ("id,label,prediction,loss", {"value": "loss"}, "mean"),
        ("id,label,prediction,p", {"score": "p"}, "auc"),
        ("id,label,prediction", {"measure": "f1"}, "f1"),
        ("id,label,prediction", {"measure": "squared-error"}, "squared-error"),
        ("a,b,c", {"id": "a", "label": "b", "prediction": "c"}, "accuracy"),
        ("id,label,prediction,b,c", {"label": "b", "prediction": "c"}, "accuracy"),
    ],
)
def test_which_measure(header: str, settings: dict[str, str], measure: str) -> None:
    width = header.count(",") + 1
    body = "".join(",".join([str(row)] + [str(row % 2)] * (width - 1)) + "\n" for row in range(4))
    assert read(f"{header}\n{body}", **settings).measure == measure


def test_measures() -> None:
    numbers = "id,label,prediction\n1,1,2\n2,0,-2\n3,5,5\n"
    assert facts(read(numbers, measure="absolute-error")) == ("absolute-error", [1, 2, 0], 1)
    assert facts(read(numbers, measure="squared-error")) == ("squared-error", [1, 4, 0], 5 / 3)
    assert facts(read("id,passed\n1,True\n2,false\n")) == ("mean", [1, 0], 0.5)
    assert facts(read(rows({"id": 1, "passed": True}, {"id": 2, "passed": 0.5}), "p.jsonl")) == (
        "mean",
        [1, 0.5],
        0.75,
    )
    ranked = read("id,label,score\n1,1,.9\n2,0,.5\n3,1,.5\n")
    assert facts(ranked) == ("auc", [0.9, 0.5, 0.5], 0.75)
    assert ranked.labels is not None
    assert ranked.labels.tolist() == [1, 0, 1]
    assert facts(read(PLAIN, measure="f1"))[2] == 0.25


def test_clusters_and_labels_of_a_mean() -> None:
    text = "id,answer,grade,patient\n1,a,.5,q\n2,b,1,p\n3,c,1,q\n"
    found = read(text, cluster="patient")
    assert found.clusters is not None
    assert found.clusters.tolist() == [1, 0, 1]
    other = text.replace("b", "B")
    assert read(text).digest == read(other).digest
    assert read(text, label="answer").digest != read(other, label="answer").digest


def test_ids_keep_their_spelling() -> None:
    assert read("id,value\n1,0\n01,1\n1.0,1\n").size == 3


WRONG = [
    ("p.parquet", PLAIN, {}, "p.parquet: not one of the formats .csv .tsv .json .jsonl .ndjson"),
    ("p.csv", "", {}, "p.csv: its first line has no column names"),
    ("p.csv", "\n1,2\n", {}, "p.csv: its first line has no column names"),
    ("p.csv", "id,label,prediction\n", {}, "p.csv: 0 rows; from 2 to 2000000 are expected"),
    ("p.csv", "id,label,prediction\n1,2,3\n", {}, "p.csv: 1 rows; from 2 to 2000000 are expected"),
    ("p.csv", "a,b\n1,2\n", {}, "p.csv: neither columns of label and prediction nor one of values; there are a, b"),
    ("p.csv", "label,prediction\n1,2\n", {}, "p.csv: no column of ids; there are label, prediction"),
    ("p.csv", PLAIN, {"label": "truth"}, "p.csv: no column 'truth' (label); there are id, label, prediction"),
    ("p.csv", PLAIN, {"cluster": "who"}, "p.csv: no column 'who' (cluster); there are id, label, prediction"),
    ("p.csv", PLAIN, {"measure": "auc"}, "p.csv: no column of scores; there are id, label, prediction"),
    ("p.csv", "id,label,label\n1,2,3\n", {}, "p.csv: more than one column is called label"),
    ("p.csv", PLAIN + "d,cat\n", {}, "p.csv: line 5 has 2 cells where the first line has 3"),
    ("p.csv", PLAIN + "d,cat,dog,x\n", {}, "p.csv: line 5 has 4 cells where the first line has 3"),
    ("p.csv", PLAIN + 'd,"cat,dog\n', {}, "p.csv: line 5: unexpected end of data"),
    ("p.csv", PLAIN + "d," + "x" * 200_000 + ",y\n", {}, "p.csv: line 5: field larger than field limit (131072)"),
    ("p.csv", PLAIN + "a,cat,dog\n", {}, "p.csv: rows 2 and 4 have the same id 'a'"),
    ("p.csv", PLAIN + ",cat,dog\n", {}, "p.csv: row 4: id is empty"),
    ("p.csv", PLAIN + "d, ,dog\n", {}, "p.csv: row 4: label is empty"),
    ("p.csv", "id,label,prediction\n1,1,1\n2,0,\n", {}, "p.csv: row 2: prediction is empty"),
    ("p.csv", "id,label,prediction\n1,1,1\n2,0,nan\n", {}, "p.csv: row 2: prediction 'nan' is not a finite number"),
    ("p.csv", "id,label,prediction\n1,inf,1\n2,0,0\n", {}, "p.csv: row 1: label 'inf' is not a finite number"),
    ("p.csv", "id,value\n1,1\n2,NaN\n", {}, "p.csv: row 2: value 'NaN' is not a finite number"),
    ("p.csv", "id,value\n1,1\n2,\n", {}, "p.csv: row 2: value '' is not a number"),
    ("p.csv", "id,value\n1,1\n2,1e999\n", {}, "p.csv: row 2: value '1e999' is not a finite number"),
    ("p.csv", "id,value\n1,1\n2,1_0\n", {}, "p.csv: row 2: value '1_0' is not a number"),
    ("p.csv", "id,label,prediction\n1,1e200,-1\n2,1,1\n", {"measure": "squared-error"}, "p.csv: row 1: its squared-error is too large for a number"),
    ("p.csv", "id,label,score\n1,1,2\n2,2,1\n", {}, "p.csv: row 2: label '2' is not 0 or 1"),
    ("p.csv", "id,label,score\n1,1,2\n2,1,1\n", {}, "p.csv: all labels are 1; auc needs both"),
    ("p.csv", "id,value,c\n1,1,x\n2,1,x\n", {"cluster": "c"}, "p.csv: all rows belong to one cluster, which shows no spread between clusters"),
    ("p.csv", b"id,value\n1,\xff\n", {}, "p.csv: line 2 is not UTF-8 text"),
    ("p.csv", PLAIN.encode("utf-16"), {}, "p.csv: line 1 is not UTF-8 text"),
    ("p.csv", b"PK\x03\x04\n\0\0", {}, "p.csv: line 2 is not text"),
    ("p.csv", "id," + ",".join(map(str, range(10**6))) + "\n", {}, "p.csv: 1000001 columns; at most 10000 are read"),
    ("p.csv", "x\x1b[31m\u202e,b\n", {}, "p.csv: neither columns of label and prediction nor one of values; there are x?[31m?, b"),
    ("p.csv", ",".join(f"c{n}" for n in range(99)), {}, "p.csv: neither columns of label and prediction nor one of values; "
     "there are c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 and 87 more"),
    ("p.json", "[", {}, "p.json: not JSON: Expecting value at line 1, column 2"),
    ("p.json", "{}", {}, "p.json: not a list of objects, one for each example"),
    ("p.json", "[]", {}, "p.json: neither columns of label and prediction nor one of values; there are none"),
    ("p.json", "[1]", {}, "p.json: row 1 is no object"),
    ("p.json", "[" * 200_000, {}, "p.json: nested too deeply"),
    ("p.json", '[{"id": ' + "9" * 5000 + "}]", {}, "p.json: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits"),
    ("p.json", '[{"id": 1, "value": NaN}, {"id": 2, "value": 1}]', {}, "p.json: row 1: value 'nan' is not a finite number"),
    ("p.json", '[{"id": 1, "value": 2}, {"id": "1", "value": 1}]', {}, "p.json: rows 1 and 2 have the same id '1'"),
    ("p.jsonl", '{"id": 1, "value": 2}\n{"id": 2}\n', {}, "p.jsonl: row 2: there is no value"),
    ("p.jsonl", '{"id": 1, "value": 2}\n{"id": 2, "value": [1]}\n', {}, "p.jsonl: row 2: value is a list or an object"),
    ("p.jsonl", '{"id": 1, "value": 2}\n{"id": 2, "value": null}\n', {}, "p.jsonl: row 2: value null is not a number"),
    ("p.jsonl", '{"id": null, "value": 2}\n{"id": 2, "value": 1}\n', {}, "p.jsonl: row 1: id is null"),
    ("p.jsonl", '{"id": 1, "value": 2}\n{"id": 2, \n', {}, "p.jsonl: line 2: not JSON: Expecting property name enclosed in double quotes at line 1, column 11"),
    ("p.jsonl", '{"id": 1, "value": 2},{"id": 2, "value": 2}\n', {}, "p.jsonl: line 1: not JSON: Extra data at line 1, column 22"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "data", "settings", "message"), WRONG, ids=[f"{n}" for n in range(len(WRONG))]
)
def test_refused(file: str, data: str | bytes, settings: dict[str, str], message: str) -> None:
    assert refused(data, file, **settings) == message


def test_a_missing_column_is_refused_with_what_to_write() -> None:
    with pytest.raises(Problem) as caught:
        read("id,y,yhat\n1,2,3\n", "out/p.csv", label="y", measure="accuracy")
    assert caught.value.helps == (
        "name it in paribus.yaml   predictions: {file: out/p.csv, prediction: COLUMN}",
    )


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "LARGEST", 2**20)
    assert refused(b" " * (2**21)) == "p.csv: 2 MiB; at most 1 are read"


@given(st.binary(max_size=300), st.sampled_from(["p.csv", "p.tsv", "p.json", "p.jsonl"]))
@example(b'"', "p.csv")
@example(b"id,value\n1,1\n2,1", "p.csv")
@example(b'[{"id": "\\ud800", "value": 1}, {"id": 2, "value": 1}]', "p.json")
def test_bytes_are_examples_or_a_problem(data: bytes, file: str) -> None:
    try:
        found = read(data, file)
    except Problem as problem:
        assert problem.code == "bad-predictions"
        assert problem.message.isprintable()
    else:
        assert np.isfinite(found.values).all()


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@given(st.lists(st.tuples(cell, cell, cell), max_size=6))
def test_any_cells(cells: list[tuple[str, str, str]]) -> None:
    """Two formats, the same cells: the same examples or none."""
    keys = ("id", "label", "prediction")
    lines = rows(*(dict(zip(keys, item, strict=True)) for item in cells))
    quoted = "".join(
        ",".join('"' + c.replace('"', '""') + '"' for c in item) + "\n" for item in cells
    )
    outcomes = []
    for file, text in (("p.jsonl", lines), ("p.csv", "id,label,prediction\n" + quoted)):
        try:
            found = read(text, file)
            outcomes.append((found.digest, found.values.tolist()))
        except Problem:
            outcomes.append(("", []))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_hundred_thousand_rows_take_less_than_a_second(ending: str) -> None:
    keys = ["id", "label", "prediction", *(f"score_{n}" for n in range(10))]
    scores = [0.123456] * 10
    lines = [[f"x{n}", n % 10, n % 7, *scores] for n in range(100_000)]
    if ending == "csv":
        text = "\n".join([",".join(keys), *(",".join(map(str, line)) for line in lines)])
    else:
        text = rows(*(dict(zip(keys, line, strict=True)) for line in lines))
    data = text.encode()
    start = time.process_time()
    found = parse(Predictions(f"p.{ending}"), f"p.{ending}", data)
    assert time.process_time() - start < 3  # a second or less where nothing else runs
    assert found.size == 100_000
