"""A repository of 50,000 files in 200 DVC pipelines, two commits that differ in three of them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

PACKAGES, STAGES, FILES = 200, 5, 50_000
CHANGED = 17
"""The package in which files differ between the commits."""

IDENTITY = "Bench <bench@example.com> 1700000000 +0000"


def write_monorepo(folder: Path) -> None:
    """Makes the bare repository, with the commits `HEAD~1` and `HEAD`."""
    subprocess.run(
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True
    )
    command = ["git", "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for line in _stream():
            process.stdin.write(line)
        process.stdin.close()
        if process.wait():
            raise SystemExit("git fast-import failed")


# Private functions


def _stream() -> Iterator[bytes]:
    yield from _commit("The baseline")
    for path, text in _files():
        yield from _file(path, text)
    yield from _commit("Three files")
    yield from _file(f"{_package(CHANGED)}/params.yaml", _params(0.2))
    yield from _file(f"{_package(CHANGED)}/src/stage3.py", _code(3, factor=4))
    yield from _file(f"{_package(CHANGED)}/README.md", "# Another\n")
    yield b"done\n"


def _commit(message: str) -> Iterator[bytes]:
    yield f"commit refs/heads/main\ncommitter {IDENTITY}\n".encode()
    yield f"data {len(message)}\n{message}\n".encode()


def _file(path: str, text: str) -> Iterator[bytes]:
    data = text.encode()
    yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def _files() -> Iterator[tuple[str, str]]:
    yield ".dvc/config", "[core]\n    analytics = false\n"
    yield "dvc.yaml", "stages:\n  all:\n    cmd: echo done\n"
    own = 3 + STAGES
    for number in range(PACKAGES):
        package = _package(number)
        yield f"{package}/dvc.yaml", _pipeline()
        yield f"{package}/params.yaml", _params(0.1)
        yield f"{package}/README.md", f"# {package}\n"
        yield from ((f"{package}/src/stage{at}.py", _code(at)) for at in range(STAGES))
        for at in range(FILES // PACKAGES - own):
            yield f"{package}/lib/part{at // 50}/module{at}.py", f"VALUE = {at}\n"


def _package(number: int) -> str:
    return f"packages/p{number:03}"


def _pipeline() -> str:
    stages = "".join(
        f"  stage{at}:\n    cmd: python src/stage{at}.py\n    deps: [src/stage{at}.py]\n"
        f"    params: [stage{at}]\n    outs: [out{at}.bin]\n"
        for at in range(STAGES)
    )
    return f"stages:\n{stages}    metrics: [metrics.json]\n"


def _params(rate: float) -> str:
    return "".join(f"stage{at}:\n  rate: {rate if at == 1 else 0.5}\n" for at in range(STAGES))


def _code(at: int, factor: int = 3) -> str:
    return f"""import yaml

params = yaml.safe_load(open("params.yaml"))["stage{at}"]


def work(rate):
    return rate * {factor}


open("out{at}.bin", "w").write(str(work(params["rate"])))
"""
