"""Reads two revisions as snapshots, from Git objects alone."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paribus.core.errors import Problem
from paribus.core.hydra.setup import Hydra
from paribus.core.lock import LockedStage, read_lock
from paribus.core.metrics import named
from paribus.core.paths import joined, matches, within
from paribus.core.pipeline import DEFAULT_PARAMS, Pipeline, read_pipeline, vars_files
from paribus.core.protocol import ALWAYS_NEUTRAL, Protocol, read_protocol
from paribus.core.rules.configs import LARGEST, is_config
from paribus.core.sides import Sides
from paribus.core.snapshot import (
    LINK_MODE,
    SUBMODULE_MODE,
    Content,
    Entry,
    FileDelta,
    Snapshot,
)
from paribus.core.values import Value
from paribus.dvc.configs import read_config
from paribus.dvc.documents import Document, is_document, parse
from paribus.dvc.hydra import Revision, read_hydra
from paribus.dvc.layout import LOCK, PIPELINE
from paribus.git.objects import Objects
from paribus.workflows.project import Project
from paribus.workflows.tree_files import TreeFiles

if TYPE_CHECKING:
    from paribus.dvc.python_params import PythonParams

MOST_PIPELINES = 100
"""Files that are read of a project without a `dvc.yaml` of its own."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A Git tree and the commit that it belongs to.

    Attributes:
        id: of the tree.
        revision: SHA of the commit; None for the working tree.
        name: what to call it in a message.
    """

    id: str
    revision: str | None
    name: str


class Reader:
    """Reads what the judge needs, each blob once."""

    def __init__(self, project: Project, objects: Objects) -> None:
        self.project = project
        self._objects = objects
        self._documents: dict[str, Document] = {}
        self._files: dict[str, TreeFiles] = {}
        self._locks: dict[tuple[str, str], dict[str, LockedStage]] = {}

    def anew(self) -> Reader:
        """Another one of the same repository, which has read nothing yet."""
        return Reader(self.project, self._objects)

    def sides(self, old: Tree, new: Tree) -> tuple[Sides, tuple[FileDelta, ...]]:
        """Two trees as snapshots, and the files in which they differ."""
        deltas = self._objects.changed(old.id, new.id)
        paths = [delta.path for delta in deltas]
        folders = folders_above(paths, self.project.prefix)
        pipelines = [self._judged_pipeline(tree, folders) for tree in (old, new)]
        # A file that one side alone reads as params is read as values on both.
        params = {path for pipeline in pipelines for path in pipeline.params_files()}
        before, after = (
            Snapshot(
                revision=tree.revision,
                tree=tree.id,
                pipeline=pipeline,
                protocol=self.protocol(tree),
                contents={
                    delta.path: self._content(delta.path, entry, params, pipelines)
                    for delta in deltas
                    if (entry := delta.old if tree is old else delta.new) is not None
                },
                files=self.files(tree),
                hydra=self._hydra(tree, pipeline, paths),
                locks={
                    one.lock: self.lock(tree, one) for one in pipeline.each() if one.lock in paths
                },
            )
            for tree, pipeline in zip((old, new), pipelines, strict=True)
        )
        return Sides(before, after), deltas

    def files(self, tree: Tree) -> Mapping[str, bytes]:
        """Every plain file of the tree, read when it is asked for."""
        if tree.id not in self._files:
            self._files[tree.id] = TreeFiles(self._objects, tree.id)
        return self._files[tree.id]

    def pipeline(self, tree: Tree) -> Pipeline:
        """What the tree's `dvc.yaml` declares; raises `Problem` where there is none."""
        file = self.project.pipeline_file
        found = self._written(tree, file)
        if found is None:
            raise Problem(
                "no-pipeline",
                f"there is no {file} in {tree.name}",
                "describe how the model is made   dvc stage add",
                f"if it lies there, let Git know it   git add {file}",
            )
        return found

    def protocol(self, tree: Tree) -> Protocol | None:
        """The tree's `paribus.yaml`; None where there is none."""
        document = self._document(tree, self.project.protocol_file)
        if document is None:
            return None
        return read_protocol(document.value, document.lines, self.project.protocol_file)

    def params(self, tree: Tree, pipeline: Pipeline) -> dict[str, Value]:
        """The value of each params file of the pipeline that the tree has."""
        return self._values(tree, pipeline.params_files())

    def metrics(self, tree: Tree, pipeline: Pipeline) -> dict[str, Value]:
        """Every metric that Git has of the tree, by its name."""
        return named(self._values(tree, pipeline.metrics_files()))

    @property
    def lock_file(self) -> str:
        """The project's `dvc.lock`, from the repository's top."""
        return joined(self.project.prefix, LOCK)

    def lock(self, tree: Tree, pipeline: Pipeline) -> dict[str, LockedStage]:
        """The stages of a lock file; none where it is not there, or cannot be read."""
        key = tree.id, pipeline.lock
        if key not in self._locks:
            data, found = self.files(tree).get(pipeline.lock), {}
            with contextlib.suppress(Problem):
                if data is not None:
                    value = self._parsed(pipeline.lock, data, tree.name).value
                    found = read_lock(value, pipeline)
            self._locks[key] = found
        return self._locks[key]

    def document(self, tree: Tree, path: str) -> Value:
        """A structured file's value; None where the tree has no such file."""
        found = self._document(tree, path)
        return None if found is None else found.value

    def raw(self, tree: Tree, path: str) -> bytes | None:
        """A file's bytes; None where the tree has no such file, or the path leads out of it."""
        if path.startswith(("/", "../")):
            return None
        return self._objects.read(f"{tree.id}:{path}")

    def require_params(self, tree: Tree, pipeline: Pipeline) -> None:
        """Raises `Problem` where a stage reads a params file that is not there."""
        for use in (use for stage in pipeline.alone().stages for use in stage.params):
            if pipeline.is_output(use.file) or self.raw(tree, use.file) is not None:
                continue
            hint = "dvc.yaml reads it" if use.file.endswith(DEFAULT_PARAMS) else "a stage reads it"
            raise Problem(
                "missing-file",
                f"{use.file} is not in {tree.name}, and {hint}",
                f"if it lies there, let Git know it   git add {use.file}",
            )

    def _hydra(self, tree: Tree, pipeline: Pipeline, changed: Sequence[str]) -> Hydra:
        def listed(folder: str) -> Iterable[str]:
            return self._objects.tree(tree.id, folder)

        files = self.files(tree)
        return read_hydra(Revision(files, listed, self.project.prefix, pipeline), changed)

    def _judged_pipeline(self, tree: Tree, folders: Sequence[str]) -> Pipeline:
        """The project's pipeline, with those that lie in or above the folders of changed files."""
        root = self.project.pipeline_file
        own = self._written(tree, root)
        near = self._near(tree, [joined(folder, PIPELINE) for folder in folders])
        if own is None and not near:
            # Only such a project pays for a listing of its tree.
            listed = [path for path in self.files(tree) if path.endswith(f"/{PIPELINE}")]
            inside = [path for path in listed if within(path, self.project.prefix)]
            near = self._near(tree, sorted(inside)[:MOST_PIPELINES])
        if own is None:
            own = Pipeline(root) if near else self.pipeline(tree)
        return own.with_near(near)

    def _near(self, tree: Tree, files: Sequence[str]) -> list[Pipeline]:
        found = [path for path in files if path in self.files(tree)]
        if not found:
            return []
        neutral = (*ALWAYS_NEUTRAL, *(self.protocol(tree) or Protocol()).neutral)
        mine = [path for path in found if not matches(path, neutral)]
        read = (self._readable(tree, path) for path in mine if self._is_ours(tree, path))
        return [pipeline for pipeline in read if pipeline is not None]

    def _is_ours(self, tree: Tree, path: str) -> bool:
        """Whether no folder between the project's and the file's is a DVC project of its own."""
        inner = folders_above([path], self.project.prefix)
        return not any(self._objects.identify(f"{tree.id}:{folder}/.dvc") for folder in inner)

    def _readable(self, tree: Tree, path: str) -> Pipeline | None:
        try:
            return self._written(tree, path)
        except Problem as problem:
            if problem.code in ("broken-pipeline", "unreadable-file"):
                return None  # nothing is lost: a file that is no pipeline is judged as a whole
            raise

    def _written(self, tree: Tree, file: str) -> Pipeline | None:
        """What one `dvc.yaml` declares; None where it is not there."""
        document = self._document(tree, file)
        if document is None:
            return None
        values = self._values(tree, vars_files(document.value, file)).values()
        return read_pipeline(document.value, file, values, document.lines)

    def _values(self, tree: Tree, paths: tuple[str, ...]) -> dict[str, Value]:
        """The values of those files that the tree has and that can be read as values."""
        found: dict[str, Value] = {}
        for path in paths:
            if path.endswith(".py"):
                data = self.raw(tree, path)
                params = None if data is None else _python(data)
                if params is not None:
                    found[path] = params.value
            elif is_document(path) and (document := self._document(tree, path)) is not None:
                found[path] = document.value
        return found

    def _document(self, tree: Tree, path: str) -> Document | None:
        data = self.raw(tree, path)
        return None if data is None else self._parsed(path, data, tree.name)

    def _content(
        self, path: str, entry: Entry, params: Container[str], pipelines: Sequence[Pipeline]
    ) -> Content:
        if entry.mode in (LINK_MODE, SUBMODULE_MODE):
            return Content()
        data = self._objects.read(entry.oid)
        if data is None:
            return Content()
        if path in params and path.endswith(".py"):
            found = _python(data)
            return Content(data, found.value, found.lines, found.rest) if found else Content(data)
        structured = path in params or path.endswith((".dvc", "dvc.yaml"))
        document = None
        if is_document(path) and (structured or self._is_protocol(path)):
            document = self._parsed(path, data, path)
        elif is_config(path, pipelines):
            document = read_config(path, data, LARGEST)
        return Content(data, document.value, document.lines) if document else Content(data)

    def _is_protocol(self, path: str) -> bool:
        return path == self.project.protocol_file

    def _parsed(self, path: str, data: bytes, where: str) -> Document:
        key = f"{path}\0{hash(data)}"
        if key not in self._documents:
            try:
                self._documents[key] = parse(path, data)
            except Problem as problem:
                message = problem.message if where == path else f"{problem.message} (in {where})"
                raise Problem(problem.code, message, *problem.helps) from problem
        return self._documents[key]


def folders_above(paths: Iterable[str], prefix: str) -> list[str]:
    """Every folder of some files that lies below a project's folder."""
    found: dict[str, None] = {}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder != prefix and within(folder, prefix) and folder not in found:
            found[folder] = None
            folder = folder.rpartition("/")[0]
    return sorted(found)


# Private functions


def _python(data: bytes) -> PythonParams | None:
    # Few projects have such files, and syntax would be loaded at every start.
    from paribus.dvc.python_params import read_python  # noqa: PLC0415

    return read_python(data)
