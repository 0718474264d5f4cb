"""Practices: told after the faults, and without consequence unless it is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.workflows.doctoring import (
    BASELINE,
    PACKAGES,
    Past,
    examined,
    intent,
    past,
    recorded,
    told,
)

from paribus.workflows.doctor.examination import doctor

if TYPE_CHECKING:
    from tests.conftest import Workspace


@pytest.fixture
def full(project: Workspace, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A project with a past."""
    return past(project, monkeypatch)


def practices(project: Workspace) -> list[tuple[str, str, str]]:
    return [(one.code, one.message, one.where) for one in examined(project).practices]


def test_a_project_that_follows_all_of_them(full: Past) -> None:
    assert practices(full.project) == []


def test_they_count_only_where_it_is_asked_for(full: Past) -> None:
    full.project.commit("loose", {"requirements.txt": "numpy>=1.26\nscipy\n"})
    report = examined(full.project)
    assert report.status == 0
    assert doctor(full.project.path, strict=True).status == 1
    assert told(report, full.project) == (
        "nothing is broken: 1 experiment, 3 runs; 1 practice could be better\n"
        "\n"
        "practices:\n"
        "  1  environment-not-locked: no version is fixed for numpy, scipy\n"
        "     where  requirements.txt\n"
        "     why    with other versions of its packages a run may give other numbers\n"
        "     help: pin what is installed   pip freeze > requirements.txt && git add requirements.txt"
    )


@pytest.mark.parametrize(
    ("files", "locked"),
    [
        ({"requirements.txt": "numpy==1.26.4\nscipy==1.11.0\n"}, True),
        ({"requirements.txt": "numpy==1.26.*\n"}, False),
        ({"requirements.txt": "numpy~=1.26\n"}, False),
        ({"requirements.txt": "numpy<=1.26\n"}, False),
        ({"requirements.txt": "numpy @ git+https://example.com/numpy@v1\n"}, True),
        ({"requirements.txt": "numpy\n", "constraints.txt": "numpy==1.26.4\n"}, True),
        ({"requirements.txt": "numpy\n", "requirements-dev.txt": "pytest\n"}, False),
        ({"requirements.txt": "numpy==1.26.4\n", "requirements-dev.txt": "pytest\n"}, True),
        ({"environment.yml": "dependencies:\n  - numpy=1.26.4\n"}, True),
        ({"environment.yml": "dependencies:\n  - numpy\n"}, False),
        ({"pyproject.toml": '[project]\nname = "x"\ndependencies = ["numpy>=1"]\n'}, False),
        ({"docs/requirements.txt": "sphinx==1.0\n"}, False),
    ],
)
def test_locked(files: dict[str, str], locked: bool, project: Workspace) -> None:
    project.commit("environment", files)
    assert [code for code, _, _ in practices(project)] == (
        [] if locked else ["environment-not-locked"]
    )


# Data


def test_data_that_nobody_keeps(project: Workspace) -> None:
    pipeline = project.read("dvc.yaml").replace(
        "deps: [train.py]",
        "deps: [train.py, data/raw.csv, data/gone.csv, data/kept.csv, data/big, data/far/a.csv]",
    )
    project.write(
        {
            **PACKAGES,
            "dvc.yaml": pipeline,
            ".gitignore": "/model.json\n/data/raw.csv\n/data/big\n/data/far\n",
            "data/raw.csv": "1\n",
            "data/kept.csv": "1\n",
            "data/big.dvc": "outs:\n- md5: 0\n  path: big\n",
            "data/elsewhere.dvc": "wdir: far\nouts:\n- md5: 0\n  path: .\n",
        }
    )
    project.commit("data")
    assert practices(project) == [
        (
            "untracked-data",
            "train reads data/raw.csv; neither Git nor DVC tracks it",
            "data/raw.csv",
        ),
        (
            "untracked-data",
            "train reads data/gone.csv; it is not here, and nothing tracks it",
            "data/gone.csv",
        ),
    ]


# Code and params


def test_code_that_is_imported_and_not_declared(project: Workspace) -> None:
    program = project.read("train.py").replace(
        "import json\n", "import json\nimport helper\nimport lib.inner\n"
    )
    project.write(
        {
            **PACKAGES,
            "train.py": program,
            "helper.py": "import deeper\n",
            "deeper.py": "X = 1\n",
            "lib/__init__.py": "",
            "lib/inner.py": "Y = 2\n",
            "unrelated.py": "Z = 3\n",
        }
    )
    project.commit("helpers")
    assert practices(project) == [
        (
            "undeclared-code",
            "train uses deeper.py, helper.py, lib/inner.py without declaring it as a dependency",
            "dvc.yaml",
        )
    ]
    pipeline = project.read("dvc.yaml").replace(
        "deps: [train.py]", "deps: [train.py, helper.py, deeper.py, lib]"
    )
    project.write({"dvc.yaml": pipeline})
    assert practices(project) == [], "the working tree is looked at, not the last commit"


def test_a_param_that_is_read_and_not_declared(project: Workspace) -> None:
    pipeline = project.read("dvc.yaml").replace(
        "[seed, split_seed, train]", "[seed, train.gain, train.noise]"
    )
    project.commit("fewer params", {**PACKAGES, "dvc.yaml": pipeline})
    assert practices(project) == [
        (
            "undeclared-param",
            "train reads split_seed, train.fail without declaring it",
            "params.json",
        ),
        ("seed-not-read", "no stage declares the seed params.json:split_seed", "paribus.yaml"),
    ]


# Seeds


def test_seeds_that_change_nothing(full: Past) -> None:
    for number, seed in ((4, 7), (5, 8), (6, 9)):
        owner = "0" * 16
        started = replace(intent(number, owner=owner, seed=seed), experiment=None)
        recorded(
            full.project, replace(started, started=f"2027-01-0{number}"), 0.8, f"baseline/{owner}"
        )
    assert practices(full.project) == [
        (
            "seed-not-wired",
            "3 values of params.json:seed, params.json:split_seed gave the same numbers",
            "params.json:seed, params.json:split_seed",
        )
    ]


def test_one_seed_of_two_changes_nothing(full: Past) -> None:
    for number, split in ((4, 7), (5, 8)):
        started = replace(
            intent(number, owner=BASELINE),
            seeds={"params.json:seed": 1, "params.json:split_seed": split},
        )
        recorded(full.project, started, 0.8, f"baseline/{BASELINE}")
    assert practices(full.project) == [
        (
            "seed-not-wired",
            "3 values of params.json:split_seed gave the same numbers",
            "params.json:split_seed",
        )
    ]


def test_a_seed_that_does_not_repeat(full: Past) -> None:
    recorded(full.project, intent(4, owner=BASELINE, seed=1), 0.805, f"baseline/{BASELINE}")
    assert practices(full.project) == [
        (
            "seed-does-not-repeat",
            "1 of 1 seeds that ran again gave other numbers",
            "run 0000000004",
        )
    ]


def test_a_broken_agreement_is_a_fault(full: Past) -> None:
    full.project.write({"paribus.yaml": "schema: 1\nmetrik: accuracy\n"})
    (finding,) = examined(full.project).left
    assert finding.code == "not-examined"
    assert finding.message.startswith("practices could not be examined: paribus.yaml:2: ")


def test_a_merge_under_way_is_no_fault(full: Past) -> None:
    full.project.git("checkout", "--quiet", "-b", "other", "HEAD~1")
    full.project.commit("theirs", {"train.py": "x = 1\n"})
    full.project.git("checkout", "--quiet", "main")
    full.project.commit("ours", {"train.py": "x = 2\n"})
    with pytest.raises(AssertionError, match="merge"):
        full.project.git("merge", "other")
    assert examined(full.project).faults == ()
