"""Hostile expressions end in an ExpressionError, soon, and reach nothing of Python."""

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.expressions import Bounds, ExpressionError, evaluate_now, parse, render, render_value

TOO_MUCH = [
    ("an endless range", "1..9223372036854775807"),
    ("nested loops", "map(1..1000, map(1..1000, map(1..1000, #)))"),
    ("a long repeat", "repeat('a', 1000000000000)"),
    ("text that doubles", "let a = repeat('a', 100000); let b = a + a + a + a + a; b + b + b + b"),
    ("a replacement that grows", "replace(repeat('a', 10000), 'a', repeat('b', 10000))"),
    ("a join that grows", "join(map(1..10000, 'a'), repeat('b', 10000))"),
    ("lists that double", "let a = 1..50000; concat(a, a, a)"),
    ("arrays that nest", "flatten(map(1..1000, 1..1000))"),
    ("a search that is quadratic", "uniq(1..20000)"),
    ("a JSON of all of it", "map(1..1000, toJSON(1..1000))"),
    ("an array that shares its parts", "".join(f"let a{n + 1} = [a{n}, a{n}]; " for n in range(40)) + "a40"),
    ("arrays that share, compared", "".join(f"let a{n + 1} = [a{n}, a{n}]; " for n in range(40)) + "a40 == a40"),
    ("arrays that share, searched", "".join(f"let a{n + 1} = [a{n}, a{n}]; " for n in range(40)) + "a40 in [a40]"),
    (
        "arrays that share, made unique",
        "".join(f"let a{n + 1} = [a{n}, a{n}]; " for n in range(40)) + "uniq([a40, a40])",
    ),
    ("arrays that share, given away", "".join(f"let a{n + 1} = [a{n}, a{n}]; " for n in range(40)) + "host(a40)"),
    ("a value that nests", "reduce(1..5000, [#acc], 0)"),
    ("a long sum", "+".join(["a"] * 400)),
    ("deep parentheses", "(" * 5000 + "1" + ")" * 5000),
    ("deep arrays", "[" * 5000 + "]" * 5000),
    ("deep nots", "!" * 5000 + "true"),
    ("deep minuses", "-" * 5000 + "1"),
    ("deep members", "$env" + ".a" * 5000),
    ("deep optional members", "$env" + "?.a" * 5000),
    ("deep conditionals", "true ? " * 1000 + "1" + " : 2" * 1000),
    ("deep lets", "".join(f"let a{n} = 1; " for n in range(1000)) + "1"),
    ("deep JSON", "fromJSON(repeat('[', 900) + repeat(']', 900))"),
    ("a very long source", "1 + " * 10_000 + "1"),
    ("a pattern that explodes", "'a' matches '((a{1000}){1000}){1000}'"),
    ("a large pattern and a long text", "repeat('a', 20000) matches '(a|b|c|d){0,900}$'"),
    ("many large patterns", "map(1..3000, 'a' matches '(a|b|c|d){0,900}' + string(#))"),
    ("many large patterns, written out", f"[{','.join(f'x matches `(a|b){{0,{n}}}`' for n in range(500, 900))}]"),
    ("a long text of large characters, cut", "let a = repeat('é', 400000); map(1..1000, a[1:2])"),
    ("a long text of large characters, read by its bytes", "let a = [repeat('é', 400000)]; map(1..1000, a[0][1])"),
    ("a long number", "9" * 5000),
    ("a long layout", "date(repeat('1', 100000), repeat('1', 100000))"),
    ("a long zone", "date('GMT+' + repeat('9', 6000), 'MST')"),
    ("bytes of half a character", "b'\ud800' + 1"),
]

PYTHON = [
    "x.__class__", "''.__class__.__mro__", "m.keys()", "m.__init__", "xs.append(1)", "xs.__len__", "f.__globals__",
    "f.__call__()", "__import__('os')", "open('/etc/passwd')", "eval('1')", "getattr(m, 'keys')", "o.secret", "o.run()",
    "o['secret']", "$env.__class__.a", "print(1)", "m?.__class__.__bases__",
]  # fmt: skip


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in TOO_MUCH])
def test_too_much_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate_now(source, {}, {"host": lambda value: str(value)[:1]})


class Opaque:
    secret = "hunter2"

    def run(self) -> str:
        return self.secret


@pytest.mark.parametrize("source", PYTHON)
def test_nothing_of_python_can_be_reached(source: str) -> None:
    env: dict[str, Any] = {"x": 1, "m": {"a": 1}, "xs": [1], "f": len, "o": Opaque()}
    with pytest.raises(ExpressionError):
        evaluate_now(f"({source}) + 0", env)


def test_patterns_take_linear_time() -> None:
    assert evaluate_now("repeat('a', 30000) + '!' matches '^(a+)+$'", {}) is False


def test_a_pattern_is_paid_for_once() -> None:
    assert evaluate_now("count(1..1000, 'v' + string(#) matches '^(v|w|x){1,100}[0-9]+$')", {}) == 1000


@pytest.mark.parametrize(
    ("bounds", "source"),
    [
        (Bounds(fuel=10), "b + b + b + b + b + b + b + b"),
        (Bounds(output=10), "'abcdef' + 'abcdef'"),
        (Bounds(output=10), "1..11"),
        (Bounds(depth=3), "[[[1]]]"),
        (Bounds(source=5), "1 + 1 + 1"),
    ],
)
def test_each_bound_holds(bounds: Bounds, source: str) -> None:
    evaluate_now(source, {"b": 1})
    with pytest.raises(ExpressionError):
        evaluate_now(source, {"b": 1}, bounds=bounds)


TOKENS = (
    "a x xs m s n nil true 1 0 -1 2.5 1e308 9223372036854775807 'a' \"b\" `c` b'd' # #index . .. ?. ?? ? : :: ; , | || "
    "&& + - * / % ** ^ == != < > <= >= = ! not in and or contains startsWith endsWith matches let if else ( ) [ ] { } "
    "len( filter( map( sum( reduce( sortBy( groupBy( int( float( string( toJSON( fromJSON( split( repeat( first( keys( "
    "max( round( bitshl( fromPairs( flatten( sort( get( take( join( trim( $env // /* */"
)
OPERATORS = "+ - * / % ** == != < >= in contains matches startsWith .. and or ??"
ONE = (
    "- ! len type abs ceil round int float string toJSON fromJSON toBase64 fromBase64 upper trim keys values toPairs "
    "fromPairs first last sort uniq flatten reverse max mean median bitnot join"
)
TWO = "split splitAfter replace join indexOf lastIndexOf get take concat repeat bitand bitshl min trim trimPrefix sort"
LOOPS = "map filter find count sum groupBy sortBy reduce"
ENV: dict[str, Any] = {
    "a": {"b": [1, None]},
    "x": -3,
    "xs": [3, 1.5, 2],
    "m": {"k": {"v": "w"}},
    "s": "héllo",
    "n": None,
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=5,
)


def told(source: str, env: dict[str, Any]) -> str:
    """What a user would read. Any error but an ExpressionError fails the test."""
    try:
        evaluate_now(source, env, bounds=Bounds(fuel=2000, output=10_000))
    except ExpressionError as error:
        return str(error)
    return "computed"


@given(st.lists(st.sampled_from(TOKENS.split()), max_size=14).map(" ".join))
def test_no_other_error_escapes_from_a_mix_of_tokens(source: str) -> None:
    assert told(source, ENV)


@given(st.text(st.sampled_from(string.printable + "é♥\x00\u2028\ud800"), max_size=30))
def test_no_other_error_escapes_from_any_text(source: str) -> None:
    assert told(source, ENV)


@settings(deadline=None)  # a hundred expressions each
@given(VALUES, VALUES)
def test_no_other_error_escapes_from_any_values(a: object, b: object) -> None:
    env: dict[str, Any] = {"a": a, "b": b}
    sources = ["a[b]", "a[b:]", "a?.k", "reduce(a, # + #acc, b)", "replace(a, b, b)"]
    sources += [f"a {operator} b" for operator in OPERATORS.split()]
    sources += [f"{name}(a)" for name in ONE.split()]
    sources += [f"{name}(a, b)" for name in TWO.split()]
    sources += [f"{name}(a, #)" for name in LOOPS.split()]
    for source in sources:
        assert told(source, env)


TEMPLATES = st.lists(
    st.sampled_from(["${{", "}}", "${%", "%}", " 1 ", "x", '"', "\n", "'", "quote(", ")", "inf", "0x1p2"]), max_size=10
)


@given(TEMPLATES)
async def test_no_other_error_escapes_from_a_template(pieces: list[str]) -> None:
    try:
        rendered: object = await render("".join(pieces), ENV, {}, Bounds(fuel=2000))
    except ExpressionError as error:
        rendered = error
    assert str(rendered) or rendered == ""


def test_parsing_is_bounded_too() -> None:
    with pytest.raises(ExpressionError, match="nested more than"):
        parse("(" * 60 + "1" + ")" * 60)
    assert parse("(" * 40 + "1" + ")" * 40)


@pytest.mark.parametrize("source", ["huge == 1.5", "float(huge)", "1.5 in [huge]", "mean(huge)", "abs(huge)"])
def test_a_number_beyond_all_floats_is_told(source: str) -> None:
    with pytest.raises(ExpressionError, match="a number is too large"):
        evaluate_now(source, {"huge": 10**400})


def test_integers_have_64_bits_wherever_they_come_from() -> None:
    assert evaluate_now("[split('a,b', ',', huge), take([1, 2], huge)]", {"huge": 2**64 + 1}) == [["a,b"], [1]]


async def test_a_text_of_very_many_expressions_is_refused() -> None:
    assert await render("${{ 'a' }}" * 1000, {}) == "a" * 1000
    with pytest.raises(ExpressionError, match="units of work"):
        await render("${{ 'a' }}" * 20_000, {})


async def test_a_document_that_is_too_deep_is_told() -> None:
    document: object = "${{ 1 }}"
    for _ in range(5000):
        document = [document]
    with pytest.raises(ExpressionError, match="nested too deeply"):
        await render_value(document, {})
