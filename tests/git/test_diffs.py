"""Differences of many trees, by one git process that starts no other program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paribus.git.command import Git
from paribus.git.dates import commit_date, tag_dates
from paribus.git.diffs import Diff, diffs

if TYPE_CHECKING:
    from tests.conftest import Workspace

ALL = [":(top)"]


@pytest.fixture
def made(project: Workspace) -> tuple[Workspace, list[str]]:
    """A project, and its commits: the first, one line changed, a file renamed, much added."""
    commits = [project.git("rev-parse", "HEAD")]
    project.set_param("train.gain", 0.5)
    commits.append(project.commit("gain", {"data.bin": b"\0\1"}))
    project.git("mv", "evaluate.py", "measure.py")
    commits.append(project.commit("renamed", {"data.bin": b"\0\2"}))
    commits.append(project.commit("much", {"long.txt": "a line\n" * 3000}))
    return project, commits


GAIN = """\
diff --git a/params.json b/params.json
--- a/params.json
+++ b/params.json
@@ -2,7 +2,7 @@
     "seed": 1,
     "split_seed": 2,
     "train": {
-        "gain": 0.0,
+        "gain": 0.5,
         "noise": 0.01,
         "fail": false,
         "name": "plain"
"""


def test_each_pair_of_trees_in_its_order(made: tuple[Workspace, list[str]]) -> None:
    project, (first, gain, renamed, much) = made
    tree = project.git("rev-parse", f"{gain}^{{tree}}")
    asked = [(first, tree), ("1" * 40, gain), (first, first), (gain, renamed), (much, "--output=x"),
             (renamed, much)]  # fmt: skip
    found = list(diffs(Git(project.path), asked, [*ALL, ":(top,exclude,literal)README.md"], 2000))
    assert found[0] == Diff(
        "diff --git a/data.bin b/data.bin\nnew file mode 100644\n"
        "Binary files /dev/null and b/data.bin differ\n" + GAIN
    )
    assert found[1:3] == [None, Diff("")]
    assert found[3] == Diff(
        "diff --git a/data.bin b/data.bin\nBinary files a/data.bin and b/data.bin differ\n"
        "diff --git a/evaluate.py b/measure.py\nsimilarity index 100%\n"
        "rename from evaluate.py\nrename to measure.py\n"
    )
    assert found[4] is None
    last = found[5]
    assert last is not None
    assert last.is_cut
    assert last.text.endswith("+a line\n")
    assert 1990 <= len(last.text) <= 2000


def test_what_the_repository_says_of_diffs_is_not_done(
    made: tuple[Workspace, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, (first, gain, *_) = made
    ran = tmp_path_factory.mktemp("outside") / "ran"
    (expected,) = diffs(Git(project.path), [(first, gain)], ALL, 6000)
    for name in ("diff.external", "diff.mine.command", "diff.mine.textconv"):
        project.git("config", name, f"touch {ran}; cat")
    for name, value in (
        ("diff.noprefix", "true"), ("diff.context", "0"), ("color.ui", "always"),
        ("diff.suppressBlankEmpty", "true"), ("diff.renames", "copies"),
    ):  # fmt: skip
        project.git("config", name, value)
    (project.path / ".git" / "info").mkdir(exist_ok=True)
    (project.path / ".git" / "info" / "attributes").write_text("*.json diff=mine\n")
    assert list(diffs(Git(project.path), [(first, gain)], ALL, 6000)) == [expected]
    assert not ran.exists()


def test_a_damaged_tree_takes_no_other_with_it(made: tuple[Workspace, list[str]]) -> None:
    project, (first, gain, renamed, much) = made
    blob = project.git("rev-parse", f"{first}:params.json")
    (project.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = list(
        diffs(Git(project.path), [(first, gain), (first, renamed), (renamed, much)], ALL, 99)
    )
    assert found[:2] == [None, None]
    assert found[2] is not None
    assert found[2].is_cut


def test_when_tags_and_commits_were_made(project: Workspace) -> None:
    project.git("tag", "-a", "-m", "one", "baseline/1")
    project.git("tag", "baseline/light")
    head = project.git("rev-parse", "HEAD")
    dates = tag_dates(Git(project.path), "baseline/")
    assert dates["baseline/light"] == commit_date(Git(project.path), head)
    assert dates["baseline/light"] == "2017-07-14T02:40:00+00:00"
    assert dates["baseline/1"] > "2026"
    assert commit_date(Git(project.path), "1" * 40) is None
