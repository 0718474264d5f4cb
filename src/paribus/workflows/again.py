"""The command that goes on with an experiment, as it can be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from paribus.core.change import Change, Kind
from paribus.core.errors import Problem
from paribus.core.experiment import Registration
from paribus.core.values import undotted
from paribus.reports.check import override
from paribus.workflows.candidate import Override, parse_override
from paribus.workflows.project import Project


def typed(
    name: str,
    revision: str | None,
    overrides: Sequence[str] = (),
    allow: str | None = None,
    baseline: str | None = None,
) -> str:
    """The words of a call, without what limits it and without what the ledger has already."""
    words = ["paribus", name, *([revision] if revision else [])]
    words += [word for each in overrides for word in ("-S", each)]
    return shlex.join([*words, *_options(allow, baseline)])


def command_of(
    project: Project, registration: Registration, baseline: str | None = None
) -> str | None:
    """What goes on with an experiment; None for edits that only a working tree has."""
    allow = registration.allow
    if registration.revision:
        return typed("run", registration.revision[:12], (), allow, baseline)
    overrides = _overrides(project, registration)
    if overrides is None:
        return None
    return shlex.join(["paribus", "run", *overrides, *_options(allow, baseline)])


# Private functions


def _options(allow: str | None, baseline: str | None) -> list[str]:
    words = [] if allow is None else ["--allow", allow]
    return [*words, "--baseline", baseline] if baseline else words


def _overrides(project: Project, registration: Registration) -> list[str] | None:
    """The words that set each param that was changed; None for a change that they cannot make."""
    parts = [part for one in registration.changes for part in one.get("parts") or (one,)]
    words: list[str] = []
    for part in parts:
        values = part.get("old"), part.get("new")
        if part.get("kind") != Kind.PARAM or not part.get("path") or None in values:
            return None  # null stands for a value that is not there, too
        path = undotted(part["path"])
        change = Change(Kind.PARAM, part["file"], path, part["old"], part["new"], part["summary"])
        words += shlex.split(override(change, project.prefix))
        if not _means(words[-1], project, Override(part["file"], path, part["new"])):
            return None
    return words


def _means(text: str, project: Project, wanted: Override) -> bool:
    """Whether the option would be read back as what was changed."""
    try:
        return parse_override(text, project.prefix) == wanted
    except Problem:
        return False
