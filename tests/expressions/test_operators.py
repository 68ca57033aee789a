"""Operators follow Go. The expected values are those of expr-lang v1.17.8."""

import math
from typing import Any

import pytest
from tests.expressions.environment import ENV

from argosy.expressions import evaluate_now

TABLE: dict[str, list[tuple[str, Any]]] = {
    "Arithmetic": [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ** 3 ** 2", 512.0),
        ("-2 ** 2", -4.0),
        ("2 ^ 3", 8.0),
        ("10 % 3", 1),
        ("-10 % 3", -1),
        ("10 % -3", 1),
        ("x / 2", 0.5),
        ("7 / 2", 3.5),
        ("7 - 2 - 1", 4),
        ('"a" + "b"', "ab"),
        ("x + y", 3.5),
        ("x - y", -1.5),
        ("x * y", 2.5),
        ("+x", 1),
        ("+-x", -1),
        ("--x", 1),
        ("9223372036854775807 + 1", -9223372036854775808),
        ("9223372036854775807 * 2", -2),
        ("-9223372036854775807 - 2", 9223372036854775807),
    ],
    "Logic": [
        ("not t", False),
        ("!t", False),
        ("!!t", True),
        ("not true == false", True),
        ("!(x == 1)", False),
        ("t and not t", False),
        ("t && t || n", True),
        ("t or x", True),
        ("t and x", 1),
        ("false or t", True),
    ],
    "Comparison": [
        ("x == 1.0", True),
        ("x != 2", True),
        ('"a" < "b"', True),
        ("1 < 2 < 3", True),
        ("3 > 2 > 2", False),
        ("1 < y <= 2.5", True),
        ('x == "1"', False),
        ("[1,2] == [1.0,2]", True),
        ('{"a":1} == {"a":1}', True),
        ('{"a":1} == {"a":1.0}', False),
        ("n == nil", True),
        ("1 < 2 == true", True),
        ("nil == false", False),
        ("[] == nil", False),
    ],
    "Membership": [
        ("1 in xs", True),
        ("9 in xs", False),
        ("1 not in xs", False),
        ('"a" in m', True),
        ('"zz" not in m', True),
        ("x in n", False),
        ("not (1 in xs)", False),
        ("2.0 in 1..3", True),
    ],
    "Text": [
        ('s contains "lo w"', True),
        ('s not contains "zz"', True),
        ('s startsWith "he"', True),
        ('s endsWith "ld"', True),
        ('n startsWith "a"', False),
        ('s matches "^h.*d$"', True),
        ('s not matches "zz"', True),
        ('n matches "a"', False),
    ],
    "Ranges": [
        ("1..4", [1, 2, 3, 4]),
        ("4..1", []),
        ("x..xs[0]", [1, 2, 3]),
        ("1..3 | map(# * 2)", [2, 4, 6]),
    ],
    "Choice": [
        ("t ? 1 : 2", 1),
        ('x == 1 ? "one" : x == 2 ? "two" : "many"', "one"),
        ("t ?: 5", True),
        ("if t {1} else {2}", 1),
        ("if x == 2 {1} else if t {3} else {2}", 3),
        ("n ?? 5", 5),
        ('zzz ?? "d"', "d"),
        ("m.zz ?? m.a", 1),
        ("n ?? n ?? 3", 3),
        ("(n ?? 2) + 3", 5),
        ("1 + (n ?? 2)", 3),
    ],
    "Members": [
        ("m.a", 1),
        ("m.b.c", "d"),
        ("m?.b?.c", "d"),
        ("m.zz", None),
        ("m.zz?.y", None),
        ("m.zz?.y.z", None),
        ("n?.a.b.c", None),
        ('n?.["a"]', None),
        ('m["a"]', 1),
        ('m["b"]["c"]', "d"),
        ("xs[0]", 3),
        ("xs[-1]", 2),
        ("m.k[1]?.name", "q"),
        ("m.not", None),
        ("m?.in", None),
        ("$env.x", 1),
        ('$env["x"]', 1),
        ('{"a": {"b": 2}}.a.b', 2),
    ],
    "Slices": [
        ("xs[1:]", [1, 2]),
        ("xs[:2]", [3, 1]),
        ("xs[1:2]", [1]),
        ("xs[:]", [3, 1, 2]),
        ("xs[-2:]", [1, 2]),
        ("xs[2:1]", []),
        ("xs[10:20]", []),
        ("s[0:5]", "hello"),
        ("u[0:3]", "hé"),
        ('"abc"[1:2]', "b"),
    ],
    "Names and sequences": [
        ("let a = 5; a + 1", 6),
        ("let a = 5; let b = a * 2; a + b", 15),
        ("1; 2; 3", 3),
        ("map(xs, let q = #; q + 1)", [4, 2, 3]),
        ("(let a = 1; a) + (let a = 2; a)", 3),
    ],
}


def rows() -> list[Any]:
    return [pytest.param(*row, id=f"{about}: {row[0]}") for about, group in TABLE.items() for row in group]


@pytest.mark.parametrize(("expression", "value"), rows())
def test_an_expression_has_the_value_and_type_of_expr_lang(expression: str, value: object) -> None:
    found = evaluate_now(expression, ENV)
    assert found == value
    assert type(found) is type(value)


EXACT = [
    ("[2 ** 0.5, 2 ** -0.5, 4 ** -0.5, 10 ** -2, 10 ** 15]", [2**0.5, 1 / 2**0.5, 0.5, 0.01, 1e15]),
    ("1.1 ** 7 == 1.9487171000000012 and 0.1 ** 3 == 0.0010000000000000002", True),
    ("[(-2.0) ** 3, 2 ** 1024, 2 ** -1080, (-2.0) ** 1025]", [-8.0, math.inf, 0.0, -math.inf]),
    ("string([ceil(-0.5), floor(-0.0), round(-0.4), ceil(0.0)])", "[-0 -0 -0 0]"),
    ("[max(n), min(t), max('a' + s[:0])]", [None, True, "a"]),
    ("max(b'ab')", 98),
    ("[97 in b'ab', n in [b'ab'], {a: 1, b: 2, a: 3}]", [True, False, {"a": 1, "b": 2}]),
    ("[type(b'a'), reverse(b'ab'), take(b'abc', 2), sum(b'ab')]", ["array", [98, 97], b"ab", 195]),
    ("[map(s[:2], #), u[1:] | count(# > 127)]", [[104, 101], 2]),
    ("reduce(xs, [#acc, #], nil)", [[[None, 3], 1], 2]),
    ("[groupBy(xs, #)[3], groupBy(words, #).a]", [[3], ["a"]]),
    ("fromPairs([[1, 'a']])[1] + fromPairs([['k', 'b']]).k", "ab"),
    ("let made = [fromPairs(toPairs(m)), m]; [made[0] == made[1], made[1] == m]", [False, True]),
]


@pytest.mark.parametrize(("expression", "value"), EXACT)
def test_the_corners_are_those_of_go(expression: str, value: object) -> None:
    assert evaluate_now(expression, ENV) == value


FOLDED = [
    ("s and true", "hello world"),
    ("true and s", "hello world"),
    ("s or false", "hello world"),
    ("n.a.b or true", True),
    ("nope() and false", False),
    ("not false and s", "hello world"),
    ("1 == 2 or s", "hello world"),
    ("'a' == 'a' and s", "hello world"),
    ("(1.0 == 1.0) == true", True),
    ("[1 + 2, 'a' + 'b', -(-3), +4, 2 * 3 ** 2]", [3, "ab", 3, 4, 18.0]),
    ("9223372036854775807 + 1", -9223372036854775808),
]


@pytest.mark.parametrize(("expression", "value"), FOLDED)
def test_what_literals_decide_is_decided_before_anything_is_evaluated(expression: str, value: object) -> None:
    assert evaluate_now(expression, ENV) == value


def test_an_array_of_texts_is_asked_for_texts_only() -> None:
    assert evaluate_now("[s in ['a', 'hello world'], n in ['a', ''], n in ['a']]", ENV) == [True, True, False]
