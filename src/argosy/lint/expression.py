"""Expressions: those that cannot be read, and names in them that mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from argosy.expressions import (
    ExpressionError,
    Misnomer,
    Vocabulary,
    expressions_in,
    is_expression,
    misnomers,
    parse,
)
from argosy.expressions.syntax import Expression
from argosy.lint.base import Finding, Place, texts


def parsed(template: str) -> list[Expression]:
    """The expressions of a template. Raises ExpressionError."""
    return [parse(each.source) for each in expressions_in(template)] if is_expression(template) else []


Tell = Callable[[Place, Expression, Misnomer], Finding]
"""Makes the finding about a name that means nothing."""


def told(place: Place, expression: Expression, each: Misnomer) -> Finding:
    """An error with the place of the name."""
    return place.error("unknown-name", each.problem, each.advice, excerpt(expression, each))


def bare(place: Place, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Findings about a field that is an expression as a whole."""
    source = place.value
    if isinstance(source, str) and source.strip():
        try:
            expression = parse(source)
        except ExpressionError as error:
            yield unreadable(place, error)
        else:
            yield from (told(place, expression, each) for each in misnomers(expression, vocabulary))


def written(place: Place) -> Iterator[tuple[Place, Expression]]:
    """Every expression of the texts at `place` and below that can be read."""
    for path, text in texts(place.value):
        with suppress(ExpressionError):
            for expression in parsed(text):
                yield Place(place.manifest, (*place.path, *path)), expression


def within(place: Place, vocabulary: Vocabulary, tell: Tell = told) -> Iterator[Finding]:
    """Findings about every text with `${{ }}` at `place` and below."""
    for path, text in texts(place.value):
        here = Place(place.manifest, (*place.path, *path))
        try:
            found = parsed(text)
        except ExpressionError as error:
            yield unreadable(here, error)
        else:
            yield from (tell(here, each, name) for each in found for name in misnomers(each, vocabulary))


def unreadable(place: Place, error: ExpressionError) -> Finding:
    return place.error("expression", error.problem, error.advice, error.caret)


def excerpt(expression: Expression, each: Misnomer) -> str:
    """The line of the expression, with a caret."""
    return ExpressionError(each.problem, kind="syntax", source=expression.source, at=each.at).caret
