"""A check run on the head commit at GitHub: it begins before anything is judged, and it always ends."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from paribus.forge.model import Note, Posting
from paribus.forge.trouble import Trouble
from paribus.forge.wire import Wire

AT_ONCE = 50
"""Annotations of one request."""
MOST = 250
LONGEST_TITLE = 250
LONGEST_MESSAGE = 10_000


class CheckRun:
    """One check, named per project; each method may raise `Trouble`."""

    def __init__(self, wire: Wire, repository: str) -> None:
        self._wire = wire
        self._path = f"repos/{repository}/check-runs"
        self._number: int | None = None

    def begin(self, name: str, head: str) -> None:
        """It is under way."""
        self._number = self._create(name, head, {"status": "in_progress"})

    def finish(self, posting: Posting, head: str) -> None:
        """It has ended: the one that was begun, or a new one."""
        first, *others = _batches(posting.notes)
        try:
            self._complete(posting, head, first)
        except Trouble as trouble:
            if trouble.status != HTTPStatus.UNPROCESSABLE_ENTITY or not first:
                raise
            self._complete(posting, head, [])  # a note that it does not take must not leave it open
            return
        with contextlib.suppress(Trouble):  # the comment and the log have them all
            for notes in others:
                self._edit({"output": _output(posting, notes)})

    def _complete(self, posting: Posting, head: str, notes: Sequence[Mapping[str, Any]]) -> None:
        end = {
            "status": "completed",
            "conclusion": posting.conclusion.value,
            "output": _output(posting, notes),
        }
        if self._number is None:
            self._number = self._create(posting.name, head, end)
        else:
            self._edit(end)

    def _create(self, name: str, head: str, state: Mapping[str, Any]) -> int:
        """Two of one name do no harm: the later one counts."""
        content = self._sent("POST", self._path, {"name": name, "head_sha": head, **state})
        number = content.get("id")
        if not isinstance(number, int):
            raise Trouble("the answer cannot be read")
        return number

    def _edit(self, content: Mapping[str, Any]) -> None:
        self._sent("PATCH", f"{self._path}/{self._number}", content)

    def _sent(self, method: str, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        while True:
            try:
                found: Mapping[str, Any] = self._wire.send(method, path, content).content
                return found
            except Trouble as trouble:
                self._wire.rest(trouble)


# Private functions


def _output(posting: Posting, notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    title = posting.title[:LONGEST_TITLE]
    return {"title": title, "summary": posting.body, "annotations": list(notes)}


def _batches(notes: Sequence[Note]) -> list[list[dict[str, Any]]]:
    """At least one, which may be empty; a note without a file has no place."""
    placed = [_annotation(note) for note in notes if note.file][:MOST]
    starts = range(0, len(placed), AT_ONCE)
    return [placed[start : start + AT_ONCE] for start in starts] or [[]]


def _annotation(note: Note) -> dict[str, Any]:
    line = note.line or 1
    return {
        "path": note.file,
        "start_line": line,
        "end_line": line,
        "annotation_level": note.level,
        "title": note.title[:LONGEST_TITLE],
        "message": note.message[:LONGEST_MESSAGE] or note.title or note.level,
    }
