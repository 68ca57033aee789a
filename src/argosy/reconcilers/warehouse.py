"""Warehouses: discover artifacts when it is time, and pack the newest into Freight."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Protocol

from argosy.clock import Clock, rfc3339
from argosy.errors import AlreadyExists, ArgosyError, Conflict, Denied, Invalid, NotFound, Temporary, Unavailable
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.freight import Freight
from argosy.resources.meta import Json, Key
from argosy.resources.names import ConditionType, EventReason
from argosy.resources.warehouse import Warehouse, WarehouseStatus
from argosy.rules import warehouse as rules
from argosy.rules.assembly import newest
from argosy.rules.criteria import satisfied
from argosy.rules.event import Stamp, controller, event, freight_notes
from argosy.rules.freight import freight_name
from argosy.rules.warehouse import Made, Trouble
from argosy.runtime.change import Changes, Outcome
from argosy.store.base import Store
from argosy.store.typed import find, find_as

ACTOR = controller("warehouse")


class Discovery(Protocol):
    """Looks for the artifacts of a Warehouse's subscriptions (`sources.base`)."""

    async def discover(self, warehouse: Warehouse, *, max_age: float) -> DiscoveredArtifacts:
        """A look at most `max_age` seconds old will do. Raises ArgosyError: Temporary when trying again may help."""
        ...


class WarehouseReconciler:
    """Reconciles Warehouses. `least_interval` is the system's minimum between two looks, in seconds."""

    def __init__(self, store: Store, discovery: Discovery, clock: Clock, *, least_interval: float) -> None:
        self._store = store
        self._discovery = discovery
        self._clock = clock
        self._least = least_interval
        self._looked: dict[Key, datetime] = {}

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        if document is None:
            self._looked.pop(key, None)
            return Outcome()
        warehouse = document.parse(Warehouse)
        if warehouse.metadata.deletion_timestamp is not None:
            return Outcome()
        now = self._clock.now()
        wait = rules.due_in(warehouse, self._least, now, self._looked.get(key))
        if wait > 0:
            return Outcome(again_after=wait)
        try:
            max_age = 0.0 if rules.asked_anew(warehouse) else self._least / 2
            found = await self._discovery.discover(warehouse, max_age=max_age)
            found = found.model_copy(update={"discovered_at": self._clock.now()})
        except (Conflict, Unavailable):
            raise  # our own store is in trouble, not what was looked at
        except ArgosyError as error:
            return self._failed(warehouse, error, now)
        return await self._found(warehouse, found, now)

    def _failed(self, warehouse: Warehouse, error: ArgosyError, now: datetime) -> Outcome:
        """Say what went wrong where users look, once for each trouble, and look again: soon if it may pass."""
        changes = Changes()
        message = f"Unable to discover artifacts: {error}"
        status = rules.failed(warehouse, Trouble("DiscoveryFailed", "DiscoveryFailure", message), now)
        self._tell_trouble(warehouse, status, changes)
        changes.status(_key(warehouse), warehouse.status, status)
        again = rules.interval(warehouse, self._least)
        if isinstance(error, Temporary):
            again = min(again, rules.retry_in(status, error.after, self._least, now))
        return changes.outcome(again)

    async def _found(self, warehouse: Warehouse, found: DiscoveredArtifacts, now: datetime) -> Outcome:
        changes = Changes()
        made = await self._make(warehouse, found, now, changes) if rules.lacking(found) is None else Made()
        status = rules.discovered(warehouse, found, made, now)
        changes.status(_key(warehouse), warehouse.status, status)
        self._looked[_key(warehouse)] = self._clock.now()
        if made.trouble is not None:
            self._tell_trouble(warehouse, status, changes)
        return changes.outcome(rules.interval(warehouse, self._least))

    async def _make(self, warehouse: Warehouse, found: DiscoveredArtifacts, now: datetime, changes: Changes) -> Made:
        """Make Freight of what was found, where policy and criteria allow it."""
        if warehouse.spec.freight_creation_policy == "Manual":
            return Made()
        criteria = warehouse.spec.freight_creation_criteria
        try:
            if not satisfied(criteria.expression if criteria is not None else "", found, now):
                return Made(unsatisfied=True)
        except ArgosyError as error:
            message = f"Evaluation of Freight creation criteria failed: {error}"
            return Made(trouble=Trouble("CriteriaEvaluationFailed", "CriteriaEvaluationFailed", message))
        try:
            return await self._pack(warehouse, found, now, changes)
        except (Invalid, Denied, NotFound) as error:
            message = f"Error creating Freight: {error}"
            return Made(trouble=Trouble("FreightBuildFailure", "FreightCreationFailure", message))

    def _tell_trouble(self, warehouse: Warehouse, status: WarehouseStatus, changes: Changes) -> None:
        """An event for a trouble that was not told before."""
        told = {condition.message for condition in warehouse.status.conditions}
        for condition in status.conditions:
            if condition.type == ConditionType.HEALTHY and condition.message not in told:
                stamp = Stamp(uuid.uuid4().hex[:16], self._clock.now())
                changes.create(event(warehouse, condition.reason, condition.message, stamp, warning=True))

    async def _pack(self, warehouse: Warehouse, found: DiscoveredArtifacts, now: datetime, changes: Changes) -> Made:
        """Create Freight of the newest artifacts, unless it is there already."""
        freight = newest(warehouse.name, found)
        name = freight_name(freight)
        if await find(self._store, Key("Freight", warehouse.namespace, name)) is not None:
            return Made(name, existed=True)
        document: dict[str, Json] = {
            "apiVersion": warehouse.api_version,
            "kind": "Freight",
            "metadata": {"name": name, "namespace": warehouse.namespace},
            "discoveredAt": rfc3339(now),
            **freight.compact(),
        }
        document.pop("name", None)
        try:
            await self._store.create(document)
        except AlreadyExists:
            return Made(name, existed=True)
        created = await find_as(self._store, Key("Freight", warehouse.namespace, name), Freight)
        if created is not None:
            notes = freight_notes(created, actor=ACTOR)
            message = "Freight created from discovered artifacts"
            stamp = Stamp(uuid.uuid4().hex[:16], now)
            changes.create(event(created, EventReason.FREIGHT_CREATED, message, stamp, notes=notes))
        return Made(name)


def _key(warehouse: Warehouse) -> Key:
    return Key("Warehouse", warehouse.namespace, warehouse.name)
