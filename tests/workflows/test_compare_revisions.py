"""`paribus compare` of all that a project may have: cached metrics, plots, ranges, what cannot be read."""

from __future__ import annotations

import html.parser
import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace
    from tests.workflows.conftest import History

NOTE = "a difference between single committed runs may be noise; a verdict may not\n"

WRITE = """\
import json, os
gain = json.load(open("params.json"))["train"]["gain"]
os.makedirs("eval/plots", exist_ok=True)
json.dump({"accuracy": gain, "recall": [gain, 1.0]}, open("eval/metrics.json", "w"))
open("eval/plots/loss.csv", "w").write(f"step,loss\\n1,{gain / 2}\\n2,{gain}\\n")
"""

CACHED = """\
stages:
  work:
    cmd: python -S write.py
    deps: [write.py]
    params: [params.json: [train.gain]]
    metrics: [eval/metrics.json]
    plots: [eval/plots]
"""


@pytest.fixture
def cached(project: Workspace) -> Workspace:
    """Two commits whose metrics and plots DVC has cached, and a remote that has them, too."""
    remote = project.path.parent / "remote"
    project.write({"write.py": WRITE, "dvc.yaml": CACHED})
    project.git("rm", "--quiet", "--cached", "train.py", "evaluate.py")
    subprocess.run(
        ["dvc", "remote", "add", "-q", "-d", "here", remote], cwd=project.path, check=True
    )
    for gain in (0.5, 0.75):
        project.set_param("train.gain", gain)
        subprocess.run(["dvc", "repro", "--quiet"], cwd=project.path, check=True)
        project.commit(f"gain {gain}")
    subprocess.run(["dvc", "push", "--quiet", "--all-commits"], cwd=project.path, check=True)
    return project


def test_cached_metrics_and_what_fetches_them(cached: Workspace) -> None:
    told = cached.paribus("compare", "HEAD", "--baseline", "HEAD~1")
    assert (told.code, told.err) == (0, "")
    whole = (
        "                       HEAD~1            HEAD\n"
        "accuracy ↑                0.5    0.75 (+0.25)\n"
        "recall[0]                 0.5    0.75 (+0.25)\n"
        "loss.csv: loss last       0.5    0.75 (+0.25)\n"
        "loss.csv: loss best      0.25  0.375 (+0.125)\n"
        "train.gain                0.5            0.75\n"
    )
    assert told.out == whole + NOTE
    shutil.rmtree(cached.path / ".dvc" / "cache")
    told = cached.paribus("compare", "HEAD", "workspace", "--baseline", "HEAD~1")
    command = "dvc fetch --all-commits eval/metrics.json eval/plots"
    assert told.code == 0
    assert told.out == (
        "                       HEAD~1      HEAD    workspace\n"
        "accuracy ↑           not here  not here         0.75\n"
        "recall[0]            not here  not here         0.75\n"
        "recall[1]            not here  not here            1\n"
        "loss.csv: step last  not here  not here            2\n"
        "loss.csv: loss last  not here  not here         0.75\n"
        "loss.csv: loss best  not here  not here        0.375\n"
        "train.gain                0.5      0.75         0.75\n"
        "HEAD~1, HEAD: eval/metrics.json is not in the DVC cache\n"
        "HEAD~1, HEAD: eval/plots is not in the DVC cache\n"
        f"{NOTE}"
        f"help: fetch what is not here   {command}\n"
    )
    (found, _) = cached.paribus("compare", "HEAD", "workspace", "--json").json["revisions"]
    assert found["missing"] == ["eval/metrics.json", "eval/plots"]
    assert {each["command"] for each in found["absent"]} == {command}
    subprocess.run(shlex.split(command), cwd=cached.path, check=True, capture_output=True)
    assert cached.paribus("compare", "HEAD", "--baseline", "HEAD~1").out == whole + NOTE

    lock = cached.read("dvc.lock").partition("path: eval/metrics.json\n")[2]
    md5 = lock.partition(" md5: ")[2].split()[0]
    place = cached.path / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
    place.chmod(0o600)
    place.write_text('{"accuracy": 1.0}')
    told = cached.paribus("compare", "HEAD", "--baseline", "HEAD~1")
    assert told.code == 2
    assert told.out.splitlines()[1] == "accuracy ↑                0.5      unreadable"
    assert told.out.splitlines()[-3:-1] == [
        "HEAD: eval/metrics.json (the DVC cache has another content under its hash",
        f"  {md5})",
    ]


def test_a_result_that_no_branch_has_is_fetched_by_its_own_command(cached: Workspace) -> None:
    cached.git("switch", "--quiet", "--detach", "HEAD")
    commit = cached.git("rev-parse", "HEAD")
    cached.git("update-ref", "refs/exps/exec/lonely", commit)
    cached.git("branch", "--quiet", "--force", "main", "HEAD~1")
    cached.git("switch", "--quiet", "main")
    shutil.rmtree(cached.path / ".dvc" / "cache")
    told = cached.paribus("compare", commit, "--baseline", "main", "--json").json
    command = told["revisions"][0]["absent"][0]["command"]
    assert command == (
        f"git branch result-{commit[:7]} {commit} && "
        "dvc fetch --all-branches eval/metrics.json eval/plots"
    )
    subprocess.run(command, shell=True, cwd=cached.path, check=True, capture_output=True)
    found = cached.paribus("compare", commit, "--baseline", "main", "--json").json["revisions"][0]
    assert found["metrics"]["accuracy"] == 0.75
    assert cached.paribus("compare", commit).out.splitlines()[0].split() == [
        cached.git("rev-parse", "main")[:7], commit[:7],
    ]  # fmt: skip


EVERYTHING = """\
stages:
  train:
    cmd: python train.py
    metrics:
      - m.json: {cache: false}
      - m.yaml: {cache: false}
      - m.toml: {cache: false}
    plots:
      - ${folder}/curve.tsv: {cache: false}
      - ${folder}/picture.png
vars: [{folder: plots}]
metrics: [top.json]
plots:
  - lines: {y: {plots/top.csv: acc}}
"""


@pytest.fixture
def everything(project: Workspace) -> Workspace:
    """A baseline with each kind of file, and `changed` with each kind of difference."""
    guard = project.read("paribus.yaml") + "guards: [{metric: loss, direction: lower}]\n"
    project.commit(
        "first",
        {
            "dvc.yaml": EVERYTHING,
            "paribus.yaml": guard,
            "m.json": '{"loss": 0.5, "size": 3, "kept": 1, "gone": 2, "typed": 4, "accuracy": 0.5}',
            "m.yaml": "per_class: {cat: 0.5, dog: [0.5, 0.25]}\n",
            "m.toml": "k = 1.5\n",
            "top.json": '{"kept": 2, "inf": 1.0}',
            "plots/curve.tsv": "step\tloss\n1\t0.5\n2\t0.25\n",
            "plots/top.csv": "step,acc\n1,0.5\n",
            "deep/dvc.yaml": "metrics: [live.json]\n",
            "deep/live.json": '{"live": 1}',
            "other/.dvc/config": "",
            "other/dvc.yaml": "metrics: [foreign.json]\n",
            "other/foreign.json": '{"foreign": 1}',
        },
    )
    project.git("tag", "-a", "baseline/1", "-m", "first")
    project.commit(
        "changed",
        {
            "m.json": '{"loss": NaN, "size": 3, "kept": 1, "typed": "high", "accuracy": 0.75}',
            "m.yaml": "per_class: {cat: 0.5, dog: [0.5, 0.75], fox: 1}\n",
            "m.toml": "k = \n",
            "top.json": '{"kept": 2, "inf": 1e999}',
            "plots/curve.tsv": "step\tloss\n1\t0.5\n2\t0.125\n3\tnan\n",
            "plots/top.csv": "step,acc\n1,0.75\n",
            "deep/live.json": '{"live": 2}',
            "other/foreign.json": '{"foreign": 2}',
        },
    )
    project.git("branch", "changed")
    return project


def test_every_kind_of_file_and_of_difference(everything: Workspace) -> None:
    told = everything.paribus("compare", "changed")
    assert told.err == ""
    assert told.out == (
        "                        baseline/1               changed\n"
        "accuracy ↑                     0.5          0.75 (+0.25)\n"
        "loss ↓ guard                   0.5  NaN (no measurement)\n"
        "gone                             2               removed\n"
        "typed                            4   high (was a number)\n"
        "per_class.dog[1]              0.25           0.75 (+0.5)\n"
        "k                              1.5            unreadable\n"
        "inf                              1  inf (no measurement)\n"
        "live                             1                2 (+1)\n"
        "per_class.fox                                    1 (new)\n"
        "curve.tsv: step last             2                3 (+1)\n"
        "curve.tsv: loss last          0.25  NaN (no measurement)\n"
        "curve.tsv: loss best          0.25        0.125 (-0.125)\n"
        "top.csv: acc last              0.5          0.75 (+0.25)\n"
        "top.csv: acc best              0.5          0.75 (+0.25)\n"
        "changed: m.toml (line 1: Invalid value)\n"
        f"{NOTE}"
    )
    assert told.code == 2
    found = everything.paribus("compare", "changed", "--json")
    assert found.code == 2
    (one,) = found.json["revisions"]
    assert (one["metrics"]["loss"], one["metrics"]["inf"]) == ("nan", "inf")
    assert one["metrics"]["m.json:kept"] == 1
    assert one["metrics"]["top.json:kept"] == 2
    assert one["plots"]["plots/curve.tsv:loss best"] == 0.125
    assert one["delta"]["plots/curve.tsv:loss best"] == -0.125
    assert one["missing"] == []


def test_nothing_stops_the_others(everything: Workspace) -> None:
    everything.commit("broken", {"dvc.yaml": "stages: ["})
    everything.git("branch", "broken")
    everything.git("rm", "--quiet", "dvc.yaml", "deep/dvc.yaml")
    everything.commit("none")
    asked = (
        "compare",
        "nosuch",
        "broken",
        "changed",
        "HEAD",
        "HEAD..HEAD",
        "--baseline=baseline/1",
    )
    told = everything.paribus(*asked)
    assert told.code == 2
    lines = told.out.splitlines()
    assert lines[0].split()[:4] == ["baseline/1", "nosuch", "broken", "changed"]
    assert lines[1].split() == ["accuracy", "↑", "0.5", "0.75", "(+0.25)"]
    assert "nosuch: no commit is called 'nosuch' here" in lines
    assert any(line.startswith("broken: dvc.yaml:2: ") for line in lines)
    assert "HEAD: there is no dvc.yaml in HEAD" in lines
    errors = [each["error"] for each in everything.paribus(*asked, "--json").json["revisions"]]
    assert [error and error["code"] for error in errors] == [
        "unknown-revision", "unreadable-file", None, "no-pipeline", "empty-range",
    ]  # fmt: skip
    rows = everything.paribus(*asked, "--csv").out.splitlines()
    assert "nosuch,,problem,unknown-revision,no commit is called 'nosuch' here,," in rows
    alone = everything.paribus("compare", "broken")
    assert (alone.code, alone.out) == (2, "")
    assert alone.err.startswith("error[unreadable-file]: dvc.yaml:2: ")


def test_a_range_is_each_of_its_commits(project: Workspace) -> None:
    start = project.commit("start", {"metrics.json": '{"accuracy": 0.5}\n'})
    for number in range(12):
        project.commit(f"step {number}", {"metrics.json": f'{{"accuracy": 0.{60 + number}}}\n'})
    listed = project.git("rev-list", f"{start}..HEAD").splitlines()
    told = project.paribus("compare", f"{start}..HEAD", "--json").json
    assert told["baseline"] == start
    assert [one["revision"] for one in told["revisions"]] == listed
    rows = project.paribus("compare", f"{start}..HEAD").out.splitlines()
    assert [row.split()[0] for row in rows[1:-1]] == [each[:7] for each in (start, *listed)]
    assert rows[0].split() == ["accuracy", "↑"]
    assert rows[2].split() == [listed[0][:7], "0.71", "(+0.21)"]
    best = ("--sort", "accuracy", "--limit", "2", "--json")
    found = project.paribus("compare", f"{start}..HEAD", *best).json["revisions"]
    assert [one["metrics"]["accuracy"] for one in found] == [0.71, 0.7]
    unknown = project.paribus("compare", "HEAD", "--sort", "acuracy")
    assert (unknown.code, unknown.err.splitlines()[1]) == (2, "help: there are accuracy")
    lines = project.paribus("compare", f"{start}..HEAD", "--jsonl").out.splitlines()
    assert [json.loads(line)["revision"] for line in lines] == listed


def test_experiments_are_the_means_of_their_runs(history: History) -> None:
    project = history.project
    improved, failed = history.id("improved"), history.id("failed")
    told = project.paribus("compare", improved[:5], failed[:6], "--json").json
    base, (one, other) = told, told["revisions"]
    shown = project.paribus("show", improved, "--json").json
    verdict = shown["verdict"]
    assert (one["experiment"], one["runs"], base["runs"]) == (improved, 3, 3)
    assert one["delta"]["accuracy"] == pytest.approx(verdict["estimate"])
    assert one["metrics"]["accuracy"] - base["metrics"]["accuracy"] == pytest.approx(
        verdict["estimate"]
    )
    assert one["verdict"]["outcome"] == "improved"
    assert one["params"]["train.gain"] == 0.2
    assert (other["runs"], other["metrics"], other["error"]) == (0, {}, None)
    run = next(run for run in shown["runs"] if run["side"] == "candidate")
    (single,) = project.paribus("compare", run["id"], "--json").json["revisions"]
    assert (single["runs"], single["revision"]) == (1, run["commit"])
    assert single["metrics"] == run["metrics"]
    lines = project.paribus("compare", improved[:5], failed[:6]).out.splitlines()
    words = " ".join(lines).split()
    assert [words[at - 1] for at, word in enumerate(words) if word == "runs"][:2] == ["3", "3"]
    assert lines[1].split()[-2:] == [f"{one['metrics']['accuracy']:.6g}", "(+0.2012)"]
    assert "accuracy ↑" in lines[1]
    assert any(line.split()[-1:] == ["failed"] and "accuracy" in line for line in lines)


class Tags(html.parser.HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_is_one_document_in_which_nothing_acts(project: Workspace) -> None:
    evil = "<img src=x onerror=alert(1)>"
    project.commit("base", {"metrics.json": '{"accuracy": 0.5}'})
    project.git("switch", "--quiet", "--create", "a<script>b")
    metrics = {"accuracy": 0.75, evil: 1, "'\"&": "</td><script>"}
    project.commit("evil", {"metrics.json": json.dumps(metrics)})
    told = project.paribus("compare", "a<script>b", "--html")
    assert told.code == 0
    page = Tags()
    page.feed(told.out)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "link", "iframe", "a", "object", "form"}
    (policy,) = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert f'"{evil}"' in page.text
    assert "a<script>b" in page.text
    assert "0.75 (+0.25)" in page.text
    assert not Path(project.path, ".dvc", "tmp").exists()
