"""What `argosy grant` and `argosy revoke` have in common: which role, and to whom, or what."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from argosy.cli import claims
from argosy.cli.connection import Connection
from argosy.cli.output import Form
from argosy.cli.role import show

Command = Callable[..., Any]
Data = dict[str, Any]


def options(function: Command) -> Command:
    """Adds the options to a command, which gets them as one argument `body`: what the operation is sent."""

    @functools.wraps(function)
    def wrapped(*args: Any, role: str, claims: list[Data], **given: Any) -> Any:
        type_, name, verbs = (given.pop(key) for key in ("resource_type", "resource_name", "verbs"))
        if bool(claims) == bool(type_ or name or verbs):
            raise click.UsageError("use either --claim, or --resource-type and --verb.")
        if not claims and not (type_ and verbs):
            raise click.UsageError("--resource-type and --verb go together.")
        details = {"resourceType": type_, "verbs": [*verbs], **({"resourceName": name} if name else {})}
        body = {"role": role, **({"userClaims": {"claims": claims}} if claims else {"resourceDetails": details})}
        return function(*args, body=body, **given)

    marks = (
        click.option("--role", metavar="NAME", required=True, help="Which role."),
        claims.option,
        click.option(
            "--verb", "verbs", metavar="VERB", multiple=True, help="Action, such as `promote`; may be repeated."
        ),
        click.option("--resource-type", metavar="PLURAL", default="", help="Resources that is about: `stages`."),
        click.option("--resource-name", metavar="NAME", default="", help="Only the resource of this name."),
    )
    for mark in reversed(marks):
        wrapped = mark(wrapped)
    return wrapped


def send(connection: Connection, operation: str, body: Data, form: Form) -> None:
    """Do it, and print the role as it is afterwards."""
    path = ("projects", connection.project, "roles", operation)
    show(form, connection.run(lambda client: client.kargo.post(*path, body=body)), "updated")
