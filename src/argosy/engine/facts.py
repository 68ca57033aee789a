"""Reads what the engine needs to know of a promotion."""

from __future__ import annotations

from argosy.engine.turn import Facts
from argosy.resources.freight import Freight
from argosy.resources.meta import Key
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.store.base import Store
from argosy.store.typed import find_as


async def gathered(store: Store, promotion: Promotion, stage: Stage, freight: Freight) -> Facts:
    """The facts of a promotion: also the Warehouses that the Stage requests Freight from, those that there are."""
    warehouses = {}
    for request in stage.spec.requested_freight:
        key = Key("Warehouse", stage.namespace, request.origin.name)
        if (warehouse := await find_as(store, key, Warehouse)) is not None:
            warehouses[warehouse.name] = warehouse
    return Facts(promotion, stage, freight, warehouses)
