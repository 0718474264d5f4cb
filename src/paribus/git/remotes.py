"""Talks to a remote as the user's own git does: with their transport, credentials and ssh settings.

The rest of Paribus forbids git every transport. Here git may reach the network, and the user's
configuration tells how; but no hook runs, nothing is forced, no reference is removed, and nothing is
asked where nobody sits in front of it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import NoReturn

from paribus.core.errors import Problem
from paribus.git.command import Git, GitError
from paribus.git.locks import moving
from paribus.git.refusals import problem_of, said_there, was_quicker

PORCELAIN = (
    "--no-replace-objects",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "submodule.recurse=false",
    "-c", "core.fsync=committed,reference",
    # As packs, which git keeps from a `git gc --prune=now` until the reference is there.
    "-c", "fetch.unpackLimit=1",
    "-c", "push.followTags=false",
)  # fmt: skip

CHECKED = (
    "-c", "fetch.fsckObjects=true",
    # Old tools wrote these, they do no harm, and the trees of experiments may have them.
    "-c", "fetch.fsck.zeroPaddedFilemode=ignore",
    "-c", "fetch.fsck.badFilemode=ignore",
)  # fmt: skip
"""What others send is looked at before it is believed."""

ELSEWHERE = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""Variables that point git at another repository; a hook exports some of them."""

HEADS = "refs/heads/"

DAMAGED = "objects of it are missing here"
UNREADABLE = ("bad object", "pack-objects died", "eof before pack header", "unable to read")
"""What git says of a pack that it could not make."""

AT_ONCE = 400
"""References of one push: each stands on the command line."""


class Remote:
    """A configured remote of the user's repository."""

    def __init__(self, git: Git, name: str) -> None:
        """
        Args:
            git: in the user's repository.
            name: as `choose_remote` gives it.
        """
        self.name = name
        self._directory = git.directory

    def references(self) -> dict[str, str]:
        """What each of the remote's references names, by its full name.

        Of an annotated tag, under its name with `^{}` behind it, also the object that it stands at.

        Raises:
            Problem: the remote cannot be reached, or read.
        """
        listed = self._run("ls-remote", "--quiet", "--end-of-options", self.name)
        pairs = (line.split("\t", 1) for line in listed.decode("utf-8", "replace").splitlines())
        return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}

    def fetch(self, references: Mapping[str, str], *, checked: bool = False) -> None:
        """Brings references of the remote here; one of another name, or none, is never touched.

        Args:
            references: where each goes, by its name there; a leading `+` lets it move back.
            checked: whether every new object must be well-formed, and come even to a partial clone.

        Raises:
            Problem: one could not be fetched.
        """
        if not references:
            return
        wanted = "".join(
            f"{'+' * target.startswith('+')}{ref}:{target.lstrip('+')}\n"
            for ref, target in references.items()
        )
        whole = ("--no-filter",) if checked else ()
        with self._moving(target.lstrip("+") for target in references.values()):
            self._run(
                *(CHECKED if checked else ()),
                "fetch", "--quiet", *whole, "--no-tags", "--no-prune", "--no-auto-gc",
                "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=",
                "--stdin", "--end-of-options", self.name,
                stdin=wanted.encode(),
            )  # fmt: skip

    def push(self, references: Iterable[str]) -> dict[str, str | None]:
        """Sends references under their own names, never by force.

        Returns:
            By its name, why the remote did not take a reference; None for one that it took, and `DAMAGED`
            for one that could not be sent.

        Raises:
            Problem: the remote cannot be reached.
        """
        answers: dict[str, str | None] = {}
        for some in _in_parts(references):
            answers |= self._push(some)
        return answers

    def _push(self, references: Sequence[str]) -> dict[str, str | None]:
        """Of one part. Where an object is missing here git sends nothing of all, and whole ones go alone."""
        answers, is_damaged = self._sent(references)
        if not is_damaged:
            return answers
        whole = [ref for ref in references if self._is_whole(ref)]
        told: dict[str, str | None] = dict.fromkeys(references, DAMAGED)
        if len(whole) == len(references):
            return answers
        return told | (self._sent(whole)[0] if whole else {})

    def _is_whole(self, ref: str) -> bool:
        """Whether all is here that a reference needs, but for what the remote is known to have."""
        known = f"--remotes={self.name}"
        ask = ("rev-list", "--objects", "--quiet", ref, "--not", known, "--")
        return Git(self._directory).lookup(*ask) is not None

    def _sent(self, references: Sequence[str]) -> tuple[dict[str, str | None], bool]:
        """The answers, and whether git could not read what it was to send."""
        arguments = (
            "push", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no",
            "--end-of-options", self.name, *(f"{ref}:{ref}" for ref in references),
        )  # fmt: skip
        heads = (ref.removeprefix(HEADS) for ref in references if ref.startswith(HEADS))
        with self._moving(f"refs/remotes/{self.name}/{branch}" for branch in heads):
            done = self._ended(arguments)
            answers = dict(_told(done.stdout.decode("utf-8", "replace")))
            if done.returncode and (not answers or done.returncode < 0):
                self._refuse(arguments, done)
        if not answers:
            return dict.fromkeys(references), False
        stderr = done.stderr.decode("utf-8", "replace")
        said = said_there(stderr)
        told = {
            ref: why if why is None or was_quicker(why) or not said else f"{why}: {said}"
            for ref, why in answers.items()
        }
        return told, any(sign in stderr for sign in UNREADABLE)

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = self._ended(arguments, stdin)
        if done.returncode:
            self._refuse(arguments, done)
        return done.stdout

    def _moving(self, refs: Iterable[str]) -> AbstractContextManager[None]:
        """Of git that is killed here, the locks go when the same remote is asked next."""
        ask = ("rev-parse", "--path-format=absolute", "--git-common-dir")
        common_dir = Path(Git(self._directory).text(*ask))
        return moving(common_dir, *refs, name=f"of the remote {self.name}")

    def _ended(
        self, arguments: Sequence[str], stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        asks = sys.stdin is not None and sys.stdin.isatty()
        with subprocess.Popen(
            ["git", *PORCELAIN, *arguments],
            cwd=self._directory,
            env=_environment(self.name, asks=asks),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # ssh asks the terminal for a passphrase, wherever its input comes from.
            start_new_session=not asks,
        ) as process:
            try:
                stdout, stderr = process.communicate(stdin)
            except BaseException:
                process.terminate()  # git ends its transport, and takes its locks away
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def _refuse(
        self, arguments: Sequence[str], done: subprocess.CompletedProcess[bytes]
    ) -> NoReturn:
        error = GitError(tuple(arguments), done.returncode, done.stderr.decode("utf-8", "replace"))
        raise problem_of(self.name, error) from error


def choose_remote(git: Git, wanted: str | None) -> str:
    """The name of a configured remote: the given one, the upstream's, `origin`, or the only one.

    Raises:
        Problem: there is none, or not this one.
    """
    names = [name for name in git.text("remote").splitlines() if not name.startswith("-")]
    if wanted is not None:
        if wanted not in names:
            told = f"there are   {' '.join(names)}" if names else "add it   git remote add NAME URL"
            raise Problem("no-remote", f"no remote is called {wanted!r}", told)
        return wanted
    upstream = _upstream(git)
    for name in (upstream, "origin", names[0] if len(names) == 1 else None):
        if name in names:
            return str(name)
    if names:
        raise Problem("no-remote", "which remote?", f"name one   paribus sync {names[0]}")
    raise Problem(
        "no-remote",
        "this repository has no remote to share with",
        "add one   git remote add origin URL",
    )


# Private functions


def _upstream(git: Git) -> str | None:
    """The remote of the branch that is checked out."""
    head = git.lookup("symbolic-ref", "--quiet", "HEAD")
    if head is None:
        return None
    return git.lookup("config", "--get", f"branch.{head.removeprefix('refs/heads/')}.remote")


def _environment(remote: str, *, asks: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    told = kept.get("GIT_CONFIG_COUNT", "")
    count = int(told) if told.isdigit() else 0
    # As a mirror's, a push would remove there what is not here.
    mirror = {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": f"remote.{remote}.mirror",
        f"GIT_CONFIG_VALUE_{count}": "false",
    }
    fixed = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"} | mirror
    return kept | fixed | ({} if asks else {"GIT_TERMINAL_PROMPT": "0"})


def _in_parts(references: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(references)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _told(porcelain: str) -> Iterator[tuple[str, str | None]]:
    """What `git push --porcelain` says of each reference: `<flag> TAB <from>:<to> TAB <summary>`."""
    for line in porcelain.splitlines():
        flag, _, rest = line.partition("\t")
        names, _, summary = rest.partition("\t")
        if len(flag) == 1 and summary:
            why = re.search(r"\((.*)\)\s*$", summary)
            reason = why[1] if why else summary.strip("[] ")
            yield names.partition(":")[2], reason if flag == "!" else None
