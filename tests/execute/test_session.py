"""A session is what two runs must share before their numbers can be compared."""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from paribus.execute.session import Session, current_session


def installed(folder: Path, name: str, version: str, metadata: str | None = None) -> None:
    about = folder / f"{name}-{version}.dist-info"
    about.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (about / "METADATA").write_text(text if metadata is None else metadata)


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture(autouse=True)
def no_accelerator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has."""
    program(tmp_path / "bin", "nvidia-smi", "exit 9")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]))


def test_it_is_the_same_all_through_a_process_and_in_the_next(tmp_path: Path) -> None:
    here = current_session()
    assert here == current_session()
    assert here.id == current_session().id
    script = "from paribus.execute.session import current_session; print(current_session().id)"
    there = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert there.stdout.strip() == here.id


def test_it_tells_machine_and_interpreter() -> None:
    here = current_session()
    assert here.host == socket.gethostname()
    assert here.python == platform.python_version()
    assert platform.machine() in here.system
    assert here.accelerators == ()
    assert re.fullmatch(r"[0-9a-f]{16}", here.packages)
    assert re.fullmatch(r"[0-9a-f]{16}", here.id)


@pytest.mark.parametrize(
    "field", [field.name for field in fields(Session) if field.name != "installed"]
)
def test_another_anything_is_another_session(field: str) -> None:
    here = current_session()
    value = ("A GPU, 1.0",) if field == "accelerators" else "other"
    assert replace(here, **{field: value}).id != here.id  # type: ignore[arg-type]


def test_as_json_it_is_strict_and_whole() -> None:
    here = Session(
        "host", "boot", "system", "3.11", "abcd", ("GPU 0, 1.0", "GPU 1, 1.0"), ("one==1.0",)
    )
    assert json.loads(json.dumps(here.as_json(), allow_nan=False)) == {
        "id": here.id,
        "host": "host",
        "boot": "boot",
        "system": "system",
        "python": "3.11",
        "packages": "abcd",
        "accelerators": ["GPU 0, 1.0", "GPU 1, 1.0"],
        "installed": ["one==1.0"],
    }
    assert here.id == "f10b42dbb69debb6"  # the ledger knows it by this name
    assert replace(here, installed=()).id == here.id  # the digest stands for them


def test_every_package_is_listed_and_paribus_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_session().installed
    installed(tmp_path, "a-library", "1.0")
    monkeypatch.syspath_prepend(str(tmp_path))
    listed = current_session().installed
    assert set(listed) - set(before) == {"a-library==1.0"}
    assert listed == tuple(sorted(listed))
    assert not any(one.startswith("paribus==") for one in listed)


def test_a_new_package_or_another_version_is_another_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [current_session().packages]
    for version in ("1.0", "1.1"):
        installed(tmp_path / version, "a-library", version)
        with monkeypatch.context() as context:
            context.syspath_prepend(str(tmp_path / version))
            seen.append(current_session().packages)
    assert len(set(seen)) == 3
    assert current_session().packages == seen[0]


def test_paribus_itself_and_broken_packages_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade of Paribus must not make every baseline be measured again."""
    before = current_session().packages
    installed(tmp_path, "paribus", "99.0")
    installed(tmp_path, "broken", "1.0", metadata="")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert current_session().packages == before


def test_the_order_in_which_packages_are_found_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "other"):
        installed(tmp_path / name, name, "1.0")
    seen = set()
    for order in (("one", "other"), ("other", "one"), ("one", "other", "one")):
        with monkeypatch.context() as context:
            for name in order:
                context.syspath_prepend(str(tmp_path / name))
            seen.add(current_session().packages)
    assert len(seen) == 1


def test_another_boot_is_another_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "boot_id"
    monkeypatch.setattr("paribus.execute.session.BOOT_ID", file)
    file.write_text("11111111-2222\n")
    first = current_session()
    assert first.boot == "11111111-2222"
    file.write_text("33333333-4444\n")
    assert current_session().id != first.id


def test_where_there_is_no_boot_id_sysctl_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paribus.execute.session.BOOT_ID", tmp_path / "none")
    program(tmp_path / "bin", "sysctl", '[ "$*" = "-n kern.boottime" ] && echo "{ sec = 5 }"')
    assert current_session().boot == "{ sec = 5 }"
    program(tmp_path / "bin", "sysctl", "exit 1")
    assert current_session().boot == ""


def test_accelerators_are_listed_with_their_drivers(tmp_path: Path) -> None:
    program(
        tmp_path / "bin", "nvidia-smi", 'echo "NVIDIA A100, 535.1"; echo "NVIDIA A100, 535.1"; echo'
    )
    assert current_session().accelerators == ("NVIDIA A100, 535.1", "NVIDIA A100, 535.1")


def test_a_machine_without_their_tool_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert current_session().accelerators == ()
