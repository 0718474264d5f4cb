"""Reads two revisions as snapshots, from Git objects alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paribus.core.errors import Problem
from paribus.core.metrics import named
from paribus.core.pipeline import DEFAULT_PARAMS, Pipeline, read_pipeline, vars_files
from paribus.core.protocol import Protocol, read_protocol
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
from paribus.dvc.documents import Document, is_document, parse
from paribus.git.objects import Objects
from paribus.workflows.project import Project
from paribus.workflows.tree_files import TreeFiles


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

    def sides(self, old: Tree, new: Tree) -> tuple[Sides, tuple[FileDelta, ...]]:
        """Two trees as snapshots, and the files in which they differ."""
        deltas = self._objects.changed(old.id, new.id)
        before = self.snapshot(old, {delta.path: delta.old for delta in deltas})
        after = self.snapshot(new, {delta.path: delta.new for delta in deltas})
        return Sides(before, after), deltas

    def snapshot(self, tree: Tree, changed: Mapping[str, Entry | None]) -> Snapshot:
        """One tree, with the contents of these files."""
        pipeline = self.pipeline(tree)
        contents = {
            path: self._content(path, entry, pipeline)
            for path, entry in changed.items()
            if entry is not None
        }
        protocol, files = self.protocol(tree), self.files(tree)
        return Snapshot(tree.revision, tree.id, pipeline, protocol, contents, files)

    def files(self, tree: Tree) -> Mapping[str, bytes]:
        """Every plain file of the tree, read when it is asked for."""
        if tree.id not in self._files:
            self._files[tree.id] = TreeFiles(self._objects, tree.id)
        return self._files[tree.id]

    def pipeline(self, tree: Tree) -> Pipeline:
        """What the tree's `dvc.yaml` declares; raises `Problem` where there is none."""
        file = self.project.pipeline_file
        document = self._document(tree, file)
        if document is None:
            raise Problem(
                "no-pipeline",
                f"there is no {file} in {tree.name}",
                "describe how the model is made   dvc stage add",
                f"if it lies there, let Git know it   git add {file}",
            )
        read = (self._document(tree, path) for path in vars_files(document.value, file))
        values = [found.value for found in read if found is not None]
        return read_pipeline(document.value, file, values, document.lines)

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
        for use in (use for stage in pipeline.stages for use in stage.params):
            if pipeline.is_output(use.file) or self.raw(tree, use.file) is not None:
                continue
            hint = "dvc.yaml reads it" if use.file.endswith(DEFAULT_PARAMS) else "a stage reads it"
            raise Problem(
                "missing-file",
                f"{use.file} is not in {tree.name}, and {hint}",
                f"if it lies there, let Git know it   git add {use.file}",
            )

    def _values(self, tree: Tree, paths: tuple[str, ...]) -> dict[str, Value]:
        documents = {path: self._document(tree, path) for path in paths if is_document(path)}
        return {path: found.value for path, found in documents.items() if found is not None}

    def _document(self, tree: Tree, path: str) -> Document | None:
        data = self.raw(tree, path)
        return None if data is None else self._parsed(path, data, tree.name)

    def _content(self, path: str, entry: Entry, pipeline: Pipeline) -> Content:
        if entry.mode in (LINK_MODE, SUBMODULE_MODE):
            return Content()
        data = self._objects.read(entry.oid)
        structured = path in pipeline.params_files() or path.endswith((".dvc", "dvc.yaml"))
        if data is None or not (is_document(path) and (structured or self._is_protocol(path))):
            return Content(data)
        document = self._parsed(path, data, path)
        return Content(data, document.value, document.lines)

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
