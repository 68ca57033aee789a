"""`argosy promote`: bring Freight into a Stage, or into the Stages after one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import click

from argosy.cli import abort, connection, output
from argosy.cli.connection import Connection
from argosy.cli.failure import raise_all
from argosy.cli.output import Form
from argosy.cli.progress import progress, until_ended
from argosy.cli.word import freight_name
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.clock import SystemClock
from argosy.errors import ArgosyError, Failed, Invalid, NotFound, Problem
from argosy.resources.freight import Freight
from argosy.resources.kinds import KINDS
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import Stage
from argosy.rules.freight import obstacles
from argosy.rules.reason import Place, reasons_of

PROMOTION = KINDS["Promotion"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What to promote where. One of `freight`, `alias` and `warehouse`; one of `stage` and `downstream_from`."""

    freight: str = ""
    alias: str = ""
    warehouse: str = ""
    stage: str = ""
    downstream_from: str = ""
    abort: bool = False
    name: str = ""

    def check(self) -> None:
        """Raises click.UsageError for what contradicts itself or is not enough."""
        what = _given(("--freight", self.freight), ("--freight-alias", self.alias), ("--warehouse", self.warehouse))
        where = _given(("--stage", self.stage), ("--downstream-from", self.downstream_from))
        faults = (
            (self.abort != bool(self.name), "--abort and --name go together: name the Promotion to abort."),
            (self.abort and (what or where), f"--abort cannot be used with {', '.join([*what, *where])}."),
            (not self.abort and not what, "say what to promote: --freight, --freight-alias or --warehouse."),
            (len(what) > 1, f"use only one of {', '.join(what)}."),
            (not self.abort and not where, "say where to: --stage or --downstream-from."),
            (len(where) > 1, f"use only one of {', '.join(where)}."),
            (self.warehouse and self.downstream_from, "--warehouse cannot be used with --downstream-from."),
        )
        for wrong, message in faults:
            if wrong:
                raise click.UsageError(message)

    def what(self, freight: str) -> dict[str, Any]:
        """What to promote, as a Promotion's spec says it; `freight` is the name that `freight` or `alias` means."""
        return {"origin": {"kind": "Warehouse", "name": self.warehouse}} if self.warehouse else {"freight": freight}


def _given(*options: tuple[str, str]) -> list[str]:
    return [name for name, value in options if value]


@click.command("promote")
@connection.options()
@click.option("--freight", metavar="NAME", default="", help="Name of the Freight to promote.")
@click.option("--freight-alias", "alias", metavar="ALIAS", default="", help="Alias of the Freight to promote.")
@click.option(
    "--warehouse",
    "--origin",
    "warehouse",
    metavar="NAME",
    default="",
    help="Promote what auto-promotion would choose from this Warehouse now; ends a hold.",
)
@click.option("--stage", metavar="NAME", default="", help="Stage to promote to.")
@click.option(
    "--downstream-from", metavar="STAGE", default="", help="Promote to every Stage that takes Freight from this one."
)
@click.option("--abort", is_flag=True, help="Abort the Promotion that --name names.")
@click.option("--name", metavar="NAME", default="", help="Name of a Promotion, for --abort.")
@click.option("--wait", is_flag=True, help="Wait until the Promotion has ended; succeed only when it Succeeded.")
@connection.waiting("the Promotion")
@output.option
def command(connection: Connection, wait: bool, timeout: float | None, form: Form, **wish: Any) -> None:
    """Promote Freight to a Stage.

    \b
    argosy promote --project my-project --freight abc1234 --stage qa
    argosy promote --project my-project --freight-alias wonky-wombat --stage qa --wait
    argosy promote --project my-project --freight abc1234 --downstream-from qa
    argosy promote --project my-project --warehouse my-warehouse --stage qa
    argosy promote --project my-project --name my-promotion --abort
    """
    told = Wish(**wish)
    told.check()
    project = connection.project
    if told.abort:
        connection.run(lambda client: abort.abort(client, project, told.name, wait=wait, form=form), timeout=timeout)
    else:
        connection.run(lambda client: _promote(client, project, told, wait=wait, form=form), timeout=timeout)


async def _promote(client: Kubernetes, project: str, wish: Wish, *, wait: bool, form: Form) -> None:
    freight = await freight_name(client, project, wish.freight, wish.alias)
    if wish.downstream_from:
        stages = await _downstream(client, project, wish.downstream_from, freight)
    else:
        stages = [wish.stage]
    created, errors = await _create(client, project, stages, wish.what(freight))
    if form.is_table or form.name == "name":
        for document in created:
            output.show_named(form, PROMOTION, document, "created")
    names = [document["metadata"]["name"] for document in created]
    if wait:
        created = await _ended(client, project, names, errors)
    if not (form.is_table or form.name == "name"):
        _show(form, created)
    raise_all(errors)


async def _create(
    client: Kubernetes, project: str, stages: list[str], what: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[ArgosyError]]:
    created, errors = [], list[ArgosyError]()
    for stage in stages:
        document = {
            "apiVersion": PROMOTION.api_version,
            "kind": PROMOTION.name,
            "metadata": {"generateName": "promo-", "namespace": project},
            "spec": {"stage": stage, **what},
        }
        try:
            created.append(await client.create(Selection(PROMOTION, project), document))
        except ArgosyError as error:
            errors.append(error)
    return created, errors


async def _downstream(client: Kubernetes, project: str, upstream: str, freight: str) -> list[str]:
    """The Stages with steps that take Freight of this origin from `upstream`; all of them may take it now.

    Raises NotFound when there are none, Invalid when one may not take it.
    """
    await client.get(Selection(KINDS["Stage"], project, upstream))
    promoted = Freight.model_validate(await client.get(Selection(KINDS["Freight"], project, freight)))
    items = (await client.list(Selection(KINDS["Stage"], project))).get("items") or []
    stages = [stage for stage in map(Stage.model_validate, items) if _takes(stage, promoted, upstream)]
    if not stages:
        raise NotFound(
            f"no Stage takes Freight of {promoted.origin} from Stage {upstream!r}",
            advice=f"`argosy get stages --project {project}` lists the Stages.",
        )
    now = SystemClock().now()
    barred = {stage.name: obstacles(stage, promoted, now) for stage in stages}
    names = [name for name, found in barred.items() if found]
    if names:
        raise Invalid(
            f"Freight {promoted.alias or freight!r} is not available to {', '.join(names)}, and nothing was promoted",
            [
                Problem(reason.message, name, advice=reason.advice)
                for name in names
                for reason in reasons_of(barred[name], Place(project, name).of(promoted), now)
            ],
        )
    return [stage.name for stage in stages if not stage.is_control_flow]


def _takes(stage: Stage, freight: Freight, upstream: str) -> bool:
    return any(
        str(request.origin) == str(freight.origin) and upstream in request.sources.stages
        for request in stage.spec.requested_freight
    )


async def _ended(client: Kubernetes, project: str, names: list[str], errors: list[ArgosyError]) -> list[dict[str, Any]]:
    """The Promotions as they are once all have ended; those that did not succeed add an error."""
    with progress() as shown:
        waits = [until_ended(client, Selection(PROMOTION, project, name), shown) for name in names]
        ended: list[Promotion] = await asyncio.gather(*waits)
    for promotion in ended:
        if promotion.status.phase != PromotionPhase.SUCCEEDED:
            errors.append(failed(promotion))
    return [await client.get(Selection(PROMOTION, project, name)) for name in names]


def failed(promotion: Promotion) -> Failed:
    """The error for a Promotion that ended otherwise than well."""
    told = f": {promotion.status.message}" if promotion.status.message else ""
    advice = f"`argosy logs {promotion.name} --project {promotion.namespace}` tells what happened."
    return Failed(f"Promotion {promotion.name} {promotion.status.phase}{told}", advice=advice)


def _show(form: Form, documents: list[dict[str, Any]]) -> None:
    tidied = [output.tidy(PROMOTION, document) for document in documents]
    if tidied:
        output.show(form, tidied[0] if len(tidied) == 1 else output.listed(tidied))
