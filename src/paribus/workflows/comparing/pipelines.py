"""What many trees declare as their pipelines, each `dvc.yaml` read once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.core.paths import joined, matches
from paribus.core.pipeline import Pipeline, read_pipeline, vars_files
from paribus.core.protocol import ALWAYS_NEUTRAL
from paribus.core.values import Value
from paribus.dvc.documents import MAX_BYTES, Document, is_document, parse
from paribus.dvc.layout import PIPELINE
from paribus.git.objects import missing
from paribus.workflows.comparing.forest import FOLDER, Forest
from paribus.workflows.project import Project
from paribus.workflows.reading import Tree

MOST_FOLDERS = 20_000
DEEPEST = 24
"""Folders that are looked into for pipelines of their own, and how far down."""

UNSEEN = (".git", ".dvc")

_Key = tuple[str, ...]


class Pipelines:
    """Pipelines of trees; those that are declared alike are one object."""

    def __init__(self, project: Project, forest: Forest, neutral: Iterable[str] = ()) -> None:
        """
        Args:
            neutral: patterns of files that belong to no pipeline, beyond the usual ones.
        """
        self._project = project
        self._forest = forest
        self._neutral = (*ALWAYS_NEUTRAL, *neutral)
        self._documents: dict[tuple[str, str], Document | Problem] = {}
        self._alone: dict[_Key, Pipeline | Problem] = {}
        self._whole: dict[tuple[_Key, ...], Pipeline] = {}
        self._below: dict[str, tuple[str, ...]] = {}
        self._inner: dict[str, list[tuple[str, str]]] = {}
        self._having: set[str] = set()
        self._projects: set[str] = set()

    def of(self, trees: Sequence[Tree]) -> list[Pipeline | Problem]:
        """What each tree declares, or why that cannot be told."""
        files = self._files([tree.id for tree in trees])
        self._forest.read((oid for each in files for oid in each.values()), MAX_BYTES)
        return [self._of(tree, each) for tree, each in zip(trees, files, strict=True)]

    # Private methods

    def _of(self, tree: Tree, files: dict[str, str]) -> Pipeline | Problem:
        if self._forest.entries([tree.id])[0] is None:
            return missing(f"the files of {tree.name}")
        root = self._project.pipeline_file
        found = {path: self._written(tree, path, oid) for path, oid in files.items()}
        own = found.pop(root, None)
        if own is not None and isinstance(own[1], Problem):
            return own[1]
        near = [each for each in found.values() if isinstance(each[1], Pipeline)]
        if own is None and not near:
            return Problem(
                "no-pipeline",
                f"there is no {root} in {tree.name}",
                "describe how the model is made   dvc stage add",
                f"if it lies there, let Git know it   git add {root}",
            )
        keys = (own[0] if own else (), *(key for key, _ in near))
        if keys not in self._whole:
            alone = own[1] if own and isinstance(own[1], Pipeline) else Pipeline(root)
            listed = (pipeline for _, pipeline in near if isinstance(pipeline, Pipeline))
            self._whole[keys] = alone.with_near(listed)
        return self._whole[keys]

    def _written(self, tree: Tree, path: str, oid: str) -> tuple[_Key, Pipeline | Problem]:
        """What one file declares; templates are filled in with the files that it names."""
        document = self._document(path, oid, tree.name)
        if isinstance(document, Problem):
            return (path, oid), document
        sources: list[tuple[str, str]] = []
        if b"${" in self._forest.content(oid, MAX_BYTES):
            for file in vars_files(document.value, path):
                (entry,) = self._forest.at([tree.id], file)
                if isinstance(entry, Entry) and entry.mode != FOLDER and is_document(file):
                    sources.append((file, entry.oid))
        key = (path, oid, *(each for _, each in sources))
        if key not in self._alone:
            self._alone[key] = self._read(tree, path, document, sources)
        return key, self._alone[key]

    def _read(
        self, tree: Tree, path: str, document: Document, sources: Sequence[tuple[str, str]]
    ) -> Pipeline | Problem:
        values: list[Value] = []
        for file, oid in sources:
            found = self._document(file, oid, tree.name)
            if isinstance(found, Problem):
                return found
            values.append(found.value)
        try:
            return read_pipeline(document.value, path, values, document.lines)
        except Problem as problem:
            return problem

    def _document(self, path: str, oid: str, where: str) -> Document | Problem:
        if (path, oid) not in self._documents:
            try:
                found: Document | Problem = parse(path, self._forest.content(oid, MAX_BYTES))
            except Problem as problem:
                told = f"{problem.message} (in {where})"
                found = Problem(problem.code, told, *problem.helps)
            self._documents[path, oid] = found
        return self._documents[path, oid]

    def _files(self, trees: Sequence[str]) -> list[dict[str, str]]:
        """The blob of each `dvc.yaml` of each tree, by its path, the project's own first."""
        found: list[dict[str, str]] = [{} for _ in trees]
        every = [self._paths(folder) for folder in self._folders(trees)]
        for path in dict.fromkeys(path for paths in every for path in paths):
            having = [at for at, paths in enumerate(every) if path in paths]
            entries = self._forest.at([trees[at] for at in having], path)
            for at, entry in zip(having, entries, strict=True):
                if isinstance(entry, Entry) and entry.mode != FOLDER:
                    found[at][path] = entry.oid
        return found

    def _folders(self, trees: Sequence[str]) -> list[str | None]:
        """The project's folder in each tree."""
        prefix = self._project.prefix
        if not prefix:
            inside: list[str | None] = list(trees)
        else:
            at = self._forest.at(trees, prefix)
            inside = [each.oid if isinstance(each, Entry) else None for each in at]
        self._walk(folder for folder in inside if folder is not None)
        return inside

    def _paths(self, folder: str | None) -> dict[str, None]:
        own = {self._project.pipeline_file: None}
        if folder is None:
            return own
        near = (joined(self._project.prefix, path) for path in self._pipelines_below(folder))
        return own | {path: None for path in near if not matches(path, self._neutral)}

    def _walk(self, folders: Iterable[str]) -> None:
        """Looks into folders, level by level; those that revisions share are looked into once."""
        level = list(dict.fromkeys(folders))
        for _ in range(DEEPEST):
            level = [each for each in level if each not in self._inner]
            if not level or len(self._inner) > MOST_FOLDERS:
                return
            for oid, entries in zip(level, self._forest.entries(level), strict=True):
                known = entries or {}
                self._having |= {oid} if PIPELINE in known else set()
                self._projects |= {oid} if ".dvc" in known else set()
                self._inner[oid] = [
                    (name, entry.oid)
                    for name, entry in known.items()
                    if entry.mode == FOLDER and name not in UNSEEN
                ]
            level = list(dict.fromkeys(sub for each in level for _, sub in self._inner[each]))

    def _pipelines_below(self, folder: str) -> tuple[str, ...]:
        """Paths of every `dvc.yaml` below a folder, but for those of other DVC projects."""
        if folder not in self._below:
            found: list[str] = []
            for name, inner in self._inner.get(folder, ()):
                if inner in self._projects:
                    continue
                if inner in self._having:
                    found.append(f"{name}/{PIPELINE}")
                found += [f"{name}/{path}" for path in self._pipelines_below(inner)]
            self._below[folder] = tuple(found)
        return self._below[folder]
