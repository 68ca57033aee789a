"""`argosy plan`: what a promotion would do, before it is made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.output import as_json, as_yaml, write
from argosy.cli.promote import Wish
from argosy.cli.screen import paint, safe
from argosy.cli.word import freight_name
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.resources.kinds import KINDS

Data = dict[str, Any]

CHANGES, FAILS = 2, 1
_SIGNS = {"Succeeded": (" ", ""), "Skipped": ("-", ""), "Failed": ("!", "red"), "Errored": ("!", "red")}
_DIFF = {"+": "green", "-": "red", "@": "cyan"}


@click.command("plan")
@connection.options()
@click.option("--freight", metavar="NAME", default="", help="Name of the Freight.")
@click.option("--freight-alias", "alias", metavar="ALIAS", default="", help="Alias of the Freight.")
@click.option("--warehouse", metavar="NAME", default="", help="Take what auto-promotion would choose from it now.")
@click.option("--stage", metavar="NAME", required=True, help="Stage to promote to.")
@click.option("--output", "-o", "form", type=click.Choice(["text", "json", "yaml"]), default="text", help="Form.")
@connection.waiting("the plan")
@click.pass_context
def command(
    ctx: click.Context, /, connection: Connection, stage: str, form: str, timeout: float | None, **wish: Any
) -> None:
    """Show what a promotion would do, and change nothing.

    Every step is run in a directory that is thrown away; of pushes, requests and the like, what would be done is shown.
    Secrets are masked. Commits get other IDs when the promotion is made, and others may push in between.

    A step whose condition depends on what is not known yet is shown as if it ran, and says so.

    The exit code is 0 when nothing would change, 2 when something would or may, and 1 when the promotion would fail.

    \b
    argosy plan --project my-project --freight-alias wonky-wombat --stage prod
    argosy plan --freight abc1234 --stage qa -o json
    """
    told = Wish(stage=stage, **wish)
    told.check()
    project = connection.project

    async def work(client: Kubernetes) -> Data:
        name = await freight_name(client, project, told.freight, told.alias)
        return await client.plan(Selection(KINDS["Stage"], project, stage), told.what(name))

    plan = connection.run(work, timeout=timeout)
    write("".join(f"{line}\n" for line in lines(plan)) if form == "text" else _document(plan, form))
    ctx.exit(FAILS if plan["phase"] != "Succeeded" else CHANGES if plan["changes"] else 0)


def _document(plan: Data, form: str) -> str:
    return as_json(plan) + "\n" if form == "json" else as_yaml(plan)


def lines(plan: Data) -> Iterator[str]:
    """A plan for people."""
    freight = plan["freight"]
    yield f"Promoting {safe(freight['alias'] or freight['name'])} to {safe(plan['stage'])} would do this:"
    yield ""
    width = max((len(step["alias"]) for step in plan["steps"]), default=0)
    for step in plan["steps"]:
        yield from _step(step, width)
    yield ""
    yield _summary(plan)


def _step(step: Data, width: int) -> Iterator[str]:
    sign, colour = ("~", "yellow") if step["changes"] else _SIGNS.get(step["status"], ("?", "yellow"))
    head = f"{sign} {safe(step['alias']):{width}}  {safe(step['uses'])}"
    state = "" if step["status"] == "Succeeded" else _state(step)
    yield paint(head, colour, stream=sys.stdout) + state if colour else head + state
    if step.get("dependsOn"):
        yield f"    it runs or not, depending on {safe(step['dependsOn'])}, which is not known before"
    if step.get("unclearWithout"):
        yield f"    what it does depends on {safe(step['unclearWithout'])}, which is not known before"
    if step.get("waitsFor"):
        yield f"    would wait for {safe(step['waitsFor'])}"
    for change in step["changes"]:
        yield from _change(change)
    for name, value in step.get("outputs", {}).items():
        if step["changes"]:
            yield f"    {safe(name)} = {safe(_short(value))}"
    for name in step.get("knownAfter", ()):
        yield f"    {safe(name)} = (known after {safe(step['alias'])})"


def _state(step: Data) -> str:
    if step["status"] == "Skipped" and step.get("dependsOn"):
        return f"  {safe(step['message'])}"
    status = {"Skipped": "would be skipped", "Failed": "would fail", "Errored": "would fail"}.get(step["status"])
    told = f": {safe(step['message'].removeprefix('failed: '))}" if step.get("message") else ""
    return f"  {status or 'cannot be looked at now'}{told}"


def _change(change: Data) -> Iterator[str]:
    yield f"    would {safe(change['verb'])} {safe(change['target'])}"
    details = change.get("details") or {}
    for name, value in details.items():
        if name == "commits":
            yield from (f"      commit: {safe(each)}" for each in value)
        else:
            yield f"      {safe(name)}: {safe(_short(value))}"
    for line in change.get("diff", "").splitlines():
        colour = _DIFF.get(line[:1], "")
        shown = safe(line)
        yield f"      {paint(shown, colour, stream=sys.stdout) if colour else shown}"


def _short(value: Any) -> str:
    return value if isinstance(value, str) else " ".join(as_json(value).split())


def _summary(plan: Data) -> str:
    if plan["phase"] != "Succeeded":
        told = f": {safe(plan['message'])}" if plan["message"] else ""
        return paint(f"The promotion would not succeed{told}", "red", stream=sys.stdout)
    count = sum(len(step["changes"]) for step in plan["steps"])
    if not count:
        return "Nothing would change."
    return f"{count} change{'s' * (count != 1)} would be made. Nothing was done."
