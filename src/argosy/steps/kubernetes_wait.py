"""`kubernetes-wait`: wait until plain objects of a cluster are well, without any GitOps agent that would know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from argosy.clients.cluster import Cluster
from argosy.errors import NotFound, Permanent, Temporary
from argosy.resources.meta import Json
from argosy.resources.stage import HealthState
from argosy.rules.kubernetes_health import condition_of, lacks
from argosy.steps.away import waits_out
from argosy.steps.base import Config, Context, Done, Effect, HealthCheck, Outcome, Preview, Step, Wait
from argosy.steps.cluster_object import NO_CLUSTER, POLL_EVERY, ObjectChoice, identity

CHECK = "kubernetes"
TIMEOUT = 300.0


class ObjectWait(ObjectChoice):
    """One or more objects, and what they must be."""

    images: list[str] = Field(default=[])
    """Images that their containers must have. Without, an object counts that has not heard of the promotion yet."""


class KubernetesWaitConfig(Config):
    """Waits until objects of a cluster are well, and lets the Stage watch over them. Not in Kargo."""

    resources: list[ObjectWait] = Field(min_length=1)
    """The objects to wait for."""
    watch: bool = True
    """Whether the Stage keeps watching over their health."""


async def run(config: KubernetesWaitConfig, ctx: Context) -> Outcome:
    """Raises Permanent for an object that has the wanted images and is broken, such as a Job that failed."""
    if ctx.cluster is None:
        message = f"nothing was waited for: {NO_CLUSTER}"
        return Done(skipped=True, message=message, warning=message)
    objects: list[Json] = []
    lacking: list[str] = []
    wakes = tuple(choice.subject for choice in config.resources)
    for choice in config.resources:
        try:
            found, why = await _look(choice, ctx.cluster)
        except Temporary as error:
            return waits_out(error, wakes)
        objects.extend({**identity(each), **({"images": choice.images} if choice.images else {})} for each in found)
        lacking.extend(why)
    if lacking:
        return Wait("; ".join(lacking), POLL_EVERY, wakes=wakes)
    check = HealthCheck(CHECK, {"resources": objects}) if config.watch else None
    return Done({"resources": [identity_of(each) for each in objects]}, health_check=check)


async def preview(config: KubernetesWaitConfig, ctx: Context) -> Preview:
    """Tell what would be waited for."""
    if ctx.cluster is None:
        return Preview(skipped=True, message=f"nothing would be waited for: {NO_CLUSTER}")
    return Preview(unknown=("resources",), waits=f"the health of {', '.join(map(str, config.resources))}")


async def _look(choice: ObjectWait, cluster: Cluster) -> tuple[list[Mapping[str, Any]], list[str]]:
    """The objects there are, and what they lack."""
    try:
        found = await choice.find(cluster)
    except NotFound as error:
        return [], [error.message]
    if not found:
        return [], [f"there is no {choice}"]
    lacking: list[str] = []
    for data in found:
        missing, condition = lacks(data, choice.images), condition_of(data)
        # What has the images has heard of the promotion; the trouble of another may be that of the release before.
        if condition.state is HealthState.UNHEALTHY and choice.images and not missing:
            raise Permanent(condition.why)
        lacking.extend(filter(None, [missing or condition.why]))
    return found, lacking


def identity_of(told: Json) -> Json:
    """An object as an output: without what only the check needs."""
    return {name: value for name, value in told.items() if name != "images"}


STEP = Step(
    "kubernetes-wait",
    Effect.WAIT,
    KubernetesWaitConfig,
    run,
    timeout=TIMEOUT,
    outputs=("resources",),
    preview=preview,
)
