"""`argosy update`: change a resource without writing a manifest."""

from __future__ import annotations

from typing import Any

import click

from argosy.cli import connection, credentials, output, scope
from argosy.cli.connection import Connection
from argosy.cli.credential import GENERIC, REPOSITORY
from argosy.cli.output import Form
from argosy.cli.scope import Scope, pairs
from argosy.clients.kubernetes import Kubernetes
from argosy.resources.kinds import KINDS

Data = dict[str, Any]

FREIGHT, CONFIG_MAP = KINDS["Freight"], KINDS["ConfigMap"]


@click.group("update")
def command() -> None:
    """Change resources without writing a manifest; `argosy apply` takes manifests."""


@command.command("freight")
@connection.options()
@click.option("--name", metavar="NAME", default="", help="Name of the Freight.")
@click.option("--old-alias", metavar="ALIAS", default="", help="Its present alias, instead.")
@click.option("--new-alias", metavar="ALIAS", required=True, help="The alias that it gets.")
@output.option
def freight(connection: Connection, name: str, old_alias: str, new_alias: str, form: Form) -> None:
    """Give Freight another alias.

    \b
    argosy update freight --project my-project --name abc1234 --new-alias frozen-tauntaun
    argosy update freight --project my-project --old-alias wonky-wombat --new-alias frozen-tauntaun
    """
    if bool(name) == bool(old_alias):
        raise click.UsageError("use exactly one of --name and --old-alias.")
    path = ("projects", connection.project, "freight")

    async def work(client: Kubernetes) -> Data:
        # The server takes an alias for a name, too, and that is no longer its alias afterwards.
        lasting = (await client.kargo.get(*path, name or old_alias))["metadata"]["name"]
        await client.kargo.call("PATCH", *path, lasting, "alias", parameters={"newAlias": new_alias})
        return await client.kargo.get(*path, lasting)

    output.show_named(form, FREIGHT, connection.run(work), f"is called {new_alias}")


@command.command("configmap")
@connection.options()
@scope.options
@click.argument("name")
@click.option("--description", default=None, help="What it is for.")
@click.option("--set", "data", metavar="KEY=VALUE", multiple=True, callback=pairs, help="A value; may be repeated.")
@click.option("--unset", "removed", metavar="KEY", multiple=True, help="Take a value away; may be repeated.")
@output.option
def config_map(connection: Connection, scope: Scope, name: str, form: Form, **values: Any) -> None:
    """Change what is given of the ConfigMap NAME.

    \b
    argosy update configmap --project my-project my-settings --set region=eu --unset zone
    """
    told = {"description": values["description"], "data": values["data"], "removeKeys": list(values["removed"])}
    body = {key: value for key, value in told.items() if value or (key == "description" and value is not None)}
    if not body:
        raise click.UsageError("say what to change: --set, --unset or --description.")
    path = scope.path(connection)
    changed = connection.run(lambda client: client.kargo.call("PATCH", *path, "configmaps", name, body=body))
    output.show_named(form, CONFIG_MAP, changed, "updated")


# As Kargo's command line has them.
command.add_command(credentials.update, REPOSITORY)
command.add_command(credentials.update, GENERIC)
