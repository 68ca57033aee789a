"""A tree to its value: one short method for each kind of node.

Evaluation itself is synchronous and pure, hence fast. A host function that returns an awaitable suspends the run: the
answer is awaited, remembered, and the run starts over, taking remembered answers in the order of the calls. The meter
goes on counting, so the work of all runs together is bounded.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from argosy.expressions import operators, syntax
from argosy.expressions.bounds import DEFAULT_BOUNDS, Bounds, Meter, Value
from argosy.expressions.errors import ExpressionError, Fault, suggestion
from argosy.expressions.functions import BUILTINS
from argosy.expressions.objects import Object
from argosy.expressions.parser import parse
from argosy.expressions.predicates import LOOPS, Scope

Environment = Mapping[str, Value]
Function = Callable[..., Any]
Functions = Mapping[str, Function]

NOTHING: Mapping[str, Any] = MappingProxyType({})


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
    run = Run(_parsed(source, bounds), env, functions, Meter(bounds))
    try:
        return run.start()
    except Suspended as pause:
        if inspect.iscoroutine(pause.answer):
            pause.answer.close()
        raise run.located(pause.call, Fault(f"{pause.call.name}() cannot be called here")) from None


async def evaluate_metered(
    source: syntax.Expression | str, env: Environment, functions: Functions, meter: Meter
) -> Value:
    """As `evaluate`, with a meter that several expressions share."""
    run = Run(_parsed(source, meter.bounds), env, functions, meter)
    while True:
        try:
            return run.start()
        except Suspended as pause:
            try:
                run.answers.append(await pause.answer)
            except Exception as error:
                raise run.located(pause.call, _host_fault(pause.call.name, error)) from error


def _parsed(source: syntax.Expression | str, bounds: Bounds) -> syntax.Expression:
    text = source if isinstance(source, str) else source.source
    if len(text) > bounds.source:
        problem = f"the expression is longer than {bounds.source} characters"
        raise ExpressionError(problem, kind="syntax", source=text[:80], advice="Split it up.")
    return _remembered(source) if isinstance(source, str) else source


_remembered = lru_cache(maxsize=2048)(parse)


def _host_fault(name: str, error: Exception) -> Fault:
    return Fault(f"{name}() failed: {getattr(error, 'message', error)}", getattr(error, "advice", ""))


class Suspended(BaseException):
    """A host function has to be awaited before the run can go on."""

    def __init__(self, call: syntax.Call, answer: Awaitable[Any]) -> None:
        self.call = call
        self.answer = answer


class _NilChain(Exception):
    """An optional member of nil: the chain around it is nil."""


class Run:
    """One evaluation of one expression."""

    __slots__ = ("answers", "calls", "env", "expression", "functions", "meter", "scopes", "variables")

    def __init__(self, expression: syntax.Expression, env: Environment, functions: Functions, meter: Meter) -> None:
        self.expression = expression
        self.env = env
        self.functions = functions
        self.meter = meter
        self.answers: list[Any] = []

    def start(self) -> Value:
        """Evaluate from the beginning. Raises ExpressionError or Suspended."""
        self.calls = 0
        self.scopes: list[Scope] = []
        self.variables: dict[str, Value] = {}
        self.meter.depth = 0
        try:
            result = self.value(self.expression.body)
            self.meter.weigh(result)
            return result
        except Fault as fault:
            raise self.located(self.expression, fault) from None
        except RecursionError:
            raise self.located(self.expression, Fault("a value is nested too deeply")) from None

    def located(self, node: syntax.Node, fault: Fault) -> ExpressionError:
        return ExpressionError(
            fault.problem, kind="runtime", source=self.expression.source, at=node.at, advice=fault.advice
        )

    def value(self, node: syntax.Node) -> Value:
        """The value of `node`; a fault is told with the place of the innermost node it happened in."""
        meter = self.meter
        meter.depth += 1
        try:
            meter.spend()
            if meter.depth > meter.bounds.depth:
                raise Fault(
                    f"evaluation is nested more than {meter.bounds.depth} levels deep", "Use let, or parentheses."
                )
            result = _EVALUATE[type(node)](self, node)
        except Fault as fault:
            raise self.located(node, fault) from fault.__cause__
        meter.depth -= 1
        return result

    # -- data

    def literal(self, node: syntax.Literal) -> Value:
        return node.value

    def name(self, node: syntax.Name) -> Value:
        if node.name in self.variables:
            return self.variables[node.name]
        if node.name == "$env":
            return dict(self.env)
        return self.env.get(node.name)

    def array(self, node: syntax.Array) -> Value:
        return [self.value(item) for item in node.items]

    def map(self, node: syntax.Map) -> Value:
        return {operators.string(self.value(key), "a map key"): self.value(item) for key, item in node.pairs}

    def pointer(self, node: syntax.Pointer) -> Value:
        scope = self.scopes[-1]
        if node.name == "index":
            return scope.index
        return scope.acc if node.name == "acc" else scope.item

    # -- operators

    def unary(self, node: syntax.Unary) -> Value:
        operand = self.value(node.operand)
        if node.operator == "not":
            return not operators.boolean(operand, "what `not` applies to")
        return operators.negate(operand) if node.operator == "-" else operand

    def binary(self, node: syntax.Binary) -> Value:
        operator = node.operator
        left = self.value(node.left)
        if operator == "??":
            return self.value(node.right) if left is None else left
        if operator in ("and", "or"):
            if operators.boolean(left, f"the left side of {operator}") is (operator == "or"):
                return left
            return self.value(node.right)
        return operators.BINARY[operator](left, self.value(node.right), self.meter)

    def conditional(self, node: syntax.Conditional) -> Value:
        holds = operators.boolean(self.value(node.test), "a condition")
        return self.value(node.then if holds else node.otherwise)

    # -- members

    def member(self, node: syntax.Member) -> Value:
        of = self.value(node.of)
        if of is None and node.optional:
            raise _NilChain
        try:
            return operators.member(of, self.value(node.key))
        except Fault as fault:
            problem = fault.problem
            if isinstance(node.key, syntax.Literal) and isinstance(node.key.value, str):
                problem = f"{node.key.value!r} of {operators.type_name(of)} cannot be read"
            raise Fault(problem, self._unknown(node.of) if of is None else fault.advice) from None

    def _unknown(self, of: syntax.Node) -> str:
        """Advice about nil: most often a name is misspelt."""
        if isinstance(of, syntax.Name) and of.name not in self.env and of.name not in self.variables:
            guess = suggestion(of.name, [*self.env, *self.variables])
            return f"There is no {of.name!r} here. {guess}".rstrip()
        return "Write ?. to get nil instead."

    def chain(self, node: syntax.Chain) -> Value:
        depth = self.meter.depth
        try:
            return self.value(node.body)
        except _NilChain:
            self.meter.depth = depth
            return None

    def slice(self, node: syntax.Slice) -> Value:
        start = None if node.start is None else self.value(node.start)
        stop = None if node.stop is None else self.value(node.stop)
        return operators.cut(self.value(node.of), start, stop, self.meter)

    # -- names given to values

    def let(self, node: syntax.Let) -> Value:
        value = self.value(node.value)
        if node.name in self.variables:
            raise Fault(f"{node.name!r} has a value already", "Choose another name.")
        self.variables[node.name] = value
        result = self.value(node.body)
        del self.variables[node.name]
        return result

    def sequence(self, node: syntax.Sequence) -> Value:
        result: Value = None
        for step in node.steps:
            result = self.value(step)
        return result

    # -- calls

    def call(self, node: syntax.Call) -> Value:
        name = node.name
        arguments = [self.value(each) for each in node.arguments]
        if name in self.functions:
            return self._host(node, self.functions[name], arguments)
        if name in BUILTINS:
            return BUILTINS[name](name, self.meter, arguments)
        raise Fault(f"there is no function {name}()", suggestion(name, [*self.functions, *BUILTINS, *LOOPS]))

    def _host(self, node: syntax.Call, function: Function, arguments: list[Value]) -> Value:
        self.calls += 1
        if self.calls > len(self.answers):
            self.meter.weigh(arguments)
            try:
                answer = function(*arguments)
            except Exception as error:
                raise _arguments_fault(node.name, function, arguments) or _host_fault(node.name, error) from error
            if inspect.isawaitable(answer):
                raise Suspended(node, answer)
            self.answers.append(answer)
        return self.answers[self.calls - 1]  # type: ignore[no-any-return]  # host functions return plain data

    def method(self, node: syntax.MethodCall) -> Value:
        of = self.value(node.method.of)
        if of is None and node.method.optional:
            raise _NilChain
        if not isinstance(of, Object):
            raise Fault(f"{operators.type_name(of)} has no methods")
        name = operators.string(self.value(node.method.key), "the name of a method")
        arguments = [self.value(each) for each in node.arguments]
        if name not in of.methods:
            raise Fault(f"{of.type_name} has no method {name}()", suggestion(name, of.methods))
        return of.methods[name].method(name, self.meter, of, arguments)

    def loop(self, node: syntax.Loop) -> Value:
        items = operators.items(self.value(node.items), f"the first argument of {node.name}()")
        extra = None if node.extra is None else self.value(node.extra)
        scope = Scope(node.name, items, self.meter)
        body = node.body
        if body is not None:
            scope.body = lambda: self.value(body)
        self.scopes.append(scope)
        result = LOOPS[node.name](scope, extra)
        self.scopes.pop()
        return result


def _arguments_fault(name: str, function: Function, arguments: list[Value]) -> Fault | None:
    """A fault that says so when `function` does not take that many arguments."""
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return Fault(f"{name}() cannot be called with {len(arguments)} arguments")
    except ValueError:  # a function without a signature
        return None
    return None


_EVALUATE: dict[type[syntax.Node], Callable[[Run, Any], Value]] = {
    syntax.Literal: Run.literal,
    syntax.Name: Run.name,
    syntax.Array: Run.array,
    syntax.Map: Run.map,
    syntax.Pointer: Run.pointer,
    syntax.Unary: Run.unary,
    syntax.Binary: Run.binary,
    syntax.Conditional: Run.conditional,
    syntax.Member: Run.member,
    syntax.Chain: Run.chain,
    syntax.Slice: Run.slice,
    syntax.Let: Run.let,
    syntax.Sequence: Run.sequence,
    syntax.Call: Run.call,
    syntax.MethodCall: Run.method,
    syntax.Loop: Run.loop,
}
