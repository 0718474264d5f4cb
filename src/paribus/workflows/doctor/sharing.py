"""Whether what was recorded is on this disk alone."""

from __future__ import annotations

from collections.abc import Iterator

from paribus.ledger.branch import REF
from paribus.ledger.counting import added
from paribus.ledger.tips import TRACKING, USUAL_REMOTE
from paribus.reports.text import plural
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import Ground


def check_sharing(ground: Ground) -> Iterator[Ailment]:
    """Records that no remote is known to have."""
    if ground.tips.branch is None and ground.tips.kept is None:
        return
    tip, git = ground.tips.whole[0], ground.git
    remotes = git.text("remote").splitlines()
    if not remotes:
        yield _unshared(
            "there is no remote to share the ledger with", "add one   git remote add origin URL"
        )
        return
    remote = USUAL_REMOTE if USUAL_REMOTE in remotes else remotes[0]
    there = git.lookup("rev-parse", "--verify", "--quiet", TRACKING.format(remote))
    if there is None:
        yield _unshared(
            f"{remote} is not known to have a ledger", f"share it   paribus sync {remote}"
        )
        return
    count = sum(added(git, there, tip).values())
    if count:
        told = f"{plural(count, 'record')} that {remote} is not known to have"
        yield _unshared(told, f"share them   paribus sync {remote}")


# Private functions


def _unshared(message: str, way: str) -> Ailment:
    return ailment("unshared-records", message, REF, way)
