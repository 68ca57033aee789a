"""The value of an expression: its tree is made a function once, and that function is run as often as asked."""

from __future__ import annotations

import inspect
from types import MappingProxyType

from argosy.expressions import syntax
from argosy.expressions.bounds import DEFAULT_BOUNDS, Bounds, Meter
from argosy.expressions.closures import Closure
from argosy.expressions.compiler import compiled
from argosy.expressions.errors import ExpressionError, Fault
from argosy.expressions.parser import parse
from argosy.expressions.run import Environment, Functions, Run, Suspended, host_fault
from argosy.expressions.value import Value

__all__ = ["NOTHING", "Environment", "Functions", "evaluate", "evaluate_metered", "evaluate_now"]

NOTHING: Functions = MappingProxyType({})


async def evaluate(
    source: syntax.Expression | str, env: Environment, functions: Functions = NOTHING, bounds: Bounds = DEFAULT_BOUNDS
) -> Value:
    """The value of an expression.

    Args:
        source: what `parse` returned, or the text of it.
        env: the names an expression can read; values are plain data and are never changed. Other names are nil.
        functions: what an expression can call besides the built-ins, and instead of them; may be async.
        bounds: limits of time and size.

    Raises:
        ExpressionError: always this, with its place; what a host function raised is its `__cause__`.
    """
    return await evaluate_metered(source, env, functions, Meter(bounds))


def evaluate_now(
    source: syntax.Expression | str, env: Environment, functions: Functions = NOTHING, bounds: Bounds = DEFAULT_BOUNDS
) -> Value:
    """As `evaluate`, for code that cannot wait: a host function that is async is an ExpressionError."""
    expression = _parsed(source, bounds)
    run = Run(expression.source, env, functions, Meter(bounds))
    try:
        return _value(expression, run)
    except Suspended as pause:
        if inspect.iscoroutine(pause.answer):
            pause.answer.close()
        raise run.located(pause.call, Fault(f"{pause.call.name}() cannot be called here")) from None


async def evaluate_metered(
    source: syntax.Expression | str, env: Environment, functions: Functions, meter: Meter
) -> Value:
    """As `evaluate`, with a meter that several expressions share."""
    expression = _parsed(source, meter.bounds)
    run = Run(expression.source, env, functions, meter)
    while True:
        try:
            return _value(expression, run)
        except Suspended as pause:
            try:
                run.answers.append(await pause.answer)
            except Exception as error:
                raise run.located(pause.call, host_fault(pause.call.name, error)) from error
        run.restart()


def _value(expression: syntax.Expression, run: Run) -> Value:
    """Evaluate from the beginning. Raises ExpressionError or Suspended."""
    try:
        result = _closure(expression, run.meter.bounds.depth)(run)
        run.meter.weigh(result)
        return result
    except Fault as fault:
        raise run.located(expression, fault) from None
    except RecursionError:
        raise run.located(expression, Fault("a value is nested too deeply")) from None
    except OverflowError:
        raise run.located(expression, Fault("a number is too large")) from None


def _closure(expression: syntax.Expression, depth: int) -> Closure:
    made = expression.closures.get(depth)
    if made is None:
        made = expression.closures[depth] = compiled(expression.body, depth)
    return made


def _parsed(source: syntax.Expression | str, bounds: Bounds) -> syntax.Expression:
    text = source if isinstance(source, str) else source.source
    if len(text) > bounds.source:
        problem = f"the expression is longer than {bounds.source} characters"
        raise ExpressionError(problem, kind="syntax", source=text[:80], advice="Split it up.")
    return parse(source) if isinstance(source, str) else source
