"""What a text names that is not there."""

from __future__ import annotations

import pytest

from paribus.core.absent import imported_absent, named_absent


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"import src.steps", "src/steps.py"),
        (b"from src import steps", "src/steps.py"),
        (b"from src.steps import x", "src/steps.py"),
        (b"def f():\n    import steps\n", "src/steps.py"),
        (b"from . import steps", "src/steps.py"),
        (b"from .steps import x", "src/steps.py"),
        (b"import parts.one", "src/parts/__init__.py"),
        (b"import other.steps", None),
        (b"# import steps", None),
        (b"import steps = 1", None),
    ],
)
def test_imports(text: bytes, found: str | None) -> None:
    absent = {"src/steps.py", "src/parts/__init__.py"}
    assert imported_absent("src/train.py", text, absent, "") == found


def test_imports_of_a_project_in_a_folder() -> None:
    assert imported_absent("ml/a/b.py", b"import steps", {"ml/steps.py"}, "ml") == "ml/steps.py"
    assert imported_absent("ml/a/b.py", b"import steps", {"steps.py"}, "ml") is None
    assert imported_absent("ml/a/b.py", b"from ..c import x", {"ml/c.py"}, "") == "ml/c.py"


def test_names_in_a_pipeline() -> None:
    text = b'cmd: python src/a.py --to=out.csv\ndeps: [src/a.py, "b.csv"]\n'
    assert named_absent(text, {"src/a.py"}, "") == "src/a.py"
    assert named_absent(text, {"ml/b.csv"}, "ml") == "ml/b.csv"
    assert named_absent(text, {"ml/out.csv", "a.py"}, "ml") == "ml/out.csv"
    assert named_absent(text, {"a.py", "csv"}, "") is None
