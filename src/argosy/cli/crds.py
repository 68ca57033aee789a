"""`argosy crds`: the definitions of the kinds for a cluster, and what installing them would change there."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from argosy.cli.output import as_json, as_yaml, listed, write
from argosy.cli.screen import paint, safe
from argosy.errors import Invalid, Problem

if TYPE_CHECKING:
    from argosy.clients.definition import Definitions
    from argosy.rules.crd_change import Change

Data = dict[str, Any]
T = TypeVar("T")
CHANGES = 2

_context = click.option(
    "--context", metavar="NAME", default="", help="Context of the kubeconfig, instead of its current one."
)
_analysis = click.option(
    "--analysis", is_flag=True, help="Also the kinds of Argo Rollouts; only for clusters that do not run it."
)


@click.group("crds", invoke_without_command=True)
@click.option("--output", "-o", "form", type=click.Choice(["yaml", "json"]), default="yaml", help="Form.")
@_analysis
@click.pass_context
def command(ctx: click.Context, form: str, analysis: bool) -> None:
    """Print the CustomResourceDefinitions of all kinds, for clusters that keep the resources themselves.

    `argosy crds diff` shows what installing them would change on a cluster, `argosy crds apply` installs them. Both
    look for the cluster where kubectl does.

    \b
    argosy crds > crds.yaml
    argosy crds diff && echo nothing to do
    argosy crds apply --context production
    """
    if ctx.invoked_subcommand is not None:
        return
    definitions = _definitions(analysis)
    if form == "json":
        write(as_json(listed(definitions)) + "\n")
    else:
        write("".join(f"---\n{as_yaml(definition)}" for definition in definitions))


@command.command("diff")
@_context
@_analysis
@click.pass_context
def diff(ctx: click.Context, context: str, analysis: bool) -> None:
    """Show what installing the definitions would change on a cluster; nothing is changed.

    A line with `!` is something that would get lost. The exit code is 0 when nothing would change, 2 when something
    would.
    """
    found = _on_cluster(context, lambda cluster: _changes(cluster, _definitions(analysis)))
    write(_report(found))
    ctx.exit(CHANGES if any(changes for _, changes in found) else 0)


@command.command("apply")
@_context
@_analysis
@click.option("--keep", is_flag=True, help="Keep the fields and versions that would get lost in the definitions.")
@click.option("--force", is_flag=True, help="Install them even where something gets lost.")
def apply(context: str, analysis: bool, keep: bool, force: bool) -> None:
    """Install the definitions on a cluster, by server-side apply.

    Nothing is installed when something that the cluster can keep now would get lost: fields or versions of a newer
    Kargo, for instance. --keep adds those to what is installed, --force gives them up.
    """
    if keep and force:
        raise click.UsageError("give one of --keep and --force.")

    async def install(cluster: Definitions) -> None:
        from argosy.rules.crd_change import keeping

        definitions = _definitions(analysis)
        if keep:
            definitions = [keeping(await cluster.find(each["metadata"]["name"]), each) for each in definitions]
        found = await _changes(cluster, definitions)
        if not force:
            _refuse_losses(found)
        for definition, (name, changes) in zip(definitions, found, strict=True):
            if changes:
                await cluster.apply(definition)
            done = "applied" if changes else "unchanged"
            write(f"customresourcedefinition.apiextensions.k8s.io/{name} {done}\n")

    _on_cluster(context, install)


def _definitions(analysis: bool) -> list[Data]:
    from argosy.resources.crd import crd
    from argosy.resources.kinds import ARGO, KARGO, KINDS

    groups = (KARGO, ARGO) if analysis else (KARGO,)
    return [crd(kind) for kind in KINDS.values() if kind.group in groups]


def _on_cluster(context: str, work: Callable[[Definitions], Awaitable[T]]) -> T:
    """Do `work` with the definitions of the cluster that a context means."""
    from argosy.clients.definition import Definitions
    from argosy.clients.kubeconfig import find_access
    from argosy.clients.kubernetes_login import connect
    from argosy.clock import SystemClock

    async def connected() -> T:
        connection = connect(find_access(context), SystemClock())
        try:
            return await work(Definitions(connection))
        finally:
            await connection.close()

    return asyncio.run(connected())


async def _changes(cluster: Definitions, definitions: Iterable[Data]) -> list[tuple[str, list[Change]]]:
    """What installing each definition changes, by name."""
    from argosy.rules.crd_change import changes

    names = [(str(each["metadata"]["name"]), each) for each in definitions]
    return [(name, changes(await cluster.find(name), each)) for name, each in names]


def _report(found: Sequence[tuple[str, Sequence[Change]]]) -> str:
    lines = []
    for name, changes in found:
        if changes:
            lines.append(paint(safe(name), "cyan", stream=sys.stdout))
            lines += [_line(change) for change in changes]
    lost = sum(change.loses for _, changes in found for change in changes)
    changed = sum(bool(changes) for _, changes in found)
    lines.append(f"{changed} of {len(found)} definitions would change; {lost or 'nothing'} would get lost.")
    return "".join(f"{line}\n" for line in lines)


def _line(change: Change) -> str:
    text = f"  {'!' if change.loses else ' '} {safe(change.text)}"
    return paint(text, "red", stream=sys.stdout) if change.loses else text


def _refuse_losses(found: Iterable[tuple[str, Iterable[Change]]]) -> None:
    """Raises Invalid when something would get lost."""
    lost = [Problem(change.text, name) for name, changes in found for change in changes if change.loses]
    if lost:
        advice = "Keep it with --keep, or give it up with --force"
        raise Invalid("nothing was installed, as the cluster would lose something", lost, advice=advice)
