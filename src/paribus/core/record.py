"""Records: how the ledger's files are written, named and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Record:
    """One write-once file of the ledger.

    Attributes:
        kind: such as `registration`, `intent`, `run`, `verdict`.
        body: strict JSON.
    """

    kind: str
    body: Mapping[str, Any]

    def encoded(self) -> bytes:
        """The file's bytes: the same record gives the same bytes everywhere."""
        content = {"schema": SCHEMA, "kind": self.kind, **self.body}
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        # A path that is not UTF-8 becomes a JSON escape, which stands for the same characters.
        return text.encode("utf-8", "backslashreplace") + b"\n"

    @property
    def name(self) -> str:
        """The file's name, which follows from its content, so that two clones never disagree on it."""
        return f"{self.kind}-{hashlib.sha256(self.encoded()).hexdigest()[:16]}.json"


def decoded(data: bytes) -> Record | None:
    """The record in a file; None where this version cannot read it."""
    try:
        # As `json.loads` would decode them itself, but for guessing the encoding of each of a million.
        content = _decoder.decode(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return None
    kind = content.get("kind")
    if not isinstance(kind, str):
        return None
    del content["schema"], content["kind"]
    return Record(kind, content)


# Private functions


def _refuse(constant: str) -> None:
    """Python reads more than JSON has; what it lets in here could be written nowhere."""
    raise ValueError(f"{constant} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
