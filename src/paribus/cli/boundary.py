"""The one place where errors end: the user's in one line on stderr, ours in a log file."""

from __future__ import annotations

import os
import signal
import sys
from itertools import pairwise
from types import FrameType
from typing import NoReturn

import click

from paribus.core.errors import Exit, Problem
from paribus.reports.text import clean, helps, inert, strict_json

JSON_FLAGS = {"--json", "--jsonl", "--format=json"}
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = "interrupted; what had ended is recorded"


class Terminated(BaseException):
    """A signal asks us to end; we end as on Ctrl-C, with its own exit code.

    Not a `KeyboardInterrupt`, which click would turn into an `Abort` that does not know the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


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
    except Problem as problem:
        code = _told(problem)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _end(Exit.INTERRUPTED)
    except click.ClickException as error:
        code = _told(Problem("usage", _one_line(error.format_message()), *_usage_helps(error)))
    except Terminated as signalled:
        _end(128 + signalled.number)
    except BrokenPipeError:
        # Whoever read our output has had enough; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.DONE
    except OSError as error:
        code = _told(_from_the_system(error))
    except Exception as error:
        code = _bug(error)
    sys.exit(int(code))


# Private functions


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    """The first signal ends us; more of them must not keep us from recording what had ended."""
    for handled in HANDLED:
        signal.signal(handled, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated(number)


def _end(code: int) -> NoReturn:
    """Ends an interrupted command; at once, since Python may end with a code of its own otherwise."""
    _say(INTERRUPTED)
    sys.stdout.flush()
    os._exit(code)


def _told(problem: Problem) -> int:
    if _reads_json(sys.argv[1:]):
        error = {
            "code": problem.code,
            "message": problem.message,
            "retryable": problem.retryable,
        }
        click.echo(strict_json({"error": error, "next": list(problem.helps)}))
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
    click.echo(inert(line), err=True)
