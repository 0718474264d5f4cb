"""`paribus check`: does a revision change one thing?"""

from __future__ import annotations

from paribus.reports.check import CheckReport
from paribus.workflows.candidate import opened
from paribus.workflows.judging import check_report, judged
from paribus.workflows.project import Project


def check(project: Project, revision: str | None, baseline: str | None) -> CheckReport:
    """Judges a revision, or the working tree, against its baseline; reads Git objects only."""
    with opened(project, revision, baseline) as candidate:
        return check_report(judged(candidate))
