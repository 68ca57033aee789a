"""`argosy config`: which server and Project commands speak to."""

from __future__ import annotations

from collections.abc import Callable

import click

from argosy.cli.context import Context, Contexts, default_path, read, write
from argosy.cli.output import TablePrinter, as_yaml
from argosy.errors import NotFound


@click.group("config")
def command() -> None:
    """Choose the server and the Project that commands speak to.

    Contexts are kept in the file that ARGOSY_CONFIG names, by default in the user's configuration folder; only its
    owner can read it.
    """


@command.command("get-contexts")
def get_contexts() -> None:
    """List the contexts; a star marks the current one."""
    contexts = read(default_path())
    if not contexts.contexts:
        click.echo("No contexts found.", err=True)
    rows = [
        {"cells": ["*" if each.name == contexts.current else "", each.name, each.server, each.project]}
        for each in contexts.contexts
    ]
    columns = [{"name": name} for name in ("Current", "Name", "Server", "Project")]
    TablePrinter().show({"columnDefinitions": columns, "rows": rows})


@command.command("use-context")
@click.argument("name")
def use_context(name: str) -> None:
    """Make the context NAME the current one."""
    path = default_path()
    contexts = read(path)
    write(path, contexts.model_copy(update={"current": contexts.named(name).name}))
    click.echo(f"now using context {name!r}")


@command.command("set-project")
@click.argument("project")
def set_project(project: str) -> None:
    """Make PROJECT the one that commands speak of, in the current context."""
    _change(lambda context: context.model_copy(update={"project": project}))
    click.echo(f"default project set to {project!r}")


@command.command("get-project")
def get_project() -> None:
    """Print the Project that commands speak of."""
    click.echo(_current(read(default_path())).project)


@command.command("view")
def view() -> None:
    """Print the contexts, without their tokens."""
    contexts = read(default_path())
    shown = contexts.model_dump(by_alias=True)
    for context in shown["contexts"]:
        for name in ("token", "refresh_token"):
            context[name] = "REDACTED" if context[name] else ""
    click.echo(as_yaml({**shown, "contexts": list(shown["contexts"])}), nl=False)


def _current(contexts: Contexts) -> Context:
    if not contexts.current:
        raise NotFound("there is no current context", advice="`argosy up` makes one; or choose with use-context.")
    return contexts.named(contexts.current)


def _change(change: Callable[[Context], Context]) -> None:
    path = default_path()
    contexts = read(path)
    write(path, contexts.with_context(change(_current(contexts))))
