"""Paribus and DVC on the same work, side by side in one run: `make bench`.

Absolute times are this machine's and this minute's; the ratios are what to compare. The two commands
of a comparison take turns, and each ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledgers import write_ledger, write_results
from monorepo import write_monorepo

BIN = Path(sys.executable).parent
TOP = Path(__file__).resolve().parent.parent
RUNS = 20
JOBS = 2
THOUSAND = 1000
SMALL = 100
RECORDS = 20

DEMO_FILES = (
    ".dvc/config", ".dvc/.gitignore", ".dvcignore", "dvc.yaml", "dvc.lock", "params.yaml",
    "paribus.yaml", "metrics.json", "src/digits",
)  # fmt: skip

TRIVIAL = {
    "params.yaml": "seed: 1\n",
    "train.sh": 'grep seed params.yaml | sed "s/seed: /{\\"accuracy\\": 0./; s/$/}/" > metrics.json\n',
    "dvc.yaml": (
        "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh]\n    params: [seed]\n"
        "    metrics:\n      - metrics.json: {cache: false}\n"
    ),
    "paribus.yaml": "metric: accuracy\nseeds: [seed]\neffect: 0.1\n",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds of both sides, turn by turn, and the ratio to aim at."""

    name: str
    ours: list[float]
    theirs: list[float]
    aim: float

    @property
    def ratio(self) -> float:
        """Median of the turns' ratios."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


def main() -> None:
    """Measures, prints a table, and fails with --strict where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=7, help="turns of the quick comparisons")
    parser.add_argument(
        "--experiments", type=int, default=100_000, help="of the large ledger; 0 leaves it out"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 where an aim is missed")
    chosen = parser.parse_args()
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    # An installed package has its bytecode; ours is here as source, and may write it once.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ |= {"DVC_NO_ANALYTICS": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="paribus-bench-") as folder:
        os.environ["DVC_SITE_CACHE_DIR"] = f"{folder}/site"
        comparisons = [
            check_against_params_diff(Path(folder), chosen.turns),
            check_of_a_monorepo(Path(folder), chosen.turns),
            compare_against_both_diffs(Path(folder), chosen.turns),
            runs_against_queue(Path(folder)),
            *log_against_exp_show(Path(folder), chosen.turns),
            *(large_ledger(Path(folder), chosen.experiments) if chosen.experiments else ()),
        ]
    for comparison in comparisons:
        tell(comparison)
    if chosen.strict and any(comparison.ratio > comparison.aim for comparison in comparisons):
        sys.exit(1)


def check_against_params_diff(folder: Path, turns: int) -> Comparison:
    """One edited param in the working tree of the demo."""
    demo = demo_copy(folder / "check")
    params = demo / "params.yaml"
    params.write_text(params.read_text().replace("C: 3.0", "C: 1.0"))
    return in_turns(
        "paribus check / dvc params diff",
        lambda: seconds(["paribus", "check"], demo),
        lambda: seconds(["dvc", "params", "diff"], demo),
        turns,
        aim=0.15,
    )


def check_of_a_monorepo(folder: Path, turns: int) -> Comparison:
    """Three changed files of 50,000, against git's own answer and the start of an interpreter."""
    repository = folder / "monorepo"
    write_monorepo(repository)
    seconds(["paribus", "check", "HEAD~1", "HEAD"], repository, allowed=(0, 1))
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  (monorepo: no process used more than {used:.0f} MB so far)")
    return in_turns(
        "paribus check of 3 files in 50,000 / git diff --stat + python -c pass",
        lambda: seconds(["paribus", "check", "HEAD~1", "HEAD"], repository, allowed=(0, 1)),
        lambda: (
            seconds(["git", "diff", "--stat", "HEAD~1", "HEAD"], repository)
            + seconds([sys.executable, "-c", "pass"], repository)
        ),
        turns,
        aim=3,
    )


def compare_against_both_diffs(folder: Path, turns: int) -> Comparison:
    """Two commits of the demo that differ in a param and in every metric."""
    demo = demo_copy(folder / "compare")
    for name, before, after in (
        ("params.yaml", "C: 3.0", "C: 1.0"),
        ("metrics.json", "0.9", "0.8"),
    ):
        (demo / name).write_text((demo / name).read_text().replace(before, after))
    git(demo, "commit", "--quiet", "--all", "-m", "Another C")
    return in_turns(
        "paribus compare / dvc metrics diff + dvc params diff",
        lambda: seconds(["paribus", "compare", "HEAD", "--baseline", "HEAD~1"], demo),
        lambda: (
            seconds(["dvc", "metrics", "diff", "HEAD~1", "HEAD"], demo)
            + seconds(["dvc", "params", "diff", "HEAD~1", "HEAD"], demo)
        ),
        turns,
        aim=0.2,
    )


def runs_against_queue(folder: Path) -> Comparison:
    """Twenty runs of a stage that costs nothing; ours make the null control's three on top."""
    ours, theirs = trivial_project(folder / "ours"), trivial_project(folder / "theirs")
    runs = seconds(["paribus", "baseline", "--seeds", str(RUNS), "--jobs", str(JOBS)], ours)
    queued = sum(
        seconds(["dvc", "exp", "run", "--queue", "-S", f"seed={seed}"], theirs)
        for seed in range(100, 100 + RUNS)
    )
    executed = seconds(["dvc", "exp", "run", "--run-all", "-j", str(JOBS)], theirs)
    results = git(theirs, "for-each-ref", "refs/exps").count("\trefs/exps/")
    made = git(ours, "for-each-ref", "refs/exps").count("/paribus-baseline-")
    print(f"  (ours: {made} runs recorded; theirs: {results} refs of {RUNS} queued runs)")
    name = f"{RUNS} trivial runs, {JOBS} jobs: paribus baseline / dvc exp run --queue + --run-all"
    return Comparison(name, [runs], [queued + executed], aim=0.33)


def log_against_exp_show(folder: Path, turns: int) -> list[Comparison]:
    """A thousand experiments that both know, cold and warm: without and with what each has kept."""
    project = trivial_project(folder / "thousand", {"metrics.json": '{"accuracy": 0.5}\n'})
    write_ledger(project, THOUSAND)
    write_results(project, THOUSAND)
    git(project, "pack-refs", "--all")
    state = project / ".dvc" / "tmp"
    seconds(["paribus", "log"], project)
    shutil.rmtree(state)
    theirs = seconds(["dvc", "exp", "show"], project)
    ours = []
    for _ in range(turns):
        shutil.rmtree(state / "paribus", ignore_errors=True)
        ours.append(seconds(["paribus", "log"], project))
    cold = Comparison(
        f"{THOUSAND} experiments, cold: paribus log / dvc exp show",
        ours,
        [theirs] * turns,
        aim=1 / 60,
    )
    warm = in_turns(
        f"{THOUSAND} experiments, warm: paribus log / dvc exp show",
        lambda: seconds(["paribus", "log"], project),
        lambda: seconds(["dvc", "exp", "show"], project),
        max(1, turns // 2),
        aim=0.2,
    )
    return [cold, warm]


def large_ledger(folder: Path, experiments: int) -> list[Comparison]:
    """A ledger as `git gc` leaves it; for figures that DVC has none of, the aim in seconds stands."""
    small, large = trivial_project(folder / "small"), trivial_project(folder / "large")
    write_ledger(small, SMALL)
    write_ledger(large, experiments)
    for project in (small, large):
        git(project, "repack", "-adq")
    listing = ["paribus", "log", "--limit", "50"]
    made, megabytes = measured(listing, large)
    print(f"  (index of {experiments} from nothing: no process used more than {megabytes:.0f} MB)")
    warm = [seconds(listing, large) for _ in range(5)]
    script = [sys.executable, str(TOP / "benchmarks" / "records.py"), str(RECORDS)]
    records = [(seconds(script, large), seconds(script, small)) for _ in range(3)]
    write_ledger(large, 1, experiments)
    again = seconds(listing, large)
    scale = experiments / 100_000
    return [
        Comparison(f"index of {experiments} from nothing / 60 s", [made], [60.0 * scale], aim=1),
        Comparison(f"log --limit 50 of {experiments}, warm / 0.3 s", warm, [0.3] * 5, aim=1),
        Comparison(f"log after one more of {experiments} / 0.5 s", [again], [0.5], aim=1),
        Comparison("megabytes of its largest process / 300", [megabytes], [300.0], aim=1),
        Comparison(
            f"{RECORDS} records more: after {experiments} experiments / after {SMALL}",
            [pair[0] for pair in records],
            [pair[1] for pair in records],
            aim=3,
        ),
    ]


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """(seconds, megabytes of the largest process) of a command and all that it starts."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, used.ru_maxrss / 1024


def in_turns(
    name: str, ours: Callable[[], float], theirs: Callable[[], float], turns: int, aim: float
) -> Comparison:
    """Runs both once to warm up, then in turn."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(turns)]
    return Comparison(name, [pair[0] for pair in pairs], [pair[1] for pair in pairs], aim)


def tell(comparison: Comparison) -> None:
    """One line."""
    ours, theirs = statistics.median(comparison.ours), statistics.median(comparison.theirs)
    verdict = "met" if comparison.ratio <= comparison.aim else "MISSED"
    print(
        f"{comparison.ratio:5.2f}  {comparison.name}\n"
        f"       {ours:.2f} / {theirs:.2f}; aim at most {comparison.aim:.3g}: {verdict}"
    )


def demo_copy(folder: Path) -> Path:
    """The repository's own demo as a project of its own, with one commit."""
    folder.mkdir()
    for name in DEMO_FILES:
        source, target = TOP / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
    return committed(folder)


def trivial_project(folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """A project whose one stage writes a metric and nothing else.

    Args:
        more: contents of further files by name.
    """
    for name, content in (TRIVIAL | dict(more or {})).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return committed(folder)


def committed(folder: Path) -> Path:
    """The folder as a Git repository."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "The baseline")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def seconds(command: Sequence[str], folder: Path, allowed: Sequence[int] = (0,)) -> float:
    """Wall time of a whole process that succeeds, or ends with an exit code that is as good."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - started
    if done.returncode not in allowed:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return elapsed


if __name__ == "__main__":
    main()
