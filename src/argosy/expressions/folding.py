"""What an expression computes from literals alone, computed once: as expr-lang does it, with all that follows.

A `true and`, `and true`, `or false` or `false or` is removed, and with it the question whether the other side is
true or false; `and false` and `or true` decide without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from argosy.expressions import kinds, operators
from argosy.expressions.bounds import DEFAULT_BOUNDS, Meter
from argosy.expressions.errors import ExpressionError, Fault
from argosy.expressions.syntax import Array, Binary, Expression, Literal, Node, Unary

_ARITHMETIC = frozenset(("+", "-", "*", "/", "%", "**"))


def folded(expression: Expression) -> Expression:
    """The same expression, or one that does less. Raises ExpressionError of kind `syntax` for a division by zero."""
    try:
        return replace(expression, body=_folded(expression.body))
    except _Impossible as error:
        problem, at = error.fault.problem, error.node.at
        raise ExpressionError(problem, kind="syntax", source=expression.source, at=at) from None


class _Impossible(Exception):
    def __init__(self, node: Node, fault: Fault) -> None:
        self.node, self.fault = node, fault


def _folded(node: Node) -> Node:
    changes = {}
    for field in fields(node):
        value = getattr(node, field.name)
        made = _each(value)
        if made is not value:
            changes[field.name] = made
    rebuilt = replace(node, **changes) if changes else node
    fold = _FOLD.get(type(node))
    return fold(rebuilt) if fold else rebuilt


def _each(value: Any) -> Any:
    """`value` with every node in it folded; itself when that changes nothing."""
    if isinstance(value, Node):
        return _folded(value)
    if not isinstance(value, tuple):
        return value
    made = tuple(map(_each, value))
    return value if all(a is b for a, b in zip(made, value, strict=True)) else made


def _unary(node: Unary) -> Node:
    if not isinstance(node.operand, Literal):
        return node
    value = node.operand.value
    if node.operator == "not":
        return Literal(node.at, not value) if isinstance(value, bool) else node
    if not kinds.is_number(value):
        return node
    return Literal(node.at, operators.negate(value) if node.operator == "-" else value)


def _binary(node: Binary) -> Node:
    left, right, operator = node.left, node.right, node.operator
    if operator in ("and", "or"):
        return _junction(node)
    if operator == "in" and isinstance(right, Array) and right.items and all(map(_is_text, right.items)):
        keys = {item.value: True for item in right.items if isinstance(item, Literal)}
        return replace(node, right=Literal(right.at, keys))  # so nothing but a string can be asked for
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return node
    a, b = left.value, right.value
    alike = type(a) is type(b)
    numbers = kinds.is_number(a) and kinds.is_number(b)
    if operator == "==" and alike and isinstance(a, bool | int | str):
        return Literal(node.at, a == b)
    if (operator in _ARITHMETIC and numbers) or (operator == "+" and alike and isinstance(a, str)):
        return _computed(node, a, b)
    return node


def _computed(node: Binary, a: Any, b: Any) -> Node:
    try:
        return Literal(node.at, operators.BINARY[node.operator](a, b, Meter(DEFAULT_BOUNDS)))
    except Fault as fault:
        raise _Impossible(node, fault) from None


def _junction(node: Binary) -> Node:
    neutral = node.operator == "and"
    left, right = (each.value if isinstance(each, Literal) else None for each in (node.left, node.right))
    if left is neutral:
        return node.right
    if right is neutral:
        return node.left
    decided = left is (not neutral) or right is (not neutral)
    return Literal(node.at, not neutral) if decided else node


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)


_FOLD: dict[type[Node], Callable[[Any], Node]] = {Unary: _unary, Binary: _binary}
