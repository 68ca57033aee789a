"""Templates stand for the values that Kargo gives them."""

import math
from typing import Any

import pytest

from argosy.expressions import ExpressionError, expressions_in, is_expression, render, render_value

ENV: dict[str, Any] = {"name": "hello", "n": 42, "pi": 3.14, "yes": True, "m": {"b": 1, "a": "<x>"}, "xs": [1, "two"]}

COERCED = [
    ("a text without expressions is untouched, even if it looks like a number", "42", "42"),
    ("a quoted text without expressions keeps its quotes", '"x"', '"x"'),
    ("a string stays a string", "${{ name }}", "hello"),
    ("an integer", "${{ n }}", 42),
    ("a float", "${{ pi }}", 3.14),
    ("a boolean", "${{ yes }}", True),
    ("nil", "${{ nil }}", None),
    ("an unknown name is nil", "${{ nothing }}", None),
    ("a map", "${{ m }}", {"b": 1, "a": "<x>"}),
    ("an array", "${{ xs }}", [1, "two"]),
    ("an expression amid text", "say ${{ name }}!", "say hello!"),
    ("several expressions", "${{ name }}-${{ n }}", "hello-42"),
    ("nil amid text", "x${{ nil }}", "xnull"),
    ("a boolean amid text", "is ${{ yes }}", "is true"),
    (
        "a map amid text is compact JSON with sorted keys, safe for HTML",
        "m: ${{ m }}",
        'm: {"a":"\\u003cx\\u003e","b":1}',
    ),
    ("a version that looks like a number loses its zero", "${{ '1.10' }}", 1.1),
    ("a whole float is an integer", "${{ 3.0 }}", 3),
    ("text around can make a number", "1${{ 0 }}", 10),
    ("an exponent counts", "${{ '1e3' }}", 1000),
    ("underscores count", "${{ '1_000' }}", 1000),
    ("a hexadecimal float counts", "${{ '0x1p4' }}", 16),
    ("a hexadecimal integer does not", "${{ '0x10' }}", "0x10"),
    ("inf counts", "${{ 'inf' }}", math.inf),
    ("-Infinity counts", "${{ '-Infinity' }}", -math.inf),
    ("a number too large for a float stays text", "${{ '1e999' }}", "1e999"),
    (
        "a number too long for an integer is rounded as a float is",
        "${{ '12345678901234567890' }}",
        12345678901234567000,
    ),
    ("spaces keep a number a text, unless JSON allows them", "${{ 'a' }} 1", "a 1"),
    ("spaces around JSON do not matter", " ${{ n }} ", 42),
    ("t is true", "${{ 't' }}", True),
    ("F is false", "${{ 'F' }}", False),
    ("TRUE is true", "${{ 'TRUE' }}", True),
    ("1 is a number, not true", "${{ '1' }}", 1),
    ("yes is text", "${{ 'yes' }}", "yes"),
    ("JSON in a string is parsed", "${{ '{\"a\": [1]}' }}", {"a": [1]}),
    ("JSON made of text and expressions is parsed", '{"a": ${{ n }}}', {"a": 42}),
    ("broken JSON stays text", "${{ '{a' }}", "{a"),
    ("null in a string is nil", '${{ "null" }}', None),
    ("outer quotes are taken off and keep a text a text", '"${{ n }}"', "42"),
    ("quotes written by two expressions count too", "${{ '\"' }}1${{ '\"' }}", "1"),
    ("one quote is text", "${{ '\"' }}", '"'),
    ("quote keeps a number a text", "${{ quote(42) }}", "42"),
    ("quote keeps a boolean a text", "${{ quote(true) }}", "true"),
    ("quote of nil", "${{ quote(null) }}", "null"),
    ("quote of a string adds no quotes", "${{ quote('1.10') }}", "1.10"),
    ("quote escapes, and nothing takes the escapes off", "${{ quote('a\\nb\"c') }}", 'a\\nb\\"c'),
    ("quote escapes what cannot be printed", "${{ quote('\\x01\\u200b\\U000E0001é') }}", "\\x01\\u200b\\U000e0001é"),
    ("quote of a map", "${{ quote({'foo': 'bar'}) }}", '{"foo":"bar"}'),
    ("unsafeQuote of a string keeps its quotes", "${{ unsafeQuote('foo') }}", '"foo"'),
    ("asJSON is indented text with a newline", "${{ asJSON({'a': 1}) }}", '{\n  "a": 1\n}\n'),
    ("the final newline of a block does not make a number a text", "${{ n }}\n", 42),
    ("the final newline stays on text", "${{ name }}\n", "hello\n"),
    ("the final newline stays on quoted text", "${{ quote(42) }}\n", "42\n"),
    ("only one newline is taken off", "${{ 't' }}\n\n", "t\n\n"),
    ("the other delimiters", "${% '{{.domain}}' %}", "{{.domain}}"),
    ("both delimiters", "${% name %} ${{ n }}", "hello 42"),
    ("one delimiter inside of the other", "${% '${{ n }}' %}", "${{ n }}"),
    ("an empty expression ends the search", "a${{}}b${{ n }}", "ab${{ n }}"),
    ("an expression over several lines", "${{\n  n +\n  1\n}}", 43),
]


@pytest.mark.parametrize(("template", "value"), [pytest.param(*row[1:], id=row[0]) for row in COERCED])
async def test_a_template_stands_for_a_value(template: str, value: object) -> None:
    rendered = await render(template, ENV)
    assert rendered == value
    assert type(rendered) is type(value)


async def test_the_text_nan_counts_as_a_number() -> None:
    rendered = await render("${{ 'NaN' }}", {})
    assert isinstance(rendered, float)
    assert math.isnan(rendered)


async def test_host_functions_are_awaited_in_templates() -> None:
    async def status(step: str) -> str:
        return f"{step} ok"

    assert await render("<${{ status('a') }}> <${{ status('b') }}>", {}, {"status": status}) == "<a ok> <b ok>"


async def test_quote_cannot_be_replaced() -> None:
    assert await render("${{ quote(1) }}", {}, {"quote": lambda _: "replaced"}) == "1"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        pytest.param("a ${{ name", "an expression is not closed: }} is missing", id="no closing delimiter"),
        pytest.param("${% name }}", "an expression is not closed: %} is missing", id="the wrong closing delimiter"),
        pytest.param("${{ '}}' }}", "a string is not closed", id="a closing delimiter inside of a string"),
        pytest.param("${{ }}", "unexpected end of expression", id="an expression of spaces"),
        pytest.param("${{ 1/0 }}", "NaN or infinity cannot be written as JSON", id="infinity"),
    ],
)
async def test_a_broken_template_is_an_error(template: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        await render(template, ENV)
    assert caught.value.problem == problem


async def test_every_string_of_a_document_is_rendered_and_no_key() -> None:
    document = {"${{ n }}": ["${{ n }}", {"deep": "${{ name }}", "plain": "7"}], "number": 7, "nothing": None}
    rendered = await render_value(document, ENV)
    assert rendered == {"${{ n }}": [42, {"deep": "hello", "plain": "7"}], "number": 7, "nothing": None}
    assert document["number"] == 7
    assert document["${{ n }}"][0] == "${{ n }}"  # type: ignore[index]  # the document is unchanged


async def test_an_error_in_a_document_names_the_field() -> None:
    with pytest.raises(ExpressionError) as caught:
        await render_value({"steps": [{"config": {"path": "${{ n.x }}"}}]}, ENV, path="spec")
    assert caught.value.field == "spec.steps[0].config.path"
    assert str(caught.value).startswith("spec.steps[0].config.path: 'x' of int cannot be read (line 1, column 4)")


async def test_infinity_has_no_place_in_a_document() -> None:
    with pytest.raises(ExpressionError, match=r"^a: the rendered text reads as infinity") as caught:
        await render_value({"a": "${{ 'inf' }}"}, ENV)
    assert caught.value.advice == "Use quote() to keep it a text."


def test_expressions_can_be_found_without_evaluating_them() -> None:
    template = "a ${{ n }} b ${% m.x %}"
    assert is_expression(template)
    assert not is_expression("$ {{ n }}")
    assert [(found.source, template[found.at :][: len(found.source)]) for found in expressions_in(template)] == [
        (" n ", " n "),
        (" m.x ", " m.x "),
    ]
