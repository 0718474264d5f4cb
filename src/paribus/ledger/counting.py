"""How much one ledger has that another has not."""

from __future__ import annotations

from collections import Counter

from paribus.git.command import Git

NO_TREES = (".", ":(exclude)trees")


def added(git: Git, old: str | None, new: str) -> Counter[str]:
    """Records that a commit of the ledger adds to another, by their kind.

    Args:
        old: None for an empty ledger.
    """
    base = old or git.text(
        "hash-object", "-t", "tree", "--stdin"
    )  # the empty tree, which git knows
    listed = git.run(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=A",
        "--ignore-submodules=all", base, new, "--", *NO_TREES,
    )  # fmt: skip
    paths = listed.decode("utf-8", "replace").split("\0")[:-1]
    return Counter(path.rpartition("/")[2].rpartition("-")[0] for path in paths)
