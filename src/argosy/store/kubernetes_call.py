"""Asks a Kubernetes API server for the store: paths, selectors, patience, and errors as the contract has them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from argosy.clients.kubernetes_connection import JSON, Connection
from argosy.clients.selection import Selection
from argosy.clock import Clock
from argosy.errors import ArgosyError, Denied, Permanent, Temporary, Unavailable
from argosy.resources.kind import Kind
from argosy.resources.kinds import ARGO
from argosy.resources.meta import Document, Json, Key
from argosy.store.base import Operator, Query, Requirement, Unreadable, Unserved

log = logging.getLogger(__name__)

TRIES = 5
"""How often a request is sent while the server asks to come back later."""

LONGEST_PAUSE = 30.0
"""Seconds that a server may ask to wait; when it asks for more, the caller is told."""

PARALLEL = 32
"""Requests under way at the same time; watches are not counted."""

_DEFINITIONS = (
    "Install what Argosy needs: `argosy crds | kubectl apply --server-side -f -`; `argosy crds diff` shows first what "
    "would change."
)
_ANALYSIS = "Install Argo Rollouts, or the definitions alone: `argosy crds apply --analysis`."
_RIGHTS = "Give the account that Argosy speaks as the rights that it needs; the chart's ClusterRole lists them."


class Caller:
    """Sends requests, a bounded number at once, and waits where the server asks for it.

    Args:
        source: where the access was found, for messages.
    """

    def __init__(self, connection: Connection, clock: Clock, source: str) -> None:
        self.connection = connection
        self._clock = clock
        self._source = source
        self._room = asyncio.Semaphore(PARALLEL)

    async def send(
        self,
        method: str,
        kind: Kind,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes = b"",
        type: str = JSON,
    ) -> dict[str, Any]:
        """The answer. Raises what a `Status` says, Unavailable when the server cannot serve."""
        for attempt in range(1, TRIES + 1):
            try:
                async with self._room:
                    return await self.connection.send(
                        method, path, parameters=parameters, content=content, headers=_typed(content, type)
                    )
            except Temporary as error:
                if error.after is None and method == "GET" and attempt == 1:
                    continue  # a connection that was kept may have been closed meanwhile; reading twice does no harm
                if error.after is None or error.after > LONGEST_PAUSE or attempt == TRIES:
                    raise self.told(error, kind, reads=method == "GET") from None
                log.debug("%s %s: %s; again in %g s", method, path, error.message, error.after)
                await self._clock.sleep(error.after)
            except (Permanent, Denied) as error:
                raise self.told(error, kind, reads=method == "GET") from None
        raise AssertionError("the loop ends by answer or error")

    def told(self, error: ArgosyError, kind: Kind, *, reads: bool) -> ArgosyError:
        """An error of the connection as the contract has it.

        A read that is refused is trouble of Argosy's own account, not of whoever wants to read: the store cannot serve.
        """
        if isinstance(error, Permanent) and error.reason == "NotFound":
            return no_definition(kind, self._source)
        if isinstance(error, Denied):
            if error.reason == "Unauthorized":
                known = error.message.startswith(self._source)
                told = error.message if known else f"{self._source} is not let in: {error.message}"
                return Unavailable(told, advice=error.advice or "Renew its login.")
            if reads or " cannot " in error.message:
                refused = Unreadable if reads else Denied
                return refused(f"the cluster refuses it: {error.message}", advice=_RIGHTS)
            return error
        if isinstance(error, Temporary | Permanent):
            return Unavailable(error.message, advice=f"The cluster is that of the {self._source}.")
        return error


def no_definition(kind: Kind, source: str) -> Unserved:
    """The error for a cluster that has never heard of a kind."""
    name = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    advice = _ANALYSIS if kind.group == ARGO else _DEFINITIONS
    return Unserved(f"the cluster of the {source} knows no {name}", advice=advice)


def _typed(content: bytes, type: str) -> dict[str, str]:
    return {"content-type": type} if content else {}


def place(kind: Kind, key: Key) -> str:
    """The path of one resource."""
    return Selection(kind, key.namespace, key.name).path


def selection(kind: Kind, query: Query) -> Selection:
    """What a query means to the API."""
    fields = [f"{path}={_escaped(value)}" for path, value in query.fields.items()]
    fields += [f"{path}!={_escaped(value)}" for path, value in query.excluded.items()]
    labels = ",".join(map(_label, query.labels))
    return Selection(kind, query.namespace or "", labels=labels, fields=",".join(fields))


def _escaped(value: str) -> str:
    for character in ("\\", ",", "="):
        value = value.replace(character, f"\\{character}")
    return value


def _label(requirement: Requirement) -> str:
    name, values = requirement.label, ",".join(requirement.values)
    match requirement.operator:
        case Operator.IN:
            return f"{name} in ({values})"
        case Operator.NOT_IN:
            return f"{name} notin ({values})"
        case Operator.EXISTS:
            return name
        case Operator.MISSING:
            return f"!{name}"


def document(kind: Kind, data: dict[str, Any]) -> Document:
    """A document as the API tells it, without who set which field; lists of core kinds leave out what kind it is."""
    meta = data["metadata"]
    meta.pop("managedFields", None)
    if "kind" not in data:
        data = {"kind": kind.name, "apiVersion": kind.api_version, **data}
    key = Key(kind.name, meta.get("namespace") or "", meta["name"])
    written: Document = Document.of(data)
    # Copied, for what was made by writing JSON keeps hold of as much memory again, and thousands may be kept.
    return Document(key, written.version, bytes(memoryview(written.raw)))


def documents(kind: Kind, items: list[Json]) -> Iterator[Document]:
    """The documents of a list."""
    return (document(kind, item) for item in items)
