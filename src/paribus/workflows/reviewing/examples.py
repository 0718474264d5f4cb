"""Predictions that a change turned: newly right, newly wrong."""

from __future__ import annotations

from collections.abc import Sequence

from paribus.core.run import Run
from paribus.ledger.notebook import Notebook
from paribus.reports.reviewing.model import Turned


def turned(notebook: Notebook, pairs: Sequence[tuple[Run, Run]]) -> Turned | None:
    """Counts the examples that most of the candidate's runs have right and most of the baseline's wrong.

    And the other way round; one on which half of a side's runs are right counts as neither. None
    where the runs left no predictions, or not of the same examples, or none that is right or wrong.
    """
    digests = {run.evaluation for pair in pairs for run in pair}
    if len(digests) != 1 or None in digests:
        return None
    packed = notebook.examples([run.intent.id for pair in pairs for run in pair])
    from paribus.core.examples.packed import unpack  # noqa: PLC0415 (numpy, where there is any)

    try:
        old, new = (
            [unpack(packed[pair[side].intent.id]).right for pair in pairs] for side in range(2)
        )
    except (KeyError, ValueError):
        return None  # made elsewhere, and not shared; or damaged
    before, after = (
        [right.astype(int) for right in side if right is not None] for side in (old, new)
    )
    sizes = {len(right) for right in (*before, *after)}
    if len(before) < len(pairs) or len(after) < len(pairs) or len(sizes) != 1:
        return None
    votes = [2 * sum(side[1:], side[0]) - len(pairs) for side in (before, after)]
    right = ((votes[0] < 0) & (votes[1] > 0)).sum()
    wrong = ((votes[0] > 0) & (votes[1] < 0)).sum()
    return Turned(int(right), int(wrong), sizes.pop(), len(pairs))
