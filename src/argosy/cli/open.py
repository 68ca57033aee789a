"""`argosy open`: the page of a resource in a web browser."""

from __future__ import annotations

from urllib.parse import quote

import click

from argosy.cli import connection
from argosy.cli.browser import launch
from argosy.cli.connection import Connection
from argosy.cli.output import write

PAGES = ("project", "stage", "warehouse", "freight", "promotion", "matrix", "events", "settings")
_NAMED = ("stage", "warehouse", "freight", "promotion")
_PATHS = {"project": "", "matrix": "/runs", "events": "/events", "settings": "/settings"}


@click.command("open")
@connection.options()
@click.argument("type_", metavar="[TYPE]", type=click.Choice(PAGES), required=False, default=None)
@click.argument("name", required=False, default="")
@click.option("--print", "printed", is_flag=True, help="Print the address, and open nothing.")
def command(connection: Connection, type_: str | None, name: str, printed: bool) -> None:
    """Open the web page of a resource.

    TYPE is project, stage, warehouse, freight, promotion, matrix, events or settings. Without one it is the page of the
    Project, or that of all Projects where none is named. Only stage, warehouse, freight and promotion take a NAME.
    Where there is no browser, the address is printed.

    \b
    argosy open
    argosy open --project my-project stage prod
    argosy open --project my-project freight wonky-wombat --print
    """
    url = connection.target().url.rstrip("/") + _path(connection, type_, name)
    if printed or not launch(url):
        write(f"{url}\n")


def _path(connection: Connection, type_: str | None, name: str) -> str:
    """The address of a page on the server. Raises click.UsageError."""
    if type_ is None and not connection.default_project:
        return "/"
    kind = type_ or "project"
    if bool(name) != (kind in _NAMED):
        raise click.UsageError(f"a {kind} takes no NAME." if name else f"say which {kind}: its NAME is missing.")
    project = f"/project/{quote(connection.project, safe='')}"
    return project + (f"/{kind}/{quote(name, safe='')}" if name else _PATHS[kind])
