"""Dockerfiles: images, what is installed into them, and variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from paribus.core.environment.model import LARGEST, Listing, Role, Source, Stated, UnreadableError
from paribus.core.environment.shell import Command, installed

INSTRUCTION = re.compile(r"([A-Za-z]+)\s+(.*)", re.DOTALL)
INSTRUCTIONS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
PAIR = re.compile(r"([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S*)")
FLAG = re.compile(r"--[\w-]+(?:=\S+)?\s+")
BASE_IMAGE = "base image"
WITHOUT_EFFECT = (
    "DEBIAN_FRONTEND", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONFAULTHANDLER",
    "PIP_NO_CACHE_DIR", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_DEFAULT_TIMEOUT", "PIP_PROGRESS_BAR",
    "PIP_ROOT_USER_ACTION", "PIP_BREAK_SYSTEM_PACKAGES", "POETRY_VERSION", "POETRY_HOME",
    "POETRY_NO_INTERACTION", "POETRY_VIRTUALENVS_CREATE", "POETRY_VIRTUALENVS_IN_PROJECT",
    "POETRY_CACHE_DIR", "UV_COMPILE_BYTECODE", "UV_LINK_MODE", "UV_CACHE_DIR", "UV_VERSION",
)  # fmt: skip
"""Variables by which tools install and print."""


def dockerfile(source: Source) -> Listing:
    """Reads a Dockerfile."""
    found = tuple(_Build().read(source.text()))
    if not any(each.name.startswith(BASE_IMAGE) for each in found):
        raise UnreadableError("no image to build on")
    return Listing(found)


def is_python_image(image: str) -> bool:
    """Whether an image is Python's own, so that its tag tells Python's version."""
    return re.fullmatch(r"(?:[\w.-]+/)*python(?:[:@ ].*)?", image) is not None


# Private functions


@dataclass(frozen=True, slots=True)
class _Line:
    word: str
    rest: str


def _lines(text: str) -> Iterator[_Line]:
    """Instructions with their continued lines, comments and here-documents."""
    waiting = iter(text.split("\n"))
    for line in waiting:
        logical = line.strip()
        if not logical or logical.startswith("#"):
            continue
        found = INSTRUCTION.fullmatch(_continued(logical, waiting))
        if not found or found[1].upper() not in INSTRUCTIONS:
            raise UnreadableError(logical)
        rest = found[2].strip()
        heredoc = HEREDOC.search(rest) if found[1].upper() in ("RUN", "COPY", "ADD") else None
        if heredoc:
            rest = HEREDOC.sub("", rest)
            rest += "".join(f"\n{inner}" for inner in _until(waiting, heredoc[2]))
        yield _Line(found[1].upper(), rest)


def _continued(line: str, waiting: Iterator[str]) -> str:
    parts = [line]
    while parts[-1].endswith(("\\", "`")):
        parts[-1] = parts[-1][:-1].rstrip()
        parts.append(next((each for each in map(str.strip, waiting) if each[:1] != "#"), ""))
    return " ".join(part for part in parts if part)


def _until(waiting: Iterator[str], end: str) -> Iterator[str]:
    for line in waiting:
        if line.strip() == end:
            return
        yield line


class _Build:
    """Reads instruction by instruction, with the values that variables have so far."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._used: set[str] = set()
        self._images = 0
        self._written = 0

    def read(self, text: str) -> Iterator[Stated]:
        arguments: dict[str, str] = {}
        for line in _lines(text):
            if line.word == "ARG":
                arguments |= self._argument(line.rest)
            else:
                yield from self._instruction(line.word, line.rest)
        for name, value in arguments.items():
            if name not in self._used and name not in WITHOUT_EFFECT:
                yield Stated(f"Dockerfile ARG {name}", value, Role.PART)

    def _argument(self, rest: str) -> dict[str, str]:
        name, _, value = rest.partition("=")
        self._values[name.strip()] = self._filled(value.strip().strip("'\""))
        return {name.strip(): self._values[name.strip()]}

    def _instruction(self, word: str, rest: str) -> Iterable[Stated]:
        if word == "ONBUILD":
            inner = INSTRUCTION.fullmatch(rest)
            return self._instruction(inner[1].upper(), inner[2]) if inner else []
        if word == "FROM":
            return [self._image(self._filled(rest))]
        if word == "RUN":
            return self._run(rest)
        if word == "ENV":
            return self._variables(rest)
        return _other(word, self._filled(rest))

    def _filled(self, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1] or found[3]
            self._used.add(name)
            return self._values.get(name) or found[2] or found[0]

        filled = VARIABLE.sub(value, text)
        self._written += len(filled)
        if self._written > LARGEST:
            raise UnreadableError("variables that name one another grow without end")
        return filled

    def _image(self, rest: str) -> Stated:
        self._images += 1
        platform = "".join(f" {flag.strip()}" for flag in FLAG.findall(rest))
        image, *alias = re.split(r"\s+as\s+", FLAG.sub("", rest).strip(), flags=re.IGNORECASE)
        name = alias[0] if alias else str(self._images) if self._images > 1 else ""
        return Stated(f"{BASE_IMAGE} {name}".strip(), image + platform, Role.PART)

    def _run(self, rest: str) -> Iterator[Stated]:
        script = re.sub(r"^(?:--[\w-]+=\S+\s+)+", "", rest)
        if script.startswith("["):
            script = " ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', script))
        for each in installed(self._filled(script)):
            if isinstance(each, Command):
                yield Stated(f"Dockerfile RUN {each.word}", each.text, Role.PART)
            else:
                yield each

    def _variables(self, rest: str) -> Iterator[Stated]:
        pairs = PAIR.findall(rest)
        if not re.match(r"[A-Za-z_]\w*=", rest):
            name, _, value = rest.partition(" ")
            pairs = [(name, value.strip())]
        for name, value in pairs:
            self._values[name] = self._filled(value.strip("'\""))
            role = Role.ASIDE if name in WITHOUT_EFFECT else Role.PART
            yield Stated(f"Dockerfile ENV {name}", self._values[name], role)


def _other(word: str, rest: str) -> list[Stated]:
    """What is copied is in Git and judged there, unless it comes from elsewhere."""
    elsewhere = word == "ADD" and "://" in rest
    image = re.search(r"--from=(\S+)", rest)
    if word == "COPY" and image and re.search(r"[/:]", image[1]) and "/uv" not in image[1]:
        elsewhere = True
    counts = elsewhere or word == "SHELL"
    return [Stated(f"Dockerfile {word}", rest, Role.PART if counts else Role.ASIDE)]
