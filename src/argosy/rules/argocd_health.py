"""Whether an Argo CD Application is well, and whether it is what a promotion waits for.

Behaviour follows Kargo's `pkg/health/checker/builtin/argocd.go` and `pkg/promotion/runner/builtin/argocd_waiter.go`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from argosy.resources.meta import Json
from argosy.resources.stage import HealthState
from argosy.rules.argocd import Application

DEFAULT_WAIT = ("health", "sync", "operation")
_HEALTH_WAITS = {"health": "Healthy", "suspended": "Suspended", "degraded": "Degraded"}
_KEPT = ("health", "sync", "conditions", "operationState")


@dataclass(frozen=True, slots=True)
class Finding:
    """The health of one Application for a Stage. With `refresh`, Argo CD has to look again before anyone can tell."""

    state: HealthState
    issues: tuple[str, ...] = ()
    refresh: bool = False


def assess(app: Application, desired: Sequence[str]) -> Finding:
    """Whether an Application is well, at the revisions a promotion brought it to (empty: anywhere).

    The order matters: what may be from before the last operation is not looked at, and a wrong revision is found before
    its health is believed. The sync status alone does not count, so differences that Argo CD sees or ignores are no
    harm.
    """
    if not app.is_trusted:
        issue = f"{app} was not reconciled after its most recent operation; its health is not trusted yet"
        return Finding(HealthState.UNKNOWN, (issue,), refresh=app.is_worth_a_look)
    if app.faults:
        return Finding(HealthState.UNHEALTHY, app.faults)
    return _revision(app, desired) or _health(app)


def _revision(app: Application, desired: Sequence[str]) -> Finding | None:
    """What is wrong with the revision; None when nothing is."""
    if not any(desired):
        return None
    requested = (app.requested or {}).get("sync") is not None
    if requested or app.operation is None or not app.operation.get("finishedAt"):
        return Finding(HealthState.UNKNOWN, (f"{app} is being synced",))
    sources, observed = app.sources, app.compared
    if len(sources) != len(desired) or len(observed) != len(desired):
        counts = f"{len(sources)} sources, {len(observed)} observed revisions and {len(desired)} desired ones"
        return Finding(HealthState.UNKNOWN, (f"{app} has {counts}",))
    wrong = [
        f"source {index} of {app} ({source.get('repoURL')}) is at {has or 'no revision'}, not at {want}"
        for index, (source, has, want) in enumerate(zip(sources, observed, desired, strict=True))
        if want and has != want
    ]
    if not wrong and (elsewhere := _deployed_elsewhere(app, desired)):
        wrong = [f"{app} was synced to {', '.join(elsewhere)} since, and is out of sync"]
    return Finding(HealthState.UNHEALTHY, tuple(wrong)) if wrong else None


def _deployed_elsewhere(app: Application, desired: Sequence[str]) -> tuple[str, ...]:
    """Where the last whole sync brought an Application, if that is not where it is to be; as after a rollback, when
    Argo CD still compares with the desired revision, and is well at another one."""
    operation = (app.operation or {}).get("operation") or {}
    sync, result = operation.get("sync") or {}, app.result
    if app.sync != "OutOfSync" or app.phase != "Succeeded" or sync.get("resources") or sync.get("dryRun"):
        return ()
    if result is None or len(result) != len(desired):
        return ()
    return result if any(want and has and has != want for has, want in zip(result, desired, strict=True)) else ()


def _health(app: Application) -> Finding:
    if app.health == "Healthy":
        return Finding(HealthState.HEALTHY)
    if app.health in ("Progressing", ""):
        return Finding(HealthState.PROGRESSING, (f"{app} is progressing",))
    if app.health == "Suspended":
        return Finding(HealthState.PROGRESSING, (f"{app} is suspended",))
    return Finding(HealthState.UNHEALTHY, (f"{app} has health state {app.health!r}",))


def output(namespace: str, name: str, app: Application | None) -> dict[str, Json]:
    """What a Stage tells of an Application, in Kargo's form; without what changes at every look of Argo CD."""
    status: Mapping[str, Any] = app.status if app is not None else {}
    told: dict[str, Json] = {field: deepcopy(status[field]) for field in _KEPT if status.get(field)}
    for condition in told.get("conditions") or ():
        condition.pop("lastTransitionTime", None)
    if "operationState" in told:
        told["operationState"] = _operation(told["operationState"])
    if "sync" in told:
        told["sync"].pop("comparedTo", None)
    unknown: dict[str, Json] = {"health": {"status": "Unknown"}, "sync": {"status": "Unknown"}}
    return {"Namespace": namespace, "Name": name, **unknown, **told}


def _operation(state: dict[str, Any]) -> dict[str, Json]:
    """Without the list of every resource that was synced, which may be megabytes."""
    kept = {name: value for name, value in state.items() if name in ("operation", "phase", "message", "finishedAt")}
    result = state.get("syncResult") or {}
    revisions = {name: result[name] for name in ("revision", "revisions") if result.get(name)}
    return {**kept, **({"syncResult": revisions} if revisions else {})}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an Application is what is waited for.

    Attributes:
        why: what it still lacks; empty when it is ready.
        refresh: Argo CD has to look again before anyone can tell.
        lost: why it is no use waiting any longer.
    """

    why: str = ""
    refresh: bool = False
    lost: str = ""


def readiness(app: Application, wanted: Collection[str], before: str) -> Readiness:
    """Whether an Application is as wanted (any of `health`, `suspended`, `degraded`; `sync`; `operation`).

    `before` is the health that was seen at the look before, empty at the first: to become Degraded while waiting for
    `health` ends the wait.
    """
    if app.faults:
        return Readiness(lost="; ".join(app.faults))
    busy = app.requested is not None or (app.operation is not None and not app.has_ended)
    if "operation" in wanted and busy:
        return Readiness(f"{app} has an operation in progress")
    accepted = [health for wait, health in _HEALTH_WAITS.items() if wait in wanted]
    if (accepted or "sync" in wanted) and not app.is_trusted:
        return Readiness(f"{app} was not reconciled after its last operation yet", refresh=app.is_worth_a_look)
    if "health" in wanted and app.health == "Degraded" and before not in ("", "Degraded", "Unknown"):
        return Readiness(lost=f"the health of {app} has regressed from {before} to Degraded")
    if accepted and app.health not in accepted:
        return Readiness(f"{app} is {app.health or 'of unknown health'}, not {' or '.join(accepted)}")
    if "sync" in wanted and app.sync != "Synced":
        return Readiness(f"{app} is {app.sync or 'of unknown sync status'}, not Synced")
    return Readiness()
