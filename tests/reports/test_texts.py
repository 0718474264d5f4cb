"""Results in, text out: the small pieces, and what a real run rarely shows."""

from __future__ import annotations

import json
import math
import shlex
import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.change import Change, Kind, NotCounted
from paribus.core.policy import Count, Judgement
from paribus.core.run import Intent, Purpose, Run, Status
from paribus.core.sweep import expanded
from paribus.core.values import MISSING, same
from paribus.core.verdict import Outcome, Verdict
from paribus.reports.check import CheckReport, as_json, as_text, override
from paribus.reports.runs import failure
from paribus.reports.text import (
    clean,
    clean_block,
    helps,
    plural,
    shortened,
    strict_json,
    wrapped,
)
from paribus.reports.verdict import drawn, headline, looks_table
from paribus.workflows.candidate import parse_override


def param(path: tuple[str, ...], old: object, new: object, file: str = "params.yaml") -> Change:
    """A change of a param."""
    return Change(Kind.PARAM, file, path, old, new, "told", 1)


def report(changes: Sequence[Change], **more: Any) -> CheckReport:
    """A judgement of these changes."""
    outcome = {0: Count.NONE, 1: Count.ONE}.get(len(changes), Count.MANY)
    judgement = Judgement(outcome, tuple(changes), more.pop("not_counted", ()))
    known: dict[str, Any] = {
        "baseline": "a" * 40,
        "baseline_name": "baseline/4",
        "given": False,
        "revision": None,
        "revision_name": "the working tree",
        "overridden": False,
    }
    return CheckReport(judgement=judgement, **(known | more))


def verdict(
    outcome: Outcome, n: int, low: float | None, estimate: float, high: float | None
) -> Verdict:
    """A verdict with an interval."""
    return Verdict(outcome, "accuracy", estimate, low, high, n, (), attempted=n)


# Small pieces.


@given(st.text())
def test_clean_text_moves_no_cursor(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert not {unicodedata.category(letter) for letter in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert all(new in (old, "?") for old, new in zip(text, cleaned, strict=True))


def test_a_block_keeps_its_lines() -> None:
    assert clean_block("a\tb\r\n\x1b[31mred\nnaïve – ✓") == "a       b\n?[31mred\nnaïve – ✓"


def test_helps_stand_in_columns() -> None:
    assert helps(["do this   command --now", "or   other", "words alone"], "next") == [
        "next: do this   command --now",
        "next: or        other",
        "next: words alone",
    ]


def test_a_plural_and_a_cut() -> None:
    assert [plural(n, "run") for n in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
    assert [shortened(text, 6) for text in ("abcdef", "abcdefg")] == ["abcdef", "abc..."]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_is_strict(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        strict_json({"value": value})
    assert json.loads(strict_json({"value": 1})) == {"schema": 1, "value": 1}


# Commands that can be pasted.

KEYS = st.lists(st.text(min_size=1).filter(lambda key: clean(key) == key), min_size=1, max_size=3)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text().filter(lambda text: clean(text) == text),
    st.lists(st.integers(0, 9), max_size=3),
)


@given(KEYS, VALUES)
def test_an_override_makes_the_change_that_it_is_made_of(keys: list[str], value: object) -> None:
    """Through a shell, and back: whatever a key or a value contains, nothing else is run or set."""
    option, text, *rest = shlex.split(override(param(tuple(keys), 1, value), ""))
    read = parse_override(text, "")
    assert (option, rest) == ("-S", [])
    assert expanded([text]) == [(text,)], "one value, whatever is in it"
    assert (read.file, read.path) == ("params.yaml", tuple(keys))
    assert same(read.value, value)


@pytest.mark.parametrize(
    ("file", "project", "text"),
    [
        ("params.yaml", "", "-S a=1"),
        ("conf/params.yaml", "", "-S conf/params.yaml:a=1"),
        ("ml/params.yaml", "ml", "-S a=1"),
        ("ml/conf/b.toml", "ml", "-S conf/b.toml:a=1"),
        ("shared.json", "ml/deep", "-S ../../shared.json:a=1"),
        ("sp ace.json", "", "-S 'sp ace.json:a=1'"),
    ],
)
def test_an_override_names_the_file_from_the_project(file: str, project: str, text: str) -> None:
    change = param(("a",), 0, 1, file)
    assert override(change, project) == text
    read = parse_override(shlex.split(text)[1], project)
    assert read.file == file


# Refusals.


def test_a_param_that_comes_or_goes_has_no_override() -> None:
    """`-S` sets params that exist, so another way out is told."""
    changes = [param(("a",), MISSING, 1), param(("b",), 1, MISSING)]
    ways = json.loads(as_json(report(changes, overridden=True)))["next"]
    assert ways[0] == "one experiment each   commit them on branches of their own"
    changes.append(param(("c",), 1, 2))
    ways = json.loads(as_json(report(changes, overridden=True)))["next"]
    assert ways[0] == "one experiment each   paribus run baseline/4 -S c=2"
    assert json.loads(as_json(report(changes)))["next"][0] == "one experiment each   paribus split"


def test_the_ways_out_name_what_was_judged_and_against_what() -> None:
    changes = [param(("a",), 1, 2), param(("b",), 1, 2)]
    branch = report(changes, revision="b" * 40, revision_name="exp/x y", given=True)
    assert json.loads(as_json(branch))["next"] == [
        "one experiment each   paribus split 'exp/x y' --baseline baseline/4",
        "they belong together   paribus run 'exp/x y' --baseline baseline/4 --allow \"why\"   (recorded)",
        "they always go together   list them under `coupled` in paribus.yaml",
    ]
    overridden = report(changes, overridden=True)
    assert json.loads(as_json(overridden))["next"][1] == (
        'they belong together   the same command, with --allow "why"   (recorded)'
    )


def test_long_lists_are_cut_and_counted() -> None:
    aside = tuple(NotCounted(f"docs/{n}.md", "neutral") for n in range(9))
    told = as_text(report([], not_counted=aside, untracked=tuple(f"{n}.txt" for n in range(8))))
    assert told.splitlines()[2].endswith("docs/5.md (neutral), and 3 more")
    assert told.splitlines()[4] == (
        "untracked, so not part of it: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, 5.txt, and 2 more"
    )


# Verdicts.


def test_intervals_of_one_table_share_one_axis() -> None:
    trail = [
        verdict(Outcome.UNDECIDED, 3, -0.01, 0.0, 0.01),
        verdict(Outcome.UNDECIDED, 5, -0.002, 0.003, 0.008),
        verdict(Outcome.IMPROVED, 8, 0.001, 0.003, 0.005),
    ]
    head, *rows = looks_table(trail, higher_is_better=True)
    zero = head.index("|")
    assert rows[0].rindex("[") - zero == -10
    assert (rows[0][zero], rows[0].rindex("]") - zero) == ("*", 10)
    assert (rows[1].rindex("[") - zero, rows[1][zero], rows[1].rindex("*") - zero) == (-2, "+", 3)
    assert (rows[2].rindex("[") - zero, rows[2][zero], rows[2].rindex("]") - zero) == (1, "|", 5)
    assert head.split()[-3:] == ["worse", "|", "better"]
    assert looks_table(trail, higher_is_better=False)[0].split()[-3:] == ["better", "|", "worse"]
    assert looks_table([], higher_is_better=True) == []
    assert max(map(len, (head, *rows))) <= 80


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            verdict(Outcome.NO_DIFFERENCE, 5, -0.0031, 0.0006, 0.0043),
            "no detectable difference: accuracy +0.0006 [-0.0031, +0.0043], 5 of 5 pairs",
        ),
        (
            verdict(Outcome.NO_DIFFERENCE, 3, 0.0, 0.0, 0.0),
            "no detectable difference: accuracy +0 [+0, +0], 3 of 3 pairs",
        ),
        (
            verdict(Outcome.UNDECIDED, 3, None, 0.25, None),
            "undecided: accuracy +0.25, 3 of 3 pairs",
        ),
        (
            Verdict(Outcome.UNDECIDED, "accuracy", None, None, None, 0, (), attempted=2),
            "undecided: accuracy, 0 of 2 pairs",
        ),
        (
            Verdict(
                Outcome.IMPROVED, "accuracy", 0.0052, 0.0011, 0.0093, 8, (),
                baseline_mean=0.94651, candidate_mean=0.95171, attempted=9,
            ),
            "improved: accuracy 0.9465 -> 0.9517, +0.0052 [+0.0011, +0.0093], 8 of 9 pairs",
        ),
    ],
)  # fmt: skip
def test_the_first_line_stands_alone(given: Verdict, line: str) -> None:
    assert headline(given) == line


def failed(**own: Any) -> Run:
    """A run that did not succeed."""
    intent = Intent("0" * 10, 1, {}, Purpose.MEASURE, "s", "h", "here", "2026-01-01", "e" * 20)
    known: dict[str, Any] = {"status": Status.FAILED, "seconds": 12.3}
    return Run(intent, **(known | own))


def test_a_failure_tells_what_the_stage_said_and_not_what_dvc_said() -> None:
    log = (
        "WARNING: No file hash info found for '/x/model.json'. It won't be created.\n"
        "Running stage 'train':\n> python train.py\n"
        "epoch 1\nepoch 2\nepoch 3\n\n\x1b[31mValueError: loss is nan\n"
        "Updating lock file 'dvc.lock'\n"
    )
    assert failure(failed(cause="stage train, exit 1", stage="train", log_tail=log)) == [
        "failed: pair 2, stage train, exit 1 after 12 s; recorded",
        "  epoch 1",
        "  epoch 2",
        "  epoch 3",
        "  ?[31mValueError: loss is nan",
    ]
    assert failure(failed(cause="metric accuracy is not there")) == [
        "failed: pair 2, metric accuracy is not there; recorded"
    ]
    assert failure(failed(status=Status.KILLED, cause="its worker process ended (signal 9)")) == [
        "killed: pair 2, its worker process ended (signal 9); recorded"
    ]


@given(st.text(), st.sampled_from(["", "  ", "      "]))
def test_wrapped_text_keeps_every_word(text: str, indent: str) -> None:
    lines = wrapped(clean(text), indent)
    assert " ".join(lines).split() == clean(text).split()
    assert all(len(line) <= 80 or len(line.split()) == 1 for line in lines)


def test_an_interval_is_not_broken() -> None:
    told = wrapped(f"{'x' * 60} [-0.0044, +0.0044] lies within", "  ")
    assert told == [f"  {'x' * 60}", "    [-0.0044, +0.0044] lies within"]


@given(st.floats(-1, 1), st.floats(0.001, 0.5))
def test_a_short_interval_keeps_both_ends_and_its_side_of_zero(middle: float, half: float) -> None:
    wide = verdict(Outcome.UNDECIDED, 3, -1.5, 0.0, 1.5)
    picture = drawn([wide, verdict(Outcome.IMPROVED, 3, middle - half, middle, middle + half)])[1]
    assert (picture.count("["), picture.count("*"), picture.count("]")) == (1, 1, 1)
    assert picture.index("[") < picture.index("*") < picture.index("]")
    if middle - half > 0:
        assert picture.index("[") > 10
    if middle + half < 0:
        assert picture.index("]") < 10
