"""`argosy credentials`: who may log in where, and other secrets for steps. Their values are never shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from argosy.api.column import age
from argosy.cli import connection, credential, output, scope
from argosy.cli.connection import Connection
from argosy.cli.credential import GENERIC, REPOSITORY, TYPES
from argosy.cli.failure import raise_all
from argosy.cli.grid import grid
from argosy.cli.output import Form
from argosy.cli.scope import Scope
from argosy.clients.kubernetes import Kubernetes
from argosy.clock import SystemClock
from argosy.errors import ArgosyError, Conflict
from argosy.resources.kinds import KINDS
from argosy.resources.names import Annotation, Label

Data = dict[str, Any]

SECRET = KINDS["Secret"]


@click.group("credentials")
def command() -> None:
    """Manage credentials of repositories, and other secrets that promotion steps use."""


@command.command("create")
@connection.options()
@scope.options
@click.argument("name")
@credential.options
@output.option
def create(connection: Connection, scope: Scope, name: str, form: Form, **values: Any) -> None:
    """Create the credentials NAME: of repositories, or others where keys are set.

    \b
    argosy credentials create my-login --git --repo-url https://github.com/acme/config.git --username me
    argosy credentials create acme --shared --image --repo-url '^ghcr.io/acme/' --regex --username me --password-stdin
    argosy credentials create my-keys --project my-project --set-file API_KEY=key.txt
    """
    sort = credential.sort(values)
    body = credential.repository(values, needed=True) if sort == REPOSITORY else {"data": credential.data(values)}
    _send(connection, scope, form, "created", ("POST", sort), {"name": name, **credential.described(values), **body})


@command.command("update")
@connection.options()
@scope.options
@click.argument("name")
@credential.options
@click.option("--unset", "removed", metavar="KEY", multiple=True, help="Take a value away; may be repeated.")
@output.option
def update(connection: Connection, scope: Scope, name: str, form: Form, **values: Any) -> None:
    """Change what is given of the credentials NAME.

    \b
    argosy credentials update my-login --project my-project --git --username me --password-stdin
    argosy credentials update my-keys --project my-project --set-file API_KEY=key.txt --unset OLD_KEY
    """
    removed = list(values.pop("removed"))
    generic = bool(values["data"] or values["files"] or removed)
    body = (
        {"data": credential.data(values), "removeKeys": removed}
        if generic
        else credential.repository(values, needed=False)
    )
    if generic and credential.is_repository(values):
        raise click.UsageError("--set, --set-file and --unset are for other credentials than those of repositories.")
    if not generic and not body and values["description"] is None:
        raise click.UsageError("say what to change.")
    sort = GENERIC if generic else REPOSITORY if body else ""
    _send(connection, scope, form, "updated", ("PATCH", sort, name), {**credential.described(values), **body})


@command.command("list")
@connection.options()
@scope.options
@output.option
def list_(connection: Connection, scope: Scope, form: Form) -> None:
    """List credentials, without what opens anything.

    \b
    argosy credentials list --project my-project
    argosy credentials list --shared
    """
    path = scope.path(connection)

    async def work(client: Kubernetes) -> list[Data]:
        sorts = (GENERIC,) if scope.system else (REPOSITORY, GENERIC)
        return [entry for sort in sorts async for entry in client.kargo.pages(*path, sort)]

    found = sorted(connection.run(work), key=lambda each: str(each["metadata"]["name"]))
    if not form.is_table and form.name != "name":
        output.show(form, output.listed(output.tidy(SECRET, each) for each in found))
        return
    if not found:
        click.echo("No credentials found.", err=True)
    _show(form, found)


@command.command("get")
@connection.options()
@scope.options
@click.argument("name")
@output.option
def get(connection: Connection, scope: Scope, name: str, form: Form) -> None:
    """Show the credentials NAME, without what opens anything.

    \b
    argosy credentials get my-login --project my-project -o yaml
    """
    path = scope.path(connection)
    found = connection.run(lambda client: _found(client, path, name, "GET"))
    if form.is_table:
        _show(form, [found])
    else:
        output.show_named(form, SECRET, found, "")


@command.command("delete")
@connection.options()
@scope.options
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def delete(connection: Connection, scope: Scope, names: tuple[str, ...]) -> None:
    """Delete credentials.

    \b
    argosy credentials delete my-login --project my-project
    """
    path = scope.path(connection)

    async def work(client: Kubernetes) -> None:
        errors: list[ArgosyError] = []
        for name in names:
            try:
                await _found(client, path, name, "DELETE")
                output.show_named(Form(), SECRET, {"metadata": {"name": name}}, "deleted")
            except ArgosyError as error:
                errors.append(error)
        raise_all(errors)

    connection.run(work)


def _send(connection: Connection, scope: Scope, form: Form, done: str, where: tuple[str, ...], body: Data) -> None:
    method, sort, *rest = where
    path = scope.path(connection)
    if sort == REPOSITORY and scope.system:
        raise click.UsageError("the system has no credentials of repositories: use --shared.")

    async def work(client: Kubernetes) -> Data:
        if sort:
            return await client.kargo.call(method, *path, sort, *rest, body=body)
        return await _found(client, path, rest[0], method, body)

    output.show_named(form, SECRET, connection.run(work), done)


async def _found(client: Kubernetes, path: tuple[str, ...], name: str, method: str, body: Data | None = None) -> Data:
    """Do something to the credentials of a name, whatever sort they are of. Raises NotFound."""
    if path != ("system",):
        try:
            return await client.kargo.call(method, *path, REPOSITORY, name, body=body)
        except Conflict:  # There is a Secret of that name which is of the other sort.
            pass
    return await client.kargo.call(method, *path, GENERIC, name, body=body)


def _show(form: Form, found: Iterable[Data]) -> None:
    if form.name == "name":
        for each in found:
            output.show_named(form, SECRET, each, "")
        return
    header = ("Name", "Type", "Opens", "User", "Description", "Age")
    output.write("".join(f"{line}\n" for line in grid(header, (list(_cells(each)) for each in found))))


def _cells(secret: Data) -> Iterator[str]:
    meta, shown = secret["metadata"], secret.get("stringData") or {}
    type_ = (meta.get("labels") or {}).get(Label.CREDENTIAL_TYPE.value) or ""
    is_regex = shown.get("repoURLIsRegex") == "true"
    yield str(meta["name"])
    yield type_
    yield (shown.get("repoURL") or "") + " (regex)" * is_regex if type_ in TYPES else ", ".join(sorted(shown))
    yield shown.get("username") or "" if type_ in TYPES else ""
    yield (meta.get("annotations") or {}).get(Annotation.DESCRIPTION.value) or ""
    yield age(meta.get("creationTimestamp") or "", SystemClock().now())
