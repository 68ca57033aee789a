"""One evaluation under way: what it reads, what it has spent, and the answers it has waited for.

Evaluation itself is synchronous and pure, hence fast. A host function that returns an awaitable suspends the run: the
answer is awaited, remembered, and the run starts over, taking remembered answers in the order of the calls. The meter
goes on counting, so the work of all runs together is bounded.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from argosy.expressions import syntax
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import ExpressionError, Fault
from argosy.expressions.predicates import OUTSIDE, Scope
from argosy.expressions.value import Value

Environment = Mapping[str, Value]
Function = Callable[..., Any]
Functions = Mapping[str, Function]


class Suspended(BaseException):
    """A host function has to be awaited before the run can go on."""

    def __init__(self, call: syntax.Call, answer: Awaitable[Any]) -> None:
        self.call = call
        self.answer = answer


class Run:
    """What the functions made of an expression are given.

    Attributes:
        scope: the innermost loop under way.
        variables: the values of the `let`s around.
        answers: what host functions have answered, in the order of their calls, of earlier runs too.
    """

    __slots__ = ("answers", "calls", "env", "functions", "meter", "scope", "source", "variables")

    def __init__(self, source: str, env: Environment, functions: Functions, meter: Meter) -> None:
        self.source = source
        self.env = env
        self.functions = functions
        self.meter = meter
        self.answers: list[Any] = []
        self.restart()

    def restart(self) -> None:
        """Begin again, with the answers there are."""
        self.calls = 0
        self.scope: Scope = OUTSIDE
        self.variables: dict[str, Value] = {}

    def located(self, node: syntax.Node, fault: Fault) -> ExpressionError:
        """`fault` with the place of `node`."""
        return ExpressionError(fault.problem, kind="runtime", source=self.source, at=node.at, advice=fault.advice)

    def host(self, call: syntax.Call, function: Function, arguments: list[Value]) -> Value:
        """What a host function answers. Raises Fault, or Suspended when the answer has to be awaited."""
        self.calls += 1
        if self.calls > len(self.answers):
            self.meter.weigh(arguments)
            try:
                answer = function(*arguments)
            except Exception as error:
                raise _arguments_fault(call.name, function, arguments) or host_fault(call.name, error) from error
            if inspect.isawaitable(answer):
                raise Suspended(call, answer)
            self.answers.append(answer)
        return self.answers[self.calls - 1]  # type: ignore[no-any-return]  # host functions return plain data


def host_fault(name: str, error: Exception) -> Fault:
    """What is told of an error that a host function raised."""
    return Fault(f"{name}() failed: {getattr(error, 'message', error)}", getattr(error, "advice", ""))


def _arguments_fault(name: str, function: Function, arguments: list[Value]) -> Fault | None:
    """A fault that says so when `function` does not take that many arguments."""
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return Fault(f"{name}() cannot be called with {len(arguments)} arguments")
    except ValueError:  # a function without a signature
        return None
    return None
