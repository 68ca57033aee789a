"""`argosy explain`: why a Stage runs what it runs and what could come, or why Freight is not elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import click

from argosy.api.column import duration
from argosy.cli import connection
from argosy.cli.connection import Connection
from argosy.cli.description.artifact import summary
from argosy.cli.output import as_json, as_yaml, write
from argosy.cli.screen import paint, paint_word, safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clock import SystemClock, parse_rfc3339
from argosy.resources.freight import FreightReference

Data = dict[str, Any]


@click.command("explain")
@connection.options()
@click.argument("type_", metavar="TYPE", type=click.Choice(["stage", "freight"]))
@click.argument("name")
@click.option("--freight", metavar="NAME", default="", help="Of a Stage: only about this Freight, by name or alias.")
@click.option("--output", "-o", "form", type=click.Choice(["text", "json", "yaml"]), default="text", help="Form.")
def command(connection: Connection, type_: str, name: str, freight: str, form: str) -> None:
    """Tell in plain words why things are as they are.

    Of a Stage: what is there, what could come, and what each candidate waits for. Of Freight, by its name or alias: in
    which Stages it is, and why it is in no other. Whatever can be done about it is told as a command.

    \b
    argosy explain stage --project my-project prod
    argosy explain stage --project my-project prod --freight wonky-wombat
    argosy explain freight --project my-project wonky-wombat
    """
    if freight and type_ != "stage":
        raise click.UsageError("--freight is for stages.")
    project = connection.project

    async def work(client: Kubernetes) -> Data:
        if type_ == "stage":
            return await client.kargo.get("projects", project, "stages", name, "explain", freight=freight)
        return await client.kargo.get("projects", project, "freight", name, "explain")

    told = connection.run(work)
    if form != "text":
        write(as_json(told) + "\n" if form == "json" else as_yaml(told))
        return
    now = SystemClock().now()
    lines = _stage(told, now) if type_ == "stage" else _freight(told, now)
    write("".join(f"{line}\n" for line in lines))


def _stage(told: Data, now: datetime) -> Iterator[str]:
    head = bold(f"Stage {safe(told['stage'])}")
    health = f", {paint_word(safe(told['health']), stream=sys.stdout)}" if told["health"] else ""
    yield f"{head}{health}" + (f": {safe(told['message'])}" if told["message"] else "")
    yield from (f"  {safe(issue)}" for issue in told["healthIssues"])
    yield from reasons(told["reasons"], "  ")
    yield ""
    yield bold("There now")
    for each in told["current"]:
        verified = "verified" if each.get("verifiedAt") else "not verified yet"
        since = f"for {lasted(each['since'], now)}, " if each.get("since") else ""
        yield f"  {name_of(each)}  {versions(each)}  {since}{verified}"
    if not told["current"]:
        yield "  nothing"
    yield from _movements(told)
    yield ""
    yield from _candidates(told, now)
    yield ""
    yield from _automation(told, now)
    yield from (f"Note: {safe(note)}." for note in told["notes"])


def _movements(told: Data) -> Iterator[str]:
    running = told.get("promotion")
    if running is not None:
        yield ""
        yield bold("Coming now")
        yield f"  {name_of(running)}  by Promotion {safe(running['promotion'])}, {safe(running['phase'].lower())}"
    if told["waiting"]:
        yield ""
        yield bold("Waiting")
    for each in told["waiting"]:
        yield f"  {name_of(each)}  by Promotion {safe(each['promotion'])}"
        yield from reasons(each["reasons"], "    ")


def _candidates(told: Data, now: datetime) -> Iterator[str]:
    yield bold("Could come")
    if not told["candidates"]:
        yield "  nothing that is newer than what is there"
    rows = [(each, _row(each, now)) for each in told["candidates"]]
    widths = [max(len(cells[place]) for _, cells in rows) for place in range(3)] if rows else []
    for _, group in groupby(rows, key=lambda row: _alike(row[0])):
        alike = [*group]
        for each, cells in alike:
            padded = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            yield f"  {padded}  {_state(each)}"
        first = alike[0][0]
        yield from reasons(first["reasons"] or first["automaticReasons"], "    ")
    if told["more"]:
        yield f"  and {told['more']} more"


def _row(candidate: Data, now: datetime) -> list[str]:
    found = f"found {ago(candidate['discoveredAt'], now)}" if candidate.get("discoveredAt") else ""
    return [name_of(candidate), versions(candidate), found]


def _state(candidate: Data) -> str:
    if candidate["automatic"]:
        return paint("comes by itself", "green", stream=sys.stdout)
    if candidate["available"]:
        return paint("may be promoted", "green", stream=sys.stdout)
    return paint("not yet", "yellow", stream=sys.stdout)


def _alike(candidate: Data) -> list[Any]:
    """What candidates have in common that are told together."""
    whys = [*candidate["reasons"], *candidate["automaticReasons"]]
    return [candidate["available"], candidate["automatic"], [each["code"] + each["message"] for each in whys]]


def _automation(told: Data, now: datetime) -> Iterator[str]:
    if not told["autoPromotion"]:
        yield "Auto-promotion is not enabled: what comes here is promoted by somebody."
        return
    held = {str(each["origin"]["name"]): each for each in told["holds"]}
    if not held:
        yield "Auto-promotion is enabled."
    for origin, each in held.items():
        who = f" by {safe(each['actor'])}" if each["actor"] else ""
        when = f" {ago(each['since'], now)}" if each.get("since") else ""
        yield f"Auto-promotion of {safe(origin)} is held at {name_of(each)}, which was chosen{who}{when}."
        options = f"--project {safe(told['project'])} --stage {safe(told['stage'])} --warehouse {safe(origin)}"
        yield hint(f"`argosy promote {options}` promotes the newest and ends the hold.", "  ")


_STATES = {
    "here": ("is there", "green"),
    "was": ("was there", ""),
    "available": ("may go there", "green"),
    "not": ("not yet", "yellow"),
}


def _freight(told: Data, now: datetime) -> Iterator[str]:
    found = f", found {ago(told['discoveredAt'], now)}" if told.get("discoveredAt") else ""
    yield f"{bold('Freight ' + name_of(told))} of {safe(told['origin']['name'])}{found}: {versions(told)}"
    yield ""
    if not told["stages"]:
        yield "No Stage asks for Freight of this Warehouse."
    width = max((len(each["stage"]) for each in told["stages"]), default=0)
    for each in told["stages"]:
        state, colour = _STATES[each["state"]]
        state = "comes by itself" if each["automatic"] else state
        since = f" for {lasted(each['since'], now)}" if each["state"] == "here" and each.get("since") else ""
        verified = ", verified" if each.get("verifiedAt") and each["state"] in ("here", "was") else ""
        shown = paint(state, colour, stream=sys.stdout) if colour else state
        yield f"{safe(each['stage']):{width}}  {shown}{since}{verified}"
        if each["state"] in ("not", "available"):
            yield from reasons(each["reasons"] or each["automaticReasons"], "  ")
    if told["uninterested"]:
        yield ""
        yield f"Not asked for by {', '.join(safe(name) for name in told['uninterested'])}."


def reasons(whys: Iterable[Data], indent: str) -> Iterator[str]:
    """Reasons, each with its advice below: one line for each way."""
    for why in whys:
        yield f"{indent}{safe(why['message'])}"
        yield from (hint(way, f"{indent}  ") for way in why["advice"].replace("; `", "\n`").splitlines())


def hint(advice: str, indent: str) -> str:
    """Advice on a line of its own."""
    return f"{indent}{paint(safe(advice), 'bright_black', stream=sys.stdout)}"


def name_of(piece: Data) -> str:
    """What people call a piece of Freight."""
    return safe(piece.get("alias") or piece["freight"])


def versions(piece: Data) -> str:
    """The versions that a piece of Freight carries."""
    return safe(summary(FreightReference.model_validate({**piece, "name": piece["freight"]})))


def ago(moment: str, now: datetime) -> str:
    """How long ago a time was."""
    return f"{lasted(moment, now)} ago"


def lasted(moment: str, now: datetime) -> str:
    """How long it has been since a time."""
    return duration((now - parse_rfc3339(moment)).total_seconds())


def bold(text: str) -> str:
    """A heading."""
    return paint(text, "bright_white", stream=sys.stdout)
