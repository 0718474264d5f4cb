"""The published table of cases: a small project, an edit, what the judge says of it, and why.

`docs/cases.md` shows the same table; `test_judge_cases.py` holds both to the judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PROJECT: dict[str, str] = {
    "dvc.yaml": """\
stages:
  featurize:
    cmd: python src/featurize.py
    deps: [src/featurize.py, data/raw.csv]
    params: [features]
    outs: [data/features.npz]
  train:
    cmd: python src/train.py --depth ${train.depth}
    deps: [src/train.py, data/features.npz]
    params: [seed, train]
    outs: [model.pkl]
  evaluate:
    cmd: python src/evaluate.py
    deps: [src/evaluate.py, data/test.csv, model.pkl]
    params: [evaluate]
    metrics:
      - metrics.json: {cache: false}
""",
    "params.yaml": """\
seed: 1
features:
  cells: 4
train:
  model: svm
  C: 1.0
  gamma: 0.1
  depth: 3
  layers: [64, 32]
evaluate:
  threshold: 0.5
""",
    "paribus.yaml": "schema: 1\nmetric: accuracy\nseeds: [seed]\nruler: [evaluate]\n",
    "src/featurize.py": '''\
"""Makes features."""

import numpy as np
import yaml

from src import shared

SCALE = 2.0


def load(path):
    """Reads the raw data."""
    rows = np.loadtxt(path, delimiter=",")
    return shared.clean(rows)


def build(rows, cells):
    left = rows[:, :cells] * SCALE
    right = rows[:, cells:]
    return np.hstack([left, right])


def main():
    params = yaml.safe_load(open("params.yaml"))["features"]
    rows = load("data/raw.csv")
    features = build(rows, params["cells"])
    np.savez("data/features.npz", features=features)


if __name__ == "__main__":
    main()
''',
    "src/shared.py": """\
def clean(rows):
    kept = rows[rows[:, 0] > 0]
    return kept


def split(rows, share):
    cut = int(len(rows) * share)
    return rows[:cut], rows[cut:]
""",
    "src/train.py": """\
import argparse
import logging

import numpy as np
import yaml
from sklearn.svm import SVC

from src.shared import split

logger = logging.getLogger(__name__)
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)


def fit(features, labels, params):
    model = SVC(C=params["C"], gamma=params["gamma"], tol=0.001, max_iter=500)
    model.fit(features, labels)
    logger.info("fitted")
    return model


def main():
    args = parser.parse_args()
    params = yaml.safe_load(open("params.yaml"))["train"]
    features = np.load("data/features.npz")["features"]
    features, held = split(features, 0.8)
    model = fit(features[:, 1:], features[:, 0], params)
    print(len(held), args.depth)


if __name__ == "__main__":
    main()
""",
    "src/evaluate.py": """\
import json

from src.metrics import accuracy


def main():
    score = accuracy(1, 2)
    json.dump({"accuracy": score}, open("metrics.json", "w"))


main()
""",
    "src/metrics.py": "def accuracy(truth, guess):\n    return float(truth == guess)\n",
    "src/run.sh": "#!/bin/sh\npython src/train.py\n",
    "notebooks/look.ipynb": '{"cells": [{"cell_type": "code", "source": ["x = 1"], "outputs": []}]}',
    "tools/plot.py": "import json\n\nprint(json.load(open('metrics.json')))\n",
    "data/raw.csv": "1,2\n3,4\n",
    "data/test.csv": "1,2\n",
    "metrics.json": '{"accuracy": 0.9}\n',
    "README.md": "# Example\n",
    "tests/test_train.py": "assert True\n",
    "requirements.txt": "numpy==2.1\nscikit-learn==1.5\n",
}
"""Every kind of file once, and code that is worth judging."""

Edit = tuple[str, str, str]
"""A file, a text in it, and the text in its place; the empty text stands for the file's end."""


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        about: what is edited, in words.
        edits: of texts in files.
        changes: the summary of each change that the judge finds.
        why: the reason, for people.
        files: files that are written anew, or deleted (None).
    """

    about: str
    edits: list[Edit]
    changes: list[str]
    why: str
    files: dict[str, str | None] = field(default_factory=dict)


DVC, PARAMS = "dvc.yaml", "params.yaml"
FEATURIZE, TRAIN, SHARED = "src/featurize.py", "src/train.py", "src/shared.py"
EVALUATE, METRICS = "src/evaluate.py", "src/metrics.py"

NEW_TOL: Edit = (PARAMS, "  gamma: 0.1\n", "  gamma: 0.1\n  tol: 0.001\n")
OTHER_TOL: Edit = (PARAMS, "  gamma: 0.1\n", "  gamma: 0.1\n  tol: 0.01\n")
READS_TOL: Edit = (TRAIN, "tol=0.001", 'tol=params["tol"]')
RATIO: Edit = (SHARED, "def split", "def ratio(rows):\n    return rows / 2\n\n\ndef split")
CALLS_RATIO: Edit = (FEATURIZE, "rows = load(", "rows = shared.ratio(load(")
CALLS_RATIO_END: Edit = (
    FEATURIZE,
    '"data/raw.csv")\n    features',
    '"data/raw.csv"))\n    features',
)
FOREST: Edit = (
    PARAMS,
    "model: svm\n  C: 1.0\n  gamma: 0.1",
    "model: forest\n  trees: 100",
)
CLEAN = "def clean(rows):\n    kept = rows[rows[:, 0] > 0]\n    return kept\n\n\n"
POINTER = "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 8\n  path: {}\n"

# fmt: off
CASES: dict[str, list[Case]] = {
    "Params": [
        Case("one value", [(PARAMS, "C: 1.0", "C: 0.3")], ["train.C 1.0 -> 0.3"], "one leaf"),
        Case(
            "two values",
            [(PARAMS, "C: 1.0", "C: 0.3"), (PARAMS, "depth: 3", "depth: 4")],
            ["train.C 1.0 -> 0.3", "train.depth 3 -> 4"],
            "two leaves, and nothing ties them",
        ),
        Case("another type", [(PARAMS, "C: 1.0", "C: 1")], ["train.C 1.0 -> 1 (type only)"],
             "code may divide whole numbers otherwise"),
        Case("a truth for a number", [(PARAMS, "depth: 3", "depth: true")], ["train.depth 3 -> true"],
             "true is not 1"),
        Case("1e-3 for 0.001 is the same number", [(PARAMS, "gamma: 0.1", "gamma: 1e-1")], [],
             "YAML 1.2, as DVC reads it"),
        Case("comments, order, indentation",
             [(PARAMS, "train:\n  model: svm\n  C: 1.0\n", "train:  # the model\n  C: 1.0\n  model: svm\n")], [],
             "the same values"),
        Case("an element of a list", [(PARAMS, "[64, 32]", "[64, 16]")],
             ["train.layers [64, 32] -> [64, 16]"], "a list is one leaf"),
        Case("a list over several lines", [(PARAMS, "[64, 32]", "\n  - 64\n  - 32")], [], "the same list"),
        Case("a declared seed", [(PARAMS, "seed: 1", "seed: 2")], [], "it varies between repeats"),
        Case("a key that nothing reads", [(PARAMS, "  gamma: 0.1\n", "  gamma: 0.1\n  gama: 0.2\n")], [],
             "no change, and a warning: often a typing mistake"),
        Case("a new key of a mapping that is unpacked",
             [(PARAMS, "  cells: 4\n", "  cells: 4\n  pad: 1\n"), (FEATURIZE, 'params["cells"])', "**params)")],
             ["features.pad (absent) -> 1", 'main(): features build(rows, params["cells"]) -> build(rows, **params)'],
             "whoever gets the mapping may read it"),
        Case("a null for nothing", [(PARAMS, "  depth: 3\n", "  depth: null\n")], ["train.depth 3 -> null"],
             "absent is not null, and neither is 3"),
        Case("a param of the evaluation", [(PARAMS, "threshold: 0.5", "threshold: 0.6")],
             ["evaluate.threshold 0.5 -> 0.6"], "ruler: numbers before and after are not comparable"),
        Case("a model and its own settings", [FOREST],
             ["train.model svm -> forest, with train.C 1.0 -> (absent); train.gamma 0.1 -> (absent)"],
             "keys that come and go beside a name that changed are one idea"),
        Case("a model, its settings and another value", [FOREST, (PARAMS, "depth: 3", "depth: 5")],
             ["train.model svm -> forest, with train.C 1.0 -> (absent); train.gamma 0.1 -> (absent)",
              "train.depth 3 -> 5"],
             "depth was there before, and belongs to neither"),
    ],
    "Literals that become params": [
        Case("with the same value", [NEW_TOL, READS_TOL], [], "both programs are the same with the value put in"),
        Case("with another value", [OTHER_TOL, READS_TOL],
             ['fit(): tol 0.001 -> params["tol"], with train.tol = 0.01 (new)'], "one change: the value"),
        Case("with the same value, and another edit", [NEW_TOL, (TRAIN, "tol=0.001, max_iter=500",
             'tol=params["tol"], max_iter=600')], ["fit(): max_iter 500 -> 600"], "only the other edit is left"),
        Case("through a variable", [NEW_TOL, (TRAIN, "    model = SVC(", '    tol = params["tol"]\n    model = SVC('),
             (TRAIN, "tol=0.001", "tol=tol")], [], "the value is followed through names"),
        Case("with the lines that load it",
             [(PARAMS, "features:\n", "features:\n  scale: 2.0\n"),
              (FEATURIZE, "SCALE = 2.0", 'with open("params.yaml") as handle:\n    every = yaml.safe_load(handle)\n'
               'SCALE = every["features"]["scale"]')], [], "loading does nothing else"),
        Case("as an option of the command",
             [(PARAMS, "  gamma: 0.1\n", "  gamma: 0.1\n  share: 0.8\n"),
              (DVC, "${train.depth}", "${train.depth} --share ${train.share}"),
              (TRAIN, 'type=int)', 'type=int)\nparser.add_argument("--share", type=float)'),
              (TRAIN, "features, 0.8", "features, args.share")], [], "the option hands on the same value"),
        Case("as an option, with another value",
             [(PARAMS, "  gamma: 0.1\n", "  gamma: 0.1\n  share: 0.7\n"),
              (DVC, "${train.depth}", "${train.depth} --share ${train.share}"),
              (TRAIN, 'type=int)', 'type=int)\nparser.add_argument("--share", type=float)'),
              (TRAIN, "features, 0.8", "features, args.share")],
             ["train.cmd (absent) -> --share ${train.share}, with main(): 0.8 -> args.share; train.share = 0.7 (new)"],
             "command, code and param are one idea"),
        Case("and back: hard-coded with its value", [(PARAMS, "  gamma: 0.1\n", ""), (TRAIN, 'params["gamma"]', "0.1")],
             [], "the same value"),
        Case("hard-coded with another value", [(PARAMS, "  gamma: 0.1\n", ""), (TRAIN, 'params["gamma"]', "0.2")],
             ['fit(): gamma params["gamma"] -> 0.2, with train.gamma 0.1 -> (absent)'], "one change: the value"),
        Case("a param that gets another name",
             [(PARAMS, "  gamma: 0.1\n", "  width: 0.1\n"), (TRAIN, 'params["gamma"]', 'params["width"]')], [],
             "the same value under another name"),
    ],
    "Code that is the same": [
        Case("comments", [(FEATURIZE, "SCALE = 2.0", "SCALE = 2.0  # twice")], [], "not syntax"),
        Case("a docstring", [(SHARED, "def clean(rows):\n", 'def clean(rows):\n    """Cleans."""\n')], [], "not run"),
        Case("formatting", [(FEATURIZE, "np.hstack([left, right])", "np.hstack(\n        [left, right],\n    )")], [],
             "the same syntax"),
        Case("the order of imports", [(TRAIN, "import argparse\nimport logging\n", "import logging\nimport argparse\n")],
             [], "the same names"),
        Case("another way of importing", [(FEATURIZE, "import numpy as np", "import numpy"), (FEATURIZE, "np.", "numpy.")],
             [], "names are compared in full"),
        Case("an import that nothing uses", [(TRAIN, "import logging\n", "import logging\nimport os\n")], [], "unused"),
        Case("type hints", [(SHARED, "def split(rows, share):", "def split(rows: list, share: float) -> tuple:")], [],
             "not looked at while the program runs"),
        Case("a local variable's name", [(SHARED, "kept", "rest")], [], "seen by nobody else"),
        Case("the name of an argument that is passed by place",
             [(SHARED, "def clean(rows):\n    kept = rows[rows[:, 0] > 0]", "def clean(x):\n    kept = x[x[:, 0] > 0]")],
             [], "no call names it"),
        Case("a log line", [(TRAIN, 'logger.info("fitted")', 'logger.info("fitted %s", labels)')], [],
             "it touches no argument of another call"),
        Case("a log line that calls", [(TRAIN, 'logger.info("fitted")', 'logger.info(model.fit(labels, features))')],
             ["fit(): + logger.info(model.fit(labels, features))"], "fitting again moves a metric"),
        Case("a print", [(TRAIN, "print(len(held), args.depth)", 'print("done")')], [], "no stage keeps what it prints"),
        Case("the order of functions", [(SHARED, CLEAN, ""), (SHARED, "rows[cut:]\n", "rows[cut:]\n\n\n" + CLEAN[:-2])],
             [], "defined before they are called, either way"),
        Case("a function's name, with its users", [(SHARED, "def clean", "def tidy"), (FEATURIZE, "shared.clean", "shared.tidy")],
             [], "renamed everywhere"),
        Case("a function in another module, with its users",
             [(SHARED, CLEAN, ""), (FEATURIZE, "shared.clean(rows)", "clean(rows)"),
              (FEATURIZE, "from src import shared", "from src.cleaning import clean")], [],
             "moved everywhere", {"src/cleaning.py": CLEAN}),
        Case("a renamed module, with its users",
             [(TRAIN, "src.shared", "src.common"), (FEATURIZE, "import shared", "import common as shared")], [],
             "renamed everywhere", {SHARED: None, "src/common.py": PROJECT[SHARED]}),
        Case("a renamed script, with its stage", [(DVC, "src/featurize.py", "src/features.py")], [],
             "the command follows", {FEATURIZE: None, "src/features.py": PROJECT[FEATURIZE]}),
        Case("a renamed and edited script",
             [(DVC, "src/featurize.py", "src/features.py")], ["SCALE 2.0 -> 3.0"], "the edit alone",
             {FEATURIZE: None, "src/features.py": PROJECT[FEATURIZE].replace("2.0", "3.0")}),
        Case("a function that nothing calls", [RATIO], [], "said so"),
        Case("a script that no stage reaches", [("tools/plot.py", "import json", "import json\nimport os")], [],
             "said so"),
        Case("a notebook that no stage runs", [], [], "said so",
             {"notebooks/look.ipynb": '{"cells": [{"cell_type": "code", "source": ["x = 2"], "outputs": []}]}'}),
    ],
    "Code that is another": [
        Case("a constant", [(FEATURIZE, "SCALE = 2.0", "SCALE = 3.0")], ["SCALE 2.0 -> 3.0"], "one value"),
        Case("two settings of one call", [(TRAIN, "tol=0.001, max_iter=500", "tol=0.01, max_iter=600")],
             ["fit(): tol 0.001 -> 0.01", "fit(): max_iter 500 -> 600"], "each can be tried alone"),
        Case("two functions", [(SHARED, "> 0]", "> 1]"), (SHARED, "len(rows) * share", "len(rows) * share / 2")],
             ["clean(): kept rows[rows[:, 0] > 0] -> rows[rows[:, 0] > 1]",
              "split(): len(rows) * share -> len(rows) * share / 2"], "neither names the other"),
        Case("two files", [(FEATURIZE, "SCALE = 2.0", "SCALE = 3.0"), (SHARED, "> 0]", "> 1]")],
             ["SCALE 2.0 -> 3.0", "clean(): kept rows[rows[:, 0] > 0] -> rows[rows[:, 0] > 1]"], "neither names the other"),
        Case("a new function and its call", [RATIO, CALLS_RATIO, CALLS_RATIO_END],
             ['main(): rows load("data/raw.csv") -> shared.ratio(load("data/raw.csv")), with ratio() added'],
             "across files: one names the other"),
        Case("a new argument and its callers",
             [(SHARED, "def split(rows, share):", "def split(rows, share, skip=0):"),
              (SHARED, "rows[cut:]", "rows[cut + skip:]"), (TRAIN, "features, 0.8", "features, 0.8, skip=3")],
             ["split(): argument skip added, with split(): rows[cut:] -> rows[cut + skip:]; main(): + skip=3"],
             "the argument ties them"),
        Case("a new function, its call and an unrelated edit",
             [RATIO, CALLS_RATIO, CALLS_RATIO_END, (FEATURIZE, "SCALE = 2.0", "SCALE = 3.0")],
             ["SCALE 2.0 -> 3.0",
              'main(): rows load("data/raw.csv") -> shared.ratio(load("data/raw.csv")), with ratio() added'],
             "not everything in a commit is one"),
        Case("an edited function and an edited line that calls it",
             [(SHARED, "> 0]", "> 1]"), (FEATURIZE, "return shared.clean(rows)", "return shared.clean(rows) * 2")],
             ["load(): shared.clean(rows) -> shared.clean(rows) * 2, with clean(): kept rows[rows[:, 0] > 0] -> rows[rows[:, 0] > 1]"],
             "the edited line names the edited function"),
        Case("a new param and the code that reads it",
             [(PARAMS, "  cells: 4\n", "  cells: 4\n  pad: 2\n"),
              (FEATURIZE, 'params["cells"])\n', 'params["cells"]) + params["pad"]\n')],
             ['main(): features build(rows, params["cells"]) -> build(rows, params["cells"]) + params["pad"], with features.pad = 2 (new)'],
             "the key ties them"),
        Case("a new param, its reader and an unrelated edit",
             [(PARAMS, "  cells: 4\n", "  cells: 4\n  pad: 2\n"), (SHARED, "> 0]", "> 1]"),
              (FEATURIZE, 'params["cells"])\n', 'params["cells"]) + params["pad"]\n')],
             ['main(): features build(rows, params["cells"]) -> build(rows, params["cells"]) + params["pad"], with features.pad = 2 (new)',
              "clean(): kept rows[rows[:, 0] > 0] -> rows[rows[:, 0] > 1]"], "only the reader is tied to the key"),
        Case("another model, its settings and its code",
             [FOREST, (TRAIN, "svm import SVC", "ensemble import RandomForestClassifier as Forest"),
              (TRAIN, 'SVC(C=params["C"], gamma=params["gamma"], tol=0.001, max_iter=500)', 'Forest(params["trees"])')],
             ['train.model svm -> forest, with fit(): model SVC(C=params["C"], gamma=params["gamma"], tol... -> Forest(params["trees"]); train.C 1.0 -> (absent); and 2 more'],
             "a class and its arguments are one"),
        Case("a module whose users were left behind", [],
             ["src/common.py renamed from src/shared.py, and src/featurize.py is as it was"], "it breaks them",
             {SHARED: None, "src/common.py": PROJECT[SHARED]}),
        Case("a script that is deleted", [], ["src/featurize.py deleted"], "a stage runs it", {FEATURIZE: None}),
        Case("the definition of a metric", [(METRICS, "==", ">=")], ["accuracy(): truth == guess -> truth >= guess"],
             "ruler: only the evaluation uses it, declared or not"),
        Case("a script that cannot be read as Python", [(FEATURIZE, "SCALE = 2.0", "SCALE = = 2.0")],
             ["src/featurize.py edited, +1 -1 lines"], "compared by content"),
    ],
    "Pipeline": [
        Case("an option", [(DVC, "--depth ${train.depth}", "--depth 4")],
             ["train.cmd --depth ${train.depth} -> --depth 4"], "a value is fixed"),
        Case("two options", [(DVC, "python src/evaluate.py", "python src/evaluate.py --k 3 --top 5")],
             ["evaluate.cmd (absent) -> --k 3", "evaluate.cmd (absent) -> --top 5"], "each can be tried alone"),
        Case("two commands",
             [(DVC, "python src/evaluate.py", "python src/evaluate.py --k 3"), (DVC, "${train.depth}", "${train.depth} --fast")],
             ["train.cmd (absent) -> --fast", "evaluate.cmd (absent) -> --k 3"], "two stages, unrelated"),
        Case("spaces and quotes", [(DVC, "python src/evaluate.py", "python   'src/evaluate.py'")], [], "the same words"),
        Case("a lost space", [(DVC, "--depth $", "--depth$")],
             ["train.cmd python src/train.py --depth ${train.depth} -> python src/train.py --depth${train.depth}"],
             "it swallows the option"),
        Case("a literal for a param of its value", [(DVC, "${train.depth}", "3"), (PARAMS, "  depth: 3\n", "")], [],
             "the same command"),
        Case("deps, outs, metrics, desc", [(DVC, "deps: [src/featurize.py, ", "desc: makes features\n    deps: [src/shared.py, src/featurize.py, ")],
             [], "bookkeeping"),
        Case("a stage's name", [(DVC, "  featurize:", "  features:")], [], "the same command"),
        Case("frozen", [(DVC, "    outs: [data/features.npz]", "    frozen: true\n    outs: [data/features.npz]")],
             ["featurize.frozen (absent) -> true"], "it would not run again"),
        Case("a new stage and its script",
             [(DVC, "  evaluate:\n", "  tidy:\n    cmd: python src/tidy.py\n    deps: [src/tidy.py]\n    outs: [data/tidy.csv]\n  evaluate:\n")],
             ["stage tidy (absent) -> python src/tidy.py, with src/tidy.py added"], "the command names the script",
             {"src/tidy.py": "import shutil\n\nshutil.copy('data/raw.csv', 'data/tidy.csv')\n"}),
        Case("a stage that only looks",
             [(DVC, "  evaluate:\n", "  lint:\n    cmd: ruff check src\n  evaluate:\n")], [], "a linter makes nothing"),
    ],
    "Data": [
        Case("data that Git tracks", [("data/raw.csv", "3,4", "3,5")], ["data/raw.csv edited, +1 -1 lines"], "a stage reads it"),
        Case("evaluation data", [("data/test.csv", "1,2", "1,3")], ["data/test.csv edited, +1 -1 lines"],
             "ruler: only the evaluation reads it"),
        Case("data that nothing reads", [], [], "said so", {"archive/old.csv": "1\n"}),
        Case("metrics", [("metrics.json", "0.9", "0.8")], [], "written by a stage"),
    ],
    "Environment": [
        Case("a package", [("requirements.txt", "1.5", "1.6")], ["scikit-learn 1.5 -> 1.6"], "one package"),
        Case("two packages", [("requirements.txt", "1.5", "1.6"), ("requirements.txt", "2.1", "2.2")],
             ["numpy 2.1 -> 2.2", "scikit-learn 1.5 -> 1.6"], "each can be tried alone"),
        Case("a tool", [("requirements.txt", "", "ruff==0.9\n")], [], "it cannot move a metric"),
        Case("the order of packages", [("requirements.txt", "numpy==2.1\nscikit-learn==1.5\n", "scikit-learn==1.5\nNumPy == 2.1\n")],
             [], "the same packages"),
    ],
    "Everything else": [
        Case("docs and tests", [("README.md", "# Example", "# Examples"), ("tests/test_train.py", "True", "1")], [], "neutral"),
        Case("an unknown kind of file", [], ["weird.xyz added"], "nothing is neutral by accident", {"weird.xyz": "1\n"}),
        Case("the protocol's seeds", [("paribus.yaml", "seeds: [seed]", "seeds: []")], ['seeds ["seed"] -> []'],
             "ruler: other noise would be measured"),
    ],
}
"""By what they are about."""
