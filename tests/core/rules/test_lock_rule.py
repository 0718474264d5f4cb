"""Inputs that nothing declares show in the lock file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.core.conftest import Compare

PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, data/raw, s3://bucket/x]
    outs: [data/made]
  train:
    cmd: python train.py
    deps: [train.py, data/raw, data/made]
    outs: [m]
  evaluate:
    cmd: python evaluate.py
    deps: [m, data/held]
    metrics: [s.json]
"""


def lock(
    raw: str = "1", held: str = "1", made: str = "1", remote: str = "1", mark: str = "hash: md5, "
) -> str:
    return f"""\
schema: '2.0'
stages:
  prepare:
    cmd: python prepare.py
    deps:
    - {{path: data/raw, {mark}md5: r{raw}.dir}}
    - {{path: s3://bucket/x, etag: e{remote}}}
    - {{path: prepare.py, {mark}md5: p{raw}}}
    outs:
    - {{path: data/made, {mark}md5: m{made}}}
  train:
    cmd: python train.py
    deps:
    - {{path: data/made, {mark}md5: m{made}}}
    - {{path: data/raw, {mark}md5: r{raw}.dir}}
  evaluate:
    cmd: python evaluate.py
    deps:
    - {{path: data/held, {mark}md5: h{held}}}
"""


FILES = {"dvc.yaml": PIPELINE, "dvc.lock": lock(), "prepare.py": "x = 1\n", "train.py": "x = 1\n"}

RAW = ("data", "prepare", "data/raw", "r1.dir", "r2.dir", "data/raw changed (dvc.lock)")


def test_a_folder_in_which_a_stage_writes_is_no_input(compare: Compare) -> None:
    old = FILES | {"dvc.yaml": PIPELINE.replace("outs: [m]", "outs: [m, data/held/x.bin]")}
    found = compare(old, old | {"dvc.lock": lock(held="2")}).diff()
    assert found.changes == ()


@pytest.mark.parametrize(
    ("new", "more", "expected"),
    [
        (lock(raw="2"), {}, [RAW]),
        (lock(raw="2", held="2"), {}, [
            RAW, ("ruler", "evaluate", "data/held", "h1", "h2", "data/held changed (dvc.lock)"),
        ]),
        (lock(remote="2"), {}, [
            ("data", "prepare", "s3://bucket/x", "e1", "e2", "s3://bucket/x changed (dvc.lock)"),
        ]),
        (lock(made="2"), {}, []),
        (lock(raw="2", mark=""), {}, []),
        (lock(raw="2"), {"data/raw.dvc": "outs: [{path: raw, md5: 1}]\n"}, []),
        (lock(raw="2"), {"data.dvc": "outs: [{path: data, md5: 1}]\n"}, []),
        (lock(raw="2"), {"data/raw/a.csv": "1\n"}, []),
        ("stages: 1\n", {}, []),
        ("schema: '2.0'\nstages: {}\n", {}, []),
    ],
)  # fmt: skip
def test_inputs_that_changed_without_a_cause(
    compare: Compare, new: str, more: dict[str, str], expected: list[tuple[str, ...]]
) -> None:
    found = compare(FILES | more, FILES | more | {"dvc.lock": new}).diff()
    told = [
        (each.kind.value, *each.path, each.old, each.new, each.summary) for each in found.changes
    ]
    assert told == expected
    reasons = [(each.file, each.reason) for each in found.not_counted]
    assert reasons == ([] if expected else [("dvc.lock", "written by DVC")])
