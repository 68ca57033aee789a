"""`flux-wait`: wait until Flux has deployed what was promoted, when it gets to it by itself."""

from __future__ import annotations

from pydantic import Field

from argosy.errors import Temporary
from argosy.steps.away import waits_out
from argosy.steps.base import Config, Context, Done, Effect, Outcome, Preview, Step, Wait
from argosy.steps.cluster_object import NO_CLUSTER, POLL_EVERY
from argosy.steps.flux_object import TIMEOUT, FluxObject, done


class FluxWaitConfig(Config):
    """Waits until Flux's Kustomizations and HelmReleases are well at a revision, and lets the Stage watch over them.
    Not in Kargo."""

    resources: list[FluxObject] = Field(min_length=1)
    """The objects to wait for."""


async def run(config: FluxWaitConfig, ctx: Context) -> Outcome:
    """Raises NotFound for objects that are not there, Permanent for one that Flux no longer tries to mend."""
    if ctx.cluster is None:
        message = f"nothing was waited for: {NO_CLUSTER}"
        return Done(skipped=True, message=message, warning=message)
    wakes = tuple(each.subject for each in config.resources)
    try:
        found = [await each.find(ctx.cluster) for each in config.resources]
    except Temporary as error:
        return waits_out(error, wakes)
    lacking = [why for each, data in zip(config.resources, found, strict=True) if (why := each.lacks(data))]
    if lacking:
        return Wait("; ".join(lacking), POLL_EVERY, wakes=wakes)
    return done(config.resources, found)


async def preview(config: FluxWaitConfig, ctx: Context) -> Preview:
    """Tell what would be waited for."""
    if ctx.cluster is None:
        return Preview(skipped=True, message=f"nothing would be waited for: {NO_CLUSTER}")
    return Preview(unknown=("resources",), waits=", ".join(map(str, config.resources)))


STEP = Step("flux-wait", Effect.WAIT, FluxWaitConfig, run, timeout=TIMEOUT, outputs=("resources",), preview=preview)
