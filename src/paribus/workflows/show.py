"""`paribus show`: one experiment in full."""

from __future__ import annotations

from dataclasses import replace

from paribus.ledger.branch import Branch
from paribus.ledger.verifications import verifications
from paribus.reports.run import RunReport
from paribus.workflows.experiments import find, open_notebook, report_of
from paribus.workflows.project import Project


def show(project: Project, identifier: str) -> RunReport:
    """One experiment; raises `Problem` where no id, or more than one, starts with these characters."""
    notebook = open_notebook(project)
    page = find(notebook, identifier)
    made = verifications(Branch(project.repository.git), page.id)
    return replace(report_of(notebook, project, page, found=True), verified=made)
