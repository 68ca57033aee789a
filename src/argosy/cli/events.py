"""`argosy events`: what happened in a Project, oldest first."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from argosy.api.column import age
from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.output import Form, TablePrinter
from argosy.cli.word import wanted
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.clock import SystemClock
from argosy.errors import Gone
from argosy.resources.kinds import KINDS

Data = dict[str, Any]

EVENT = KINDS["Event"]
_COLUMNS = ("Last Seen", "Type", "Reason", "Object", "Message")


@click.command("events")
@connection.options()
@click.option("--for", "about", metavar="TYPE/NAME", default="", help="Only what happened to this resource.")
@click.option("--types", metavar="TYPE,...", default="", help="Only events of these types: Normal, Warning.")
@click.option("--all-namespaces", "-A", "everywhere", is_flag=True, help="In all Projects and namespaces.")
@click.option("--watch", "-w", is_flag=True, help="Go on and print what happens.")
@click.option("--no-headers", is_flag=True, help="Do not name the columns.")
@output.option
def command(
    connection: Connection,
    about: str,
    everywhere: bool,
    watch: bool,
    form: Form,
    **shown: Any,
) -> None:
    """List what happened in a Project, oldest first.

    \b
    argosy events --project my-project --watch
    argosy events --project my-project --for stage/qa --types Warning
    """
    selection = Selection(EVENT, "" if everywhere else connection.project, fields=_about(about))
    types = frozenset(shown["types"].lower().split(",")) if shown["types"] else frozenset[str]()
    listing = Listing(form, types, not shown["no_headers"], everywhere)
    connection.run(lambda client: _follow(client, selection, listing, watch))


def _about(about: str) -> str:
    if not about:
        return ""
    if "/" not in about:
        raise click.UsageError(f"{about!r} is not TYPE/NAME.")
    wish = wanted([about])[0]
    return f"involvedObject.kind={wish.kind.name},involvedObject.name={wish.names[0]}"


async def _follow(client: Kubernetes, selection: Selection, listing: Listing, watch: bool) -> None:
    found = await client.list(selection)
    listing.show(sorted(found.get("items") or [], key=order), whole=not watch)
    since = str(found["metadata"]["resourceVersion"])
    while watch:
        with contextlib.suppress(Gone):
            async for change in client.watch(selection, since):
                listing.show([change.object] if change.type != "DELETED" else [], whole=False)
        since = str((await client.list(selection))["metadata"]["resourceVersion"])


def moment(event: Data) -> str:
    """When an event happened last, as text that sorts."""
    times = (event.get("lastTimestamp"), event.get("eventTime"), event["metadata"].get("creationTimestamp"))
    return next((str(time) for time in times if time), "")


def order(event: Data) -> tuple[str, int]:
    """Sorts events by time, those of one second in the order of their writing."""
    version = str(event["metadata"].get("resourceVersion") or "")
    return moment(event), int(version) if version.isdecimal() else 0


def rows(events: list[Data]) -> list[list[str]]:
    """Cells for people: age, type, reason, `Kind/name`, message."""
    now = SystemClock().now()
    return [
        [
            age(moment(event), now),
            event.get("type") or "",
            event.get("reason") or "",
            "/".join(str((event.get("involvedObject") or {}).get(part) or "") for part in ("kind", "name")),
            (event.get("message") or "").replace("\n", " "),
        ]
        for event in events
    ]


class Listing:
    """Prints events in the form that was asked for."""

    def __init__(self, form: Form, types: frozenset[str], headers: bool, namespaces: bool) -> None:
        self._form = form
        self._types = types
        self._printer = TablePrinter(headers=headers, namespaces=namespaces)

    def show(self, events: list[Data], *, whole: bool) -> None:
        """Print events; `whole` says that they are all, so that documents become one List."""
        chosen = [event for event in events if not self._types or str(event.get("type", "")).lower() in self._types]
        if self._form.is_table:
            self._table(chosen, whole)
        elif self._form.name != "name" and whole:
            output.show(self._form, output.listed(output.tidy(EVENT, event) for event in chosen))
        else:
            for event in chosen:
                output.show_named(self._form, EVENT, event, "")

    def _table(self, chosen: list[Data], whole: bool) -> None:
        if not chosen and whole:
            click.echo("No events found.", err=True)
        cells = [{"cells": cells, "object": event} for cells, event in zip(rows(chosen), chosen, strict=True)]
        self._printer.show({"columnDefinitions": [{"name": name} for name in _COLUMNS], "rows": cells})
