"""`argosy delete`: delete resources, and see them gone."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.failure import raise_all
from argosy.cli.file import options as file_options
from argosy.cli.file import read_all
from argosy.cli.output import Form
from argosy.cli.word import complete, freight_name, selection, wanted
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import ArgosyError, NotFound
from argosy.resources.kinds import KINDS


@click.command("delete")
@connection.options()
@click.argument("words", metavar="[TYPE NAME...]", nargs=-1, shell_complete=complete)
@file_options(required=False)
@click.option("--name", "names", metavar="NAME", multiple=True, help="Freight of this name; may be repeated.")
@click.option("--alias", "aliases", metavar="ALIAS", multiple=True, help="Freight of this alias; may be repeated.")
@click.option("--ignore-not-found", is_flag=True, help="Succeed when it is gone already.")
@click.option("--wait/--no-wait", default=True, help="Wait until it is gone; by default.")
@connection.waiting("that")
@output.option
def command(
    connection: Connection,
    words: tuple[str, ...],
    files: tuple[str, ...],
    recursive: bool,
    aliases: tuple[str, ...],
    timeout: float | None,
    **how: Any,
) -> None:
    """Delete resources by kind and name, or those that files hold.

    \b
    argosy delete stage --project my-project qa prod
    argosy delete freight --project my-project --alias wonky-wombat
    argosy delete -f pipeline.yaml
    """
    names: tuple[str, ...] = how.pop("names")
    if bool(words) == bool(files):
        raise click.UsageError("give either TYPE and NAME, or --filename.")
    if files:
        manifests = read_all(files, recursive, connection.default_project, check=False)
        chosen = [Selection(KINDS[item.key.kind], item.key.namespace, item.key.name) for item in reversed(manifests)]
    else:
        chosen = _named(connection, words, names, bool(aliases))
    project = connection.project if aliases else ""

    async def work(client: Kubernetes) -> None:
        freight = [await freight_name(client, project, "", alias) for alias in aliases]
        more = [Selection(KINDS["Freight"], project, name) for name in freight]
        await _delete(client, [*chosen, *more], **how)

    connection.run(work, timeout=timeout)


def _named(connection: Connection, words: tuple[str, ...], names: tuple[str, ...], aliased: bool) -> list[Selection]:
    kinds = wanted(words)
    if (names or aliased) and [wish.kind.name for wish in kinds] != ["Freight"]:
        raise click.UsageError("--name and --alias are for Freight.")
    chosen = [selection(connection, wish.kind, name) for wish in kinds for name in (*wish.names, *names)]
    if not chosen and not aliased:
        raise click.UsageError("say which: a NAME is missing.")
    return chosen


async def _delete(
    client: Kubernetes, chosen: list[Selection], *, ignore_not_found: bool, wait: bool, form: Form
) -> None:
    errors: list[ArgosyError] = []
    going: list[tuple[Selection, str]] = []
    for part in chosen:
        try:
            answer = await client.delete(part)
            uid = (answer.get("metadata") or {}).get("uid") or (answer.get("details") or {}).get("uid") or ""
            going.append((part, str(uid)))
        except NotFound as error:
            if not ignore_not_found:
                errors.append(error)
        except ArgosyError as error:
            errors.append(error)
    for part, uid in going:
        if wait:
            with contextlib.suppress(NotFound):
                await _replaced(client, part, uid)
        document = {"metadata": {"name": part.name, **({"namespace": part.namespace} if part.namespace else {})}}
        output.show_named(form, part.kind, document, "deleted" if wait else "deletion requested")
    raise_all(errors)


async def _replaced(client: Kubernetes, part: Selection, uid: str) -> None:
    """Return once another resource of the name is there. Raises NotFound once there is none."""
    async with contextlib.aclosing(client.states(part)) as states:
        async for document in states:
            if uid and document["metadata"].get("uid") != uid:
                return
