"""`argocd-update`: bring Argo CD Applications to what was promoted, and have the Stage watch over them from then on.

Each request for a sync is journalled before it is made. After a crash the step looks whether Argo CD has it: the
operation names the Promotion that asked for it, so there is never a second one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml
from pydantic import Field, model_validator

from argosy.clients.argocd import Applications
from argosy.errors import Conflict, Denied, NotFound, Temporary
from argosy.failpoints import reach
from argosy.resources.meta import Json
from argosy.rules.argocd import Application, forbids
from argosy.rules.argocd_change import SourceUpdate, changed_sources, desired_revisions, sync
from argosy.rules.argocd_sync import Ask, Broken, Hold, Requests, Synced, decide
from argosy.steps.argocd_apps import POLL_EVERY, AppChoice, absent, find, listed, subjects
from argosy.steps.away import SOON, waits_out
from argosy.steps.base import Change, Config, Context, Done, Effect, HealthCheck, Outcome, Preview, Step, Wait

NAME = "argocd-update"
TIMEOUT = 300.0
_TRIES = 3
_MOST_TOLD = 3


class SyncFailed(Temporary):
    """Argo CD has ended the sync, and not well."""


class HelmImage(Config):
    """One Helm parameter."""

    key: str = Field(min_length=1)
    """The parameter."""
    value: str
    """Its new value."""


class HelmUpdates(Config):
    """Changes of Helm parameters."""

    images: list[HelmImage] = Field(min_length=1)
    """The parameters to set."""


class KustomizeImage(Config):
    """One Kustomize image."""

    repo_url: str = Field(alias="repoURL", min_length=1)
    """The image repository."""
    digest: str = ""
    """The digest to set. Give at most one of this and `tag`."""
    tag: str = ""
    """The tag to set. Give at most one of this and `digest`."""
    new_name: str | None = Field(default=None, min_length=1)
    """Another name for the image."""

    @model_validator(mode="after")
    def _at_most_one(self) -> KustomizeImage:
        if self.digest and self.tag:
            raise ValueError("give at most one of digest and tag")
        return self

    def __str__(self) -> str:
        """As Kustomize writes it."""
        name = f"{self.repo_url}={self.new_name}" if self.new_name else self.repo_url
        return f"{name}@{self.digest}" if self.digest else f"{name}:{self.tag}"


class KustomizeUpdates(Config):
    """Changes of Kustomize images."""

    images: list[KustomizeImage] | None = Field(default=None, min_length=1)
    """The images to set."""


class AppSource(Config):
    """One source of an Application."""

    repo_url: str = Field(alias="repoURL", min_length=1)
    """The repository of the source, as the Application writes it."""
    chart: str | None = Field(default=None, min_length=1)
    """The chart, for a source in a Helm repository."""
    desired_revision: str = ""
    """The revision that the source is to be at."""
    update_target_revision: bool = False
    """Whether to write `desiredRevision`, which must be given, to the source's `targetRevision`."""
    helm: HelmUpdates | None = None
    """Helm parameters to set."""
    kustomize: KustomizeUpdates | None = None
    """Kustomize images to set."""

    @model_validator(mode="after")
    def _revision_given(self) -> AppSource:
        if self.update_target_revision and not self.desired_revision:
            raise ValueError("updateTargetRevision needs desiredRevision")
        return self

    @property
    def update(self) -> SourceUpdate:
        helm, kustomize = self.helm, self.kustomize
        return SourceUpdate(
            self.repo_url,
            self.chart or "",
            self.desired_revision,
            self.update_target_revision,
            {image.key: image.value for image in helm.images} if helm is not None else {},
            tuple(map(str, kustomize.images or ())) if kustomize is not None else (),
        )


class App(AppChoice):
    """One or more Applications, and what is to become of them."""

    sources: list[AppSource] | None = Field(default=None, min_length=1)
    """Changes of the Applications' sources."""


class ArgoCdUpdateConfig(Config):
    """Updates and syncs Argo CD Applications, and lets the Stage watch over their health."""

    apps: list[App] = Field(min_length=1)
    """The Applications to update."""


@dataclass(frozen=True, slots=True)
class Task:
    """One Application, and what is to become of it."""

    app: Application
    updates: tuple[SourceUpdate, ...]

    @property
    def key(self) -> str:
        return f"{self.app.namespace}/{self.app.name}"

    @property
    def check(self) -> dict[str, Json]:
        """What the Stage's health check is to look at, as Kargo writes it."""
        desired = desired_revisions(self.app, self.updates)
        found: dict[str, Json] = {"name": self.app.name, "namespace": self.app.namespace}
        return {**found, **({"desiredRevisions": list(desired)} if desired else {})}


async def run(config: ArgoCdUpdateConfig, ctx: Context) -> Outcome:
    """Raises NotFound and Denied for Applications that are not there or do not name the Stage, SyncFailed; these count
    as errors of the step, as in Kargo."""
    if ctx.argocd is None:
        message = f"nothing was updated: {absent(config.apps)}"
        return Done(skipped=True, message=message, warning=message)
    wakes = subjects(config.apps, ctx.argocd)
    try:
        tasks = await _tasks(config, ctx, ctx.argocd)
        waits = [hold for task in tasks if (hold := await _bring(task, ctx, ctx.argocd)) is not None]
    except SyncFailed:
        raise
    except Temporary as error:
        return waits_out(error, wakes)
    if waits:
        soon = any(hold.refresh for hold in waits)
        return Wait("; ".join(hold.why for hold in waits), SOON if soon else POLL_EVERY, wakes=wakes)
    check = HealthCheck(NAME, {"apps": [task.check for task in tasks]})
    return Done({"apps": listed([task.app for task in tasks])}, health_check=check)


async def preview(config: ArgoCdUpdateConfig, ctx: Context) -> Preview:
    """Tell which patches and syncs would be asked for. Raises as `run`."""
    if ctx.argocd is None:
        return Preview(skipped=True, message=f"nothing would be updated: {absent(config.apps)}")
    tasks = await _tasks(config, ctx, ctx.argocd)
    changes = tuple(_foreseen(task, ctx) for task in tasks)
    goals = [f"{task.key}{_at(desired_revisions(task.app, task.updates))}" for task in tasks]
    outputs: dict[str, Json] = {"apps": listed([task.app for task in tasks])}
    return Preview(changes, outputs, waits=f"the sync of {', '.join(goals)}")


async def _tasks(config: ArgoCdUpdateConfig, ctx: Context, argocd: Applications) -> list[Task]:
    """All Applications that are meant and may be changed; all can be as they should, or none is touched.

    One that is meant several times gets all its changes at once, with one sync.
    """
    tasks: dict[str, Task] = {}
    for choice in config.apps:
        updates = tuple(source.update for source in choice.sources or ())
        found = [Task(app, updates) for app in await _permitted(choice, ctx, argocd)]
        _check(found)
        for task in found:
            before = tasks.get(task.key, Task(task.app, ()))
            tasks[task.key] = Task(before.app, before.updates + task.updates)
    return list(tasks.values())


async def _permitted(choice: App, ctx: Context, argocd: Applications) -> list[Application]:
    permitted, reasons = [], []
    for app in await find(choice, argocd):
        reason = forbids(app, ctx.project, ctx.stage)
        if reason:
            reasons.append(reason)
            ctx.log(f"left alone: {reason}")
        else:
            permitted.append(app)
    if permitted:
        return permitted
    advice = (
        f"Whoever may change it consents by the annotation kargo.akuity.io/authorized-stage: {ctx.project}:{ctx.stage}"
    )
    raise Denied("; ".join(reasons[:_MOST_TOLD]), advice=f"{advice}.")


def _check(tasks: Sequence[Task]) -> None:
    """Raises NotFound when the updates do not fit the sources of all."""
    faults = []
    for task in tasks:
        try:
            changed_sources(task.app, task.updates)
        except NotFound as error:
            faults.append(error)
    if faults:
        more = f" (and {len(faults) - _MOST_TOLD} more)" if len(faults) > _MOST_TOLD else ""
        raise NotFound("; ".join(fault.message for fault in faults[:_MOST_TOLD]) + more, advice=faults[0].advice)


async def _bring(task: Task, ctx: Context, argocd: Applications) -> Hold | None:
    """One look at one Application, and what follows from it; None when it is as it should be."""
    app = task.app
    for _ in range(_TRIES):
        requests = Requests.of(((ctx.intent or {}).get("requests") or {}).get(task.key))
        decision = decide(app, ctx.promotion, task.updates, requests)
        match decision:
            case Synced():
                return None
            case Broken(why):
                raise SyncFailed(why)
            case Hold(refresh=True) if not app.is_refreshing:
                await argocd.refresh(app, hard=True)
        if not isinstance(decision, Ask):
            return decision
        try:
            return await _ask(Task(app, task.updates), decision, ctx, argocd)
        except Conflict as error:
            refused = Hold(f"{app} takes no sync now: {error.message}", refresh=True)
            app = Application(await argocd.get(app.namespace, app.name))
            if reason := forbids(app, ctx.project, ctx.stage):
                raise Denied(reason) from error
    return refused


async def _ask(task: Task, ask: Ask, ctx: Context, argocd: Applications) -> Hold:
    """Ask for a sync, once that is on record. Raises Conflict."""
    noted = dict((ctx.intent or {}).get("requests") or {})
    requests = Requests.of(noted.get(task.key)).another(task.app)
    await ctx.intend({"requests": {**noted, task.key: requests.noted}})
    reach("argocd.intended")
    await argocd.sync(task.app, sync(task.app, task.updates, ctx.promotion, ctx.actor))
    reach("argocd.asked")
    ctx.log(f"asked for a sync of {task.app}: {ask.why}")
    return Hold(f"{task.app} is being synced")


def _foreseen(task: Task, ctx: Context) -> Change:
    wanted = sync(task.app, task.updates, ctx.promotion, ctx.actor)
    diff = _diff(task.app.sources, changed_sources(task.app, task.updates)) if wanted.spec else ""
    return Change("sync", f"Argo CD Application {task.key}", diff, {"operation": dict(wanted.operation)})


def _diff(before: Sequence[Mapping[str, Json]], after: Sequence[Mapping[str, Json]]) -> str:
    old, new = (yaml.safe_dump([dict(each) for each in sources], sort_keys=False) for sources in (before, after))
    lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), "sources", "sources")
    return "".join(lines)


def _at(desired: Sequence[str]) -> str:
    named = [revision for revision in desired if revision]
    return f" at {', '.join(named)}" if named else ""


STEP = Step(NAME, Effect.EXTERNAL, ArgoCdUpdateConfig, run, timeout=TIMEOUT, outputs=("apps",), preview=preview)
