"""Lists documents by indexed queries; by name, later pages show the state that the first page saw."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, bindparam, literal, select, tuple_

from argosy.errors import Gone, Invalid
from argosy.resources.meta import Document, Key
from argosy.store.age import Mark
from argosy.store.base import Operator, Order, Page, Query
from argosy.store.change import Change, read_change, unpack
from argosy.store.selection import EMPTY, PLACES, matches
from argosy.store.tables import change, ledger, resource, term
from argosy.store.vault import Vault

_BEFORE = [change.c[name] for name in ("version", "kind", "namespace", "name", "uid", "was_terms", "was_version")]
_CHANGED = (
    select(*_BEFORE)
    .where(change.c.kind == bindparam("kind"), change.c.version > bindparam("since"))
    .order_by(change.c.version)
)
_AFTER = (
    select(change)
    .where(change.c.kind == bindparam("kind"), change.c.version > bindparam("since"))
    .order_by(change.c.version)
    .limit(bindparam("many"))
)
_LOGGED = select(change.c.stored, change.c.was_stored).where(change.c.version == bindparam("version"))


@dataclass(frozen=True, slots=True)
class Token:
    """Where the next page begins: after this place, in the state of that version."""

    version: int
    namespace: str
    name: str

    def encode(self) -> str:
        packed = orjson.dumps([self.version, self.namespace, self.name])
        return base64.urlsafe_b64encode(packed).decode()

    @classmethod
    def decode(cls, text: str) -> Token:
        """Raises Invalid."""
        try:
            version, namespace, name = orjson.loads(base64.urlsafe_b64decode(text))
        except (binascii.Error, ValueError, TypeError) as error:
            raise Invalid("the continue token is not one of ours", advice="List again from the beginning.") from error
        if type(version) is not int or not isinstance(namespace, str) or not isinstance(name, str):
            raise Invalid("the continue token is not one of ours", advice="List again from the beginning.")
        return cls(version, namespace, name)


def list_page(connection: Connection, vault: Vault, query: Query, limit: int, more: str) -> Page:
    """One page, read in one snapshot. Raises Gone when the log no longer tells the state of the first page."""
    state = connection.execute(select(ledger)).one()
    if query.order is not Order.NAME:
        return _by_age(connection, vault, query, state.version, limit, more)
    token = Token.decode(more) if more else None
    version = token.version if token else state.version
    check_reach(version, state)
    rows: Sequence[Row[Any]] = connection.execute(_select(query, token, version, limit)).all()
    found = [_document(row, vault) for row in rows]
    if version < state.version:
        found = sorted([*found, *_past(connection, vault, query, version, token)], key=lambda document: document.key)
    if not limit or len(found) <= limit:
        return Page(found, version)
    found = found[:limit]
    last = found[-1].key
    return Page(found, version, Token(version, last.namespace, last.name).encode())


def _by_age(connection: Connection, vault: Vault, query: Query, version: int, limit: int, more: str) -> Page:
    mark = Mark.decode(more) if more else None
    rows = connection.execute(_select_by_age(query, mark, limit)).all()
    found = [_document(row, vault) for row in rows[: limit or None]]
    if len(found) == len(rows):
        return Page(found, version)
    last = rows[limit - 1]
    return Page(found, version, Mark(last.moment, last.namespace, last.name).encode())


def check_reach(version: int, state: Row[Any]) -> None:
    """Raises Gone when the log does not tell what happened since `version`."""
    if version < state.pruned:
        raise Gone(f"version {version} is too old: the log begins at {state.pruned}", advice="List again.")
    if version > state.version:
        raise Gone(f"version {version} is in the future: the newest is {state.version}", advice="List again.")


def read_log(
    connection: Connection, vault: Vault, kind: str, since: int, many: int
) -> tuple[Sequence[Change], int, bool]:
    """The next changes of a kind, the version up to which they are complete, and whether that is all. Raises Gone."""
    state = connection.execute(select(ledger)).one()
    check_reach(since, state)
    rows = connection.execute(_AFTER, {"kind": kind, "since": since, "many": many}).all()
    changes = [read_change(row, vault) for row in rows]
    if len(rows) < many:
        return changes, state.version, True
    return changes, changes[-1].version, False


def _document(row: Row[Any], vault: Vault) -> Document:
    key = Key(row.kind, row.namespace, row.name)
    return Document(key, row.version, vault.open(key, row.uid, row.stored))


def _past(connection: Connection, vault: Vault, query: Query, version: int, token: Token | None) -> list[Document]:
    """The matching documents as they were at `version`, of those that changed since."""
    first: dict[tuple[str, str], Row[Any]] = {}
    for row in connection.execute(_CHANGED, {"kind": query.kind, "since": version}):
        first.setdefault((row.namespace, row.name), row)
    start = (token.namespace, token.name) if token else ("", "")
    found = []
    for place, row in first.items():
        key = Key(query.kind, *place)
        if place > start and row.was_terms is not None and matches(query, key, unpack(row.was_terms)):
            found.append(Document(key, row.was_version, vault.open(key, row.uid, _stored_before(connection, row))))
    return found


def _stored_before(connection: Connection, row: Row[Any]) -> bytes:
    own = connection.execute(_LOGGED, {"version": row.version}).one()
    if own.was_stored is not None:
        return bytes(own.was_stored)
    older = connection.execute(_LOGGED, {"version": row.was_version}).first()
    if older is None:
        raise Gone("the list is too old to be continued", advice="List again from the beginning.")
    return bytes(older.stored)


def _select(query: Query, token: Token | None, version: int, limit: int) -> Select[Any]:
    """The rows that match and have not changed since `version`, by name."""
    source, place, where = _matching(query)
    if token:
        where += [_after(query, place, token), resource.c.version <= version]
    statement = select(*_columns(place)).select_from(source).where(*where).order_by(place.c.namespace, place.c.name)
    return statement.limit(limit + 1) if limit else statement


def _select_by_age(query: Query, mark: Mark | None, limit: int) -> Select[Any]:
    """The rows that match, by age."""
    source, place, where = _matching(query)
    is_newest = query.order is Order.NEWEST
    order = (place.c.moment, place.c.namespace, place.c.name)
    if mark:
        here, there = tuple_(*order), tuple_(*map(literal, (mark.moment, mark.namespace, mark.name)))
        where.append(here < there if is_newest else here > there)
    ordered = [column.desc() for column in order] if is_newest else order
    statement = select(*_columns(place), place.c.moment).select_from(source).where(*where).order_by(*ordered)
    return statement.limit(limit + 1) if limit else statement


def _columns(place: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (place.c.kind, place.c.namespace, place.c.name, resource.c.uid, resource.c.version, resource.c.stored)


def _matching(query: Query) -> tuple[FromClause, FromClause, list[ColumnElement[bool]]]:
    """From where to select, the table that leads, and the conditions.

    A term that must be there leads the query: its index gives the selection and often the order too.
    """
    place: FromClause = resource
    source: FromClause = resource
    where: list[ColumnElement[bool]] = []
    for path, values in _present(query):
        found = term.alias()
        on = [found.c.kind == query.kind, found.c.path == path]
        if values is not None:
            on.append(found.c.value == values[0] if len(values) == 1 else found.c.value.in_(values))
        if place is resource:
            place, where = found, on
            source = found.join(resource, resource.c.id == found.c.resource)
        else:
            at = [found.c.namespace == place.c.namespace, found.c.name == place.c.name]
            source = source.join(found, and_(*on, *at))
    return source, place, [*(where or [resource.c.kind == query.kind]), *_places(query, place), *_absent(query)]


def _after(query: Query, place: FromClause, token: Token) -> ColumnElement[bool]:
    if query.namespace is not None:
        return place.c.name > token.name
    return tuple_(place.c.namespace, place.c.name) > tuple_(literal(token.namespace), literal(token.name))


def _present(query: Query) -> list[tuple[str, tuple[str, ...] | None]]:
    """The paths that must have one of these values (None: any value), the most selective first."""
    fields = [(path, (value,)) for path, value in query.fields.items() if path not in PLACES]
    fields.sort(key=lambda field: field[1] == (EMPTY,))
    labels = [(f"#{label.label}", label.values) for label in query.labels if label.operator is Operator.IN]
    any_value = [(f"#{label.label}", None) for label in query.labels if label.operator is Operator.EXISTS]
    return [*fields, *sorted(labels, key=lambda label: len(label[1])), *any_value]


def _places(query: Query, place: FromClause) -> Iterator[ColumnElement[bool]]:
    if query.namespace is not None:
        yield place.c.namespace == query.namespace
    for path in PLACES:
        column = place.c[path.removeprefix("metadata.")]
        if path in query.fields:
            yield column == query.fields[path]
        if path in query.excluded:
            yield column != query.excluded[path]


def _absent(query: Query) -> Iterator[ColumnElement[bool]]:
    """Terms that must not be there."""
    for path, value in query.excluded.items():
        if path not in PLACES:
            yield resource.c.id.not_in(_having(query, path, value))
    for label in query.labels:
        if label.operator is Operator.NOT_IN:
            yield resource.c.id.not_in(_having(query, f"#{label.label}", *label.values))
        elif label.operator is Operator.MISSING:
            yield resource.c.id.not_in(_having(query, f"#{label.label}"))


def _having(query: Query, path: str, *values: str) -> Select[Any]:
    """The resources with one of these values, or any where none is named, in the namespace of the query."""
    statement = select(term.c.resource).where(term.c.kind == query.kind, term.c.path == path)
    if values:
        statement = statement.where(term.c.value.in_(values))
    return statement if query.namespace is None else statement.where(term.c.namespace == query.namespace)
