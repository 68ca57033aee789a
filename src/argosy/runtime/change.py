"""What a reconciler wants written, as data; and the one place that writes it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from argosy.errors import AlreadyExists, Denied, NotFound
from argosy.resources.meta import Json, Key, Model
from argosy.rules.difference import merge_difference
from argosy.store.base import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Create:
    """Create a resource; with `unless_exists`, one that is there already is left as it is."""

    document: Mapping[str, Json]
    unless_exists: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """Merge `patch` into a resource, or into its status. `version` 0 means whatever is there now."""

    key: Key
    patch: Mapping[str, Json]
    status: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a resource; gone already is as good."""

    key: Key
    uid: str = ""


Change = Create | Patch | Delete


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reconcile ends: what to write, in order, and after how many seconds to look again (None: when told)."""

    changes: tuple[Change, ...] = ()
    again_after: float | None = None


@dataclass(slots=True)
class Changes:
    """Collects changes while a reconciler reads like a list of decisions."""

    items: list[Change] = field(default_factory=list)

    def create(self, document: Mapping[str, Json], *, unless_exists: bool = False) -> None:
        self.items.append(Create(document, unless_exists))

    def status(self, key: Key, old: Model, new: Model, *, version: int = 0) -> None:
        """Change what differs between two states of a status; nothing when nothing does."""
        patch = status_patch(old, new)
        if patch:
            self.items.append(Patch(key, {"status": patch}, status=True, version=version))

    def patch(self, key: Key, patch: Mapping[str, Json], *, version: int = 0) -> None:
        self.items.append(Patch(key, patch, version=version))

    def merge_status(self, key: Key, patch: Mapping[str, Json]) -> None:
        """Merge fields into the status of a resource whose other fields belong to somebody else."""
        self.items.append(Patch(key, {"status": dict(patch)}, status=True))

    def delete(self, key: Key, *, uid: str = "") -> None:
        self.items.append(Delete(key, uid))

    def outcome(self, again_after: float | None = None) -> Outcome:
        return Outcome(tuple(self.items), again_after)


def status_patch(old: Model, new: Model) -> dict[str, Json]:
    """The merge patch from one state of a status to another; empty when nothing differs.

    Both come from the same document, so fields that only a newer version knows are in neither and survive.
    """
    return merge_difference(old.compact(), new.compact())


async def write(store: Store, change: Change) -> None:
    """Write one change. Raises what the store raises, Conflict among them; the caller looks again.

    An Event that may not be made keeps nothing else from being written: it informs, and what it tells of has happened.
    """
    match change:
        case Create(document, unless_exists):
            try:
                await store.create(document)
            except AlreadyExists:
                if not unless_exists:
                    raise
            except Denied as error:
                if document.get("kind") != "Event":
                    raise
                log.warning("event not recorded: %s", error)
        case Patch(key, patch, status, version):
            body = dict(patch)
            if version:
                body["metadata"] = {**(body.get("metadata") or {}), "resourceVersion": str(version)}
            try:
                await store.patch(key, body, status=status)
            except NotFound:
                return  # deleted meanwhile: there is nothing left to say about it
        case Delete(key, uid):
            try:
                await store.delete(key, uid=uid)
            except NotFound:
                return
