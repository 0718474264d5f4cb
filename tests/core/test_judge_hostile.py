"""Ways to hide a change from the judge, each of which has to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.core.judge_cases import PROJECT

if TYPE_CHECKING:
    from tests.core.conftest import Compare

DVC, F, S, T = "dvc.yaml", "src/featurize.py", "src/shared.py", "src/train.py"
EDIT = (F, "SCALE = 2.0", "SCALE = 3.0")
HELPERS = {"src/helpers.py": "def f(r):\n    return r\n"}
ANOTHER = ("src/helpers.py", "return r", "return r * 2")


@pytest.mark.parametrize(
    ("before", "files", "edit"),
    [
        pytest.param([(DVC, "python src/featurize.py", "cd src && python featurize.py"),
                      (DVC, "deps: [src/featurize.py, data/raw.csv]", "deps: [data/raw.csv]")], {}, EDIT, id="cd"),
        pytest.param([(DVC, "python src/featurize.py", "sh scripts/run"),
                      (DVC, "deps: [src/featurize.py, data/raw.csv]", "deps: [data/raw.csv]")],
                     {"scripts/run": "python src/featurize.py\n"}, EDIT, id="a script without a suffix"),
        pytest.param([(DVC, "python src/train.py", "coverage run src/train.py")], {},
                     (T, "tol=0.001", "tol=0.1"), id="under coverage"),
        pytest.param([(F, "import yaml\n", "import sys\nimport yaml\nsys.path.append('lib')\nimport helpers\n"),
                      (F, "rows = load(", "rows = helpers.f(load)(")], {"lib/helpers.py": "def f(r):\n    return r\n"},
                     ("lib/helpers.py", "return r", "return r * 2"), id="a folder that is added to the path"),
        pytest.param([(F, "from src import shared", "from src import shared, \\\n    helpers"),
                      (F, "rows = load(", "rows = helpers.f(load)(")], HELPERS, ANOTHER, id="an import over two lines"),
        pytest.param([(F, "from src import shared", "from src import (  # helpers (ours)\n    shared,\n    helpers,\n)"),
                      (F, "rows = load(", "rows = helpers.f(load)(")], HELPERS, ANOTHER, id="an import with a comment"),
        pytest.param([(S, "def clean", "from numpy import mean as middle\n\n\ndef clean"),
                      (F, "rows = load(", "rows = shared.middle(load(")], {},
                     (S, "mean as middle", "median as middle"), id="a name that is passed on"),
        pytest.param([(F, "from src import shared", "try:\n    from src import fast as shared\nexcept ImportError:\n    from src import shared")],
                     {"src/fast.py": PROJECT[S], "src/faster.py": PROJECT[S]},
                     (F, "import fast as", "import faster as"), id="an import with an alternative"),
        pytest.param([], {"src/fast.py": "def build(rows, cells):\n    return rows\n"},
                     (F, "def main", "from src.fast import build\n\n\ndef main"), id="an import over a definition"),
        pytest.param([(T, "def fit(features, labels, params)", "def fit(features, labels, params, **a)"),
                      (T, "model = fit(features[:, 1:], features[:, 0], params)",
                       "a, b = {}, {'x': 1}\n    model = fit(features[:, 1:], features[:, 0], params, **a, **b)")], {},
                     (T, "params, **a, **b)", "params, **b, **b)"), id="two unpacked mappings"),
        pytest.param([], {}, (S, "def split(rows, share):", "def split(rows, *, share):"), id="an argument by name only"),
        pytest.param([(S, "def clean", "def __getattr__(name):\n    return 1\n\n\ndef clean")], {},
                     (S, "return 1", "return 2"), id="a method that Python calls"),
        pytest.param([(S, "def clean", "class Base:\n    pass\n\n\nclass Strict(Base):\n    def go(self):\n        return 1\n\n\ndef clean"),
                      (F, "rows = load(", "rows = shared.Base.__subclasses__(load)(")], {},
                     (S, "return 1", "return 2"), id="a plug-in"),
        pytest.param([(T, "from src.shared import split", "from src.shared import split\nfrom tests.util import one"),
                      (T, "features, 0.8", "features, one()")], {"tests/util.py": "def one():\n    return 1\n"},
                     ("tests/util.py", "return 1", "return 2"), id="a test helper"),
        pytest.param([(F, "rows = load(", "prompt = open('prompts/system.md').read()\n    rows = load(")],
                     {"prompts/system.md": "Be kind.\n"}, ("prompts/system.md", "kind", "terse"), id="a prompt"),
        pytest.param([], {}, (S, "> 0]", "> 0x" + "f" * 5000 + "]"), id="a number without end"),
    ],
)  # fmt: skip
def test_it_is_seen(
    compare: Compare,
    before: list[tuple[str, str, str]],
    files: dict[str, str],
    edit: tuple[str, str, str],
) -> None:
    old = {**PROJECT, **files}
    for path, text, other in before:
        assert text in old[path]
        old[path] = old[path].replace(text, other)
    path, text, other = edit
    assert text in old[path]
    new = {**old, path: old[path].replace(text, other)}
    assert len(compare(old, new).judge().changes) == 1


def test_an_option_that_converts_its_value_is_another_value(compare: Compare) -> None:
    new = dict(PROJECT)
    new["params.yaml"] = new["params.yaml"].replace(
        "  gamma: 0.1\n", "  gamma: 0.1\n  share: 0.8\n"
    )
    new[DVC] = new[DVC].replace("${train.depth}", "${train.depth} --share ${train.share}")
    new[T] = (
        new[T]
        .replace("type=int)", 'type=int)\nparser.add_argument("--share")')
        .replace("features, 0.8", "features, args.share")
    )
    assert len(compare(PROJECT, new).judge().changes) == 1
