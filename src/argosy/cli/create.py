"""`argosy create`: make a Project, or Freight of artifacts that a Warehouse has discovered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from argosy.cli import connection, credentials, output, role, scope
from argosy.cli.connection import Connection
from argosy.cli.credential import GENERIC, REPOSITORY
from argosy.cli.output import Form, TablePrinter
from argosy.cli.scope import Scope, pairs
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import AlreadyExists, Failed
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.kinds import KINDS
from argosy.resources.warehouse import Warehouse
from argosy.rules.assembly import assembled, choices
from argosy.rules.freight import freight_name

FREIGHT, PROJECT, CONFIG_MAP = KINDS["Freight"], KINDS["Project"], KINDS["ConfigMap"]

_dry_run = click.option("--dry-run", is_flag=True, help="Let the server check everything, and change nothing.")


@click.group("create")
def command() -> None:
    """Create resources without writing a manifest; `argosy apply` takes manifests."""


@command.command("project")
@connection.options(project=False)
@click.argument("name")
@_dry_run
@output.option
def project(connection: Connection, name: str, dry_run: bool, form: Form) -> None:
    """Create the Project NAME, and with it its namespace.

    \b
    argosy create project my-project
    """
    document = {"apiVersion": PROJECT.api_version, "kind": PROJECT.name, "metadata": {"name": name}}

    async def work(client: Kubernetes) -> None:
        created = await client.create(Selection(PROJECT, "", name), document, dry_run=dry_run)
        output.show_named(form, PROJECT, created, _created(dry_run))

    connection.run(work)


@command.command("configmap")
@connection.options()
@scope.options
@click.argument("name")
@click.option("--description", metavar="TEXT", default="", help="What it is for.")
@click.option("--replicate", is_flag=True, help="Copy it into every Project; for shared ones.")
@click.option("--set", "data", metavar="KEY=VALUE", multiple=True, callback=pairs, help="A value; may be repeated.")
@output.option
def config_map(connection: Connection, scope: Scope, name: str, form: Form, **values: Any) -> None:
    """Create the ConfigMap NAME, which promotion steps read.

    \b
    argosy create configmap my-settings --project my-project --set region=eu
    """
    body = {"name": name, **values}
    path = scope.path(connection)
    made = connection.run(lambda client: client.kargo.post(*path, "configmaps", body=body))
    output.show_named(form, CONFIG_MAP, made, "created")


def _wishes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """`REPOSITORY=VERSION`, each as a pair."""
    pairs = [value.rpartition("=") for value in values]
    for value, (place, _, version) in zip(values, pairs, strict=True):
        if not place or not version:
            raise click.BadParameter(f"{value!r} is not REPOSITORY=VERSION", ctx, param)
    return [(place, version) for place, _, version in pairs]


@command.command("freight")
@connection.options()
@click.option("--warehouse", metavar="NAME", required=True, help="Warehouse that has discovered the artifacts.")
@click.option(
    "--with",
    "wishes",
    metavar="REPOSITORY=VERSION",
    multiple=True,
    callback=_wishes,
    help="Artifact to take; may be repeated. The newest is taken of every other subscription.",
)
@click.option("--alias", metavar="ALIAS", default="", help="Alias of the Freight; one is made up otherwise.")
@click.option("--list", "list_", is_flag=True, help="List what was discovered, and create nothing.")
@_dry_run
@output.option
def freight(
    connection: Connection,
    warehouse: str,
    list_: bool,
    form: Form,
    **wish: Any,
) -> None:
    """Create Freight of artifacts that a Warehouse has discovered.

    REPOSITORY is the URL of a subscription, the end of it (`web` for ghcr.io/acme/web) or its name. VERSION is a tag, a
    digest, the ID of a commit or the beginning of one, or the version of a chart. The criteria of the Warehouse are not
    asked: they are for Freight that makes itself.

    \b
    argosy create freight --project my-project --warehouse my-warehouse
    argosy create freight --warehouse my-warehouse --with web=1.2.3 --with config.git=4f2a9c1 --alias hotfix
    argosy create freight --warehouse my-warehouse --list
    """
    if list_ and (wish["wishes"] or wish["alias"] or wish["dry_run"]):
        raise click.UsageError("--list cannot be used with --with, --alias or --dry-run.")
    name = connection.project

    async def work(client: Kubernetes) -> None:
        found = await _discovered(client, Selection(KINDS["Warehouse"], name, warehouse))
        if list_:
            _list(found)
        else:
            await _create(client, Selection(KINDS["Warehouse"], name, warehouse), found, form, **wish)

    connection.run(work)


async def _discovered(client: Kubernetes, warehouse: Selection) -> DiscoveredArtifacts:
    """What a Warehouse has discovered. Raises NotFound; Failed when it has not looked yet."""
    found = Warehouse.model_validate(await client.get(warehouse)).status.discovered_artifacts
    if found is None:
        advice = f"`argosy refresh warehouse {warehouse.name} --project {warehouse.namespace} --wait` tells why."
        raise Failed(f"Warehouse {warehouse.name!r} has discovered nothing yet", advice=advice)
    return found


async def _create(
    client: Kubernetes, warehouse: Selection, found: DiscoveredArtifacts, form: Form, **wish: Any
) -> None:
    reference = assembled(warehouse.name, found, wish["wishes"])
    selection = Selection(FREIGHT, warehouse.namespace, freight_name(reference))
    document = {
        "apiVersion": FREIGHT.api_version,
        "kind": FREIGHT.name,
        "metadata": {"name": selection.name, "namespace": selection.namespace},
        **({"alias": wish["alias"]} if wish["alias"] else {}),
        **reference.compact(),
    }
    document.pop("name", None)
    try:
        created = await client.create(selection, document, dry_run=wish["dry_run"])
    except AlreadyExists:
        alias = (await client.get(selection)).get("alias") or "no alias"
        advice = "It can be promoted as it is; a Warehouse makes no two pieces of Freight of the same artifacts."
        raise AlreadyExists(f"this Freight exists already: {selection.name} ({alias})", advice=advice) from None
    label = f" ({created['alias']})" if created.get("alias") else ""
    output.show_named(form, FREIGHT, created, f"{_created(wish['dry_run'])}{label}")


# As Kargo's command line has them.
command.add_command(credentials.create, REPOSITORY)
command.add_command(credentials.create, GENERIC)
command.add_command(role.create, "role")


def _created(dry_run: bool) -> str:
    return "created (dry run)" if dry_run else "created"


def _list(found: DiscoveredArtifacts) -> None:
    columns = [{"name": name} for name in ("Type", "Repository", "Version", "ID", "About")]
    TablePrinter().show({"columnDefinitions": columns, "rows": [{"cells": row} for row in _rows(found)]})


def _rows(found: DiscoveredArtifacts) -> Iterator[list[str]]:
    """A row for each artifact, in the order of the subscriptions, newest first."""
    for each in choices(found):
        for candidate in each.candidates:
            about = getattr(candidate.artifact, "message", "") or getattr(candidate.artifact, "branch", "")
            digest = next((hash for hash in candidate.hashes), "")
            short = digest[:19] if digest.startswith("sha256:") else digest[:12]
            yield [each.kind, each.place, next(iter(candidate.names), ""), short, about]
