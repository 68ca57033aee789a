"""`argosy verify`: verify what a Stage uses once more, or end the verification that runs."""

from __future__ import annotations

import click

from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.output import write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes


@click.command("verify")
@connection.options()
@click.argument("type_", metavar="TYPE", type=click.Choice(["stage"]))
@click.argument("name")
@click.option("--abort", is_flag=True, help="End the verification that runs.")
def command(connection: Connection, type_: str, name: str, abort: bool) -> None:
    """Verify the Freight that a Stage uses now once more.

    \b
    argosy verify stage --project my-project my-stage
    argosy verify stage --project my-project my-stage --abort
    """
    project = connection.project

    async def work(client: Kubernetes) -> None:
        path = ("projects", project, "stages", name, "verification")
        await client.kargo.post(*path, *(("abort",) if abort else ()))

    connection.run(work)
    asked = "abort of its verification" if abort else "verification"
    write(f"{type_} {safe(name)!r}: {asked} requested\n")
