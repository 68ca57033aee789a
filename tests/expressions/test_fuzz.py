"""Whatever is written, and whatever the values are: a value within the bounds or our own error, nothing of Python."""

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.expressions.grammar import ENVIRONMENTS, expressions

from argosy.expressions import Bounds, ExpressionError, Time, Value, evaluate_now, parse, render
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.expressions.functions import BUILTINS

TIGHT = Bounds(fuel=2_000, depth=40, output=4_096, source=600)
OFTEN = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

WORDS = [
    "?.",
    "??",
    "..",
    "**",
    "not",
    "in",
    "let",
    "if",
    "else",
    "nil",
    "true",
    "#acc",
    "#index",
    "//",
    "/*",
    "*/",
    "0x",
    "1e",
    "1_",
    "b'",
    "\\u{",
    "\\x",
    "a",
    "s",
    "ints",
    "map",
    "$env",
]
TOKENS = st.sampled_from([*"()[]{}.,:;?#|+-*/%<>!=&'\"`\\ \n\x00é\ud800", *WORDS])
NAMES = ["i", "j", "f", "s", "r", "b", "n", "ints", "words", "m", "rows"]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


def outcome(source: str, env: dict[str, Any]) -> Any:
    """The value or our own error; any other exception fails the test."""
    try:
        return evaluate_now(source, env, bounds=TIGHT)
    except ExpressionError as error:
        return error


def check(source: str, env: dict[str, Any]) -> None:
    """Fails for a result that is larger than allowed, and for an error without a place."""
    result = outcome(source, env)
    if isinstance(result, ExpressionError):
        assert 0 <= result.at <= len(result.source)
        assert min(result.line, result.column) >= 1
        assert str(result)
    else:
        Meter(Bounds(fuel=10**9, depth=TIGHT.depth, output=TIGHT.output)).weigh(result)


@OFTEN
@given(st.lists(TOKENS, max_size=24).map("".join), ENVIRONMENTS)
def test_nonsense_is_told_as_our_own_error(source: str, env: dict[str, Any]) -> None:
    check(source, env)


@OFTEN
@given(st.text(max_size=60))
def test_any_text_can_be_tried(source: str) -> None:
    check(source, {})


@OFTEN
@given(expressions(2), ENVIRONMENTS, st.data())
def test_a_damaged_expression_is_told_as_our_own_error(source: str, env: dict[str, Any], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    drop = data.draw(st.integers(0, 4))
    check(source[:at] + data.draw(TOKENS) + source[at + drop :], env)


@OFTEN
@given(st.sampled_from(sorted(BUILTINS)), st.lists(PLAIN, max_size=4))
def test_a_function_takes_or_refuses_anything(name: str, arguments: list[Value]) -> None:
    meter = Meter(TIGHT)
    with suppress(Fault):
        BUILTINS[name](name, meter, arguments)
        assert meter.fuel >= 0


@OFTEN
@given(
    expressions(2),
    st.dictionaries(st.sampled_from(["i", "j", "f", "s", "r", "b", "n", "ints", "words", "m", "rows"]), PLAIN),
)
def test_values_of_any_type_can_stand_for_any_name(source: str, env: dict[str, Any]) -> None:
    check(source, env)


@OFTEN
@given(st.lists(TOKENS | st.sampled_from(["${{", "}}", "${%", "%}"]), max_size=24).map("".join))
async def test_any_template_can_be_tried(template: str) -> None:
    with suppress(ExpressionError):
        assert len(str(await render(template, {"s": "x"}, bounds=TIGHT))) <= 8 * TIGHT.output


@pytest.mark.parametrize(
    "name", ["__class__", "__init__", "format", "mro", "keys", "nanoseconds", "location", "of", "json", "plain"]
)
@pytest.mark.parametrize("value", ["text", 1, 1.5, [1], {"k": 1}, b"b", None, True, Time(0)], ids=repr)
def test_no_attribute_of_python_can_be_reached(name: str, value: Value) -> None:
    refusals = "cannot be read|no method|no function|must be a number"
    for source in (f"v.{name}", f"v['{name}']", f"v.{name}()", f"v?.{name}", f"get(v, '{name}')", f"{name}"):
        result = outcome(source, {"v": value})
        assert result is None or (isinstance(result, ExpressionError) and re.search(refusals, result.problem))


@pytest.mark.parametrize(
    "source",
    [
        "repeat('a', 1000000000)",
        "1..1000000000",
        "map(1..9999, map(1..9999, 1))",
        "reduce(1..9999, #acc + #acc, 'aaaa')",
        "let a = 1..900; flatten([a, [a, [a, [a, [a]]]]])",
        "join(map(1..900, repeat('x', 4000)), 'y')",
        "sortBy(1..1500, sum(map(1..900, #)))",
        "let a = [1..900]; let b = concat(a, a); concat(b, b) == concat(b, b)",
        "(" * 500 + "1" + ")" * 500,
        "-" * 500 + "1",
        "[" * 590,
        "1" + "+1" * 2000,
        "'" + "a" * 700 + "'",
        "replace(repeat('a', 4000), 'a', repeat('b', 4000))",
        "toJSON(map(1..900, 1..900))",
    ],
)
def test_what_costs_too_much_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate_now(source, {}, bounds=TIGHT)


def test_parsing_costs_no_more_than_its_text_allows() -> None:
    with pytest.raises(ExpressionError):
        parse("(" * 100_000)
