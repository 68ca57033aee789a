"""CustomResourceDefinitions on a cluster: read, and written by server-side apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from argosy.clients.kubernetes_connection import Connection
from argosy.errors import NotFound
from argosy.resources.meta import Json

MANAGER = "argosy-crds"
"""Owns the fields of definitions that were installed by Argosy."""

_COLLECTION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Definitions:
    """The definitions of one cluster. Raises what the connection raises, Denied where we may not."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, name: str) -> dict[str, Any] | None:
        """The definition of a name such as `stages.kargo.akuity.io`; None when there is none."""
        try:
            return await self._connection.send("GET", f"{_COLLECTION}/{name}")
        except NotFound:
            return None

    async def apply(self, definition: Mapping[str, Json]) -> None:
        """Install a definition, over whoever set its fields before. Raises Invalid when the API server refuses it."""
        await self._connection.send(
            "PATCH",
            f"{_COLLECTION}/{definition['metadata']['name']}",
            parameters={"fieldManager": MANAGER, "force": "true"},
            content=orjson.dumps(definition),
            headers={"content-type": "application/apply-patch+yaml"},
        )
