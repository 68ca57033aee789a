"""Warehouses: discover artifacts when it is time, and pack the newest into Freight."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Protocol

from argosy.clock import Clock, rfc3339
from argosy.errors import AlreadyExists, ArgosyError, Temporary
from argosy.reconcilers.reading import find, find_as
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.freight import Freight
from argosy.resources.meta import Json, Key
from argosy.resources.names import EventReason
from argosy.resources.warehouse import Warehouse
from argosy.rules import warehouse as rules
from argosy.rules.event import Stamp, controller, event, freight_notes
from argosy.rules.freight import freight_name
from argosy.runtime.change import Changes, Outcome
from argosy.store.base import Store

ACTOR = controller("warehouse")


class Discovery(Protocol):
    """Looks for the artifacts of a Warehouse's subscriptions (`sources.base`)."""

    async def discover(self, warehouse: Warehouse, now: datetime) -> DiscoveredArtifacts:
        """Raises ArgosyError: Temporary when trying again may help."""
        ...


class WarehouseReconciler:
    """Reconciles Warehouses. `least_interval` is the system's minimum between two looks, in seconds."""

    def __init__(self, store: Store, discovery: Discovery, clock: Clock, *, least_interval: float) -> None:
        self._store = store
        self._discovery = discovery
        self._clock = clock
        self._least = least_interval

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        if document is None:
            return Outcome()
        warehouse = document.parse(Warehouse)
        if warehouse.metadata.deletion_timestamp is not None:
            return Outcome()
        now = self._clock.now()
        wait = rules.due_in(warehouse, self._least, now)
        if wait > 0:
            return Outcome(again_after=wait)
        try:
            found = await self._discovery.discover(warehouse, now)
        except ArgosyError as error:
            return self._failed(warehouse, error, now)
        return await self._found(warehouse, found, now)

    def _failed(self, warehouse: Warehouse, error: ArgosyError, now: datetime) -> Outcome:
        """Say what went wrong where users look, once for each trouble, and look again at the next interval."""
        changes = Changes()
        message = f"Unable to discover artifacts: {error}"
        status = rules.failed(warehouse, "DiscoveryFailed", message, now)
        token = rules.refresh_token(warehouse)
        status = status.model_copy(update={"last_handled_refresh": token or status.last_handled_refresh})
        changes.status(_key(warehouse), warehouse.status, status)
        if message not in {condition.message for condition in warehouse.status.conditions}:
            stamp = Stamp(uuid.uuid4().hex[:16], now)
            changes.create(event(warehouse, "DiscoveryFailed", message, stamp, warning=True))
        again = rules.interval(warehouse, self._least)
        if isinstance(error, Temporary) and error.after is not None:
            again = min(again, error.after)
        return changes.outcome(again)

    async def _found(self, warehouse: Warehouse, found: DiscoveredArtifacts, now: datetime) -> Outcome:
        changes = Changes()
        name, exists = "", False
        if rules.lacking(found) is None and warehouse.spec.freight_creation_policy != "Manual":
            try:
                name, exists = await self._pack(warehouse, found, now, changes)
            except ArgosyError as error:
                message = f"Error creating Freight: {error}"
                status = rules.failed(warehouse, "FreightCreationFailure", message, now)
                changes.status(_key(warehouse), warehouse.status, status)
                return changes.outcome(rules.interval(warehouse, self._least))
        status = rules.discovered(warehouse, found, freight=name, exists=exists, now=now)
        changes.status(_key(warehouse), warehouse.status, status)
        return changes.outcome(rules.interval(warehouse, self._least))

    async def _pack(
        self, warehouse: Warehouse, found: DiscoveredArtifacts, now: datetime, changes: Changes
    ) -> tuple[str, bool]:
        """Create Freight of the newest artifacts; returns its name and whether it was there already."""
        newest = rules.newest(warehouse, found)
        name = freight_name(newest)
        if await find(self._store, Key("Freight", warehouse.namespace, name)) is not None:
            return name, True
        document: dict[str, Json] = {
            "apiVersion": warehouse.api_version,
            "kind": "Freight",
            "metadata": {"name": name, "namespace": warehouse.namespace},
            "discoveredAt": rfc3339(now),
            **newest.dump(),
        }
        document.pop("name", None)
        try:
            await self._store.create(document)
        except AlreadyExists:
            return name, True
        freight = await find_as(self._store, Key("Freight", warehouse.namespace, name), Freight)
        if freight is not None:
            notes = freight_notes(freight, actor=ACTOR)
            message = "Freight created from discovered artifacts"
            stamp = Stamp(uuid.uuid4().hex[:16], now)
            changes.create(event(freight, EventReason.FREIGHT_CREATED, message, stamp, notes=notes))
        return name, False


def _key(warehouse: Warehouse) -> Key:
    return Key("Warehouse", warehouse.namespace, warehouse.name)
