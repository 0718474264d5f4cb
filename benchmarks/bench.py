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
import sys
import tempfile
from pathlib import Path

from comparing import Comparison, in_turns, measured, seconds, tell
from histories import write_history
from ledgers import write_ledger, write_results
from monorepo import write_monorepo
from projects import TOP, demo_copy, git, trivial_project

BIN = Path(sys.executable).parent
RUNS = 20
JOBS = 2
THOUSAND = 1000
SMALL = 100
RECORDS = 20
MORE = 10
"""Runs of which the mean cost is told."""


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
            compare_against_all_commits(Path(folder), chosen.turns),
            runs_against_queue(Path(folder)),
            added_cost(Path(folder)),
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


def compare_against_all_commits(folder: Path, turns: int) -> Comparison:
    """A thousand commits, each with metrics and params of its own; ours reads the params, too.

    DVC takes most of a minute, and is asked once, before ours.
    """
    history = write_history(folder / "history", THOUSAND)
    theirs = seconds(["dvc", "metrics", "show", "--all-commits"], history)
    ask = ["paribus", "compare", f"HEAD~{THOUSAND}..HEAD"]
    seconds(ask, history)
    return Comparison(
        f"paribus compare of {THOUSAND} commits / dvc metrics show --all-commits",
        [seconds(ask, history) for _ in range(turns)],
        [theirs] * turns,
        aim=1 / 50,
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
    return Comparison(name, [runs], [queued + executed], aim=0.2)


def added_cost(folder: Path) -> Comparison:
    """What a run takes beyond its own commands, one after another, with the start of ours in it."""
    ours, theirs = trivial_project(folder / "one-ours"), trivial_project(folder / "one-theirs")
    seconds(["dvc", "exp", "run", "-S", "seed=99"], theirs)
    seeds = range(100, 100 + MORE)
    one = [seconds(["dvc", "exp", "run", "-S", f"seed={seed}"], theirs) for seed in seeds]
    return Comparison(
        f"added cost of a run, {MORE} in a row: paribus baseline / dvc exp run",
        [added_seconds(ours)],
        [statistics.mean(one) - own_seconds(theirs)],
        aim=0.35 / 0.9,
    )


def added_seconds(project: Path) -> float:
    """Of a run, as the mean of some, beyond its own commands; the baseline has some already or not."""
    first = 5
    measure = ["paribus", "baseline", "--jobs", "1", "--seeds"]
    seconds([*measure, str(first)], project)
    return seconds([*measure, str(first + MORE)], project) / MORE - own_seconds(project)


def own_seconds(project: Path) -> float:
    """Of the stage's own command."""
    return statistics.mean(seconds(["sh", "train.sh"], project) for _ in range(MORE))


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
    added = added_seconds(large), added_seconds(small)
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
        Comparison(
            f"added cost of a run: after {experiments} experiments / after {SMALL}",
            [added[0]],
            [added[1]],
            aim=1.2,
        ),
    ]


if __name__ == "__main__":
    main()
