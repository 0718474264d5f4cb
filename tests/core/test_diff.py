"""Every file in which two sides differ goes to one rule, which tells what changed or why nothing did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paribus.core.change import Change, NotCounted
from paribus.core.diff import Difference, diff
from paribus.core.values import MISSING, same, spelled
from paribus.dvc.documents import as_yaml

if TYPE_CHECKING:
    from tests.core.conftest import Compare, File, Files

Told = tuple[str, str, str]
"""Kind, place and summary of a change."""

Reason = tuple[str, str]
"""File and reason of a difference that does not count."""


def changes(found: Difference) -> list[Told]:
    return [(change.kind.value, change.where, change.summary) for change in found.changes]


def reasons(found: Difference) -> list[Reason]:
    return [(item.file, item.reason) for item in found.not_counted]


def swapped(text: object, old: str, new: str) -> str:
    """A text with one part replaced, which must be there once."""
    assert isinstance(text, str)
    assert text.count(old) == 1, f"{old!r} in {text}"
    return text.replace(old, new)


Swap = tuple[str, str]

# For each case: edits (a swap, a whole file, None to delete), changes, and what is not counted.
Edits = Mapping[str, "Swap | File | None"]

PROTOCOL: list[tuple[str, Edits, list[Told], list[Reason]]] = [
    ("metric", {"paribus.yaml": ("accuracy", "f1")}, [
        ("ruler", "paribus.yaml:2", "metric accuracy -> f1"),
    ], []),
    ("effect", {"paribus.yaml": ("effect: 0.005\n", "")}, [
        ("ruler", "paribus.yaml", "effect 0.005 -> null"),
    ], []),
    ("all that decides a verdict", {"paribus.yaml": (
        "effect: 0.005\nseeds: [split.seed]",
        "effect: 0.01\nseeds: []\ndirection: lower\nlooks: [3, 5]\ngoal: two-sided",
    )}, [
        ("ruler", "paribus.yaml:5", "direction higher -> lower"),
        ("ruler", "paribus.yaml:3", "effect 0.005 -> 0.01"),
        ("ruler", "paribus.yaml:7", "goal improve -> two-sided"),
        ("ruler", "paribus.yaml:6", "looks [3, 5, 8, 12, 20] -> [3, 5]"),
        ("ruler", "paribus.yaml:4", 'seeds ["split.seed"] -> []'),
    ], []),
    ("the rest", {"paribus.yaml": (
        "ruler: [evaluate]", "ruler: []\nneutral: ['*']\ncoupled: [[a, b]]",
    )}, [], [("paribus.yaml", "rules of the team; the baseline's apply")]),
    ("the same in other words", {"paribus.yaml": ("0.005", "5.0e-3  # half a percent")}, [], [
        ("paribus.yaml", "rules of the team; the baseline's apply"),
    ]),
    ("gone", {"paribus.yaml": None}, [], [("paribus.yaml", "the protocol came or went")]),
    ("of another project", {"other/paribus.yaml": "metric: f1\n"}, [], [
        ("other/paribus.yaml", "the protocol of another project"),
    ]),
]  # fmt: skip

CONSEQUENCES: list[tuple[str, Edits, list[Told], list[Reason]]] = [
    ("lock file", {"dvc.lock": "schema: '2.0'\nstages: {}\n"}, [], [
        ("dvc.lock", "written by DVC"),
    ]),
    ("metrics", {"metrics.json": '{"accuracy": 1.0}\n'}, [], [
        ("metrics.json", "output of a stage"),
    ]),
    ("metrics gone", {"metrics.json": None}, [], [("metrics.json", "output of a stage")]),
    ("output added", {"model.pkl/weights": b"\0"}, [], [
        ("model.pkl/weights", "output of a stage"),
    ]),
    ("a file becomes an output", {
        "src/shared.py": None, "dvc.yaml": ("[model.pkl]\n", "[model.pkl, src/shared.py]\n"),
    }, [], [
        ("dvc.yaml", "bookkeeping of the pipeline only"), ("src/shared.py", "output of a stage"),
    ]),
    ("an output by name that holds code", {
        "src/train.py": ('"lr"', '"rate"'), "dvc.yaml": ("[model.pkl]\n", "[model.pkl, src/train.py]\n"),
    }, [
        ("code", "src/train.py:8", 'rate params["lr"] * FACTOR -> params["rate"] * FACTOR'),
    ], [("dvc.yaml", "bookkeeping of the pipeline only")]),
    ("a metrics file by name that holds code", {
        "src/shared.py": "FACTOR = 2\n", "dvc.yaml": ("stages:", "metrics: [src/shared.py]\nstages:"),
    }, [
        ("code", "src/shared.py:1", "FACTOR 1 -> 2"),
    ], [("dvc.yaml", "bookkeeping of the pipeline only")]),
]  # fmt: skip

NOTHING = "nothing but comments, formatting, logging, imports or names of local variables"
BOOKKEEPING = [("dvc.yaml", "bookkeeping of the pipeline only")]

PIPELINE: list[tuple[str, Edits, list[Told], list[Reason]]] = [
    ("an option", {"dvc.yaml": ("src/train.py\n", "src/train.py --fast\n")}, [
        ("pipeline", "dvc.yaml:3", "train.cmd (absent) -> --fast"),
    ], []),
    ("spaces and quotes", {"dvc.yaml": ("python src/train.py", 'python   "src/train.py"')}, [], BOOKKEEPING),
    ("a lost space", {"dvc.yaml": ("python src/train.py", "pythonsrc/train.py")}, [
        ("pipeline", "dvc.yaml:3", "train.cmd python src/train.py -> pythonsrc/train.py"),
    ], []),
    ("a redirection in quotes", {"dvc.yaml": ("python src/train.py", "python src/train.py '>' log")}, [
        ("pipeline", "dvc.yaml:3", "train.cmd python src/train.py -> python src/train.py '>' log"),
    ], []),
    ("several commands", {"dvc.yaml": ("cmd: python src/train.py", "cmd: [date, python src/train.py]")}, [
        ("pipeline", "dvc.yaml:3", 'train.cmd python src/train.py -> ["date", "python src/train.py"]'),
    ], []),
    ("a long command", {"dvc.yaml": ("python src/train.py", "python src/train.py " + "x" * 60)}, [
        ("pipeline", "dvc.yaml:3", "train.cmd python src/train.py -> python src/train.py " + "x" * 37 + "..."),
    ], []),
    ("deps, outs, metrics, plots, words", {"dvc.yaml": (
        "    outs: [model.pkl]\n",
        "    outs: [model.pkl, log.txt]\n    plots: [roc.csv]\n    desc: trains\n    meta: {a: 1}\n"
        "    always_changed: true\n",
    )}, [], BOOKKEEPING),
    ("a dependency more, another less", {"dvc.yaml": ("data/train.csv, ", "src/shared.py, ")}, [], BOOKKEEPING),
    ("the params that a stage declares", {"dvc.yaml": ("[split.seed, train]", "[train.lr]")}, [], BOOKKEEPING),
    ("folder and freezing", {"dvc.yaml": ("    outs: [m", "    wdir: sub\n    frozen: true\n    outs: [m")}, [
        ("pipeline", "dvc.yaml:6", "train.wdir (absent) -> sub"),
        ("pipeline", "dvc.yaml:7", "train.frozen (absent) -> true"),
    ], []),
    ("what goes without saying", {"dvc.yaml": (
        "cmd: python src/train.py", "cmd: [python src/train.py]\n    wdir: .\n    frozen: false\n    vars: []",
    )}, [], BOOKKEEPING),
    ("a stage more", {"dvc.yaml": ("  evaluate:\n", "  plot:\n    cmd: python plot.py\n    wdir: x\n  evaluate:\n")}, [
        ("pipeline", "dvc.yaml:7", "stage plot (absent) -> python plot.py"),
    ], []),
    ("another name for a stage", {"dvc.yaml": ("  train:\n", "  fit:\n")}, [], BOOKKEEPING),
    ("another name and another command for a stage", {"dvc.yaml": (
        "  train:\n    cmd: python src/train.py\n", "  fit:\n    cmd: python src/train.py -x\n",
    )}, [
        ("pipeline", "dvc.yaml:2", "stage train python src/train.py -> (absent)"),
        ("pipeline", "dvc.yaml:2", "stage fit (absent) -> python src/train.py -x"),
    ], []),
    ("the measuring stage's command", {"dvc.yaml": ("src/evaluate.py\n", "src/evaluate.py --half\n")}, [
        ("ruler", "dvc.yaml:8", "evaluate.cmd (absent) -> --half"),
    ], []),
    ("variables", {"dvc.yaml": ("stages:\n", "vars:\n  - conf.yaml\n  - a: 1\n    b: {c: 2}\nstages:\n")}, [
        ("pipeline", "dvc.yaml:1", 'vars (absent) -> ["conf.yaml"]'),
        ("pipeline", "dvc.yaml:1", "vars.a (absent) -> 1"),
        ("pipeline", "dvc.yaml:1", "vars.b.c (absent) -> 2"),
    ], []),
    ("a stage's variables", {"dvc.yaml": ("    outs: [m", "    vars: [{a: 1}, {b: 2}]\n    outs: [m")}, [
        ("pipeline", "dvc.yaml:6", "train.vars.a (absent) -> 1"),
        ("pipeline", "dvc.yaml:6", "train.vars.b (absent) -> 2"),
    ], []),
    ("one stage for each", {"dvc.yaml": (
        "    cmd: python src/train.py\n    deps: [src/train.py, data/train.csv, data/raw]\n"
        "    params: [split.seed, train]\n    outs: [model.pkl]\n",
        "    foreach: {a: 1, b: 2}\n    do:\n      cmd: python src/train.py ${item}\n",
    )}, [
        ("pipeline", "dvc.yaml:5", "train.cmd python src/train.py -> python src/train.py ${item}"),
        ("pipeline", "dvc.yaml:3", 'train.foreach (absent) -> {"a": 1, "b": 2}'),
    ], []),
    ("a matrix", {"dvc.yaml": ("    outs: [m", "    matrix: {m: [a, b]}\n    outs: [m")}, [
        ("pipeline", "dvc.yaml:6", 'train.matrix (absent) -> {"m": ["a", "b"]}'),
    ], []),
    ("of another project", {"other/dvc.yaml": "stages: {}\n"}, [], [
        ("other/dvc.yaml", "no stage reaches it"),
    ]),
]  # fmt: skip

PARAMS: list[tuple[str, Edits, list[Told], list[Reason]]] = [
    ("one", {"params.yaml": ("0.1", "0.2")}, [("param", "params.yaml:4", "train.lr 0.1 -> 0.2")], []),
    ("two", {"params.yaml": ("lr: 0.1\n  layers: [64, 32]", "lr: 0.2\n  layers: [64]")}, [
        ("param", "params.yaml:4", "train.lr 0.1 -> 0.2"),
        ("param", "params.yaml:5", "train.layers [64, 32] -> [64]"),
    ], []),
    ("text instead of a number", {"params.yaml": ("0.1", "'0.1'")}, [
        ("param", "params.yaml:4", 'train.lr 0.1 -> "0.1"'),
    ], []),
    ("the type alone", {"params.yaml": ("[64, 32]", "[64, 32.0]")}, [
        ("param", "params.yaml:5", "train.layers [64, 32] -> [64, 32.0] (type only)"),
    ], []),
    ("a truth instead of a number", {"params.yaml": ("seed: 1\ntrain:", "seed: 1\n  on: true\ntrain:")}, [
        ("param", "params.yaml:3", "split.on (absent) -> true"),
    ], []),
    ("a null is not absent", {"params.yaml": ("name: plain", "name: plain\n  new:")}, [
        ("param", "params.yaml:7", "train.new (absent) -> null"),
    ], []),
    ("removed", {"params.yaml": ("  name: plain\n", "")}, [
        ("param", "params.yaml:6", "train.name plain -> (absent)"),
    ], []),
    ("an empty mapping", {"params.yaml": ("plain", "{}")}, [
        ("param", "params.yaml:6", "train.name plain -> {}"),
    ], []),
    ("a value becomes a mapping", {"params.yaml": ("plain", "{a: 1, b: 2}")}, [
        ("param", "params.yaml:6", 'train.name plain -> {"a": 1, "b": 2}'),
    ], []),
    ("a declared seed", {"params.yaml": ("seed: 1", "seed: 7")}, [], [
        ("params.yaml", "split.seed (declared seed)"),
    ]),
    ("a declared seed beside a change", {"params.yaml": ("seed: 1\ntrain:\n  lr: 0.1", "seed: 7\ntrain:\n  lr: 1")}, [
        ("param", "params.yaml:4", "train.lr 0.1 -> 1"),
    ], [("params.yaml", "split.seed (declared seed)")]),
    ("comments, order, format", {"params.yaml": (
        "train:\n  lr: 0.1\n  layers: [64, 32]\n  name: plain",
        "train:  # see the notebook\n  name: 'plain'\n  layers:\n    - 64\n    - 0x20\n  lr: 1.0e-1",
    )}, [], [("params.yaml", "comments, order or formatting only")]),
    ("mode", {"params.yaml": ("100755", "")}, [], [
        ("params.yaml", "comments, order or formatting only"),
    ]),
    ("what only the ruler reads", {"params.yaml": ("0.5", "0.6")}, [
        ("ruler", "params.yaml:8", "evaluate.threshold 0.5 -> 0.6"),
    ], []),
    ("what no stage declares", {"params.yaml": ("evaluate:", "other: 1\nevaluate:")}, [
        ("param", "params.yaml:7", "other (absent) -> 1"),
    ], []),
    ("no mapping any more", {"params.yaml": "- 1\n"}, [
        ("code", "params.yaml", "params.yaml edited, +1 -8 lines"),
    ], []),
    ("gone", {"params.yaml": None}, [
        ("param", "params.yaml:4", "train.lr 0.1 -> (absent)"),
        ("param", "params.yaml:5", "train.layers [64, 32] -> (absent)"),
        ("param", "params.yaml:6", "train.name plain -> (absent)"),
        ("ruler", "params.yaml:8", "evaluate.threshold 0.5 -> (absent)"),
    ], [("params.yaml", "split.seed (declared seed)")]),
    ("a file that no stage reads", {"other.yaml": "a: 1\n"}, [], [
        ("other.yaml", "no stage reaches it"),
    ]),
]  # fmt: skip

FILES: list[tuple[str, Edits, list[Told], list[Reason]]] = [
    ("pointer to other data", {"data/raw.dvc": ("1.dir", "2.dir")}, [
        ("data", "data/raw.dvc", "data/raw.dvc edited"),
    ], []),
    ("pointer to the same data", {"data/raw.dvc": (
        "    size: 100\n    nfiles: 2\n    hash: md5\n    path: raw\n",
        "    size: 100\n    path: raw\n    desc: raw data\n    remote: s3\nmeta: {a: 1}\nfrozen: true\n",
    )}, [], [("data/raw.dvc", "same data")]),
    ("pointer to data elsewhere", {"data/raw.dvc": ("path: raw", "path: cooked")}, [
        ("data", "data/raw.dvc", "data/raw.dvc edited"),
    ], []),
    ("pointer with another source", {"data/raw.dvc": ("outs:", "deps:\n  - {path: s3://x, etag: a}\nouts:")}, [
        ("data", "data/raw.dvc", "data/raw.dvc edited"),
    ], []),
    ("pointer added", {"data/raw/more.dvc": "outs: [{md5: a, path: more}]\n"}, [
        ("data", "data/raw/more.dvc", "data/raw/more.dvc added"),
    ], []),
    ("pointer to what no stage reads", {"docs/more.dvc": "outs: [{md5: a, path: more}]\n"}, [], [
        ("docs/more.dvc", "no stage reads it"),
    ]),
    ("pointer gone", {"data/raw.dvc": None}, [("data", "data/raw.dvc", "data/raw.dvc deleted")], []),
    ("neutral files", {
        "README.md": "# Other\n", "tests/test_train.py": "assert 1\n", "docs/conf.py": "x = 1\n",
        ".github/workflows/ci.yml": "on: push\n", ".gitignore": "/model.pkl\n", ".dvc/config": "",
        "LICENSE": "free\n", "src/notes.rst": "words\n", "sub/.dvc/config": "",
    }, [], [
        (".dvc/config", "neutral"), (".github/workflows/ci.yml", "neutral"), (".gitignore", "neutral"),
        ("LICENSE", "neutral"), ("README.md", "neutral"), ("docs/conf.py", "neutral"),
        ("src/notes.rst", "neutral"), ("sub/.dvc/config", "neutral"), ("tests/test_train.py", "neutral"),
    ]),
    ("environment", {
        "requirements.txt": "numpy==2.2\nscipy\n", "uv.lock": "x\n", "Dockerfile": "FROM x\n",
        "sub/requirements-dev.txt": "x\n", "pyproject.toml": "[project]\n",
    }, [
        ("environment", "Dockerfile", "base image (absent) -> x"),
        ("environment", "requirements.txt:1", "numpy 2.1 -> 2.2"),
        ("environment", "requirements.txt:2", "scipy (absent) -> (any)"),
        ("environment", "uv.lock", "uv.lock added"),
    ], [
        ("pyproject.toml", "comments, order or formatting only"),
        ("sub/requirements-dev.txt", "of the group dev: x"),
    ]),
    ("data that Git tracks", {"data/train.csv": "x,y\n1,2\n"}, [
        ("data", "data/train.csv", "data/train.csv edited, +0 -1 lines"),
    ], []),
    ("data that only the ruler reads", {"data/test.csv": None}, [
        ("ruler", "data/test.csv", "data/test.csv deleted"),
    ], []),
    ("a file in a folder that a stage reads", {"data/raw/a.md": "words\n", "data/raw/a.csv": "1\n"}, [
        ("data", "data/raw/a.csv", "data/raw/a.csv added"),
        ("code", "data/raw/a.md", "data/raw/a.md added"),
    ], []),
    ("code", {"src/train.py": ('["lr"]', '["lr"] / 2')}, [
        ("code", "src/train.py:8", 'rate params["lr"] * FACTOR -> params["lr"] / 2 * FACTOR'),
    ], []),
    ("code that only the ruler reads", {"src/evaluate.py": 'measure("data/other.csv")\n'}, [
        ("ruler", "src/evaluate.py:1", '"data/test.csv" -> "data/other.csv"'),
    ], []),
    ("code that no stage declares", {"src/shared.py": "FACTOR = 2\n", "src/kernel.cu": "x\n"}, [
        ("code", "src/kernel.cu", "src/kernel.cu added"),
        ("code", "src/shared.py:1", "FACTOR 1 -> 2"),
    ], []),
    ("code that no stage reaches", {"src/look.py": "x = 1\n", "look.ipynb": "{}\n", "look.sh": "x\n"}, [], [
        ("look.ipynb", "no stage reaches it"), ("look.sh", "no stage reaches it"),
        ("src/look.py", "no stage reaches it"),
    ]),
    ("code gone", {"src/shared.py": None}, [("code", "src/shared.py", "src/shared.py deleted")], []),
    ("comments and formatting", {"src/train.py": ("import json\n", "import json  # reads\n\n\n")}, [], [
        ("src/train.py", NOTHING),
    ]),
    ("code that cannot be parsed", {"src/train.py": ("rate =", "rate = =")}, [
        ("code", "src/train.py", "src/train.py edited, +1 -1 lines"),
    ], []),
    ("mode", {"src/train.py": ("100755", "")}, [
        ("code", "src/train.py", "src/train.py mode 100644 -> 100755"),
    ], []),
    ("mode and comments", {"src/shared.py": ("100755", "FACTOR = 1  # one\n")}, [
        ("code", "src/shared.py", "src/shared.py mode 100644 -> 100755"),
    ], []),
    ("mode and code", {"src/shared.py": ("100755", "FACTOR = 2\n")}, [
        ("code", "src/shared.py:1", "FACTOR 1 -> 2"),
        ("code", "src/shared.py", "src/shared.py mode 100644 -> 100755"),
    ], []),
    ("a link", {"src/shared.py": ("120000", "train.py")}, [
        ("code", "src/shared.py", "src/shared.py edited"),
    ], []),
    ("a submodule", {"lib": ("160000", "commit")}, [("code", "lib", "lib added")], []),
    ("binary", {"src/shared.py": b"\0\1"}, [
        ("code", "src/shared.py", "src/shared.py edited (binary)"),
    ], []),
]  # fmt: skip

CASES = [*PROTOCOL, *CONSEQUENCES, *PIPELINE, *PARAMS, *FILES]


def applied(files: Files, edits: Edits) -> Files:
    """Files with edits on top."""
    new: dict[str, File] = dict(files)
    for path, edit in edits.items():
        if edit is None:
            del new[path]
        elif isinstance(edit, tuple) and edit[0].isdigit() and len(edit[0]) == 6:
            new[path] = (edit[0], edit[1] or str(files[path]))
        elif isinstance(edit, tuple):
            new[path] = swapped(files[path], *edit)
        else:
            new[path] = edit
    return new


@pytest.mark.parametrize(
    ("edits", "expected", "not_counted"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_each_rule(
    compare: Compare, base: Files, edits: Edits, expected: list[Told], not_counted: list[Reason]
) -> None:
    found = compare(base, applied(base, edits)).diff()
    assert changes(found) == expected
    assert reasons(found) == not_counted


def mirrored(change: Change) -> tuple[Any, ...]:
    return change.kind, change.file, change.path, spelled(change.new), spelled(change.old)


def plainly(change: Change) -> tuple[Any, ...]:
    return change.kind, change.file, change.path, spelled(change.old), spelled(change.new)


@pytest.mark.parametrize("edits", [pytest.param(case[1], id=case[0]) for case in CASES])
def test_the_way_back_is_the_same_way(compare: Compare, base: Files, edits: Edits) -> None:
    new = applied(base, edits)
    there, back = compare(base, new).diff(), compare(new, base).diff()
    assert sorted(map(plainly, there.changes)) == sorted(map(mirrored, back.changes))
    assert sorted(reasons(there)) == sorted(reasons(back))


def test_without_a_difference_there_is_nothing(compare: Compare, base: Files) -> None:
    assert compare(base, dict(base)).diff() == Difference((), ())


def test_the_order_of_the_files_does_not_matter(compare: Compare, base: Files) -> None:
    edits = {
        path: edit for case in CASES for path, edit in case[1].items() if path != "params.yaml"
    }
    both = compare(base, applied(base, edits | {"params.yaml": None}))
    there, back = both.diff(), diff(both.sides, both.deltas[::-1])
    assert len(there.changes) > 20
    assert sorted(changes(there)) == sorted(changes(back))
    assert sorted(reasons(there)) == sorted(reasons(back))


# Which protocol governs


def test_the_protocol_of_the_baseline_governs(compare: Compare, base: Files) -> None:
    bent = "seeds: [train.lr]\nruler: [train]\nneutral: ['src/']\n"
    edits: Edits = {
        "paribus.yaml": bent,
        "params.yaml": ("lr: 0.1", "lr: 0.2"),
        "src/shared.py": "FACTOR = 2\n",
    }
    found = compare(base, applied(base, edits)).diff()
    assert changes(found) == [
        ("param", "params.yaml:4", "train.lr 0.1 -> 0.2"),
        ("ruler", "paribus.yaml", "metric accuracy -> null"),
        ("ruler", "paribus.yaml", "effect 0.005 -> null"),
        ("ruler", "paribus.yaml:1", 'seeds ["split.seed"] -> ["train.lr"]'),
        ("code", "src/shared.py:1", "FACTOR 1 -> 2"),
    ]


@pytest.mark.parametrize("added", [True, False])
def test_the_only_protocol_governs(compare: Compare, base: Files, added: bool) -> None:
    without = applied(base, {"paribus.yaml": None})
    edits: Edits = {
        "params.yaml": ("seed: 1", "seed: 2"),
        "dvc.yaml": ("evaluate.py\n", "evaluate.py -x\n"),
    }
    old, new = (without, applied(base, edits)) if added else (base, applied(without, edits))
    found = compare(old, new).diff()
    assert [told[0] for told in changes(found)] == ["ruler"]
    assert reasons(found) == [
        ("params.yaml", "split.seed (declared seed)"),
        ("paribus.yaml", "the protocol came or went"),
    ]


def test_without_any_protocol_the_usual_rules_hold(compare: Compare, base: Files) -> None:
    without = applied(base, {"paribus.yaml": None})
    edits: Edits = {
        "params.yaml": ("seed: 1", "seed: 2"),
        "README.md": "x",
        "src/evaluate.py": ("test.csv", "other.csv"),
    }
    found = compare(without, applied(without, edits)).diff()
    assert changes(found) == [
        ("param", "params.yaml:2", "split.seed 1 -> 2"),
        ("ruler", "src/evaluate.py:1", '"data/test.csv" -> "data/other.csv"'),
    ]
    assert reasons(found) == [("README.md", "neutral")]


def test_neutral_files_of_the_protocol(compare: Compare, base: Files) -> None:
    wide = {
        **base,
        "paribus.yaml": str(base["paribus.yaml"]) + "neutral: [src, '*.csv', params.yaml]\n",
    }
    edits: Edits = {
        "src/shared.py": "FACTOR = 2\n",
        "src/train.py": ("**params", "**params, tol=1"),
        "data/train.csv": "x\n",
        "other.csv": "x\n",
        "params.yaml": ("0.1", "0.2"),
    }
    found = compare(wide, applied(wide, edits)).diff()
    assert changes(found) == [
        ("data", "data/train.csv", "data/train.csv edited, +1 -3 lines"),
        ("param", "params.yaml:4", "train.lr 0.1 -> 0.2"),
        ("code", "src/train.py:9", "+ tol=1"),
    ]
    assert reasons(found) == [("other.csv", "neutral"), ("src/shared.py", "neutral")]


# What one side alone declares


@pytest.mark.parametrize("declared_by_new", [True, False])
def test_a_file_counts_where_either_side_declares_it(
    compare: Compare, declared_by_new: bool
) -> None:
    bare = "stages: {train: {cmd: x}}"
    declared = "stages: {train: {cmd: x, deps: [README.md], params: [conf.yaml: ]}}"
    old = {"dvc.yaml": bare, "README.md": "a\n", "conf.yaml": "a: 1\nb: 1\n"}
    new = {"dvc.yaml": bare, "README.md": "b\n", "conf.yaml": "a: 2\nb: 2\n"}
    (new if declared_by_new else old)["dvc.yaml"] = declared
    found = compare(old, new).diff()
    assert changes(found) == [
        ("code", "README.md", "README.md edited, +1 -1 lines"),
        ("param", "conf.yaml:1", "a 1 -> 2"),
        ("param", "conf.yaml:2", "b 1 -> 2"),
    ]
    assert reasons(found) == BOOKKEEPING


def test_a_pipeline_without_stages(compare: Compare) -> None:
    old, new = {"dvc.yaml": "stages:\n"}, {"dvc.yaml": "vars: [{a: 1}]\n"}
    assert changes(compare(old, new).diff()) == [("pipeline", "dvc.yaml:1", "vars.a (absent) -> 1")]


# What only measuring stages read


@pytest.mark.parametrize(
    ("edits", "kind"),
    [
        ({"dvc.yaml": ("part: test", "part: valid")}, "ruler"),
        ({"dvc.yaml": ("size: 5", "size: 6")}, "pipeline"),
        ({"dvc.yaml": ("evaluate.py ${part}", "evaluate.py ${part} -x")}, "ruler"),
        ({"dvc.yaml": ("foreach: [a, b]", "foreach: [a]")}, "ruler"),
        ({"params.yaml": ("k: 3", "k: 4")}, "ruler"),
        ({"params.yaml": ("lr: 1", "lr: 2")}, "param"),
        ({"params.yaml": ("both: 1", "both: 2")}, "param"),
        ({"both.py": "x = 2\n"}, "code"),
        ({"answers.csv.dvc": ("md5: a", "md5: b")}, "ruler"),
    ],
)
def test_what_feeds_measuring_stages_alone_is_the_ruler(
    compare: Compare, edits: Edits, kind: str
) -> None:
    files = {
        "dvc.yaml": """\
vars: [{part: test, size: 5}]
stages:
  train:
    cmd: python train.py ${lr} ${size} ${both}
    deps: [both.py]
  evaluate:
    foreach: [a, b]
    do:
      cmd: python evaluate.py ${part} ${size} ${key} ${eval.k} ${both}
      deps: [both.py, answers.csv]
      metrics: ["${item}.json": {cache: false}]
""",
        "params.yaml": "lr: 1\nboth: 1\neval:\n  k: 3\n",
        "both.py": "x = 1\n",
        "answers.csv.dvc": "outs: [{md5: a, path: answers.csv}]\n",
        "paribus.yaml": "ruler: [evaluate]\n",
    }
    found = compare(files, applied(files, edits)).diff()
    assert [change.kind.value for change in found.changes] == [kind]


def test_a_params_file_is_not_neutral_even_when_it_cannot_be_read(
    compare: Compare, base: Files
) -> None:
    wide = {**base, "paribus.yaml": str(base["paribus.yaml"]) + "neutral: ['*.yaml']\n"}
    found = compare(wide, {**wide, "params.yaml": "- 1\n", "other.yaml": "a: 1\n"}).diff()
    assert changes(found) == [("code", "params.yaml", "params.yaml edited, +1 -8 lines")]
    assert reasons(found) == [("other.yaml", "neutral")]


# Projects below the top


def below(files: Files, folder: str) -> Files:
    return {f"{folder}/{path}": file for path, file in files.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case[0]))
def test_a_project_in_a_folder_is_judged_alike(
    compare: Compare, base: Files, case: tuple[str, Edits, list[Told], list[Reason]]
) -> None:
    edits, expected = case[1], case[2]
    skipped = {"tests", "docs", ".github"}  # of the whole repository, wherever the project is
    edits = {path: edit for path, edit in edits.items() if path.partition("/")[0] not in skipped}
    found = compare(below(base, "a/b"), below(applied(base, edits), "a/b"), "a/b").diff()
    assert [(kind, place) for kind, place, _ in changes(found)] == [
        (kind, f"a/b/{place}") for kind, place, _ in expected if not place.startswith("docs/")
    ]


def test_two_projects_do_not_judge_each_other(compare: Compare, base: Files) -> None:
    old = {**below(base, "one"), **below(base, "two")}
    edits: Edits = {
        "one/paribus.yaml": ("accuracy", "f1"),
        "two/paribus.yaml": ("accuracy", "loss"),
        "two/params.yaml": ("0.1", "0.2"),
    }
    found = compare(old, applied(old, edits), "one").diff()
    assert changes(found) == [
        ("ruler", "one/paribus.yaml:2", "metric accuracy -> f1"),
    ]
    assert reasons(found) == [
        ("two/params.yaml", "no stage reaches it"),
        ("two/paribus.yaml", "the protocol of another project"),
    ]


# Other formats, other params files

FORMATS = """\
vars: [shared.yaml]
stages:
  train:
    cmd: python train.py
    params: [conf.json: [a], conf.toml: , tracked.py: [b]]
  evaluate:
    cmd: python evaluate.py
    params: [measure.json: ]
    metrics: [metrics.json: {cache: false}]
"""


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("conf.json", '{"a": 1, "b": [1]}', '{"b": [1],\n "a": true}', [
            ("param", "conf.json:2", "a 1 -> true (type only)"),
        ]),
        ("conf.json", '{"a": NaN}', '{ "a": NaN }', []),
        ("conf.json", "{}", '{"a": null}', [("param", "conf.json:1", "a (absent) -> null")]),
        ("conf.toml", "a = 1\n[t]\nb = 2", "a = 1.0\n[t]\nb = 2", [
            ("param", "conf.toml", "a 1 -> 1.0 (type only)"),
        ]),
        ("conf.toml", "a = 2026-01-02", "a = '2026-01-02'", [
            ("param", "conf.toml", 'a 2026-01-02 -> "2026-01-02"'),
        ]),
        ("shared.yaml", "a: 1", "a: 2", [("param", "shared.yaml:1", "a 1 -> 2")]),
        ("shared.yaml", "a: {0: 1.0, 1: 2.0}", "a: {'0': 1.0, '1': 2.0}", [
            ("param", "shared.yaml:1", 'a {0: 1.0, 1: 2.0} -> {"0": 1.0, "1": 2.0}'),
        ]),
        ("shared.yaml", "a: {1: x}", "a: {true: x}", [
            ("param", "shared.yaml:1", "a.1 x -> (absent)"),
            ("param", "shared.yaml:1", "a.True (absent) -> x"),
        ]),
        ("shared.yaml", "a.b: 1\na: {b: 1}", "a.b: 2\na: {b: 1}", [
            ("param", "shared.yaml:1", '"a.b" 1 -> 2'),
        ]),
        ("shared.yaml", "a: {}", "a: {b: 1, c: {}}", [
            ("param", "shared.yaml:1", "a.b (absent) -> 1"),
            ("param", "shared.yaml:1", "a.c (absent) -> {}"),
        ]),
        ("shared.yaml", "a: .nan\nb: .inf", "a: .NaN\nb: -.inf", [
            ("param", "shared.yaml:2", "b .inf -> -.inf"),
        ]),
        ("measure.json", '{"a": 1}', '{"a": 2}', [("ruler", "measure.json:1", "a 1 -> 2")]),
        ("tracked.py", "b = 1\n", "b = 2\n", [("param", "tracked.py:1", "b 1 -> 2")]),
        ("tracked.py", "b = 1\n", "b = 1  # one\n", []),
    ],
)  # fmt: skip
def test_params_files_of_every_kind(
    compare: Compare, path: str, old: str, new: str, expected: list[Told]
) -> None:
    files = {"dvc.yaml": FORMATS, path: old}
    assert changes(compare(files, {**files, path: new}).diff()) == expected


def test_an_empty_params_file_is_no_change(compare: Compare) -> None:
    files = {"dvc.yaml": "stages: {train: {cmd: x}}\n"}
    found = compare(files, {**files, "params.yaml": "# nothing yet\n"}).diff()
    assert changes(found) == []
    assert reasons(found) == [("params.yaml", "comments, order or formatting only")]


def test_a_linked_pointer_is_data(compare: Compare, base: Files) -> None:
    old = {**base, "data/raw.dvc": ("120000", "a.dvc")}
    found = compare(old, {**old, "data/raw.dvc": ("120000", "b.dvc")}).diff()
    assert changes(found) == [("data", "data/raw.dvc", "data/raw.dvc edited")]


def test_ids_and_modes_of_a_file(compare: Compare, base: Files) -> None:
    edits: Edits = {"src/shared.py": ("100755", ""), "src/new.cu": "x = 1\n"}
    new, moved = compare(base, applied(base, edits)).diff().changes
    assert (new.old, new.new) == (MISSING, "7d4290a117a4")
    assert (moved.old, moved.new) == ("431fac18e393", "431fac18e393:100755")


# Properties: one leaf is one change

keys = st.text(st.sampled_from('abc.: "é'), min_size=1, max_size=3).filter(
    lambda key: key.strip() == key
)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(),
    st.text(st.sampled_from("ab1.- "), max_size=3),
)
nulls = st.none()
leaf_values = scalars | nulls | st.lists(scalars | nulls, max_size=3)
documents = st.dictionaries(
    keys, leaf_values | st.dictionaries(keys, leaf_values, min_size=1, max_size=3), min_size=1, max_size=4
)  # fmt: skip


def leaf_paths(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (key, inner) if isinstance(value, dict) else (key,)
        for key, value in document.items()
        for inner in (value if isinstance(value, dict) else [""])
    ]


def changed_at(document: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    copied = {key: dict(each) if isinstance(each, dict) else each for key, each in document.items()}
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    assume(not same(inner[path[-1]], value))
    inner[path[-1]] = value
    return copied


def as_toml(document: Mapping[str, Any]) -> str:
    """Enough TOML for these documents: one level of inline tables."""
    return "\n".join(f"{json.dumps(key)} = {_toml(value)}" for key, value in document.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return str(value)
    return json.dumps(value)


FORMATTED: dict[str, Callable[[Any], str]] = {
    "p.yaml": as_yaml,
    "p.json": json.dumps,
    "p.toml": as_toml,
}


def has_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return value is None or any(map(has_null, inner))


@pytest.mark.parametrize("file", FORMATTED)
@given(data=st.data(), document=documents)
def test_one_leaf_is_one_change(
    compare: Compare, file: str, data: st.DataObject, document: dict[str, Any]
) -> None:
    path = data.draw(st.sampled_from(leaf_paths(document)))
    value = data.draw(leaf_values)
    other = changed_at(document, path, value)
    assume(file != "p.toml" or not (has_null(document) or has_null(other)))
    write = FORMATTED[file]
    pipeline = f"stages: {{train: {{cmd: x, params: [{{{file}: }}]}}}}"
    old = {"dvc.yaml": pipeline, file: write(document)}
    new = {"dvc.yaml": pipeline, file: write(dict(reversed(other.items())))}
    (change,) = compare(old, new).diff().changes
    before = document[path[0]] if len(path) == 1 else document[path[0]][path[1]]
    assert change.path == path
    assert same(change.old, before)
    assert same(change.new, value)


@given(data=st.data(), document=documents)
def test_two_leaves_are_never_one_change(
    compare: Compare, data: st.DataObject, document: dict[str, Any]
) -> None:
    paths = leaf_paths(document)
    assume(len(paths) > 1)
    first, second = data.draw(st.permutations(paths))[:2]
    other = changed_at(document, first, data.draw(leaf_values))
    other = changed_at(other, second, data.draw(leaf_values))
    pipeline = "stages: {train: {cmd: x}}"
    old = {"dvc.yaml": pipeline, "params.yaml": as_yaml(document)}
    new = {"dvc.yaml": pipeline, "params.yaml": as_yaml(other)}
    there, back = compare(old, new).judge(), compare(new, old).judge()
    assert {change.path for change in there.changes} == {first, second}
    assert sorted(map(plainly, there.changes)) == sorted(map(mirrored, back.changes))


@given(document=documents, order=st.randoms())
def test_order_and_format_are_no_change(
    compare: Compare, document: dict[str, Any], order: Any
) -> None:
    shuffled = list(document.items())
    order.shuffle(shuffled)
    blocks = "\n".join(f"{as_yaml(key)}:   {as_yaml(value)}  # {key}" for key, value in shuffled)
    pipeline = {"dvc.yaml": "stages: {train: {cmd: x}}"}
    old, new = pipeline | {"params.yaml": as_yaml(document)}, pipeline | {"params.yaml": blocks}
    found = compare(old, new).diff()
    assert found.changes == ()
    assert set(found.not_counted) <= {
        NotCounted("params.yaml", "comments, order or formatting only")
    }
