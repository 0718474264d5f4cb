"""Whether the declared seeds move the numbers, and nothing else does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from paribus.core.paths import joined
from paribus.core.rules.params import param_name
from paribus.core.run import Run
from paribus.core.timing import is_timing
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.practised import Practised, listed


def check_seeds(practised: Practised, baseline: Sequence[Run]) -> Iterator[Ailment]:
    """Each declared seed is read by a stage; two of its values differ, and one repeats.

    Args:
        baseline: runs of the baseline that was measured last.
    """
    seeds = practised.protocol.seeds
    for name in seeds:
        file, path = param_name(name)
        if not practised.pipeline.param_readers(joined(practised.prefix, file), path):
            yield ailment(
                "seed-not-read",
                f"no stage declares the seed {name}",
                joined(practised.prefix, "paribus.yaml"),
                f"add it to the params of the stage that reads it, in {practised.pipeline.file}",
            )
    runs = [run for run in baseline if run.succeeded and set(run.intent.seeds) == set(seeds)]
    yield from _wired(seeds, runs)
    yield from _repeating(runs)


# Private functions


def _wired(seeds: Sequence[str], runs: Sequence[Run]) -> Iterator[Ailment]:
    if not seeds:
        return
    if _values(runs, seeds) > 1 and _are_alike(runs):
        yield _not_wired(seeds, runs)
        return
    for seed in seeds if len(seeds) > 1 else ():
        alone: defaultdict[tuple[tuple[str, int], ...], list[Run]] = defaultdict(list)
        for run in runs:
            others = {key: value for key, value in run.intent.seeds.items() if key != seed}
            alone[tuple(sorted(others.items()))].append(run)
        telling = [group for group in alone.values() if _values(group, [seed]) > 1]
        if telling and all(map(_are_alike, telling)):
            yield _not_wired([seed], [run for group in telling for run in group])


def _not_wired(seeds: Sequence[str], runs: Sequence[Run]) -> Ailment:
    return ailment(
        "seed-not-wired",
        f"{_values(runs, seeds)} values of {listed(list(seeds))} gave the same numbers",
        listed(list(seeds)),
        "read it in the stages where they draw, and declare it in their params",
    )


def _repeating(runs: Sequence[Run]) -> Iterator[Ailment]:
    again: defaultdict[tuple[tuple[str, int], ...], list[Run]] = defaultdict(list)
    for run in runs:
        again[tuple(sorted(run.intent.seeds.items()))].append(run)
    several = [group for group in again.values() if len(group) > 1]
    differing = [group for group in several if not _are_alike(group)]
    if differing:
        yield ailment(
            "seed-does-not-repeat",
            f"{len(differing)} of {len(several)} seeds that ran again gave other numbers",
            f"run {differing[0][-1].intent.id}",
            "see how much it is   paribus noise",
        )


def _values(runs: Sequence[Run], seeds: Sequence[str]) -> int:
    return len({tuple(run.intent.seeds.get(seed) for seed in seeds) for run in runs})


def _are_alike(runs: Sequence[Run]) -> bool:
    numbers = [_numbers(run) for run in runs]
    return all(each == numbers[0] for each in numbers)


def _numbers(run: Run) -> Mapping[str, float]:
    """What a run measured; a time or a speed never repeats."""
    return {name: value for name, value in run.metrics.items() if not is_timing(name)}
