"""What a deletion leads to: finalizers hold it up, what was owned goes too, a namespace goes when it is empty.

Long consequences are noted in the table `sweep` in the same transaction and done in steps, after a restart as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, exists, select

from argosy.failpoints import reach
from argosy.resources.meta import Document, Key
from argosy.rules.document import (
    FOREGROUND,
    Data,
    deleting,
    is_deleting,
    is_finished,
    owner_uids,
    without_finalizer,
    without_owner,
)
from argosy.store.tables import owned, resource, sweep
from argosy.store.transaction import Kept, Transaction


def collect(tx: Transaction, kept: Kept, data: Data | None = None, *, foreground: bool = False) -> Document:
    """Delete a document: at once if nothing holds it up, else stamp it. Returns its last state.

    `data` is its state when that differs from what is kept. A foreground deletion waits for what it owns.
    """
    kind = tx.kinds[kept.key.kind]
    waits = foreground and tx.owns(kept.uid)
    stamped = deleting(data or kept.data, kind, now=tx.now, foreground=waits)
    contents = kind.name == "Namespace" and _holds(tx, kept.key.name)
    if is_finished(stamped) and not contents:
        return _remove(tx, kept, stamped)
    if stamped == kept.data:
        return kept.document
    document = tx.replace(kept, stamped)
    if contents:
        tx.plan_sweep("namespace", kept.key.name)
    if waits:
        tx.plan_sweep("owner", kept.uid)
    return document


def orphan_dependents(tx: Transaction, uid: str) -> None:
    """Take the owner of that uid out of everything it owns."""
    for kept in _dependents(tx, uid, limit=-1, stamped=True):
        tx.replace(kept, without_owner(kept.data, uid))


def sweep_some(tx: Transaction, limit: int) -> bool:
    """Do up to about `limit` deletions that earlier ones led to. Returns whether some are left."""
    while limit > 0:
        row = tx.connection.execute(select(sweep).order_by(sweep.c.id).limit(1)).first()
        if row is None:
            return False
        reach("store.sweep")
        step = _sweep_namespace if row.task == "namespace" else _sweep_owner
        done = step(tx, row.subject, limit)
        if done < limit:
            tx.guard()
            tx.connection.execute(delete(sweep).where(sweep.c.id == row.id))
        limit -= max(done, 1)
    return True


def _remove(tx: Transaction, kept: Kept, data: Data) -> Document:
    document = tx.remove(kept, data)
    if tx.owns(kept.uid):
        tx.plan_sweep("owner", kept.uid)
    for uid in owner_uids(kept.data):
        _release_owner(tx, uid)
    if kept.key.namespace:
        _release_namespace(tx, kept.key.namespace)
    return document


def _release_owner(tx: Transaction, uid: str) -> None:
    """Let an owner go that waited only for what it owned."""
    owner = _by_uid(tx, uid)
    if owner is None or not _waits(owner.data) or tx.owns(uid):
        return
    data = without_finalizer(owner.data, FOREGROUND)
    if is_finished(data):
        collect(tx, owner, data)
    else:
        tx.replace(owner, data)


def _release_namespace(tx: Transaction, name: str) -> None:
    """Let a namespace go that waited only for its contents."""
    namespace = tx.find(Key("Namespace", "", name))
    if namespace is not None and is_finished(namespace.data) and not _holds(tx, name):
        _remove(tx, namespace, namespace.data)


def _sweep_namespace(tx: Transaction, name: str, limit: int) -> int:
    inside = select(resource).where(resource.c.namespace == name, resource.c.deleting == 0).limit(limit)
    rows = tx.connection.execute(inside).all()
    for row in rows:
        # An earlier one of these may have taken this one along.
        kept = tx.find(Key(row.kind, row.namespace, row.name))
        if kept is not None and not is_deleting(kept.data):
            collect(tx, kept)
    return len(rows)


def _sweep_owner(tx: Transaction, uid: str, limit: int) -> int:
    dependents = _dependents(tx, uid, limit, stamped=False)
    for found in dependents:
        kept = tx.find(found.key)
        if kept is None or is_deleting(kept.data):
            continue
        others = [other for other in owner_uids(kept.data) if other != uid and _stays(tx, other)]
        if others:
            tx.replace(kept, without_owner(kept.data, uid))
        else:
            collect(tx, kept)
    if len(dependents) < limit:
        _release_owner(tx, uid)
    return len(dependents)


def _dependents(tx: Transaction, uid: str, limit: int, *, stamped: bool) -> list[Kept]:
    query = select(resource).join(owned, owned.c.resource == resource.c.id).where(owned.c.owner == uid)
    if not stamped:
        query = query.where(resource.c.deleting == 0)
    return [tx.kept(row) for row in tx.connection.execute(query.limit(limit) if limit >= 0 else query)]


def _stays(tx: Transaction, uid: str) -> bool:
    owner = _by_uid(tx, uid)
    return owner is not None and not _waits(owner.data)


def _waits(data: Mapping[str, object]) -> bool:
    meta = data["metadata"]
    return isinstance(meta, dict) and is_deleting(data) and FOREGROUND in (meta.get("finalizers") or ())


def _by_uid(tx: Transaction, uid: str) -> Kept | None:
    row = tx.connection.execute(select(resource).where(resource.c.uid == uid)).first()
    return None if row is None else tx.kept(row)


def _holds(tx: Transaction, namespace: str) -> bool:
    return bool(tx.connection.execute(select(exists().where(resource.c.namespace == namespace))).scalar())
