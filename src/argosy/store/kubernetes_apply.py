"""Server-side apply on a cluster: the API server merges and keeps note of owners, this only passes it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson

from argosy.errors import Invalid
from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json, Key
from argosy.store.base import Admit, Applying
from argosy.store.kubernetes_call import Caller, document, place

_TYPE = "application/apply-patch+yaml"


async def apply(
    caller: Caller,
    kind: Kind,
    wanted: Mapping[str, Json],
    how: Applying,
    *,
    before: Document | None,
    admit: Admit | None,
) -> Document:
    """Apply a document, as `Store.apply` tells; what `admit` answers cannot be kept here, only its refusal counts.

    Raises NotFound in the API server's own words.
    """
    if how.status and not kind.status:
        raise Invalid(f"{kind.name} has no status subresource", advice="Write the whole resource instead.")
    if admit is not None and not how.status:
        would = await _send(caller, kind, wanted, replace(how, dry_run=True))
        await admit(before, dict(would.data))
    return await _send(caller, kind, wanted, how)


async def _send(caller: Caller, kind: Kind, wanted: Mapping[str, Json], how: Applying) -> Document:
    asked = {"fieldManager": how.manager, "force": str(how.force).lower()}
    if how.dry_run:
        asked["dryRun"] = "All"
    path = place(kind, Key.of(wanted)) + ("/status" if how.status else "")
    content = orjson.dumps({**wanted, "apiVersion": kind.api_version, "kind": kind.name})
    answer = await caller.send("PATCH", kind, path, parameters=asked, content=content, type=_TYPE)
    return document(kind, answer)
