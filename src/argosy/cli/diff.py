"""`argosy diff`: what one Stage uses that another does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.grid import Cell, grid
from argosy.cli.output import as_json, as_yaml, write
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes

Data = dict[str, Any]

DIFFERENT = 2


@click.command("diff")
@connection.options()
@click.argument("left", metavar="STAGE")
@click.argument("right", metavar="OTHER")
@click.option("--output", "-o", "form", type=click.Choice(["text", "json", "yaml"]), default="text", help="Form.")
@click.pass_context
def command(ctx: click.Context, /, connection: Connection, left: str, right: str, form: str) -> None:
    """Compare what two Stages use, artifact by artifact.

    The exit code is 0 when both use the same versions, and 2 when they do not.

    \b
    argosy diff --project my-project staging prod
    """
    project = connection.project

    async def work(client: Kubernetes) -> Data:
        return await client.kargo.get("projects", project, "stages", left, "diff", right)

    told = connection.run(work)
    if form == "text":
        write("".join(f"{line}\n" for line in lines(told)))
    else:
        write(as_json(told) + "\n" if form == "json" else as_yaml(told))
    ctx.exit(0 if told["same"] else DIFFERENT)


def lines(told: Data) -> Iterator[str]:
    """A comparison for people."""
    if not told["artifacts"]:
        yield f"Neither {safe(told['left'])} nor {safe(told['right'])} uses anything."
        return
    header = ("Artifact", told["left"], told["right"], "")
    yield from grid(header, (_row(told, each) for each in told["artifacts"]))


def _row(told: Data, each: Data) -> list[str | Cell]:
    place = "/".join(part for part in (each["artifact"]["repoURL"], each["artifact"]["name"]) if part)
    sides = [_side(each.get(side), "" if each["same"] else "yellow") for side in ("left", "right")]
    newer = f"{told[each['newer']]} is newer" if each.get("newer") else ""
    return [place, *sides, "same" if each["same"] else newer]


def _side(side: Data | None, colour: str) -> Cell:
    if side is None:
        return Cell("-")
    alias = f" ({side['alias']})" if side.get("alias") else ""
    return Cell(f"{side['version']}{alias}", colour)
