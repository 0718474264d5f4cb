"""Config files that DVC does not read itself, where a program of the project might."""

from __future__ import annotations

from collections.abc import Mapping

from paribus.core.errors import Problem
from paribus.core.values import Value
from paribus.dvc.documents import Document, is_document, parse

INI = (".ini", ".cfg")


def read_config(path: str, data: bytes, largest: int) -> Document | None:
    """A config file's mapping; None where it is none, or cannot be read safely and surely."""
    if len(data) > largest:
        return None
    if path.endswith(INI):
        sections = _sections(data)
        return None if sections is None else Document(sections, {})
    try:
        document = parse(path, data) if is_document(path) else None
    except Problem:
        return None
    return document if document and isinstance(document.value, dict) else None


# Private functions


def _sections(data: bytes) -> Mapping[str, Value] | None:
    """Sections as they are written: no value is put into another, and no key loses its case."""
    import configparser  # noqa: PLC0415 (few projects have such files, and every start would pay for it)

    parser = configparser.RawConfigParser(default_section="")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(data.decode())
    except (UnicodeDecodeError, configparser.Error):
        return None
    return {name: dict(parser[name]) for name in parser.sections()}
