"""A Lease on a cluster: read and written, so that of two writers one is told of a conflict."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

import orjson

from argosy.clients.kubernetes_connection import Connection
from argosy.errors import AlreadyExists, NotFound
from argosy.rules.lease import API_VERSION, Lease


class Leases:
    """One Lease, `namespace`/`name`. Raises what the connection raises, Denied where the account may not."""

    def __init__(self, connection: Connection, namespace: str, name: str) -> None:
        self._connection = connection
        self._namespace = namespace
        self._name = name
        self._collection = f"/apis/{API_VERSION}/namespaces/{quote(namespace, safe='')}/leases"

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self._namespace}/{self._name}"

    async def read(self) -> Lease | None:
        """None when it is not there."""
        try:
            return Lease.of(await self._connection.send("GET", f"{self._collection}/{quote(self._name, safe='')}"))
        except NotFound:
            return None

    async def write(self, lease: Lease) -> Lease:
        """Create it, or replace what was read as it was read. Raises AlreadyExists and Conflict when it changed."""
        content = orjson.dumps(lease.document(self._namespace, self._name))
        if lease.version:
            path = f"{self._collection}/{quote(self._name, safe='')}"
            return Lease.of(await self._connection.send("PUT", path, content=content))
        try:
            return Lease.of(await self._connection.send("POST", self._collection, content=content))
        except NotFound:
            await self._make_namespace()
            return Lease.of(await self._connection.send("POST", self._collection, content=content))

    async def _make_namespace(self) -> None:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self._namespace}}
        with contextlib.suppress(AlreadyExists):
            await self._connection.send("POST", "/api/v1/namespaces", content=orjson.dumps(namespace))
