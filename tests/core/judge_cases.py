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
