"""Git's hooks in real commits, merges, rebases and pushes."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Workspace

WATCHED = """\
#!/bin/sh
told() { sha256sum < "${GIT_INDEX_FILE:-.git/index}"; find "$(git rev-parse --git-common-dir)/objects" -type f | sort | sha256sum; }
before=$(told)
paribus hook pre-commit OPTIONS > "$LOG"
code=$?
[ "$before" = "$(told)" ] || echo "index or objects have changed" >> "$LOG"
exit $code
"""
"""Judges as the installed hook does, and compares the index's bytes and the objects before and after."""


@dataclass
class Committed:
    """How a git command ended, and what the pre-commit hook said in it."""

    code: int
    hook: str
    err: str


@dataclass
class Author:
    """Somebody who commits in a project with hooks."""

    project: Workspace
    log: Path

    def install(self, options: str = "") -> None:
        """The watching pre-commit hook, and the commit-msg hook as Paribus writes it."""
        assert self.project.paribus("init", "--hooks").code == 0
        hook = self.project.path / ".git" / "hooks" / "pre-commit"
        hook.write_text(WATCHED.replace("OPTIONS", options))

    def git(self, *arguments: str, folder: str = ".", **extra: str) -> Committed:
        """Runs git with an editor that leaves the message as it is."""
        self.log.write_text("")
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.project.path / folder,
            env={**os.environ, "LOG": str(self.log), "GIT_EDITOR": "true", **extra},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Committed(done.returncode, self.log.read_text(), done.stderr)

    def name(self, revision: str = "HEAD") -> str:
        """A commit as it is shown."""
        return self.project.git("rev-parse", revision)[:7]

    def message(self, revision: str = "HEAD") -> str:
        """A commit's whole message."""
        return self.project.git("log", "-1", "--format=%B", revision)


@pytest.fixture
def author(project: Workspace, tmp_path: Path) -> Author:
    """On a branch for an experiment, with hooks."""
    found = Author(project, tmp_path / "log")
    found.install()
    project.git("switch", "--quiet", "--create", "exp")
    return found


GAIN = "train.gain 0.0 -> 0.3"
REFUSED = """\
error[one-change]: 2 changes against {base}; an experiment has one

  1  param  train.gain 0.0 -> 0.3
            params.json:5
  2  param  train.noise 0.01 -> 0.02
            params.json:6

help: one experiment each    git restore --staged FILE, and commit it on a branch of its own
help: they belong together   PARIBUS_ALLOW="why" git commit   (recorded)
"""


def two(project: Workspace) -> None:
    project.set_param("train.gain", 0.3)
    project.set_param("train.noise", 0.02)


# What is committed is what is judged.


def test_commit_all(author: Author) -> None:
    author.project.set_param("train.gain", 0.3)
    done = author.git("commit", "--quiet", "-a", "-m", "try")
    assert (done.code, done.hook) == (
        0,
        f"paribus: one change against {author.name('main')}: {GAIN}\n",
    )
    assert author.message() == f"try\n\nParibus-Change: {GAIN}"


def test_a_refused_commit(author: Author) -> None:
    two(author.project)
    before = author.project.state()
    done = author.git("commit", "--quiet", "-a", "-m", "try")
    assert (done.code, done.hook) == (1, REFUSED.format(base=author.name("main")))
    assert author.project.state() == before


def test_a_partial_commit_is_judged_without_what_else_is_staged(author: Author) -> None:
    """`git commit FILE` hands its hooks an index that is neither the old one nor the staged one."""
    project = author.project
    project.set_param("train.gain", 0.3)
    project.write({"train.py": project.read("train.py").replace("score = 0.8", "score = 0.9")})
    project.git("add", "train.py")
    done = author.git("commit", "--quiet", "-m", "try", "params.json")
    assert (done.code, done.hook) == (
        0,
        f"paribus: one change against {author.name('main')}: {GAIN}\n",
    )
    assert project.git("diff", "--cached", "--name-only") == "train.py"
    done = author.git("commit", "--quiet", "-m", "and this")
    assert done.code == 1
    assert done.hook.startswith(f"error[one-change]: 2 changes against {author.name('main')}; ")


def test_the_working_tree_does_not_matter(author: Author) -> None:
    project = author.project
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    two(project)
    project.write({"untracked.py": "1\n"})
    assert author.git("commit", "--quiet", "-m", "try").code == 0


@pytest.mark.slow
def test_amending_judges_the_whole_and_names_it_once(author: Author) -> None:
    project = author.project
    project.set_param("train.gain", 0.2)
    author.git("commit", "--quiet", "-a", "-m", "try\n\nSigned-off-by: Ada <ada@example.com>")
    project.set_param("train.gain", 0.3)
    for _ in range(2):
        done = author.git("commit", "--quiet", "-a", "--amend")
        assert (done.code, done.hook) == (
            0,
            f"paribus: one change against {author.name('main')}: {GAIN}\n",
        )
        assert author.message() == (
            f"try\n\nSigned-off-by: Ada <ada@example.com>\nParibus-Change: {GAIN}"
        )
    project.set_param("train.gain", 0.0)
    project.write({"README.md": "# Words\n"})
    done = author.git("commit", "--quiet", "-a", "--amend")
    assert done.hook == f"paribus: no change against {author.name('main')}\n"
    assert author.message() == "try\n\nSigned-off-by: Ada <ada@example.com>"


def test_in_a_linked_working_tree(author: Author, tmp_path: Path) -> None:
    project = author.project
    two(project)
    project.git("add", "--all")  # the main one's index must not be the one that is read
    project.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"), "main")
    linked = tmp_path / "linked"
    text = (linked / "params.json").read_text()
    ways = {"0.1": ("-a",), "0.2": ("params.json",), "0.3": ("-a", "--amend")}
    for gain, arguments in ways.items():
        (linked / "params.json").write_text(text.replace('"gain": 0.0', f'"gain": {gain}'))
        done = author.git("commit", "--quiet", "-m", "try", *arguments, folder=str(linked))
        change = f"train.gain 0.0 -> {gain}"
        said = f"paribus: one change against {author.name('main')}: {change}\n"
        assert (done.code, done.hook) == (0, said)
        assert author.message("other") == f"try\n\nParibus-Change: {change}"


def test_a_merge_does_not_count_what_main_brings(author: Author) -> None:
    """The conflict makes the user commit the merge, and so brings the hook in."""
    project = author.project
    project.set_param("train.gain", 0.2)
    author.git("commit", "--quiet", "-a", "-m", "try")
    project.git("switch", "--quiet", "main")
    two(project)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "two, agreed on")
    project.git("switch", "--quiet", "exp")
    assert author.git("merge", "main").code == 1
    done = author.git("commit", "--quiet", "-m", "merge")
    assert done.code != 0  # git itself refuses conflicts, before any hook
    told = project.paribus("check", "--staged")
    assert (told.code, told.err) == (
        2,
        "error[merge-under-way]: files are still in conflict from a merge\n"
        "help: finish it    git merge --continue\nhelp: or undo it   git merge --abort\n",
    )
    project.git("checkout", "--theirs", "params.json")
    project.set_param("train.gain", 0.25)
    project.git("add", "params.json")
    done = author.git("commit", "--quiet", "-m", "merge")
    change = "train.gain 0.3 -> 0.25"
    assert (done.code, done.hook) == (
        0,
        f"paribus: one change against {author.name('main')}: {change}\n",
    )
    assert project.git("rev-list", "--count", "--merges", "HEAD") == "1"
    assert author.message() == f"merge\n\nParibus-Change: {change}"


def test_a_merge_is_no_experiment_where_commits_are(author: Author) -> None:
    author.install("--per-commit")
    project = author.project
    project.git("switch", "--quiet", "main")
    two(project)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "two, agreed on")
    project.git("switch", "--quiet", "exp")
    project.git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", "apart")
    project.git("merge", "--quiet", "--no-commit", "main")
    done = author.git("commit", "--quiet", "-m", "merge")
    assert (done.code, done.hook) == (
        0,
        "paribus: nothing to compare with: a merge is no experiment\n",
    )


def test_each_commit_against_the_one_before(author: Author) -> None:
    author.install("--per-commit")
    project = author.project
    project.set_param("train.gain", 0.3)
    author.git("commit", "--quiet", "-a", "-m", "one")
    project.set_param("train.noise", 0.02)
    done = author.git("commit", "--quiet", "-a", "-m", "another")
    assert (done.code, done.hook) == (
        0,
        f"paribus: one change against HEAD ({author.name('HEAD^')}): train.noise 0.01 -> 0.02\n",
    )


def test_during_a_rebase(author: Author) -> None:
    project = author.project
    project.set_param("train.gain", 0.2)
    author.git("commit", "--quiet", "-a", "-m", "try")
    project.git("switch", "--quiet", "main")
    project.write({"README.md": "# Words\n"})
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "meanwhile")
    project.git("switch", "--quiet", "exp")
    done = author.git("rebase", "--interactive", "main", GIT_SEQUENCE_EDITOR="sed -i s/^pick/edit/")
    assert done.code == 0
    assert project.git("branch", "--show-current") == ""
    project.set_param("train.gain", 0.3)
    done = author.git("commit", "--quiet", "-a", "--amend")
    assert (done.code, done.hook) == (
        0,
        f"paribus: one change against {author.name('main')}: {GAIN}\n",
    )
    assert author.git("rebase", "--continue").code == 0
    assert author.message("exp") == f"try\n\nParibus-Change: {GAIN}"


def test_the_first_commit_of_a_repository(project: Workspace, tmp_path: Path) -> None:
    fresh = type(project)(tmp_path / "fresh")
    fresh.path.mkdir()
    fresh.git("init", "--quiet")
    names = project.git("ls-files").splitlines()
    fresh.write({name: (project.path / name).read_bytes() for name in names})
    author = Author(fresh, tmp_path / "log")
    author.install()
    fresh.git("add", "--all")
    done = author.git("commit", "--quiet", "-m", "first")
    assert (done.code, done.hook) == (
        0,
        "paribus: nothing to compare with: HEAD has no commit yet\n",
    )
    assert author.message() == "first"


def test_before_there_is_a_pipeline_and_where_there_is_no_project(author: Author) -> None:
    project = author.project
    project.git("switch", "--quiet", "--orphan", "empty")
    project.git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", "nothing")
    project.write({"README.md": "# Words\n"})
    project.git("add", "README.md")
    done = author.git("commit", "--quiet", "-m", "words")
    said = "paribus: nothing to compare with: there is no DVC project here\n"
    assert (done.code, done.hook, done.err) == (0, said, "")
    project.git("branch", "--force", "main", "empty")
    project.git("checkout", "--quiet", "exp", "--", ".")
    done = author.git("commit", "--quiet", "-m", "a pipeline")
    base = author.name("HEAD~1")
    said = f"paribus: nothing to compare with: there is no dvc.yaml in baseline {base}\n"
    assert (done.code, done.hook, done.err) == (0, said, "")


def test_with_a_submodule(author: Author, tmp_path: Path) -> None:
    project = author.project
    inner = type(project)(tmp_path / "inner")
    inner.path.mkdir()
    inner.git("init", "--quiet")
    inner.commit("first", {"x": "1\n"})
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")  # fmt: skip
    project.git("commit", "--quiet", "--no-verify", "-m", "with a submodule")
    project.git("branch", "--force", "main", "exp")
    project.set_param("train.gain", 0.3)
    (project.path / "sub" / "x").write_text("2\n")
    done = author.git("commit", "--quiet", "-a", "-m", "try")
    assert (done.code, done.hook) == (
        0,
        f"paribus: one change against {author.name('main')}: {GAIN}\n",
    )


def test_a_file_that_is_only_intended(author: Author) -> None:
    project = author.project
    project.write({"extra.py": "1\n"})
    project.git("add", "--intent-to-add", "extra.py")
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    told = project.paribus("check", "--staged")
    assert (told.code, told.out, told.err) == (
        2,
        "",
        "error[intent-to-add]: extra.py: only intended to be added, so the commit would not have it\n"
        "help: add it      git add extra.py\nhelp: or forget   git rm --cached extra.py\n",
    )


def test_an_index_of_another_repository_is_not_read(
    author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook that goes to another repository takes its variables there."""
    other = tmp_path / "other"
    author.project.git("clone", "--quiet", ".", str(other))
    two(author.project)
    author.project.git("add", "--all")
    monkeypatch.setenv("GIT_INDEX_FILE", str(author.project.path / ".git" / "index"))
    monkeypatch.setenv("GIT_DIR", str(author.project.path / ".git"))
    told = author.project.paribus("check", "--staged", folder=str(other))
    assert (told.code, told.out.partition(":")[0]) == (0, f"no change against {author.name()}")
    assert author.project.paribus("check", "--staged").code == 1


# Letting several changes through.


def test_allowed_at_the_commit_and_ever_after(author: Author) -> None:
    project = author.project
    two(project)
    done = author.git("commit", "--quiet", "-a", "-m", "try", PARIBUS_ALLOW="they go together")
    base = author.name("main")
    assert (done.code, done.hook) == (
        0,
        f"paribus: 2 changes against {base}, allowed: they go together\n",
    )
    assert author.message() == "try\n\nParibus-Allow: they go together"
    told = project.paribus("check", "HEAD")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"2 changes against {base}\nallowed: they go together\n\n"
        "  1  param  train.gain 0.0 -> 0.3\n            params.json:5\n"
        "  2  param  train.noise 0.01 -> 0.02\n            params.json:6\n"
    )
    found = project.paribus("check", "HEAD", "--json").json
    assert (found["outcome"], found["allowed"], found["next"]) == ("many", "they go together", [])
    assert project.paribus("check").code == 0  # the working tree on top of it


def test_a_moved_ruler_cannot_be_allowed(author: Author) -> None:
    project = author.project
    project.set_param("train.gain", 0.3)
    project.write({"evaluate.py": project.read("evaluate.py").replace("score, 6", "score, 5")})
    done = author.git("commit", "--quiet", "-a", "-m", "try", PARIBUS_ALLOW="please")
    assert done.code == 1
    assert done.hook.endswith(
        "help: commit the ruler alone, then measure anew   paribus baseline --measure\n"
    )
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "try\n\nParibus-Allow: please")
    assert project.paribus("check", "HEAD").code == 1


# The message.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("try\n", "try\n\nParibus-Change: CHANGE\n"),
        ("try", "try\n\nParibus-Change: CHANGE\n"),
        ("try\n\nA body.\n", "try\n\nA body.\n\nParibus-Change: CHANGE\n"),
        (
            "try\n\nFixes: 3\nparibus-change: old\n  and more\nAcked-by: x\n",
            "try\n\nFixes: 3\nAcked-by: x\nParibus-Change: CHANGE\n",
        ),
        ("try\n---\nnot a patch\n", "try\n---\nnot a patch\n\nParibus-Change: CHANGE\n"),
        (
            "try\n# Please enter\n#\n# On branch exp\n",
            "try\n\nParibus-Change: CHANGE\n# Please enter\n#\n# On branch exp\n",
        ),
        (
            "try\n# ------------------------ >8 ------------------------\n# Do not\ndiff\n+Paribus-Change: x\n",
            "try\n\nParibus-Change: CHANGE\n"
            "# ------------------------ >8 ------------------------\n# Do not\ndiff\n+Paribus-Change: x\n",
        ),
        ("# nobody wrote anything\n\n", None),
        ("", None),
    ],
)
def test_the_trailer_in_the_message(author: Author, before: str, after: str | None) -> None:
    author.project.set_param("train.gain", 0.3)
    author.project.git("add", "--all")
    file = author.project.path / ".git" / "COMMIT_EDITMSG"
    for _ in range(2):
        file.write_text(before)
        told = author.project.paribus("hook", "commit-msg", ".git/COMMIT_EDITMSG")
        assert (told.code, told.out, told.err) == (0, "", "")
        expected = before if after is None else after.replace("CHANGE", GAIN)
        assert file.read_text() == expected
        before = expected


def test_other_comment_characters_templates_and_configured_trailers(author: Author) -> None:
    project = author.project
    project.git("config", "core.commentChar", ";")
    project.git("config", "trailer.planted.command", "touch planted")
    project.git("config", "commit.template", "template.txt")
    project.write({"template.txt": "Why:\n"})
    project.set_param("train.gain", 0.3)
    project.git("add", "params.json")
    file = project.path / "message"
    cases = {
        "try\n; a comment\n": f"try\n\nParibus-Change: {GAIN}\n; a comment\n",
        "Why:\n; as the template has it\n": "Why:\n; as the template has it\n",
        "Why:\nbecause\n": f"Why:\nbecause\n\nParibus-Change: {GAIN}\n",
    }
    for before, after in cases.items():
        file.write_text(before)
        assert project.paribus("hook", "commit-msg", "message").code == 0
        assert file.read_text() == after
    assert not (project.path / "planted").exists()


def test_a_message_is_never_lost_to_what_cannot_be_judged(author: Author) -> None:
    project = author.project
    project.write({"params.json": "{broken"})
    project.git("add", "params.json")
    (project.path / "message").write_text("try\n\nParibus-Change: an earlier one\n")
    told = project.paribus("hook", "commit-msg", "message")
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith("paribus: the change is not named in the message: params.json")
    assert project.read("message") == "try\n"


# On a server.


@dataclass
class Server:
    """A bare repository with a pre-receive hook."""

    path: Path

    def install(self, options: str = "") -> None:
        hook = self.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\nexec paribus hook pre-receive {options}\n")
        hook.chmod(0o755)


@pytest.fixture
def server(author: Author, tmp_path: Path) -> Server:
    path = tmp_path / "server.git"
    author.project.git("clone", "--quiet", "--bare", "--branch=main", ".", str(path))
    author.project.git("remote", "add", "server", str(path))
    found = Server(path)
    found.install()
    return found


def pushed(author: Author, *refs: str) -> tuple[int, str]:
    """The exit code of a push, and what the server said."""
    done = author.git("push", "--quiet", "server", *refs)
    lines = [line.removeprefix("remote: ").rstrip() for line in done.err.splitlines()]
    return done.code, "\n".join(lines[: next((i for i, x in enumerate(lines) if x.startswith(("To ", "error: failed"))), None)])  # fmt: skip


def test_a_refused_push_takes_nothing(author: Author, server: Server) -> None:
    project = author.project
    base = author.name()
    two(project)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "both")
    project.git("tag", "v1")
    before = project.git("ls-remote", "server")
    assert pushed(author, "exp:main", "exp:other", "v1") == (
        1,
        f"error[one-change]: main: 2 changes against {base}; an experiment has one\n"
        "\n"
        "  1  param  train.gain 0.0 -> 0.3\n            params.json:5\n"
        "  2  param  train.noise 0.01 -> 0.02\n            params.json:6\n"
        "\n"
        "help: one experiment each    push them one by one\n"
        'help: they belong together   git commit --amend --trailer "Paribus-Allow: why"\n'
        "the push is refused as a whole, with every branch and tag in it",
    )
    assert project.git("ls-remote", "server") == before
    trailer = ("--trailer", "Paribus-Allow: they go together")
    project.git("commit", "--quiet", "--amend", "--no-edit", "--no-verify", *trailer)
    allowed = f"paribus: main: 2 changes against {base}, allowed: they go together"
    assert pushed(author, "exp:main", "exp:other", "v1") == (0, allowed)


def test_what_is_not_judged_is_taken(author: Author, server: Server) -> None:
    """Other branches, tags, deletions; and a main branch that is new or unrelated."""
    project = author.project
    two(project)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "both")
    assert pushed(author, "exp") == (0, "")
    project.git("tag", "v1")
    assert pushed(author, "v1") == (0, "")
    assert pushed(author, ":exp", ":v1") == (0, "")
    server.install("--branch 'rel*'")
    assert pushed(author, "exp:main") == (0, "")
    code, said = pushed(author, "exp~1:refs/heads/release/1")
    assert (code, said) == (0, f"paribus: release/1: no change against {author.name('exp~1')}")
    project.git("switch", "--quiet", "--orphan", "alone")
    project.git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", "alone")
    said = (
        "paribus: release/2: a new branch without a commit in common with the main one, not judged"
    )
    assert pushed(author, "alone:refs/heads/release/2") == (0, said)


def test_a_new_protected_branch_is_judged_from_where_it_left(
    author: Author, server: Server
) -> None:
    server.install("--branch exp")
    two(author.project)
    author.project.git("commit", "--quiet", "-a", "--no-verify", "-m", "both")
    code, said = pushed(author, "exp")
    assert code == 1
    assert said.startswith(f"error[one-change]: exp: 2 changes against {author.name('main')}; ")


def test_each_commit_of_a_push(author: Author, server: Server) -> None:
    server.install("--per-commit")
    project = author.project
    base = author.name()
    project.set_param("train.gain", 0.3)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "one ::error:: |`x`")
    project.set_param("train.noise", 0.02)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "another")
    code, said = pushed(author, "exp:main")
    assert (code, said) == (
        0,
        f"main: 2 commits, none with several changes ({base}..{author.name()})\n\n"
        f"  {author.name('HEAD~1')}  one   one ::error:: |`x`\n  {author.name()}  one   another",
    )
    project.set_param("train.gain", 0.4)
    project.set_param("train.noise", 0.03)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "both")
    code, said = pushed(author, "exp:main")
    assert (code, said.splitlines()[0]) == (
        1,
        f"main: error[one-change]: 1 of 1 commit has several changes ({author.name('HEAD~1')}..{author.name()})",
    )


def test_a_head_that_names_no_branch_protects_none_and_says_so(
    author: Author, server: Server
) -> None:
    author.project.git("-C", str(server.path), "symbolic-ref", "HEAD", "refs/heads/trunk")
    assert pushed(author, "exp:other") == (
        0,
        "paribus: refs/heads/trunk: HEAD names no branch that is there, so none is protected; "
        "name some with --branch",
    )
    said = "paribus: trunk: a new branch without a commit in common with the main one, not judged"
    assert pushed(author, "exp:refs/heads/trunk") == (0, said)


def test_a_broken_file_is_refused_with_its_reason(author: Author, server: Server) -> None:
    author.project.write({"params.json": '{"seed": '})
    author.project.git("commit", "--quiet", "-a", "--no-verify", "-m", "broken")
    code, said = pushed(author, "exp:main")
    first, *_, last = said.splitlines()
    assert code == 1  # of git; the hook's own is 2
    assert first.startswith("error[")
    assert "main: params.json" in first
    assert last == "the push is refused as a whole, with every branch and tag in it"


@pytest.mark.slow
def test_branches_named_like_options(author: Author, server: Server) -> None:
    project = author.project
    server.install("--branch '*'")
    names = ["--output=planted", "-uEvil"]
    two(project)
    project.git("commit", "--quiet", "-a", "--no-verify", "-m", "both")
    for name in names:
        project.git("update-ref", f"refs/heads/{name}", "exp")
        code, said = pushed(author, f"refs/heads/{name}")
        assert code == 1
        assert said.startswith(f"error[one-change]: {name}: 2 changes against ")
        for arguments in (("--", name), (f"main..{name}",), ("--per-commit", "--", name)):
            assert project.paribus("check", *arguments).code == 1, arguments
        assert project.paribus("check", "--", name, name).code == 0
        assert project.paribus("check", f"--baseline={name}", "--", name).code == 0
        project.git("symbolic-ref", "HEAD", f"refs/heads/{name}")
        for options in (("--staged",), (), ("--per-commit",)):
            assert project.paribus("check", *options).code == 1, options
        project.git("symbolic-ref", "HEAD", "refs/heads/exp")
    assert not (project.path / "planted").exists()
    assert not (server.path / "planted").exists()


def test_a_hook_without_input_from_git(author: Author, server: Server) -> None:
    done = subprocess.run(
        ["paribus", "hook", "pre-receive"],
        cwd=server.path, input="some words\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "error[usage]: `OLD NEW REF` is expected on each line of standard input\n"
        "help: see   paribus hook pre-receive --help\n"
    )


PLANTED = (
    "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.alternateRefsCommand",
    "diff.external", "diff.planted.textconv", "diff.planted.command", "filter.planted.smudge",
    "filter.planted.process", "gpg.program", "trailer.planted.command", "credential.helper",
)  # fmt: skip


def test_nothing_that_a_configuration_names_is_run(
    author: Author, server: Server, tmp_path: Path
) -> None:
    """A hook stays with git and Paribus, whatever stands in the two repositories' configurations."""
    project, canary = author.project, tmp_path / "canary"
    two(project)
    project.write({".gitattributes": "* filter=planted diff=planted\n", "message": "try\n"})
    project.git("add", ".gitattributes", "params.json")
    project.git("commit", "--quiet", "--no-verify", "-m", "both\n\nParibus-Allow: why")
    for name in PLANTED:
        for folder in (str(project.path), str(server.path)):
            project.git("-C", folder, "config", name, f"touch {canary}; cat")
    for folder in (str(project.path), str(server.path)):
        project.git("-C", folder, "config", "log.showSignature", "true")
    for arguments in (
        ("check", "--staged"),
        ("check", "main..exp", "--per-commit"),
        ("check", "main", "exp", "--format", "github"),
        ("hook", "pre-commit"),
        ("hook", "commit-msg", "message"),
    ):
        assert project.paribus(*arguments).code in (0, 1)
    head = project.git("rev-parse", "exp")
    subprocess.run(["git", "fetch", "--quiet", str(project.path), "exp"], cwd=server.path, check=True)  # fmt: skip
    done = subprocess.run(
        ["paribus", "hook", "pre-receive"], cwd=server.path, capture_output=True, text=True,
        input=f"{project.git('rev-parse', 'main')} {head} refs/heads/main\n", check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.endswith(", allowed: why\n")
    assert not canary.exists()
