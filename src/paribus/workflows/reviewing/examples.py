"""Predictions that a change turned: newly right, newly wrong."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from paribus.core.run import Run
from paribus.ledger.notebook import Notebook
from paribus.reports.reviewing.model import Turned


def turned(notebook: Notebook, pairs: Sequence[tuple[Run, Run]]) -> Turned | None:
    """Counts the examples that the candidate has right and the baseline wrong, and the other way round.

    Where all pairs share their examples, by the majority of the runs; one on which half of a side's runs
    are right counts as neither. Where each seed draws examples of its own, as a mean over the pairs. None
    where the runs left no predictions, or the sides of a pair not on the same examples, or none that
    is right or wrong.
    """
    if not pairs or not all(
        old.evaluation and old.evaluation == new.evaluation for old, new in pairs
    ):
        return None
    packed = notebook.examples([run.intent.id for pair in pairs for run in pair])
    import numpy as np  # noqa: PLC0415 (only where runs left predictions)

    from paribus.core.examples.packed import unpack  # noqa: PLC0415 (as above)

    try:
        sides = [
            [unpack(packed[run.intent.id]).right for run in side]
            for side in zip(*pairs, strict=True)
        ]
    except (KeyError, ValueError):
        return None  # made elsewhere, and not shared; or damaged
    old, new = ([right for right in side if right is not None] for side in sides)
    if len(old) < len(pairs) or [right.shape for right in old] != [right.shape for right in new]:
        return None
    each = len({run.evaluation for run, _ in pairs}) > 1
    if each:
        gained = [int((after & ~before).sum()) for before, after in zip(old, new, strict=True)]
        lost = [int((before & ~after).sum()) for before, after in zip(old, new, strict=True)]
        return Turned(fmean(gained), fmean(lost), fmean(map(len, old)), len(pairs), each)
    votes = [2 * np.stack(side).sum(axis=0) - len(pairs) for side in (old, new)]
    gains, losses = (votes[0] < 0) & (votes[1] > 0), (votes[0] > 0) & (votes[1] < 0)
    return Turned(int(gains.sum()), int(losses.sum()), len(old[0]), len(pairs), each)
