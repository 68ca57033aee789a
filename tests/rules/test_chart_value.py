"""Which values of a chart can be told in a file, and which must be set."""

from __future__ import annotations

import pytest

from argosy.rules.chart_value import Assignment, divided

# assignments, what a file says, keys that are set
CASES = [
    ("texts by name", [("a.b", "x"), ("a.c", "y"), ("d", "")], {"a": {"b": "x", "c": "y"}, "d": ""}, []),
    ("numbers, booleans and null", [("a", "3"), ("b", "+3"), ("c", "True"), ("d", "null")], {}, ["a", "b", "c", "d"]),
    ("a text that begins with a zero", [("a", "007"), ("b", "1.5")], {"b": "1.5"}, ["a"]),
    ("lists and escapes", [("a", "{x}"), ("b", "x,c=y"), ("d", r"x\,y")], {}, ["a", "b", "d"]),
    ("keys that are no names", [("a[0]", "x"), (r"a\.b", "x"), ("", "x"), ("3", "x")], {}, ["a[0]", r"a\.b", "", "3"]),
    ("one key twice", [("a", "x"), ("a", "y")], {}, ["a", "a"]),
    ("one key within another", [("a", "x"), ("a.b", "y"), ("c", "z")], {}, ["a", "a.b", "c"]),
    ("a name that only begins alike", [("a", "x"), ("ab", "y")], {"a": "x", "ab": "y"}, []),
]


@pytest.mark.parametrize(("given", "read", "left"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_texts_are_told_in_a_file(given: list[tuple[str, str]], read: dict[str, object], left: list[str]) -> None:
    values, rest = divided([Assignment(key, value) for key, value in given])
    assert (values, [each.key for each in rest]) == (read, left)


def test_a_literal_is_a_text_whatever_it_looks_like() -> None:
    assert divided([Assignment("a", "{3},", literal=True)]) == ({"a": "{3},"}, [])
