"""`argosy token`: API tokens, by which programs act as a role."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import click

from argosy.api.column import age
from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.failure import raise_all
from argosy.cli.grid import grid
from argosy.cli.output import Form, write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clock import SystemClock
from argosy.errors import ArgosyError
from argosy.resources.kinds import KINDS
from argosy.resources.names import Annotation

Data = dict[str, Any]

SECRET = KINDS["Secret"]

_system = click.option("--system", is_flag=True, help="Of a role of the system; for administrators.")


@click.group("token")
def command() -> None:
    """Manage API tokens: whoever holds one may do what its role may."""


@command.command("create")
@connection.options()
@click.argument("name")
@click.option("--role", required=True, metavar="ROLE", help="Whose rights the token has.")
@click.option("--expires-in", default="", metavar="DURATION", help="After which it is good no more, such as 720h.")
@_system
@output.option
def create(connection: Connection, name: str, role: str, expires_in: str, system: bool, form: Form) -> None:
    """Create the API token NAME and print it; nobody can have it printed again.

    \b
    argosy token create ci --project my-project --role my-role
    argosy token create ci --system --role kargo-viewer --expires-in 720h > token
    """
    path = (*_place(connection, system), "roles", role, "api-tokens")
    body = {"name": name, **({"expiresIn": expires_in} if expires_in else {})}

    async def work(client: Kubernetes) -> Data:
        return await client.kargo.post(*path, body=body)

    made = connection.run(work)
    if not form.is_table:
        output.show_named(form, SECRET, made, "created")
        return
    click.echo("Keep it safe: it is not shown again.", err=True)
    write(base64.b64decode(made["data"]["token"]).decode() + "\n")


@command.command("list")
@connection.options()
@click.option("--role", default="", metavar="ROLE", help="Only those of this role.")
@_system
@output.option
def list_(connection: Connection, role: str, system: bool, form: Form) -> None:
    """List API tokens, without what they are.

    \b
    argosy token list --project my-project
    argosy token list --system --role kargo-admin
    """
    path = (*_place(connection, system), "api-tokens")

    async def work(client: Kubernetes) -> list[Data]:
        return [entry async for entry in client.kargo.pages(*path, role=role)]

    found = connection.run(work)
    if not found and form.is_table:
        click.echo("No API tokens found.", err=True)
    if form.is_table:
        _table(found)
    elif form.name == "name":
        for each in found:
            output.show_named(form, SECRET, each, "")
    else:
        output.show(form, output.listed(output.tidy(SECRET, each) for each in found))


@command.command("get")
@connection.options()
@click.argument("name")
@_system
@output.option
def get(connection: Connection, name: str, system: bool, form: Form) -> None:
    """Show the API token NAME, without what it is."""
    path = (*_place(connection, system), "api-tokens", name)

    async def work(client: Kubernetes) -> Data:
        return await client.kargo.get(*path)

    found = connection.run(work)
    if form.is_table:
        _table([found])
    else:
        output.show_named(form, SECRET, found, "")


@command.command("delete")
@connection.options()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_system
def delete(connection: Connection, names: tuple[str, ...], system: bool) -> None:
    """Delete API tokens: from then on they let nobody in."""
    place = _place(connection, system)

    async def work(client: Kubernetes) -> list[ArgosyError]:
        errors: list[ArgosyError] = []
        for name in dict.fromkeys(names):
            try:
                await client.kargo.call("DELETE", *place, "api-tokens", name)
                write(f"API token {safe(name)!r} deleted\n")
            except ArgosyError as error:
                errors.append(error)
        return errors

    raise_all(connection.run(work))


def _place(connection: Connection, system: bool) -> tuple[str, ...]:
    """The beginning of addresses. Raises click.UsageError where no Project is named, or too much."""
    if not system:
        return ("projects", connection.project)
    if connection.given_project:
        raise click.UsageError("--project cannot be used with --system.")
    return ("system",)


def _table(found: list[Data]) -> None:
    rows = [[*_cells(each["metadata"])] for each in found]
    write("".join(f"{line}\n" for line in grid(("Name", "Role", "Expires", "Age"), rows)))


def _cells(meta: Data) -> Iterator[str]:
    marks = meta.get("annotations") or {}
    yield str(meta["name"])
    yield marks.get(Annotation.ACCOUNT_NAME.value) or ""
    yield marks.get(Annotation.EXPIRES.value) or "never"
    yield age(meta.get("creationTimestamp") or "", SystemClock().now())
