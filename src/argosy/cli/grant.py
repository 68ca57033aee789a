"""`argosy grant`: give a role to people, or let it allow more."""

from __future__ import annotations

from typing import Any

import click

from argosy.cli import connection, granting, output
from argosy.cli.connection import Connection
from argosy.cli.output import Form


@click.command("grant")
@connection.options()
@granting.options
@output.option
def command(connection: Connection, body: dict[str, Any], form: Form) -> None:
    """Give a role to people, or let it allow more. Nobody can give what they may not do themselves.

    \b
    argosy grant --project my-project --role kargo-promoter --claim groups=devops
    argosy grant --project my-project --role releasers --verb promote --resource-type stages --resource-name prod
    """
    granting.send(connection, "grants", body, form)
