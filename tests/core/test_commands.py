"""Two spellings of one command are the same text; whatever the shell tells apart is not."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paribus.core.commands import as_words

words = st.lists(st.text(max_size=8), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python train.py", "python train.py"),
        ("  python   train.py\t--lr 0.1 \n", "python train.py --lr 0.1"),
        ("python train.py \\\n    --lr 0.1 \\\n    --n 5", "python train.py --lr 0.1 --n 5"),
        ("python tra\\\nin.py", "python train.py"),
        ("python \"train.py\" '--lr' 0.1", "python train.py --lr 0.1"),
        ("echo 'a b' \"a b\" a\\ b", "echo 'a b' 'a b' 'a b'"),
        ("echo it\\'s", "echo 'it'\"'\"'s'"),
        ("a > b '>' c", "a > b '>' c"),
        ("a'b c'$X", "a'b c'$X"),
        ("echo $HOME '$HOME' \"$HOME\"", "echo $HOME '$HOME' \"$HOME\""),
        ("ls *.csv '*.csv'", "ls *.csv '*.csv'"),
        ("a && b", "a && b"),
        ("a\n\n  b  c\n", "a\nb c"),
        ("echo 'a\n  b'", "echo 'a\n  b'"),
        ("python train.py ${ train.lr } ${b}", "python train.py ${train.lr} ${b}"),
        ("python - <<EOF\nif x:\n    y\nEOF\n", "python - <<EOF\nif x:\n    y\nEOF"),
        ("echo 'open", "echo 'open"),
        ("echo \\", "echo \\"),
        ("", ""),
        (5, "5"),
        ([" a  b ", "c"], ["a b", "c"]),
        (["a  b"], "a b"),
        ([], []),
    ],
)
def test_as_words(command: object, expected: object) -> None:
    assert as_words(command) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("train --lr 0.1 --n 5", "train --lr 0.1--n 5"),
        ("train --lr 0.1", "train --lr=0.1"),
        ("a > b", "a '>' b"),
        ("a; b", "a \\; b"),
        ("echo $X", "echo '$X'"),
        ("echo $X", 'echo "$X"'),
        ("echo a  b", "echo 'a  b'"),
        ("echo 'a  b'", "echo 'a b'"),
        ("echo \"a  $b\"", "echo \"a $b\""),
        ("python a.py\npython b.py", "python a.py python b.py"),
        ("python a.py\npython b.py", ["python a.py", "python b.py"]),
        ("a 2>&1", "a 2 >&1"),
        ("ls ~/x", "ls '~/x'"),
        ("x {a,b}", "x '{a,b}'"),
        ("a", "A"),
    ],
)  # fmt: skip
def test_what_the_shell_tells_apart_stays_apart(left: object, right: object) -> None:
    assert as_words(left) != as_words(right)


@given(words)
def test_quoted_words_come_out_as_shlex_quotes_them(parts: list[str]) -> None:
    plain = [part.replace("<", "").replace("$", "") for part in parts]  # no document, no reference
    assert as_words("   ".join(map(shlex.quote, plain))) == shlex.join(plain)


@given(st.text(st.sampled_from("ab '\"\\\n$>*"), max_size=12))
def test_what_was_made_plain_stays_as_it_is(command: str) -> None:
    once = as_words(command)
    assert as_words(once) == once
