"""Kargo's HTTP API, as a client: the operations that are no reads and writes of one resource."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from urllib.parse import quote

import orjson

from argosy.clients.kubernetes_connection import Connection, Data
from argosy.errors import ArgosyError, NotFound, Permanent
from argosy.resources.meta import Json

ROOT = "/v1beta1"


class Kargo:
    """Calls operations of `/v1beta1` over a connection that is there already, and does not close it.

    All methods raise, besides what operations answer: Denied (not logged in, or not allowed), Temporary (the server
    cannot be reached or asks to come back), Permanent (it is a cluster, or another server that has no such operations).
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, *path: str, **parameters: str) -> Data:
        """What an operation answers; `path` are the parts after `/v1beta1`, which may hold any characters."""
        return await self.call("GET", *path, parameters=parameters)

    async def post(self, *path: str, body: Json = None) -> Data:
        """What an operation answers to a body, empty when it says nothing."""
        return await self.call("POST", *path, body=body)

    async def call(
        self, method: str, *path: str, parameters: Mapping[str, str] | None = None, body: Json = None
    ) -> Data:
        """One operation. Raises what its answer says."""
        given = {name: value for name, value in (parameters or {}).items() if value}
        content = orjson.dumps(body) if body is not None else b""
        where = "/".join((ROOT, *(quote(part, safe="") for part in path)))
        try:
            return await self._connection.send(method, where, parameters=given, content=content, is_empty=True)
        except Permanent as error:
            raise self._absent(error, where) from None

    async def array(self, *path: str) -> list[Data]:
        """What an operation answers that lists without pages. Raises as `call`."""
        where = "/".join((ROOT, *(quote(part, safe="") for part in path)))
        try:
            async with self._connection.stream(where, {}) as answer:
                found = orjson.loads(await answer.aread())
        except Permanent as error:
            raise self._absent(error, where) from None
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, list):
            raise Permanent(f"{self._connection.server.place} answered something else than a list at {where}")
        return found

    def _absent(self, error: Permanent, where: str) -> ArgosyError:
        """What to tell where there is no such operation; others are told as they are."""
        if error.reason != "NotFound":
            return error
        advice = "It takes a server of Argosy; a cluster knows only the Kubernetes protocol."
        return NotFound(f"{self._connection.server.place} has no operation at {where}", advice=advice)

    async def pages(self, *path: str, key: str = "items", limit: int = 0, **parameters: str) -> AsyncGenerator[Json]:
        """The entries of a list, page by page, at most `limit` of them; 0 for all."""
        more, left = "", limit
        while True:
            asked = {**parameters, "continue": more, "limit": str(left) if limit else ""}
            page = await self.call("GET", *path, parameters=asked)
            for entry in page.get(key) or []:
                yield entry
            left -= len(page.get(key) or [])
            more = (page.get("metadata") or {}).get("continue") or ""
            if not more or (limit and left <= 0):
                return
