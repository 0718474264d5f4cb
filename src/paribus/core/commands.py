"""Commands as the shell parses them, so that two spellings of one command are the same text."""

from __future__ import annotations

import re
import shlex

from paribus.core.templates import REFERENCE
from paribus.core.values import Value

PIECE = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\]+""", re.DOTALL)
WORD = re.compile(rf"\n|(?:{PIECE.pattern})+", re.DOTALL)
MEANINGLESS = re.compile(r"[\w@%+=:,./-]+")
"""Characters that mean the same to a shell with quotes around them and without."""


def as_words(command: Value) -> Value:
    """A command, or a list of them, with what only formats it made plain.

    Extra spaces, continued lines and needless quotes go. A lost space that swallows an option stays,
    and so does whatever means something to a shell: `>` is not `'>'`, and a new line starts a command.
    """
    if isinstance(command, list):
        words = [as_words(each) for each in command]
        return words[0] if len(words) == 1 else words
    text = REFERENCE.sub(r"${\1}", str(command))
    if "<<" in text or WORD.sub("", text).strip():
        return text.strip()  # a here-document, in which every space counts, or an open quote
    lines: list[list[str]] = [[]]
    for found in WORD.findall(text):
        if found == "\n":
            lines.append([])
        elif found != "\\\n":
            lines[-1].append(_word(found))
    return "\n".join(" ".join(line) for line in lines if line)


def options(command: str) -> tuple[tuple[str, ...], dict[str, str]] | None:
    """The words of a command without its options, and its options with their values.

    None where an option is given twice, so that it cannot be told by its name.
    """
    words, rest, found = WORD.findall(command), [], {}
    while words:
        word = words.pop(0)
        if not OPTION.match(word):
            rest.append(word)
            continue
        name, equals, value = word.partition("=")
        if name in found:
            return None
        follows = not equals and words and not OPTION.match(words[0]) and words[0] not in OPERATORS
        found[name] = words.pop(0) if follows else value
    return tuple(rest), found


def programs(command: str) -> list[str]:
    """The program that each part of a shell command starts: `poetry run python a.py && ls` has two.

    What only starts another program, sets a variable or redirects is passed over.
    """
    found = []
    for part in re.split(r"&&|\|\||[;|\n]", command):
        words = [word for word in part.split() if not ASSIGNMENT.match(word)]
        while words and words[0] in STARTERS:
            words = words[2:] if words[1:2] == ["run"] else words[1:]
            while words and words[0].startswith("-"):
                words = words[1:]
        if words:
            found.append(words[0].strip("'\"()").rpartition("/")[2])
    return found


OPTION = re.compile(r"--[A-Za-z]")
OPERATORS = frozenset({"&&", "||", "|", ";", "&", "\n", ">", ">>", "<"})

TOOLS = frozenset(
    {"pytest", "pylint", "flake8", "black", "ruff", "mypy", "isort", "mllint", "bandit",
      "pre-commit", "yamllint", "pyright", "autopep8", "pydocstyle",
     "sphinx-build", "mkdocs"}
)  # fmt: skip
"""Programs that look at code and make nothing that a model is made of."""

STARTERS = frozenset(
    {"poetry", "uv", "pipenv", "conda", "mamba", "pdm", "hatch", "time", "env", "nice", "exec"}
)
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


# Private functions


def _word(spelled: str) -> str:
    pieces = [piece for piece in PIECE.findall(spelled) if piece != "\\\n"]
    if all(map(_is_literal, pieces)):
        return shlex.quote("".join(map(_bare, pieces)))
    return "".join(pieces)


def _is_literal(piece: str) -> bool:
    if piece[0] == '"':
        return not re.search(r"[$`\\!]", piece)
    return piece[0] in "'\\" or MEANINGLESS.fullmatch(piece) is not None


def _bare(piece: str) -> str:
    return piece[1:-1] if piece[0] in "'\"" else piece.removeprefix("\\")
