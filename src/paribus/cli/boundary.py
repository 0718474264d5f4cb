"""The one place where errors end: the user's in one line on stderr, ours in a log file."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import NoReturn, TextIO

import click

from paribus.core.errors import Exit, Problem, Terminated
from paribus.git.command import GitError
from paribus.reports.text import clean, helps, inert, strict_json

JSON_FLAGS = {"--json", "--jsonl", "--format=json"}
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = "interrupted; what had ended is recorded"
AT_ONCE = "ended at once; the next command finds what is not recorded"
UNREAD = 128 + signal.SIGPIPE
"""As of every command whose output nobody reads to the end."""


class Unread(Exception):  # noqa: N818 (of whoever reads)
    """A broken pipe, by a name that click leaves to us: it would exit with 1, which says something."""


def guarded(command: click.Command) -> NoReturn:
    """Runs the command line and exits with the code of `design`'s table."""
    for number in HANDLED:
        # Under nohup it is ignored, and stays so.
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)
    try:
        status = command.main(standalone_mode=False)
        sys.stdout.flush()
        code = int(status or 0)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _end(Exit.INTERRUPTED)
    except Terminated as signalled:
        _end(128 + signalled.number)
    except (BrokenPipeError, Unread) as error:
        # Whoever read our output has had enough. What it would have said is in no exit code of ours.
        unread = [stream for stream in (sys.stdout, sys.stderr) if _is_unread(stream)]
        code = UNREAD if unread else _told(_from_the_system(_cause(error)))
        for stream in unread:
            _leave(stream)
    except Exception as error:
        problem = _as_problem(error)
        code = _told(problem) if problem else _bug(error)
    sys.exit(int(code))


# Private functions


def _interrupt(number: int, _: FrameType | None) -> None:
    """The first signal ends the runs, and then us; what ended meanwhile is recorded."""
    _handle(partial(_at_once, number))
    _when_uncut(partial(_raise, number))


def _at_once(first: int, _: int, __: FrameType | None) -> None:
    """The second signal ends us now, with the exit code of the first; a third waits for nothing."""
    _handle(lambda _, __: os._exit(128 + first))
    try:
        executors = sys.modules.get("paribus.execute.executors")
        if executors is not None:
            executors.stop_all()
    finally:
        _when_uncut(partial(_end, 128 + first, AT_ONCE))


def _when_uncut(action: Callable[[], None]) -> None:
    """Now; or after a git that writes the ledger, if one is at work: cut off, it would leave its locks."""
    command = sys.modules.get("paribus.git.command")
    if command is None:
        action()
    else:
        command.when_uncut(action)


def _handle(handler: Callable[[int, FrameType | None], object]) -> None:
    """Takes the signals that we take; what was ignored when we started stays so."""
    for number in HANDLED:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _raise(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated(number)


def _end(code: int, told: str = INTERRUPTED) -> NoReturn:
    """Ends an interrupted command; at once, since Python may end with a code of its own otherwise.

    Whoever closed the terminal reads nothing any more.
    """
    with contextlib.suppress(
        OSError, RuntimeError
    ):  # or the signal came while something was printed
        _say(told)
        sys.stdout.flush()
    os._exit(code)


def _is_unread(stream: TextIO) -> bool:
    """Whether it is a pipe whose other end is closed."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), select.POLLOUT)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (OSError, ValueError):
        return False


def _leave(stream: TextIO) -> None:
    """Lets what is still to be written go nowhere: Python must not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _cause(error: Exception) -> OSError:
    cause = error.__cause__
    return cause if isinstance(cause, OSError) else BrokenPipeError(errno.EPIPE, "Broken pipe")


def _as_problem(error: Exception) -> Problem | None:
    """What the user can do something about; None for a bug of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, click.ClickException):
        return Problem("usage", _one_line(error.format_message()), *_usage_helps(error))
    if isinstance(error, OSError):
        return _from_the_system(error)
    if isinstance(error, GitError) and error.from_outside:
        return _from_git(error)
    return None


def _told(problem: Problem) -> int:
    if _reads_json(sys.argv[1:]):
        error = {
            "code": problem.code,
            "message": problem.message,
            "retryable": problem.retryable,
        }
        try:
            click.echo(strict_json({"error": error, "next": list(problem.helps)}))
        except OSError:  # the very error that is told, it may be
            _leave(sys.stdout)
    _say(f"error[{problem.code}]: {clean(problem.message)}")
    for line in helps([clean(text) for text in problem.helps]):
        _say(line)
    return problem.status


def _reads_json(arguments: list[str]) -> bool:
    return bool(JSON_FLAGS & set(arguments)) or ("--format", "json") in pairwise(arguments)


def _from_the_system(error: OSError) -> Problem:
    """A full disk or a forbidden file is the user's to mend; nothing is reported as done."""
    where = f": {error.filename}" if error.filename else ""
    return Problem(
        "not-recorded",
        f"{error.strerror or type(error).__name__}{where}",
        "see that the disk has room and the folder is writable, then run the same command again",
        status=Exit.NOT_RECORDED,
        retryable=True,
    )


def _from_git(error: GitError) -> Problem:
    """A git that could not write, or was killed: nothing is reported as done."""
    killed = error.code < 0
    return Problem(
        "not-recorded",
        f"git was killed by signal {-error.code}"
        if killed
        else f"git could not go on: {error.detail}",
        "see that the disk has room and .git is writable, then run the same command again",
        status=Exit.NOT_RECORDED,
        retryable=True,
    )


def _bug(error: BaseException) -> int:
    from paribus.cli.bug import write_log  # noqa: PLC0415 (what it imports costs each start 5 ms)

    log = write_log(error)
    _say(f"error[bug]: this is a bug in Paribus ({type(error).__name__}); please send {log}")
    return Exit.BUG


def _usage_helps(error: click.ClickException) -> list[str]:
    context = getattr(error, "ctx", None)
    return [f"see   {context.command_path} --help"] if context else []


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _say(line: str) -> None:
    try:
        click.echo(inert(line), err=True)
    except OSError:  # nobody listens; the exit code tells
        _leave(sys.stderr)
