"""Which documents a query selects: the terms a document is found by, and whether they satisfy a query. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from argosy.errors import Invalid, Problem
from argosy.resources.kind import Kind
from argosy.resources.meta import Json, Key
from argosy.store.base import Operator, Query, Requirement

Terms = frozenset[tuple[str, str]]
"""Pairs of path and value: `#name` for a label, the selectable path for a field. A list gives one per item."""

EMPTY = ""
"""The value of a field that is absent."""

PLACES = ("metadata.name", "metadata.namespace")
"""Fields that every kind can be selected by."""


def terms_of(data: Mapping[str, Json], kind: Kind) -> Terms:
    """The terms a document is found by. An absent field gives an empty value."""
    labels = (data.get("metadata") or {}).get("labels") or {}
    terms = {(f"#{name}", value) for name, value in labels.items()}
    for field, path in kind.indexes.items():
        terms.update((field, text) for text in {text for text in map(_text, _values(data, path)) if text} or {EMPTY})
    return frozenset(terms)


def _values(value: Json, path: tuple[str, ...]) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        yield from _values(value.get(path[0]), path[1:])


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def check_fields(query: Query, kind: Kind) -> None:
    """Raises Invalid when the query selects by a field that `kind` does not declare."""
    allowed = (*PLACES, *kind.indexes)
    problems = [
        Problem("cannot be selected by", path, advice=f"Use one of: {', '.join(allowed)}.")
        for path in (*query.fields, *query.excluded)
        if path not in allowed
    ]
    if problems:
        raise Invalid(f"unknown field selector for {kind.name}", problems)


def matches(query: Query, key: Key, terms: Terms) -> bool:
    """Whether a document at `key` with these terms satisfies the query."""
    if key.kind != query.kind or query.namespace not in (None, key.namespace):
        return False
    return (
        all(_field_is(path, value, key, terms) for path, value in query.fields.items())
        and not any(_field_is(path, value, key, terms) for path, value in query.excluded.items())
        and all(_label_holds(requirement, terms) for requirement in query.labels)
    )


def _field_is(path: str, value: str, key: Key, terms: Terms) -> bool:
    if path in PLACES:
        return value == (key.name if path == "metadata.name" else key.namespace)
    return (path, value) in terms


def _label_holds(requirement: Requirement, terms: Terms) -> bool:
    path = f"#{requirement.label}"
    match requirement.operator:
        case Operator.IN:
            return any((path, value) in terms for value in requirement.values)
        case Operator.NOT_IN:
            return not any((path, value) in terms for value in requirement.values)
        case Operator.EXISTS:
            return any(term[0] == path for term in terms)
        case Operator.MISSING:
            return all(term[0] != path for term in terms)
