"""What shell commands install: of a Dockerfile's RUN, of a Makefile's recipes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from paribus.core.environment.conda import conda_package
from paribus.core.environment.model import Role, Stated, UnreadableError
from paribus.core.environment.requirements import one_line

SEPARATORS = re.compile(r"&&|\|\||[;|\n]")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
PYTHON = re.compile(r"(?:.*/)?python(\d(?:\.\d+)*)")
PIP = re.compile(r"(?:.*/)?pip\d?(?:\.\d+)?|\$[({]PIP[)}]", re.IGNORECASE)
PYTHON_M = re.compile(r"(?:.*/)?python[\d.]*|\$[({]\w*PY(?:THON)?\w*[)}]", re.IGNORECASE)
WITH_VALUE = (
    "-r", "--requirement", "-c", "--constraint", "-t", "--target", "--prefix", "-n", "--name", "-p",
    "--prefix", "-f", "--file", "--find-links", "-i", "--index-url", "--extra-index-url", "--channel",
    "--index", "--trusted-host", "--timeout", "--retries", "--python", "-d", "--dest", "--cache-dir",
    "--progress-bar", "--root-user-action", "-o", "--default-timeout",
)  # fmt: skip
INDEXES = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--index")
CONDA = ("conda", "mamba", "micromamba")
SYSTEM = {
    "apt-get": ("install",), "apt": ("install",), "aptitude": ("install",), "apk": ("add",),
    "yum": ("install",), "dnf": ("install",), "microdnf": ("install",), "brew": ("install",),
}  # fmt: skip
SYSTEM_TOOLS = (
    "apt-transport-https", "apt-utils", "bash", "build-essential", "ca-certificates", "cmake", "curl",
    "dirmngr", "g++", "gcc", "git", "git-lfs", "gnupg", "gnupg2", "graphviz", "htop", "jq", "less",
    "locales", "lsb-release", "make", "nano", "openssh-client", "pkg-config", "procps", "rsync",
    "software-properties-common", "ssh", "sudo", "tini", "tmux", "tree", "unzip", "vim", "wget", "xz-utils",
    "zip",
)  # fmt: skip
"""System packages that fetch, build or show; compilers build what is pinned elsewhere."""

HOUSEKEEPING = (
    "addgroup", "adduser", "cat", "cd", "chmod", "chown", "echo", "exit", "find", "groupadd", "ldconfig",
    "locale-gen", "ls", "mkdir", "mv", "printf", "pwd", "rm", "set", "sleep", "touch", "true",
    "useradd", "usermod", "which",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """One command that installs nothing that is known, such as `make install`."""

    word: str
    text: str


def installed(script: str) -> Iterator[Stated | Command]:
    """Each package that a script installs, and each command that does something else.

    Raises:
        UnreadableError: it is too long to be one.
    """
    for command in SEPARATORS.split(script.replace("\\\n", " ")):
        words = _words(command)
        if words:
            yield from _read(words)


# Private functions

_Found = Iterator[Stated | Command]


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command, comments=True)
    except ValueError:  # an open quote, where a separator stood inside quotes
        words = command.split()
    while words and (
        words[0] in ("sudo", "@", "-", "exec", "(", "{") or ASSIGNMENT.fullmatch(words[0])
    ):
        words = words[1:]
    return words


def _read(words: Sequence[str]) -> _Found:
    head = words[0].lstrip("@-+({")
    name = head.rpartition("/")[2]
    verb, rest = _verb(words[1:])
    if PYTHON_M.fullmatch(head) and words[1:2] == ["-m"] and len(words) > 2:
        yield from _module(words)
    elif PIP.fullmatch(head):
        yield from _pip(verb, rest)
    elif name == "uv":
        yield from _uv(words)
    elif name in CONDA:
        yield from _conda(verb, rest)
    elif name in SYSTEM:
        yield from _system(name, verb, rest, " ".join(words))
    elif name in ("pyenv", "virtualenv"):
        yield from _interpreter(words)
    elif name and name not in HOUSEKEEPING:
        yield Command(name, " ".join(words))


def _module(words: Sequence[str]) -> _Found:
    """`python3.11 -m` something."""
    python = PYTHON.fullmatch(words[0].lstrip("@-"))
    if python and words[2] in ("venv", "virtualenv", "pip"):
        yield Stated("python", f"=={python[1]}")
    if words[2] in ("pip", "uv", "conda"):
        yield from _read(words[2:])
    elif words[2] not in ("venv", "virtualenv", "ensurepip"):
        yield Command(words[2], " ".join(words))


def _verb(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first word that is no option, and those after it."""
    for at, word in enumerate(words):
        if not word.startswith("-"):
            return word, words[at + 1 :]
    return "", []


def _pip(verb: str, rest: Sequence[str]) -> _Found:
    if verb == "install":
        yield from _packages(rest, one_line)


def _uv(words: Sequence[str]) -> _Found:
    verb, rest = _verb(words[1:])
    if verb == "pip":
        yield from _pip(*_verb(rest))
    elif verb in ("python", "venv"):
        yield from _interpreter(words)
    elif verb:
        yield Command(f"uv {verb}", " ".join(words))


def _conda(verb: str, rest: Sequence[str]) -> _Found:
    if verb in ("install", "create"):
        yield from _packages(rest, lambda word: [conda_package(word)])
        channels = [
            rest[at + 1] for at, word in enumerate(rest[:-1]) if word in ("-c", "--channel")
        ]
        if channels:
            yield Stated("conda channels", ", ".join(channels), Role.PART)
    elif verb not in ("clean", "init", "activate", "info", "list", ""):
        yield Command(f"conda {verb}", " ".join(["conda", verb, *rest]))


def _packages(rest: Sequence[str], read: Callable[[str], Sequence[Stated]]) -> _Found:
    for at, word in enumerate(rest):
        before = rest[at - 1] if at else ""
        option, equals, value = word.partition("=")
        if before in INDEXES:
            yield Stated(before, word, Role.PART)
        elif before in WITH_VALUE:
            continue
        elif option in INDEXES and equals:
            yield Stated(option, value, Role.PART)
        elif not word.startswith(("-", "<", ">", "2>")) and word != "\\":
            yield from _package(word, read)


def _package(word: str, read: Callable[[str], Sequence[Stated]]) -> _Found:
    try:
        yield from read(word)
    except UnreadableError:
        yield Command("install", word)


def _system(name: str, verb: str, rest: Sequence[str], text: str) -> _Found:
    if verb in SYSTEM[name]:
        for word in rest:
            package, _, version = word.partition("=")
            if not word.startswith("-") and package not in SYSTEM_TOOLS:
                yield Stated(f"{name} {package}", f"=={version}" if version else "", Role.PART)
    elif verb not in ("update", "clean", "autoclean", "autoremove", "cache", ""):
        yield Command(f"{name} {verb}", text)


def _interpreter(words: Sequence[str]) -> _Found:
    for word in words[1:]:
        found = re.search(r"(?:^|=|python)(\d+\.\d+(?:\.\d+)?)$", word)
        if found:
            yield Stated("python", f"=={found[1]}")
