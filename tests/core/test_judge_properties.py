"""What holds for every edit: formatting is nothing, one leaf is one change, two edits are two, back is as far."""

from __future__ import annotations

import ast
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.judge_cases import CASES, PROJECT
from tests.core.test_judge_cases import edited

from paribus.core.policy import judge

if TYPE_CHECKING:
    from tests.core.conftest import Compare

SOME = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NAMES = st.sampled_from(["rate", "width", "depth", "alpha", "beta", "kind", "size", "steps"])
SCALARS = st.one_of(
    st.integers(-1000, 1000),
    st.floats(-1e6, 1e6).map(lambda value: float(repr(value))),
    st.booleans(),
    st.none(),
    st.sampled_from(["plain", "other text", "x"]),
)
DOCUMENTS = st.dictionaries(
    NAMES, st.one_of(SCALARS, st.dictionaries(NAMES, SCALARS, min_size=1, max_size=3)), min_size=2
)

FUNCTIONS = st.lists(st.lists(st.integers(2, 99), min_size=1, max_size=4), min_size=2, max_size=4)
"""Constants, by function: no function names another."""


def program(functions: list[list[int]]) -> str:
    """A script whose functions do sums with these constants, one a statement."""
    parts = []
    for number, constants in enumerate(functions):
        lines = [f"    value{at} = total + {constant}" for at, constant in enumerate(constants)]
        sums = " + ".join(f"value{at}" for at in range(len(constants)))
        parts.append("\n".join([f"def work{number}(total):", *lines, f"    return {sums}"]))
    calls = "\n".join(f"    seen.append(work{number}(1))" for number in range(len(functions)))
    parts.append(
        f"def main():\n    seen = []\n{calls}\n    return seen\n\n\nopen('out', 'w').write(str(main()))"
    )
    return "\n\n\n".join(parts) + "\n"


def with_code(source: str) -> dict[str, str]:
    """The project with a script of its own."""
    return {**PROJECT, "src/featurize.py": source}


def with_params(document: Any) -> dict[str, str]:
    """The project with a params file of which a stage reads every key."""
    pipeline = PROJECT["dvc.yaml"].replace("params: [features]", "params: [features, own.json: ]")
    read = "    own = json.load(open('own.json'))\n    build(**own)\n"
    source = PROJECT["src/featurize.py"].replace("def main():\n", f"def main():\n{read}")
    return {
        **PROJECT,
        "dvc.yaml": pipeline,
        "src/featurize.py": f"import json\n{source}",
        "own.json": json.dumps(document),
    }


def leaf_paths(document: Any) -> list[tuple[str, ...]]:
    """The path of each leaf."""
    found: list[tuple[str, ...]] = []
    for key, value in document.items():
        below = leaf_paths(value) if isinstance(value, dict) and value else []
        found += [(key, *path) for path in below] or [(key,)]
    return found


def changed(document: Any, path: tuple[str, ...]) -> Any:
    """The document with another value at one leaf."""
    copy = json.loads(json.dumps(document))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = ["another", repr(holder[path[-1]])]
    return copy


@SOME
@given(functions=FUNCTIONS, seed=st.integers(0, 1000))
def test_reformatting_and_comments_change_nothing(
    compare: Compare, functions: list[list[int]], seed: int
) -> None:
    source = program(functions)
    chance = random.Random(seed)
    lines = [
        f"{line}  # {chance.random()}" if line and chance.random() < 0.3 else line
        for line in source.splitlines()
    ]
    commented = "\n".join(lines) + "\n"
    for other in (ast.unparse(ast.parse(source)), commented, source.replace("    ", "  ")):
        assert not compare(with_code(source), with_code(other)).judge().changes


@SOME
@given(functions=FUNCTIONS, name=st.sampled_from(["partial", "x", "result"]))
def test_renaming_locals_changes_nothing(
    compare: Compare, functions: list[list[int]], name: str
) -> None:
    source = program(functions)
    other = (
        source.replace("value", name).replace("seen", f"{name}s").replace("total", f"all_{name}")
    )
    assert not compare(with_code(source), with_code(other)).judge().changes


@pytest.mark.parametrize("path", [path for path in PROJECT if path.endswith(".py")])
def test_our_own_writing_of_a_file_changes_nothing(compare: Compare, path: str) -> None:
    again = {**PROJECT, path: ast.unparse(ast.parse(PROJECT[path]))}
    assert not compare(PROJECT, again).judge().changes


@SOME
@given(document=DOCUMENTS, data=st.data())
def test_the_order_of_keys_changes_nothing(
    compare: Compare, document: Any, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(list(document)))
    other = {key: document[key] for key in order}
    assert not compare(with_params(document), with_params(other)).judge().changes


@SOME
@given(document=DOCUMENTS, data=st.data())
def test_one_leaf_is_one_change_and_two_are_two(
    compare: Compare, document: Any, data: st.DataObject
) -> None:
    paths = leaf_paths(document)
    first, second = data.draw(st.permutations(paths))[:2]
    one = changed(document, first)
    two = changed(one, second)
    assert len(compare(with_params(document), with_params(one)).judge().changes) == 1
    assert len(compare(with_params(document), with_params(two)).judge().changes) == 2


@SOME
@given(functions=FUNCTIONS, data=st.data())
def test_one_constant_is_one_change_and_two_are_two(
    compare: Compare, functions: list[list[int]], data: st.DataObject
) -> None:
    places = [(f, c) for f, constants in enumerate(functions) for c in range(len(constants))]
    chosen = data.draw(st.permutations(places))[:2]
    edits = [list(constants) for constants in functions]
    for count, (function, constant) in enumerate(chosen, 1):
        edits[function][constant] += 100
        changes = compare(with_code(program(functions)), with_code(program(edits))).judge().changes
        assert len(changes) == count


EVERY = [case for cases in CASES.values() for case in cases]
SINGLE = [
    case for case in EVERY if len(case.changes) == 1 and len(case.edits) == 1 and not case.files
]
INDEPENDENT = [
    ("src/featurize.py", "SCALE = 2.0", "SCALE = 3.0"),
    ("src/shared.py", "> 0]", "> 1]"),
    ("params.yaml", "C: 1.0", "C: 0.3"),
    ("data/raw.csv", "3,4", "3,5"),
    ("requirements.txt", "1.5", "1.6"),
    ("dvc.yaml", "python src/featurize.py", "python src/featurize.py --fast"),
    ("src/metrics.py", "==", ">="),
]
"""An edit of each kind, none of which has to do with another."""


@pytest.mark.parametrize("second", INDEPENDENT, ids=[edit[0] for edit in INDEPENDENT])
@pytest.mark.parametrize("first", INDEPENDENT, ids=[edit[0] for edit in INDEPENDENT])
def test_two_independent_edits_are_never_one(
    compare: Compare, first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    if first >= second:
        return  # the same pair, the other way round
    new = dict(PROJECT)
    for path, old, text in (first, second):
        new[path] = new[path].replace(old, text)
    assert len(compare(PROJECT, new).judge().changes) == 2


@SOME
@given(data=st.data())
def test_the_order_of_the_files_decides_nothing(compare: Compare, data: st.DataObject) -> None:
    first, second = data.draw(
        st.lists(st.sampled_from(EVERY), min_size=2, max_size=2, unique_by=id)
    )
    try:
        new = edited(second) if not set(_files(first)) & set(_files(second)) else edited(first)
    except AssertionError:
        return
    compared = compare(PROJECT, new)
    expected = judge(compared.sides, compared.deltas)
    shuffled = judge(compared.sides, data.draw(st.permutations(compared.deltas)))
    assert {_as_set(change) for change in shuffled.changes} == {
        _as_set(change) for change in expected.changes
    }


@pytest.mark.parametrize("case", SINGLE, ids=[case.about for case in SINGLE])
def test_the_way_back_is_the_same_change_mirrored(compare: Compare, case: Any) -> None:
    (there,) = compare(PROJECT, edited(case)).judge().changes
    (back,) = compare(edited(case), PROJECT).judge().changes
    assert {
        (part.kind, part.file, part.path, str(part.old), str(part.new)) for part in there.single()
    } == {(part.kind, part.file, part.path, str(part.new), str(part.old)) for part in back.single()}


# Private functions


def _files(case: Any) -> list[str]:
    return [path for path, _, _ in case.edits] + list(case.files)


def _as_set(change: Any) -> frozenset[str]:
    return frozenset(part.summary for part in change.single())
