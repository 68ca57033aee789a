"""Which names in an expression mean nothing where it stands, found without evaluating it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from argosy.errors import suggestion
from argosy.expressions import syntax
from argosy.expressions.functions import BUILTINS
from argosy.expressions.grammar import LOOPS
from argosy.expressions.value import MANY
from argosy.expressions.vocabulary import Shape, Vocabulary


@dataclass(frozen=True, slots=True)
class Misnomer:
    """A name that means nothing.

    Attributes:
        at: index of the character in the expression.
        path: the variable and its fields down to the unknown one, empty when it is about a function.
        problem, advice: sentences for people.
    """

    at: int
    path: tuple[str, ...]
    problem: str
    advice: str


def misnomers(expression: syntax.Expression, vocabulary: Vocabulary) -> Iterator[Misnomer]:
    """Everything in `expression` that `vocabulary` does not know, in the order of the text.

    What `?.` or `??` allow to be missing is passed over.
    """
    given = {node.name for node in syntax.walk(expression.body) if isinstance(node, syntax.Let)}
    known = vocabulary.extended(**dict.fromkeys((*given, "$env")))
    found = [each for node in _strict(expression.body) for each in _in(node, known)]
    yield from sorted(found, key=lambda each: each.at)


def path_of(node: syntax.Node) -> tuple[str, ...]:
    """`vars.repo` or `outputs['a'].b` as names; empty for anything else."""
    names: list[str] = []
    while isinstance(node, syntax.Member | syntax.Chain):
        if isinstance(node, syntax.Member):
            if not isinstance(node.key, syntax.Literal) or not isinstance(node.key.value, str):
                return ()
            names.append(node.key.value)
        node = node.body if isinstance(node, syntax.Chain) else node.of
    return (node.name, *reversed(names)) if isinstance(node, syntax.Name) else ()


def _strict(body: syntax.Node) -> Iterator[syntax.Node]:
    """Every node that is to have a value, a path of names as one; of what may be missing, only what it computes."""
    rest = [(body, False)]
    while rest:
        node, lenient = rest.pop()
        if isinstance(node, syntax.Binary) and node.operator == "??":
            rest += [(node.left, True), (node.right, lenient)]
        elif isinstance(node, syntax.Chain):
            rest.append((node.body, True))
        elif path_of(node):
            if not lenient:
                yield node
        else:
            yield node
            of = isinstance(node, syntax.Member | syntax.MethodCall | syntax.Slice)
            rest += [(each, lenient and of and not index) for index, each in enumerate(syntax.children(node))]


def _in(node: syntax.Node, known: Vocabulary) -> Iterator[Misnomer]:
    if path := path_of(node):
        yield from _unknown(node, path, known.variables)
    elif isinstance(node, syntax.Call):
        yield from _call(node, known.functions)


def _unknown(node: syntax.Node, path: tuple[str, ...], variables: Mapping[str, Shape]) -> Iterator[Misnomer]:
    shape: Shape = variables
    for index, name in enumerate(path):
        if shape is None:
            return
        if name not in shape:
            where = f"{'.'.join(path[:index])} has no {name!r}" if index else f"there is no variable {name!r} here"
            yield Misnomer(_place(node, len(path) - index), path[: index + 1], where, suggestion(name, shape))
            return
        shape = shape[name]


def _place(node: syntax.Node, above: int) -> int:
    """Where the name stands that has `above - 1` names after it."""
    while isinstance(node, syntax.Chain) or (above > 1 and isinstance(node, syntax.Member)):
        if isinstance(node, syntax.Chain):
            node = node.body
        else:
            node, above = node.of, above - 1
    return node.at


def _call(node: syntax.Call, functions: Mapping[str, tuple[int, int]]) -> Iterator[Misnomer]:
    if node.name not in functions:
        if node.name not in BUILTINS:
            advice = suggestion(node.name, [*functions, *BUILTINS, *LOOPS])
            yield Misnomer(node.at, (), f"there is no function {node.name}() here", advice)
        return
    count, (least, most) = len(node.arguments), functions[node.name]
    if not least <= count <= most:
        expected = f"at least {least}" if most == MANY else f"{least}" if least == most else f"{least} to {most}"
        yield Misnomer(node.at, (), f"{node.name}() takes {expected} arguments, not {count}", "")
