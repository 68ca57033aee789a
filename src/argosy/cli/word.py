"""Words: which resources the arguments of a command mean, `stages dev qa`, `stage/dev` or `stages,warehouses`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem

from argosy.cli.connection import Connection
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import NotFound
from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS, kind_by_word
from argosy.resources.names import Label

ALL = ("Warehouse", "Freight", "Stage", "Promotion")
"""What `all` means: what a pipeline is made of and what moves through it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Resources of one kind: those of these names, or all."""

    kind: Kind
    names: tuple[str, ...] = ()


def wanted(words: Sequence[str]) -> list[Wanted]:
    """Read the arguments of `get`, `describe` and `delete`. Raises NotFound for an unknown kind, click.UsageError."""
    if not words:
        known = ", ".join(sorted(kind.plural for kind in KINDS.values()))
        raise click.UsageError(f"no kind of resource is named. Known are {known}.")
    if any("/" in word for word in words):
        return [_pair(word) for word in words]
    names = tuple(dict.fromkeys(words[1:]))
    if words[0] == "all":
        return [Wanted(KINDS[name], names) for name in ALL]
    return [Wanted(_kind(word), names) for word in words[0].split(",") if word]


def _pair(word: str) -> Wanted:
    kind, slash, name = word.partition("/")
    if not (kind and slash and name) or "/" in name:
        raise click.UsageError(f"{word!r} is not TYPE/NAME; write all arguments in that form, or TYPE NAME ...")
    return Wanted(_kind(kind), (name,))


def _kind(word: str) -> Kind:
    try:
        return kind_by_word(word)
    except NotFound as error:
        raise click.UsageError(str(error)) from None


def selection(connection: Connection, kind: Kind, name: str = "") -> Selection:
    """Resources of a kind in the Project that the command speaks of. Raises click.UsageError when it needs one."""
    return Selection(kind, connection.project if kind.namespaced else "", name)


async def freight_name(client: Kubernetes, project: str, name: str, alias: str) -> str:
    """The name of the Freight that a name or an alias means. Raises NotFound for an unknown alias."""
    if not alias:
        return name
    found = await client.list(Selection(KINDS["Freight"], project, labels=f"{Label.ALIAS.value}={alias}"))
    for item in found.get("items") or []:
        return str(item["metadata"]["name"])
    advice = f"`argosy get freight --project {project}` lists aliases; --freight takes names."
    raise NotFound(f"there is no Freight with the alias {alias!r} in Project {project!r}", advice=advice)


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Kinds, for the completion of the first argument in a shell."""
    if ctx.params.get(param.name or ""):
        return []
    words = sorted(kind.plural for kind in KINDS.values())
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]
