"""`argosy import`: put what `argosy export` wrote into another store."""  # noqa: N999 - a command is the file of its name

from __future__ import annotations

import asyncio
import io
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from argosy.cli.store import store_options
from argosy.settings import Settings

if TYPE_CHECKING:
    from argosy.store.transfer import Report


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@store_options
@click.option("--skip-existing", is_flag=True, help="Leave what is there already as it is, instead of refusing.")
def command(settings: Settings, file: Path, skip_existing: bool) -> None:
    """Put what `argosy export` wrote into a store, which no server may be using. FILE may be `-`.

    Statuses and history come along, so that promotions that were running go on and nothing is promoted again. What a
    store says itself is new: `uid`, `resourceVersion` and the time of creation. Nothing is written when the file is
    not whole, or when something is there already.

    \b
    argosy import backup.jsonl
    argosy import --store kubernetes://prod backup.jsonl
    """
    if str(file) == "-":
        report = asyncio.run(_read(settings, io.BytesIO(sys.stdin.buffer.read()), skip_existing=skip_existing))
    else:
        with file.open("rb") as opened:
            report = asyncio.run(_read(settings, opened, skip_existing=skip_existing))
    for owner in report.lost:
        click.echo(f"warning: an owner is not in the export and was left out: {owner}", err=True)
    for name, count in sorted(report.created.items()):
        click.echo(f"{count} {name} created")
    click.echo(f"imported {_total(report.created)} resources, {_total(report.kept)} were there already")


def _total(counted: Counter[str]) -> int:
    return sum(counted.values())


async def _read(settings: Settings, file: BinaryIO, *, skip_existing: bool) -> Report:
    from argosy.app.store import open_backend
    from argosy.clock import SystemClock
    from argosy.resources.kinds import KINDS
    from argosy.store.transfer import restore

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_backend(settings, SystemClock())
    try:
        return await restore(store, file, KINDS, skip_existing=skip_existing)
    finally:
        await store.close()
