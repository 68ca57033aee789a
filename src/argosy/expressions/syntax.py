"""The parts of an expression: what the parser makes and the compiler reads.

`at` is always the index of the character in the source that an error would point at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

from argosy.expressions.value import Value


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    at: int


@dataclass(frozen=True, slots=True, eq=False)
class Expression(Node):
    """The root: the source, kept for messages, and the whole of it as one node.

    `closures` are what the compiler has made of it, by the depth of evaluation that was allowed.
    """

    source: str
    body: Node
    closures: dict[int, Callable[..., Value]] = field(default_factory=dict, init=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    value: Value


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Array(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Map(Node):
    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Node):
    """`operator` is one of `not`, `-`, `+`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Node):
    """Every operator with two sides, `and`, `or` and `??` too; `&&`, `||` and `^` are read as `and`, `or` and `**`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(Node):
    """`test ? then : otherwise`, or `if test { then } else { otherwise }`."""

    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True, eq=False)
class Member(Node):
    """`of.key` or `of[key]`; an optional one (`?.`) of nil ends its whole chain."""

    of: Node
    key: Node
    optional: bool


@dataclass(frozen=True, slots=True, eq=False)
class Chain(Node):
    """How far an optional member reaches: what it contains is nil as a whole when the optional part is."""

    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Node):
    """`of[start:stop]`; a missing side is None."""

    of: Node
    start: Node | None
    stop: Node | None


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """`name(arguments)`; `left | name(arguments)` puts `left` first."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MethodCall(Node):
    """`of.name(arguments)`."""

    method: Member
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop(Node):
    """A built-in that evaluates `body` for every element of `items`: `filter(items, body)`; `extra` comes third."""

    name: str
    items: Node
    body: Node | None
    extra: Node | None


@dataclass(frozen=True, slots=True, eq=False)
class Pointer(Node):
    """Inside a loop: `#` the element, `#index` its position, `#acc` the accumulator of `reduce`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Let(Node):
    """`let name = value; body`."""

    name: str
    value: Node
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Sequence(Node):
    """`a; b; c`, worth what the last one is worth."""

    steps: tuple[Node, ...]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below, in the order of the text."""
    rest: list[object] = [getattr(node, each.name) for each in reversed(fields(node))]
    while rest:
        each = rest.pop()
        if isinstance(each, tuple):
            rest.extend(reversed(each))
        elif isinstance(each, Node):
            yield each


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node below it, in no promised order. Does not recurse."""
    rest = [node]
    while rest:
        each = rest.pop()
        yield each
        rest.extend(children(each))


def is_deep(node: Node, levels: int) -> bool:
    """Does `node` have more than `levels` levels? Does not recurse."""
    level = [node]
    while level and levels >= 0:
        level, levels = [below for each in level for below in children(each)], levels - 1
    return bool(level)
