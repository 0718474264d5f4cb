"""One run, from the user's tree to a result in the user's repository, and nothing else touched."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paribus.core.errors import Exit, Problem
from paribus.core.values import KeyPath, Value
from paribus.dvc.layout import cached_file, result_ref
from paribus.execute.clone import Origin
from paribus.execute.environment import worker_environment
from paribus.execute.executors import LocalExecutor, WorkerLost
from paribus.execute.task import Result, Task, perform
from paribus.git.repository import discover
from paribus.git.worktree import captured

if TYPE_CHECKING:
    from tests.conftest import Workspace

WHO = {
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}

METRICS = b'{"accuracy": 0.785806, "loss": 0.214194}'
"""Of the small project as it is."""

PROBE = """\
stages:
  probe:
    cmd: {command}
    deps: [probe.py]
    params:
      - params.json: [seed]
    metrics:
      - found.json: {{cache: false}}
"""


@pytest.fixture(scope="module")
def workers() -> Iterator[dict[int, LocalExecutor]]:
    """Workers that stay warm from test to test: importing DVC takes longer than a run."""
    made: dict[int, LocalExecutor] = {}
    yield made
    for executor in made.values():
        executor.shutdown()


@pytest.fixture
def worker(workers: dict[int, LocalExecutor]) -> LocalExecutor:
    if 1 not in workers:
        workers[1] = LocalExecutor(1, worker_environment(WHO))
    return workers[1]


@pytest.fixture
def two(workers: dict[int, LocalExecutor]) -> LocalExecutor:
    if 2 not in workers:
        workers[2] = LocalExecutor(2, worker_environment(WHO))
    return workers[2]


def tree_of(workspace: Workspace) -> str:
    """The working tree, kept so that a clone can see it."""
    with captured(discover(workspace.path), keep=True) as capture:
        return capture.tree


def task_of(
    workspace: Workspace,
    name: str = "paribus-x-1",
    *,
    project: str = "",
    tree: str | None = None,
    params: Mapping[str, Mapping[KeyPath, Value]] | None = None,
    **more: Any,
) -> Task:
    repository = discover(workspace.path)
    state = workspace.path / project / ".dvc" / "tmp" / "paribus"
    return Task(
        name=name,
        message=f"paribus: {name}",
        origin=Origin(repository.top, repository.common_dir, project),
        pool=state / "pool",
        log=state / "logs" / f"{name}.log",
        baseline=workspace.git("rev-parse", "HEAD"),
        tree=tree or tree_of(workspace),
        params=params or {},
        **more,
    )


def done(worker: LocalExecutor, task: Task) -> Result:
    return worker.submit(perform, task).result(90)


def succeeded(worker: LocalExecutor, task: Task) -> str:
    """The commit of a run that must succeed."""
    result = done(worker, task)
    assert result.cause is None, result.log_tail
    assert result.commit is not None
    return result.commit


def probe(workspace: Workspace, source: str, command: str = "python -S probe.py") -> None:
    """Makes the pipeline a single stage that notes in a metrics file what it finds."""
    script = (
        f"import json, os, sys\nfound = {{}}\n{source}\njson.dump(found, open('found.json', 'w'))\n"
    )
    workspace.write({"dvc.yaml": PROBE.format(command=command), "probe.py": script})
    workspace.git("add", "--all")


def found(
    worker: LocalExecutor, workspace: Workspace, name: str = "paribus-x-1", **more: Any
) -> Any:
    """What the probe noted, as the result's commit has it."""
    commit = succeeded(worker, task_of(workspace, name, **more))
    return json.loads(workspace.git("show", f"{commit}:found.json"))


def seeded(value: int, file: str = "params.json") -> dict[str, dict[KeyPath, Value]]:
    return {file: {("seed",): value}}


def clone_of(workspace: Workspace, number: int = 0) -> Path:
    return workspace.path / ".dvc" / "tmp" / "paribus" / "pool" / str(number) / "clone"


def entries(workspace: Workspace, treeish: str) -> dict[str, str]:
    listed = workspace.git_of_captures("ls-tree", "-r", "-z", treeish).split("\0")
    parts = [line.partition("\t") for line in listed if line]
    return {path: f"{head.split()[0]} {head.split()[2]}" for head, _, path in parts}


# A run that succeeds


def test_the_result_is_whole(worker: LocalExecutor, project: Workspace) -> None:
    head = project.git("rev-parse", "HEAD")
    before, task = (
        project.state(),
        task_of(project, collect=("metrics.json", "model.json", "nowhere")),
    )
    result = done(worker, task)

    assert result.commit is not None
    assert 0 < result.seconds < 60
    assert result.log_tail.splitlines()[-3:] == [
        "Running stage 'evaluate':",
        "> python -S evaluate.py",
        "Updating lock file 'dvc.lock'",
    ]
    model = (clone_of(project) / "model.json").read_bytes()
    ref = f"refs/exps/{head[:2]}/{head[2:]}/paribus-x-1"
    assert replace(result, seconds=0, log_tail="") == Result(
        result.commit, ref, 0, None, None, None, "", {"metrics.json": METRICS, "model.json": model}
    )

    assert project.git("rev-parse", ref) == result.commit
    assert result_ref(head, "paribus-x-1") == ref
    assert project.git("log", "-1", "--format=%P|%s|%an <%ae>|%cn <%ce>", ref) == (
        f"{head}|paribus: paribus-x-1|Ada Lovelace <ada@example.com>|Ada Lovelace <ada@example.com>"
    )
    assert project.git("diff", "--name-status", head, ref).splitlines() == [
        "A\tdvc.lock",
        "A\tmetrics.json",
    ]
    assert project.git("show", f"{ref}:metrics.json").encode() == METRICS
    assert project.state() == before
    project.git("fsck", "--full", "--strict")


def test_the_log_holds_all_that_was_printed(
    worker: LocalExecutor, project: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    probe(
        project,
        "print('to standard output', flush=True)\nprint('to standard error', file=sys.stderr)\n"
        "os.system('echo by a child; echo and its error >&2')\nos.write(1, b'\\xff not utf-8\\n')",
    )
    task = task_of(project)
    result = done(worker, task)
    text = task.log.read_text(errors="replace")
    for said in (
        "to standard output",
        "to standard error",
        "by a child",
        "and its error",
        "� not utf-8",
    ):
        assert text.count(f"\n{said}\n") == 1
    assert result.log_tail.splitlines() == text.splitlines()
    assert capfd.readouterr() == ("", "")
    again = replace(
        task,
        log=task.log.with_name("another.log"),
        name="paribus-x-2",
        params=seeded(2),
    )
    succeeded(worker, again)
    assert task.log.read_text(errors="replace") == text


def test_only_the_end_of_a_long_log_is_told(worker: LocalExecutor, project: Workspace) -> None:
    probe(
        project,
        "print('x' * 300, '\\n'.join(map(str, range(20000))), 'y' * 20_000, sep='\\n')\nsys.exit('over')",
    )
    result = done(worker, task_of(project))
    assert result.exit_code == 1
    assert len(result.log_tail) <= 8_000
    assert "over" in result.log_tail.splitlines()
    probe(project, "print('\\n'.join(map(str, range(20000))))\nsys.exit('over')")
    lines = done(worker, task_of(project)).log_tail.splitlines()
    assert len(lines) == 40
    assert lines[-1 - (lines[::-1].index("over"))] == "over"
    assert "19999" in lines


IN_THIS_PROCESS = """\
import os, pickle, sys
from pathlib import Path
from paribus.execute.executors import InlineExecutor
from paribus.execute.task import perform

task = pickle.loads(bytes.fromhex(sys.argv[1]))
here = os.getcwd()
with InlineExecutor() as executor:
    result = executor.submit(perform, task).result()
print(result.cause, os.getcwd() == here, sys.stdin.read())
"""


def test_it_can_run_in_the_calling_process_for_debugging(project: Workspace) -> None:
    before, task = project.state(), task_of(project)
    called = subprocess.run(
        [sys.executable, "-c", IN_THIS_PROCESS, pickle.dumps(task).hex()],
        env={**os.environ, **WHO}, input="typed", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (called.stdout, called.stderr) == ("None True typed\n", "")
    assert "Running stage 'train'" in task.log.read_text()
    assert project.state() == before


# The tree that was asked for


def test_the_candidates_files_are_in_the_result(worker: LocalExecutor, project: Workspace) -> None:
    project.commit(
        "scripts", {"tool.sh": "#!/bin/sh\n", "goes.txt": "goes\n", "big.log": "ignored\n"}
    )
    project.write({
        "train.py": project.read("train.py") + "# edited\n",
        "new/deep/file.txt": "new\n",
        "odd name'\n.txt": "odd\n",
        ".gitignore": "/model.json\n*.log\n",
        "tracked.log": "ignored, and tracked all the same\n",
    })  # fmt: skip
    (project.path / "tool.sh").chmod(0o755)
    (project.path / "goes.txt").unlink()
    (project.path / "link").symlink_to("train.py")
    project.git("add", "--all")
    project.git("add", "--force", "tracked.log")
    tree, before = tree_of(project), project.state()

    commit = succeeded(worker, task_of(project, tree=tree))

    held, wanted = entries(project, commit), entries(project, tree)
    assert {path: held[path] for path in held if path not in wanted} == {
        path: held[path] for path in ("dvc.lock", "metrics.json")
    }
    assert {path: held.get(path) for path in wanted} == wanted
    assert held["tool.sh"].startswith("100755 ")
    assert held["link"].startswith("120000 ")
    assert "goes.txt" not in held
    assert project.git("rev-parse", f"{commit}^") == project.git("rev-parse", "HEAD")
    assert project.state() == before


def test_seeds_are_written_on_top_of_it(worker: LocalExecutor, project: Workspace) -> None:
    params: dict[str, dict[KeyPath, Value]] = {
        "params.json": {("seed",): 7, ("split_seed",): 2**31 - 1}
    }
    commit = succeeded(worker, task_of(project, params=params))
    held = json.loads(project.git("show", f"{commit}:params.json"))
    assert (held["seed"], held["split_seed"]) == (7, 2**31 - 1)
    assert held["train"] == json.loads(project.read("params.json"))["train"]
    assert json.loads(project.read("params.json"))["seed"] == 1
    other = succeeded(worker, task_of(project, "paribus-x-2", params=seeded(8)))
    assert project.git("show", f"{other}:metrics.json") != project.git(
        "show", f"{commit}:metrics.json"
    )


def test_the_stage_runs_at_the_baseline_with_the_trees_files(
    worker: LocalExecutor, project: Workspace
) -> None:
    probe(
        project,
        "import subprocess\n"
        "git = lambda *a: subprocess.check_output(['git', *a], text=True).split()\n"
        "found['head'], found['here'] = git('rev-parse', 'HEAD'), os.getcwd()\n"
        "found['files'] = sorted(name for name in os.listdir('.') if not name.startswith('.git'))",
        "python probe.py",
    )
    project.write({"untracked.txt": "?", "model.json": "{}"})
    project.git("reset", "--quiet", "untracked.txt")
    seen = found(worker, project)
    assert seen["head"] == [project.git("rev-parse", "HEAD")]
    assert seen["here"] == str(clone_of(project))
    tracked = project.git_of_captures("ls-tree", "--name-only", tree_of(project)).splitlines()
    assert seen["files"] == [name for name in tracked if name != ".gitignore"]


def test_a_tree_equal_to_the_baseline_is_run_as_well(
    worker: LocalExecutor, project: Workspace
) -> None:
    """Without a single change DVC still makes a result, which is the baseline's run."""
    task = task_of(project, tree=project.git("rev-parse", "HEAD^{tree}"))
    commit = succeeded(worker, task)
    assert project.git("show", f"{commit}:metrics.json").encode() == METRICS


# One run after the other


def test_nothing_of_a_run_reaches_the_next(worker: LocalExecutor, project: Workspace) -> None:
    project.write({"noted.txt": "as it was\n"})
    listing = (
        "found['files'] = sorted(os.listdir('.')); found['noted'] = open('noted.txt').read()\n"
    )
    litter = (
        "os.makedirs('left/over'); os.makedirs('__pycache__')\n"
        "for name in ('left/over/x.txt', 'ignored.log', '__pycache__/x.pyc', 'model.json', 'noted.txt'):\n"
        "    open(name, 'w').write('left over')\n"
        "os.remove('README.md'); os.symlink('/', 'root'); os.chmod('train.py', 0o755)\n"
    )
    project.write({".gitignore": "/model.json\n*.log\n"})
    probe(project, listing)
    clean = tree_of(project)
    first = found(worker, project, tree=clean)
    probe(project, listing + litter)
    assert found(worker, project, "paribus-x-2") == first
    seeds = seeded(5)
    assert found(worker, project, "paribus-x-3", tree=clean, params=seeds) == first
    assert first["noted"] == "as it was\n"


def test_an_output_that_persists_does_not_persist_from_run_to_run(
    worker: LocalExecutor, project: Workspace
) -> None:
    """`persist: true` keeps a stage's output for its next run: a candidate would start from the baseline's."""
    probe(
        project,
        "found['before'] = os.path.exists('state.txt')\nopen('state.txt', 'a').write('x')",
    )
    with (project.path / "dvc.yaml").open("a") as file:
        file.write("    outs:\n      - state.txt: {persist: true}\n")
    project.write({".gitignore": "/model.json\n/state.txt\n"})
    for seed in (1, 2):
        params = seeded(seed)
        assert found(worker, project, f"paribus-x-{seed}", params=params) == {"before": False}


@dataclass
class Data:
    """A project whose stage reads raw data that DVC tracks."""

    workspace: Workspace

    def put(self, content: str, *, folder: bool = False) -> str:
        """Tracks new data as `dvc add` does; returns the tree with it."""
        path, cache = self.workspace.path / "data", self.workspace.path / ".dvc" / "cache"
        if folder:
            path.mkdir(exist_ok=True)
        (path / "a.csv" if folder else path).write_text(content)
        md5 = cached(cache, content)
        if folder:
            md5 = cached(cache, json.dumps([{"md5": md5, "relpath": "a.csv"}]), ".dir")
        size = f"  size: {len(content)}\n" + ("  nfiles: 1\n" if folder else "")
        self.workspace.write(
            {
                "data.dvc": f"outs:\n- md5: {md5}\n{size}  hash: md5\n  path: data\n",
                ".gitignore": "/model.json\n/data\n",
            }
        )
        self.workspace.git("add", "--all")
        return tree_of(self.workspace)


def cached(cache: Path, content: str, suffix: str = "") -> str:
    """Puts a file into DVC's cache; returns its hash."""
    md5 = hashlib.md5(content.encode()).hexdigest() + suffix
    path = cached_file(cache, md5)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return md5


READING = "found['data'] = open('data').read()\n"


@pytest.fixture
def data(project: Workspace) -> Data:
    probe(project, READING)
    return Data(project)


def test_each_run_has_the_data_of_its_own_tree(worker: LocalExecutor, data: Data) -> None:
    """What lies in the clone from the last run is an edit to `dvc exp run`, which would keep it."""
    trees = {text: data.put(text) for text in ("old", "new")}
    for number, text in enumerate(("old", "new", "old")):
        name, params = f"paribus-x-{number}", seeded(number)
        task = task_of(data.workspace, name, tree=trees[text], params=params)
        commit = succeeded(worker, task)
        assert json.loads(data.workspace.git("show", f"{commit}:found.json")) == {"data": text}
        differing = "diff", "--name-only", trees[text], commit, "--", "*.dvc"
        assert data.workspace.git_of_captures(*differing) == ""


def test_data_that_a_stage_alters_is_put_right_for_the_next_run(
    worker: LocalExecutor, data: Data
) -> None:
    data.put("right")
    probe(data.workspace, READING + "open('data', 'a').write(' and wrong')")
    tree = tree_of(data.workspace)
    for number in range(2):
        params = seeded(number)
        seen = found(worker, data.workspace, f"paribus-x-{number}", tree=tree, params=params)
        assert seen == {"data": "right"}
    assert (data.workspace.path / "data").read_text() == "right"


def test_a_folder_of_data_is_put_right_as_well(worker: LocalExecutor, project: Workspace) -> None:
    look = "found['data'] = {name: open('data/' + name).read() for name in sorted(os.listdir('data'))}\n"
    probe(
        project,
        look + "open('data/extra.csv', 'w').write('extra'); open('data/a.csv', 'w').write('!')",
    )
    tree = Data(project).put("right", folder=True)
    for number in range(2):
        params = seeded(number)
        seen = found(worker, project, f"paribus-x-{number}", tree=tree, params=params)
        assert seen == {"data": {"a.csv": "right"}}


def test_data_that_did_not_change_is_not_copied_again(worker: LocalExecutor, data: Data) -> None:
    data.put("weighs a lot")
    copies = []
    for number in range(2):
        params = seeded(number)
        found(worker, data.workspace, f"paribus-x-{number}", params=params)
        about = (clone_of(data.workspace) / "data").stat()
        copies.append((about.st_ino, about.st_mtime_ns, about.st_ctime_ns))
    assert copies[0] == copies[1]


def test_data_that_the_cache_does_not_hold_fails_the_run(worker: LocalExecutor, data: Data) -> None:
    old, new = data.put("old"), data.put("new")
    found(worker, data.workspace, tree=old)
    shutil.rmtree(data.workspace.path / ".dvc" / "cache")
    result = done(worker, task_of(data.workspace, "paribus-x-2", tree=new))
    assert result.commit is None
    assert result.cause is not None
    assert "No such file or directory: 'data'" in result.log_tail


def test_a_clone_in_which_a_run_was_killed_is_made_anew(
    worker: LocalExecutor, project: Workspace
) -> None:
    succeeded(worker, task_of(project))
    slot, clone = clone_of(project).parent, clone_of(project)
    assert not (slot / "busy").exists()
    (slot / "busy").touch()
    for name in (
        ".git/index.lock",
        ".git/HEAD.lock",
        ".dvc/tmp/lock",
        ".dvc/tmp/rwlock",
        ".git/of-the-killed-run",
        "left-over",
    ):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("{")
    succeeded(worker, task_of(project, "paribus-x-2", params=seeded(2)))
    assert not (clone / ".git/of-the-killed-run").exists()
    assert not (clone / "left-over").exists()
    assert not (slot / "busy").exists()


def test_a_worker_that_is_killed_leaves_no_process_and_a_clone_that_is_made_anew(
    project: Workspace, tmp_path: Path
) -> None:
    probe(
        project,
        f"open({str(tmp_path / 'stage')!r}, 'w').write(str(os.getpid())); import time; time.sleep(60)",
    )
    slow = tree_of(project)
    probe(project, "found['done'] = True")
    before = project.state()
    with LocalExecutor(1, worker_environment(WHO)) as executor:
        process = executor.submit(os.getpid).result(30)
        future = executor.submit(perform, task_of(project, tree=slow))
        stage = eventually(lambda: int((tmp_path / "stage").read_text()))
        os.kill(process, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="signal 9"):
            future.result(30)
        eventually(lambda: not Path(f"/proc/{stage}").exists() or None)
        assert clone_of(project).with_name("busy").exists()
        assert project.git("for-each-ref", "refs/exps") == ""
        assert found(executor, project, "paribus-x-2") == {"done": True}
    refs = project.git("for-each-ref", "--format=%(refname)", "refs/exps").splitlines()
    assert [ref.rpartition("/")[2] for ref in refs] == ["paribus-x-2"]
    assert project.state() == before


def eventually(ask: Callable[[], Any]) -> Any:
    """The first answer that is neither None nor an error."""
    end = time.monotonic() + 30
    while True:
        try:
            answer = ask()
        except (OSError, ValueError):
            answer = None
        if answer is not None:
            return answer
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_runs_at_once_have_a_clone_each(
    two: LocalExecutor, project: Workspace, tmp_path: Path
) -> None:
    """Each waits for the other, and neither sees the other's files."""
    probe(
        project,
        f"import time\nfound['here'] = os.getcwd()\nopen({str(tmp_path)!r} + '/' + str(os.getpid()), 'w')\n"
        f"while len(os.listdir({str(tmp_path)!r})) < 3: time.sleep(0.02)",
    )
    tasks = [task_of(project, f"paribus-x-{seed}", params=seeded(seed)) for seed in (1, 2)]
    results = [future.result(90) for future in [two.submit(perform, task) for task in tasks]]
    places = set()
    for seed, result in zip((1, 2), results, strict=True):
        assert result.cause is None
        assert json.loads(project.git("show", f"{result.commit}:params.json"))["seed"] == seed
        places.add(json.loads(project.git("show", f"{result.commit}:found.json"))["here"])
    assert places == {str(clone_of(project, 0)), str(clone_of(project, 1))}
    assert all(result.log_tail.count("Running stage") == 1 for result in results)


# Caches


def test_a_repeat_can_be_forced_to_run_every_stage(
    worker: LocalExecutor, project: Workspace, tmp_path: Path
) -> None:
    """A control rerun that came from the run cache would show no spread at all."""
    runs = tmp_path / "runs"
    probe(project, f"open({str(runs)!r}, 'a').write('x')")
    for number, fresh in enumerate((False, False, True, True)):
        succeeded(worker, task_of(project, f"paribus-x-{number}", fresh=fresh))
    assert runs.read_text() == "xxx"


def test_outputs_are_in_the_cache_that_the_project_shares(
    worker: LocalExecutor, project: Workspace
) -> None:
    commit = succeeded(worker, task_of(project))
    lock = project.git("show", f"{commit}:dvc.lock")
    recorded = re.search(r"path: model.json\s+hash: md5\s+md5: ([0-9a-f]{32})", lock)
    assert recorded is not None
    cached = cached_file(project.path / ".dvc" / "cache", recorded[1])
    assert cached.read_bytes() == (clone_of(project) / "model.json").read_bytes()
    assert not (clone_of(project) / ".dvc" / "cache").exists()


def test_dvcs_machine_wide_state_is_the_clones_own(
    worker: LocalExecutor, project: Workspace
) -> None:
    """On a shared machine anybody could change the one below `/var/tmp`."""
    elsewhere = project.path.parent / "elsewhere"
    with (project.path / ".dvc" / "config").open("a") as file:
        file.write(f"    site_cache_dir = {elsewhere}\n")
    probe(project, "found['site'] = os.environ['DVC_SITE_CACHE_DIR']")
    assert found(worker, project) == {"site": str(clone_of(project).with_name("site"))}
    assert any(clone_of(project).with_name("site").iterdir())
    assert not elsewhere.exists()


# Runs that fail


def failed(worker: LocalExecutor, workspace: Workspace, **more: Any) -> Result:
    """A run that must fail by itself, and leave nothing but its log."""
    before, task = workspace.state(), task_of(workspace, **more)
    result = done(worker, task)
    assert (result.commit, result.ref, dict(result.collected)) == (None, None, {})
    assert result.cause is not None
    assert "\n" not in result.cause
    assert workspace.state() == before
    assert workspace.git("for-each-ref", "refs/exps") == ""
    assert task.log.read_text(errors="replace").rstrip("\n").endswith(result.log_tail)
    return result


def test_a_failing_stage_is_a_result_with_its_reason(
    worker: LocalExecutor, project: Workspace
) -> None:
    project.set_param("train.fail", True)
    result = failed(worker, project, collect=("metrics.json",))
    assert (result.cause, result.stage, result.exit_code) == ("stage train, exit 1", "train", 1)
    assert "ValueError: loss is nan at epoch 3" in result.log_tail.splitlines()
    assert 0 < result.seconds < 60
    project.set_param("train.fail", False)
    commit = succeeded(worker, task_of(project, "paribus-x-2"))
    assert project.git("show", f"{commit}:metrics.json").encode() == METRICS


def test_the_second_stage_can_fail_too(worker: LocalExecutor, project: Workspace) -> None:
    project.write({"evaluate.py": "import sys\nsys.exit(42)\n"})
    result = failed(worker, project)
    assert (result.cause, result.stage, result.exit_code) == (
        "stage evaluate, exit 42",
        "evaluate",
        42,
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [("kill -9 $$", -9), ("exit 137", 137), ("no-such-command", 127)],
)
def test_a_stage_that_is_ended_from_outside(
    command: str, code: int, worker: LocalExecutor, project: Workspace
) -> None:
    probe(project, "", command)
    result = failed(worker, project)
    assert (result.cause, result.stage, result.exit_code) == (
        f"stage probe, exit {code}",
        "probe",
        code,
    )


def test_an_output_that_was_not_written_is_a_failure(
    worker: LocalExecutor, project: Workspace
) -> None:
    project.write({"train.py": "print('nothing written')\n"})
    result = failed(worker, project)
    assert (result.stage, result.exit_code) == ("train", None)
    assert result.cause == "output 'model.json' does not exist"


@pytest.mark.parametrize(
    ("text", "cause", "stage"),
    [
        ("stages: [1, 2]\n", "'./dvc.yaml' validation failed", None),
        (
            "stages:\n  a:\n    cmd: [\n",
            "unable to read: 'dvc.yaml', YAML file structure is corrupted",
            None,
        ),
        (
            "stages:\n  a:\n    cmd: echo ${nowhere}\n",
            "failed to parse 'stages.a.cmd' in 'dvc.yaml': Could not find 'nowhere'",
            None,
        ),
        (
            "stages:\n  a:\n    cmd: echo a\n    deps: [nowhere.csv]\n",
            "dependency 'nowhere.csv' does not exist",
            "a",
        ),
    ],
)
def test_a_pipeline_that_dvc_refuses_is_a_failure(
    text: str, cause: str, stage: str | None, worker: LocalExecutor, project: Workspace
) -> None:
    project.write({"dvc.yaml": text})
    result = failed(worker, project)
    assert (result.cause, result.stage, result.exit_code) == (cause, stage, None)


def test_what_hides_behind_dvcs_words_is_said(worker: LocalExecutor, project: Workspace) -> None:
    """Its own are `Failed to reproduce experiment` and a number."""
    probe(project, "os.remove('.dvc/config'); os.mkdir('.dvc/config')")
    result = failed(worker, project)
    assert result.cause == f"[Errno 21] Is a directory: '{clone_of(project)}/.dvc/config'"
    assert (result.stage, result.exit_code) == (None, None)


def test_a_clone_that_a_stage_destroys_is_made_anew(
    worker: LocalExecutor, project: Workspace
) -> None:
    probe(
        project,
        "os.rename('.git', '.gone'); os.system('git rev-parse --git-dir; git commit -am no')",
    )
    before, task = project.state(), task_of(project)
    with pytest.raises(RuntimeError, match="GitError"):
        done(worker, task)
    log = task.log.read_text()
    assert log.count("fatal: not a git repository") == 2
    assert "GitError" in log
    assert project.state() == before
    probe(project, "found['well'] = True")
    assert found(worker, project, "paribus-x-2") == {"well": True}


@pytest.mark.parametrize("guard", ["probe.py", "params.json", "dvc.yaml", "noted.txt"])
def test_a_run_that_alters_what_is_tested_has_failed(
    guard: str, worker: LocalExecutor, project: Workspace
) -> None:
    """Its result would not be that of the change."""
    project.write({"noted.txt": "as it was"})
    probe(project, f"open({guard!r}, 'a').write('\\n')")
    result = failed(worker, project, guarded=("train.py", guard))
    assert result.cause == f"the run itself altered {guard}"
    assert (result.stage, result.exit_code) == (None, None)


@pytest.mark.parametrize("how", ["os.remove('noted.txt')", "os.chmod('noted.txt', 0o755)"])
def test_removing_it_or_changing_its_mode_is_altering_it(
    how: str, worker: LocalExecutor, project: Workspace
) -> None:
    project.write({"noted.txt": "as it was"})
    probe(project, how)
    assert (
        failed(worker, project, guarded=("noted.txt",)).cause == "the run itself altered noted.txt"
    )


def test_seeds_are_no_alteration(worker: LocalExecutor, project: Workspace) -> None:
    params = seeded(99)
    succeeded(worker, task_of(project, params=params, guarded=("params.json", "train.py")))


def test_a_result_that_cannot_be_brought_home_is_said(
    worker: LocalExecutor, project: Workspace
) -> None:
    ref = result_ref(project.git("rev-parse", "HEAD"), "paribus-x-1")
    lock = project.path / ".git" / f"{ref}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with pytest.raises(Problem, match="the result could not be brought home: ") as found:
        done(worker, task_of(project))
    assert found.value.status is Exit.NOT_RECORDED
    lock.unlink()
    succeeded(worker, task_of(project))


def test_what_is_not_the_stages_doing_is_an_exception(
    worker: LocalExecutor, project: Workspace
) -> None:
    task = task_of(project, tree="f" * 40)
    with pytest.raises(Exception, match="git read-tree"):
        done(worker, task)
    assert "GitError" in task.log.read_text()
    succeeded(worker, task_of(project, "paribus-x-2"))


def test_what_is_collected_is_read_as_plain_files_only(
    worker: LocalExecutor, project: Workspace
) -> None:
    """A link could lead anywhere; a metric that DVC caches is not in the commit."""
    secret = project.path.parent / "secret"
    secret.write_text("secret")
    probe(
        project,
        f"os.remove('README.md'); os.symlink({str(secret)!r}, 'README.md'); os.mkdir('folder')",
    )
    result = done(worker, task_of(project, collect=("README.md", "folder", "found.json")))
    assert result.cause is None
    assert dict(result.collected) == {"found.json": b"{}"}


# What a stage finds


def test_a_stages_environment(worker: LocalExecutor, project: Workspace) -> None:
    probe(
        project,
        "import shutil\n"
        "found['path'] = os.environ['PATH'].split(os.pathsep)[0]\n"
        "found['python'] = shutil.which('python')\n"
        "found['stdin'] = sys.stdin.read()\n"
        "found['git'] = sorted(name for name in os.environ if name.startswith('GIT_'))\n"
        "found['prefix'] = sys.prefix\n",
        "python probe.py",
    )
    assert found(worker, project) == {
        "path": str(Path(sys.executable).parent),
        "python": str(Path(sys.executable).parent / "python"),
        "stdin": "",
        "git": sorted(
            [*WHO, "GIT_CEILING_DIRECTORIES", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"]
        ),
        "prefix": sys.prefix,
    }


def test_code_of_the_user_is_imported_from_the_clone(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package on PYTHONPATH, or installed in editable mode, points into the user's working tree."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(project.path / "src"), "/elsewhere"]))
    project.write({"src/mine/__init__.py": "VALUE = 'of the candidate'\n", "scripts/x.txt": ""})
    probe(
        project,
        "import mine\nfound['value'] = mine.VALUE\nfound['path'] = os.environ['PYTHONPATH']",
        "python probe.py",
    )
    tree = tree_of(project)
    project.write({"src/mine/__init__.py": "VALUE = 'of the working tree'\n"})
    monkeypatch.chdir(project.path)
    with LocalExecutor(1, worker_environment(WHO)) as executor:
        for number in range(2):
            params = seeded(number)
            assert found(executor, project, f"paribus-x-{number}", tree=tree, params=params) == {
                "value": "of the candidate",
                "path": f"{clone_of(project) / 'src'}:/elsewhere",
            }


@pytest.mark.slow
def test_where_the_user_stands_changes_nothing(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the user's own `dvc repro` would find can be imported, from any folder."""
    project.write({"helper.py": "VALUE = 1\n", "random.py": "raise SystemExit('not this one')\n"})
    probe(project, "found['path'] = os.environ['PYTHONPATH']\nimport helper", "python probe.py")
    monkeypatch.chdir(project.path)
    with LocalExecutor(1, worker_environment(WHO)) as executor:
        assert found(executor, project) == {"path": ""}


# Kinds of projects


def test_a_shallow_repository(worker: LocalExecutor, project: Workspace, tmp_path: Path) -> None:
    project.commit("second", {"README.md": "second\n"})
    shallow = replace(project, path=tmp_path / "shallow")
    url = f"file://{project.path}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, shallow.path], check=True)
    before = shallow.state()
    commit = succeeded(worker, task_of(shallow))
    assert shallow.git("rev-list", "--count", commit) == "2"
    assert shallow.state() == before
    shallow.git("fsck", "--full")


def test_a_linked_worktree(worker: LocalExecutor, project: Workspace, tmp_path: Path) -> None:
    linked = replace(project, path=tmp_path / "linked")
    project.git("worktree", "add", "--quiet", "-b", "idea", str(linked.path))
    linked.write({"train.py": project.read("train.py") + "# edited\n"})
    before = project.state()
    commit = succeeded(worker, task_of(linked))
    assert project.git("diff", "--name-only", "main", commit).splitlines() == [
        "dvc.lock",
        "metrics.json",
        "train.py",
    ]
    assert project.state() == before


@pytest.fixture
def nested(project: Workspace) -> Workspace:
    """The project in a folder of a larger repository."""
    inner = project.path / "models" / "one"
    inner.mkdir(parents=True)
    for path in list(project.path.iterdir()):
        if path.name not in (".git", "models"):
            path.rename(inner / path.name)
    project.commit("moved", {"shared.txt": "shared\n"})
    return project


def test_a_project_in_a_subfolder(worker: LocalExecutor, nested: Workspace) -> None:
    nested.write({"models/one/train.py": nested.read("models/one/train.py") + "# edited\n"})
    before = nested.state()
    for number in range(2):
        params = seeded(7 + number, "models/one/params.json")
        task = task_of(
            nested, f"paribus-x-{number}", project="models/one", params=params,
            guarded=("models/one/train.py",), collect=("models/one/metrics.json",),
        )  # fmt: skip
        result = done(worker, task)
        assert result.cause is None
        assert nested.git("diff", "--name-only", "HEAD", str(result.commit)).splitlines() == [
            "models/one/dvc.lock",
            "models/one/metrics.json",
            "models/one/params.json",
            "models/one/train.py",
        ]
        metrics = nested.git("show", f"{result.commit}:models/one/metrics.json")
        assert dict(result.collected) == {"models/one/metrics.json": metrics.encode()}
    state = nested.path / "models/one/.dvc/tmp/paribus/pool/0/clone/models/one"
    assert not (state / ".dvc" / "cache").exists()
    assert (nested.path / "models/one/.dvc/cache/files/md5").is_dir()
    assert {name: value for name, value in nested.state().items() if ".dvc/" not in name} == {
        name: value for name, value in before.items() if ".dvc/" not in name
    }


def test_a_metric_that_dvc_caches_is_collected(worker: LocalExecutor, project: Workspace) -> None:
    project.write(
        {
            "dvc.yaml": project.read("dvc.yaml").replace(
                "- metrics.json: {cache: false}", "- metrics.json"
            )
        }
    )
    project.write({".gitignore": "/model.json\n/metrics.json\n"})
    result = done(worker, task_of(project, collect=("metrics.json",)))
    assert result.cause is None
    assert project.git("ls-tree", "--name-only", str(result.commit), "metrics.json") == ""
    assert dict(result.collected) == {"metrics.json": METRICS}


# The user's own doings meanwhile


@pytest.mark.slow
def test_the_users_own_dvc_sees_the_results_beside_its_own(
    worker: LocalExecutor, project: Workspace
) -> None:
    ours = succeeded(worker, task_of(project, params=seeded(7)))
    run = ["dvc", "exp", "run", "--quiet", "--name", "by-hand", "-S", "params.json:seed=8"]
    subprocess.run(run, cwd=project.path, check=True)
    shown = subprocess.run(
        ["dvc", "exp", "show", "--json"],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=True,
    )
    baseline = next(row for row in json.loads(shown.stdout) if row["rev"] != "workspace")
    listed = {row["revs"][0]["name"]: row["revs"][0] for row in baseline["experiments"]}
    assert baseline["rev"] == project.git("rev-parse", "HEAD")
    assert set(listed) == {"paribus-x-1", "by-hand"}
    assert listed["paribus-x-1"]["rev"] == ours
    about = listed["paribus-x-1"]["data"]
    assert about["params"]["params.json"]["data"]["seed"] == 7
    assert about["metrics"]["metrics.json"]["data"] == json.loads(
        project.git("show", f"{ours}:metrics.json")
    )
    apply = ["dvc", "exp", "apply", "--quiet", "paribus-x-1"]
    subprocess.run(apply, cwd=project.path, env={**os.environ, **WHO}, check=True)
    assert json.loads(project.read("params.json"))["seed"] == 7
    assert json.loads(project.read("model.json"))["score"]


def test_edits_and_commits_during_a_run_are_not_in_it(
    worker: LocalExecutor, project: Workspace, tmp_path: Path
) -> None:
    probe(
        project,
        f"import time\nopen({str(tmp_path / 'started')!r}, 'w')\n"
        f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.02)\n"
        "found['readme'] = open('README.md').read()",
    )
    project.write({"README.md": "at the start\n"})
    project.git("add", "--all")
    baseline, task = project.git("rev-parse", "HEAD"), task_of(project)
    future = worker.submit(perform, task)
    eventually(lambda: (tmp_path / "started").exists() or None)
    project.commit("meanwhile", {"README.md": "meanwhile\n"})
    project.write({"README.md": "and an edit\n"})
    before = project.state()
    (tmp_path / "go").touch()
    result = future.result(60)
    assert result.cause is None
    assert json.loads(project.git("show", f"{result.commit}:found.json")) == {
        "readme": "at the start\n"
    }
    assert project.git("rev-parse", f"{result.commit}^") == baseline
    assert project.state() == before


@pytest.mark.slow
def test_garbage_collection_during_runs_takes_nothing_of_theirs(
    worker: LocalExecutor, project: Workspace
) -> None:
    over = threading.Event()

    def collect() -> None:
        while not over.is_set():
            subprocess.run(
                ["git", "gc", "--quiet", "--prune=now"],
                cwd=project.path,
                check=False,
                capture_output=True,
            )

    thread = threading.Thread(target=collect)
    tree = project.git("rev-parse", "HEAD^{tree}")
    thread.start()
    try:
        for number in range(15):
            params = seeded(number)
            succeeded(worker, task_of(project, f"paribus-x-{number}", tree=tree, params=params))
    finally:
        over.set()
        thread.join()
    project.git("fsck", "--full", "--strict")
    refs = project.git("for-each-ref", "--format=%(refname)", "refs/exps").splitlines()
    assert len(refs) == 15
    assert all(project.git("show", f"{ref}:metrics.json") for ref in refs)


def test_no_hook_of_the_users_runs(
    worker: LocalExecutor, project: Workspace, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in (
        "post-checkout", "pre-commit", "post-commit", "reference-transaction", "post-index-change",
        "commit-msg", "pre-auto-gc",
    ):  # fmt: skip
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/sang\nexit 1\n")
        (hooks / name).chmod(0o755)
    task = task_of(project)
    configuration = Path(str(worker.submit(os.getenv, "GIT_CONFIG_GLOBAL").result(30)))
    text = configuration.read_text()
    configuration.write_text(f"{text}[core]\n\thooksPath = {hooks}\n[commit]\n\tgpgSign = true\n")
    try:
        result = done(worker, task)
    finally:
        configuration.write_text(text)
    assert result.cause is None
    assert not (tmp_path / "sang").exists(), (tmp_path / "sang").read_text()
