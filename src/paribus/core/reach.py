"""What code the stages of a pipeline can reach: the files that their commands name, and what these import.

Found by reading, never by running. It errs on the side of more: every folder that could be searched for
a module is searched, and a file whose name stands anywhere in what is reached counts as reached.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from paribus.core.commands import TOOLS, programs
from paribus.core.paths import joined
from paribus.core.pipeline import Pipeline, Stage
from paribus.core.python.imports import Imported, imports, runs

PYTHON = (".py", ".ipynb")
SHELL = (".sh", ".bash")
SHELLS = frozenset({"sh", "bash", "source", "."})

MOST_FILES = 500
"""Reached files; a project with more is not followed to its end."""

IMPORT = re.compile(rb"(?:\bfrom\s+([.\w]+)\s+import\s+([\w ,*]+)|\bimport\s+([\w., ]+))")
"""Import statements in text that is no Python, such as the command `python -c "import x"`."""

PARTS = re.compile(r"&&|\|\||[;|\n]")
CHANGES_FOLDER = re.compile(r"\bcd\s+([\w./-]+)")

ELSEWHERE = re.compile(rb"PYTHONPATH|\bsys\.path\b|\bsite\.addsitedir\b")
"""Ways of searching modules in other places than are searched here."""

LAUNCHERS = frozenset(
    {"python", "python3", "python2", "ipython", "papermill", "jupyter", "accelerate", "torchrun",
     "deepspeed", "srun", "mpirun", "sh", "bash", "source", "."}
)  # fmt: skip
"""Programs that run code that their words name."""

LIBRARY = re.compile(r"\s-(?:m\s+\w|c\b|-version)")
"""What launchers run that is no file: a module of a library, or the command's own text."""

WORDS_OF_SHELL = re.compile(r"[^\s'\";|&<>()=,]+")
WORD = re.compile(rb"[A-Za-z_]\w*")

TEXT_WORD = re.compile(r"[A-Za-z_]\w*")

DYNAMIC = re.compile(
    rb"\b(?:importlib|__import__|runpy|pkgutil|entry_points|_target_|instantiate|load_module|subprocess"
    rb"|system|popen|Popen|exec|eval|execfile|get_class|locate)\b"
)
"""Ways of running code that no import statement names."""

BY_NAME = re.compile(
    rb"\b(?:__dict__|attrgetter|methodcaller|metaclass|getattr|globals|locals|vars|eval|exec|importlib|__import__|entry_points|instantiate"
    rb"|_target_|__subclasses__|__init_subclass__|Fire|unittest|import_string|getmembers)\b|import \*"
)
"""Ways of calling a function, or of handing on all of a module, that do not name the function."""

WALKS = re.compile(rb"\b(?:walk|glob|iglob|rglob|scandir)\b|\*\*/")
"""Ways of reading files below a folder, whatever the folders between are called."""

HARMLESS = TOOLS | frozenset(
    {"python", "python3", "cp", "mv", "mkdir", "rm", "echo", "cat", "tar", "unzip", "zip",
     "gzip", "gunzip", "wget", "curl", "cd", "touch", "ls", "head", "tail", "sort", "dvc",
     "pip", "sleep", "true", "ln", "set", "test", "export", "accelerate", "torchrun",
     "deepspeed", "ipython", "srun", "mpirun", "papermill", "jupyter", "[", "aws", "gsutil",
     "git", "nvidia-smi"}
)  # fmt: skip
"""Programs that run no code of the project but what their words name."""


class Reach:
    """The code that the stages of one revision reach; looked up when it is first asked for."""

    def __init__(self, pipeline: Pipeline, files: Mapping[str, bytes]) -> None:
        self._pipeline = pipeline
        self._files = files
        self._stages: dict[str, set[str]] | None = None
        self._uses: dict[str, set[str]] = {}
        self._unresolved: set[str] = set()
        self._elsewhere = False
        self._by_name: dict[str, list[str]] | None = None
        self._complete = True
        self._code: dict[str, Counter[bytes]] | None = None
        self._declared: frozenset[bytes] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every command could be followed to the files that it runs."""
        self._found()
        return self._complete

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are reached."""
        return tuple(self._found())

    def stages(self, path: str) -> frozenset[str]:
        """Names of the stages that reach a file."""
        return frozenset(self._found().get(path, ()))

    def users(self, path: str) -> frozenset[str]:
        """The reached files that import, or run, a file."""
        self._found()
        return frozenset(user for user, used in self._uses.items() if path in used)

    def sources(self) -> Iterator[tuple[str, bytes]]:
        """Each reached file with its content."""
        return ((path, self._files[path]) for path in self._found())

    def code_names(self, word: str) -> bool:
        """Whether a word stands in reached code."""
        return bool(self.naming(word))

    def naming(self, word: str) -> dict[str, int]:
        """The reached files in which a word stands, and how often."""
        if self._code is None:
            self._code = {path: Counter(WORD.findall(text)) for path, text in self.sources()}
        sought = word.encode()
        return {path: words[sought] for path, words in self._code.items() if sought in words}

    def names(self, word: str) -> bool:
        """Whether a word stands in reached code, in the pipeline or in a params file."""
        return self.code_names(word) or self._is_declared(word)

    def _is_declared(self, word: str) -> bool:
        if self._declared is None:
            listed = [self._pipeline.file, *self._pipeline.params_files()]
            self._declared = _words(self._files[path] for path in listed if path in self._files)
        return word.encode() in self._declared

    def can_run(self, path: str) -> bool:
        """Whether a stage could run, or import, a file: False only where all code is known."""
        if path in self._found() or not self._complete:
            return True
        *folders, name = path.split("/")
        stem = name.partition(".")[0]
        if self._unresolved.intersection(_tails([*folders, stem])):
            return True  # imported from a folder that something else makes searched
        parts = folders if stem in ("__init__", "__main__") else [*folders, stem]
        words = (word for part in parts for word in TEXT_WORD.findall(part))
        return self._does(DYNAMIC) and all(map(self.names, words))

    def can_open(self, path: str) -> bool:
        """Whether a stage could read a file: False only where known code does not name its folders."""
        if path in self._found() or not self._complete:
            return True
        *folders, name = path.split("/")
        named = folders[:1] if self._does(WALKS) else folders or [name.partition(".")[0]]
        return all(self.names(word) for part in named for word in TEXT_WORD.findall(part))

    def spells(self, text: str) -> bool:
        """Whether reached code has some text, such as a file's name."""
        return any(text.encode() in content for _, content in self.sources())

    def calls_by_name(self, word: str) -> bool:
        """Whether code could call something by a name that it has as text, or that a params file has."""
        return self._does(BY_NAME) or self._is_declared(word)

    def _does(self, pattern: re.Pattern[bytes]) -> bool:
        """Whether reached code does something that reading its imports does not show."""
        return any(pattern.search(content) for _, content in self.sources())

    def _found(self) -> dict[str, set[str]]:
        if self._stages is None:
            self._stages = {}
            for stage in self._pipeline.stages:
                if not stage.only_looks:
                    self._follow(stage)
        return self._stages

    def _follow(self, stage: Stage) -> None:
        assert self._stages is not None
        todo = list(self._entries(stage))
        while todo:
            path = todo.pop()
            names = self._stages.setdefault(path, set())
            if stage.name in names:
                continue
            names.add(stage.name)
            if len(self._stages) > MOST_FILES:
                self._complete = False
                return
            used = set(self._next(path, stage))
            self._uses.setdefault(path, set()).update(used)
            todo.extend(used)

    def _entries(self, stage: Stage) -> Iterator[str]:
        """The files that a stage's command runs."""
        for text in stage.commands:
            folders = [stage.folder]
            folders += [joined(stage.folder, moved) for moved in CHANGES_FOLDER.findall(text)]
            self._elsewhere |= ELSEWHERE.search(text.encode()) is not None
            for part in PARTS.split(text):
                found = list(self._named(part, folders, stage))
                yield from found
                if not found and not self._runs_nothing_of_ours(part):
                    self._complete = False

    def _runs_nothing_of_ours(self, part: str) -> bool:
        """Whether a part of a command that names no file of the project runs none."""
        started = programs(part)
        if any(program in LAUNCHERS for program in started):
            return bool(LIBRARY.search(part))
        return all(program in HARMLESS for program in started)

    def _named(self, text: str, folders: Sequence[str], stage: Stage) -> Iterator[str]:
        words = WORDS_OF_SHELL.findall(text)
        is_shell = any(program in SHELLS for program in programs(text))
        for at, word in enumerate(words):
            if at and words[at - 1] == "-m":
                yield from self._modules(word, self._roots(folders[-1], stage))
                continue
            for folder in dict.fromkeys(folders):
                path = joined(folder, word)
                if path.endswith((*PYTHON, *SHELL)) or (is_shell and at and "." not in word):
                    yield from [path] if path in self._files else []
                elif at and joined(path, "__main__.py") in self._files:
                    yield joined(path, "__main__.py")
        yield from self._scanned(text.encode(), folders[-1], self._roots(folders[-1], stage))

    def _next(self, path: str, stage: Stage) -> Iterator[str]:
        content = self._files[path]
        folder = path.rpartition("/")[0]
        if path.endswith(PYTHON):
            self._elsewhere |= ELSEWHERE.search(content) is not None
            roots = self._roots(folder, stage)
            found = imports(path, content)
            if found is None:
                yield from self._scanned(content, folder, roots)
            for each in found or ():
                yield from self._imported(each, folder, roots)
            for run in runs(path, content):
                yield from (
                    p for p in (joined(folder, run), joined(stage.folder, run)) if p in self._files
                )
        else:
            yield from self._named(content.decode("utf-8", "replace"), [stage.folder], stage)
            self._complete = False

    def _roots(self, folder: str, stage: Stage) -> tuple[str, ...]:
        project = self._pipeline.folder
        roots = (folder, stage.folder, project, "", joined(project, "src"), "src")
        return tuple(dict.fromkeys(roots))

    def _imported(self, found: Imported, folder: str, roots: tuple[str, ...]) -> Iterator[str]:
        if found.level:
            roots = (joined(folder, *[".."] * (found.level - 1)),)
        names = [f"{found.module}.{name}".lstrip(".") for name in found.names]
        reached = [path for name in (found.module, *names) for path in self._modules(name, roots)]
        if not reached and not found.level:
            self._unresolved |= {found.module, *names}
            if self._elsewhere:
                reached = [path for name in (found.module, *names) for path in self._anywhere(name)]
        yield from reached

    def _anywhere(self, name: str) -> Sequence[str]:
        """The files that could be a module, if any folder may be searched; lists the tree."""
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for path in self._files:
                if path.endswith(".py"):
                    for tail in _tails(path.removesuffix(".py").split("/")):
                        self._by_name[tail].append(path)
        return self._by_name.get(name, ())

    def _scanned(self, content: bytes, folder: str, roots: tuple[str, ...]) -> Iterator[str]:
        """What text that is no Python seems to import."""
        for match in IMPORT.findall(content):
            source, several, plain = (part.decode("utf-8", "replace") for part in match)
            level = len(source) - len(source.lstrip("."))
            listed = [name.split(" as ")[0].strip() for name in (several or plain).split(",")]
            if source:
                yield from self._imported(
                    Imported(source[level:], level, tuple(listed)), folder, roots
                )
            else:
                for name in listed:
                    yield from self._imported(Imported(name, 0, ()), folder, roots)

    def _modules(self, name: str, roots: tuple[str, ...]) -> Iterator[str]:
        """The files that importing a module runs: its packages' `__init__.py`, and itself."""
        if not re.fullmatch(r"\w+(\.\w+)*", name):
            return
        steps = name.split(".")
        for root in roots:
            for end in range(1, len(steps) + 1):
                stem = joined(root, *steps[:end])
                endings = (
                    ("/__init__.py", ".py", "/__main__.py")
                    if end == len(steps)
                    else ("/__init__.py",)
                )
                yield from (stem + ending for ending in endings if stem + ending in self._files)


# Private functions


def _words(contents: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(word for content in contents for word in WORD.findall(content))


def _tails(steps: Sequence[str]) -> Iterator[str]:
    """The dotted names by which a file could be imported: `c`, `b.c` and `a.b.c`."""
    named = steps[:-1] if steps[-1] in ("__init__", "__main__") else steps
    return (".".join(named[at:]) for at in range(len(named)))
