"""Metrics, plots and params of many trees: from Git, else from the DVC cache."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from paribus.core.compared import Leaves, TooManyValuesError, leaves_of, params_of
from paribus.core.entries import Entry
from paribus.core.errors import Problem
from paribus.core.pipeline import Pipeline
from paribus.core.values import Value
from paribus.dvc.cached import Lack
from paribus.dvc.documents import is_document, parse
from paribus.git.objects import missing
from paribus.workflows.cached_outputs import MOST_FILES, Output, output_of, outputs_below
from paribus.workflows.comparing.forest import FOLDER, Forest
from paribus.workflows.comparing.pipelines import Pipelines
from paribus.workflows.reading import Reader, Tree

METRICS, PLOTS, PARAMS = "metrics", "plots", "params"
LARGEST = {METRICS: 4 * 2**20, PLOTS: 16 * 2**20, PARAMS: 32 * 2**20}
"""Bytes that are read of one file, by what it holds."""

TABLES = (".csv", ".tsv")

KEPT = 200
"""Trees whose lock files are kept in memory."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A file of metrics or plots whose values are not known.

    Attributes:
        path: from the repository's top.
        why: in words.
        target: what would have to be fetched; None where that does not help.
        is_broken: whether it is there and cannot be read.
    """

    path: str
    why: str
    target: str | None = None
    is_broken: bool = False


@dataclass(slots=True)
class Held:
    """What a tree holds: the values of each file by its path, and what could not be read."""

    metrics: dict[str, Leaves] = field(default_factory=dict)
    plots: dict[str, Leaves] = field(default_factory=dict)
    params: dict[str, Leaves] = field(default_factory=dict)
    lacking: list[Lacking] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Leaves]:
        """The values of one kind of files."""
        return {METRICS: self.metrics, PLOTS: self.plots, PARAMS: self.params}[kind]


class Numbers:
    """Reads trees; a file that several of them share is read once."""

    def __init__(self, reader: Reader, forest: Forest, pipelines: Pipelines) -> None:
        self._readers = _Readers(reader)
        self._forest = forest
        self._pipelines = pipelines
        self._values: dict[tuple[str, str, str], Leaves | Problem] = {}

    def of(self, trees: Sequence[Tree]) -> list[Held | Problem]:
        """What each tree holds, or why it cannot be told."""
        declared = self._pipelines.of(trees)
        found: list[Held | Problem] = [
            each if isinstance(each, Problem) else Held() for each in declared
        ]
        alike: dict[int, tuple[Pipeline, list[tuple[Tree, Held]]]] = {}
        for tree, pipeline, held in zip(trees, declared, found, strict=True):
            if isinstance(pipeline, Pipeline) and isinstance(held, Held):
                alike.setdefault(id(pipeline), (pipeline, []))[1].append((tree, held))
        for pipeline, group in alike.values():
            missing = [
                (tree, held, kind, path)
                for kind, path in _declared(pipeline)
                for tree, held in self._fill(group, kind, path)
                if kind != PARAMS
            ]
            # All of one tree at a time: its lock file is read once.
            for tree, held, kind, path in sorted(missing, key=lambda each: each[0].id):
                self._fill_from_cache(tree, held, pipeline, kind, path)
        return found

    # Private methods

    def _fill(
        self, group: Sequence[tuple[Tree, Held]], kind: str, path: str
    ) -> list[tuple[Tree, Held]]:
        """Enters what one path holds in each tree; returns those in which Git has nothing there."""
        entries = self._forest.at([tree.id for tree, _ in group], path)
        folders = {each.oid for each in entries if isinstance(each, Entry) and each.mode == FOLDER}
        inside = {oid: self._files(oid, kind, path) for oid in folders}
        places: list[tuple[Held, str, str]] = []
        nothing: list[tuple[Tree, Held]] = []
        for (tree, held), entry in zip(group, entries, strict=True):
            if isinstance(entry, Problem):
                held.lacking.append(Lacking(path, entry.message, is_broken=True))
            elif entry is None:
                nothing.append((tree, held))
            elif entry.mode != FOLDER:
                places += [(held, path, entry.oid)] if self._has_numbers(held, kind, path) else []
            else:
                files = inside[entry.oid]
                if isinstance(files, Problem):
                    held.lacking.append(Lacking(path, files.message, is_broken=True))
                else:
                    places += [(held, f"{path}/{name}", oid) for name, oid in files]
        unread = (oid for _, file, oid in places if (kind, file, oid) not in self._values)
        self._forest.read(unread, LARGEST[kind])
        for held, file, oid in places:
            self._enter(held, kind, file, self._read(kind, file, oid))
        self._forest.forget()
        return nothing

    def _fill_from_cache(
        self, tree: Tree, held: Held, pipeline: Pipeline, kind: str, path: str
    ) -> None:
        reader, most = self._readers.of(tree), LARGEST[kind]
        found = outputs_below(reader, tree, path, pipeline=pipeline, most=most) or {
            path: output_of(reader, tree, path, pipeline=pipeline, most=most)
        }  # fmt: skip
        for file, output in found.items():
            if kind == PLOTS and _is_picture(file):
                continue
            if output.data is None:
                held.lacking.append(_lacking(file, output))
            elif self._has_numbers(held, kind, file):
                key = (kind, file, output.digest or "")
                if key not in self._values or output.digest is None:
                    self._values[key] = _leaves(kind, file, output.data)
                self._enter(held, kind, file, self._values[key])

    def _has_numbers(self, held: Held, kind: str, file: str) -> bool:
        """Whether a file can be read as values; of metrics it is told, of pictures it goes without saying."""
        if kind == METRICS and not _is_read(kind, file):
            held.lacking.append(Lacking(file, "is neither JSON, YAML nor TOML"))
        return kind == PARAMS or _is_read(kind, file)

    def _enter(self, held: Held, kind: str, file: str, found: Leaves | Problem) -> None:
        if not isinstance(found, Problem):
            held.of(kind)[file] = found
        else:
            why = re.sub(rf"^{re.escape(file)}:(?: |(\d+: ))", _as_line, found.message)
            held.lacking.append(Lacking(file, why, is_broken=True))

    def _read(self, kind: str, file: str, oid: str) -> Leaves | Problem:
        key = (kind, file, oid)
        if key not in self._values:
            try:
                data = self._forest.content(oid, LARGEST[kind])
                self._values[key] = _leaves(kind, file, data)
            except Problem as problem:
                self._values[key] = problem
        return self._values[key]

    def _files(self, folder: str, kind: str, path: str) -> list[tuple[str, str]] | Problem:
        """Files below a folder that hold numbers, by their paths in it, each with its blob."""
        found: list[tuple[str, str]] = []
        waiting = [("", folder)]
        while waiting and len(found) < MOST_FILES:
            above, oid = waiting.pop(0)
            (entries,) = self._forest.entries([oid])
            if entries is None:
                return missing(f"the folder {path}/{above}")
            for name, entry in entries.items():
                if entry.mode == FOLDER:
                    waiting.append((f"{above}{name}/", entry.oid))
                elif _is_read(kind, name):
                    found.append((f"{above}{name}", entry.oid))
        return sorted(found)[:MOST_FILES]


class _Readers:
    """Readers of lock files, changed now and then: each keeps all that it has read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._trees: set[str] = set()

    def of(self, tree: Tree) -> Reader:
        if tree.id not in self._trees and len(self._trees) >= KEPT:
            self._reader = self._reader.anew()
            self._trees.clear()
        self._trees.add(tree.id)
        return self._reader


def values_of(held: Iterable[Held | Problem], kind: str) -> list[Mapping[str, Leaves]]:
    """The values of one kind of files in each tree; nothing of one that cannot be read."""
    return [{} if isinstance(each, Problem) else each.of(kind) for each in held]


# Private functions


def _declared(pipeline: Pipeline) -> list[tuple[str, str]]:
    """Each declared path with what it holds; no project has more than the first thousand."""
    metrics = pipeline.metrics_files()
    plots = (path for path in pipeline.plots_files() if path not in metrics)
    params = pipeline.params_files()
    listed = ((METRICS, metrics), (PLOTS, plots), (PARAMS, params))
    return [(kind, path) for kind, paths in listed for path in islice(paths, MOST_FILES)]


def _as_line(found: re.Match[str]) -> str:
    return f"line {found[1]}" if found[1] else ""


def _lacking(file: str, output: Output) -> Lacking:
    if output.lack is Lack.TOO_LARGE:
        return Lacking(file, "is too large to be compared", is_broken=True)
    if output.target is None:
        return Lacking(file, "neither Git nor DVC has it")
    if output.lack is Lack.ALTERED:
        told = f"the DVC cache has another content under its hash {output.digest}"
        return Lacking(file, told, is_broken=True)  # DVC believes it, and would fetch nothing
    return Lacking(file, "is not in the DVC cache", output.target)


def _is_read(kind: str, file: str) -> bool:
    from paribus.core.series import is_plot  # noqa: PLC0415 (few projects have plots)

    if kind == PLOTS:
        return is_plot(file)
    return is_document(file) or file.endswith((*TABLES, ".py"))


def _is_picture(file: str) -> bool:
    """By its suffix; a folder has none."""
    return "." in file.rpartition("/")[2] and not _is_read(PLOTS, file)


def _leaves(kind: str, file: str, data: bytes) -> Leaves | Problem:
    try:
        if kind == PLOTS or file.lower().endswith(TABLES):
            return _of_table(file, data)
        return _of_params(file, data) if kind == PARAMS else _of_metrics(file, data)
    except TooManyValuesError as error:
        return Problem("unreadable-file", f"{file}: {error}")
    except Problem as problem:
        return problem


def _of_metrics(file: str, data: bytes) -> Leaves:
    return _of_python(data) if file.endswith(".py") else leaves_of(_parsed(file, data))


def _of_params(file: str, data: bytes) -> Leaves:
    """A list is one value; a file that cannot be read as values has none."""
    if file.endswith(".py"):
        return _of_python(data)
    return params_of(_parsed(file, data)) if is_document(file) else ()


def _parsed(file: str, data: bytes) -> Value:
    return parse(file, data, lined=False).value


def _of_table(file: str, data: bytes) -> Leaves:
    from paribus.core.series import columns  # noqa: PLC0415 (as above)

    found: list[tuple[str, Value]] = []
    for column in columns(file, data):
        found.append((f"{column.name} last", column.last))
        best = _best(column.name, column.low, column.high)
        if best is not None:
            found.append((f"{column.name} best", best))
    return tuple(found)


def _best(name: str, low: float | None, high: float | None) -> float | None:
    """Of a column whose name says which way is better; None for any other."""
    from paribus.core.detection import LOWER_IS_BETTER, USUAL  # noqa: PLC0415 (as above)

    last = name.rpartition(".")[2].rpartition("/")[2].lower()
    if LOWER_IS_BETTER.search(last):
        return low
    words = set(last.replace("-", "_").split("_"))
    return high if last in USUAL or words & set(USUAL) else None


def _of_python(data: bytes) -> Leaves:
    from paribus.dvc.python_params import read_python  # noqa: PLC0415 (few projects have such files)

    found = read_python(data)
    if found is None:
        return ()
    return params_of(found.value)
