"""Makes terms and moments anew when a newer Argosy declares others than those the database was written with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from argosy.resources.kind import Kind
from argosy.resources.meta import Json, Key
from argosy.store.selection import EMPTY, terms_of
from argosy.store.tables import ledger, resource, term
from argosy.store.vault import Vault

STEP = 1000

Row = dict[str, object]

_PLACE = update(resource).where(resource.c.id == bindparam("row_id")).values(moment=bindparam("new_moment"))


def reindex(connection: Connection, vault: Vault, kinds: Mapping[str, Kind]) -> None:
    """Bring terms and moments in line with what `kinds` declare, in one transaction."""
    wanted = {name: _declared(kind) for name, kind in kinds.items()}
    kept = connection.execute(select(ledger.c.indexes)).scalar_one()
    known = orjson.loads(kept or "{}")
    stale = [name for name, declared in wanted.items() if known.get(name) != declared]
    if not stale:
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    for name in stale:
        connection.execute(delete(term).where(term.c.kind == name))
        for resources, terms in _rows(connection, vault, kinds[name]):
            connection.execute(_PLACE, resources)
            if terms:
                connection.execute(insert(term), terms)
    # The log tells of changes by the terms of before: who watched asks anew.
    told = {"indexes": orjson.dumps({**known, **wanted}).decode(), "pruned": ledger.c.version}
    connection.execute(update(ledger).values(told))
    connection.commit()


def _declared(kind: Kind) -> dict[str, Json]:
    """What terms and moments of a kind depend on; `EMPTY` because absent fields had no terms once."""
    fields = sorted([path, list(keys)] for path, keys in kind.indexes.items())
    return {"fields": fields, "moment": kind.moment.__name__, "absent": EMPTY}


def _rows(connection: Connection, vault: Vault, kind: Kind) -> Iterator[tuple[list[Row], list[Row]]]:
    """The moments of resources, and their terms, some at a time."""
    last = 0
    while True:
        query = select(resource).where(resource.c.kind == kind.name, resource.c.id > last)
        found = connection.execute(query.order_by(resource.c.id).limit(STEP)).all()
        if not found:
            return
        resources: list[Row] = []
        terms: list[Row] = []
        for row in found:
            place = {"kind": row.kind, "namespace": row.namespace, "name": row.name}
            data = orjson.loads(vault.open(Key(**place), row.uid, row.stored))
            moment = kind.moment(data)
            resources.append({"row_id": row.id, "new_moment": moment})
            common = {**place, "resource": row.id, "moment": moment}
            terms.extend({**common, "path": path, "value": value} for path, value in terms_of(data, kind))
        yield resources, terms
        last = found[-1].id
