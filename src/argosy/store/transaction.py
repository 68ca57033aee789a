"""What one group of writes does to the tables: give versions, keep documents, their terms and the change log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update

from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json, Key
from argosy.rules.document import is_deleting, owner_uids
from argosy.store.base import EventType
from argosy.store.change import Change, pack
from argosy.store.draft import kind_of, written
from argosy.store.selection import Terms, terms_of
from argosy.store.tables import change, owned, resource, sweep, term
from argosy.store.vault import Vault

Data = dict[str, Json]

_BY_KEY = select(resource).where(
    resource.c.kind == bindparam("kind"),
    resource.c.namespace == bindparam("namespace"),
    resource.c.name == bindparam("name"),
)
_INSERT = insert(resource)
_UPDATE = (
    update(resource)
    .where(resource.c.id == bindparam("row_id"))
    .values(
        version=bindparam("new_version"),
        deleting=bindparam("new_deleting"),
        moment=bindparam("new_moment"),
        stored=bindparam("new_stored"),
    )
)
_DELETE = delete(resource).where(resource.c.id == bindparam("row_id"))
_LOG = insert(change)
_ADD_TERMS = insert(term)
_DROP_TERMS = delete(term).where(
    *(term.c[name] == bindparam(f"t_{name}") for name in ("kind", "path", "value", "namespace", "name"))
)
_ADD_OWNED = insert(owned)
_DROP_OWNED = delete(owned).where(owned.c.owner == bindparam("uid"), owned.c.resource == bindparam("row_id"))
_OWNS = select(exists().where(owned.c.owner == bindparam("uid")))
_ADD_SWEEP = insert(sweep)

_Entries = frozenset[tuple[str, str, str]]
"""Path and value of terms, with the moment of their resource."""


def _entries(terms: Terms, moment: str) -> _Entries:
    return frozenset((path, value, moment) for path, value in terms)


@dataclass(frozen=True)
class Kept:
    """A document as the transaction found it."""

    id: int
    key: Key
    uid: str
    version: int
    stored: bytes
    raw: bytes

    @cached_property
    def data(self) -> Data:
        data: Data = orjson.loads(self.raw)
        return data

    @property
    def document(self) -> Document:
        return Document(self.key, self.version, self.raw)


@dataclass
class Transaction:
    """One group of writes on one connection.

    Attributes:
        newest: the version of the last write, this group's included.
        now: the time of the group.
        log: how many versions the change log reaches back.
        changes: what this group changed, in order of versions.
        wrote: whether there is anything to commit.
        planned: whether a sweep was planned.
    """

    connection: Connection
    vault: Vault
    kinds: Mapping[str, Kind]
    newest: int
    now: datetime
    log: int

    def __post_init__(self) -> None:
        self.changes: list[Change] = []
        self.wrote = self.planned = False
        self._guarded = False

    def begin_step(self) -> tuple[int, int]:
        """Begin one write of the group, which `undo` can take back; its savepoint is made when it first writes."""
        if self._guarded:
            self.connection.exec_driver_sql("RELEASE step")
        self._guarded = False
        return self.newest, len(self.changes)

    def undo(self, mark: tuple[int, int]) -> None:
        """Take back everything since `mark`."""
        if self._guarded:
            self.connection.exec_driver_sql("ROLLBACK TO step")
            self.connection.exec_driver_sql("RELEASE step")
            self._guarded = False
        self.newest = mark[0]
        del self.changes[mark[1] :]

    def guard(self) -> None:
        """To be called before anything is written."""
        if not self._guarded:
            self.connection.exec_driver_sql("SAVEPOINT step")
            self._guarded = self.wrote = True

    def kind(self, name: str) -> Kind:
        """Raises Invalid for a kind that the store does not know."""
        return kind_of(self.kinds, name)

    def find(self, key: Key) -> Kept | None:
        """The document at `key` as this transaction sees it."""
        parameters = {"kind": key.kind, "namespace": key.namespace, "name": key.name}
        row = self.connection.execute(_BY_KEY, parameters).first()
        return None if row is None else self.kept(row)

    def kept(self, row: Row[Any]) -> Kept:
        """The document of a row of the table `resource`."""
        key = Key(row.kind, row.namespace, row.name)
        return Kept(row.id, key, row.uid, row.version, row.stored, self.vault.open(key, row.uid, row.stored))

    def owns(self, uid: str) -> bool:
        """Whether some document names `uid` as an owner."""
        return bool(self.connection.execute(_OWNS, {"uid": uid}).scalar())

    def plan_sweep(self, task: str, subject: str) -> None:
        """Note work that follows from a deletion; it is done in this transaction or, if it is long, in later ones."""
        self.guard()
        self.connection.execute(_ADD_SWEEP, {"task": task, "subject": subject})
        self.planned = True

    def insert(self, data: Data) -> Document:
        """Keep a new document. Raises Invalid when it is too large or no JSON."""
        document, stored, uid = self._stamp(data)
        self.guard()
        key = document.key
        kind = self.kinds[key.kind]
        moment = kind.moment(data)
        values = {"kind": key.kind, "namespace": key.namespace, "name": key.name, "uid": uid, "moment": moment}
        result = self.connection.execute(
            _INSERT, {**values, "version": document.version, "deleting": int(is_deleting(data)), "stored": stored}
        )
        assert result.inserted_primary_key is not None  # noqa: S101 - the insert of one row always tells its key
        row_id = result.inserted_primary_key[0]
        terms = terms_of(data, kind)
        self._index(key, row_id, _entries(terms, moment), frozenset())
        self._own(row_id, frozenset(owner_uids(data)), frozenset())
        self._log(Change(document.version, document, terms, None), stored, uid, None)
        return document

    def replace(self, kept: Kept, data: Data) -> Document:
        """Keep a changed document. Raises Invalid when it is too large or no JSON."""
        document, stored, uid = self._stamp(data)
        self.guard()
        kind = self.kinds[kept.key.kind]
        moment = kind.moment(data)
        self.connection.execute(
            _UPDATE,
            {
                "row_id": kept.id,
                "new_version": document.version,
                "new_deleting": int(is_deleting(data)),
                "new_moment": moment,
                "new_stored": stored,
            },
        )
        terms, was = terms_of(data, kind), terms_of(kept.data, kind)
        self._index(kept.key, kept.id, _entries(terms, moment), _entries(was, kind.moment(kept.data)))
        self._own(kept.id, frozenset(owner_uids(data)), frozenset(owner_uids(kept.data)))
        self._log(Change(document.version, document, terms, was), stored, uid, kept)
        return document

    def remove(self, kept: Kept, data: Data) -> Document:
        """Remove a document whose last state is `data`."""
        document, stored, uid = self._stamp(data)
        self.guard()
        kind = self.kinds[kept.key.kind]
        was = terms_of(kept.data, kind)
        self.connection.execute(_DELETE, {"row_id": kept.id})
        self._index(kept.key, kept.id, frozenset(), _entries(was, kind.moment(kept.data)))
        self._own(kept.id, frozenset(), frozenset(owner_uids(kept.data)))
        self._log(Change(document.version, document, None, was), stored, uid, kept)
        return document

    def _stamp(self, data: Data) -> tuple[Document, bytes, str]:
        """Give `data` the next version."""
        version = self.newest + 1
        document = self.draft(data, version)
        uid = data["metadata"]["uid"]
        self.newest = version
        return document, self.vault.seal(document.key, uid, document.raw), uid

    def draft(self, data: Data, version: int) -> Document:
        """The document that `data` would be kept as. Raises Invalid when it is too large or no JSON."""
        meta = {**data["metadata"], "resourceVersion": str(version)} if version else data["metadata"]
        key = Key.of(data)
        raw = written({**data, "metadata": meta}, self.kinds[key.kind])
        return Document(key, version, raw)

    def _index(self, key: Key, row_id: int, entries: _Entries, were: _Entries) -> None:
        place = {"kind": key.kind, "namespace": key.namespace, "name": key.name}
        if gone := were - entries:
            bound = {f"t_{name}": value for name, value in place.items()}
            rows = [{**bound, "t_path": path, "t_value": value} for path, value, _ in gone]
            self.connection.execute(_DROP_TERMS, rows)
        if new := entries - were:
            common: dict[str, object] = {**place, "resource": row_id}
            added = [{**common, "path": path, "value": value, "moment": moment} for path, value, moment in new]
            self.connection.execute(_ADD_TERMS, added)

    def _own(self, row_id: int, owners: frozenset[str], were: frozenset[str]) -> None:
        if gone := were - owners:
            self.connection.execute(_DROP_OWNED, [{"uid": uid, "row_id": row_id} for uid in gone])
        if new := owners - were:
            self.connection.execute(_ADD_OWNED, [{"owner": uid, "resource": row_id} for uid in new])

    def _log(self, entry: Change, stored: bytes, uid: str, before: Kept | None) -> None:
        """Append to the change log; what was before goes with it unless the log holds that for long enough."""
        key = entry.document.key
        type = EventType.DELETED if entry.terms is None else EventType.MODIFIED if before else EventType.ADDED
        old = before is not None and before.version <= entry.version - self.log // 2
        self.connection.execute(
            _LOG,
            {
                "version": entry.version,
                "kind": key.kind,
                "namespace": key.namespace,
                "name": key.name,
                "uid": uid,
                "type": type.value,
                "stored": stored,
                "terms": pack(entry.terms or frozenset()),
                "was_terms": None if entry.was is None else pack(entry.was),
                "was_version": before.version if before else 0,
                "was_stored": before.stored if before and old else None,
            },
        )
        self.changes.append(entry)
