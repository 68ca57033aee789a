"""A tree to a function that computes its value: one short method for each kind of node.

What can be known before anything is evaluated is settled here, once: which rule an operator follows, whether a name is
a `let`'s, how deep a node stands, and what each part costs that is evaluated as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from argosy.errors import suggestion
from argosy.expressions import closures, kinds, members, operators, syntax
from argosy.expressions.closures import Closure, NilChain
from argosy.expressions.errors import Fault
from argosy.expressions.functions import BUILTINS
from argosy.expressions.members import END
from argosy.expressions.predicates import LOOPS, MISSING, Scope
from argosy.expressions.run import Run
from argosy.expressions.value import Held, Object, Value


def compiled(node: syntax.Node, depth: int) -> Closure:
    """A function that computes `node`. It raises ExpressionError, and Suspended as the run does.

    Args:
        node: the body of an expression.
        depth: how many levels of evaluation there may be.
    """
    return _Compiler(depth).block(node)


class _Compiler:
    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.level = 0
        self.cost = 0
        self.given: tuple[str, ...] = ()  # names of the `let`s around

    def part(self, node: syntax.Node) -> Closure:
        """`node`, evaluated whenever the node above is, which pays for it."""
        self.level += 1
        self.cost += 1
        made = closures.too_deep(node, self.depth) if self.level > self.depth else _MAKE[type(node)](self, node)
        self.level -= 1
        return made

    def parts(self, nodes: tuple[syntax.Node, ...]) -> list[Closure]:
        return [self.part(each) for each in nodes]

    def block(self, node: syntax.Node) -> Closure:
        """`node`, which may be left out or repeated, and pays for itself."""
        return closures.paid(node, *self.priced(node))

    def priced(self, node: syntax.Node) -> tuple[Closure, int]:
        """`node`, and what it costs each time."""
        outside, self.cost = self.cost, 0
        made = self.part(node)
        cost, self.cost = self.cost, outside
        return made, cost

    # -- data

    def literal(self, node: syntax.Literal) -> Closure:
        return closures.constant(node.value)

    def name(self, node: syntax.Name) -> Closure:
        name = node.name
        if name in self.given:
            return lambda run: run.variables[name]
        if name == "$env":
            return lambda run: run.env["$env"] if "$env" in run.env else dict(run.env)
        return lambda run: run.env.get(name)

    def array(self, node: syntax.Array) -> Closure:
        items = self.parts(node.items)
        return lambda run: [item(run) for item in items]

    def map(self, node: syntax.Map) -> Closure:
        pairs = [(closures.text(node, self.part(key), "a map key"), self.part(item)) for key, item in node.pairs]

        def compute(run: Run) -> Value:
            made: dict[Any, Any] = {}
            for key, item in pairs:
                made.setdefault(key(run), item(run))  # of two with one key, the first counts
            return made

        return compute

    def pointer(self, node: syntax.Pointer) -> Closure:
        if node.name == "index":
            return lambda run: run.scope.index
        return (lambda run: run.scope.acc) if node.name == "acc" else closures.element

    # -- operators

    def unary(self, node: syntax.Unary) -> Closure:
        operand = self.part(node.operand)
        if node.operator == "not":
            holds = closures.truth(node, node.operand, operand, "what `not` applies to")
            return lambda run: not holds(run)
        return closures.of_one(node, operators.negate, operand) if node.operator == "-" else operand

    def binary(self, node: syntax.Binary) -> Closure:
        if node.operator in ("and", "or", "??"):
            return self._junction(node)
        left, right = self.part(node.left), self.part(node.right)
        if node.operator in closures.COMPARISONS:
            return closures.comparison(node, left, right)
        return closures.of_two(node, operators.BINARY[node.operator], left, right)

    def _junction(self, node: syntax.Binary) -> Closure:
        """The operators that may leave out their right side."""
        left, right = self.part(node.left), self.block(node.right)
        if node.operator == "??":
            return lambda run: right(run) if (value := left(run)) is None else value
        holds = closures.truth(node, node.left, left, f"the left side of {node.operator}")
        if node.operator == "and":
            return lambda run: right(run) if holds(run) else False
        return lambda run: True if holds(run) else right(run)

    def conditional(self, node: syntax.Conditional) -> Closure:
        holds = closures.truth(node, node.test, self.part(node.test), "a condition")
        then, otherwise = self.block(node.then), self.block(node.otherwise)
        return lambda run: then(run) if holds(run) else otherwise(run)

    # -- members

    def member(self, node: syntax.Member) -> Closure:
        of, key = self._of(node), self.part(node.key)
        if isinstance(node.key, syntax.Literal) and isinstance(node.key.value, str):
            return closures.field(node, node.key.value, of)
        return closures.indexed(node, of, key)

    def _of(self, node: syntax.Member) -> Closure:
        of = self.part(node.of)
        return closures.some(of) if node.optional else of

    def chain(self, node: syntax.Chain) -> Closure:
        body = self.part(node.body)

        def compute(run: Run) -> Value:
            try:
                return body(run)
            except NilChain:
                return None

        return compute

    def slice(self, node: syntax.Slice) -> Closure:
        of = self.part(node.of)
        stop = closures.constant(END) if node.stop is None else self.part(node.stop)
        start = closures.constant(0) if node.start is None else self.part(node.start)

        def compute(run: Run) -> Value:
            value, last, first = of(run), stop(run), start(run)
            try:
                return members.cut(value, first, last, run.meter)
            except Fault as fault:
                raise run.located(node, fault) from None

        return compute

    # -- names given to values

    def let(self, node: syntax.Let) -> Closure:
        name, value = node.name, self.part(node.value)
        outside, self.given = self.given, (*self.given, name)
        body = self.part(node.body)
        self.given = outside

        def compute(run: Run) -> Value:
            given = value(run)
            if name in outside:
                raise run.located(node, Fault(f"{name!r} has a value already", "Choose another name."))
            run.variables[name] = given
            result = body(run)
            del run.variables[name]
            return result

        return compute

    def sequence(self, node: syntax.Sequence) -> Closure:
        *before, last = self.parts(node.steps)

        def compute(run: Run) -> Value:
            for each in before:
                each(run)
            return last(run)

        return compute

    # -- calls

    def call(self, node: syntax.Call) -> Closure:
        name, arguments = node.name, self.parts(node.arguments)

        def compute(run: Run) -> Value:
            values = [argument(run) for argument in arguments]
            try:
                if name in run.functions:
                    return run.host(node, run.functions[name], values)
                if name in BUILTINS:
                    return BUILTINS[name](name, run.meter, values)
                raise Fault(f"there is no function {name}()", suggestion(name, [*run.functions, *BUILTINS, *LOOPS]))
            except Fault as fault:
                raise run.located(node, fault) from fault.__cause__

        return compute

    def method(self, node: syntax.MethodCall) -> Closure:
        of = self._of(node.method)
        name = closures.text(node, self.part(node.method.key), "the name of a method")
        arguments = self.parts(node.arguments)

        def compute(run: Run) -> Value:
            value = of(run)
            called = name(run)
            values = [argument(run) for argument in arguments]
            try:
                if isinstance(value, dict) and isinstance(held := value.get(called), Held):
                    return held.call(run.meter, values)
                if not isinstance(value, Object):
                    raise Fault(f"{kinds.type_name(value)} has no methods")
                if called not in value.methods:
                    raise Fault(f"{value.type_name} has no method {called}()", suggestion(called, value.methods))
                return value.methods[called].method(called, run.meter, value, values)
            except Fault as fault:
                raise run.located(node, fault) from fault.__cause__

        return compute

    def loop(self, node: syntax.Loop) -> Closure:
        items = self.part(node.items)
        extra = closures.constant(MISSING) if node.extra is None else self.part(node.extra)
        body, cost = (closures.element, 0) if node.body is None else self.priced(node.body)
        walk = LOOPS[node.name]

        def compute(run: Run) -> Value:
            values = items(run)
            outside = run.scope
            try:
                array = kinds.elements(values, f"the first argument of {node.name}()")
                third = extra(run)
                run.scope = Scope(node.name, array, partial(body, run), run.meter, cost + 1)
                return walk(run.scope, third)
            except Fault as fault:
                raise run.located(node, fault) from fault.__cause__
            finally:
                run.scope = outside

        return compute


_MAKE: dict[type[syntax.Node], Callable[[_Compiler, Any], Closure]] = {
    syntax.Literal: _Compiler.literal,
    syntax.Name: _Compiler.name,
    syntax.Array: _Compiler.array,
    syntax.Map: _Compiler.map,
    syntax.Pointer: _Compiler.pointer,
    syntax.Unary: _Compiler.unary,
    syntax.Binary: _Compiler.binary,
    syntax.Conditional: _Compiler.conditional,
    syntax.Member: _Compiler.member,
    syntax.Chain: _Compiler.chain,
    syntax.Slice: _Compiler.slice,
    syntax.Let: _Compiler.let,
    syntax.Sequence: _Compiler.sequence,
    syntax.Call: _Compiler.call,
    syntax.MethodCall: _Compiler.method,
    syntax.Loop: _Compiler.loop,
}
