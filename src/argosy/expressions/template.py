"""The `${{ }}` layer: expressions inside text, and what the rendered text then is.

As in Kargo, a text with an expression is rendered whole and only then read as a number, a boolean or JSON, so that an
expression can stand for any value; `quote()` keeps a text a text. A text without expressions is left untouched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from argosy.expressions import text, yaml_text
from argosy.expressions.bounds import DEFAULT_BOUNDS, Bounds, Meter
from argosy.expressions.errors import ExpressionError, Fault
from argosy.expressions.evaluator import NOTHING, Environment, Functions, evaluate_metered
from argosy.expressions.kinds import utf8
from argosy.expressions.numbers import parse_float
from argosy.expressions.record import as_json, as_yaml
from argosy.expressions.value import Value

_COST = 20  # of an expression in a text, in units of work, besides what it computes
DELIMITERS = {"${{": "}}", "${%": "%}"}

_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))
_EXACT = 1e21  # from here on, JSON writes floats with an exponent
_SHORT = 1024  # characters of the longest template that is remembered


@dataclass(frozen=True, slots=True)
class Embedded:
    """One expression in a template: its text, and the index of its first character in the template."""

    source: str
    at: int


def is_expression(template: str) -> bool:
    """Does `template` contain the beginning of an expression?"""
    return any(start in template for start in DELIMITERS)


def expressions_in(template: str) -> list[Embedded]:
    """The expressions of `template`, in order. Raises ExpressionError when one is not closed."""
    return [piece for piece in _pieces(template) if isinstance(piece, Embedded)]


async def render(
    template: str, env: Environment, functions: Functions = NOTHING, bounds: Bounds = DEFAULT_BOUNDS
) -> Value:
    """The value a template stands for.

    Without an expression, that is `template` itself. Else the rendered text, less one final newline, is: in double
    quotes, the text between them; or a number (whole ones as int); or a boolean; or JSON; or the text as it is.
    The bounds hold for all expressions of the template together.

    Raises:
        ExpressionError: an expression is not closed, cannot be read or cannot be computed.
    """
    return await _render(template, env, {**functions, **FUNCTIONS}, bounds)


async def _render(template: str, env: Environment, functions: Functions, bounds: Bounds) -> Value:
    """As `render`, with the functions of templates among `functions`."""
    if not is_expression(template):
        return template
    meter = Meter(bounds)
    rendered: list[str] = []
    for piece in _remembered(template) if len(template) <= _SHORT else _pieces(template):
        if isinstance(piece, str):
            rendered.append(piece)
            continue
        value = await evaluate_metered(piece.source, env, functions, meter)
        try:
            meter.spend(_COST)
            rendered.append(_written(value, meter))
        except Fault as fault:
            raise ExpressionError(
                fault.problem, kind="runtime", source=piece.source, advice=fault.advice
            ) from fault.__cause__
    return _coerced("".join(rendered))


def render_now(
    template: str, env: Environment, functions: Functions = NOTHING, bounds: Bounds = DEFAULT_BOUNDS
) -> Value:
    """As `render`, for code that cannot wait: no function may be async."""
    run = render(template, env, functions, bounds)
    try:
        run.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]  # what `render` returns
    run.close()
    raise ExpressionError("a function cannot be called here", kind="runtime", source=template)


async def render_value(
    value: Any,
    env: Environment,
    functions: Functions = NOTHING,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    path: str = "",
) -> Any:
    """A copy of a JSON document with every string in it rendered; keys are left as they are.

    Raises:
        ExpressionError: as `render`, its `field` being `path` extended by the keys and indexes that led there; also
            when a template stands for infinity or NaN, which JSON has not.
    """
    try:
        return await _rendered(value, env, {**functions, **FUNCTIONS}, bounds, path)
    except RecursionError:
        raise ExpressionError("a value is nested too deeply", kind="runtime", source="", field=path) from None


async def _rendered(value: Any, env: Environment, functions: Functions, bounds: Bounds, path: str) -> Any:
    if isinstance(value, dict):
        return {
            key: await _rendered(each, env, functions, bounds, f"{path}.{key}" if path else str(key))
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [await _rendered(each, env, functions, bounds, f"{path}[{index}]") for index, each in enumerate(value)]
    if isinstance(value, float):
        return _whole(value)  # what passes through JSON in Go comes out so
    if not isinstance(value, str):
        return value
    try:
        rendered = await _render(value, env, functions, bounds)
    except ExpressionError as error:
        raise error.in_field(path) from error.__cause__
    if isinstance(rendered, float) and not math.isfinite(rendered):
        raise ExpressionError(
            "the rendered text reads as infinity or NaN, which cannot be stored",
            kind="runtime",
            source=value,
            advice="Use quote() to keep it a text.",
            field=path,
        )
    return rendered


def _pieces(template: str) -> Iterator[str | Embedded]:
    """Plain texts and expressions, in order; an empty expression ends the search, as in Kargo."""
    at = 0
    following = dict.fromkeys(DELIMITERS, -1)  # where each is found next; the length of the text when it is not
    while True:
        for start, index in following.items():
            if index < at:
                found = template.find(start, at)
                following[start] = found if found >= 0 else len(template)
        index, start = min((index, start) for start, index in following.items())
        if index == len(template):
            yield template[at:]
            return
        first = index + len(start)
        last = template.find(DELIMITERS[start], first)
        if last < 0:
            raise ExpressionError(
                f"an expression is not closed: {DELIMITERS[start]} is missing", kind="syntax", source=template, at=index
            )
        yield template[at:index]
        at = last + len(DELIMITERS[start])
        if first == last:
            yield template[at:]
            return
        yield Embedded(template[first:last], first)


@lru_cache(maxsize=1024)
def _remembered(template: str) -> tuple[str | Embedded, ...]:
    """The pieces of a short template, found once."""
    return tuple(_pieces(template))


def _written(value: Value, meter: Meter) -> str:
    """An expression's value as text: strings as they are, all else as JSON."""
    meter.weigh(value)
    return value if isinstance(value, str) else _json(value)


def _json(value: Value, indent: str = "") -> str:
    return text.to_json(as_json(value), indent)


def _coerced(rendered: str) -> Value:
    body = rendered.removesuffix("\n")
    newline = rendered[len(body) :]
    if len(body) > 1 and body[0] == '"' and body[-1] == '"':
        return body[1:-1] + newline
    if (number := parse_float(body)) is not None:
        return _whole(number)
    if body in _TRUE or body in _FALSE:
        return body in _TRUE
    try:
        parsed: Value = orjson.loads(utf8(body))
    except orjson.JSONDecodeError:
        return rendered
    return parsed


def _whole(number: float) -> int | float:
    """An int when JSON writes the number like one."""
    return int(text.to_json(number)) if number.is_integer() and abs(number) < _EXACT else number


def _quote(value: Value) -> str:
    """`quote()`: the value as a text that stays one."""
    return text.quote(value) if isinstance(value, str) else _unsafe_quote(value)


def _unsafe_quote(value: Value) -> str:
    return f'"{_json(value)}"'


def _as_json(value: Value) -> str:
    return f'"{_json(value, "  ")}\n"'


def _as_yaml(value: Value) -> str:
    return f'"{yaml_text.written(orjson.loads(text.to_json(as_yaml(value))))}"'


FUNCTIONS = {"asYAML": _as_yaml, "quote": _quote, "unsafeQuote": _unsafe_quote, "asJSON": _as_json}
