"""What is one idea is one change: coupled params, and a param with what reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paribus.core.change import Kind

if TYPE_CHECKING:
    from tests.core.conftest import Compare, Files

CODE = """\
import yaml

params = yaml.safe_load(open("params.yaml"))
fit(params["train"]["lr"])
show(**params)
"""

FILES: Files = {
    "dvc.yaml": """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, other.py, data.csv]
    params: [train, conf.yaml: [train]]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, test.csv]
    params: [evaluate]
    metrics: [metrics.json]
""",
    "params.yaml": "train:\n  lr: 0.1\n  batch: 32\n  epochs: 5\nevaluate:\n  k: 1\n",
    "conf.yaml": "train:\n  lr: 0.1\n",
    "train.py": CODE,
    "other.py": "x = 1\n",
    "evaluate.py": "y = 1\nshow(y)\n",
    "data.csv": "x\n",
    "requirements.txt": "numpy\n",
    "test.csv": "x\n",
}


def told(compare: Compare, old: Files, new: Files, project: str = "") -> list[tuple[str, str, int]]:
    """(kind, summary, number of parts) of each change after grouping."""
    changes = compare(old, new, project).grouped()
    return [(change.kind.value, change.summary, len(change.parts)) for change in changes]


def edited(*edits: tuple[str, str, str]) -> Files:
    """The files with texts swapped in some."""
    new = dict(FILES)
    for path, old, text in edits:
        content = str(new[path])
        assert old in content
        new[path] = content.replace(old, text)
    return new


LR = ("params.yaml", "lr: 0.1", "lr: 0.2")
BATCH = ("params.yaml", "batch: 32", "batch: 64")
EPOCHS = ("params.yaml", "epochs: 5", "epochs: 6")
CONF = ("conf.yaml", "lr: 0.1", "lr: 0.3")
NEW = ("params.yaml", "  epochs: 5\n", "  epochs: 5\n  dropout: 0.5\n")
NEW_BOTH = ("params.yaml", "  epochs: 5\n", "  epochs: 5\n  dropout: 0.5\n  size: 3\n")
READ_BOTH = 'fit(params["train"]["dropout"] * params["train"]["size"], '
ADDED_BOTH = '+ fit(params["train"]["dropout"] * params["train"][...)'
READS = ("train.py", "fit(", 'fit(params["train"]["dropout"], ')
CODE_EDIT = ("other.py", "x = 1", "x = 2")


@pytest.mark.parametrize(
    ("coupled", "edits", "expected"),
    [
        ("", [LR, BATCH], [("param", "train.lr 0.1 -> 0.2", 0), ("param", "train.batch 32 -> 64", 0)]),
        ("[[train.lr, train.batch]]", [LR, BATCH], [
            ("param", "train.lr 0.1 -> 0.2, with train.batch 32 -> 64", 2),
        ]),
        ("[[train.batch, train.lr]]", [LR, BATCH], [
            ("param", "train.lr 0.1 -> 0.2, with train.batch 32 -> 64", 2),
        ]),
        ("[[train.lr, train.batch]]", [LR, BATCH, EPOCHS], [
            ("param", "train.lr 0.1 -> 0.2, with train.batch 32 -> 64", 2),
            ("param", "train.epochs 5 -> 6", 0),
        ]),
        ("[[train.lr, train.batch]]", [LR, EPOCHS], [
            ("param", "train.lr 0.1 -> 0.2", 0), ("param", "train.epochs 5 -> 6", 0),
        ]),
        ("[[train.lr, conf.yaml:train.lr]]", [LR, CONF], [
            ("param", "train.lr 0.1 -> 0.3, with train.lr 0.1 -> 0.2", 2),
        ]),
        ("[[train.lr, train.batch], [train.batch, train.epochs]]", [LR, BATCH, EPOCHS], [
            ("param", "train.lr 0.1 -> 0.2, with train.batch 32 -> 64; train.epochs 5 -> 6", 3),
        ]),
        ("[[train.lr, train.batch], [train.lr, train.epochs]]", [LR, BATCH, EPOCHS], [
            ("param", "train.lr 0.1 -> 0.2, with train.batch 32 -> 64; train.epochs 5 -> 6", 3),
        ]),
        ("[[train.lr, train.dropout]]", [LR, NEW], [
            ("param", "train.lr 0.1 -> 0.2, with train.dropout = 0.5 (new)", 2),
        ]),
        ("[[train, train.lr]]", [LR, BATCH], [
            ("param", "train.lr 0.1 -> 0.2", 0), ("param", "train.batch 32 -> 64", 0),
        ]),
    ],
)  # fmt: skip
def test_coupled_params(
    compare: Compare,
    coupled: str,
    edits: list[tuple[str, str, str]],
    expected: list[tuple[str, str, int]],
) -> None:
    protocol = {"paribus.yaml": f"ruler: [evaluate]\ncoupled: {coupled or '[]'}\n"}
    assert told(compare, {**FILES, **protocol}, {**edited(*edits), **protocol}) == expected


def test_coupled_params_of_a_project_in_a_folder(compare: Compare) -> None:
    protocol = {"paribus.yaml": "coupled: [[train.lr, conf.yaml:train.lr]]\n"}
    old, new = (
        {f"a/b/{path}": text for path, text in {**files, **protocol}.items()}
        for files in (FILES, edited(LR, CONF))
    )
    assert told(compare, old, new, "a/b") == [
        ("param", "train.lr 0.1 -> 0.3, with train.lr 0.1 -> 0.2", 2)
    ]


SECTION = ("params.yaml", "evaluate:", "sched:\n  kind: cos\n  warmup: 5\nevaluate:")


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param([NEW, READS], [
            ("code", '+ fit(params["train"]["dropout"]), with train.dropout = 0.5 (new)', 2),
        ], id="the code that reads it"),
        pytest.param([NEW, READS, CODE_EDIT], [
            ("code", "x 1 -> 2", 0),
            ("code", '+ fit(params["train"]["dropout"]), with train.dropout = 0.5 (new)', 2),
        ], id="not the code beside it"),
        pytest.param([NEW, CODE_EDIT], [
            ("code", "x 1 -> 2", 0),
            ("param", "train.dropout (absent) -> 0.5", 0),
        ], id="code that does not read it"),
        pytest.param([NEW, READS, ("other.py", "x = 1", 'x = use(params["train"]["dropout"])')], [
            ("code", 'x 1 -> use(params["train"]["dropout"]), with + fit(params["train"]["dropout"]); train.dropout = 0.5 (new)', 3),
        ], id="two files that read it"),
        pytest.param([NEW, READS, ("other.py", "x = 1", 'x = params["train"]["dropout"]')], [
            ("code", 'x 1 -> params["train"]["dropout"], with + fit(params["train"]["dropout"]); train.dropout = 0.5 (new)', 3),
        ], id="a constant that it takes the place of, with another value"),
        pytest.param([NEW, READS, ("other.py", "x = 1", "x = dropout")], [
            ("code", "x 1 -> dropout", 0),
            ("code", '+ fit(params["train"]["dropout"]), with train.dropout = 0.5 (new)', 2),
        ], id="a variable of its name"),
        pytest.param([NEW, ("train.py", "fit(", 'fit(params["train"]["dropouts"], ')], [
            ("param", "train.dropout (absent) -> 0.5", 0),
            ("code", '+ fit(params["train"]["dropouts"])', 0),
        ], id="a word that begins alike"),
        pytest.param([("params.yaml", "train:", "lr: 1\ntrain:"), ("train.py", "fit(", "fit(1, ")], [
            ("param", "lr (absent) -> 1", 0),
            ("code", "+ fit(1)", 0),
        ], id="a key that was read before"),
        pytest.param([LR, ("train.py", "fit(", "fit(1, ")], [
            ("param", "train.lr 0.1 -> 0.2", 0),
            ("code", "+ fit(1)", 0),
        ], id="a param that is not new"),
        pytest.param([NEW_BOTH, ("train.py", "fit(", READ_BOTH)], [
            ("code", f"{ADDED_BOTH}, with train.dropout = 0.5 (new); train.size = 3 (new)", 3),
        ], id="two params"),
        pytest.param([NEW_BOTH, ("train.py", '["lr"])', '["lr"], drop=params["train"]["dropout"], size=params["train"]["size"])')], [
            ("code", '+ drop=params["train"]["dropout"], with train.dropout = 0.5 (new)', 2),
            ("code", '+ size=params["train"]["size"], with train.size = 3 (new)', 2),
        ], id="two params of two settings"),
        pytest.param([SECTION, ("train.py", "fit(", 'fit(params["sched"], ')], [
            ("code", '+ fit(params["sched"]), with sched.kind = cos (new); sched.warmup = 5 (new)', 3),
        ], id="a whole section"),
        pytest.param([NEW, ("train.py", "fit(", 'fit(params["train"]["params"], ')], [
            ("param", "train.dropout (absent) -> 0.5", 0),
            ("code", '+ fit(params["train"]["params"])', 0),
        ], id="another key of the section"),
        pytest.param([("params.yaml", "k: 1\n", "k: 1\n  mode: macro\n"), ("evaluate.py", "y = 1", "y = 'mode'")], [
            ("ruler", "y 1 -> 'mode', with evaluate.mode = macro (new)", 2),
        ], id="the ruler"),
        pytest.param([NEW, ("data.csv", "x\n", "dropout\n")], [
            ("data", "data.csv edited, +1 -1 lines", 0),
            ("param", "train.dropout (absent) -> 0.5", 0),
        ], id="data that has the word"),
        pytest.param([NEW, ("requirements.txt", "numpy\n", "dropout\n")], [
            ("param", "train.dropout (absent) -> 0.5", 0),
            ("environment", "numpy (any) -> (absent)", 0),
            ("environment", "dropout (absent) -> (any)", 0),
        ], id="a package of that name"),
        pytest.param([("params.yaml", "k: 1\n", "k: 1\n  mode: a\n"), ("test.csv", "x\n", "mode\n")], [
            ("ruler", "evaluate.mode (absent) -> a", 0),
            ("ruler", "test.csv edited, +1 -1 lines", 0),
        ], id="evaluation data that has the word"),
        pytest.param([NEW, ("dvc.yaml", "python train.py", "python train.py ${train.dropout}")], [
            ("pipeline", "train.cmd python train.py -> python train.py ${train.dropout}, with train.dropout = 0.5 (new)", 2),
        ], id="a command that is filled in with it"),
        pytest.param([SECTION, ("dvc.yaml", "python train.py", "python train.py ${sched}")], [
            ("pipeline", "train.cmd python train.py -> python train.py ${sched}, with sched.kind = cos (new); sched.warmup = 5 (new)", 3),
        ], id="a command that is filled in with a section"),
        pytest.param([("dvc.yaml", "stages:", "vars: [{fast: 1}]\nstages:"), ("dvc.yaml", "python train.py", "python train.py ${fast}")], [
            ("pipeline", "train.cmd python train.py -> python train.py ${fast}, with vars.fast = 1 (new)", 2),
        ], id="a variable of the pipeline"),
        pytest.param([NEW, ("dvc.yaml", "python train.py", "python train.py ${train.lr}")], [
            ("pipeline", "train.cmd python train.py -> python train.py ${train.lr}", 0),
            ("param", "train.dropout (absent) -> 0.5", 0),
        ], id="a command that is filled in with another"),
        pytest.param([("params.yaml", "  epochs: 5\n", "  epochs: 5\n  a.b: 1\n"), ("train.py", "fit(", 'fit(params["train"]["a.b"], ')], [
            ("code", '+ fit(params["train"]["a.b"]), with train."a.b" = 1 (new)', 2),
        ], id="a key with a dot"),
    ],
)  # fmt: skip
def test_a_param_that_comes_or_goes_belongs_to_what_reads_it(
    compare: Compare, edits: list[tuple[str, str, str]], expected: list[tuple[str, str, int]]
) -> None:
    new = edited(*edits)
    protocol = {"paribus.yaml": "ruler: [evaluate]\n"}
    assert told(compare, {**FILES, **protocol}, {**new, **protocol}) == expected
    back = compare({**new, **protocol}, {**FILES, **protocol}).grouped()
    there = [(kind, parts) for kind, _, parts in expected]
    assert [(change.kind.value, len(change.parts)) for change in back] == there


def test_coupled_params_that_are_new_belong_to_the_code_that_reads_them(compare: Compare) -> None:
    protocol = {"paribus.yaml": "coupled: [[train.dropout, train.size]]\n"}
    new = {**edited(NEW_BOTH, ("train.py", "fit(", READ_BOTH)), **protocol}
    assert told(compare, {**FILES, **protocol}, new) == [
        (
            "code",
            f"{ADDED_BOTH}, with train.dropout = 0.5 (new); train.size = 3 (new)",
            3,
        )
    ]
    assert [kind for kind, _, _ in told(compare, new, {**FILES, **protocol})] == ["code"]


def test_new_params_in_a_new_file_belong_to_the_new_code_that_reads_them(compare: Compare) -> None:
    pipeline = str(FILES["dvc.yaml"]).replace("[train, conf", "[new.yaml: , train, conf")
    pipeline = pipeline.replace("other.py,", "other.py, new.py,")
    added = {
        "dvc.yaml": pipeline,
        "new.yaml": "a: {b: 1}\n",
        "new.py": "def new(params):\n    return params['a']['b']\n",
    }
    assert told(compare, FILES, {**FILES, **added}) == [
        ("code", "new.py added, with a.b = 1 (new)", 2)
    ]
    assert told(compare, {**FILES, **added}, FILES) == [
        ("code", "new.py deleted, with a.b 1 -> (absent)", 2)
    ]


def test_files_that_come_are_changes_of_their_own(compare: Compare) -> None:
    new = {**edited(CODE_EDIT), "new.cu": "x = 1\n", "newer.cu": "x = 1\n"}
    assert told(compare, FILES, new) == [
        ("code", "new.cu added", 0),
        ("code", "newer.cu added", 0),
        ("code", "x 1 -> 2", 0),
    ]


def test_what_is_grouped_keeps_its_parts(compare: Compare) -> None:
    (change,) = compare(FILES, edited(NEW, READS)).grouped()
    assert [(part.kind, part.where, part.summary) for part in change.parts] == [
        (Kind.CODE, "train.py:4", '+ fit(params["train"]["dropout"])'),
        (Kind.PARAM, "params.yaml:5", "train.dropout (absent) -> 0.5"),
    ]
    assert change.single() == change.parts
    assert (change.kind, change.where, change.path) == (Kind.CODE, "train.py:4", ("fit()",))
    assert (change.old, change.new) == (change.parts[0].old, change.parts[0].new)


def test_taking_a_param_back_tells_what_went(compare: Compare) -> None:
    (change,) = compare(edited(NEW, READS), FILES).grouped()
    assert change.summary == '- fit(params["train"]["dropout"]), with train.dropout 0.5 -> (absent)'
