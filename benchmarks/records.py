"""Appends records to the ledger of the repository in the current folder, one commit each."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from paribus.core.record import Record
from paribus.git.command import Git
from paribus.ledger.branch import Branch, Write


def main() -> None:
    """Appends so many as the first argument says."""
    branch = Branch(Git(Path.cwd()))
    for _ in range(int(sys.argv[1])):
        name = secrets.token_hex(10)
        record = Record("idea", {"experiment": name, "project": ""})
        branch.append([Write(f"ideas/{name[:2]}/{name}", record)], "one more")


if __name__ == "__main__":
    main()
