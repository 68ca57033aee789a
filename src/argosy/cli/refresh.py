"""`argosy refresh`: have the server look at a resource now, not when its time comes."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import click

from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.output import write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import Failed
from argosy.resources.kinds import KINDS
from argosy.resources.names import CLUSTER_CONFIG_NAME, Annotation

_KINDS = {
    kind.singular: kind
    for kind in (KINDS[name] for name in ("Warehouse", "Stage", "Promotion", "ProjectConfig", "ClusterConfig"))
}
_UNNAMED = ("projectconfig", "clusterconfig")


@click.command("refresh")
@connection.options()
@click.argument("type_", metavar="TYPE", type=click.Choice(sorted(_KINDS)))
@click.argument("name", required=False, default="")
@click.option("--wait", is_flag=True, help="Wait until it was looked at, and tell what was found.")
@connection.waiting("that")
def command(connection: Connection, type_: str, name: str, wait: bool, timeout: float | None) -> None:
    """Make the server look at a resource now.

    TYPE is warehouse, stage, promotion, projectconfig or clusterconfig; the last two take no NAME. With --wait, the
    refresh of a Warehouse succeeds only when it could discover.

    \b
    argosy refresh warehouse --project my-project my-warehouse --wait
    argosy refresh stage --project my-project my-stage
    """
    kind = _KINDS[type_]
    if bool(name) == (type_ in _UNNAMED):
        raise click.UsageError(f"a {type_} takes no NAME." if name else f"say which {type_}: its NAME is missing.")
    project = connection.project if kind.namespaced else ""
    selection = Selection(kind, project, name or project or CLUSTER_CONFIG_NAME)
    connection.run(lambda client: refresh(client, selection, wait=wait), timeout=timeout)


async def refresh(client: Kubernetes, selection: Selection, *, wait: bool) -> None:
    """Ask for a look. Raises NotFound; Failed when a Warehouse could not discover, as that is what was asked for."""
    token = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    asked = await client.patch(selection, {"metadata": {"annotations": {Annotation.REFRESH.value: token}}})
    label = f"{selection.kind.singular} {safe(selection.name)!r}"
    if not wait:
        write(f"{label} refresh requested\n")
        return
    handled = await _handled(client, selection, str(asked["metadata"]["annotations"][Annotation.REFRESH.value]))
    write(f"{label} refreshed\n")
    conditions = (handled.get("status") or {}).get("conditions") or []
    for condition in conditions:
        told = f": {condition['message']}" if condition.get("message") else ""
        write(safe(f"  {condition.get('type')}={condition.get('status')}{told}") + "\n")
    for condition in conditions:
        failed = condition.get("type") == "Healthy" and condition.get("status") == "False"
        if failed and selection.kind.name == "Warehouse":
            raise Failed(f"{label} could not discover: {condition.get('message') or condition.get('reason')}")


async def _handled(client: Kubernetes, selection: Selection, token: str) -> dict[str, Any]:
    """The resource once the refresh was acted on, or a later one that took its place."""
    states = client.states(selection)
    async with contextlib.aclosing(states):
        async for document in states:
            annotations = (document.get("metadata") or {}).get("annotations") or {}
            handled = (document.get("status") or {}).get("lastHandledRefresh")
            if handled and handled in (token, annotations.get(Annotation.REFRESH.value)):
                return document
    raise AssertionError("states end only with an error")
