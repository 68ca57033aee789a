"""`flux-reconcile`: have Flux deploy what was promoted at once, and wait until it has.

A request is an annotation whose value follows from the Promotion and the step: after a crash it is written again, and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from argosy.clients.cluster import Cluster, Collection, subject
from argosy.errors import Denied, Failed, Temporary
from argosy.rules.argocd import consent
from argosy.rules.flux import REQUEST, SOURCES, Source, assess, has_handled, is_static, is_suspended, source_of
from argosy.rules.kubernetes_health import called
from argosy.steps.away import waits_out
from argosy.steps.base import Change, Config, Context, Done, Effect, Outcome, Preview, Step, Wait
from argosy.steps.cluster_object import NO_CLUSTER, POLL_EVERY
from argosy.steps.flux_object import TIMEOUT, FluxObject, done


class FluxReconciled(FluxObject):
    """A Kustomization or HelmRelease to be reconciled."""

    with_source: bool = True
    """Whether its source fetches first."""


class FluxReconcileConfig(Config):
    """Has Flux reconcile Kustomizations and HelmReleases, waits until they are well at a revision, and lets the Stage
    watch over them. Not in Kargo."""

    resources: list[FluxReconciled] = Field(min_length=1)
    """The objects to reconcile."""


async def run(config: FluxReconcileConfig, ctx: Context) -> Outcome:
    """Raises NotFound and Denied for objects that are not there or do not name the Stage, Failed for a suspended one,
    Permanent for one that Flux no longer tries to mend."""
    if ctx.cluster is None:
        message = f"nothing was reconciled: {NO_CLUSTER}"
        return Done(skipped=True, message=message, warning=message)
    request = _request(ctx)
    lacking: list[str] = []
    try:
        found = await _found(config, ctx, ctx.cluster)
        for each, data in zip(config.resources, found, strict=True):
            why = await _bring(each, data, request, ctx.cluster)
            lacking.extend(filter(None, [why]))
    except Temporary as error:
        return waits_out(error, tuple(each.subject for each in config.resources))
    if lacking:
        sources = [
            _subject(source)
            for each, data in zip(config.resources, found, strict=True)
            if each.with_source and (source := source_of(data)) is not None
        ]
        wakes = (*(each.subject for each in config.resources), *sources)
        return Wait("; ".join(lacking), POLL_EVERY, wakes=wakes)
    return done(config.resources, found)


async def preview(config: FluxReconcileConfig, ctx: Context) -> Preview:
    """Tell what would be asked for. Raises as `run`."""
    if ctx.cluster is None:
        return Preview(skipped=True, message=f"nothing would be reconciled: {NO_CLUSTER}")
    changes = []
    for each, data in zip(config.resources, await _found(config, ctx, ctx.cluster), strict=True):
        source = source_of(data) if each.with_source else None
        if source is not None:
            changes.append(Change("reconcile", f"{source.kind} {source.namespace}/{source.name}"))
        changes.append(Change("reconcile", f"{each.kind} {each.namespace}/{each.name}"))
    return Preview(tuple(changes), unknown=("resources",), waits=", ".join(map(str, config.resources)))


async def _found(config: FluxReconcileConfig, ctx: Context, cluster: Cluster) -> list[Mapping[str, Any]]:
    """All that are meant; each permits it, or none is touched."""
    found = [await each.find(cluster) for each in config.resources]
    for data in found:
        if reason := consent(called(data), data.get("metadata") or {}, ctx.project, ctx.stage):
            wanted = f"kargo.akuity.io/authorized-stage: {ctx.project}:{ctx.stage}"
            raise Denied(reason, advice=f"Whoever may change it consents by the annotation {wanted}.")
        _resumed(data)
    return found


def _resumed(data: Mapping[str, Any]) -> None:
    """Raises Failed for what Flux does not look at."""
    if is_suspended(data):
        raise Failed(f"{called(data)} is suspended", advice="Resume it (`flux resume`), and promote again.")


async def _bring(each: FluxReconciled, data: Mapping[str, Any], request: str, cluster: Cluster) -> str:
    """Ask for what has not been asked for; returns what is still waited for."""
    source = source_of(data) if each.with_source else None
    if source is not None and not has_handled(data, request) and (why := await _fetched(source, request, cluster)):
        return why
    if has_handled(data, request):
        return each.lacks(data)
    if not _is_asked(data, request):
        await cluster.annotate(each.collection, each.name, {REQUEST: request})
    return f"{called(data)} is being reconciled"


async def _fetched(source: Source, request: str, cluster: Cluster) -> str:
    """Have a source fetch; returns why that is not done yet."""
    where = Collection(SOURCES[source.kind], source.kind, source.namespace)
    data = await cluster.get(where, source.name)
    if is_static(data):
        return ""
    _resumed(data)
    if not has_handled(data, request):
        if not _is_asked(data, request):
            await cluster.annotate(where, source.name, {REQUEST: request})
        return f"{called(data)} is fetching"
    found = assess(data)
    return "" if found.is_healthy else found.why


def _is_asked(data: Mapping[str, Any], request: str) -> bool:
    return ((data.get("metadata") or {}).get("annotations") or {}).get(REQUEST) == request


def _subject(source: Source) -> str:
    return subject(Collection(SOURCES[source.kind], source.kind, source.namespace), source.name)


def _request(ctx: Context) -> str:
    """The same whenever this step of this promotion runs, and another for any other."""
    return f"{ctx.project}/{ctx.promotion}/{ctx.alias}"


STEP = Step(
    "flux-reconcile",
    Effect.EXTERNAL,
    FluxReconcileConfig,
    run,
    timeout=TIMEOUT,
    outputs=("resources",),
    preview=preview,
)
