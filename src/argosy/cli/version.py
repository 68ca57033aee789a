"""`argosy version`: what runs here, and what runs there."""

from __future__ import annotations

import click

from argosy import __version__


@click.command("version")
@click.option("--client", "only_client", is_flag=True, help="Do not ask the server.")
@click.option("--output", "-o", "form", type=click.Choice(["json", "yaml"]), help="Print as JSON or YAML.")
@click.option("--server", metavar="URL", default="", help="Server to ask, instead of the context's.")
@click.option("--context", metavar="NAME", default="", help="Context to use, instead of the current one.")
def command(only_client: bool, form: str | None, server: str, context: str) -> None:
    """Print the versions of client and server."""
    told = {"client": __version__}
    try:
        if not only_client:
            told |= _server(server, context)
    finally:
        _print(told, form)


def _server(server: str, context: str) -> dict[str, str]:
    """The server's version; nothing when no server is named anywhere."""
    from argosy.cli.connection import Connection
    from argosy.errors import NotFound

    connection = Connection(server=server, context=context)
    try:
        connection.target()
    except NotFound:
        if context:
            raise
        return {}
    return {"server": str(connection.run(lambda client: client.version()).get("gitVersion", ""))}


def _print(told: dict[str, str], form: str | None) -> None:
    if form is None:
        for part, version in told.items():
            click.echo(f"{part.title()} Version: {version}")
        return
    from argosy.cli.output import as_json, as_yaml

    click.echo(as_yaml(told).rstrip() if form == "yaml" else as_json(told))
