"""`argosy role`: who may do what in a Project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from argosy.cli import claims, connection, output
from argosy.cli.connection import Connection
from argosy.cli.failure import raise_all
from argosy.cli.grid import grid
from argosy.cli.output import Form
from argosy.cli.scope import Scope
from argosy.clients.kubernetes import Kubernetes
from argosy.errors import ArgosyError
from argosy.resources.kinds import KINDS
from argosy.resources.names import Annotation

Data = dict[str, Any]

ROLE = KINDS["ServiceAccount"]
"""A role is told under the name of its account, which is what makes it one."""

_system = click.option("--system", is_flag=True, help="Roles of the whole installation, instead of a Project's.")


@click.group("role")
def command() -> None:
    """Manage roles: who may do what in a Project.

    `argosy grant` gives a role to people and lets it allow more, `argosy revoke` takes away.
    """


def _rules(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[Data]:
    """`VERBS:RESOURCES:NAMES`, as a callback of an option that may be repeated."""
    found = []
    for value in values:
        verbs, resources, names = ([*filter(None, map(str.strip, part.split(",")))] for part in _parts(value))
        if not verbs or not resources or value.count(":") > 2:
            raise click.BadParameter(f"{value!r} is not VERBS:RESOURCES, such as get,list:stages", ctx, param)
        found.append({"verbs": verbs, "resources": resources, **({"resourceNames": names} if names else {})})
    return found


def _parts(value: str) -> list[str]:
    return [*value.split(":", 2), "", ""][:3]


_allow = click.option(
    "--allow",
    "allowed",
    metavar="VERBS:RESOURCES[:NAMES]",
    multiple=True,
    callback=_rules,
    help="What it allows, such as `get,list:stages,freights` or `promote:stages:dev`; may be repeated.",
)


@command.command("create")
@connection.options()
@click.argument("name")
@claims.option
@click.option("--description", metavar="TEXT", default="", help="What it is for.")
@_allow
@output.option
def create(connection: Connection, name: str, form: Form, allowed: list[Data], **given: Any) -> None:
    """Create the role NAME. It allows nothing that you may not do yourself.

    \b
    argosy role create releasers --project my-project --claim groups=releasers --allow get,list:stages,freights
    """
    annotations = {Annotation.DESCRIPTION.value: given["description"]} if given["description"] else {}
    body = {
        "metadata": {"name": name, **({"annotations": annotations} if annotations else {})},
        "claims": given["claims"],
        "rules": allowed,
    }
    path = ("projects", connection.project, "roles")
    made = connection.run(lambda client: client.kargo.post(*path, body=body))
    show(form, made, "created")


@command.command("update")
@connection.options()
@click.argument("name")
@claims.option
@click.option("--description", metavar="TEXT", default=None, help="What it is for.")
@_allow
@output.option
def update(connection: Connection, name: str, form: Form, allowed: list[Data], **given: Any) -> None:
    """Replace what is given of the role NAME: all its claims, all that it allows, or its description.

    \b
    argosy role update releasers --project my-project --allow get,list,watch:stages,freights --allow promote:stages:dev
    """
    changes = {"claims": given["claims"], "rules": allowed}
    changes = {part: value for part, value in changes.items() if value}
    description = given["description"]
    if not changes and description is None:
        raise click.UsageError("say what to replace: --claim, --allow or --description.")
    path = ("projects", connection.project, "roles", name)

    async def work(client: Kubernetes) -> Data:
        role = await client.kargo.get(*path)
        annotations = dict(role["metadata"].get("annotations") or {})
        if description is not None:
            annotations[Annotation.DESCRIPTION.value] = description
        kept = {part: role.get(part) or [] for part in ("claims", "rules")}
        meta = {"name": name, "annotations": annotations}
        return await client.kargo.call("PUT", *path, body={"metadata": meta, **kept, **changes})

    show(form, connection.run(work), "updated")


@command.command("list")
@connection.options()
@_system
@output.option
def list_(connection: Connection, system: bool, form: Form) -> None:
    """List roles, and who has them.

    \b
    argosy role list --project my-project
    argosy role list --system
    """
    path = Scope(system=system).path(connection)
    found = connection.run(lambda client: client.kargo.array(*path, "roles"))
    if form.name == "name":
        for each in found:
            output.write(f"{each['metadata']['name']}\n")
    elif form.is_table:
        _table(found)
    else:
        output.show(form, output.listed(found))


@command.command("get")
@connection.options()
@_system
@click.argument("name")
@click.option("--as-resources", is_flag=True, help="Show the resources that the role consists of instead.")
@output.option
def get(connection: Connection, system: bool, name: str, as_resources: bool, form: Form) -> None:
    """Show the role NAME: who has it, and what it allows.

    \b
    argosy role get kargo-promoter --project my-project
    argosy role get kargo-promoter --project my-project --as-resources -o yaml
    """
    path = Scope(system=system).path(connection)
    asked = {"as-resources": "true" if as_resources else ""}
    found = connection.run(lambda client: client.kargo.get(*path, "roles", name, **asked))
    if as_resources:
        output.show(Form("yaml") if form.is_table else form, found)
    else:
        show(form, found, "")


@command.command("delete")
@connection.options()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def delete(connection: Connection, names: tuple[str, ...]) -> None:
    """Delete roles, with their API tokens.

    \b
    argosy role delete releasers --project my-project
    """
    project = connection.project

    async def work(client: Kubernetes) -> None:
        errors: list[ArgosyError] = []
        for name in names:
            try:
                await client.kargo.call("DELETE", "projects", project, "roles", name)
                output.write(f"role/{name} deleted\n")
            except ArgosyError as error:
                errors.append(error)
        raise_all(errors)

    connection.run(work)


def show(form: Form, role: Data, done: str) -> None:
    """Print a role, or that something was done to it."""
    if form.name == "name" or (form.is_table and done):
        output.write(f"role/{role['metadata']['name']}{f' {done}' if done else ''}\n")
    elif form.is_table:
        _describe(role)
    else:
        output.show(form, role)


def _describe(role: Data) -> None:
    meta = role["metadata"]
    description = (meta.get("annotations") or {}).get(Annotation.DESCRIPTION.value)
    lines = [f"Role {meta['name']}" + (f": {description}" if description else "")]
    lines += ["", "Who has it"] + [f"  {each}" for each in _people(role) or ["nobody"]]
    lines += ["", "What it allows"]
    rows = ([", ".join(rule["verbs"]), _place(rule)] for rule in role.get("rules") or ())
    output.write("\n".join(lines) + "\n")
    output.write("".join(f"  {line}\n" for line in list(grid(("Verbs", "Resource"), rows)) or ["nothing"]))


def _table(found: Iterable[Data]) -> None:
    rows = [
        (
            each["metadata"]["name"],
            "; ".join(_people(each)),
            str(len(each.get("rules") or ())),
            "yes" if each.get("kargoManaged") else "no",
        )
        for each in found
    ]
    if not rows:
        click.echo("No roles found.", err=True)
    output.write("".join(f"{line}\n" for line in grid(("Name", "Who has it", "Rules", "Managed"), rows)))


def _people(role: Data) -> list[str]:
    return [f"{claim['name']}={','.join(claim['values'])}" for claim in role.get("claims") or ()]


def _place(rule: Data) -> str:
    """What a rule is about: `stages.kargo.akuity.io/dev`."""
    places = [
        f"{plain}.{group}{slash}{sub}" if group else f"{plain}{slash}{sub}"
        for group in rule.get("apiGroups") or [""]
        for plain, slash, sub in (each.partition("/") for each in rule.get("resources") or ())
    ] or [*(rule.get("nonResourceURLs") or ())]
    names = rule.get("resourceNames") or []
    return ", ".join(f"{place}/{name}" for place in places for name in names) if names else ", ".join(places)
