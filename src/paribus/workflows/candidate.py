"""What is to be judged: overrides, edits in the working tree, or a commit."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from paribus.core.errors import Problem
from paribus.core.paths import joined, matches
from paribus.core.pipeline import Pipeline
from paribus.core.protocol import ALWAYS_NEUTRAL, Protocol
from paribus.core.rules.params import param_name
from paribus.core.sweep import NAME_AND_VALUE
from paribus.core.values import KeyPath, Value, dotted, leaves
from paribus.dvc.documents import parse, parse_scalar
from paribus.dvc.edit import set_values
from paribus.git.command import Git
from paribus.git.history import heads_of_work
from paribus.git.objects import Objects
from paribus.git.refs import with_files
from paribus.git.revisions import Baseline, find_newest_baseline, resolve
from paribus.git.trees import Blob, Piece, with_pieces
from paribus.git.worktree import Capture, captured, scratch
from paribus.workflows.project import Project
from paribus.workflows.reading import Reader, Tree

WORKING_TREE = "the working tree"


@dataclass(frozen=True, slots=True)
class Override:
    """A param set on the command line, `-S key=value` or `-S file:key=value`."""

    file: str
    path: KeyPath
    value: Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tree to judge, its baseline, and a reader for both.

    Attributes:
        tree: to judge.
        baseline: to judge it against.
        baseline_tree: the baseline's tree.
        untracked: files of the working tree that are not part of it.
        reader: of both.
        objects: below the reader.
        given: whether the caller named the baseline.
        overridden: whether params were set on the command line.
    """

    tree: Tree
    baseline: Baseline
    baseline_tree: Tree
    untracked: tuple[str, ...]
    reader: Reader
    objects: Objects
    given: bool
    overridden: bool


@contextmanager
def opened(
    project: Project,
    revision: str | None = None,
    baseline: str | None = None,
    overrides: Sequence[str] = (),
    *,
    keep: bool = False,
    tree: Tree | None = None,
) -> Iterator[Candidate]:
    """Opens a revision, or the working tree, with overrides on top.

    Args:
        revision: None for the working tree as it is.
        keep: whether new objects go where clones see them.
        tree: to judge instead, which the repository holds; the baseline is looked for as for the others.
    """
    repository = project.repository
    tips = heads_of_work(repository) if revision is None else (resolve(repository, revision),)
    commit, base = tips[0], find_newest_baseline(repository, tips, baseline)
    with ExitStack() as stack:
        untracked: tuple[str, ...] = ()
        capture = None
        if revision is None and tree is None:
            capture = stack.enter_context(captured(repository, keep=keep))
            git, untracked = capture.git, _without(capture.untracked, project.protocol_file)
        else:
            git = stack.enter_context(scratch(repository, keep=keep))
        objects = stack.enter_context(Objects(git))
        reader = Reader(project, objects)
        base_tree = Tree(objects.tree_of(base.commit), base.commit, f"baseline {base.name}")
        if capture is not None:
            tree = working_tree(project, capture)
        elif tree is None:
            tree = Tree(objects.tree_of(commit), commit, revision or commit)
        if overrides:
            tree = _overridden(reader, objects, tree, overrides)
        given, overridden = baseline is not None, bool(overrides)
        yield Candidate(tree, base, base_tree, untracked, reader, objects, given, overridden)


def with_overrides(candidate: Candidate, overrides: Sequence[str]) -> Candidate:
    """The same with params set on top; one value each."""
    tree = _overridden(candidate.reader, candidate.objects, candidate.tree, overrides)
    return replace(candidate, tree=tree, overridden=True)


def working_tree(project: Project, capture: Capture) -> Tree:
    """The tracked files, and the protocol even where Git does not know it yet.

    `paribus init` has just written that one, and whoever tries it before committing must not be
    sent back to `paribus init`.
    """
    tree, file = capture.tree, project.protocol_file
    path = project.repository.top / file
    if file in capture.untracked and path.is_file():
        tree = _with_files(capture.git, tree, {file: path.read_bytes()})
    return Tree(tree, None, WORKING_TREE)


def parse_override(text: str, prefix: str) -> Override:
    """One `-S` of the command line with one value; raises `Problem` where it cannot be meant."""
    parts = NAME_AND_VALUE.fullmatch(text)
    name, value = parts.groups() if parts else ("", "")
    file, path = param_name(name.strip())
    if not all(path):
        raise Problem("bad-override", f"-S {text!r} is not KEY=VALUE", "such as   -S train.lr=0.01")
    return Override(joined(prefix, file), path, parse_scalar(value))


def untracked_inputs(
    pipeline: Pipeline, protocol: Protocol, untracked: Sequence[str]
) -> tuple[str, ...]:
    """Untracked files that a stage would need: declared ones, and source that could be imported."""
    neutral = (*ALWAYS_NEUTRAL, *protocol.neutral)
    return tuple(
        path
        for path in untracked
        if not pipeline.is_output(path)
        and (
            path in pipeline.params_files()
            or pipeline.readers(path)
            or (path.endswith(SOURCES) and not matches(path, neutral))
        )
    )


SOURCES = (".py", ".pyx", ".ipynb", ".sh", ".r", ".R", ".jl")


# Private functions


def _without(paths: Sequence[str], path: str) -> tuple[str, ...]:
    return tuple(one for one in paths if one != path)


def _overridden(reader: Reader, objects: Objects, tree: Tree, overrides: Sequence[str]) -> Tree:
    changes: dict[str, dict[KeyPath, Value]] = {}
    for text in overrides:
        override = parse_override(text, reader.project.prefix)
        changes.setdefault(override.file, {})[override.path] = override.value
    contents = {file: _edited(reader, tree, file, values) for file, values in changes.items()}
    modes = objects.tree(tree.id, *contents)
    pieces: dict[str, Piece] = {
        file: Blob(modes[file].mode, data) for file, data in contents.items()
    }
    return Tree(with_pieces(objects, tree.id, pieces), None, f"{tree.name} with -S")


def _with_files(git: Git, tree: str, contents: Mapping[str, bytes]) -> str:
    with tempfile.TemporaryDirectory(prefix="paribus-") as folder:
        return with_files(git, tree, contents, Path(folder))


def _edited(reader: Reader, tree: Tree, file: str, values: Mapping[KeyPath, Value]) -> bytes:
    data = reader.raw(tree, file)
    if data is None:
        read = [path for path in reader.pipeline(tree).params_files() if reader.raw(tree, path)]
        raise Problem(
            "missing-file",
            f"{file} is not in {tree.name}, so -S cannot set anything in it",
            *(f"name the file   -S {name}:KEY=VALUE" for name in map(reader.project.name, read)),
            f"if it lies there, let Git know it   git add {shlex.quote(file)}",
        )
    document = parse(file, data).value
    for path in values:
        if not _exists(document, path):
            raise Problem(
                "unknown-param",
                f"{file} has no param {dotted(path)}",
                f"there are {_known(document)}",
                "a new param belongs into the file first, with the value that changes nothing",
            )
    return set_values(file, data, values)


def _exists(document: Value, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True


def _known(document: Value) -> str:
    names = [dotted(path) for path, _ in leaves(document) if path]
    shown = ", ".join(names[:12])
    return f"{shown}, and {len(names) - 12} more" if len(names) > 12 else shown or "none"
