"""What a `dvc.yaml` declares: stages with their inputs, params, outputs and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from paribus.core.commands import TOOLS, programs
from paribus.core.errors import Problem
from paribus.core.paths import joined, within
from paribus.core.plots import plotted
from paribus.core.templates import (
    MOST_STAGES,
    Context,
    TooManyStagesError,
    fill,
    instances,
    merged,
    references,
)
from paribus.core.values import KeyPath, Value

DEFAULT_PARAMS = "params.yaml"


@dataclass(frozen=True, slots=True)
class ParamUse:
    """A stage reads keys of a params file; `keys` is None where it reads all of it."""

    file: str
    keys: tuple[str, ...] | None

    def reads(self, file: str, path: KeyPath) -> bool:
        """Whether the key at `path` of `file` is among them, or above or below one of them."""
        if file != self.file:
            return False
        return self.keys is None or _overlaps(".".join(path), self.keys)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; every path is relative to the top of the repository.

    Attributes:
        name: of a stage in a folder below the project's, with its file in front, as DVC has it.
        body: its definition as written, references and all.
        references: what `${...}` names in it, such as `train.lr`.
        folder: where its command runs.
        commands: its command, or each of them, with references filled in.
        plots: those of its outputs that are plots.
    """

    name: str
    deps: tuple[str, ...]
    params: tuple[ParamUse, ...]
    outs: tuple[str, ...]
    metrics: tuple[str, ...]
    body: Mapping[str, Value]
    references: tuple[str, ...] = ()
    folder: str = ""
    commands: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()

    @property
    def definition(self) -> str:
        """The name of the definition that it is made from: `train` of `sub/dvc.yaml:train@x`."""
        return self.name.rpartition("dvc.yaml:")[2].split("@")[0]

    @property
    def only_looks(self) -> bool:
        """Whether it runs nothing but tools that look at code, such as a linter or a test runner."""
        started = [program for command in self.commands for program in programs(command)]
        if self.outs or self.metrics:
            return False
        return bool(started) and all(program in TOOLS for program in started)

    def refers_to(self, path: KeyPath) -> bool:
        """Whether a reference names this key, or one above or below it."""
        return _overlaps(".".join(path), self.references)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All stages of a project.

    Attributes:
        file: where it is written.
        stages: in the order of the file.
        metrics: metrics files declared beside the stages.
        params: params files declared beside the stages, or used to fill in `${...}`.
        document: the file as it was read, templates and all; None where there is no file.
        near: those of folders below, each as it is alone; what they declare is part of this one.
        own: the same without them; None where there are none.
        plots: files of plots declared beside the stages.
    """

    file: str
    stages: tuple[Stage, ...] = ()
    metrics: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    document: Mapping[str, Value] | None = None
    near: tuple[Pipeline, ...] = ()
    own: Pipeline | None = None
    plots: tuple[str, ...] = ()

    def with_near(self, near: Iterable[Pipeline]) -> Pipeline:
        """Together with the pipelines of folders below; stages have their file's name in front."""
        listed = tuple(near)
        return (
            self
            if not listed
            else replace(
                self,
                stages=(*self.stages, *(stage for each in listed for stage in _told_apart(each))),
                metrics=(*self.metrics, *(path for each in listed for path in each.metrics)),
                params=(*self.params, *(path for each in listed for path in each.params)),
                plots=(*self.plots, *(path for each in listed for path in each.plots)),
                near=listed,
                own=self.alone(),
            )
        )

    def alone(self) -> Pipeline:
        """What its own file declares."""
        return self.own or self

    def each(self) -> tuple[Pipeline, ...]:
        """Every file's pipeline alone, its own first."""
        return self.alone(), *self.near

    def written_in(self, file: str) -> Pipeline:
        """What one file declares: nothing, where it is not there."""
        return next((each for each in self.each() if each.file == file), Pipeline(file))

    def stages_of(self, file: str) -> tuple[Stage, ...]:
        """The stages of one file, by the names that they have here."""
        if file == self.file:
            return self.alone().stages
        return _told_apart(self.written_in(file))

    @property
    def folder(self) -> str:
        """The folder of the file, from the top of the repository; empty for the top itself."""
        return self.file.rpartition("/")[0]

    @property
    def lock(self) -> str:
        """The lock file beside it."""
        return self.file.removesuffix("dvc.yaml") + "dvc.lock"

    def params_files(self) -> tuple[str, ...]:
        """Every params file, each once, the stages' own first."""
        used = [use.file for stage in self.stages for use in stage.params]
        return tuple(dict.fromkeys([*used, *self.params]))

    def stage_params_files(self) -> frozenset[str]:
        """The params files that a stage reads; others are only shown with the metrics."""
        used = {use.file for stage in self.stages for use in stage.params}
        filled = (vars_files(one.document, one.file) for one in self.each() if one.stages)
        return frozenset(used.union(*filled))

    def result_folders(self) -> tuple[str, ...]:
        """Folders whose `dvc.yaml` only lists metrics and plots, as DVCLive writes it beside its files."""
        return tuple(
            one.folder
            for one in self.each()
            if one.folder and one.document and not one.document.get("stages")
        )

    def metrics_files(self) -> tuple[str, ...]:
        """Every metrics file, each once, in the order of the stages."""
        written = [path for stage in self.stages for path in stage.metrics]
        return tuple(dict.fromkeys([*written, *self.metrics]))

    def plots_files(self) -> tuple[str, ...]:
        """Every file or folder of plots, each once, in the order of the stages."""
        written = [path for stage in self.stages for path in stage.plots]
        return tuple(dict.fromkeys([*written, *self.plots]))

    def is_output(self, path: str) -> bool:
        """Whether a stage writes this path, or a folder that holds it."""
        written = [path for stage in self.stages for path in (*stage.outs, *stage.metrics)]
        return any(within(path, out) for out in (*written, *self.metrics))

    def readers(self, path: str) -> tuple[Stage, ...]:
        """The stages that declare this path, or a folder that holds it, as a dependency."""
        return tuple(
            stage
            for stage in self.stages
            if not stage.only_looks and any(within(path, dep) for dep in stage.deps)
        )

    def param_readers(self, file: str, path: KeyPath) -> tuple[Stage, ...]:
        """The stages that declare a key of a params file, or are filled in with it."""
        return tuple(
            stage
            for one in self.each()
            for stage in self.stages_of(one.file)
            if any(use.reads(file, path) for use in stage.params)
            or (file in one.params and stage.refers_to(path))
        )


def vars_files(document: Value, file: str) -> tuple[str, ...]:
    """The files that the `vars:` of a `dvc.yaml` or of its stages name, and the default params file."""
    folder = file.removesuffix("dvc.yaml")
    named = [joined(folder, DEFAULT_PARAMS)]
    for body in (_mapping(document), *_bodies(document)):
        base = joined(folder, str(body.get("wdir") or "."))
        entries = [entry for entry in _list(body.get("vars")) if isinstance(entry, str)]
        named += [joined(base, entry.split(":", 1)[0]) for entry in entries]
    return tuple(dict.fromkeys(named))


def read_pipeline(
    document: Value, file: str, values: Iterable[Value], lines: Mapping[KeyPath, int]
) -> Pipeline:
    """The pipeline that a `dvc.yaml` declares.

    Args:
        document: the file's value.
        file: its path from the top of the repository.
        values: the contents of its `vars_files`, in their order; those that are mappings count.
        lines: where each key stands, for error messages.

    Raises:
        Problem: the file is not what DVC would accept.
    """
    if not isinstance(document, Mapping):
        raise _broken(file, None, "the file is not a mapping of keys")
    stages = document.get("stages") or {}
    if not isinstance(stages, Mapping):
        raise _broken(file, lines.get(("stages",)), "`stages` is not a mapping of names to stages")
    folder = file.removesuffix("dvc.yaml")
    context = merged([*values, *_list(document.get("vars"))])
    read: list[Stage] = []
    for name, definition in stages.items():
        where = lines.get(("stages", str(name)))
        if not isinstance(definition, Mapping):
            raise _broken(file, where, f"stage `{name}` is not a mapping of keys")
        for one, body, seen in _instances(str(name), definition, context, file, where):
            if not isinstance(body, Mapping) or "cmd" not in body:
                raise _broken(file, where, f"stage `{one}` has no `cmd`")
            read.append(_stage(one, body, seen, folder, definition))
            if len(read) > MOST_STAGES:
                raise _broken(file, where, f"more than {MOST_STAGES:,} stages")
    return Pipeline(
        file,
        tuple(read),
        tuple(joined(folder, path) for path in _paths(fill(document.get("metrics"), context))),
        tuple(
            dict.fromkeys(
                [joined(folder, path) for path in _paths(fill(document.get("params"), context))]
                + list(vars_files(document, file))
            )
        ),
        document,
        plots=tuple(joined(folder, path) for path in plotted(fill(document.get("plots"), context))),
    )


# Private functions


def _told_apart(pipeline: Pipeline) -> tuple[Stage, ...]:
    return tuple(replace(stage, name=f"{pipeline.file}:{stage.name}") for stage in pipeline.stages)


def _bodies(document: Value) -> Iterator[Mapping[str, Any]]:
    """Every definition of a stage, as written."""
    for definition in _mapping(_mapping(document).get("stages")).values():
        body = _mapping(definition)
        yield _mapping(body["do"]) if "do" in body else body


def _overlaps(key: str, names: Iterable[str]) -> bool:
    """Whether a dotted key is one of the names, or above or below one."""
    return any(
        key == name or key.startswith(name + ".") or name.startswith(key + ".") for name in names
    )


def _instances(
    name: str, definition: Mapping[str, Any], context: Context, file: str, line: int | None
) -> Iterator[tuple[str, Any, Context]]:
    try:
        yield from instances(name, definition, context)
    except TooManyStagesError as error:
        raise _broken(file, line, f"`{name}` is more than {MOST_STAGES:,} stages") from error


def _stage(
    name: str, body: Mapping[str, Any], context: Context, folder: str, definition: Value
) -> Stage:
    local = merged([context, *_list(body.get("vars"))])
    filled = fill({key: value for key, value in body.items() if key != "vars"}, local)
    base = joined(folder, str(filled.get("wdir") or "."))
    return Stage(
        name,
        tuple(joined(base, path) for path in _paths(filled.get("deps"))),
        tuple(_uses(filled.get("params"), base)),
        tuple(joined(base, path) for key in ("outs", "plots") for path in _paths(filled.get(key))),
        tuple(joined(base, path) for path in _paths(filled.get("metrics"))),
        body,
        tuple(dict.fromkeys(references(definition))),
        base,
        tuple(str(command) for command in _list(filled.get("cmd"))),
        tuple(joined(base, path) for path in _paths(filled.get("plots"))),
    )


def _uses(entries: Value, base: str) -> Iterator[ParamUse]:
    own: list[str] = []
    for entry in _list(entries):
        if isinstance(entry, Mapping):
            for file, keys in entry.items():
                listed = tuple(str(key) for key in _list(keys)) if keys else None
                yield ParamUse(joined(base, str(file)), listed)
        else:
            own.append(str(entry))
    if own:
        yield ParamUse(joined(base, DEFAULT_PARAMS), tuple(own))


def _paths(entries: Value) -> list[str]:
    """Paths of a list whose entries are a path, or a path with its options."""
    listed: list[str] = []
    for entry in _list(entries):
        if isinstance(entry, Mapping):
            listed += [str(path) for path in entry]
        elif isinstance(entry, str):
            listed.append(entry)
    return [path for path in listed if "://" not in path]


def _list(value: Value) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [{key: item} for key, item in value.items()]
    return value if isinstance(value, list) else [value]


def _mapping(value: Value) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _broken(file: str, line: int | None, what: str) -> Problem:
    where = f"{file}:{line}" if line else file
    return Problem(
        "broken-pipeline", f"{where}: {what}", "see what DVC says of it   dvc stage list"
    )
