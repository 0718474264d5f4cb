"""Python code: two versions of the files that differ, compared as programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from paribus.core.change import Kind, NotCounted
from paribus.core.commands import programs
from paribus.core.names import Found, names
from paribus.core.rules.files import AS_SYNTAX
from paribus.core.rules.whole import whole
from paribus.core.sides import Finding, Sides, verb
from paribus.core.snapshot import LINK_MODE, SUBMODULE_MODE, FileDelta

if TYPE_CHECKING:
    from paribus.core.python.pairs import Around

KEEPS_OUTPUT = re.compile(r"[>|`]|\$\(")
"""Signs in a command by which what it prints goes somewhere."""

START_SCRIPT = re.compile(r"\b(?:uv|pipx|hatch)\s+run\b")
"""What reads the packages that a script names in its comments."""


def python_files(
    sides: Sides, deltas: Sequence[FileDelta]
) -> tuple[list[Finding], list[FileDelta]]:
    """Claims Python files and notebooks that can be read as syntax on each side that has them."""
    mine = [delta for delta in deltas if delta.path.endswith(AS_SYNTAX)]
    if not mine:
        return [], list(deltas)
    # Syntax is loaded only where there is some: every start of the tool would pay for it.
    from paribus.core.python.compare import compare  # noqa: PLC0415
    from paribus.core.python.pairs import Source  # noqa: PLC0415

    sources = [
        Source(delta, *(content.data for content in sides.contents(delta.path))) for delta in mine
    ]
    sources = [source for source in sources if _is_readable(source.delta)]
    compared = compare(sources, _around(sides, deltas))
    done = {source.delta.path for source in sources} - compared.unread
    found = [_of_its_stage(sides, each) for each in compared.found]
    findings: list[Finding] = [*found, *compared.settled]
    other_mode = {
        delta.path: delta for delta in mine if delta.path in done and _has_other_mode(delta)
    }
    findings += [_mode(delta) for delta in other_mode.values()]
    same = {path: reason for path, reason in compared.same.items() if path not in other_mode}
    findings += [NotCounted(path, reason) for path, reason in same.items()]
    return findings, [delta for delta in deltas if delta.path not in done]


def prints_matter(sides: Sides) -> bool:
    """Whether a stage keeps what its command prints."""
    commands = (stage.body.get("cmd") for pipeline in sides.pipelines for stage in pipeline.stages)
    return any(KEEPS_OUTPUT.search(str(command)) for command in commands)


# Private functions


def _of_its_stage(sides: Sides, found: Found) -> Found:
    """A change in a file that no stage ran before, or none runs now, belongs to the stage that does."""
    here = names("file", [found.change.file])
    ran, runs = (
        not side.reach.is_complete or bool(side.reach.stages(found.change.file))
        for side in (sides.old, sides.new)
    )
    if ran == runs:
        return found
    if runs:
        return replace(found, new=replace(found.new, defines=found.new.defines | here))
    return replace(found, old=replace(found.old, defines=found.old.defines | here))


def _around(sides: Sides, deltas: Sequence[FileDelta]) -> Around:
    from paribus.core.python.pairs import Around  # noqa: PLC0415 (as above)

    differing = {delta.path for delta in deltas}
    return Around(
        moves=sides.moves,
        texts={_inside(sides, old): _inside(sides, new) for old, new in sides.moves.items()},
        gone=sides.gone,
        come=sides.come,
        prints=not prints_matter(sides),
        has=lambda path: path in sides.new.files or path in sides.old.files,
        users=lambda path, side: {
            user: (sides.old, sides.new)[side].files[user]
            for user in (sides.old, sides.new)[side].reach.users(path)
            if user not in differing
        },
        starts_itself=lambda path: _starts_itself(sides, path),
    )


def _inside(sides: Sides, path: str) -> str:
    """A path as code names it, which runs in the project's folder."""
    folder = sides.new.pipeline.folder
    return path.removeprefix(f"{folder}/") if folder else path


def _starts_itself(sides: Sides, path: str) -> bool:
    """Whether a command starts a file without naming the interpreter, which its first line does then."""
    name = path.rpartition("/")[2]
    commands = [
        text for pipeline in sides.pipelines for stage in pipeline.stages for text in stage.commands
    ]
    scripts = any(START_SCRIPT.search(text) for text in commands)
    return scripts or any(name in programs(text) for text in commands)


def _is_readable(delta: FileDelta) -> bool:
    """Whether a file is a plain one on each side that has it."""
    sides = [entry for entry in (delta.old, delta.new) if entry]
    return not any(entry.mode in (LINK_MODE, SUBMODULE_MODE) for entry in sides)


def _has_other_mode(delta: FileDelta) -> bool:
    return delta.old is not None and delta.new is not None and delta.old.mode != delta.new.mode


def _mode(delta: FileDelta) -> Found:
    assert delta.old is not None
    assert delta.new is not None
    same = (
        verb(delta)
        if delta.old.oid == delta.new.oid
        else f"mode {delta.old.mode} -> {delta.new.mode}"
    )
    return Found(whole(Kind.CODE, delta, same))
