"""`argocd-wait`: wait until Argo CD Applications are as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from argosy.clients.argocd import Applications
from argosy.errors import Permanent, Temporary
from argosy.resources.meta import Json
from argosy.rules.argocd import Application
from argosy.rules.argocd_health import DEFAULT_WAIT, readiness
from argosy.steps.argocd_apps import POLL_EVERY, AppChoice, absent, find, listed, subjects
from argosy.steps.away import waits_out
from argosy.steps.base import Config, Context, Done, Effect, Outcome, Preview, Step, Wait

TIMEOUT = 300.0

WaitFor = Literal["health", "sync", "operation", "suspended", "degraded"]


class AppWait(AppChoice):
    """One or more Applications, and what to wait for."""

    wait_for: list[WaitFor] | None = Field(default=None, min_length=1)
    """What to wait for: `health` (Healthy), `suspended` or `degraded`, of which one is enough, and `sync` (Synced) and
    `operation` (none in progress). By default `health`, `sync` and `operation`."""

    @field_validator("wait_for")
    @classmethod
    def _once_each(cls, value: list[WaitFor] | None) -> list[WaitFor] | None:
        if value is not None and len(set(value)) < len(value):
            raise ValueError("name each only once")
        return value

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(self.wait_for or DEFAULT_WAIT)


class ArgoCdWaitConfig(Config):
    """Waits until Argo CD Applications are healthy, synced, and at rest. Nothing is changed, and no Application need
    name the Stage."""

    apps: list[AppWait] = Field(min_length=1)
    """The Applications to wait for."""


async def run(config: ArgoCdWaitConfig, ctx: Context) -> Outcome:
    """Raises NotFound for Applications that are not there, Permanent for one whose health regressed or whose
    specification is wrong."""
    if ctx.argocd is None:
        message = f"nothing was waited for: {absent(config.apps)}"
        return Done(skipped=True, message=message, warning=message)
    wakes = subjects(config.apps, ctx.argocd)
    looks = _Looks(ctx, ctx.argocd, dict((ctx.intent or {}).get("apps") or {}))
    apps: list[Application] = []
    lacks: list[str] = []
    try:
        for choice in config.apps:
            for app in await find(choice, ctx.argocd):
                apps.append(app)
                lacks.extend(filter(None, [await looks.at(app, choice)]))
    except Temporary as error:
        return waits_out(error, wakes)
    if lacks:
        await looks.remember()
        return Wait("; ".join(lacks), POLL_EVERY, wakes=wakes)
    health: dict[str, Json] = {f"{app.namespace}/{app.name}": app.health for app in apps}
    return Done({"apps": listed(apps), "healthStatus": health})


async def preview(config: ArgoCdWaitConfig, ctx: Context) -> Preview:
    """Tell what would be waited for."""
    if ctx.argocd is None:
        return Preview(skipped=True, message=f"nothing would be waited for: {absent(config.apps)}")
    apps = [app for choice in config.apps for app in await find(choice, ctx.argocd)]
    waits = "; ".join(f"{choice}: {', '.join(choice.wanted)}" for choice in config.apps)
    return Preview(outputs={"apps": listed(apps)}, unknown=("healthStatus",), waits=waits)


class _Looks:
    """What was seen of each Application at the looks before, kept in the journal."""

    def __init__(self, ctx: Context, argocd: Applications, noted: dict[str, Json]) -> None:
        self._ctx = ctx
        self._argocd = argocd
        self._before = noted
        self._now: dict[str, Json] = {}

    async def at(self, app: Application, choice: AppWait) -> str:
        """What an Application still lacks; empty when it is ready. Raises Permanent."""
        key = f"{app.namespace}/{app.name}"
        seen: Mapping[str, Json] = self._before.get(key) or {}
        version, first = app.meta.get("resourceVersion") or "", seen.get("first")
        self._now[key] = {"health": app.health, "first": first}
        if choice.wanted != ("operation",):
            # It may look well only because Argo CD has not seen yet what this promotion pushed, after a sync of its
            # own as well.
            if not first and not app.is_refreshing:
                # A look that somebody else asked for may have begun before what this promotion did: ours comes after.
                self._now[key] = {"health": app.health, "first": version}
                await self._argocd.refresh(app, hard=False)
            if not first or app.is_refreshing or version == first:
                return f"{app} is refreshed first"
        found = readiness(app, choice.wanted, str(seen.get("health") or ""))
        if found.lost:
            raise Permanent(found.lost)
        if found.refresh:
            await self._argocd.refresh(app, hard=True)
        return found.why

    async def remember(self) -> None:
        if self._now != self._before:
            await self._ctx.intend({"apps": self._now})


STEP = Step(
    "argocd-wait",
    Effect.WAIT,
    ArgoCdWaitConfig,
    run,
    timeout=TIMEOUT,
    outputs=("apps", "healthStatus"),
    preview=preview,
)
