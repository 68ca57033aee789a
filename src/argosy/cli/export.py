"""`argosy export`: everything that a store holds, as one file for `argosy import`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import BinaryIO

import click

from argosy.cli.store import store_options
from argosy.errors import Unavailable
from argosy.settings import Settings


@click.command("export")
@store_options
@click.option("--project", "-p", "projects", metavar="NAME", multiple=True, help="Only this Project; may be repeated.")
@click.option(
    "--namespace",
    "namespaces",
    metavar="NAME",
    multiple=True,
    help="This one too, besides those of Projects.",
)
@click.option("--without-secrets", is_flag=True, help="Leave Secrets out.")
@click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write there.")
def command(
    settings: Settings,
    projects: tuple[str, ...],
    namespaces: tuple[str, ...],
    without_secrets: bool,
    output: Path | None,
) -> None:
    """Write everything that a store holds to a file: resources, statuses, history and Secrets.

    The file is JSON Lines. Secrets are in it in clear: keep it as safe as them. Nothing should change meanwhile, so
    stop the server first; a store on SQLite demands that.

    \b
    argosy export -o backup.jsonl
    argosy export --store kubernetes:// -o cluster.jsonl
    argosy export -p shop --without-secrets | argosy import --store sqlite:///copy/argosy.db -
    """
    if output is None:
        asyncio.run(_write(settings, sys.stdout.buffer, projects, namespaces, secrets=not without_secrets))
        return
    draft = output.with_name(f"{output.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            asyncio.run(_write(settings, file, projects, namespaces, secrets=not without_secrets))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(output)
    except OSError as error:
        raise Unavailable(f"{output} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


async def _write(
    settings: Settings, file: BinaryIO, projects: tuple[str, ...], namespaces: tuple[str, ...], *, secrets: bool
) -> None:
    from argosy.app.store import open_backend
    from argosy.clock import SystemClock
    from argosy.resources.kinds import KINDS
    from argosy.store.transfer import Scope, export

    also = tuple(name for name in (*namespaces, settings.shared_namespace, settings.system_namespace) if name)
    store = open_backend(settings, SystemClock(), make=False)
    written = 0
    try:
        async for line in export(store, KINDS, Scope(projects, also, secrets)):
            file.write(line)
            written += 1
    finally:
        await store.close()
    click.echo(f"exported {written - 2} resources", err=True)
