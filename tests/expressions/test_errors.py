"""Errors name the place and the next move, and never a value."""

import pytest

from argosy.errors import ArgosyError
from argosy.expressions import ExpressionError, evaluate_now, parse

SYNTAX = [
    ("nothing at all", "", "unexpected end of expression", 1),
    ("an operator without its right side", "1 +", "unexpected end of expression", 3),
    ("an open parenthesis", "(1", "unexpected end of expression", 2),
    ("two values in a row", "a b", "unexpected name 'b'", 3),
    ("an unknown character", "1 @ 2", "unrecognized character '@'", 3),
    ("a string that is not closed", "'abc", "a string is not closed", 1),
    ("a raw string that is not closed", "`abc``", "a string is not closed", 1),
    ("an unknown escape", r'"\q"', "an unknown escape in a string", 3),
    ("the other quote escaped", r'''"\'"''', "an unknown escape in a string", 3),
    ("a Unicode escape in bytes", r'b"\u0041"', "an unknown escape in a string", 4),
    ("an octal escape that is no byte", r'"\777"', "an unknown escape in a string", 3),
    ("a comment that is not closed", "1 /* x", "a comment is not closed", 3),
    ("a number that runs into a letter", "1a", "a number ends in a letter", 2),
    ("a number of more than 64 bits", "9223372036854775808", "a number cannot be read, or is too large", 1),
    ("a float that is too large", "1e999", "a number cannot be read, or is too large", 1),
    ("a hexadecimal number without digits", "0x", "a number cannot be read, or is too large", 1),
    ("mixed ?? and +", "1 ?? 2 + 3", "'+' cannot follow ?? directly", 8),
    ("not after a value", "5 not xs", "unexpected name 'xs'", 7),
    ("an element outside of a loop", "#", "unexpected operator '#'", 1),
    ("an unknown pointer", "map([1], #foo)", "there is no pointer #foo here", 10),
    ("an accumulator without reduce", "map([1], #acc)", "there is no pointer #acc here", 10),
    ("a loop without a body", "filter(xs)", "filter() needs at least 2 arguments", 10),
    ("a loop with too much", "map(xs, 1, 2)", "unexpected number '2'", 12),
    ("a let without a body", "let x = 1", "unexpected end of expression", 9),
    ("an assignment", "x = 1", "unexpected operator '='", 3),
    ("a bad map key", "{[1]: 2}", "unexpected bracket '['", 2),
    ("a dot without a name", "a.'b'", "unexpected string 'b'", 3),
    ("a comma before nothing", "count(xs,)", "unexpected bracket ')'", 10),
    ("what cannot be read, after what cannot stand there", "| 'abc", "unexpected operator '|'", 1),
]

TYPES = [
    ("other types compared", "1 == 'a'", "int == string is not defined", 3),
    ("maps of two sorts compared", "{a: 1} == fromPairs([])", "map == map is not defined", 8),
    ("other types added", "1 + upper(x)", "int + string is not defined", 3),
    ("a float's remainder", "1.5 % 1", "float % int is not defined", 5),
    ("a division by zero", "x + 1 % 0", "an integer is divided by zero", 7),
    ("a range of floats", "1.5..2", "float .. int is not defined", 4),
    ("an order of booleans", "true < x", "bool < something is not defined", 6),
    ("`or` of a number", "1 or x", "int or something is not defined", 3),
    ("a sign before text", "-'a'", "- cannot be applied to string", 1),
    ("`not` before a number", "not 1", "what `not` applies to must be true or false, not int", 1),
    ("a number in an array of texts", "1 in ['a', 'b']", "int cannot be in an array of string", 3),
    ("a number as a map's key", "1 in {a: 1}", "int cannot be a key of this map", 3),
    ("`in` of text", "'a' in 'abc'", "`in` needs an array or a map on its right, not string", 5),
    ("a broken pattern", "x matches '('", "the pattern is not a regular expression: missing )", 3),
    ("a choice by a number", "1 ? 2 : 3", "a condition must be true or false, not int", 1),
    ("a member of nil", "(nil).a", "'a' of nil cannot be read", 7),
    ("a member of an array", "[1].a", "'a' of array cannot be read", 5),
    ("a member of a literal text", "'abc'[0]", "an element of string cannot be read", 6),
    ("a map's element by number", "{a: 1}[1]", "an element of map cannot be read by int", 8),
    ("a slice of a map", "{a: 1}[1:]", "map cannot be sliced", 7),
    ("a slice up to a text", "[1][:'a']", "the end of a slice must be an integer, not string", 6),
    ("an argument of another type", "upper(1)", "argument 1 of upper() must be a string, not int", 7),
    ("the second argument", "split('a', 1)", "argument 2 of split() must be a string, not int", 12),
    ("nil as an argument", "trim(nil)", "argument 1 of trim() must be a string, not nil", 6),
    ("too many arguments", "len(1, 2)", "len() takes 1 arguments, not 2", 1),
    ("no arguments", "max()", "max() needs at least 1 argument", 1),
    ("a number among texts", "max(1, 'a')", "max() needs numbers, not string", 1),
    ("a loop over a number", "map(1, #)", "the first argument of map() must be an array, not int", 5),
    ("a condition that is none", "filter(1..2, #)", "the condition of filter() must be true or false, not int", 14),
    ("a body that is nil", "map(x, nil)", "what map() computes for an element is always nil", 8),
    ("an order that is no text", "sortBy(x, #, 1)", "the order of a sort must be a string, not int", 14),
    ("a month as a number", "date('2024-01-01').Month() == 1", "time.Month == int is not defined", 28),
    ("an unknown method", "duration('1s').Minute()", "time.Duration has no method Minute()", 16),
    ("a method's argument", "date('2024-01-01').Add(1)", "argument 1 of Add() must be a time.Duration, not int", 24),
    ("a time zone that is none", "now('UTC')", "the argument of now() must be a time zone, not string", 1),
    ("a name given twice", "let a = 1; let a = 2; a", "'a' has a value already", 16),
    ("a name that is a function's", "let len = 1; len", "'len' is the name of a function", 5),
    ("a type known from a name", "let a = [1]; a.b", "'b' of array cannot be read", 16),
    ("a type known from a loop", "1..3 | filter(# > 1) | map(# + 'a')", "int + string is not defined", 30),
]

RUNTIME = [
    ("a member of nil", "n.a", "'a' of nil cannot be read", "Write ?. to get nil instead."),
    (
        "a member of a misspelt name",
        "vrs.a",
        "'a' of nil cannot be read",
        "There is no 'vrs' here. Did you mean 'vars'?",
    ),
    ("a key that is no string", "vars[x]", "the keys of a map are strings, not int", "string() makes one."),
    ("a key to look for that is none", "x in vars", "the keys of a map are strings, not int", "string() makes one."),
    ("a number in texts", "x in ['a', 'b']", "the keys of a map are strings, not int", "string() makes one."),
    ("a slice up to nil", "xs[:n]", "the end of a slice must be a number, not nil", ""),
    ("an order that is nil", "sortBy(xs, #, n)", "the order of a sort is 'asc' or 'desc'", ""),
    ("a part of an element", "take(xs, f)", "the second argument of take() must be an integer, not float", ""),
    ("a group by bytes", "groupBy(xs, #)[b'a']", "bytes cannot be the key of a map", ""),
    ("a misspelt function", "uper('a')", "there is no function uper()", "Did you mean 'upper'?"),
    ("a misspelt loop", "fliter([1])", "there is no function fliter()", "Did you mean 'filter'?"),
    ("a member of a number", "x.a", "'a' of int cannot be read", ""),
    ("a method", "vars.a()", "map has no methods", ""),
    ("an index out of range", "[1][1]", "index 1 is out of range: the array has 1 elements", ""),
    ("an index that is no number", "[1][s]", "an element of array cannot be read by string", "An index is a number."),
    ("mixed types", "x + 'a'", "int + string is not defined", ""),
    ("an order of booleans", "t < t", "bool < bool is not defined", ""),
    ("a remainder of zero", "x % 0", "an integer is divided by zero", ""),
    ("a remainder of a float", "f % 1", "float % int is not defined", ""),
    ("a minus before text", "-s", "- cannot be applied to string", ""),
    ("not of a number", "!x", "what `not` applies to must be true or false, not int", ""),
    ("a condition that is none", "x ? 1 : 2", "a condition must be true or false, not int", ""),
    ("in of text", "'a' in s", "`in` needs an array or a map on its right, not string", "For text use `contains`."),
    ("a loop over a map", "map(vars, 1)", "the first argument of map() must be an array, not map", ""),
    ("a condition in a loop", "filter(xs, #)", "the condition of filter() must be true or false, not int", ""),
    (
        "reduce of nothing",
        "reduce([], 1)",
        "reduce() of an empty array needs an initial value",
        "Give one as the third argument.",
    ),
    ("a sort order", "sort([1], 'up')", "the order of a sort is 'asc' or 'desc'", ""),
    ("broken JSON", "fromJSON('{')", "fromJSON() cannot read this text: unexpected end of data at character 1", ""),
    ("infinity as JSON", "toJSON(1/0)", "NaN or infinity cannot be written as JSON", ""),
]
ENV = {"x": 1, "n": None, "t": True, "f": 1.5, "s": "abc", "xs": [1], "vars": {"secret": "hunter2"}}


@pytest.mark.parametrize(("source", "problem", "column"), [pytest.param(*row[1:], id=row[0]) for row in SYNTAX + TYPES])
def test_a_syntax_error_points_at_its_character(source: str, problem: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert (caught.value.problem, caught.value.kind, caught.value.line) == (problem, "syntax", 1)
    assert caught.value.column == column


@pytest.mark.parametrize(("source", "problem", "advice"), [pytest.param(*row[1:], id=row[0]) for row in RUNTIME])
def test_a_runtime_error_says_what_and_what_to_do(source: str, problem: str, advice: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now(source, ENV)
    assert (caught.value.problem, caught.value.advice, caught.value.kind) == (problem, advice, "runtime")


def test_an_error_shows_its_line_with_a_caret() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now("let a = 1;\n  a + x.b", ENV)
    assert (caught.value.line, caught.value.column) == (2, 9)
    assert str(caught.value) == "'b' of int cannot be read (line 2, column 9)\n |   a + x.b\n | ........^"


def test_a_long_line_is_shown_around_the_caret() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now(f"{'1 + ' * 60}x.b", ENV)
    shown, caret = caught.value.caret.splitlines()
    assert len(shown) < 130
    assert shown[caret.index("^")] == "b"


def test_an_error_is_one_of_argosy_and_for_machines() -> None:
    with pytest.raises(ArgosyError) as caught:
        parse("(")
    assert caught.value.reason == "InvalidExpression"


UNKNOWN = [
    *("x == 'a'", "fromJSON('1') + 'a'", "let a = x; a.b", "f(x) % 2", "x.Month() == 1", "[1, x][1] + 'a'"),
    *(
        "map(x, #.a + 1)",
        "$env + 1",
        "$env.a[1 + 2]",
        "(x ?? 1) + 'a'",
        "get(x, 1) + get({a: 1}, x)",
        "[1, 'a'][0] + 1",
    ),
    *("(x ? 1 : 'a') + 1", "reduce([1], #acc + 'a')", "first(x) + 1", "values({a: 1})[0] + 1", "1 in x", "x in [1]"),
]


@pytest.mark.parametrize("source", UNKNOWN)
def test_what_may_fit_is_left_to_the_evaluation(source: str) -> None:
    assert parse(source).source == source


LEAKS = [
    *("int(vars.secret)", "float(vars.secret)", "fromJSON(vars.secret)", "vars.secret.x", "n[vars.secret]"),
    *("fromBase64(vars.secret)", "-vars.secret", "vars.secret + 1", "{a: 1}[vars.secret].b", "sort([1], vars.secret)"),
    *("'a' matches '(' + vars.secret", "[1][vars.secret]", "vars.secret in x", "date(vars.secret)"),
]


@pytest.mark.parametrize("source", LEAKS)
def test_a_message_never_holds_a_value(source: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now(source, ENV)
    assert "hunter2" not in str(caught.value)
