"""Scopes: whether a command speaks of what is in a Project, shared by all, or of the system."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from argosy.cli.connection import Connection

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something is: one of the flags, or else the Project."""

    shared: bool = False
    system: bool = False

    def path(self, connection: Connection) -> tuple[str, ...]:
        """The beginning of its addresses. Raises click.UsageError where no Project is named, or too much."""
        if self.shared and self.system:
            raise click.UsageError("use only one of --shared and --system.")
        if not (self.shared or self.system):
            return ("projects", connection.project)
        if connection.given_project:
            raise click.UsageError("--project cannot be used with --shared or --system.")
        return ("shared",) if self.shared else ("system",)


def options(function: Command) -> Command:
    """Adds --shared and --system to a command, which gets them as one argument `scope`."""

    @functools.wraps(function)
    def wrapped(*args: Any, shared: bool, system: bool, **values: Any) -> Any:
        return function(*args, scope=Scope(shared, system), **values)

    marked = click.option("--system", is_flag=True, help="Of the system; for administrators.")(wrapped)
    return click.option("--shared", is_flag=True, help="Shared by all Projects.")(marked)


def pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """`KEY=VALUE`, as a callback of an option that may be repeated. What is wrong is not repeated: it may be secret."""
    found = [value.partition("=") for value in values]
    if any(not key.strip() or not equals for key, equals, _ in found):
        raise click.BadParameter("write KEY=VALUE.", ctx, param)
    return {key.strip(): value for key, _, value in found}
