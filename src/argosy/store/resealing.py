"""Rotates the key of the vault: everything sealed is sealed again with a new key, then the old keys are forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, Table, exists, func, select, update

from argosy.resources.meta import Key
from argosy.store.tables import change, resource
from argosy.store.transaction import Transaction
from argosy.store.vault import ID_LENGTH, PREFIX, PROTECTED, Vault

STEP = 200
"""Documents sealed again in one transaction; other writes go on in between."""

Run = Callable[[Callable[[Transaction], int]], Awaitable[int]]


def holds_sealed(connection: Connection) -> bool:
    """Whether anything in the database is sealed, so that its key must be there."""
    return any(
        connection.execute(select(exists().where(table.c.kind.in_(PROTECTED)))).scalar() for table in (resource, change)
    )


async def rotate(vault: Vault, run: Run) -> None:
    """Seal everything again with a new key. A crash in between leaves both keys, and another rotation finishes it."""
    vault.add_key()
    # Documents first: the log copies what a document was sealed as before a change.
    for table, column in ((resource, "stored"), (change, "stored"), (change, "was_stored")):
        while await run(_step(table, column)):
            pass
    vault.drop_old_keys()


def _step(table: Table, name: str) -> Callable[[Transaction], int]:
    column = table.c[name]
    identity = table.primary_key.columns.values()[0]

    def step(tx: Transaction) -> int:
        old = func.substr(column, 1, len(PREFIX) + ID_LENGTH) != PREFIX + tx.vault.newest.encode()
        rows = tx.connection.execute(
            select(identity.label("row"), table.c.kind, table.c.namespace, table.c.name, table.c.uid, column)
            .where(table.c.kind.in_(PROTECTED), column.is_not(None), old)
            .limit(STEP)
        ).all()
        for row in rows:
            tx.guard()
            key = Key(row.kind, row.namespace, row.name)
            sealed = tx.vault.seal(key, row.uid, tx.vault.open(key, row.uid, getattr(row, name)))
            tx.connection.execute(update(table).where(identity == row.row).values({name: sealed}))
        return len(rows)

    return step
