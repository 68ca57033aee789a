"""Ours against expr-lang v1.17.8 in Go: what it computes we compute, what it refuses to compute we refuse."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from tests.expressions import test_functions, test_lexer, test_operators, test_times
from tests.expressions.environment import ENV
from tests.expressions.go import SYNTAX, judge
from tests.expressions.grammar import ENVIRONMENTS, expressions

from argosy.expressions import ExpressionError, evaluate_now
from argosy.expressions.functions import BUILTINS
from argosy.expressions.grammar import LOOPS

EXAMPLES = int(os.environ.get("ARGOSY_GO_EXAMPLES", "800"))
TABLES = {**test_lexer.TABLE, **test_operators.TABLE, **test_functions.TABLE, **test_times.TABLE}
ROWS = [row[0] for rows in TABLES.values() for row in rows]

# What Go cannot do with a value that it has computed, or checks where we do not: the reference page says why.
KNOWN = {
    "interface {} is nil, not int": "findIndex([], true) == 0",
    "json: unsupported type: map[interface": "{'a': groupBy([1], 'k')}",
}

FOLDED = "7 / 2"  # the embedding in Python computes it before expr-lang does, in whole numbers


def rounded(value: Any) -> Any:
    """`value` with numbers to 13 digits: Go's powers differ from C's in the last ones."""
    if isinstance(value, float):
        return float(f"{value:.13g}")
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return {key: rounded(each) for key, each in value.items()} if isinstance(value, dict) else value


def ours(expression: str, env: dict[str, Any]) -> tuple[Any, str]:
    """Our value as JSON knows it, or the kind of our error."""
    try:
        return json.loads(str(evaluate_now(f"toJSON({expression}\n)", env))), ""
    except ExpressionError as error:
        return None, error.kind


def compare(expression: str, env: dict[str, Any]) -> None:
    go = judge(expression, env)
    value, error = ours(expression, env)
    if not go.error:
        powers = "**" in expression
        expected, found = (rounded(each) if powers else each for each in (go.value, value))
        assert (error, json.dumps(found, sort_keys=True)) == ("", json.dumps(expected, sort_keys=True))
    elif go.error in SYNTAX:
        assert error == "syntax", go.message
    elif not any(known in go.message for known in KNOWN):
        assert error == "runtime", go.message


@settings(
    max_examples=EXAMPLES,
    derandomize="ARGOSY_GO_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
)
@given(expressions(3), ENVIRONMENTS)
@example("1 < 2 < 3", {})
@example("filter(1..3, #index > 1)", {})
def test_an_expression_means_what_it_means_in_go(expression: str, env: dict[str, Any]) -> None:
    compare(expression, env)


@pytest.mark.parametrize("expression", [row for row in ROWS if row != FOLDED])
def test_a_row_of_the_tables_is_what_go_says(expression: str) -> None:
    compare(expression, ENV)


def test_every_function_is_in_a_table() -> None:
    shown = " ".join(ROWS)
    assert [name for name in {**BUILTINS, **LOOPS} if f"{name}(" not in shown] == ["now"]  # has tests of its own


@pytest.mark.parametrize(("message", "expression"), KNOWN.items())
def test_a_known_difference_is_still_one(message: str, expression: str) -> None:
    assert message in judge(expression, ENV).message
    assert ours(expression, ENV)[1] == ""


def test_the_judge_folds_whole_numbers_still() -> None:
    assert (judge(FOLDED, {}).value, judge("x / y", {"x": 7, "y": 2}).value) == (3, 3.5)
