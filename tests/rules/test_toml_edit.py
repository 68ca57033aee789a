"""TOML is edited in place: the value changes, and no other byte."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.errors import Permanent
from argosy.rules.edit import Update
from argosy.rules.toml_edit import edit

TEXT = r"""# top
title = "x"   # keep
literal = 'C:\x'
text = '''
two
lines'''

[image]
tag = "v1" # the tag
"a.b" = 1
list = [ 1,   2, # two
  3 ]
inline = { x = 1,  y = "z" }
when = 2020-01-01T00:00:00Z
same = "v1"

[[service]]
name="a"
[[service]]
name = 'b'
[one.two]
three.four = 0x10
"""


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("title", "y", '"x"', '"y"'),
        ("title", 'a "b" \\', '"x"', '"a \\"b\\" \\\\"'),
        ("literal", "D:\\y", "'C:\\x'", "'D:\\y'"),
        ("literal", "it's", "'C:\\x'", '"it\'s"'),
        ("text", "one", "'''\ntwo\nlines'''", "'one'"),
        ("image.tag", "v2", '"v1" # the', '"v2" # the'),
        ("image.same", "v2", 'same = "v1"', 'same = "v2"'),
        (r"image.a\.b", 2, '"a.b" = 1', '"a.b" = 2'),
        ("image.list.1", 9, "2, # two", "9, # two"),
        ("image.list.2", True, "3 ]", "true ]"),
        ("image.inline.y", "q", '"z"', '"q"'),
        ("image.when", "never", "2020-01-01T00:00:00Z", '"never"'),
        ("service.1.name", "c", "'b'", "'c'"),
        ("service.0.name", "c", '"a"', '"c"'),
        ("one.two.three.four", 1.5, "0x10", "1.5"),
    ],
)
def test_one_value_changes(key: str, value: Any, before: str, after: str) -> None:
    assert edit(TEXT.encode(), [Update(key, value)]).decode() == TEXT.replace(before, after, 1)


def test_lines_may_end_as_on_windows() -> None:
    crlf = TEXT.replace("\n", "\r\n").encode()
    assert edit(crlf, [Update("title", "y")]) == crlf.replace(b'"x"', b'"y"', 1)


def test_what_reads_so_already_stays() -> None:
    assert edit(TEXT.encode(), [Update("title", "x"), Update("service.1.name", "b")]) == TEXT.encode()


@pytest.mark.parametrize(
    ("text", "key", "value", "problem"),
    [
        (TEXT, "missing", 1, "the document has no 'missing'"),
        (TEXT, "image.nothing", 1, "image has no 'nothing'"),
        (TEXT, "image", 1, "holds a table, not a single value"),
        (TEXT, "image.list", 1, "holds a list, not a single value"),
        (TEXT, "image.list.3", 1, "list of 3"),
        (TEXT, "image.list.x", 1, "no index"),
        (TEXT, "title.x", 1, "title is a single value, so it has no 'x'"),
        (TEXT, "service.name", 1, "'name' is no index"),
        (TEXT, "title", None, "not a text, a number or a boolean"),
        ("a = ", "a", 1, "the file is no TOML: line 1"),
        ("a = 1\na = 2", "a", 1, "the file is no TOML"),
        ("a = " + "[" * 5000, "a", 1, "the file is no TOML"),
    ],
)
def test_what_cannot_be_done_is_told(text: str, key: str, value: Any, problem: str) -> None:
    with pytest.raises(Permanent, match=problem):
        edit(text.encode(), [Update(key, value)])
