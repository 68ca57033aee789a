"""Types that cannot fit, found before anything is evaluated, as expr-lang's compiler finds them.

A variable may hold anything, and so may what comes from one: only literals, operators and built-in functions tell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from argosy.errors import suggestion
from argosy.expressions import signatures, syntax
from argosy.expressions.errors import ExpressionError, Fault
from argosy.expressions.grammar import LOOPS, POINTERS
from argosy.expressions.natures import (
    ARRAY,
    BOOL,
    BYTES,
    FLOAT,
    FUNCTION,
    INT,
    MAP,
    NIL,
    STRING,
    UNKNOWN,
    Nature,
    array_of,
)
from argosy.expressions.operator_natures import combined, member
from argosy.expressions.patterns import LARGEST, compiled
from argosy.expressions.signatures import Unfit

_LITERALS: dict[type, Nature] = {bool: BOOL, int: INT, float: FLOAT, str: STRING, bytes: BYTES, type(None): NIL}
_CONDITIONS = frozenset(
    ("all", "none", "any", "one", "filter", "count", "find", "findLast", "findIndex", "findLastIndex")
)


def check(expression: syntax.Expression) -> None:
    """Raises ExpressionError of kind `syntax` for the first mistake, in the order of evaluation."""
    checker = _Checker(expression.source)
    try:
        checker.nature(expression.body)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply", kind="syntax", source=expression.source) from None


def _start(node: syntax.Node) -> int:
    """Where the text of `node` begins, a bracket around it aside."""
    return min(each.at for each in syntax.walk(node))


class _Checker:
    def __init__(self, source: str) -> None:
        self.source = source
        self.variables: dict[str, Nature] = {}
        self.patterns: dict[str, int] = {}
        self.loops: list[tuple[str, Nature]] = []

    def nature(self, node: syntax.Node) -> Nature:
        """The type of `node`. Raises ExpressionError."""
        return _VISIT[type(node)](self, node)

    def error(self, problem: str, at: int, advice: str = "") -> ExpressionError:
        return ExpressionError(problem, kind="syntax", source=self.source, at=at, advice=advice)

    def arguments(self, nodes: tuple[syntax.Node, ...]) -> list[Nature]:
        return [self.nature(each) for each in nodes]

    # -- data and names

    def literal(self, node: syntax.Literal) -> Nature:
        return _LITERALS[type(node.value)]

    def name(self, node: syntax.Name) -> Nature:
        return self.variables.get(node.name, UNKNOWN)

    def array(self, node: syntax.Array) -> Nature:
        natures = self.arguments(node.items)
        alike = len({each.kind for each in natures}) <= 1
        return array_of(natures[-1] if natures else UNKNOWN) if alike else ARRAY

    def map(self, node: syntax.Map) -> Nature:
        for pair in node.pairs:
            self.arguments(pair)
        return MAP

    def pointer(self, node: syntax.Pointer) -> Nature:
        loop, collection = self.loops[-1]
        if not node.name:
            return UNKNOWN if collection.unknown else collection.elements
        if loop not in POINTERS.get(node.name, ()):
            advice = "There is # in every loop, #index in map() and reduce(), and #acc in reduce()."
            raise self.error(f"there is no pointer #{node.name} here", node.at, advice)
        return INT if node.name == "index" else UNKNOWN

    def let(self, node: syntax.Let) -> Nature:
        if node.name in self.variables:
            raise self.error(f"{node.name!r} has a value already", node.at, "Choose another name.")
        if node.name in signatures.BUILTINS or node.name in LOOPS:
            raise self.error(f"{node.name!r} is the name of a function", node.at, "Choose another name.")
        self.variables[node.name] = self.nature(node.value)
        nature = self.nature(node.body)
        del self.variables[node.name]
        return nature

    def sequence(self, node: syntax.Sequence) -> Nature:
        return self.arguments(node.steps)[-1]

    # -- operators

    def unary(self, node: syntax.Unary) -> Nature:
        nature = self.nature(node.operand)
        if node.operator == "not":
            if nature.go == "bool" or nature.unknown:
                return BOOL
            raise self.error(f"what `not` applies to must be true or false, not {nature}", node.at)
        if nature.number or nature.unknown:
            return nature
        raise self.error(f"{node.operator} cannot be applied to {nature}", node.at)

    def binary(self, node: syntax.Binary) -> Nature:
        left, right = self.nature(node.left), self.nature(node.right)
        try:
            if node.operator == "matches" and isinstance(node.right, syntax.Literal) and right == STRING:
                self.pattern(str(node.right.value))
            return combined(node.operator, left, right)
        except Fault as fault:
            raise self.error(fault.problem, node.at, fault.advice) from None

    def pattern(self, pattern: str) -> None:
        """Compile a pattern that is written out. Raises Fault when it is none, or all together are too large."""
        if pattern not in self.patterns:
            self.patterns[pattern] = compiled(pattern).programsize
            if sum(self.patterns.values()) > LARGEST:
                raise Fault("the patterns of the expression are too large together", "Let them repeat less.")

    def conditional(self, node: syntax.Conditional) -> Nature:
        test = self.nature(node.test)
        if test.go != "bool" and not test.unknown:
            raise self.error(f"a condition must be true or false, not {test}", node.test.at)
        then, otherwise = self.nature(node.then), self.nature(node.otherwise)
        if then.is_nil or otherwise.is_nil:
            return otherwise if then.is_nil else then
        if not then.assignable(otherwise):
            return UNKNOWN
        alike = then.elements.assignable(otherwise.elements) and otherwise.elements.assignable(then.elements)
        return ARRAY if then.array and otherwise.array and not alike else then

    # -- members

    def member(self, node: syntax.Member) -> Nature:
        if isinstance(node.of, syntax.Name) and node.of.name == "$env":
            return UNKNOWN
        base, key = self.nature(node.of), self.nature(node.key)
        name = node.key.value if isinstance(node.key, syntax.Literal) and isinstance(node.key.value, str) else None
        if base.unknown:
            return UNKNOWN
        if name is not None and name in signatures.METHODS.get(base.go, ()):
            return FUNCTION
        try:
            return member(base, key, name)
        except Unfit as unfit:
            raise self.error(unfit.problem, node.at if unfit.index < 0 else node.key.at, unfit.advice) from None

    def chain(self, node: syntax.Chain) -> Nature:
        return self.nature(node.body)

    def slice(self, node: syntax.Slice) -> Nature:
        base = self.nature(node.of)
        if base.unknown:
            return UNKNOWN
        if not (base.array or base == STRING):
            raise self.error(f"{base} cannot be sliced", node.at)
        for end, where in ((node.start, "start"), (node.stop, "end")):
            if end is not None and not ((nature := self.nature(end)).integer or nature.unknown):
                raise self.error(f"the {where} of a slice must be an integer, not {nature}", end.at)
        return base

    # -- calls

    def call(self, node: syntax.Call) -> Nature:
        if node.name == "$env":
            raise self.error("$env is no function", node.at)
        signature = signatures.BUILTINS.get(node.name)
        given = self.arguments(node.arguments)
        return UNKNOWN if signature is None else self.fitting(signature, node.name, given, node)

    def method(self, node: syntax.MethodCall) -> Nature:
        name = str(node.method.key.value) if isinstance(node.method.key, syntax.Literal) else ""
        of = self.nature(node.method.of)
        methods = signatures.METHODS.get(of.go, {})
        if methods and name not in methods:
            raise self.error(f"{of} has no method {name}()", node.at, suggestion(name, methods))
        callee = self.nature(node.method)
        if callee.unknown:
            return UNKNOWN
        if callee != FUNCTION:
            raise self.error(f"{name!r} is of type {callee}, no function", node.at)
        return self.fitting(methods[name].check, name, self.arguments(node.arguments), node)

    def fitting(
        self, signature: signatures.Check, name: str, given: list[Nature], node: syntax.Call | syntax.MethodCall
    ) -> Nature:
        """What a call gives. Raises ExpressionError at the argument that does not fit."""
        try:
            return signature(name, given)
        except Unfit as unfit:
            at = node.at if unfit.index < 0 else node.arguments[unfit.index].at
            raise self.error(unfit.problem, at, unfit.advice) from None

    # -- loops

    def loop(self, node: syntax.Loop) -> Nature:
        collection = self.nature(node.items)
        if not (collection.array or collection.unknown):
            problem = f"the first argument of {node.name}() must be an array, not {collection}"
            raise self.error(problem, node.items.at)
        body = self.body(node, collection)
        if node.extra is not None:
            extra = self.nature(node.extra)
            if node.name == "sortBy" and not (extra == STRING or extra.unknown):
                raise self.error(f"the order of a sort must be a string, not {extra}", node.extra.at)
        return _looped(node.name, collection, body)

    def body(self, node: syntax.Loop, collection: Nature) -> Nature | None:
        if node.body is None:
            return None
        self.loops.append((node.name, collection))
        nature = self.nature(node.body)
        self.loops.pop()
        if nature.is_nil:
            raise self.error(f"what {node.name}() computes for an element is always nil", _start(node.body))
        if node.name in _CONDITIONS and not (nature == BOOL or nature.unknown):
            raise self.error(f"the condition of {node.name}() must be true or false, not {nature}", _start(node.body))
        return nature


def _looped(name: str, collection: Nature, body: Nature | None) -> Nature:
    """What a loop gives."""
    element = UNKNOWN if collection.unknown else collection.elements
    if name in ("find", "findLast"):
        return element
    if name == "filter":
        return ARRAY if collection.unknown else array_of(element)
    if name == "map":
        return array_of(body or UNKNOWN)
    if name == "sum":
        return element if body is None else Nature(body.go)
    if name == "reduce":
        return body or UNKNOWN
    if name == "sortBy":
        return collection
    if name == "groupBy":
        return Nature("map[any][]any")
    return INT if name in ("count", "findIndex", "findLastIndex") else BOOL


_VISIT: dict[type[syntax.Node], Callable[[_Checker, Any], Nature]] = {
    syntax.Literal: _Checker.literal,
    syntax.Name: _Checker.name,
    syntax.Array: _Checker.array,
    syntax.Map: _Checker.map,
    syntax.Pointer: _Checker.pointer,
    syntax.Unary: _Checker.unary,
    syntax.Binary: _Checker.binary,
    syntax.Conditional: _Checker.conditional,
    syntax.Member: _Checker.member,
    syntax.Chain: _Checker.chain,
    syntax.Slice: _Checker.slice,
    syntax.Let: _Checker.let,
    syntax.Sequence: _Checker.sequence,
    syntax.Call: _Checker.call,
    syntax.MethodCall: _Checker.method,
    syntax.Loop: _Checker.loop,
}
