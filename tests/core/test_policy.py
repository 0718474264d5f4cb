"""An experiment has one change; and which changes DVC would not notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paribus.core.policy import Count, undeclared

if TYPE_CHECKING:
    from tests.core.conftest import Compare, Files

Edits = dict[str, str | None]


def applied(files: Files, edits: Edits) -> Files:
    """Files with some of them replaced; None deletes; `old=>new` swaps."""
    new = dict(files)
    for path, edit in edits.items():
        if edit is None:
            del new[path]
        elif "=>" in edit:
            old, _, text = edit.partition("=>")
            assert old in str(new[path])
            new[path] = str(new[path]).replace(old, text)
        else:
            new[path] = edit
    return new


@pytest.mark.parametrize(
    ("edits", "outcome", "moves_ruler"),
    [
        ({}, Count.NONE, False),
        ({"README.md": "x", "params.yaml": "seed: 1=>seed: 2", "metrics.json": "{}"}, Count.NONE, False),
        ({"params.yaml": "0.1=>0.2"}, Count.ONE, False),
        ({"params.yaml": "0.1=>0.2", "README.md": "x"}, Count.ONE, False),
        ({"params.yaml": "0.5=>0.6"}, Count.ONE, True),
        ({"paribus.yaml": "accuracy=>f1"}, Count.ONE, True),
        ({"params.yaml": "0.1=>0.2", "src/shared.py": "FACTOR = 2\n"}, Count.MANY, False),
        ({"params.yaml": "0.1=>0.2", "src/evaluate.py": "x = 1\n"}, Count.MANY, True),
        ({"params.yaml": "  name: plain=>  name: plain\n  extra: 1", "src/train.py": "(**=>(params['extra'], **"},
         Count.ONE, False),
        ({"params.yaml": "evaluate:\n=>evaluate:\n  extra: 1\n", "src/evaluate.py": "x = 'extra'\n"},
         Count.ONE, True),
        ({"src/shared.py": None, "src/train.py": None}, Count.ONE, False),
        ({"src/evaluate.py": None, "src/train.py": None}, Count.MANY, True),
        ({"params.yaml": "  name: plain=>  name: plain\n  extra: 1", "src/train.py": "rate =>extra, rate "},
         Count.MANY, False),
    ],
)  # fmt: skip
def test_judge(
    compare: Compare, base: Files, edits: Edits, outcome: Count, moves_ruler: bool
) -> None:
    judgement = compare(base, applied(base, edits)).judge()
    assert (judgement.outcome, judgement.moves_ruler) == (outcome, moves_ruler)


def test_the_order_of_the_files_does_not_decide(compare: Compare, base: Files) -> None:
    edits: Edits = {
        "params.yaml": "  name: plain=>  name: plain\n  extra: 1",
        "src/train.py": "(**=>(params['extra'], **",
        "src/shared.py": "FACTOR = 2\n",
    }
    both = compare(base, applied(base, edits))
    there = both.judge()
    back = type(both)(both.sides, both.deltas[::-1]).judge()
    assert there.outcome is back.outcome is Count.MANY
    assert [change.summary for change in there.changes] == [
        "+ fit(params['extra']), with train.extra = 1 (new)",
        "FACTOR 1 -> 2",
    ]
    assert {change.summary for change in there.changes} == {
        change.summary for change in back.changes
    }


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({}, ()),
        ({"params.yaml": "0.1=>0.2"}, ()),
        ({"params.yaml": "0.5=>0.6"}, ()),
        ({"params.yaml": "evaluate:\n=>other: 1\nevaluate:\n"}, ("params.yaml",)),
        ({"params.yaml": "evaluate:\n=>other: 1\nevaluate:\n", "dvc.yaml": "src/train.py\n=>src/train.py ${other}\n"}, ()),
        ({"dvc.yaml": "src/train.py\n=>src/train.py --fast\n"}, ()),
        ({"src/train.py": "x = 1\n"}, ()),
        ({"src/train.py": None}, ()),
        ({"src/shared.py": "FACTOR = 2\n"}, ("src/shared.py",)),
        ({"src/shared.py": "FACTOR = 2\n", "src/new.cu": "x\n"}, ("src/new.cu", "src/shared.py")),
        ({"data/train.csv": "x\n"}, ()),
        ({"data/raw.dvc": "1.dir=>2.dir"}, ()),
        ({"data/more.dvc": "outs: [{md5: a, path: more}]\n"}, ()),
        ({"requirements.txt": "numpy==2.2\n"}, ("requirements.txt",)),
        ({"paribus.yaml": "accuracy=>f1"}, ("paribus.yaml",)),
        ({"params.yaml": "  name: plain=>  name: plain\n  extra: 1", "src/shared.py": "extra = 1\n"},
         ("src/shared.py",)),
    ],
)  # fmt: skip
def test_changed_files_that_no_stage_declares(
    compare: Compare, base: Files, edits: Edits, expected: tuple[str, ...]
) -> None:
    both = compare(base, applied(base, edits))
    assert undeclared(both.sides, both.judge().changes) == expected
