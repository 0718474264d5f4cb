"""Two Python files are the same program when what differs cannot move a metric."""

from __future__ import annotations

import pytest

from paribus.core.python.compare import compare
from paribus.core.python.pairs import Around, Source
from paribus.core.python.syntax import LARGEST
from paribus.core.snapshot import Entry, FileDelta

CODE = '''\
#!/usr/bin/env python
"""What it does."""

import json


class Model:
    """A model."""

    def fit(self, x, rate=0.1):
        """Fits."""
        return x * rate  # slowly


async def main():
    pass
'''

REFORMATTED = """\
#!/usr/bin/env python
import json
class Model:
  def fit(self, x,
          rate = 0.1):
    '''Another docstring.'''

    # another comment
    return (x*rate)
async def main(): pass
"""

ENTRY = Entry("100644", "0" * 40)


def same_program(old: bytes, new: bytes) -> bool:
    """Whether nothing that counts differs, in files that can be read as Python."""
    compared = compare([Source(FileDelta("a.py", ENTRY, ENTRY), old, new)], Around())
    return not compared.found and not compared.unread


SCRIPT = """\
# /// script
# dependencies = ["numpy==2.1"]
# ///
print(1)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CODE, CODE),
        (CODE, REFORMATTED),
        ("x = 'a'", 'x = "a"'),
        ("x = 1_000", "x = 1000"),
        ("x = (1, 2)", "x = 1, 2"),
        ("x = 1\n", "x = 1\r\n"),
        ("x = 1", "\ufeffx = 1"),
        ('def f():\n    ""\n    return 1', "def f():\n    return 1"),
        ("x = 1\n'text'", "x = 1\n'other'"),
        ("x = '\\d'", "x = '\\\\d'"),
        ("", "# only a comment"),
        (SCRIPT, SCRIPT.replace("print(1)", "print( 1 )  # one")),
    ],
)
def test_same_program(old: str, new: str) -> None:
    assert same_program(old.encode(), new.encode())
    assert same_program(new.encode(), old.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CODE, CODE.replace("0.1", "0.2")),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("a()\nb()", "b()\na()"),
        ("f(1, 2)", "f(2, 1)"),
        ("x = a + b", "x = b + a"),
        ("x = 1\n'text'", "x = 1\ny = 'other'"),
        ("if x:\n    a()\nb()", "if x:\n    a()\n    b()"),
        ("def f(): return 1", "def g(): return 1"),
        ("# -*- coding: latin-1 -*-\nx = 'é'", "# -*- coding: utf-8 -*-\nx = 'é'"),
        ("x = 1", "x ="),
        ("x =", "x = 1"),
        ("x =", "x =  "),
        ("x = 1", "x = 1\0"),
        (CODE, CODE.replace("env python", "env python3.9")),
        (CODE, CODE.replace("#!/usr/bin/env python\n", "")),
        (SCRIPT, SCRIPT.replace("2.1", "1.26")),
        (SCRIPT, "print(1)"),
    ],
)
def test_another_program(old: str, new: str) -> None:
    assert not same_program(old.encode(), new.encode())
    assert not same_program(new.encode(), old.encode())


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"(" * 5_000 + b")" * 5_000,
        b"x = " + b"-" * 100_000 + b"1",
        b"x" + b".x" * 100_000,
        b"x = " + b"9" * 10_000,
        b"#" * LARGEST + b"#",
    ],
)
def test_what_cannot_be_parsed_is_compared_by_content(source: bytes) -> None:
    assert not same_program(source, source + b" ")
