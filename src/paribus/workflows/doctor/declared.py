"""What stages use and do not declare, or declare and nobody keeps."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from paribus.core.paths import joined, within
from paribus.core.python.mentions import chains
from paribus.core.python.syntax import code_cells, parsed
from paribus.core.reach import PYTHON
from paribus.core.values import KeyPath, dotted, leaves
from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.practised import Practised, listed

LOADS = re.compile(rb"params_show|\bload\b|safe_load|loads\b|OmegaConf")
MOST_LEAVES = 5000
"""Params of a file that are looked for; nobody declares so many."""


def check_data(practised: Practised) -> Iterator[Ailment]:
    """Dependencies that neither Git nor DVC tracks, and no stage makes."""
    folders = {folder for path in practised.paths for folder in _above(path)}
    missing: dict[str, list[str]] = {}
    for stage in practised.pipeline.stages:
        for dep in () if stage.only_looks else stage.deps:
            known = dep in practised.paths or dep in folders or _is_made(practised, dep)
            if not known and not dep.startswith(("/", "../")):
                missing.setdefault(dep, []).append(stage.name)
    by_dvc = set(_by_dvc(practised)) if missing else set()
    for dep, stages in missing.items():
        if any(within(dep, out) or within(out, dep) for out in by_dvc):
            continue
        there = (practised.top / dep).exists()
        what = "neither Git nor DVC tracks it" if there else "it is not here, and nothing tracks it"
        yield ailment(
            "untracked-data",
            f"{listed(stages)} reads {dep}; {what}",
            dep,
            f"large   dvc add {dep}",
            f"small   git add {dep}",
        )


def check_code(practised: Practised) -> Iterator[Ailment]:
    """Code that a stage runs or imports without declaring it."""
    by_stage: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(practised.reach.files):
        if not practised.files.get(path, b"").strip():
            continue  # an empty file, such as that of a package, cannot change what runs
        declared = {stage.name for stage in practised.pipeline.readers(path)}
        for name in practised.reach.stages(path) - declared:
            by_stage[name].append(path)
    for name, paths in by_stage.items():
        yield ailment(
            "undeclared-code",
            f"{name} uses {listed(paths)} without declaring it as a dependency",
            practised.pipeline.file,
            f"add it to the deps of {name}",
        )


def check_params(practised: Practised) -> Iterator[Ailment]:
    """Params that code names in full, while no stage that runs this code declares them."""
    read = {path: _chains(path, content) for path, content in practised.reach.sources()}
    for file, document in practised.params.items():
        found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for path, _ in islice(leaves(document), MOST_LEAVES):
            declaring = {stage.name for stage in practised.pipeline.param_readers(file, path)}
            reading = {
                stage
                for code in _reading(practised, read, file, path)
                for stage in practised.reach.stages(code)
            }
            if reading and not reading & declaring:
                found[tuple(sorted(reading))].append(dotted(path))
        for stages, names in found.items():
            yield ailment(
                "undeclared-param",
                f"{listed(stages)} reads {listed(names)} without declaring it",
                file,
                f"add it to the params of {stages[0]}",
            )


# Private functions


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _is_made(practised: Practised, dep: str) -> bool:
    made = [out for stage in practised.pipeline.stages for out in (*stage.outs, *stage.metrics)]
    return any(within(dep, out) or within(out, dep) for out in made)


def _by_dvc(practised: Practised) -> Iterator[str]:
    """The outputs of `.dvc` files."""
    for path in practised.paths:
        if not path.endswith(".dvc"):
            continue
        document = practised.document(path)
        if not isinstance(document, dict):
            continue
        folder = joined(path.rpartition("/")[0], str(document.get("wdir") or "."))
        outs = document.get("outs")
        for out in outs if isinstance(outs, list) else ():
            if isinstance(out, dict) and "path" in out:
                yield joined(folder, str(out["path"]))


def _chains(path: str, content: bytes) -> frozenset[KeyPath]:
    if not path.endswith(PYTHON):
        return frozenset()
    source = code_cells(content) if path.endswith(".ipynb") else content
    tree = parsed(source) if source is not None else None
    return frozenset() if tree is None else frozenset(chains([tree]))


def _reading(
    practised: Practised, read: dict[str, frozenset[KeyPath]], file: str, path: KeyPath
) -> Iterable[str]:
    """Files of code that name a param by its whole path; a single word only where the file is loaded."""
    name = file.rpartition("/")[2].encode()
    for code, keys in read.items():
        if not any(key[-len(path) :] == path for key in keys):
            continue
        content = practised.files[code]
        if len(path) > 1 or (
            LOADS.search(content) and (name in content or b"params_show" in content)
        ):
            yield code
