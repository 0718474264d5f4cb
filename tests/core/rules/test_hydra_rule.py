"""Composed configs: a changed choice is one change, what is not chosen is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paribus.dvc.hydra import Settings, hydra_settings

if TYPE_CHECKING:
    from tests.core.conftest import Compare

FILES = {
    ".dvc/config": "[core]\n    analytics = false\n[hydra]\n    enabled = true\n['remote \"x\"']\n    url = y\n",
    "dvc.yaml": (
        "stages:\n"
        "  train:\n    cmd: python train.py\n    deps: [train.py]\n    params: [model, seed]\n    outs: [m]\n"
        "  evaluate:\n    cmd: python evaluate.py\n    deps: [evaluate.py, m]\n    params: [limits]\n"
        "    metrics: [s.json]\n"
    ),
    "paribus.yaml": "schema: 1\nseeds: [seed]\nruler: [evaluate]\n",
    "params.yaml": "composed: 1\n",
    "conf/config.yaml": "defaults:\n  - model: svm\n  - limits: low\n  - _self_\nseed: 1\n",
    "conf/model/svm.yaml": "kind: svm\nC: 1\nkernel: rbf\n",
    "conf/model/rf.yaml": "kind: rf\ntrees: 100\n",
    "conf/limits/low.yaml": "top: 1\n",
    "conf/limits/high.yaml": "top: 2\n",
    "train.py": "import hydra\n",
    "evaluate.py": "import json\n",
}

CONFIG = FILES["conf/config.yaml"]

CASES: list[tuple[str, dict[str, str | None], list[str], list[str]]] = [
    ("another option", {"conf/config.yaml": CONFIG.replace("svm", "rf")}, [
        "param conf/config.yaml:1: model: svm -> rf",
    ], []),
    ("another option, edited before", {
        "conf/config.yaml": CONFIG.replace("svm", "rf"), "conf/model/rf.yaml": "kind: rf\ntrees: 5\n",
    }, ["param conf/config.yaml:1: model: svm -> rf"], []),
    ("another option, and a value", {"conf/config.yaml": CONFIG.replace("svm", "rf") + "more: 1\n"}, [
        "param conf/config.yaml:6: more (absent) -> 1", "param conf/config.yaml:1: model: svm -> rf",
    ], []),
    ("a new option", {
        "conf/config.yaml": CONFIG.replace("svm", "knn"), "conf/model/knn.yaml": "kind: knn\nk: 3\n",
    }, ["param conf/config.yaml:1: model: svm -> knn"], []),
    ("a renamed option", {
        "conf/config.yaml": CONFIG.replace("svm", "svc"), "conf/model/svm.yaml": None,
        "conf/model/svc.yaml": FILES["conf/model/svm.yaml"],
    }, [], [
        "conf/config.yaml: nothing of it differs in the composed config",
        "conf/model/svc.yaml: nothing of it differs in the composed config",
        "conf/model/svm.yaml: nothing of it differs in the composed config",
    ]),
    ("two options", {"conf/config.yaml": CONFIG.replace("svm", "rf").replace("low", "high")}, [
        "param conf/config.yaml:1: model: svm -> rf", "ruler conf/config.yaml:1: limits: low -> high",
    ], []),
    ("a group more", {
        "conf/config.yaml": CONFIG.replace("  - _self_", "  - opt: sgd\n  - _self_"),
        "conf/opt/sgd.yaml": "lr: 1\nmomentum: 0\n",
    }, ["param conf/config.yaml:1: opt: (absent) -> sgd"], []),
    ("a value of the option", {"conf/model/svm.yaml": "kind: svm\nkernel: rbf\nC: 2  # more\n"}, [
        "param conf/model/svm.yaml:3: model.C 1 -> 2",
    ], []),
    ("a value of the ruler", {"conf/limits/low.yaml": "top: 3\n"}, [
        "ruler conf/limits/low.yaml:1: limits.top 1 -> 3",
    ], []),
    ("a seed", {"conf/config.yaml": CONFIG.replace("seed: 1", "seed: 2")}, [], [
        "conf/config.yaml: seed (declared seed)",
    ]),
    ("an option that is not chosen", {"conf/model/rf.yaml": "kind: rf\ntrees: 5\n"}, [], [
        "conf/model/rf.yaml: not part of the composed config",
    ]),
    ("comments", {"conf/config.yaml": "# c\n" + CONFIG}, [], [
        "conf/config.yaml: nothing of it differs in the composed config",
    ]),
    ("a value that is overridden", {
        "conf/config.yaml": CONFIG + "model: {C: 1}\n", "conf/model/svm.yaml": "kind: svm\nC: 9\nkernel: rbf\n",
    }, [], [
        "conf/config.yaml: nothing of it differs in the composed config",
        "conf/model/svm.yaml: nothing of it differs in the composed config",
    ]),
    ("what DVC writes", {"params.yaml": "composed: 2\n"}, [], ["params.yaml: composed by Hydra"]),
    ("an option that is not there", {"conf/config.yaml": CONFIG.replace("svm", "none")}, [
        'param conf/config.yaml:1: defaults[0] {"model": "svm"} -> {"model": "none"}',
    ], []),
    ("broken", {"conf/model/svm.yaml": "kind: [\n"}, [
        "code conf/model/svm.yaml: conf/model/svm.yaml edited, +1 -3 lines",
    ], []),
]  # fmt: skip


def judged(
    compare: Compare, old: dict[str, str], edits: dict[str, str | None]
) -> tuple[list[str], list[str]]:
    new = {path: text for path, text in (old | edits).items() if text is not None}
    found = compare(old, new).diff()
    return (
        [f"{each.kind.value} {each.where}: {each.summary}" for each in found.changes],
        [f"{each.file}: {each.reason}" for each in found.not_counted],
    )


@pytest.mark.parametrize(
    ("edits", "changes", "not_counted"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_configs_that_dvc_composes(
    compare: Compare, edits: dict[str, str | None], changes: list[str], not_counted: list[str]
) -> None:
    found = judged(compare, FILES, edits)
    assert (sorted(found[0]), sorted(found[1])) == (sorted(changes), sorted(not_counted))


PLAIN = {
    **FILES,
    ".dvc/config": "",
    "dvc.yaml": FILES["dvc.yaml"].replace("params: [model, seed]", "params: [composed]"),
    "train.py": "import hydra\n@hydra.main('conf', 'config')\ndef main(cfg): pass\n",
}


@pytest.mark.parametrize(
    ("command", "path", "expected"),
    [
        ("python train.py", "conf/config.yaml", ["param conf/config.yaml:1: model: svm -> rf"]),
        ("python train.py model.C=3", "conf/config.yaml", ["param conf/config.yaml:1: model: svm -> rf"]),
        ("python train.py model=svm", "conf/config.yaml", [
            'param conf/config.yaml:1: defaults[0] {"model": "svm"} -> {"model": "rf"}',
        ]),
        ("python train.py limits=low", "conf/model/rf.yaml", ["param conf/model/rf.yaml:2: trees 100 -> 5"]),
        ("python train.py", "conf/model/rf.yaml", []),
        ("python train.py model=rf", "conf/model/rf.yaml", ["param conf/model/rf.yaml:2: trees 100 -> 5"]),
        ("python train.py +experiment=rf", "conf/model/rf.yaml", ["param conf/model/rf.yaml:2: trees 100 -> 5"]),
    ],
)  # fmt: skip
def test_configs_that_a_program_composes(
    compare: Compare, command: str, path: str, expected: list[str]
) -> None:
    old = PLAIN | {"dvc.yaml": PLAIN["dvc.yaml"].replace("python train.py", command)}
    edited = CONFIG.replace("svm", "rf") if path == "conf/config.yaml" else "kind: rf\ntrees: 5\n"
    assert judged(compare, old, {path: edited})[0] == expected


def test_a_folder_that_no_stage_reaches_is_left_alone(compare: Compare) -> None:
    old = PLAIN | {"train.py": "import json\n"}
    assert judged(compare, old, {"conf/config.yaml": CONFIG.replace("svm", "rf")}) == (
        [], ["conf/config.yaml: no stage reaches it"],
    )  # fmt: skip


def test_every_primary_config_counts(compare: Compare) -> None:
    old = PLAIN | {"conf/train.yaml": "defaults:\n  - model: rf\n  - _self_\nsteps: 1\n"}
    assert judged(compare, old, {"conf/model/rf.yaml": "kind: rf\ntrees: 5\n"}) == (
        ["param conf/model/rf.yaml:2: model.trees 100 -> 5"], [],
    )  # fmt: skip


def test_without_hydra_params_yaml_counts(compare: Compare) -> None:
    assert judged(compare, PLAIN, {"params.yaml": "composed: 2\n"})[0] == [
        "param params.yaml:1: composed 1 -> 2"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[core]\n    enabled = true\n", None),
        ("[hydra]\n    enabled = false\n", None),
        ("[hydra]\n    config_dir = x\n", None),
        ("[hydra]\nenabled=True\n", Settings("conf", "config")),
        ("[hydra]\n    enabled = true\n    config_dir = a/b\n    config_name = c\n[core]\n", Settings("a/b", "c")),
        ("[core]\n    x = 1\n[hydra]\n    config_name = c\n    enabled = true\n", Settings("conf", "c")),
    ],
)  # fmt: skip
def test_what_a_dvc_config_says(text: str, expected: Settings | None) -> None:
    assert hydra_settings(text) == expected
