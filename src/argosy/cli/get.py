"""`argosy get`: list resources, as tables or as documents."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click

from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.failure import raise_all
from argosy.cli.output import Form, TablePrinter
from argosy.cli.word import Wanted, complete, wanted
from argosy.clients.kubernetes import TABLE, Kubernetes
from argosy.clients.kubernetes_connection import JSON
from argosy.clients.selection import Change, Selection
from argosy.errors import ArgosyError, Gone, Invalid
from argosy.resources.names import Label

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of a kind's resources; the options of one kind are of no use with others."""

    labels: str = ""
    fields: str = ""
    names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    stage: str = ""

    def check(self, kinds: Sequence[Wanted]) -> None:
        """Raises click.UsageError."""
        kind = kinds[0].kind.name if len(kinds) == 1 else ""
        named = bool(self.names or self.aliases)
        faults = (
            ((named or self.warehouses) and kind != "Freight", "--name, --alias and --warehouse are for Freight."),
            (self.stage and kind != "Promotion", "--stage is for Promotions."),
            (named and self.warehouses, "--warehouse cannot be used with --name or --alias."),
            (len(self.warehouses) > 1 and self.fields, "several --warehouse cannot be used with --field-selector."),
        )
        for wrong, message in faults:
            if wrong:
                raise click.UsageError(message)

    def selections(self, wish: Wanted, namespace: str) -> list[Selection]:
        """What to ask the server for: each named resource, each Warehouse's Freight, or the whole list."""
        whole = Selection(wish.kind, namespace, labels=self.labels, fields=self.fields)
        if self.stage:
            whole = replace(whole, fields=_joined(self.fields, f"spec.stage={self.stage}"))
        names = [replace(whole, name=name) for name in (*wish.names, *self.names)]
        aliases = [
            replace(whole, labels=_joined(self.labels, f"{Label.ALIAS.value}={alias}")) for alias in self.aliases
        ]
        origins = [replace(whole, fields=_joined(self.fields, f"origin.name={name}")) for name in self.warehouses]
        return [*names, *aliases, *origins] or [whole]


def _joined(*parts: str) -> str:
    return ",".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class View:
    """How to show what was found."""

    form: Form
    headers: bool = True
    namespaces: bool = False

    @property
    def accept(self) -> str:
        return TABLE if self.form.is_table else JSON

    def printer(self, wish: Wanted, *, prefixed: bool) -> TablePrinter:
        return TablePrinter(
            wide=self.form.name == "wide",
            headers=self.headers,
            namespaces=self.namespaces and wish.kind.namespaced,
            kind=wish.kind if prefixed else None,
        )


@click.command("get")
@connection.options()
@click.argument("words", metavar="TYPE [NAME]...", nargs=-1, shell_complete=complete)
@click.option("--all-namespaces", "-A", "everywhere", is_flag=True, help="In all Projects and namespaces.")
@click.option("--selector", "-l", "labels", metavar="SELECTOR", default="", help="Labels that must match, `k=v,k2!=v`.")
@click.option(
    "--field-selector", "fields", metavar="SELECTOR", default="", help="Fields that must match, `path=value`."
)
@click.option("--name", "names", metavar="NAME", multiple=True, help="Freight of this name; may be repeated.")
@click.option("--alias", "aliases", metavar="ALIAS", multiple=True, help="Freight of this alias; may be repeated.")
@click.option(
    "--warehouse",
    "--origin",
    "warehouses",
    metavar="NAME",
    multiple=True,
    help="Freight from this Warehouse; may be repeated.",
)
@click.option("--stage", metavar="NAME", default="", help="Promotions to this Stage.")
@click.option("--watch", "-w", is_flag=True, help="Go on and print what changes.")
@click.option("--no-headers", is_flag=True, help="Do not name the columns.")
@output.option
def command(
    connection: Connection,
    words: tuple[str, ...],
    everywhere: bool,
    watch: bool,
    no_headers: bool,
    form: Form,
    **filters: Any,
) -> None:
    """List resources: all of a kind, or those that are named.

    \b
    argosy get stages --project my-project
    argosy get stage qa prod -o yaml
    argosy get freight --alias wonky-wombat
    argosy get promotions --stage qa --watch
    argosy get stage/qa warehouse/my-warehouse
    argosy get all
    """
    kinds, filtered = wanted(words), Filter(**filters)
    filtered.check(kinds)
    if watch and len(kinds) > 1:
        raise click.UsageError("--watch is for one kind of resource, or one resource.")
    project = "" if everywhere or not any(wish.kind.namespaced for wish in kinds) else connection.project
    view = View(form, not no_headers, everywhere)
    asked = [(wish, filtered.selections(wish, project if wish.kind.namespaced else "")) for wish in kinds]
    if everywhere and any(part.name for _, parts in asked for part in parts if part.kind.namespaced):
        raise click.UsageError("a resource cannot be named across all namespaces: leave the name or -A out.")
    if watch:
        connection.run(lambda client: _watch(client, *asked[0], view))
    else:
        connection.run(lambda client: _get(client, asked, view))


async def _get(client: Kubernetes, asked: Sequence[tuple[Wanted, list[Selection]]], view: View) -> None:
    errors: list[ArgosyError] = []
    found = [(wish, await _found(client, parts, view.accept, errors)) for wish, parts in asked]
    if view.form.is_table:
        _tables(found, view, quiet=bool(errors))
    else:
        named = len(asked) == 1 and len(asked[0][1]) == 1 and bool(asked[0][1][0].name)
        _documents(found, view, single=named)
    raise_all(errors)


async def _found(client: Kubernetes, parts: list[Selection], accept: str, errors: list[ArgosyError]) -> list[Data]:
    """The answers: resources, lists or Tables. What cannot be had is collected in `errors`."""
    asks = [client.get(part, accept=accept) if part.name else client.list(part, accept=accept) for part in parts]
    answers = await asyncio.gather(*asks, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, ArgosyError):
            errors.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if isinstance(answer, dict)]


def _tables(found: Sequence[tuple[Wanted, list[Data]]], view: View, *, quiet: bool) -> None:
    some = False
    for wish, tables in found:
        rows = [row for table in tables for row in table.get("rows") or []]
        if not rows:
            continue
        if some:
            output.write("\n")
        some = True
        merged = {"columnDefinitions": tables[0].get("columnDefinitions"), "rows": rows}
        view.printer(wish, prefixed=len(found) > 1).show(merged)
    if not some and not quiet:
        click.echo("No resources found.", err=True)


def _documents(found: Sequence[tuple[Wanted, list[Data]]], view: View, *, single: bool) -> None:
    documents = [
        (wish, output.tidy(wish.kind, item))
        for wish, answers in found
        for answer in answers
        for item in (answer["items"] or [] if "items" in answer else [answer])
    ]
    if view.form.name == "name":
        for wish, document in documents:
            output.show_named(view.form, wish.kind, document, "")
    elif single:
        for _, document in documents:
            output.show(view.form, document)
    else:
        output.show(view.form, output.listed(document for _, document in documents))


async def _watch(client: Kubernetes, wish: Wanted, parts: list[Selection], view: View) -> None:
    if len(parts) > 1:
        raise Invalid("only one list, or one resource, can be watched", advice="Use --selector to watch several.")
    printer = view.printer(wish, prefixed=False)
    if parts[0].name:
        await client.get(parts[0])
    async for shown in _changes(client, parts[0], view.accept):
        if view.form.is_table:
            printer.show(shown)
        else:
            _documents([(wish, [shown])], view, single=True)


async def _changes(client: Kubernetes, selection: Selection, accept: str) -> AsyncGenerator[Data]:
    """What is there, then each change; after a gap in the server's memory only what changed in between."""
    seen: set[str] = set()
    while True:
        listed = await client.list(selection, accept=accept)
        for part in _fresh(listed, seen):
            yield part
        changes: AsyncGenerator[Change] = client.watch(selection, listed["metadata"]["resourceVersion"], accept=accept)
        with contextlib.suppress(Gone):
            async for change in changes:
                seen.update(_versions(change.object))
                yield change.object


def _fresh(listed: Data, seen: set[str]) -> list[Data]:
    """The parts of a list that were not shown yet; a Table stays one, so that its columns fit all rows."""
    if "rows" in listed:
        rows = [row for row in listed["rows"] or [] if not _versions(row.get("object") or {}) <= seen]
        parts = [{**listed, "rows": rows}]
    else:
        parts = [item for item in listed.get("items") or [] if not _versions(item) <= seen]
    for part in parts:
        seen.update(_versions(part))
    _forget(seen)
    return parts


def _versions(data: Data) -> set[str]:
    """The versions of a resource, or of the resources in the rows of a Table."""
    objects = [row.get("object") or {} for row in data.get("rows") or []] if "rows" in data else [data]
    return {str((item.get("metadata") or {}).get("resourceVersion", "")) for item in objects}


def _forget(seen: set[str], most: int = 100_000) -> None:
    """Keep the newest versions only, so that a watch of days stays small."""
    if len(seen) > most:
        newest = heapq.nlargest(most // 2, seen, key=lambda version: int(version) if version.isdigit() else 0)
        seen.intersection_update(newest)
