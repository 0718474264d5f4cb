"""A review as the comment on a pull request: Markdown in which nothing of the repository acts.

It is rendered from the record alone, so that the same state gives the same bytes, and has no clock.
"""

from __future__ import annotations

import re

from paribus.core.metrics import is_number
from paribus.core.values import MISSING, Value, spelled
from paribus.reports.markdown import code, escaped, summary_line
from paribus.reports.markdown import listed as changes_listed
from paribus.reports.reviewing.content import as_inert_line
from paribus.reports.reviewing.model import Judged, Review
from paribus.reports.reviewing.steps import steps
from paribus.reports.reviewing.table import Row, rows
from paribus.reports.reviewing.trust import broke, cost, looked, trust
from paribus.reports.reviewing.words import GLYPHS, MARKDOWN, first_line
from paribus.reports.tables import markdown_table
from paribus.reports.text import clean, plural, shortened

LARGEST = 60_000
"""Characters; GitHub takes 65,536, and counts some of them twice."""
MOST_ROWS = 4
"""Of the table before the first fold, which a reviewer sees without a click; the others are folded."""
MOST_STEPS = 3
LONGEST_STEP = 200
MOST_CHANGES = 5
MOST_COMMITTED = 40
LARGEST_JSON = 30_000
BLANK = re.compile(r"\n{3,}")


def body(review: Review) -> str:
    """The comment; its marker is the last line, and the first line stands alone in an e-mail."""
    head, folds, tail = _head(review), _folds(review), _tail(review)
    while folds and sum(map(_size, (*head, *folds, *tail))) > LARGEST:
        folds.pop()  # the machine-readable one is last, and longest
    # What is left out leaves its blank lines behind.
    return BLANK.sub("\n\n", "\n".join([*head, *folds, *tail])) + "\n"


# Private functions


def _size(text: str) -> int:
    """Characters as GitHub counts them: one beyond the first 65,536 of Unicode is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + 1  # and the line's end


def _head(review: Review) -> list[str]:
    found = review.found
    lines = [f"{GLYPHS[review.finding]} {first_line(review, MARKDOWN)}"]
    if isinstance(found, Judged):
        if found.evidence is not None and found.evidence.report.registration.hypothesis:
            said = found.evidence.report.registration.hypothesis
            lines.append(f"> {escaped(shortened(said, 300))}")
        table = rows(found)[:MOST_ROWS]
        if table:
            lines += ["", _table(table, found.check.baseline_name)]
        elif len(found.check.judgement.changes) > 1:
            lines += ["", *changes_listed(found.check.judgement.changes[:MOST_CHANGES])]
    lines.append("")
    following = [_typed(what, command) for what, command in steps(review)[:MOST_STEPS]]
    if following:
        lines += [f"**Next:** {'; '.join(following)}.", ""]
    return lines


def _typed(what: str, command: str) -> str:
    told = escaped(shortened(what, LONGEST_STEP))
    return f"{told}: {code(command)}" if command else told


def _table(table: list[Row], baseline: str) -> str:
    headers = ["", escaped(shortened(baseline, 40)), "this PR", "difference", "verdict"]
    cells = []
    for row in table:
        name = escaped(shortened(row.metric, 60))
        name = f"{name} {row.arrow} {row.role}" if row.role else f"**{name}** {row.arrow}"
        numbers = [escaped(each) for each in (row.old, row.new, row.difference)]
        cells.append([name, *numbers, escaped(": ".join(filter(None, [row.verdict, row.why])))])
    return markdown_table(cells, headers, (1, 2, 3))


def _folds(review: Review) -> list[str]:
    found = review.found
    if not isinstance(found, Judged):
        return []
    folds = []
    further = rows(found)[MOST_ROWS:]
    if further:
        title = plural(len(further), "more metric")
        folds.append(_fold(title, [_table(further[:MOST_COMMITTED], found.check.baseline_name)]))
    judgement = found.check.judgement
    changes = judgement.changes
    if changes or judgement.not_counted or judgement.warnings:
        folds.append(_fold(_counts(found), [*changes_listed(changes), *_not_counted(found)]))
    if found.evidence is not None:
        broken = broke(found.evidence)
        if broken is not None:
            folds.append(_fold(broken[0], [f"- {code(line)}" for line in broken[1]]))
        summary, lines = trust(found)
        folds.append(_fold(f"Trust: {summary}", [f"- {escaped(line)}" for line in lines]))
        summary, lines = looked(found.evidence)
        if lines:
            folds.append(_fold(summary, [f"- {escaped(line)}" for line in lines]))
        turned = found.evidence.turned
        if turned is not None:
            how = "on average over" if turned.each else "by the majority of"
            lines = [f"- {how} {plural(turned.pairs, 'pair')} of {turned.size:.0f} examples each"]
            folds.append(_fold(turned.told, lines))
    elif found.elsewhere:
        folds.append(_fold("Measured elsewhere", _elsewhere(found)))
    folds += _committed(found)
    told = as_inert_line(review)
    if len(told) <= LARGEST_JSON:
        folds.append(_fold("Machine-readable", ["```json", told, "```"]))
    return folds


def _counts(found: Judged) -> str:
    """What differs, in numbers; a file may have several differences that are not counted."""
    judgement = found.check.judgement
    changes = judgement.changes
    told = [f"What changes: {plural(len(changes), 'change')}"] if changes else []
    if judgement.not_counted:
        told.append(f"{plural(len(judgement.not_counted), 'difference')} not counted")
    if judgement.warnings:
        told.append(plural(len(judgement.warnings), "warning"))
    return ", ".join(told)


def _not_counted(found: Judged) -> list[str]:
    aside = found.check.judgement.not_counted[:20]
    warnings = found.check.judgement.warnings[:10]
    lines = [f"- not counted: {code(each.file)}, {escaped(each.reason)}" for each in aside]
    return ["", *lines, *(f"- **warning** {code(each.message)}" for each in warnings)]


def _elsewhere(found: Judged) -> list[str]:
    return [
        f"- {code(one.short)} against {code(one.against)}: {escaped(shortened(one.said, 200))}"
        for one in found.elsewhere
    ]


def _committed(found: Judged) -> list[str]:
    """The numbers of the two commits, which nobody repeated."""
    numbers = found.committed
    if numbers is None:
        return []
    if numbers.why_not is not None:
        return [_fold("No committed metrics of this tree", [f"- {escaped(numbers.why_not)}"])]
    sides, moved = (numbers.old, numbers.new), numbers.moved
    if not moved:
        return []
    shown = [
        [escaped(shortened(name, 60)), *(_cell(side.get(name, MISSING)) for side in sides)]
        for name in moved[:MOST_COMMITTED]
    ]
    table = markdown_table(shown, ["", "baseline", "this PR"], (1, 2))
    more = len(moved) - MOST_COMMITTED
    told = [f"and {plural(more, 'more metric')}: {code('paribus compare')}"] if more > 0 else []
    title = f"{plural(len(moved), 'committed metric')} moved: one run a side, which may be noise"
    return [_fold(title, [table, "", *told])]


def _cell(value: Value) -> str:
    if value is MISSING:
        return ""
    if is_number(value):
        return escaped(f"{value:.6g}")
    return escaped(shortened(clean(spelled(value)), 40))


def _fold(title: str, lines: list[str]) -> str:
    """Folded; its title is HTML, in which Markdown does not act."""
    return "\n".join(
        [f"<details><summary>{summary_line(title)}</summary>", "", *lines, "", "</details>"]
    )


def _tail(review: Review) -> list[str]:
    found, lines = review.found, list[str]()
    if isinstance(found, Judged):
        report = found.evidence.report if found.evidence else None
        measured = "measured" if report is not None and report.verdict is not None else "judged"
        head = code((review.head or "HEAD")[:7])
        told = f"{measured} {head} against {code(found.check.baseline[:7])}"
        if report is not None and report.verdict is not None:
            told += f" · reproduce: {code(f'paribus verify {report.short}')}"
        if found.evidence is not None:
            told += f" · {cost(found.evidence)}"
        lines += ["", f"<sub>{told}</sub>"]  # a line apart, or it is HTML and no Markdown
    else:
        lines += ["", f"<sub>judged {code((review.head or 'HEAD')[:7])}</sub>"]
    return [*lines, f"<!-- {review.marker} -->"]
