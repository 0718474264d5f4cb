"""Makes ledgers of any size, in the records that Paribus itself writes, by one `git fast-import`."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from paribus.core.experiment import Conclusion, Registration
from paribus.core.plan import Guard, Plan
from paribus.core.promotion import ConfirmationEnd, ConfirmationStart, Promotion
from paribus.core.record import Record
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict

REF = "refs/heads/paribus/ledger"
PAIRS = 3
AGAINST_ONE = 1000
"""Experiments against one baseline; the last of them is confirmed and promoted."""
TOGETHER = 20
"""Experiments in one commit of the ledger."""
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
OUTCOMES = (*[Outcome.NO_DIFFERENCE] * 5, Outcome.UNDECIDED, Outcome.WORSE, Outcome.IMPROVED)
"""Of the experiments in turn; each tenth has a run that failed, and its verdict is undecided."""


def write_ledger(repository: Path, experiments: int, first: int = 0) -> None:
    """Adds experiments to a repository's ledger; the repository has a commit.

    Args:
        experiments: how many.
        first: number of the first; others before it are there already. The same number gives the same
            experiment.
    """
    commit = _said(repository, "rev-parse", "HEAD")
    tree = _said(repository, "rev-parse", "HEAD^{tree}")
    held = _said(repository, "for-each-ref", "--format=%(objectname)", REF)
    command = ["git", "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, cwd=repository, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for piece in _stream(commit, tree, held, range(first, first + experiments)):
            process.stdin.write(piece)
        process.stdin.close()
        if process.wait():
            raise SystemExit("git fast-import failed")


def write_results(repository: Path, experiments: int) -> None:
    """A result of each experiment's first run where DVC finds it; the repository has a `metrics.json`."""
    commit = _said(repository, "rev-parse", "HEAD")
    pieces = []
    for number in range(experiments):
        run = hashlib.sha256(b"run %d 0" % number).hexdigest()[:12]
        name = f"paribus-{identifier(number)[:8]}-1-{run}"
        metrics = f'{{"accuracy": 0.{number % 1000:03}}}\n'
        pieces.append(
            f"commit refs/exps/{commit[:2]}/{commit[2:]}/{name}\n"
            "committer Bench <bench@example.com> 1700000000 +0000\n"
            f"data {len(name)}\n{name}\nfrom {commit}\n"
            f"M 100644 inline metrics.json\ndata {len(metrics)}\n{metrics}\n"
        )
    command = ["git", "fast-import", "--quiet"]
    subprocess.run(command, cwd=repository, input="".join(pieces).encode(), check=True)


def identifier(number: int) -> str:
    """The id of an experiment by its number."""
    return hashlib.sha256(b"experiment %d" % number).hexdigest()[:20]


def main() -> None:
    """Adds a synthetic ledger to the repository in the current folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiments", type=int)
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    chosen = parser.parse_args()
    write_ledger(Path.cwd(), chosen.experiments, chosen.first)


# Private functions


def _said(repository: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _stream(commit: str, tree: str, held: str, numbers: range) -> Iterator[bytes]:
    models = _models(commit, tree)
    for start in range(numbers.start, numbers.stop, TOGETHER):
        told = f"experiments from {start}"
        yield f"commit {REF}\ncommitter Bench <bench@example.com> 1700000000 +0000\n".encode()
        yield f"data {len(told)}\n{told}\n".encode()
        if held:
            yield f"from {held}\n".encode()
            held = ""
        for number in range(start, min(start + TOGETHER, numbers.stop)):
            yield from _experiment(models, tree, number)
    yield b"done\n"


def _experiment(models: Mapping[str, bytes], tree: str, number: int) -> Iterator[bytes]:
    own = identifier(number)
    folder = f"experiments/{own[:2]}/{own}"
    values = _values(number)
    yield f"M 040000 {tree} trees/{own[:2]}/{own}\n".encode()
    yield _file(folder, "registration", models["registration"], values)
    yield _file(f"ideas/{own[:2]}/{own}", "idea", models["idea"], values)
    for pair in range(PAIRS):
        of_run = values | _of_run(number, pair)
        ended = "failed" if number % 10 == 9 and pair == PAIRS - 1 else "run"
        yield _file(folder, "intent", models["intent"], of_run)
        yield _file(folder, "run", models[ended], of_run)
    outcome = "failure" if number % 10 == 9 else OUTCOMES[number % len(OUTCOMES)].value
    yield _file(folder, "verdict", models[outcome], values)
    if (number + 1) % AGAINST_ONE == 0:
        confirmations = f"confirmations/{own[:2]}/{own}"
        yield _file(confirmations, "confirmation-start", models["start"], values)
        yield _file(confirmations, "confirmation-end", models["end"], values)
        yield _file("promotions", "promotion", models["promotion"], values)


def _file(folder: str, kind: str, model: bytes, values: Mapping[bytes, bytes]) -> bytes:
    """A record: its model with every place filled in."""
    data = model
    for place, value in values.items():
        data = data.replace(place, value)
    name = f"{kind}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    return f"M 100644 inline {folder}/{name}\ndata {len(data)}\n".encode() + data + b"\n"


def _values(number: int) -> dict[bytes, bytes]:
    """What stands in the models' places, for one experiment."""
    started = BEGAN + timedelta(minutes=5 * number)
    return {
        b"IDENTIFIER": identifier(number).encode(),
        b"BASELINE": hashlib.sha256(b"key %d" % (number // AGAINST_ONE)).hexdigest()[:20].encode(),
        b"GENERATION": str(number // AGAINST_ONE + 1).encode(),
        b"NUMBER": str(number).encode(),
        b"DAY": started.isoformat(timespec="microseconds").encode(),
        b"AUTHOR": (b"Ada Lovelace", b"Grace Hopper", b"Emmy Noether")[number % 3],
        b"PARAM": (b"lr", b"depth", b"width", b"dropout", b"batch")[number % 5],
        b"0.123456": b"%.6f" % (0.001 * (number % 17 - 8) / 8 + 1e-6 * (number % 101)),
    }


def _of_run(number: int, pair: int) -> dict[bytes, bytes]:
    """As `_values`, for one of its runs."""
    name = hashlib.sha256(b"run %d %d" % (number, pair)).hexdigest()
    return {
        b"RUN": name[:12].encode(),
        b"RESULT": name[:40].encode(),
        b'"index": 77': b'"index": %d' % pair,
        b"777777": str(int(name[:7], 16)).encode(),
        b"0.765432": b"%.6f" % (0.9 + int(name[:4], 16) / 1e6),
    }


def _models(commit: str, tree: str) -> dict[str, bytes]:
    """A record of each kind, encoded as Paribus does it, with places for what differs."""
    registration = _registration(commit, tree)
    intent = Intent(
        "RUN", 77, {"params.yaml:seed": 777777}, Purpose.MEASURE, "s" * 20, "h" * 16, "bench", "DAY",
        "IDENTIFIER",
    )  # fmt: skip
    metrics = {"accuracy": 0.765432, "log_loss": 0.25, "train_accuracy": 0.99}
    run = Run(intent, Status.SUCCEEDED, metrics, 12.5, "RESULT", "refs/exps/aa/bb/paribus-RUN")
    failed = Run(
        intent, Status.FAILED, {}, 3.5, cause="stage train, exit 1", stage="train", exit_code=1,
        log_tail="ValueError: loss is nan at epoch 3\n",
    )  # fmt: skip
    bodies = {
        "registration": ("registration", registration.as_json()),
        "idea": ("idea", {"experiment": "IDENTIFIER", "project": ""}),
        "intent": ("intent", intent.as_json()),
        "run": ("run", run.as_json()),
        "failed": ("run", failed.as_json()),
        **{outcome.value: ("verdict", _conclusion(outcome).as_json()) for outcome in OUTCOMES},
        "failure": ("verdict", _conclusion(Outcome.UNDECIDED, failures=1).as_json()),
        **_confirmation(commit),
    }
    return {name: Record(kind, body).encoded() for name, (kind, body) in bodies.items()}


def _registration(commit: str, tree: str) -> Registration:
    change = {
        "kind": "param", "file": "params.yaml", "path": "train.PARAM", "old": 1, "new": 2,
        "summary": "train.PARAM 1 -> 1.NUMBER", "line": 3, "parts": [],
    }  # fmt: skip
    return Registration(
        id="IDENTIFIER",
        project="",
        baseline={"commit": commit, "name": "baseline/GENERATION", "key": "BASELINE"},
        changes=(change,),
        hypothesis="number NUMBER should settle lower, as the last ones of its kind did",
        plan=Plan("accuracy", True, 0.005, guards=(Guard("log_loss", False, 0.01),)),
        effect_is_default=False,
        tree=tree,
        revision=None,
        allow=None,
        author="AUTHOR <someone@example.com>",
        started="DAY",
        seeds=("params.yaml:seed",),
    )


def _conclusion(outcome: Outcome, failures: int = 0) -> Conclusion:
    guard = GuardFinding(
        "log_loss", False, Hold.HOLDS, -0.002, -0.004, 0.001, PAIRS, 0.01, "guard log_loss holds"
    )
    verdict = Verdict(
        outcome, "accuracy", 0.123456, -0.0101, 0.0202, PAIRS,
        ("the interval is what it is", "a gain of at least 0.005 is not yet certain"),
        baseline_mean=0.91, candidate_mean=0.92, attempted=PAIRS, better=2, worse=1,
        candidate_failures=failures, next_look=5 if outcome is Outcome.UNDECIDED else None, cap=20,
        guards=(guard,),
    )  # fmt: skip
    pairs = tuple((f"b{pair}", "IDENTIFIER"[:8]) for pair in range(PAIRS))
    return Conclusion(verdict, (replace(verdict, n=1), verdict), pairs, (0, 3), "DAY")


def _confirmation(commit: str) -> dict[str, tuple[str, Mapping[str, object]]]:
    start = ConfirmationStart(
        "IDENTIFIER", 1, "", 1, 0.01, 20, "k" * 20, None, "DAY", "AUTHOR", "n" * 16
    )
    end = ConfirmationEnd(
        "IDENTIFIER", 1, "", True, 20, 20, 0.01, 0.002, 0.018, 0.91, 0.92, 0.001, 0.01,
        ("a gain is shown",), (), None, (("b", "c"),), "DAY",
    )  # fmt: skip
    promotion = Promotion(
        7777, commit, "BASELINE", "", "IDENTIFIER", "train.PARAM 1 -> 2",
        {"commit": commit, "name": "baseline/GENERATION", "key": "BASELINE"}, 1, None, "accuracy",
        0.01, 0.002, 0.018, "DAY", "AUTHOR",
    )  # fmt: skip
    return {
        "start": ("confirmation-start", start.as_json()),
        "end": ("confirmation-end", end.as_json()),
        "promotion": ("promotion", promotion.as_json()),
    }


if __name__ == "__main__":
    main()
