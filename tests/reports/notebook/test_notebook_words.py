"""The page's numbers and verdicts are those of the terminal: its rules are held against Python's."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser
from tests.reports.notebook.made import empty, notebook

from paribus.core.numbers import decimals, number
from paribus.core.plan import Unit
from paribus.core.verdict import GuardFinding, Hold, Outcome, Verdict
from paribus.reports.notebook import page as page_module
from paribus.reports.notebook.content import Step
from paribus.reports.notebook.headline import headline, interval_text, mean_text, since_the_ruler
from paribus.reports.text import clean
from paribus.reports.verdict import difference_and_interval, for_new_examples
from paribus.reports.verdict import headline as verdict_headline

VALUES = (
    0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 0.125, -0.125, 0.375, 1.005, 2.675, 4.35, 1e-6, 5e-7, -3.4e-7, 1e-5, 9.99e-6,
    0.00015, 0.1, 0.01, 0.001, 0.0001, 0.00001, 0.099999999, 0.9999999, 9.995, 123456.789, -123456.789, 1e15, 1e21,
    1.5e22, -0.0004, 0.0952148437, 1 / 3, 2 / 3, 0.0009999999999999998, 0.0010000000000000002, 999999.5, 5e-324,
)  # fmt: skip


def run(browser: Browser, expression: str, told: Any) -> Any:
    """What the page's own functions give, for a value that they are handed."""
    folder = files(page_module.__package__) / "assets"
    parts = "\n".join(
        (folder / f"{name}.js").read_text(encoding="utf-8") for name in ("dom", "numbers", "words")
    )
    shown = browser.new_page()
    try:
        given = shown.evaluate(
            "(told) => { 'use strict';" + f"\n{parts}\ntold = JSON.parse(told);"
            f" return JSON.stringify({expression});\n}}",
            json.dumps(told),
        )  # fmt: skip
        return json.loads(given)
    finally:
        shown.close()


def test_numbers_are_rounded_as_python_rounds_them(browser: Browser) -> None:
    source = random.Random(6)
    values = [*VALUES, *(source.choice((-1, 1)) * 10 ** source.uniform(-9, 9) for _ in range(1000))]
    # Ties, which the two languages round apart.
    values += [source.randint(-(10**6), 10**6) / 2 ** source.randint(1, 8) for _ in range(1000)]
    cases = [
        (value, digits, sign) for value in values for digits in range(7) for sign in (False, True)
    ]
    given = run(browser, "told.map(([x, digits, sign]) => number(x, digits, sign))", cases)
    expected = [number(x, digits, sign=sign) for x, digits, sign in cases]
    wrong = [(case, a, b) for case, a, b in zip(cases, given, expected, strict=True) if a != b]
    assert wrong == []


def test_the_noise_supports_as_many_digits_in_both(browser: Browser) -> None:
    source = random.Random(7)
    widths = [
        *(abs(value) for value in VALUES),
        *(10 ** source.uniform(-9, 9) for _ in range(3000)),
    ]
    widths += [float(f"1e{power}") for power in range(-9, 10)]
    widths += [
        math.nextafter(float(f"1e{power}"), end) for power in range(-9, 10) for end in (0, 1e99)
    ]
    assert run(browser, "told.map(decimals)", widths) == [decimals(width) for width in widths]


def test_verdicts_have_the_same_headline_in_both(browser: Browser) -> None:
    verdicts = list(made_verdicts(400))
    told = [verdict.as_json() for verdict in verdicts]
    assert run(browser, "told.map(headlineOf)", told) == [verdict_headline(one) for one in verdicts]
    assert run(browser, "told.map(differenceText)", told) == [
        " ".join(filter(None, difference_and_interval(one))) for one in verdicts
    ]
    assert run(browser, "told.map(forNewExamples)", told) == [
        "".join(for_new_examples(one)).strip() for one in verdicts
    ]


def test_controls_are_shown_the_same_in_both(browser: Browser) -> None:
    letters = [chr(code) for code in range(0x3100)] + [
        "\ufeff",
        "\U000e0001",
        "\U0001f9ea",
        "é",
        "中",
    ]
    assert run(browser, "told.map(clean)", letters) == [clean(letter) for letter in letters]


def made_verdicts(count: int) -> list[Verdict]:
    """Verdicts of each kind, with and without what may be unknown."""
    source = random.Random(8)
    broken = GuardFinding("log_loss", False, Hold.BROKEN, 0.2, 0.1, 0.3, 5, 0.0, "broken")
    guards = (
        (),
        (broken,),
        (broken, replace(broken, metric="f1\u202e")),
        (replace(broken, hold=Hold.HOLDS),),
    )
    verdicts = []
    for at in range(count):
        middle = source.uniform(-1, 1) * 10 ** source.uniform(-6, 4)
        half = abs(middle) * source.uniform(0, 2) * (at % 7 > 0)
        known = at % 5 > 0
        n = source.randint(0, 20)
        verdicts.append(Verdict(
            source.choice(list(Outcome)), "accuracy", middle if at % 11 else None,
            middle - half if known else None, middle + half if known else None, n, (),
            None, source.choice((None, 0.9)), source.choice((None, 0.8)), source.randint(0, 25),
            candidate_failures=source.choice((0, 0, 1)), guards=source.choice(guards),
            examples=source.choice((None, 1, 360)),
            population=source.choice((None, (middle - 2 * half - 0.1, middle + 2 * half + 0.1))),
            unit=source.choice(list(Unit)),
        ))  # fmt: skip
    return verdicts


STEP = Step(
    "baseline/1",
    "c" * 40,
    "k",
    None,
    "2026-09-01T00:00:00",
    0.9465,
    0.004,
    0.9446,
    0.9484,
    20,
    None,
)


def test_a_step_is_told_as_its_noise_supports() -> None:
    assert (mean_text(STEP), interval_text(STEP)) == ("0.9465", "[0.9446, 0.9484]")
    alone = replace(STEP, low=None, high=None)
    assert (mean_text(alone), interval_text(alone)) == ("0.9465", "")
    assert mean_text(replace(alone, sd=None, mean=0.1234567)) == "0.123457"
    assert mean_text(replace(alone, mean=None)) == ""


def test_a_ruler_that_changed_ends_the_staircase() -> None:
    """What was measured before is no beginning of a progress that is told."""
    old, new = replace(STEP, ruler="old", mean=0.5), replace(STEP, ruler="new", name="baseline/3")
    better = replace(new, mean=0.9565, low=0.9546, high=0.9584, name="baseline/4")
    unknown = replace(old, ruler=None)
    assert since_the_ruler((old, old, new, better)) == (new, better)
    assert since_the_ruler((old, unknown, better)) == (unknown, better)
    assert since_the_ruler((unknown, unknown)) == (unknown, unknown)
    assert since_the_ruler(()) == ()
    overview = replace(empty(), metric="accuracy", steps=(old, old, new, better))
    assert (
        headline(overview)[0]
        == "accuracy 0.9465 → 0.9565 in 1 step since the ruler changed (baseline/3)"
    )


def test_what_became_of_all_is_counted() -> None:
    points = notebook(12).overview.points
    named = [
        replace(points[0], outcome="improved", became="promoted, unconfirmed"),
        replace(points[0], outcome="improved", became="not confirmed"),
        replace(points[0], outcome="improved", became=""),
        replace(points[0], outcome="not-comparable", became=""),
        replace(points[0], outcome=None, status="running", became=""),
        replace(points[0], outcome="undecided", became=""),
        replace(points[0], outcome="of-a-later-version", became=""),
    ]
    assert headline(replace(empty(), points=tuple(named)))[1] == (
        "7 experiments: 1 promoted, 1 not confirmed, 1 improved, 1 undecided, 1 not comparable, 1 running,"
        " 1 of-a-later-version"
    )
