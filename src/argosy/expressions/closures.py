"""What a node is made into: a function of the run, built from the functions of the node's parts.

A fault is told with the place of the node it happened in; the parts have told theirs already. Values of the plainest
types take a short way here where no rule of the language applies to them; `operators` has the rules.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import Any

from argosy.errors import suggestion
from argosy.expressions import kinds, members, operators, syntax
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.expressions.run import Run
from argosy.expressions.value import Value

Closure = Callable[[Run], Value]

_ORDERED = frozenset((str, int, float))
_PLAIN = frozenset((*_ORDERED, bool))

# How two values of one type compare when it is one of these.
COMPARISONS: dict[str, tuple[frozenset[type], Callable[[Any, Any], bool]]] = {
    "==": (_PLAIN, python.eq),
    "!=": (_PLAIN, python.ne),
    "<": (_ORDERED, python.lt),
    ">": (_ORDERED, python.gt),
    "<=": (_ORDERED, python.le),
    ">=": (_ORDERED, python.ge),
}
_PREDICATES = frozenset((*COMPARISONS, "in", "contains", "startsWith", "endsWith", "matches", "not"))


class NilChain(Exception):
    """An optional member of nil: the chain around it is nil."""


def constant(value: Value) -> Closure:
    return lambda _run: value


def element(run: Run) -> Value:
    """What `#` means."""
    return run.scope.item


def too_deep(node: syntax.Node, levels: int) -> Closure:
    """A node that must not be reached."""

    def compute(run: Run) -> Value:
        problem = f"evaluation is nested more than {levels} levels deep"
        raise run.located(node, Fault(problem, "Use let, or parentheses."))

    return compute


def paid(node: syntax.Node, whole: Closure, cost: int) -> Closure:
    """`whole`, once `cost` has been paid for all of it."""

    def pay(run: Run) -> Value:
        try:
            run.meter.spend(cost)
        except Fault as fault:
            raise run.located(node, fault) from None
        return whole(run)

    return pay


def truth(node: syntax.Node, part: syntax.Node, of: Closure, where: str) -> Closure:
    """The value of `part`, which must be true or false."""
    if isinstance(part, syntax.Binary | syntax.Unary) and part.operator in _PREDICATES:
        return of

    def check(run: Run) -> bool:
        value = of(run)
        if value is True or value is False:
            return value
        try:
            return kinds.boolean(value, where)
        except Fault as fault:
            raise run.located(node, fault) from None

    return check


def text(node: syntax.Node, of: Closure, where: str) -> Callable[[Run], str]:
    """A value that must be a string."""

    def check(run: Run) -> str:
        try:
            return kinds.string(of(run), where)
        except Fault as fault:
            raise run.located(node, fault) from None

    return check


def some(of: Closure) -> Closure:
    """A value that must not be nil, or the chain ends."""

    def check(run: Run) -> Value:
        value = of(run)
        if value is None:
            raise NilChain
        return value

    return check


def of_one(node: syntax.Node, rule: Callable[[Value], Value], operand: Closure) -> Closure:
    def compute(run: Run) -> Value:
        value = operand(run)
        try:
            return rule(value)
        except Fault as fault:
            raise run.located(node, fault) from fault.__cause__

    return compute


def of_two(node: syntax.Node, rule: Callable[[Value, Value, Meter], Value], left: Closure, right: Closure) -> Closure:
    def compute(run: Run) -> Value:
        a, b = left(run), right(run)
        try:
            return rule(a, b, run.meter)
        except Fault as fault:
            raise run.located(node, fault) from fault.__cause__

    return compute


def comparison(node: syntax.Binary, left: Closure, right: Closure) -> Closure:
    types, compare = COMPARISONS[node.operator]
    rule = operators.BINARY[node.operator]

    def compute(run: Run) -> Value:
        a, b = left(run), right(run)
        if type(a) is type(b) and type(a) in types:
            return compare(a, b)
        try:
            return rule(a, b, run.meter)
        except Fault as fault:
            raise run.located(node, fault) from fault.__cause__

    return compute


def field(node: syntax.Member, name: str, of: Closure) -> Closure:
    """`of.name`."""

    def compute(run: Run) -> Value:
        value = of(run)
        if type(value) is dict:
            return value.get(name)
        try:
            return members.member(value, name, run.meter)
        except Fault as fault:
            problem = f"{name!r} of {kinds.type_name(value)} cannot be read"
            raise run.located(node, Fault(problem, _advice(run, node.of, value, fault))) from None

    return compute


def indexed(node: syntax.Member, of: Closure, key: Closure) -> Closure:
    """`of[key]`."""

    def compute(run: Run) -> Value:
        value = of(run)
        index = key(run)
        try:
            return members.member(value, index, run.meter)
        except Fault as fault:
            raise run.located(node, Fault(fault.problem, _advice(run, node.of, value, fault))) from None

    return compute


def _advice(run: Run, of: syntax.Node, value: Value, fault: Fault) -> str:
    """About nil: most often a name is misspelt."""
    if value is not None:
        return fault.advice
    if isinstance(of, syntax.Name) and of.name not in run.env and of.name not in run.variables:
        guess = suggestion(of.name, [*run.env, *run.variables])
        return f"There is no {of.name!r} here. {guess}".rstrip()
    return "Write ?. to get nil instead."
