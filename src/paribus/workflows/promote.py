"""`paribus promote`: an experiment that improved is confirmed, and becomes the next baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from paribus.core.clauses import Gate
from paribus.core.errors import Exit, Problem
from paribus.core.promotion import Promotion
from paribus.core.run import Run
from paribus.core.verdict import Verdict
from paribus.git.revisions import main_tip
from paribus.git.tags import BaselineTag, baseline_tags
from paribus.ledger.promotions import Attempt
from paribus.reports.promote import Measured, PromotionReport
from paribus.workflows.experiments import claimed, find, note_interrupted, open_notebook, short_id
from paribus.workflows.finishing import finished, reopened
from paribus.workflows.judging import Judged
from paribus.workflows.limits import NO_LIMITS, Limits
from paribus.workflows.listening import Listener
from paribus.workflows.measuring import spread
from paribus.workflows.project import Project
from paribus.workflows.promotion.confirming import answer_of, confirm
from paribus.workflows.promotion.fresh_pairs import Candidacy
from paribus.workflows.promotion.promotable import (
    Current,
    chosen_commit,
    current_baseline,
    moved_aside,
    require_current,
    require_winner,
    tested_key,
)
from paribus.workflows.promotion.tagging import Grounds, promotion_of, remeasured, tagged
from paribus.workflows.reading import Tree
from paribus.workflows.runner import running
from paribus.workflows.subjects import require_ground


@dataclass(frozen=True, slots=True)
class PromoteOptions:
    """What the caller asks for.

    Attributes:
        experiment: the beginning of its id.
        commit: a revision to tag; None to find or make the commit.
        provisional: why it is promoted without a confirmation; None to confirm it.
        again: whether to confirm again what was not confirmed.
        jobs: runs at once.
        limits: what runs may take.
    """

    experiment: str
    commit: str | None = None
    provisional: str | None = None
    again: bool = False
    jobs: int = 1
    limits: Limits = NO_LIMITS


def promote(project: Project, options: PromoteOptions, listener: Listener) -> PromotionReport:
    """Confirms an experiment with fresh runs, runs the new baseline, tags and records it.

    Whatever it was cut off from, calling it again goes on from there. Files, index, HEAD and branches
    stay as they are.

    Raises:
        Problem: it did not improve, the baseline is another by now, the commit is not what was tested,
            or a run cannot be made.
    """
    notebook = open_notebook(project)
    identifier = find(notebook, options.experiment).id
    with claimed(project, identifier):
        page = notebook.experiment(identifier)
        short = short_id(notebook, identifier)
        verdict = require_winner(project, page, short)
        with reopened(project, page) as found:
            candidacy = Candidacy(
                project,
                notebook,
                page,
                found,
                require_ground(project, found),
                _gate(project, found),
            )
            return _Promoting(candidacy, options, listener, short, verdict).report()


# Private functions


def _gate(project: Project, found: Judged) -> Gate | None:
    """The locked set as the main branch agrees on it now; it may be younger than the experiment.

    It decides nothing that was registered, and a candidate cannot leave it out.
    """
    tip, candidate = main_tip(project.repository), found.candidate
    if tip is not None:
        tree = Tree(candidate.objects.tree_of(tip), tip, "the main branch")
        protocol = candidate.reader.protocol(tree)
        if protocol is not None:
            return protocol.gate
    return found.sides.protocol.gate


class _Promoting:
    """One promotion, step by step."""

    def __init__(
        self,
        candidacy: Candidacy,
        options: PromoteOptions,
        listener: Listener,
        short: str,
        verdict: Verdict,
    ) -> None:
        self._candidacy, self._options, self._listener = candidacy, options, listener
        self._short, self._verdict = short, verdict
        self._project, self._notebook = candidacy.project, candidacy.notebook

    def report(self) -> PromotionReport:
        """Goes as far as the evidence carries."""
        attempt = answer_of(self._candidacy, again=self._options.again)
        tag, known = self._tag(), self._known()
        if known is not None and tag is not None and self._is_done(known):
            return self._told(attempt, known, found=True)
        current = current_baseline(self._project, self._candidacy.found)
        if tag is None:
            require_current(
                self._project, current, self._candidacy.found, self._candidacy.registration
            )
            tag = self._tag_of_the_same(current)
        commit = chosen_commit(
            self._project,
            self._candidacy.found,
            self._candidacy.registration,
            self._options.commit,
        )
        return self._carried_out(attempt, tag, commit)

    def _carried_out(
        self, attempt: Attempt | None, tag: BaselineTag | None, commit: str | None
    ) -> PromotionReport:
        candidacy, notebook = self._candidacy, self._notebook
        provisional = self._provisional(attempt, tag)
        found = attempt is not None
        measured: Measured | None = None
        baseline = notebook.baseline(candidacy.ground.key)
        note_interrupted(self._project, self._listener, candidacy.page, baseline)
        jobs, limits = self._options.jobs, self._options.limits
        with running(self._project, notebook, jobs, self._listener, limits) as runner:
            if provisional is None and attempt is None:
                attempt = confirm(candidacy, runner)
            if provisional is None and not (attempt and attempt.end and attempt.end.confirmed):
                return self._told(attempt, self._known(), found=found)
            grounds = Grounds(None if provisional else attempt, provisional)
            if tag is None:
                if commit is None:
                    page = notebook.experiment(candidacy.page.id)
                    commit = finished(self._project, notebook, runner, page)
                measured = self._measured(remeasured(candidacy, runner, commit))
                tag = tagged(candidacy, commit, grounds)
        promotion = promotion_of(candidacy, tag, grounds)
        recorded = notebook.promote(promotion)
        return self._told(attempt, promotion, measured=measured, recorded=recorded)

    def _tag(self) -> BaselineTag | None:
        """The last that this experiment was given."""
        own = [
            tag
            for tag in baseline_tags(self._project.repository.git)
            if tag.experiment == self._candidacy.page.id
        ]
        return own[-1] if own else None

    def _tag_of_the_same(self, current: Current) -> BaselineTag | None:
        """The baseline that stands, where it is the tested snapshot already: nobody needs two."""
        return current.tag if current.key == tested_key(self._candidacy.found) else None

    def _known(self) -> Promotion | None:
        return self._notebook.promotions(self._project.prefix).promoted(self._candidacy.page.id)

    def _is_done(self, known: Promotion) -> bool:
        """Whether nothing is left to do: it was promoted, and is confirmed if that is asked for."""
        return known.provisional is None or self._options.provisional is not None

    def _provisional(self, attempt: Attempt | None, tag: BaselineTag | None) -> str | None:
        """Why there is to be no confirmation; None where there is one, or is to be one.

        A tag that was made for a reason has that reason recorded, where its maker was cut off before.
        """
        reason = self._options.provisional
        if attempt is not None and attempt.end is not None:
            if not attempt.end.confirmed and reason is not None:
                raise Problem(
                    "not-confirmed",
                    f"fresh runs did not confirm {self._short}, and no reason outweighs them",
                    f"try fresh seeds once more   paribus promote {self._short} --again",
                    status=Exit.RULE_BROKEN,
                )
            return None
        if reason is not None and tag is not None and tag.provisional is not None:
            return tag.provisional
        return reason

    def _measured(self, runs: Sequence[Run]) -> Measured:
        metric = self._candidacy.ground.metric
        values = [run.metrics[metric] for run in runs if metric in run.metrics]
        return Measured(fmean(values) if values else None, spread(runs, metric), len(values))

    def _told(
        self,
        attempt: Attempt | None,
        promotion: Promotion | None,
        *,
        measured: Measured | None = None,
        recorded: str | None = None,
        found: bool = False,
    ) -> PromotionReport:
        promotions = self._notebook.promotions(self._project.prefix)
        return PromotionReport(
            registration=self._candidacy.registration,
            short=self._short,
            verdict=self._verdict,
            start=attempt.start if attempt else None,
            end=attempt.end if attempt else None,
            promotion=promotion,
            measured=measured,
            queries=promotions.queries,
            next_level=promotions.next_level,
            merge=self._merge(promotion),
            agreement=self._agreement(promotion),
            recorded=recorded or self._notebook.tip(),
            found=found,
        )

    def _agreement(self, promotion: Promotion | None) -> tuple[str, ...]:
        """Clauses in which the new baseline agrees on something else than the one that it beat."""
        git = self._project.repository.git
        if (
            promotion is None
            or git.lookup("cat-file", "-e", f"{promotion.commit}^{{commit}}") is None
        ):
            return ()
        return moved_aside(self._candidacy.found, promotion.commit)

    def _merge(self, promotion: Promotion | None) -> str | None:
        """How the baseline comes to where the user is; None where it is there already."""
        if promotion is None:
            return None
        git = self._project.repository.git
        here = ("merge-base", "--is-ancestor")
        if git.lookup(*here, promotion.commit, "HEAD") is not None:
            return None
        forward = git.lookup(*here, "HEAD", promotion.commit) is not None
        return f"git merge {'--ff-only ' if forward else ''}{promotion.tag}"
