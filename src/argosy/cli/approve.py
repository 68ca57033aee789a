"""`argosy approve`: let Freight into a Stage although it was not verified before."""

from __future__ import annotations

import click

from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.output import Form
from argosy.cli.word import freight_name
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.clock import SystemClock, rfc3339
from argosy.errors import Invalid
from argosy.resources.freight import Freight
from argosy.resources.kinds import KINDS
from argosy.resources.stage import Stage

FREIGHT = KINDS["Freight"]


@click.command("approve")
@connection.options()
@click.option("--freight", metavar="NAME", default="", help="Name of the Freight.")
@click.option("--freight-alias", "alias", metavar="ALIAS", default="", help="Alias of the Freight.")
@click.option("--stage", metavar="NAME", required=True, help="Stage to approve it for.")
@output.option
def command(connection: Connection, freight: str, alias: str, stage: str, form: Form) -> None:
    """Approve Freight for a Stage by hand, in the place of verification upstream.

    \b
    argosy approve --project my-project --freight abc1234 --stage qa
    argosy approve --project my-project --freight-alias wonky-wombat --stage qa
    """
    if bool(freight) == bool(alias):
        raise click.UsageError("use exactly one of --freight and --freight-alias.")
    project = connection.project

    async def work(client: Kubernetes) -> None:
        name = await freight_name(client, project, freight, alias)
        await approve(client, Selection(FREIGHT, project, name), stage, form)

    connection.run(work)


async def approve(client: Kubernetes, selection: Selection, stage: str, form: Form) -> None:
    """Approve Freight, unless it is already. Raises NotFound; Invalid when the Stage would never take it."""
    document = await client.get(selection)
    freight = Freight.model_validate(document)
    target = Stage.model_validate(await client.get(Selection(KINDS["Stage"], selection.namespace, stage)))
    wanted = [str(request.origin) for request in target.spec.requested_freight]
    if str(freight.origin) not in wanted:
        raise Invalid(
            f"Stage {stage!r} asks for no Freight of {freight.origin}", advice=f"It asks for {', '.join(wanted)}."
        )
    if stage in freight.status.approved_for:
        output.show_named(form, FREIGHT, document, f"already approved for {stage}")
        return
    approval = {"status": {"approvedFor": {stage: {"approvedAt": rfc3339(SystemClock().now())}}}}
    approved = await client.patch(selection, approval, status=True)
    output.show_named(form, FREIGHT, approved, f"approved for {stage}")
