"""`argosy rollback`: bring a Stage back to what it used before."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import click

from argosy.cli import connection, output, plan
from argosy.cli.connection import Connection
from argosy.cli.output import Form
from argosy.cli.progress import progress, until_ended
from argosy.cli.promote import failed
from argosy.cli.screen import safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import Failed
from argosy.resources.kinds import KINDS
from argosy.resources.promotion import PromotionPhase

Data = dict[str, Any]

PROMOTION = KINDS["Promotion"]


@click.command("rollback")
@connection.options()
@click.argument("stage")
@click.option("--to", metavar="FREIGHT", default="", help="Go back to this Freight, by name or alias.")
@click.option("--plan", "planned", is_flag=True, help="Show what it would do, and ask before doing it.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--wait", is_flag=True, help="Wait until the Promotion has ended; succeed only when it Succeeded.")
@connection.waiting("the Promotion")
@output.option
def command(connection: Connection, stage: str, to: str, form: Form, timeout: float | None, **flags: bool) -> None:
    """Bring a Stage back to the Freight that it used before.

    That is what it used before what it uses now, without what it could not verify; after a Promotion that failed, what
    it used before that. A Promotion is made as by `argosy promote`, and auto-promotion is held, so that what was left
    does not come back by itself.

    \b
    argosy rollback --project my-project prod --plan
    argosy rollback --project my-project prod --to wonky-wombat --wait
    """
    way = Way(Selection(KINDS["Stage"], connection.project, stage), to, **flags)
    connection.run(lambda client: _rollback(client, way, form), timeout=timeout)


@dataclass(frozen=True, slots=True)
class Way:
    """How to go back.

    Attributes:
        stage: what goes back.
        to: name or alias of the Freight; what was there before when empty.
        planned: whether to show first what it would do.
        yes: whether nobody is asked then.
        wait: whether to wait for the end.
    """

    stage: Selection
    to: str
    planned: bool
    yes: bool
    wait: bool

    @property
    def path(self) -> tuple[str, ...]:
        """Where the server does it."""
        return ("projects", self.stage.namespace, "stages", self.stage.name, "rollback")


async def _rollback(client: Kubernetes, way: Way, form: Form) -> None:
    project = way.stage.namespace
    wish = {"freight": await _name(client, project, way.to)} if way.to else {}
    if way.planned:
        foreseen = await client.kargo.post(*way.path, body={**wish, "dryRun": True})
        wish = {"freight": str(foreseen["spec"]["freight"])}
        shown = await client.plan(way.stage, {**wish, "rollback": True})
        lines = [line.removesuffix(" Nothing was done.") for line in plan.lines(shown)]
        click.echo("\n".join(lines), err=not form.is_table)
        if not way.yes and not _agreed():
            raise Failed("nothing was done", advice="`--yes` does it without asking.")
    made = await client.kargo.post(*way.path, body=wish)
    name = str(made["metadata"]["name"])
    if form.is_table or form.name == "name":
        freight = await client.get(Selection(KINDS["Freight"], project, made["spec"]["freight"]))
        output.show_named(
            form, PROMOTION, made, f"created, back to {safe(freight.get('alias') or made['spec']['freight'])}"
        )
    if way.wait:
        made = await _ended(client, Selection(PROMOTION, project, name))
    if not (form.is_table or form.name == "name"):
        output.show(form, output.tidy(PROMOTION, made))


async def _name(client: Kubernetes, project: str, word: str) -> str:
    """The name of Freight that is known by its name or its alias. Raises NotFound."""
    found = await client.kargo.get("projects", project, "freight", word)
    return str(found["metadata"]["name"])


def _agreed() -> bool:
    """Whether somebody who watches says yes; nobody who does not."""
    return sys.stdin.isatty() and click.confirm("Go back?", err=True)


async def _ended(client: Kubernetes, promotion: Selection) -> Data:
    """The Promotion when it has ended. Raises Failed when it did not succeed."""
    with progress() as shown:
        ended = await until_ended(client, promotion, shown)
    if ended.status.phase != PromotionPhase.SUCCEEDED:
        raise failed(ended)
    return await client.get(promotion)
