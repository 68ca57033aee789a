"""Makes the terms anew when a newer Argosy declares other indexes than those the database was written with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from argosy.resources.kind import Kind
from argosy.resources.meta import Key
from argosy.store.selection import terms_of
from argosy.store.tables import ledger, resource, term
from argosy.store.vault import Vault

STEP = 1000


def reindex(connection: Connection, vault: Vault, kinds: Mapping[str, Kind]) -> None:
    """Bring the terms in line with the indexes of `kinds`, in one transaction."""
    wanted = {name: sorted((path, list(keys)) for path, keys in kind.indexes.items()) for name, kind in kinds.items()}
    kept = connection.execute(select(ledger.c.indexes)).scalar_one()
    known = orjson.loads(kept or "{}")
    stale = [name for name, indexes in wanted.items() if known.get(name) != orjson.loads(orjson.dumps(indexes))]
    if not stale:
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    for name in stale:
        connection.execute(delete(term).where(term.c.kind == name))
        for rows in _rows(connection, vault, kinds[name]):
            connection.execute(insert(term), rows)
    connection.execute(update(ledger).values(indexes=orjson.dumps({**known, **wanted}).decode()))
    connection.commit()


def _rows(connection: Connection, vault: Vault, kind: Kind) -> Iterator[list[dict[str, object]]]:
    last = 0
    while True:
        query = select(resource).where(resource.c.kind == kind.name, resource.c.id > last)
        found = connection.execute(query.order_by(resource.c.id).limit(STEP)).all()
        if not found:
            return
        rows: list[dict[str, object]] = []
        for row in found:
            place = {"kind": row.kind, "namespace": row.namespace, "name": row.name}
            data = orjson.loads(vault.open(Key(**place), row.uid, row.stored))
            rows.extend(
                {**place, "path": path, "value": value, "resource": row.id} for path, value in terms_of(data, kind)
            )
        if rows:
            yield rows
        last = found[-1].id
