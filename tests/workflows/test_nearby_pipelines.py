"""A DVC project may have several `dvc.yaml` files: those above a changed file belong to the judgement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from paribus.core.change import Kind
from paribus.core.errors import Problem
from paribus.core.policy import Judgement, judge
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.workflows.project import open_any_project
from paribus.workflows.reading import Reader, Tree, folders_above

if TYPE_CHECKING:
    from tests.conftest import Workspace

PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, ../data/raw]
    params: [lr]
    outs: [model.bin]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, model.bin]
    params: [threshold]
    metrics: [scores.json]
"""

FILES = {
    ".dvc/config": "",
    "dvc.yaml": "stages:\n  train:\n    cmd: python top.py ${lr}\n    deps: [top.py]\n    params: [lr]\n",
    "params.yaml": "lr: 1\nthreshold: 1\n",
    "top.py": "x = 1\n",
    "sub/dvc.yaml": PIPELINE,
    "sub/params.yaml": "lr: 1\nthreshold: 1\n",
    "sub/train.py": "rate = 1\n",
    "sub/evaluate.py": "x = 1\n",
    "sub/dvc.lock": "schema: '2.0'\n",
    "sub/scores.json": "{}\n",
    "other/.dvc/config": "",
    "other/deep/dvc.yaml": "stages:\n  fit:\n    cmd: fit\n    params: [lr]\n",
    "other/deep/params.yaml": "lr: 1\n",
    "tests/dvc.yaml": "stages:\n  fit:\n    cmd: fit\n",
    "broken/dvc.yaml": "stages: 1\n",
    "broken/params.yaml": "lr: 1\n",
}

Edits = Mapping[str, str | None]


class Judging:
    """Commits files and judges what came of it."""

    def __init__(self, workspace: Workspace, objects: Objects) -> None:
        self.workspace = workspace
        self.objects = objects

    def commit(self, files: Edits) -> str:
        for path, text in files.items():
            if text is None:
                (self.workspace.path / path).unlink()
            else:
                self.workspace.write({path: text})
        return self.workspace.commit()

    def judge(self, edits: Edits, project: str = "") -> Judgement:
        old = self.workspace.git("rev-parse", "HEAD")
        new = self.commit(edits)
        reader = Reader(open_any_project(self.workspace.path, project), self.objects)
        trees = [Tree(self.objects.tree_of(sha), sha, sha[:7]) for sha in (old, new)]
        sides, deltas = reader.sides(*trees)
        return judge(sides, deltas)


@pytest.fixture
def judging(project: Workspace) -> Iterator[Judging]:
    project.git("rm", "-r", "--quiet", ".")
    with Objects(Git(project.path)) as objects:
        found = Judging(project, objects)
        found.commit(FILES)
        yield found


def told(judgement: Judgement) -> tuple[list[str], list[str]]:
    # How a command differs is told elsewhere.
    summaries = [re.sub(r"(\.cmd) .* -> .*", r"\1", each.summary) for each in judgement.changes]
    changes = [
        f"{each.kind.value} {each.where}: {summary}"
        for each, summary in zip(judgement.changes, summaries, strict=True)
    ]
    return changes, [f"{each.file}: {each.reason}" for each in judgement.not_counted]


CASES: list[tuple[str, Edits, list[str], list[str]]] = [
    ("params below", {"sub/params.yaml": "lr: 2  # more\nthreshold: 1\n"}, [
        "param sub/params.yaml:1: lr 1 -> 2",
    ], []),
    ("params of the ruler below", {"sub/params.yaml": "lr: 1\nthreshold: 2\n"}, [
        "ruler sub/params.yaml:2: threshold 1 -> 2",
    ], []),
    ("params of the same name above", {"params.yaml": "lr: 1\nthreshold: 2\n"}, [
        "param params.yaml:2: threshold 1 -> 2",
    ], []),
    ("the pipeline below", {"sub/dvc.yaml": PIPELINE.replace("train.py\n", "train.py --fast\n")}, [
        "pipeline sub/dvc.yaml:3: train.cmd",
    ], []),
    ("its ruler", {"sub/dvc.yaml": PIPELINE.replace("evaluate.py\n", "evaluate.py -x\n")}, [
        "ruler sub/dvc.yaml:8: evaluate.cmd",
    ], []),
    ("its dependencies", {"sub/dvc.yaml": PIPELINE.replace("[train.py,", "[train.py, x.csv,")}, [], [
        "sub/dvc.yaml: bookkeeping of the pipeline only",
    ]),
    ("both pipelines", {
        "dvc.yaml": FILES["dvc.yaml"].replace("top.py $", "top.py -x $"),
        "sub/dvc.yaml": PIPELINE.replace("train.py\n", "train.py --fast\n"),
    }, [
        "pipeline dvc.yaml:3: train.cmd",
        "pipeline sub/dvc.yaml:3: train.cmd",
    ], []),
    ("a pipeline comes", {"new/dvc.yaml": "stages:\n  plot:\n    cmd: plot\n"}, [
        "pipeline new/dvc.yaml:2: stage plot (absent) -> plot",
    ], []),
    ("a pipeline goes", {"sub/dvc.yaml": "stages: {}\n"}, [
        "pipeline sub/dvc.yaml:2: stage train python train.py -> (absent)",
        "ruler sub/dvc.yaml:7: stage evaluate python evaluate.py -> (absent)",
    ], []),
    ("what it writes", {"sub/scores.json": "{}\n\n", "sub/model.bin": "1\n"}, [], [
        "sub/model.bin: output of a stage", "sub/scores.json: output of a stage",
    ]),
    ("of a neutral folder", {"tests/dvc.yaml": "stages: {}\n"}, [], ["tests/dvc.yaml: neutral"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "changes", "not_counted"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_pipelines_above_a_changed_file_count(
    judging: Judging, edits: Edits, changes: list[str], not_counted: list[str]
) -> None:
    assert told(judging.judge(edits)) == (changes, not_counted)


@pytest.mark.parametrize("path", ["other/deep/params.yaml", "broken/params.yaml"])
def test_params_of_another_project_or_of_a_broken_pipeline_are_no_params(
    judging: Judging, path: str
) -> None:
    found = judging.judge({path: "lr: 2\n"})
    assert [each.kind for each in found.changes] in ([], [Kind.CODE])


@pytest.mark.parametrize(
    ("edits", "changes"),
    [
        ({"sub/params.yaml": "lr: 2\nthreshold: 1\n"}, ["param sub/params.yaml:1: lr 1 -> 2"]),
        ({"sub/train.py": "fit(2)\n"}, ["code sub/train.py:1: + fit(2)"]),
    ],
)
def test_a_project_may_have_pipelines_below_alone(
    judging: Judging, edits: Edits, changes: list[str]
) -> None:
    judging.commit({"dvc.yaml": None})
    found, _ = told(judging.judge(edits))
    assert [each.split(":")[0] for each in found] == [each.split(":")[0] for each in changes]


def test_a_project_without_any_pipeline_cannot_be_judged(judging: Judging) -> None:
    judging.commit({"dvc.yaml": None, "sub/dvc.yaml": None, "broken/dvc.yaml": None})
    with pytest.raises(Problem, match=r"there is no dvc\.yaml in"):
        judging.judge({"top.py": "x = 2\n"})


def test_a_project_in_a_folder_has_pipelines_below_it(judging: Judging) -> None:
    judging.commit(
        {
            "sub/.dvc/config": "",
            "sub/in/dvc.yaml": PIPELINE,
            "sub/in/params.yaml": "lr: 1\nthreshold: 1\n",
        }
    )
    changes, _ = told(judging.judge({"sub/in/params.yaml": "lr: 2\nthreshold: 1\n"}, "sub"))
    assert changes == ["param sub/in/params.yaml:1: lr 1 -> 2"]


@pytest.mark.parametrize(
    ("paths", "prefix", "expected"),
    [
        (["a", "b/c", "b/d/e", "b/d/f"], "", ["b", "b/d"]),
        (["a", "b/c", "b/d/e", "bb/x/y"], "b", ["b/d"]),
        (["x/y/z"], "b", []),
        ([], "", []),
    ],
)
def test_folders_above(paths: list[str], prefix: str, expected: list[str]) -> None:
    assert folders_above(paths, prefix) == expected
