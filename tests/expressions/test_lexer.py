"""Literals and comments are read as expr-lang reads them. The expected values are those of expr-lang v1.17.8."""

from typing import Any

import pytest
from tests.expressions.environment import ENV

from argosy.expressions import evaluate_now

TABLE: dict[str, list[tuple[str, Any]]] = {
    "A literal has the value that expr-lang gives it": [
        ("1", 1),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("1_000", 1000),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        ("02", 2),
        ('"a\\tb\\u0041\\x41\\101"', "a\tbAAA"),
        ("'it\\'s'", "it's"),
        ('`raw \\n "x"`', 'raw \\n "x"'),
        ("`a``b`", "a`b"),
        ('"\\u{1F600}"', "😀"),
        ('"\\ud800"', "�"),
        ('"\\xe9"', "é"),
        ('b"abc"', b"abc"),
        ('b"\\xff\\n"', b"\xff\n"),
        ('b"é"', b"\xc3\xa9"),
        ("nil", None),
        ("true", True),
        ("[1, 2, 3,]", [1, 2, 3]),
        ('{a: 1, "b": 2, 3: 4,}', {"a": 1, "b": 2, "3": 4}),
        ("{(s): 1}", {"hello world": 1}),
    ],
    "A comment counts as space": [
        ("1 /* c */ + 2", 3),
        ("1 // c\n + 2", 3),
        ("1 // c", 1),
        ("/**/ 7", 7),
    ],
    "A number stands next to an operator without a space": [
        ("1..3", [1, 2, 3]),
    ],
}


def rows() -> list[Any]:
    return [pytest.param(*row, id=f"{about}: {row[0]}") for about, group in TABLE.items() for row in group]


@pytest.mark.parametrize(("expression", "value"), rows())
def test_an_expression_has_the_value_and_type_of_expr_lang(expression: str, value: object) -> None:
    found = evaluate_now(expression, ENV)
    assert found == value
    assert type(found) is type(value)
