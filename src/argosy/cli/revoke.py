"""`argosy revoke`: take a role from people, or let it allow less."""

from __future__ import annotations

from typing import Any

import click

from argosy.cli import connection, granting, output
from argosy.cli.connection import Connection
from argosy.cli.output import Form


@click.command("revoke")
@connection.options()
@granting.options
@output.option
def command(connection: Connection, body: dict[str, Any], form: Form) -> None:
    """Take a role from people, or let it allow less.

    \b
    argosy revoke --project my-project --role kargo-promoter --claim email=jane@example.com
    argosy revoke --project my-project --role releasers --verb promote --resource-type stages
    """
    granting.send(connection, "revocations", body, form)
