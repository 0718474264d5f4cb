"""What can go wrong that a user can mend."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, an interface that scripts may rely on."""

    DONE = 0
    RULE_BROKEN = 1
    BAD_INPUT = 2
    BUG = 3
    UNDECIDED = 4
    RUN_FAILED = 5
    NOT_RECORDED = 6
    INTERRUPTED = 130


class Terminated(BaseException):
    """A signal asks us to end; we end as on Ctrl-C, with its own exit code.

    Not a `KeyboardInterrupt`, which click would turn into an `Abort` that does not know the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Problem(Exception):  # noqa: N818 (it is the user's problem, said in the user's words)
    """One clear line for the user, a stable code, and what to do next.

    Attributes:
        code: stable and kebab-case, such as `no-baseline`.
        message: one line that stands alone, without a full stop.
        helps: what to do next, each either words or `words   command to paste`.
        status: the process's exit code.
        retryable: whether the same call may succeed later without any change by the user.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *helps: str,
        status: Exit = Exit.BAD_INPUT,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.helps = helps
        self.status = status
        self.retryable = retryable
