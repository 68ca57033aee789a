"""`argosy logs`: what the steps of a Promotion had to say."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator

import click

from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.output import write
from argosy.cli.screen import is_terminal, safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import NotFound, Temporary
from argosy.resources.kinds import KINDS
from argosy.resources.stage import Stage

_PAUSE = 1.0
_ATTEMPTS = 30


@click.command("logs")
@connection.options()
@click.argument("promotion", required=False, default="")
@click.option("--stage", metavar="NAME", default="", help="The Promotion that runs in this Stage, or ran last.")
@click.option("--follow", "-f", is_flag=True, help="Go on until the Promotion has ended.")
def command(connection: Connection, promotion: str, stage: str, follow: bool) -> None:
    """Print the log of a Promotion.

    \b
    argosy logs --project my-project qa.01jd9q8w.abc1234
    argosy logs --project my-project --stage qa --follow
    """
    if bool(promotion) == bool(stage):
        raise click.UsageError("name either a PROMOTION or, with --stage, a Stage.")
    project = connection.project

    async def work(client: Kubernetes) -> None:
        name = promotion.removeprefix("promotion/") or await _newest(client, project, stage)
        async with contextlib.aclosing(_text(client, project, name, follow)) as pieces:
            async for piece in pieces:
                write(safe(piece) if is_terminal(sys.stdout) else piece)

    connection.run(work)


async def _newest(client: Kubernetes, project: str, name: str) -> str:
    """The Promotion that a Stage is busy with, or was last. Raises NotFound."""
    stage = Stage.model_validate(await client.get(Selection(KINDS["Stage"], project, name)))
    found = stage.status.current_promotion or stage.status.last_promotion
    if found is None:
        raise NotFound(
            f"nothing was promoted to Stage {name!r} yet",
            advice=f"`argosy get promotions --project {project} --stage {name}` lists what waits.",
        )
    return found.name


async def _text(client: Kubernetes, project: str, name: str, follow: bool) -> AsyncGenerator[str]:
    """The log. A lost connection is made again, and what was told is not told twice."""
    told = failures = 0
    while True:
        skip = told
        try:
            async for piece in client.log(project, name, follow=follow):
                failures = 0
                fresh = piece[skip:]
                skip = max(0, skip - len(piece))
                told += len(fresh)
                yield fresh
            return
        except Temporary:
            failures += 1
            if not follow or failures > _ATTEMPTS:
                raise
            await asyncio.sleep(_PAUSE)
