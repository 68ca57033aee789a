"""`argosy describe`: what matters about a resource, with what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.description import freight, promotion, resource, stage, warehouse
from argosy.cli.description.sheet import Sheet
from argosy.cli.events import order, rows
from argosy.cli.failure import raise_all
from argosy.cli.word import complete, selection, wanted
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.clock import SystemClock
from argosy.errors import ArgosyError
from argosy.resources.kinds import KINDS

Data = dict[str, Any]

MOST_EVENTS = 20

DESCRIPTIONS: Mapping[str, Callable[[Sheet, Data], None]] = {
    "Stage": stage.describe,
    "Warehouse": warehouse.describe,
    "Freight": freight.describe,
    "Promotion": promotion.describe,
}
"""Kinds that have more to tell than any resource."""


@click.command("describe")
@connection.options()
@click.argument("words", metavar="TYPE [NAME]...", nargs=-1, shell_complete=complete)
@click.option("--selector", "-l", "labels", metavar="SELECTOR", default="", help="Labels that must match, `k=v,k2!=v`.")
@click.option("--show-events/--no-show-events", "with_events", default=True, help="Tell what happened; by default.")
def command(connection: Connection, words: tuple[str, ...], labels: str, with_events: bool) -> None:
    """Tell what matters about resources: state, conditions, history and what happened.

    \b
    argosy describe stage --project my-project qa
    argosy describe promotion/qa.01jd9q8w.abc1234
    """
    chosen = [selection(connection, wish.kind, name) for wish in wanted(words) for name in wish.names or ("",)]
    connection.run(lambda client: _describe(client, chosen, labels, with_events))


async def _describe(client: Kubernetes, chosen: list[Selection], labels: str, with_events: bool) -> None:
    errors: list[ArgosyError] = []
    sheets: list[str] = []
    for part in chosen:
        try:
            for document in await _documents(client, part, labels):
                sheets.append(await _sheet(client, part, document, with_events))
        except ArgosyError as error:
            errors.append(error)
    output.write("\n\n".join(sheets))
    if not sheets and not errors:
        click.echo("No resources found.", err=True)
    raise_all(errors)


async def _documents(client: Kubernetes, part: Selection, labels: str) -> list[Data]:
    if part.name:
        return [await client.get(part)]
    found = await client.list(Selection(part.kind, part.namespace, labels=labels))
    return list(found.get("items") or [])


async def _sheet(client: Kubernetes, part: Selection, document: Data, with_events: bool) -> str:
    sheet = Sheet(SystemClock().now())
    kind = part.kind
    resource.head(sheet, kind, kind.model.model_validate(document))
    describe = DESCRIPTIONS.get(kind.name)
    if describe is not None:
        describe(sheet, document)
    else:
        resource.content(sheet, kind, document)
    if with_events and kind.name != "Event":
        events = await _events(client, document)
        shown = [[row[0], row[1], row[2], row[4]] for row in rows(events)]
        sheet.rows("Events", ("Last seen", "Type", "Reason", "Message"), shown)
    return sheet.text


async def _events(client: Kubernetes, document: Data) -> list[Data]:
    """The newest events of a resource, oldest first. Project-wide resources report in their namespaces."""
    uid = (document.get("metadata") or {}).get("uid")
    if not uid:
        return []
    namespace = document["metadata"].get("namespace") or ""
    found = await client.list(Selection(KINDS["Event"], namespace, fields=f"involvedObject.uid={uid}"))
    return sorted(found.get("items") or [], key=order)[-MOST_EVENTS:]
