"""Each record that is not as it was written is named, and why; the others are still read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import Workspace
from tests.ledger.team import BASELINE_KEY, Clone, experiment

from paribus.core.record import Record
from paribus.git.command import Git
from paribus.ledger.branch import REF, Branch, Write
from paribus.ledger.damage import Damage, Harm, damaged
from paribus.ledger.merge import kept_tree

OWN = f"experiments/{experiment(1)[:2]}/{experiment(1)}"


@pytest.fixture
def clone(project: Workspace) -> Clone:
    """A ledger with one experiment, one run, and nothing wrong."""
    made = Clone(project.path)
    made.finish(made.start(1, "aa"), 0.5)
    return made


def found(clone: Clone) -> dict[str, tuple[Harm, str]]:
    return {one.path: (one.harm, one.told) for one in damaged(Git(clone.path))}


def tampered(clone: Clone, contents: Mapping[str, bytes | None]) -> None:
    """Puts files on the branch, or takes them away, as another program would."""
    lines = [f"commit {REF}\ncommitter x <x@example.com> 1700000000 +0000\ndata 0\nfrom {REF}^0\n"]
    for path, content in contents.items():
        if content is None:
            lines.append(f"D {path}\n")
        else:
            text = content.decode("latin-1")
            lines.append(f"M 100644 inline {path}\ndata {len(content)}\n{text}\n")
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=clone.path, input="".join(lines).encode("latin-1"), check=True
    )  # fmt: skip


def of_kind(clone: Clone, kind: str) -> str:
    listed = clone.git("ls-tree", "-r", "--name-only", REF).splitlines()
    return next(path for path in listed if path.rpartition("/")[2].startswith(f"{kind}-"))


def named(data: bytes, kind: str = "run") -> str:
    """A path that follows from a content, whatever it is."""
    digest = subprocess.run(["sha256sum"], input=data, capture_output=True, check=True).stdout
    return f"{OWN}/{kind}-{digest.decode()[:16]}.json"


def test_a_sound_ledger_has_no_damage(clone: Clone, empty: Workspace) -> None:
    assert found(clone) == {}
    assert list(damaged(Git(empty.path))) == []


def test_what_is_no_record_is_named_and_why(clone: Clone) -> None:
    newer = json.dumps({"schema": 2, "kind": "run"}).encode()
    lacking = Record("run", {"id": "bb"}).encoded()
    strange = Record("hunch", {"id": "bb"}).encoded()
    good = Record("run", {"number": 1})
    tampered(
        clone,
        {
            named(b""): b"",
            named(b"\0garbage"): b"\0garbage",
            named(newer): newer,
            named(lacking): lacking,
            named(strange, "hunch"): strange,
            f"{OWN}/{good.name}": good.encoded() + b" ",
            f"{OWN}/notes.txt": b"hello",
            "README": b"hello",
            "later/a/b.json": b"hello",
        },
    )
    lacks = (Harm.UNREADABLE, "lacks what this version needs to know")
    foreign = (Harm.FOREIGN, "no record, and nothing that Paribus wrote")
    assert found(clone) == {
        named(b""): (Harm.UNREADABLE, "no record of this version"),
        named(b"\0garbage"): (Harm.UNREADABLE, "no record of this version"),
        named(newer): (Harm.NEWER, "written by a later version of Paribus"),
        named(lacking): lacks,
        named(strange, "hunch"): lacks,
        f"{OWN}/{good.name}": (Harm.MISNAMED, "its name does not follow from its content"),
        f"{OWN}/notes.txt": foreign,
        "README": foreign,
        "later/a/b.json": foreign,
    }
    assert clone.runs().keys() == {"aa"}
    assert not Damage("README", *foreign).is_loss
    assert Damage("x", *lacks).is_loss


def test_what_is_gone_is_named(clone: Clone) -> None:
    """Objects that the disk lost: a record, a folder, a tested tree."""
    tree = clone.git("rev-parse", f"{REF}:{kept_tree(clone.git('rev-parse', 'HEAD^{tree}'))}")
    other = clone.start(2, "bb")
    folder = f"experiments/{experiment(2)[:2]}"
    gone = {
        of_kind(clone, "session"): clone.git("rev-parse", f"{REF}:{of_kind(clone, 'session')}"),
        folder: clone.git("rev-parse", f"{REF}:{folder}"),
    }
    unpacked(clone)
    for oid in gone.values():
        (clone.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    told = found(clone)
    assert {path: harm for path, (harm, _) in told.items()} == dict.fromkeys(gone, Harm.MISSING)
    assert all("not here" in why or "does not hold" in why for _, why in told.values())
    assert other.id == "bb"
    (clone.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    assert found(clone)[kept_tree(tree)] == (
        Harm.MISSING,
        f"the tested tree {tree[:12]} is not here",
    )


def test_what_stands_beside_a_missing_folder_is_told_once(clone: Clone) -> None:
    """Folders of each depth are gone, one after another; before and after them all is looked at."""
    for number in range(2, 9):
        clone.start(number, f"b{number}")
    good = Record("run", {"number": 1})
    folders = [f"experiments/{experiment(number)[:2]}" for number in range(1, 9)]
    first, *between, last = sorted(folders)
    altered = {f"{folder}/ab/{good.name}": good.encoded() + b" " for folder in (first, last)}
    tampered(clone, altered | {"ideas/ab/abcd/x.json": b"x"})
    one = next(path for path in between if path != OWN.rpartition("/")[0])
    inside = next(folder for folder in between if folder != one)
    below = clone.git("ls-tree", "--name-only", f"{REF}:{inside}").splitlines()[0]
    unpacked(clone)
    expected = dict.fromkeys(altered, Harm.MISNAMED) | {"ideas/ab/abcd/x.json": Harm.FOREIGN}
    for gone in (f"{inside}/{below}", one, "ideas", "experiments"):
        oid = clone.git("rev-parse", f"{REF}:{gone}")
        (clone.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
        expected = {path: harm for path, harm in expected.items() if not path.startswith(gone)}
        expected[gone] = Harm.MISSING
        told = list(damaged(Git(clone.path)))
        assert sorted((each.path, each.harm) for each in told) == sorted(expected.items())


def unpacked(clone: Clone) -> None:
    """Packed objects become loose ones, which can be lost one by one."""
    for path in (clone.path / ".git" / "objects" / "pack").glob("*.pack"):
        moved = path.rename(clone.path / ".git" / path.name)
        path.with_suffix(".idx").unlink()
        with moved.open("rb") as file:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=clone.path, stdin=file, check=True)


def test_a_run_without_an_intent_and_a_tree_that_is_not_kept(clone: Clone) -> None:
    tree = clone.git("rev-parse", "HEAD^{tree}")
    run, registration = of_kind(clone, "run"), of_kind(clone, "registration")
    tampered(clone, {of_kind(clone, "intent"): None, kept_tree(tree): None})
    assert found(clone) == {
        run: (Harm.NO_INTENT, "run aa has no intent"),
        registration: (Harm.NO_TREE, f"its tested tree is not kept: {tree[:12]}"),
    }


def test_a_result_that_is_not_here(clone: Clone) -> None:
    """As in a clone that has not shared yet; it is no loss."""
    clone.git("update-ref", "-d", clone.results().pop())
    (one,) = damaged(Git(clone.path))
    assert (one.path, one.harm) == (of_kind(clone, "run"), Harm.NO_RESULT)
    assert one.told == "the result of run aa is not here"
    assert not one.is_loss


def test_a_tree_under_another_trees_name(clone: Clone) -> None:
    other = clone.git("rev-parse", "HEAD:.dvc")
    path = kept_tree("ab" * 20)
    Branch(Git(clone.path)).append([], "false", {path: other, f"trees/01/{'c' * 20}": other})
    assert found(clone) == {path: (Harm.MISNAMED, f"holds another tree: {other[:12]}")}


def test_a_baselines_runs_are_looked_at_too(clone: Clone) -> None:
    intent = replace(clone.start(2, "bb"), experiment=None)
    clone.book.advance([], [(f"baseline/{BASELINE_KEY}", intent)], {"id": "5e55"})
    assert found(clone) == {}
    tampered(
        clone,
        {f"baselines/45/{BASELINE_KEY}/{Record('run', {}).name}": Record("run", {}).encoded()},
    )
    assert [harm for harm, _ in found(clone).values()] == [Harm.UNREADABLE]


def test_nothing_is_said_twice_where_the_branch_was_overwritten(
    clone: Clone, tmp_path: Path
) -> None:
    tampered(clone, {"README": b"hello"})
    Branch(Git(clone.path)).append([Write("declared", Record("declaration", {}))], "x")
    other = clone.git("commit-tree", f"{REF}^{{tree}}", "-m", "unrelated")
    clone.git("update-ref", REF, other)
    assert len(Branch(Git(clone.path)).tips()) == 2
    assert [one.path for one in damaged(Git(clone.path))] == ["README"]
