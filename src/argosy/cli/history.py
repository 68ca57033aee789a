"""`argosy history`: what a Stage has used, when, and who wanted it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from argosy.api.column import duration
from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.description.artifact import summary
from argosy.cli.grid import Cell, grid
from argosy.cli.output import as_json, as_yaml, write
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.clock import SystemClock, parse_rfc3339
from argosy.errors import NotFound
from argosy.resources.freight import FreightReference
from argosy.resources.kinds import KINDS

Data = dict[str, Any]

_COLOURS = {"Successful": "green", "Failed": "red", "Error": "red"}


@click.command("history")
@connection.options()
@click.argument("stage")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many entries at most.")
@click.option("--output", "-o", "form", type=click.Choice(["table", "json", "yaml"]), default="table", help="Form.")
def command(connection: Connection, stage: str, limit: int, form: str) -> None:
    """List the Freight that a Stage has used, the newest first.

    \b
    argosy history --project my-project prod
    """
    project = connection.project

    async def work(client: Kubernetes) -> tuple[list[Data], Mapping[str, str]]:
        path = ("projects", project, "stages", stage, "history")
        entries = [entry async for entry in client.kargo.pages(*path, limit=limit)]
        return entries, await _aliases(client, project, entries) if form == "table" else {}

    entries, aliases = connection.run(work)
    if form != "table":
        write(as_json({"items": entries}) + "\n" if form == "json" else as_yaml({"items": entries}))
        return
    if not entries:
        click.echo(f"Stage {stage} has used nothing yet.", err=True)
    header = ("When", "Freight", "Artifacts", "By", "Took", "Verification", "Promotion")
    now = SystemClock().now()
    write("".join(f"{line}\n" for line in grid(header, (_row(entry, aliases, now) for entry in entries))))


async def _aliases(client: Kubernetes, project: str, entries: list[Data]) -> Mapping[str, str]:
    """What people call the Freight of some entries, as far as it is still there."""
    names = sorted({reference["name"] for entry in entries for reference in entry["items"].values()})

    async def alias(name: str) -> str:
        try:
            return str((await client.get(Selection(KINDS["Freight"], project, name))).get("alias") or "")
        except NotFound:
            return ""

    return dict(zip(names, await asyncio.gather(*map(alias, names)), strict=True))


def _row(entry: Data, aliases: Mapping[str, str], now: datetime) -> list[str | Cell]:
    """The cells of one entry: those of the Freight that was promoted, where that is known."""
    promoted = entry.get("promoted") or ""
    all_ = [FreightReference.model_validate(item) for _, item in sorted(entry["items"].items())]
    shown = [reference for reference in all_ if reference.name == promoted] or all_
    started, finished = (parse_rfc3339(entry[key]) if entry.get(key) else None for key in ("startedAt", "finishedAt"))
    back = " (rollback)" if entry.get("rollback") else ""
    phase = (entry.get("verification") or {}).get("phase") or "-"
    return [
        f"{duration((now - finished).total_seconds())} ago" if finished else "-",
        ", ".join(aliases.get(reference.name) or reference.name[:12] for reference in shown),
        "; ".join(summary(reference) for reference in shown),
        (entry.get("actor") or ("auto-promotion" if entry.get("promotion") else "-")) + back,
        duration((finished - started).total_seconds()) if started and finished else "-",
        Cell(phase, _COLOURS.get(phase, "")),
        entry.get("promotion") or "-",
    ]
