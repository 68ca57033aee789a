"""`argosy abort`: end a Promotion that has not ended yet."""

from __future__ import annotations

import click

from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.output import Form
from argosy.cli.progress import progress, until_ended
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import Failed
from argosy.resources.kinds import KINDS
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.rules.abort import TERMINATE

PROMOTION = KINDS["Promotion"]


@click.command("abort")
@connection.options()
@click.argument("name")
@click.option("--wait", is_flag=True, help="Wait until the Promotion has ended; succeed only when it is Aborted.")
@connection.waiting("its end")
@output.option
def command(connection: Connection, name: str, wait: bool, timeout: float | None, form: Form) -> None:
    """Abort the Promotion NAME.

    What its steps have already done stays done; the step that runs is not waited for.

    \b
    argosy abort --project my-project qa.01jd9q8w.abc1234 --wait
    """
    project, plain = connection.project, name.removeprefix("promotion/")
    connection.run(lambda client: abort(client, project, plain, wait=wait, form=form), timeout=timeout)


async def abort(client: Kubernetes, project: str, name: str, *, wait: bool, form: Form) -> None:
    """Ask for a Promotion's end. Raises Failed when it has ended otherwise."""
    selection = Selection(PROMOTION, project, name)
    before = Promotion.model_validate(await client.get(selection))
    if before.status.is_terminal:
        raise Failed(f"Promotion {name} has already ended: {before.status.phase}")
    asked = await client.patch(selection, {"metadata": {"annotations": {Annotation.ABORT.value: TERMINATE}}})
    if wait:
        with progress() as shown:
            ended = await until_ended(client, selection, shown)
        if ended.status.phase != PromotionPhase.ABORTED:
            raise Failed(f"Promotion {name} ended before it could be aborted: {ended.status.phase}")
        asked = await client.get(selection)
    output.show_named(form, PROMOTION, asked, "aborted" if wait else "abort requested")
