"""At which level the next confirmation is judged: LORD++, which bounds false promotions for good.

Every confirmation spends some of an overall 5 %, and every promotion earns some back, so that over
an unlimited series of confirmations the expected share of false ones among the promotions stays
below 5 % (LORD++: Ramdas, Yang, Wainwright and Jordan, NeurIPS 2017). Confirmations may overlap:
the level of one that starts now counts only those that have finished (Zrnic, Ramdas and Jordan,
JMLR 22, 2021, the asynchronous LORD*), so that nobody waits and no outcome is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

ALPHA = 0.05
"""Bound on the expected share of false promotions."""

WEALTH = 0.025
"""What may be spent before the first promotion."""

_ZETA = 2.2857656656801293  # Riemann's zeta(1.6), so that the shares add up to 1


@dataclass(frozen=True, slots=True)
class Started:
    """A confirmation began and has its level; one that is never finished has still spent it.

    Attributes:
        test: names this attempt. Another attempt at the same experiment is another test.
    """

    test: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A confirmation ended, confirmed or not."""

    test: str
    confirmed: bool


Event = Started | Finished
Shares = Callable[[int], float]


def share(j: int) -> float:
    """The part j^-1.6 / zeta(1.6) of the wealth for the j-th test from 1 on; all add up to 1."""
    return float(j**-1.6 / _ZETA)


def level(
    test: int, rejections: Sequence[int], gamma: Shares = share, wealth: float = WEALTH
) -> float:
    """The one-sided level alpha_t of the t-th test.

    w0 gamma(t) + (alpha - w0) gamma(t - r1) + alpha * sum over j >= 2 of gamma(t - rj).

    Args:
        test: its number t, from 1 on, in order of starting.
        rejections: for each confirmed test, how many tests had been started when it finished; in
            any order. Without overlaps that is its own number.
        gamma: falling shares from 1 on that add up to at most 1.
        wealth: w0, from 0 to `ALPHA`.

    Raises:
        ValueError: no such test, or a rejection that came after this test started.
    """
    if test < 1 or any(not 1 <= earlier < test for earlier in rejections):
        raise ValueError(f"test {test} cannot know of rejections at {list(rejections)}")
    earned = [gamma(test - earlier) for earlier in sorted(rejections)]
    return wealth * gamma(test) + (ALPHA - wealth) * sum(earned[:1]) + ALPHA * sum(earned[1:])


def next_level(events: Iterable[Event]) -> float:
    """The level of a confirmation that starts after these events; .0109 for the first.

    At most `ALPHA`: several that end at one time earn so much that the sum may go beyond it, and a
    smaller level never errs more.

    Raises:
        ValueError: a test starts twice, or ends before it started, or twice.
    """
    started, rejections = _count(events)
    return min(ALPHA, level(started + 1, rejections))


# Private functions


def _count(events: Iterable[Event]) -> tuple[int, list[int]]:
    """How many tests were started, and for each rejection how many had been when it came."""
    started: set[str] = set()
    open_: set[str] = set()
    rejections: list[int] = []
    for event in events:
        match event:
            case Started(test):
                if test in started:
                    raise ValueError(f"{test} starts twice")
                started.add(test)
                open_.add(test)
            case Finished(test, confirmed):
                if test not in open_:
                    raise ValueError(f"{test} ends, and is not under way")
                open_.remove(test)
                if confirmed:
                    rejections.append(len(started))
    return len(started), rejections
