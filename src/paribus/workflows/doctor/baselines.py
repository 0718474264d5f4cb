"""Tags `baseline/<n>` beside the promotions that the ledger has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from paribus.core.errors import Exit, Problem
from paribus.core.promotion import Promotion
from paribus.git.command import Git
from paribus.git.revisions import BASELINE_TAG
from paribus.git.tags import BaselineTag, baseline_tags, create_tag
from paribus.ledger.notebook import Notebook
from paribus.reports.promote import tag_message
from paribus.workflows.doctor.ailment import Ailment, Repair, ailment
from paribus.workflows.doctor.ground import Ground

SETTLED = "not-baseline-{}"
"""The branch by which whoever lost a number keeps the commit, as `paribus sync` tells."""


def check_baselines(ground: Ground) -> Iterator[Ailment]:
    """Tags without a promotion, promotions without a tag, and numbers that mean two commits."""
    tags = {tag.number: tag for tag in baseline_tags(ground.git)}
    yield from _lightweight(ground.git, tags)
    promoted: defaultdict[int, list[Promotion]] = defaultdict(list)
    for promotion in Notebook(ground.branch).promotions().promotions:
        promoted[promotion.number].append(promotion)
    for number in sorted(promoted.keys() | tags.keys()):
        later = [each for n in promoted if n > number for each in promoted[n]]
        yield from _number(ground, tags, number, (promoted.get(number, []), later))


# Private functions


def _lightweight(git: Git, tags: Mapping[int, BaselineTag]) -> Iterator[Ailment]:
    listed = git.text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags/baseline/")
    known = {tag.name for tag in tags.values()}
    for name in listed.splitlines():
        if name not in known and BASELINE_TAG.fullmatch(name):
            yield ailment(
                "lightweight-baseline",
                f"{name} is not an annotated tag at a commit",
                f"refs/tags/{name}",
                f"make it one   git tag -f -a -m baseline {name} {name}",
            )


def _number(
    ground: Ground,
    tags: Mapping[int, BaselineTag],
    number: int,
    told: tuple[Sequence[Promotion], Sequence[Promotion]],
) -> Iterator[Ailment]:
    promotions, later = told
    tag, commits = tags.get(number), list(dict.fromkeys(each.commit for each in promotions))
    if tag is not None and not commits:
        if tag.experiment:
            yield ailment(
                "unrecorded-baseline",
                f"{tag.name} promotes {tag.experiment[:8]}, and the ledger has no such promotion",
                f"refs/tags/{tag.name}",
                f"finish it   paribus promote {tag.experiment[:8]}",
                "or, if others did it   paribus sync",
            )
    elif len(commits) > 1:
        if not (tag and tag.commit in commits and _is_settled(ground, tag, commits, later)):
            yield _conflict(tag, number, commits)
    elif tag is None:
        yield _missing(ground, promotions[-1])
    elif tag.commit != commits[0]:
        yield ailment(
            "moved-baseline",
            f"{tag.name} is at {tag.commit[:12]}; {commits[0][:12]} was promoted",
            f"refs/tags/{tag.name}",
            f"tag that again   git tag -d {tag.name} && paribus doctor --fix",
        )


def _is_settled(
    ground: Ground, tag: BaselineTag, commits: Sequence[str], later: Sequence[Promotion]
) -> bool:
    """Whether somebody has built on what the tag is here, or put the others aside under another name."""
    if any(each.baseline.get("commit") == tag.commit for each in later):
        return True
    ref = f"refs/heads/{SETTLED.format(tag.number)}"
    aside = ground.git.lookup("rev-parse", "--verify", "--quiet", ref)
    return {*commits} - {tag.commit} <= {aside}


def _conflict(tag: BaselineTag | None, number: int, commits: Sequence[str]) -> Ailment:
    name = f"baseline/{number}"
    other = next(commit for commit in commits if tag is None or commit != tag.commit)
    here = f"here it is {tag.commit[:12]}" if tag else "here is no such tag"
    return ailment(
        "baseline-conflict",
        f"{name} was promoted as {' and as '.join(commit[:12] for commit in commits)}; {here}",
        f"refs/tags/{name}",
        "see which one is shared           paribus sync",
        f"then keep the other by a branch   git branch {SETTLED.format(number)} {other[:12]}",
    )


def _missing(ground: Ground, promotion: Promotion) -> Ailment:
    is_here = ground.git.lookup("cat-file", "-e", f"{promotion.commit}^{{commit}}") is not None
    repair: Repair | None = partial(_tag_again, ground, promotion) if is_here else None
    there = "which is here" if is_here else "which is not here"
    return ailment(
        "missing-baseline",
        f"{promotion.commit[:12]} was promoted, {there}, and has no tag",
        f"refs/tags/{promotion.tag}",
        "if a remote has it   paribus sync",
        repair=repair,
    )


def _tag_again(ground: Ground, promotion: Promotion) -> str:
    """Makes the tag with what its promotion said; false of `create_tag`: there is one by now."""
    made = create_tag(ground.git, promotion.tag, promotion.commit, _message(ground, promotion))
    if made:
        return f"tagged again at {promotion.commit[:12]}"
    found = {tag.name: tag.commit for tag in baseline_tags(ground.git)}.get(promotion.tag)
    if found == promotion.commit:
        return "somebody else has tagged it"
    raise Problem(
        "tag-taken",
        f"{promotion.tag} is something else by now",
        status=Exit.NOT_RECORDED,
    )


def _message(ground: Ground, promotion: Promotion) -> str:
    notebook = Notebook(ground.branch)
    page, attempts = notebook.experiment(promotion.experiment), notebook.promotions().attempts
    ends = (
        each.end
        for each in attempts
        if (each.start.experiment, each.start.attempt) == (promotion.experiment, promotion.attempt)
    )
    if page.registration is None or not page.conclusions:
        return f"{promotion.summary}\n\nParibus-Experiment: {promotion.experiment}\n"
    verdict, end = page.conclusions[-1].verdict, next(ends, None)
    return tag_message(page.registration, verdict, end, promotion.provisional)
