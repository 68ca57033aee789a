"""The writes of the Store contract, each as a function of one transaction. Refusals come before anything is written."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argosy.errors import AlreadyExists, Conflict, Denied, NotFound
from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json, Key
from argosy.rules import patch as patches
from argosy.rules.document import (
    Data,
    created,
    deleting,
    is_deleting,
    is_finished,
    replaced,
    resource_name,
)
from argosy.rules.field_ownership import tracked
from argosy.rules.field_ownership_write import ARGOSY, Write
from argosy.store.base import PatchType, Propagation
from argosy.store.draft import ATTEMPTS, is_unnamed, key_of, not_found, with_random_name
from argosy.store.sweeping import collect, orphan_dependents
from argosy.store.transaction import Kept, Transaction

Operation = Callable[[Transaction], Document]


@dataclass(frozen=True, slots=True)
class Create:
    document: Mapping[str, Json]
    dry_run: bool
    manager: str

    def __call__(self, tx: Transaction) -> Document:
        kind = tx.kind(str(self.document.get("kind") or ""))
        data = self.new(tx)
        data = tracked(None, data, kind, Write(self.manager, tx.now), given=_given(self.document))
        return tx.draft(data, 0) if self.dry_run else tx.insert(data)

    def new(self, tx: Transaction) -> Data:
        """The document as it would be kept. Raises as `Store.create` does."""
        kind = tx.kind(str(self.document.get("kind") or ""))
        data = self._named(tx, kind)
        if kind.namespaced:
            _require_namespace(tx, data["metadata"]["namespace"])
        return data

    def _named(self, tx: Transaction, kind: Kind) -> Data:
        named = not is_unnamed(self.document)
        for _ in range(1 if named else ATTEMPTS):
            document = self.document if named else with_random_name(self.document)
            data = created(document, kind, uid=str(uuid.uuid4()), now=tx.now)
            if tx.find(Key.of(data)) is None:
                return data
        raise AlreadyExists(
            f"{resource_name(kind, data['metadata']['name'])} already exists",
            advice="Choose another name, or update the one that is there.",
        )


@dataclass(frozen=True, slots=True)
class Update:
    document: Mapping[str, Json]
    status: bool
    dry_run: bool
    manager: str

    def __call__(self, tx: Transaction) -> Document:
        kept = _find(tx, key_of(self.document))
        return _settle(tx, kept, _changed(tx, kept, self.document, self.manager, status=self.status), self.dry_run)


@dataclass(frozen=True, slots=True)
class Patch:
    key: Key
    patch: Json
    type: PatchType
    status: bool
    dry_run: bool
    manager: str

    def __call__(self, tx: Transaction) -> Document:
        kept = _find(tx, self.key)
        document = patches.apply(kept.data, self.patch, self.type.value, tx.kinds[kept.key.kind])
        return _settle(tx, kept, _changed(tx, kept, document, self.manager, status=self.status), self.dry_run)


@dataclass(frozen=True, slots=True)
class Apply:
    """Keep what was applied: a document whose owners are known already.

    Attributes:
        document: in whole, with the `resourceVersion` that it was made from; without one it is new.
    """

    document: Mapping[str, Json]
    status: bool
    dry_run: bool

    def __call__(self, tx: Transaction) -> Document:
        owners = _given(self.document)
        if not self.document["metadata"].get("resourceVersion"):
            data = Create(self.document, self.dry_run, ARGOSY).new(tx)
            data = _owned(data, owners)
            return tx.draft(data, 0) if self.dry_run else tx.insert(data)
        kept = _find(tx, key_of(self.document))
        data = replaced(kept.data, self.document, tx.kinds[kept.key.kind], status=self.status)
        return _settle(tx, kept, _owned(data, owners), self.dry_run)


@dataclass(frozen=True, slots=True)
class Delete:
    key: Key
    uid: str
    version: int
    propagation: Propagation
    dry_run: bool

    def __call__(self, tx: Transaction) -> Document:
        kept = _find(tx, self.key)
        name = resource_name(tx.kinds[self.key.kind], self.key.name)
        if self.uid and self.uid != kept.uid:
            raise Conflict(f"{name} has the uid {kept.uid}, not {self.uid}", advice="It was deleted and made anew.")
        if self.version and self.version != kept.version:
            raise Conflict(f"{name} has changed since version {self.version}", advice="Read it again and decide anew.")
        if self.dry_run:
            data = deleting(kept.data, tx.kinds[self.key.kind], now=tx.now)
            return kept.document if is_finished(data) else tx.draft(data, kept.version)
        if self.propagation == "Orphan":
            orphan_dependents(tx, kept.uid)
        return collect(tx, kept, foreground=self.propagation == "Foreground")


def _changed(tx: Transaction, kept: Kept, document: Mapping[str, Json], manager: str, *, status: bool) -> Data:
    """The document after a change, with its owners."""
    kind = tx.kinds[kept.key.kind]
    data = replaced(kept.data, document, kind, status=status)
    write = Write(manager, tx.now, "status" if status else "")
    return tracked(kept.data, data, kind, write, given=_given(document))


def _given(document: Mapping[str, Json]) -> Json:
    return document["metadata"].get("managedFields")


def _owned(data: Data, owners: Json) -> Data:
    meta = {name: value for name, value in data["metadata"].items() if name != "managedFields"}
    return {**data, "metadata": {**meta, "managedFields": owners} if owners else meta}


def _find(tx: Transaction, key: Key) -> Kept:
    kind = tx.kind(key.kind)
    kept = tx.find(key)
    if kept is None:
        raise not_found(kind, key)
    return kept


def _require_namespace(tx: Transaction, name: str) -> None:
    namespace = tx.find(Key("Namespace", "", name))
    if namespace is None:
        raise NotFound(f'namespaces "{name}" not found', advice="Create the Project or the Namespace first.")
    if is_deleting(namespace.data):
        raise Denied(f'namespaces "{name}" is being deleted', advice="Wait until it is gone, then make it anew.")


def _settle(tx: Transaction, kept: Kept, data: Data, dry_run: bool) -> Document:
    """Write what an update came to: nothing if nothing changed, a removal if the last finalizer went."""
    if data == kept.data:
        return kept.document
    if dry_run:
        return tx.draft(data, kept.version)
    if is_finished(data):
        return collect(tx, kept, data)
    return tx.replace(kept, data)
