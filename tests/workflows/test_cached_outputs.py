"""An output at one revision: Git's, else the cache's by the hash of that revision's lock file."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from paribus.dvc.cached import Lack
from paribus.git.objects import Objects
from paribus.workflows.cached_outputs import Output, output_of, outputs_below
from paribus.workflows.project import open_project
from paribus.workflows.reading import Reader, Tree

if TYPE_CHECKING:
    from tests.conftest import Workspace

WRITE = """\
import json, os
gain = json.load(open("params.json"))["train"]["gain"]
os.makedirs("eval/plots", exist_ok=True)
open("eval/metrics.json", "w").write(json.dumps({"accuracy": gain}))
open("eval/plots/loss.csv", "w").write(f"step,loss\\n1,{gain}\\n")
open("predictions.csv", "w").write(f"id,correct\\n1,{gain}\\n")
"""

PIPELINE = """\
stages:
  work:
    cmd: python -S write.py
    deps: [write.py]
    params: [params.json: [train.gain]]
    outs: [predictions.csv]
    metrics: [eval/metrics.json]
    plots: [eval/plots]
"""


@pytest.fixture
def cached(project: Workspace) -> Workspace:
    """Two commits whose outputs are in the cache alone, the second's in the working tree, too."""
    project.write({"write.py": WRITE, "dvc.yaml": PIPELINE})
    project.git("rm", "--quiet", "--cached", "train.py", "evaluate.py")
    for gain in (1.5, 2.5):
        project.set_param("train.gain", gain)
        subprocess.run(["dvc", "repro", "--quiet"], cwd=project.path, check=True)
        project.commit(f"gain {gain}")
    return project


def test_outputs_of_a_revision(cached: Workspace) -> None:
    opened = open_project(cached.path)
    lock = cached.git("show", "HEAD~1:dvc.lock")
    folder = lock.partition("path: eval/plots\n")[2].partition("md5: ")[2].split()[0]
    with Objects(opened.repository.git) as objects:
        reader = Reader(opened, objects)
        commit = cached.git("rev-parse", "HEAD~1")
        tree = Tree(objects.tree_of(commit), commit, "HEAD~1")

        metrics = output_of(reader, tree, "eval/metrics.json")
        assert json.loads(metrics.data or b"") == {"accuracy": 1.5}
        assert metrics.digest is not None

        def below(tree: Tree, folder: str = "eval/plots") -> dict[str, Output]:
            return outputs_below(reader, tree, folder, pipeline=reader.pipeline(tree))

        ((path, loss),) = below(tree).items()
        assert (path, loss.data) == ("eval/plots/loss.csv", b"step,loss\n1,1.5\n")
        assert loss.target == "eval/plots"
        assert below(tree, "eval") == below(tree, "eval/metrics.json") == {}
        assert output_of(reader, tree, "eval/plots/loss.csv").data == b"step,loss\n1,1.5\n"
        assert output_of(reader, tree, "predictions.csv", most=3).lack is Lack.TOO_LARGE
        assert (output_of(reader, tree, "write.py").data or b"").decode() == WRITE
        for nothing in ("eval/plots", "eval/plots/none.csv", "none", "../x", "predictions.csv/x"):
            assert output_of(reader, tree, nothing) == Output(None, lack=Lack.ABSENT), nothing

        cache = cached.path / ".dvc" / "cache" / "files" / "md5"
        (cache / metrics.digest[:2] / metrics.digest[2:]).chmod(0o600)
        (cache / metrics.digest[:2] / metrics.digest[2:]).write_bytes(b'{"accuracy": 99}')
        (cache / folder[:2] / folder[2:]).unlink()
        altered = output_of(reader, tree, "eval/metrics.json")
        assert altered == Output(None, metrics.digest, Lack.ALTERED, "eval/metrics.json")
        gone = Output(None, folder, Lack.ABSENT, "eval/plots")
        assert output_of(reader, tree, "eval/plots/loss.csv") == gone
        assert below(tree) == {"eval/plots": gone}

        here = Tree(objects.tree_of(cached.git("rev-parse", "HEAD")), None, "the working tree")
        cached.write({"predictions.csv": "edited"})
        assert output_of(reader, here, "predictions.csv").data == b"edited"


def test_what_a_dvc_file_tracks(project: Workspace) -> None:
    project.write({"data/in.csv": "a,b\n", "data/more/x": "1"})
    subprocess.run(
        ["dvc", "add", "--quiet", "data/in.csv", "data/more"], cwd=project.path, check=True
    )
    commit = project.commit("data")
    opened = open_project(project.path)
    with Objects(opened.repository.git) as objects:
        reader, tree = Reader(opened, objects), Tree(objects.tree_of(commit), commit, "HEAD")
        assert output_of(reader, tree, "data/in.csv").data == b"a,b\n"
        assert output_of(reader, tree, "data/more/x").data == b"1"
        project.write({"broken.dvc": "outs: [", "odd.dvc": "outs:\n- 1\n- {path: odd, etag: x}\n"})
        commit = project.commit("broken")
        tree = Tree(objects.tree_of(commit), commit, "HEAD")
        for path in ("broken", "odd"):
            assert output_of(reader, tree, path) == Output(None, lack=Lack.ABSENT)
