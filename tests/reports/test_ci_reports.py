"""Text of a repository is inert in everything that a CI system reads."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from paribus.core.change import Change, Kind, Warned
from paribus.core.errors import Problem
from paribus.core.policy import Count, Judgement
from paribus.reports import answers, github, gitlab, markdown
from paribus.reports.answers import Answer, EachCommit, JudgedCommit, Nothing
from paribus.reports.check import CheckReport
from paribus.reports.text import inert

CORPUS = (
    "::error::pwned",
    "  ::set-output name=outcome::one",
    "##[error]pwned",
    "x ##vso[task.complete]",
    "a\n::error::pwned",
    "a\r\n::add-mask::x",
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "left\u202eright",
    "a|b",
    "a\\|b",
    "`code`",
    "``two`` and ` one",
    "`",
    "````",
    "@user #123 GH-4 owner/repo@abc",
    "<img src=x onerror=alert(1)>",
    "</code><script>alert(1)</script>",
    "[link](https://example.org) ![image](https://example.org/x.png)",
    "https://example.org www.example.org somebody@example.org",
    "**bold** _em_ ~~gone~~ # heading",
    "1. list\n- list\n> quote\n    code",
    "100%0A%25,title=x,line=1::",
    "a,b:c=d",
    "$(id) ${{ secrets.TOKEN }}",
    "<!-- comment -->",
    "&lt;b&gt; &#64;user",
    "\udcff.bin",
    "x" * 100_000,
    "",
    " ",
)
OID = "0123456789abcdef0123456789abcdef01234567"
CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def change(text: str, kind: Kind = Kind.PARAM, line: int | None = 3) -> Change:
    """A change that is called by a text wherever one can be."""
    return Change(kind, text or "x", (text,), text, text, text, line)


def report(*changes: Change, **others: Any) -> CheckReport:
    """A check of the changes."""
    outcome = {0: Count.NONE, 1: Count.ONE}.get(len(changes), Count.MANY)
    plain = {"baseline": OID, "baseline_name": OID[:7], "given": True, "overridden": False}
    named = {"revision": OID, "revision_name": "exp", "judgement": Judgement(outcome, changes, ())}
    return CheckReport(**{**plain, **named, **others})


def nasty(text: str) -> list[Answer]:
    """Answers with a text in every place."""
    two = (change(text), replace(change(text, Kind.CODE), parts=(change(text), change(text))))
    names = {"baseline_name": text, "revision_name": text, "untracked": (text,)}
    many = report(*two, **names)
    allowed = report(*two, **names, allowed_because=text)
    problem = Problem("odd", text, text)
    items = (many, allowed, Nothing(text), problem)
    commits = tuple(JudgedCommit(OID, text, item) for item in items)
    return [
        many,
        allowed,
        report(change(text), **names),
        Nothing(text),
        EachCommit(OID, OID, commits),
    ]


def controls(text: str) -> set[str]:
    """Characters that move a cursor or turn a direction, line ends apart."""
    return {x for x in text if unicodedata.category(x) in CONTROLS} - {"\n"}


def unescaped(text: str, *more: str) -> str:
    """What GitHub's runner makes of an escaped text."""
    pairs = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
    for code, letter in pairs:
        if letter not in ":," or letter in more:
            text = text.replace(code, letter)
    return text


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: repr(text[:30]))
def test_a_log_obeys_our_annotations_alone(text: str) -> None:
    for answer in nasty(text):
        told = github.report(answer)
        assert not controls(told)
        lines = told.split("\n")
        ours = lines[len(lines) - len(github.commands(answer)) :]
        for line in lines[: len(lines) - len(ours)]:
            assert not line.lstrip().startswith("::"), line
            assert not re.search(r"##\w*\[", line), line
        for line in ours:
            found = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
            assert found, line
            properties = dict(item.split("=", 1) for item in found[2].split(","))
            assert set(properties) <= {"file", "line", "title"}
            assert len(found[3]) < 1600
        for line in inert(answers.as_text(answer)).split("\n"):
            assert not line.lstrip().startswith("::")


def test_an_annotation_names_the_file_as_it_is_called() -> None:
    file = "data/50% a,b:c\nd.csv"
    (line,) = github.commands(report(change(file)))
    found = re.fullmatch(r"::notice file=(.*),line=3,title=(.*)::(.*)", line)
    assert found
    assert unescaped(found[1], ":", ",") == file
    assert unescaped(found[2], ":", ",") == f"param change against {OID[:7]}"
    assert unescaped(found[3]) == "data/50% a,b:c?d.csv"


def test_the_ten_most_important() -> None:
    changes = [change(f"f{number}") for number in range(12)] + [change("ruler", Kind.RULER, None)]
    lines = github.commands(report(*changes))
    assert len(lines) == 10
    of = f"title=%s%%3A one of 13 changes against {OID[:7]}"
    assert lines[0] == f"::error file=ruler,{of % 'ruler'}::ruler"
    assert lines[1] == f"::error file=f0,line=3,{of % 'param'}::f0"
    assert lines[-1] == "::error title=one-change::and 4 more: see the log"
    assert len(github.commands(report(*changes[:10]))) == 10


def test_warnings_come_last() -> None:
    many = report(*(change(f"f{number}") for number in range(9)))
    warning = Warned("unread-param", "params.yaml", "nothing reads train.x")
    answer = replace(many, judgement=replace(many.judgement, warnings=(warning, warning)))
    told = "::warning file=params.yaml,title=unread-param::nothing reads train.x"
    alone = replace(answer, judgement=replace(answer.judgement, changes=(), outcome=Count.NONE))
    assert github.commands(alone) == [told, told]
    assert github.commands(answer)[-1] == "::warning title=one-change::and 2 more: see the log"
    issues = json.loads(gitlab.code_quality(alone))
    assert [issue["severity"] for issue in issues] == ["minor", "minor"]
    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert "- **warning** `nothing reads train.x`\n" in markdown.summary(alone)


def test_levels() -> None:
    two = (change("a"), change("b"))
    for answer, level in (
        (report(change("a")), "notice"),
        (report(*two), "error"),
        (report(*two, allowed_because="why"), "warning"),
    ):
        assert {line.split()[0] for line in github.commands(answer)} == {f"::{level}"}
    assert github.commands(report()) == github.commands(Nothing("why")) == []


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: repr(text[:30]))
def test_markdown_shows_text_as_code_and_nothing_else(text: str) -> None:
    """Rendered with HTML and links allowed, there are none: all of it is within code."""
    for answer in nasty(text):
        told = markdown.summary(answer)
        assert not controls(told)
        assert len(told) < 65_536
        tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(told)
        inner = [token for block in tokens for token in block.children or []]
        assert {token.type for token in inner} <= {
            "text", "code_inline", "strong_open", "strong_close", "softbreak",
        }  # fmt: skip
        allowed = {"heading", "paragraph", "ordered_list", "bullet_list", "list_item"}
        blocks = {re.sub("_(open|close)$", "", token.type) for token in tokens}
        assert blocks <= allowed | {"inline"}
        plain = "".join(token.content for token in inner if token.type == "text")
        if len(text.strip()) > 1:
            assert text not in plain
    told = markdown.problem_summary(Problem("odd", text, text))
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(told)
    inner = [token for block in tokens for token in block.children or []]
    assert {token.type for token in inner} <= {"text", "code_inline"}


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: repr(text[:30]))
def test_code_holds_the_whole_text(text: str) -> None:
    (block,) = [token for token in MarkdownIt().parse(markdown.code(text)) if token.children]
    (span,) = block.children or []
    assert span.type == "code_inline" or not text.strip()
    if text.strip() and len(text) < 200 and not controls(text) and "\n" not in text:
        assert span.content.strip() == text.strip()


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: repr(text[:30]))
def test_code_quality_is_strict_json(text: str) -> None:
    for answer in nasty(text):
        told = gitlab.code_quality(answer)
        assert told.isascii()
        issues = json.loads(told)
        assert len({issue["fingerprint"] for issue in issues}) == len(issues)
        for issue in issues:
            assert not controls(issue["description"] + issue["location"]["path"])
            assert len(issue["description"]) <= 500
            assert issue["location"]["lines"] == {"begin": 3}


def read_output(text: str) -> dict[str, str]:
    """As GitHub's runner reads the file."""
    found, lines = {}, text.split("\n")[:-1]
    while lines:
        line = lines.pop(0)
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and not 0 <= heredoc < equals:
            found[line[:equals]] = line[equals + 1 :]
            continue
        name, end = line.split("<<", 1)
        at = lines.index(end)
        found[name] = "\n".join(lines[:at])
        del lines[: at + 1]
    return found


@pytest.mark.parametrize("text", [text for text in CORPUS if "\udcff" not in text])
def test_outputs_come_back_as_they_were(text: str) -> None:
    values = {"first": text, "second": f"{text}\nsecond<<x\nx=1\nend_0", "third": "3"}
    assert read_output(github.output_file(values)) == values


def test_what_steps_can_use() -> None:
    many = report(change("a"), change("b"))
    assert github.outputs(many) == {
        "outcome": "many", "changes": "2", "baseline": OID, "revision": OID,
    }  # fmt: skip
    assert github.outputs(replace(many, revision=None))["revision"] == ""
    assert github.outputs(Nothing("why")) == {
        "outcome": "none", "changes": "0", "baseline": "", "revision": "",
    }  # fmt: skip
