"""A candidate of several changes is taken apart: each change alone on the baseline, or on another base."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.core.judge_cases import CASES, PROJECT, Case

from paribus.workflows.candidate import opened
from paribus.workflows.judging import Judged, judged
from paribus.workflows.project import open_project
from paribus.workflows.reading import Tree
from paribus.workflows.taking_apart.apart import Part, adopted, left_over, taken_apart

if TYPE_CHECKING:
    from tests.conftest import Workspace

Files = Mapping[str, str | bytes | None]

GAIN = ("params.json", '"gain": 0.0', '"gain": 0.5')

TWO_STEPS = '''\
"""Trains."""

import json
import random


def noise(seed):
    return random.Random(seed).gauss(0, 1)


def penalty():
    return 0.1


def fit(params):
    score = 0.8 + params["gain"] - penalty()
    return score + noise(1)


params = json.load(open("params.json"))
json.dump({"score": fit(params["train"])}, open("model.json", "w"))
'''


@dataclass(frozen=True)
class Taken:
    """What came of it: the lines that each part edits, by what the change is, or why there are none."""

    edits: dict[str, list[str]]
    problems: dict[str, str]
    left: tuple[str, ...]


def write(project: Workspace, files: Files) -> None:
    for name, content in files.items():
        if content is None:
            (project.path / name).unlink()
        else:
            project.write({name: content})


def edited(project: Workspace, files: Files) -> str:
    """Commits the files on a branch of their own; returns the commit."""
    project.git("switch", "--quiet", "--create", f"work-{random.randrange(10**9)}")
    write(project, files)
    commit = project.commit("several")
    project.git("switch", "--quiet", "main")
    return commit


@contextmanager
def judging(project: Workspace, revision: str | None) -> Iterator[Judged]:
    with opened(open_project(project.path), revision, "main", keep=True) as candidate:
        yield judged(candidate)


def difference(project: Workspace, old: str, new: str) -> list[str]:
    """The lines that go and come, each file under its name, renames told."""
    text = project.git_of_captures("diff", "--no-color", "--unified=0", "--find-renames", old, new)
    kept = ("+", "-", "rename to", "deleted", "new file")
    lines = [line for line in text.splitlines() if line.startswith((*kept, "diff"))]
    lines = [line for line in lines if not line.startswith(("+++", "---", "deleted", "new file"))]
    return [line.rpartition(" b/")[2] if line.startswith("diff") else line for line in lines]


def apart(project: Workspace, files: Files) -> Taken:
    with judging(project, edited(project, files)) as found:
        parts = taken_apart(found)
        assert [part.change for part in parts] == list(found.judgement.changes)
        done = [part for part in parts if part.tree]
        left = left_over(found, done) if len(done) == len(parts) else ()
    return Taken(
        {part.change.summary: difference(project, "main", str(part.tree)) for part in done},
        {part.change.summary: part.problem for part in parts if part.problem},
        tuple(change.summary for change in left),
    )


def replaced(project: Workspace, *edits: tuple[str, str, str]) -> dict[str, str]:
    """Files with texts in them replaced."""
    files: dict[str, str] = {}
    for name, old, new in edits:
        text = files.get(name) or project.read(name)
        assert old in text, (name, old)
        files[name] = text.replace(old, new)
    return files


def test_two_params_of_a_json_file(project: Workspace) -> None:
    files = replaced(project, GAIN, ("params.json", '"plain"', '"fancy"'))
    assert apart(project, files) == Taken(
        {
            "train.gain 0.0 -> 0.5": [
                "params.json", '-        "gain": 0.0,', '+        "gain": 0.5,',
            ],
            "train.name plain -> fancy": [
                "params.json", '-        "name": "plain"', '+        "name": "fancy"',
            ],
        },
        {},
        (),
    )  # fmt: skip


YAML = "# what is tuned\nlr: 0.1  # the step\ndepth: 3\nseed: 1\n"
TOML = "# what is tuned\nlr = 0.1  # the step\ndepth = 3\nseed = 1\n"


@pytest.mark.parametrize(("name", "text"), [("params.yaml", YAML), ("params.toml", TOML)])
def test_params_that_are_edited_added_and_removed(project: Workspace, name: str, text: str) -> None:
    pipeline = project.read("dvc.yaml").replace("params:\n", f"params:\n      - {name}:\n", 1)
    is_ = ": " if name.endswith("yaml") else " = "
    reads = "more = read(params_file)\nprint(more['lr'], more['depth'], more['width'])\n"
    code = project.read("train.py") + f'params_file = "{name}"\n' + reads
    project.commit("more params", {name: text, "dvc.yaml": pipeline, "train.py": code})
    new = text.replace("0.1", "0.2").replace(f"depth{is_}3\n", f"width{is_}5  # new\n")

    found = apart(project, {name: new})

    assert found == Taken(
        {
            "lr 0.1 -> 0.2": [
                name, f"-lr{is_}0.1  # the step", f"+lr{is_}0.2  # the step",
            ],
            "depth 3 -> (absent)": [name, f"-depth{is_}3"],
            "width (absent) -> 5": [name, f"+width{is_}5  # new"],
        },
        {},
        (),
    )  # fmt: skip


def test_a_param_and_code(project: Workspace) -> None:
    files = replaced(project, GAIN, ("train.py", "score = 0.8", "score = 0.7"))
    assert apart(project, files) == Taken(
        {
            "train.gain 0.0 -> 0.5": [
                "params.json", '-        "gain": 0.0,', '+        "gain": 0.5,',
            ],
            'score 0.8 + params["train"]["gain"] + params["train... -> 0.7 + params["train"]["gain"] + params["train...': [
                "train.py",
                '-score = 0.8 + params["train"]["gain"] + params["train"]["noise"] * (shared + own)',
                '+score = 0.7 + params["train"]["gain"] + params["train"]["noise"] * (shared + own)',
            ],
        },
        {},
        (),
    )  # fmt: skip


def test_two_functions_of_a_file(project: Workspace) -> None:
    project.commit("two steps", {"train.py": TWO_STEPS})
    files = replaced(
        project,
        ("train.py", "gauss(0, 1)", "gauss(0, 2)"),
        ("train.py", "return 0.1", "return 0.2"),
        ("train.py", "import random\n", "import random  # for noise\n"),
    )
    assert apart(project, files) == Taken(
        {
            "noise(): 1 -> 2": [
                "train.py",
                "-    return random.Random(seed).gauss(0, 1)",
                "+    return random.Random(seed).gauss(0, 2)",
            ],
            "penalty(): 0.1 -> 0.2": [
                "train.py",
                "-    return 0.1",
                "+    return 0.2",
            ],
        },
        {},
        (),
    )


def test_a_new_function_comes_with_its_caller_and_its_import(project: Workspace) -> None:
    project.commit("two steps", {"train.py": TWO_STEPS})
    files = replaced(
        project,
        ("train.py", "import json\n", "import json\nimport math\n"),
        (
            "train.py",
            "def fit",
            "# Keeps it below 1.\ndef squash(x):\n    return math.tanh(x)\n\n\ndef fit",
        ),
        ("train.py", "return score", "return squash(score)"),
        ("train.py", "return 0.1", "return 0.2"),
    )
    assert apart(project, files) == Taken(
        {
            "penalty(): 0.1 -> 0.2": ["train.py", "-    return 0.1", "+    return 0.2"],
            "fit(): score + noise(1) -> squash(score) + noise(1), with squash() added": [
                "train.py",
                "+import math",
                "+# Keeps it below 1.",
                "+def squash(x):",
                "+    return math.tanh(x)",
                "+",
                "+",
                "-    return score + noise(1)",
                "+    return squash(score) + noise(1)",
            ],
        },
        {},
        (),
    )


def test_two_stages_of_a_pipeline(project: Workspace) -> None:
    files = replaced(
        project,
        ("dvc.yaml", "python -S train.py", "python -S train.py --fast"),
        ("dvc.yaml", "deps: [train.py]", "deps: [train.py, README.md]"),
        ("dvc.yaml", "python -S evaluate.py", "python -S evaluate.py --strict"),
    )
    assert apart(project, files) == Taken(
        {
            "train.cmd (absent) -> --fast": [
                "dvc.yaml",
                "-    cmd: python -S train.py",
                "-    deps: [train.py]",
                "+    cmd: python -S train.py --fast",
                "+    deps: [train.py, README.md]",
            ],
            "evaluate.cmd (absent) -> --strict": [
                "dvc.yaml",
                "-    cmd: python -S evaluate.py",
                "+    cmd: python -S evaluate.py --strict",
            ],
        },
        {},
        (),
    )


def test_a_deleted_file_and_a_param(project: Workspace) -> None:
    files = {**replaced(project, GAIN), "evaluate.py": None}
    found = apart(project, files)
    assert {name: len(lines) for name, lines in found.edits.items()} == {
        "evaluate.py deleted": 7, "train.gain 0.0 -> 0.5": 3,
    }  # fmt: skip
    assert (found.problems, found.left) == ({}, ())


def test_a_renamed_module_stays_where_it_was_for_a_param(project: Workspace) -> None:
    helper = "def scaled(x):\n    return 2 * x\n\n\ndef shifted(x):\n    return x + 1\n"
    code = project.read("train.py").replace(
        "import sys\n", "import sys\n\nfrom helper import scaled\n"
    )
    code = code.replace("score = 0.8", "score = scaled(0.4)")
    project.commit("a helper", {"helper.py": helper, "train.py": code})
    files: dict[str, str | None] = {
        **replaced(project, GAIN),
        "train.py": code.replace("helper", "steps"),
        "helper.py": None,
        "steps.py": helper,
    }
    assert apart(project, files) == Taken(
        {
            "train.gain 0.0 -> 0.5": [
                "params.json",
                '-        "gain": 0.0,',
                '+        "gain": 0.5,',
            ]
        },
        {},
        (),
    )


def test_a_module_that_is_renamed_and_edited_comes_with_what_imports_it(project: Workspace) -> None:
    helper = "def scaled(x):\n    return 2 * x\n\n\ndef shifted(x):\n    return x + 1\n"
    code = project.read("train.py").replace(
        "import sys\n", "import sys\n\nfrom helper import scaled\n"
    )
    code = code.replace("score = 0.8", "score = scaled(0.4)")
    project.commit("a helper", {"helper.py": helper, "train.py": code})
    files: dict[str, str | None] = {
        "train.py": code.replace("helper", "steps").replace("gauss(0, 1)", "gauss(0, 2)"),
        "helper.py": None,
        "steps.py": helper.replace("2 * x", "3 * x"),
    }
    assert apart(project, files) == Taken(
        {
            "scaled(): 2 * x -> 3 * x": [
                "steps.py", "rename to steps.py", "-    return 2 * x", "+    return 3 * x",
                "train.py", "-from helper import scaled", "+from steps import scaled",
            ],
            "1 -> 2": [
                "train.py",
                "-shared = random.Random(str(seeds)).gauss(0, 1)",
                "+shared = random.Random(str(seeds)).gauss(0, 2)",
            ],
        },
        {},
        (),
    )  # fmt: skip


def test_a_pointer_to_data_and_a_param(project: Workspace) -> None:
    pointer = "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 8\n  path: raw.csv\n"
    pipeline = project.read("dvc.yaml").replace("[train.py]", "[train.py, raw.csv]")
    project.commit("data", {"raw.csv.dvc": pointer, "dvc.yaml": pipeline})
    files = {
        **replaced(project, GAIN),
        "raw.csv.dvc": pointer.replace("0123", "3210"),
        "dvc.lock": "schema: '2.0'\n",
    }
    assert apart(project, files) == Taken(
        {
            "train.gain 0.0 -> 0.5": [
                "params.json", '-        "gain": 0.0,', '+        "gain": 0.5,',
            ],
            "raw.csv.dvc edited": [
                "raw.csv.dvc",
                "-- md5: 0123456789abcdef0123456789abcdef",
                "+- md5: 3210456789abcdef3210456789abcdef",
            ],
        },
        {},
        (),
    )  # fmt: skip


def test_a_new_param_comes_with_what_reads_it(project: Workspace) -> None:
    files = replaced(
        project,
        ("params.json", '"plain"\n', '"plain",\n        "bonus": 0.1\n'),
        ("params.json", "0.01", "0.02"),
        (
            "train.py",
            '["gain"] + params["train"]["noise"]',
            '["gain"] + params["train"]["bonus"] + params["train"]["noise"]',
        ),
    )
    found = apart(project, files)
    new = next(name for name in found.edits if "bonus = 0.1 (new)" in name)
    assert found.edits.pop("train.noise 0.01 -> 0.02") == [
        "params.json", '-        "noise": 0.01,', '+        "noise": 0.02,',
    ]  # fmt: skip
    assert found.edits.pop(new)[:4] == [
        "params.json", '-        "name": "plain"', '+        "name": "plain",', '+        "bonus": 0.1',
    ]  # fmt: skip
    assert found == Taken({}, {}, ())


def test_edits_of_one_line_are_left_to_a_person(project: Workspace) -> None:
    files = replaced(project, ("train.py", "gauss(0, 0.3)", "gauss(1, 0.4)"), GAIN)
    found = apart(project, files)
    assert list(found.edits) == ["train.gain 0.0 -> 0.5"]
    assert found.problems == {
        "0 -> 1": "the edits share line 13 of train.py; take them apart by hand",
        "0.3 -> 0.4": "the edits share line 13 of train.py; take them apart by hand",
    }


def test_elements_of_a_list_in_lines_of_their_own(project: Workspace) -> None:
    packages = '[project]\nname = "x"\ndependencies = [\n  "numpy==2.1",\n  "scipy==1.1",\n]\n'
    project.commit("packages", {"pyproject.toml": packages})
    new = packages.replace("2.1", "2.2").replace("1.1", "1.2")
    assert apart(project, {"pyproject.toml": new}) == Taken(
        {
            "numpy 2.1 -> 2.2": ["pyproject.toml", '-  "numpy==2.1",', '+  "numpy==2.2",'],
            "scipy 1.1 -> 1.2": ["pyproject.toml", '-  "scipy==1.1",', '+  "scipy==1.2",'],
        },
        {},
        (),
    )


def test_a_notebook_is_left_to_a_person(project: Workspace) -> None:
    cells = '{"cells": [{"cell_type": "code", "source": ["x = 1\\n", "y = 2"], "outputs": []}]}'
    run = "jupyter nbconvert --execute look.ipynb"
    pipeline = project.read("dvc.yaml").replace("python -S train.py", run)
    project.commit("notebook", {"look.ipynb": cells, "dvc.yaml": pipeline})
    new = cells.replace("x = 1", "x = 3").replace("y = 2", "y = 4")
    told = "look.ipynb cannot be taken apart line by line; take them apart by hand"
    assert apart(project, {"look.ipynb": new}) == Taken(
        {}, {"x 1 -> 3": told, "y 2 -> 4": told}, ()
    )


def test_a_change_of_the_ruler_is_a_part_like_others(project: Workspace) -> None:
    files = replaced(project, ("evaluate.py", "1 - score", "2 - score"), GAIN)
    found = apart(project, files)
    assert (len(found.edits), found.problems, found.left) == (2, {}, ())


def test_the_working_tree_is_taken_apart_and_nothing_is_touched(project: Workspace) -> None:
    project.write(replaced(project, GAIN, ("params.json", '"plain"', '"fancy"')))
    (project.path / "notes.txt").write_text("untracked\n")
    before, objects = project.state(), project.git("count-objects", "-v")

    with opened(open_project(project.path)) as candidate:
        parts = taken_apart(judged(candidate))
        assert all(candidate.objects.identify(str(part.tree)) for part in parts)

    assert [part.problem for part in parts] == [None, None]
    assert (project.state(), project.git("count-objects", "-v")) == (before, objects)


def test_only_what_is_chosen_is_taken(project: Workspace) -> None:
    files = replaced(project, GAIN, ("params.json", '"plain"', '"fancy"'))
    with judging(project, edited(project, files)) as found:
        assert taken_apart(found, [1]) == taken_apart(found)[1:]
        assert taken_apart(found, []) == ()


def adopting(project: Workspace, theirs: Files, mine: Files) -> tuple[Part, list[str]]:
    """The first change of theirs on a line of one's own."""
    revision, base = edited(project, theirs), edited(project, mine)
    with judging(project, revision) as found:
        tree = found.candidate.objects.tree_of(base)
        part = adopted(found, 0, Tree(tree, base, "my line"))
    return part, difference(project, base, part.tree) if part.tree else []


def test_a_change_is_adopted_where_lines_around_it_moved(project: Workspace) -> None:
    theirs = replaced(project, ("train.py", "gauss(0, 1)", "gauss(0, 2)"), GAIN)
    mine = replaced(
        project,
        ("train.py", "import json\n", "import json\nimport math\n"),
        ("train.py", "seeds = ", "\nscale = math.pi\nseeds = "),
        ("train.py", "gauss(0, 0.3)", "gauss(0, 0.3) * scale"),
        ("params.json", '    "seed": 1,\n', ""),
        ("params.json", '"plain"\n', '"plain"\n    },\n    "more": {\n        "seed": 1\n'),
    )
    assert adopting(project, {"params.json": theirs["params.json"]}, mine)[1] == [
        "params.json", '-        "gain": 0.0,', '+        "gain": 0.5,',
    ]  # fmt: skip
    assert adopting(project, {"train.py": theirs["train.py"]}, mine)[1] == [
        "train.py",
        "-shared = random.Random(str(seeds)).gauss(0, 1)",
        "+shared = random.Random(str(seeds)).gauss(0, 2)",
    ]


def test_a_new_file_is_adopted_with_what_imports_it(project: Workspace) -> None:
    theirs = {
        **replaced(
            project,
            ("train.py", "import sys\n", "import sys\n\nfrom extra import more\n"),
            ("train.py", "score = 0.8", "score = more(0.8)"),
        ),
        "extra.py": "def more(x):\n    return x + 0.1\n",
    }
    part, lines = adopting(project, theirs, replaced(project, ("train.py", "epoch 3", "epoch 4")))
    assert part.problem is None
    assert lines[:3] == ["extra.py", "+def more(x):", "+    return x + 0.1"]


@pytest.mark.parametrize(
    ("theirs", "mine", "problem"),
    [
        pytest.param(
            GAIN,
            ("params.json", '"gain": 0.0', '"gain": 0.7'),
            "train.gain in params.json is 0.7, not 0.0, in my line",
            id="another value",
        ),
        pytest.param(
            ("train.py", "gauss(0, 1)", "gauss(0, 2)"),
            ("train.py", "gauss(0, 1)", "gauss(0, 3)"),
            "line 12 of train.py, as the change found it, is another one in my line",
            id="another line",
        ),
        pytest.param(
            GAIN,
            GAIN,
            "my line has it already",
            id="the same",
        ),
        pytest.param(
            ("evaluate.py", "1 - score", "2 - score"),
            ("evaluate.py", None, None),
            "evaluate.py is not there in my line",
            id="no such file",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_adopted(
    project: Workspace,
    theirs: tuple[str, str, str],
    mine: tuple[str, str | None, str | None],
    problem: str,
) -> None:
    name, old, new = mine
    own: Files = {name: None} if old is None or new is None else replaced(project, (name, old, new))
    part, _ = adopting(project, replaced(project, theirs), own)
    assert (part.tree, part.problem) == (None, problem)


def test_all_parts_adopted_one_after_another_make_the_candidate(project: Workspace) -> None:
    project.commit("two steps", {"train.py": TWO_STEPS})
    files = replaced(
        project,
        ("train.py", "gauss(0, 1)", "gauss(0, 2)"),
        ("train.py", "score = 0.8", "score = 0.7"),
        GAIN,
        ("params.json", '"plain"', '"fancy"'),
    )
    revision = edited(project, files)
    with judging(project, revision) as found:
        tree = found.candidate.baseline_tree
        for which in range(4):
            part = adopted(found, which, tree)
            assert part.problem is None
            tree = Tree(str(part.tree), None, "so far")
        assert tree.id == found.candidate.tree.id


def test_what_is_left_over_is_told(project: Workspace) -> None:
    files = replaced(project, GAIN, ("params.json", '"plain"', '"fancy"'))
    with judging(project, edited(project, files)) as found:
        parts = taken_apart(found)
        assert left_over(found, parts) == ()
        assert [each.path for each in left_over(found, parts[:1])] == [("train", "name")]
        with pytest.raises(ValueError, match=r"train\.gain 0\.0 -> 0\.5 has no tree"):
            left_over(found, [Part(parts[0].change, None, "why")])


SAME_LINE = {"two settings of one call", "two options"}
"""Cases that are several changes in one line, which nobody takes apart by lines."""

ENTANGLED = {"a new key of a mapping that is unpacked", "a module whose users were left behind"}
"""Cases of several changes of which one is none without the others."""

COUNTED = [case for cases in CASES.values() for case in cases if case.changes]
ALONE = [case for case in COUNTED if case.about not in SAME_LINE | ENTANGLED]


def combined(*cases: Case) -> dict[str, str | None] | None:
    """The files that some cases edit, together; None where they get in each other's way."""
    new: dict[str, str | None] = dict(PROJECT)
    for case in cases:
        for path, old, text in case.edits:
            content = new.get(path)
            if content is None or old not in content:
                return None
            new[path] = content.replace(old, text) if old else content + text
        for path, content in case.files.items():
            if new.get(path) != PROJECT.get(path):
                return None
            new[path] = content
    return {path: text for path, text in new.items() if text != PROJECT.get(path)}


def pairs(count: int) -> list[tuple[Case, Case]]:
    """Random pairs of cases that can be made at once and delete no script that the other edits."""
    drawn = random.Random(2024)
    calm = [case for case in ALONE if case.about != "a script that is deleted"]
    found: dict[tuple[str, str], tuple[Case, Case]] = {}
    while len(found) < count:
        left, right = drawn.sample(calm, 2)
        if combined(left, right) is not None:
            found.setdefault((left.about, right.about), (left, right))
    return list(found.values())


@pytest.fixture
def published(empty: Workspace) -> Workspace:
    """The project of the published cases, as a repository."""
    empty.commit("The baseline", {**PROJECT, ".dvc/config": "[core]\n"})
    return empty


@pytest.mark.parametrize(
    ("left", "right"),
    [pytest.param(*pair, id=" + ".join(case.about for case in pair)) for pair in pairs(15)],
)
def test_two_published_cases_at_once_come_apart(
    published: Workspace, left: Case, right: Case
) -> None:
    files = combined(left, right)
    assert files is not None
    found = apart(published, files)
    assert (found.problems, found.left) == ({}, ())
    assert found.edits
