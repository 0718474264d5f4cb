"""The union of two ledgers: whoever merges what in which order ends with the same, and nothing is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paribus.core.record import Record
from paribus.core.snapshot import Entry
from paribus.git.command import Git
from paribus.git.objects import Objects
from paribus.ledger.merge import Union, is_genuine, kept_tree, union
from paribus.ledger.stream import FOLDER_MODE, IMPORT, Draft, stream

WHO = "Ada Lovelace <ada@example.com>"
RECORDS = [Record("run", {"number": number}) for number in range(4)]
FOLDERS = ("experiments/01/0123", "experiments/0a/0abc", "baselines/45/4567", "new/kind")
PLACES = [f"{folder}/{record.name}" for folder in FOLDERS[:2] for record in RECORDS]
GENUINE = st.builds(
    lambda folder, record: (f"{folder}/{record.name}", record.encoded()),
    st.sampled_from(FOLDERS), st.sampled_from(RECORDS),
)  # fmt: skip
DAMAGED = st.tuples(
    st.sampled_from(PLACES), st.sampled_from([b"", b"garbage", RECORDS[0].encoded()])
)
FOREIGN = st.tuples(
    st.sampled_from(
        ["README.md", "experiments/01", "trees", "trees/aa", "a\nb", 'a"b\\c', "ümlaut"]
    ),
    st.sampled_from([b"one", b"two"]),
)
FILES = st.lists(st.one_of(GENUINE, GENUINE, DAMAGED, FOREIGN), max_size=6)


class Repository:
    """A bare repository in which ledgers are made as commits, and trees that they can keep."""

    def __init__(self, path: Path) -> None:
        subprocess.run(["git", "init", "--quiet", "--bare", path], check=True)
        self.git = Git(path, {"GIT_DIR": str(path)})
        self.trees = [self._tree(text) for text in ("one", "two", "three")]
        self._made = 0

    def ledger(self, files: Mapping[str, bytes], trees: Mapping[str, str] | None = None) -> str:
        """The commit of a ledger with these files, and these trees by their folder."""
        entries = {path: Entry("100644", self._blob(data)) for path, data in files.items()}
        entries |= {path: Entry(FOLDER_MODE, tree) for path, tree in (trees or {}).items()}
        return self.commit([], entries)

    def commit(self, parents: list[str], entries: Mapping[str, Entry]) -> str:
        self._made += 1
        ref = f"refs/made/{self._made}"
        self.git.run(*IMPORT, stdin=stream(ref, parents, WHO, Draft("made", (), entries)))
        return self.git.text("rev-parse", ref)

    def union(self, ours: str, theirs: str) -> Union:
        with Objects(self.git) as objects:
            return union(objects, ours, theirs)

    def merged(self, ours: str, theirs: str) -> str:
        return self.commit([ours, theirs], self.union(ours, theirs).entries)

    def tree(self, commit: str) -> str:
        return self.git.text("rev-parse", f"{commit}^{{tree}}")

    def files(self, commit: str) -> dict[str, bytes]:
        with Objects(self.git) as objects:
            found = objects.tree(commit)
            return {path: objects.read(entry.oid) or b"" for path, entry in found.items()}

    def kept(self, commit: str) -> set[str]:
        """The ids of the tested trees that a ledger holds, by whatever name."""
        listed = self.git.text(
            "ls-tree", "-r", "-t", "--format=%(objecttype) %(objectname)", commit
        )
        return {line.split()[1] for line in listed.splitlines() if line.startswith("tree")} & {
            *self.trees
        }

    def _blob(self, data: bytes) -> str:
        return self.git.text("hash-object", "-w", "--stdin", stdin=data)

    def _tree(self, text: str) -> str:
        return self.git.text(
            "mktree", stdin=f"100644 blob {self._blob(text.encode())}\ttrain.py\n".encode()
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("ledgers") / "bare.git")


def name(number: int) -> str:
    return f"experiments/01/0123/{RECORDS[number].name}"


def test_what_only_one_side_has_is_taken(made: Repository) -> None:
    ours = made.ledger({name(0): RECORDS[0].encoded(), name(1): RECORDS[1].encoded()})
    theirs = made.ledger({name(0): RECORDS[0].encoded(), name(2): RECORDS[2].encoded()})
    assert made.files(made.merged(ours, theirs)) == {
        name(number): RECORDS[number].encoded() for number in range(3)
    }
    assert made.union(ours, theirs).replaced == ()


def test_a_folder_that_only_they_have_is_taken_whole(made: Repository) -> None:
    ours = made.ledger({name(0): b"{}"})
    theirs = made.ledger({f"experiments/02/02{n:02}/x.json": b"{}" for n in range(50)})
    united = made.union(ours, theirs).entries
    assert united == {
        "experiments/02": Entry(FOLDER_MODE, made.git.text("rev-parse", f"{theirs}:experiments/02"))
    }


def test_what_is_equal_is_not_looked_into(made: Repository) -> None:
    """The cost is that of the differences: neither equal folders nor tested trees are opened."""
    shared = {f"experiments/{n:02}/{n:02}01/x.json": b"{}" for n in range(20)}
    tree, other = made.trees[:2]
    ours = made.ledger(shared | {"a/b.json": b"1"}, {"trees/01/0123": tree, kept_tree(tree): tree})
    theirs = made.ledger(shared | {"a/c.json": b"2"}, {"trees/01/0123": other})
    asked = []

    class Counting(Objects):
        def listing(self, tree: str) -> dict[str, Entry] | None:
            asked.append(tree)
            return super().listing(tree)

    with Counting(made.git) as objects:
        union(objects, ours, theirs)
    assert not {tree, other} & {*asked}
    assert len(asked) <= 12


def test_of_two_contents_the_genuine_one_stays(made: Repository) -> None:
    good = made.ledger({name(0): RECORDS[0].encoded()})
    for damage in (b"", b"garbage", RECORDS[1].encoded()):
        bad = made.ledger({name(0): damage, name(3): RECORDS[3].encoded()})
        for one, other in ((good, bad), (bad, good)):
            assert made.union(one, other).replaced == (name(0),)
            assert made.files(made.merged(one, other)) == {
                name(0): RECORDS[0].encoded(),
                name(3): RECORDS[3].encoded(),
            }


def test_two_trees_of_one_experiment_stay_whole(made: Repository) -> None:
    """Earlier versions kept them by the experiment's id, and two clones may have had different ones."""
    one, other = sorted(made.trees[:2])
    merged = made.merged(
        made.ledger({}, {"trees/01/0123": other}), made.ledger({}, {"trees/01/0123": one})
    )
    assert made.git.text("rev-parse", f"{merged}:trees/01/0123") == one
    assert made.git.text("rev-parse", f"{merged}:{kept_tree(other)}") == other
    assert len(made.files(merged)) == 2


def test_a_tree_under_a_false_name_gives_way_to_the_true_one(made: Repository) -> None:
    true, false = made.trees[:2]
    ours = made.ledger({}, {kept_tree(true): false})
    theirs = made.ledger({}, {kept_tree(true): true})
    for merged in (made.merged(ours, theirs), made.merged(theirs, ours)):
        assert made.git.text("rev-parse", f"{merged}:{kept_tree(true)}") == true
        assert made.git.text("rev-parse", f"{merged}:{kept_tree(false)}") == false


def test_a_file_where_we_have_a_folder_does_no_harm(made: Repository) -> None:
    ours = made.ledger({name(0): RECORDS[0].encoded()})
    theirs = made.ledger({"experiments": b"a file", "trees": b"another"})
    for merged in (made.merged(ours, theirs), made.merged(theirs, ours)):
        assert made.files(merged) == {name(0): RECORDS[0].encoded(), "trees": b"another"}


def test_a_link_and_a_module_are_only_files(made: Repository) -> None:
    link = Entry("120000", made.git.text("hash-object", "-w", "--stdin", stdin=b"/etc/passwd"))
    theirs = made.commit(
        [], {"experiments/01": link, "x": Entry("160000", "1" * 40), name(0): link}
    )
    ours = made.ledger({name(1): RECORDS[1].encoded(), "x": b"mine"})
    for merged in (made.merged(ours, theirs), made.merged(theirs, ours)):
        listed = made.git.text("ls-tree", "-r", merged).splitlines()
        modes = {line.split("\t")[1]: line.split()[0] for line in listed}
        assert modes[name(1)] == "100644"
        assert modes["x"] in {"100644", "160000"}


def test_genuine_is_what_is_named_for_its_content() -> None:
    record = RECORDS[0]
    assert is_genuine(f"anywhere/{record.name}", record.encoded())
    assert not is_genuine(f"anywhere/{record.name}", record.encoded() + b" ")
    assert not is_genuine("anywhere/run.json", record.encoded())
    assert not is_genuine(f"anywhere/{record.name}x", record.encoded())


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[dict[str, bytes], dict[str, int]]:
    """Files, and which of three trees stands in which folder: old names, true ones and false ones."""
    trees = draw(st.dictionaries(st.sampled_from(["old/1", "old/2", 0, 1, 2]), st.integers(0, 2)))
    return dict(draw(FILES)), {str(place): which for place, which in trees.items()}


def placed(made: Repository, described: tuple[dict[str, bytes], dict[str, int]]) -> str:
    files, places = described
    trees = {
        kept_tree(made.trees[int(place)]) if place.isdigit() else f"trees/{place}": made.trees[
            which
        ]
        for place, which in places.items()
    }
    if trees:
        files = {path: data for path, data in files.items() if path != "trees"}
    return made.ledger(files, trees)


def held(files: Mapping[str, bytes]) -> set[bytes]:
    return {data for path, data in files.items() if is_genuine(path, data)}


THREE = st.tuples(ledgers(), ledgers(), ledgers())
Described = tuple[tuple[dict[str, bytes], dict[str, int]], ...]


@settings(max_examples=10, deadline=None)
@given(described=THREE)
def test_the_order_of_merges_does_not_matter(described: Described, made: Repository) -> None:
    assert_order_does_not_matter(made, described)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(described=THREE)
def test_the_order_of_many_merges_does_not_matter(described: Described, made: Repository) -> None:
    assert_order_does_not_matter(made, described)


def assert_order_does_not_matter(made: Repository, described: Described) -> None:
    one, two, three = (placed(made, each) for each in described)
    both = made.merged(one, two)
    assert made.tree(both) == made.tree(made.merged(two, one))
    assert made.tree(made.merged(one, one)) == made.tree(one)
    assert made.union(both, one).entries == made.union(both, two).entries == {}
    all_three = made.merged(both, three)
    assert made.tree(all_three) == made.tree(made.merged(one, made.merged(two, three)))
    assert made.tree(all_three) == made.tree(made.merged(made.merged(three, one), two))
    files = made.files(all_three)
    for each in (one, two, three):
        assert held(files) >= held(made.files(each))
        assert made.kept(all_three) >= made.kept(each)
