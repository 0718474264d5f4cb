"""What the notebook page shows. Everything here is plain and strict JSON once `as_json` has told it.

The page has an overview, which every part of it needs at once, and the details of each experiment,
which one needs when it is opened: with ten thousand experiments they are most of the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """A baseline: a step of the staircase.

    Attributes:
        name: `baseline/4`, or the short commit where nobody tagged it.
        commit: full SHA.
        key: its snapshot key, by which experiments name what they were held against.
        experiment: id of the experiment that it came from; None where none is known.
        given: when it became the baseline, UTC, ISO 8601.
        mean, sd: of the primary metric over its runs; None where there are none, or one only for the sd.
        low, high: 95 % t interval of the mean; None with fewer than 2 runs.
        n: runs that these rest on.
        provisional: why it stands without a confirmation; None where it was confirmed.
        ruler: names what measured it, as a registration's `evaluation` does: the means of two steps
            whose rulers differ are not comparable. None where it is unknown.
    """

    name: str
    commit: str
    key: str | None
    experiment: str | None
    given: str
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    n: int
    provisional: str | None
    ruler: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """An experiment in the overview.

    Attributes:
        id, short: whole, and as it is shown.
        started: UTC, ISO 8601.
        summary: the change in one line.
        kinds: of its changes, such as `param`, `code`.
        step: which of the notebook's baselines it was held against, counted from 0; None where that
            is none of them.
        against: that baseline's name.
        status: as `log` tells it.
        outcome: `improved`, `worse`, `no-difference`, `undecided`, `not-comparable`, `failed`; None
            while there is no verdict.
        label: the verdict's kind, such as `futile`; None without.
        estimate, low, high: candidate minus baseline in the metric's units; None where unknown. After a
            confirmation they are the confirmation's, as are the means and the pairs.
        mean, baseline_mean: of the metric on either side; None where unknown.
        n, attempted: pairs that these rest on, and that were started.
        became: such as `promoted`, `confirmed`, `not confirmed`; empty where nothing did.
        tag: the baseline that it became; None.
        allow: why several changes were let through; None where there is one.
        broken: names of the guards that it broke.
        runs, seconds: what it cost.
        metric: that all of this is of: the agreement may have named another one then.
    """

    id: str
    short: str
    started: str
    author: str
    summary: str
    hypothesis: str
    kinds: tuple[str, ...]
    step: int | None
    against: str
    status: str
    outcome: str | None
    label: str | None
    estimate: float | None
    low: float | None
    high: float | None
    mean: float | None
    baseline_mean: float | None
    n: int
    attempted: int
    became: str
    tag: str | None
    allow: str | None
    broken: tuple[str, ...]
    runs: int
    seconds: float
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A source of the spread.

    Attributes:
        name: `train.seed`, `rerun`, `evaluation set`, ...
        sd: in the metric's units; None where it is unknown.
        share: of the total variance, 0 to 1; None where unknown.
        low, high: the share's 90 % interval, 0 to 1; None where unknown.
        within: names of the sources whose shares include this one, so that it is not counted twice.
    """

    name: str
    sd: float | None
    low: float | None
    high: float | None
    share: float | None
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoiseBudget:
    """Where the current baseline's spread comes from, and what it allows to detect.

    Attributes:
        sd: of the metric over the baseline's runs.
        runs: that tell it.
        effect: the smallest difference that matters.
        detectable: the difference that the cap of pairs detects with 80 % power; None where unknown.
        cap: pairs at most.
        sources: where it comes from; empty where that was not measured.
    """

    sd: float | None
    runs: int
    effect: float
    detectable: float | None
    cap: int
    sources: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page needs at once.

    Attributes:
        project: a name for people; `folder` is where it is from the top of the repository.
        ledger: the ledger's commit; `recorded` its time, UTC, ISO 8601.
        version: of Paribus.
        metric, higher_is_better, effect: the primary metric, by the current agreement.
        steps: baselines, the earliest first.
        points: experiments, the earliest first.
        noise: None where nothing is known.
        stall: lines that say whether the search has stalled, in the words of `paribus status`.
        next: what to do now: each (what, command).
        unreadable: paths of records that this version cannot read.
        unregistered: experiments that DVC made without Paribus.
    """

    project: str
    folder: str
    ledger: str | None
    recorded: str | None
    version: str
    metric: str | None
    higher_is_better: bool
    effect: float | None
    steps: tuple[Step, ...]
    points: tuple[Point, ...]
    noise: NoiseBudget | None
    stall: tuple[str, ...]
    next: tuple[tuple[str, str], ...]
    unreadable: tuple[str, ...]
    unregistered: int


@dataclass(frozen=True, slots=True)
class PairPoint:
    """One pair of a verdict or a confirmation.

    Attributes:
        pair: from 1.
        seeds: value of each declared seed.
        baseline, candidate: the metric on either side.
        run, beside: ids of the candidate's run and of the baseline's.
    """

    pair: int
    seeds: Mapping[str, int]
    baseline: float
    candidate: float
    run: str
    beside: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that did not succeed.

    Attributes:
        pair: from 1.
        cause: in one line; stage and exit code where a stage failed.
        tail: its last lines.
    """

    run: str
    pair: int
    status: str
    stage: str | None
    exit_code: int | None
    cause: str
    seconds: float
    tail: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """An example on which the two sides differ, or that one side has wrong.

    Attributes:
        id: as the predictions file names it.
        label: the truth.
        before, after: what baseline and candidate predicted, with one pair's seeds; None where unknown.
    """

    id: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Predictions:
    """What became of single examples, by the runs of one pair.

    Attributes:
        pair: from 1, whose runs they are of.
        size: examples of the evaluation set.
        fixed, broken: wrong before and right now; right before and wrong now. At most 50 of each.
        fixed_count, broken_count: of all.
        wrong: wrong now, whatever it was before; at most 50; `wrong_count` of all.
        why_not: why no single examples are told; empty where they are.
    """

    pair: int
    size: int
    fixed: tuple[Prediction, ...]
    broken: tuple[Prediction, ...]
    wrong: tuple[Prediction, ...]
    fixed_count: int
    broken_count: int
    wrong_count: int
    why_not: str


@dataclass(frozen=True, slots=True)
class Detail:
    """An experiment's page.

    Attributes:
        changes: as `Change.as_json` gives them.
        diff: unified, from the baseline's tree to the tested one, cut where `diff_cut` says so; None
            where the trees are not here.
        looks: the verdict at each look, as `Verdict.as_json` gives it.
        verdict: the last one; None without.
        pairs: of the verdict, in order.
        fresh: of the last confirmation, in order.
        confirmation: keys `confirmed`, `estimate`, `low`, `high`, `n`, `pairs`, `level`; None without.
        null_control: (same-seed reruns of the baseline that differ, reruns).
        ended: runs that did not succeed.
        tail: the last lines of the last run.
        sessions: where its runs were made, as `Session.as_json` gives it, without `installed`; from the
            second on `differs` lists what differs from the first, each `what`, `old`, `new`.
        commands: what to type, each (what for, command); the first reproduces it.
        predictions: None where the pipeline declares none.
        earlier, bundled, declared: as the registration and `show` tell them.
        verifications: each (when, outcome).
        tree, commit: the tested tree, and a result's commit; None without.
    """

    id: str
    changes: tuple[Mapping[str, Any], ...]
    diff: str | None
    diff_cut: bool
    looks: tuple[Mapping[str, Any], ...]
    verdict: Mapping[str, Any] | None
    pairs: tuple[PairPoint, ...]
    fresh: tuple[PairPoint, ...]
    confirmation: Mapping[str, Any] | None
    null_control: tuple[int, int]
    ended: tuple[Ended, ...]
    tail: str
    sessions: tuple[Mapping[str, Any], ...]
    commands: tuple[tuple[str, str], ...]
    predictions: Predictions | None
    earlier: tuple[Mapping[str, Any], ...]
    bundled: tuple[Mapping[str, Any], ...]
    declared: tuple[Mapping[str, Any], ...]
    verifications: tuple[tuple[str, str], ...]
    tree: str
    commit: str | None
