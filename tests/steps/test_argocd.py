"""`argocd-update` and `argocd-wait` against an Argo CD that is played by its protocol, ugly timings included."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from argosy.checks.argocd import ArgoCdCheck
from argosy.checks.base import Subject
from argosy.errors import Conflict, Denied, NotFound, Permanent, Temporary
from argosy.resources.stage import HealthState
from argosy.rules.argocd import Application
from argosy.rules.argocd_change import Sync
from argosy.steps import argocd_update, argocd_wait
from argosy.steps.base import AnyStep, Done, Wait
from argosy.testing.argocd import ArgoCd, Manners, application
from argosy.testing.argocd_shelf import MemoryApplications, MemoryShelf
from argosy.testing.clock import FakeClock
from argosy.testing.context import FakeContext

REPO, OTHER = "https://git.example.com/deploy.git", "https://git.example.com/other.git"
MAY = {"kargo.akuity.io/authorized-stage": "demo:test"}
PROMOTION = "test.01jx.abc1234"
UPDATE: dict[str, Any] = {"apps": [{"name": "web", "sources": [{"repoURL": REPO, "desiredRevision": "new"}]}]}


class World:
    """A promotion of Stage `test` and an Argo CD, on one clock; the branch of every source is at `head`."""

    def __init__(self, root: Path) -> None:
        self.head = "new"
        self.clock = FakeClock()
        self.shelf = MemoryShelf()
        self.argocd = ArgoCd(self.shelf, self.clock, lambda source: source.get("targetRevision") or self.head)
        self.applications = MemoryApplications(self.shelf)
        self.ctx = FakeContext(root, argocd=self.applications, clock=self.clock)

    def add(self, name: str, *sources: Mapping[str, Any], **meta: Any) -> None:
        self.shelf.put(application(name, *(sources or ({"repoURL": REPO},)), annotations=MAY, **meta))

    async def old(self, name: str = "web") -> None:
        """Have an Application that is well at the revision `old`."""
        self.head = "old"
        self.add(name)
        await self.clock.advance(1)
        self.head = "new"

    def app(self, name: str = "web") -> Application:
        return Application(self.shelf.now("argocd", name))

    async def until_done(self, step: AnyStep, config: Mapping[str, Any], seconds: int = 60) -> tuple[Done, list[str]]:
        """Run a step each second until it is done; returns that, and what it waited for, in order."""
        waited: list[str] = []
        for _ in range(seconds):
            outcome = await self.ctx.run(step, config)
            if isinstance(outcome, Done):
                return outcome, waited
            assert outcome.wakes
            if outcome.why not in waited:
                waited.append(outcome.why)
            await self.clock.advance(1)
        raise AssertionError(waited)

    async def verdict(self, config: Mapping[str, Any]) -> tuple[HealthState, tuple[str, ...]]:
        found = await ArgoCdCheck(self.applications)(config, Subject("demo", "test"))
        return found.state, found.issues


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    async with made.argocd.running():
        yield made
    await made.ctx.close()


async def test_an_application_is_synced_to_the_revision_and_watched_from_then_on(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(begin=2, sync=3, settle=5)
    done, waited = await world.until_done(argocd_update.STEP, UPDATE)
    assert (len(waited), world.app().result) == (2, ("new",))
    assert done.outputs == {"apps": [{"name": "web", "namespace": "argocd"}]}
    assert done.health_check is not None
    assert done.health_check.uses == "argocd-update"
    check = done.health_check.config
    assert check == {"apps": [{"name": "web", "namespace": "argocd", "desiredRevisions": ["new"]}]}
    states = []
    for _ in range(10):
        states.append((await world.verdict(check))[0])
        await world.clock.advance(1)
    assert list(dict.fromkeys(states)) == [HealthState.UNKNOWN, HealthState.PROGRESSING, HealthState.HEALTHY]
    assert len(world.argocd.begun) == 1


async def test_a_healthy_application_is_not_believed_before_argocd_looked_after_the_sync(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(looks_after=False, refresh=3, health="Degraded")
    done, _ = await world.until_done(argocd_update.STEP, UPDATE)
    assert world.app().health == "Healthy", "from before"
    assert done.health_check is not None
    state, issues = await world.verdict(done.health_check.config)
    assert (state, "not trusted" in issues[0]) == (HealthState.UNKNOWN, True)
    await world.clock.advance(5)
    assert (await world.verdict(done.health_check.config))[0] is HealthState.UNHEALTHY
    assert len(world.applications.refreshes) <= 1, "what was asked for once is not asked for again"


async def test_a_sync_that_took_the_revision_before_is_repeated_only_when_argocd_sees_the_new_one(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(lag=5, looks_after=False, refresh=1, sync=1)
    done, waited = await world.until_done(argocd_update.STEP, UPDATE)
    assert any("should be at new, not old" in why for why in waited)
    assert (len(world.argocd.begun), world.app().result) == (2, ("new",))
    assert not done.skipped


async def test_a_sync_that_argocd_begins_by_itself_after_ours_is_not_answered_with_a_second_one(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(heals=True, sync=2)
    assert isinstance(await world.ctx.run(argocd_update.STEP, UPDATE), Wait)
    await world.clock.advance(3)
    outcome = await world.ctx.run(argocd_update.STEP, UPDATE)
    assert isinstance(outcome, Wait)
    assert "by Argo CD itself" in outcome.why
    await world.until_done(argocd_update.STEP, UPDATE)
    assert [by.get("initiatedBy", {}).get("automated") for _, by in world.argocd.begun] == [True, True]
    assert len(world.applications.syncs) == 1


async def test_an_operation_of_somebody_else_is_waited_for(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(begin=3, sync=3)
    theirs = {"initiatedBy": {"username": "ada"}, "sync": {}}
    await world.shelf.patch("argocd", "web", {"operation": theirs})
    _, waited = await world.until_done(argocd_update.STEP, UPDATE)
    assert "synced by ada" in waited[0]
    assert [by["initiatedBy"].get("username") for _, by in world.argocd.begun] == ["ada", "kargo-controller"]


async def test_a_sync_that_somebody_asks_for_at_the_same_moment_is_not_overwritten(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(sync=1)
    real = world.applications.sync

    async def late(app: Application, sync: Sync) -> None:
        world.applications.sync = real  # type: ignore[method-assign]
        theirs = {"initiatedBy": {"username": "ada"}, "sync": {"revision": "old"}}
        await world.shelf.patch("argocd", "web", {"operation": theirs})
        await real(app, sync)

    world.applications.sync = late  # type: ignore[method-assign]
    config = {"apps": [{"name": "web"}]}
    await world.until_done(argocd_update.STEP, config)
    assert [by["initiatedBy"].get("username") for _, by in world.argocd.begun] == ["ada", "kargo-controller"]


async def test_consent_that_is_withdrawn_at_the_same_moment_counts(world: World) -> None:
    await world.old()
    real = world.applications.sync

    async def late(app: Application, sync: Sync) -> None:
        await world.shelf.patch("argocd", "web", {"metadata": {"annotations": dict.fromkeys(MAY)}})
        await real(app, sync)

    world.applications.sync = late  # type: ignore[method-assign]
    with pytest.raises(Denied, match="does not permit"):
        await world.ctx.run(argocd_update.STEP, UPDATE)
    assert world.argocd.begun == []


async def test_a_sync_of_somebody_else_that_came_first_and_brought_the_revision_is_enough(world: World) -> None:
    await world.old()
    real = world.applications.sync

    async def late(app: Application, sync: Sync) -> None:
        await world.shelf.patch("argocd", "web", {"operation": {"initiatedBy": {"username": "ada"}, "sync": {}}})
        await real(app, sync)

    world.applications.sync = late  # type: ignore[method-assign]
    await world.until_done(argocd_update.STEP, UPDATE)
    assert [by["initiatedBy"].get("username") for _, by in world.argocd.begun] == ["ada"]


@pytest.mark.parametrize("lost", ["before the request", "after the request"])
async def test_after_a_crash_there_is_one_sync_whenever_it_happened(world: World, lost: str) -> None:
    await world.old()
    world.argocd.manners = Manners(begin=2, sync=2)
    real = world.applications.sync

    async def crashing(app: Application, sync: Sync) -> None:
        world.applications.sync = real  # type: ignore[method-assign]
        if lost == "after the request":
            await real(app, sync)
        raise KeyboardInterrupt

    world.applications.sync = crashing  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await world.ctx.run(argocd_update.STEP, UPDATE)
    assert world.ctx.intent == {"requests": {"argocd/web": {"count": 1, "before": ""}}}
    await world.until_done(argocd_update.STEP, UPDATE)
    assert len(world.argocd.begun) == 1


async def test_a_failed_sync_is_told_with_argocds_message(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(phase="Failed", message="one or more objects failed to apply")
    with pytest.raises(Temporary, match="failed with: one or more objects failed to apply"):
        await world.until_done(argocd_update.STEP, UPDATE)
    assert len(world.argocd.begun) == 1


async def test_syncs_without_a_result_are_repeated_three_times_and_no_more(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(tells_result=False, sync=1)
    with pytest.raises(Temporary, match=r"3 syncs of .* ended without a result"):
        await world.until_done(argocd_update.STEP, UPDATE)
    assert len(world.argocd.begun) == 3


async def test_sources_are_changed_and_synced_in_one_write(world: World) -> None:
    image = {"repoURL": "ghcr.io/acme/web", "newName": "eu.example.com/web", "tag": "2"}
    world.add("web", {"repoURL": REPO, "path": "a", "directory": {"recurse": True}})
    await world.clock.advance(1)
    source = {"repoURL": REPO, "desiredRevision": "v2", "updateTargetRevision": True, "kustomize": {"images": [image]}}
    config = {"apps": [{"name": "web", "sources": [source]}]}
    plan = await world.ctx.preview(argocd_update.STEP, config)
    assert plan.waits == "the sync of argocd/web at v2"
    assert "+  targetRevision: v2" in plan.changes[0].diff
    assert (plan.changes[0].verb, plan.changes[0].target) == ("sync", "Argo CD Application argocd/web")
    assert "operation" not in world.app().data, "a plan changes nothing"
    await world.until_done(argocd_update.STEP, config)
    assert world.app().sources == (
        {
            "repoURL": REPO,
            "path": "a",
            "directory": {"recurse": True},
            "targetRevision": "v2",
            "kustomize": {"images": ["ghcr.io/acme/web=eu.example.com/web:2"]},
        },
    )
    (patch,) = [patch for patch in world.shelf.patches if "initiatedBy" in (patch.get("operation") or {})]
    assert {"metadata", "spec", "operation", "status"} == set(patch)


async def test_an_application_that_is_meant_twice_gets_all_its_changes_in_one_sync(world: World) -> None:
    world.add("web", {"repoURL": REPO}, {"repoURL": OTHER}, labels={"tier": "web"})
    await world.clock.advance(1)
    first = {"repoURL": REPO, "helm": {"images": [{"key": "tag", "value": "2"}]}}
    second = {"repoURL": OTHER, "desiredRevision": "v2", "updateTargetRevision": True}
    chosen = {"selector": {"matchLabels": {"tier": "web"}}, "sources": [second]}
    done, _ = await world.until_done(argocd_update.STEP, {"apps": [{"name": "web", "sources": [first]}, chosen]})
    assert world.app().sources == (
        {"repoURL": REPO, "helm": {"parameters": [{"name": "tag", "value": "2"}]}},
        {"repoURL": OTHER, "targetRevision": "v2"},
    )
    assert (len(world.argocd.begun), done.outputs["apps"]) == (1, [{"name": "web", "namespace": "argocd"}])
    assert done.health_check is not None
    assert done.health_check.config["apps"] == [{"name": "web", "namespace": "argocd", "desiredRevisions": ["", "v2"]}]


async def test_each_step_of_a_promotion_has_its_own_sync(world: World) -> None:
    await world.old()
    await world.until_done(argocd_update.STEP, UPDATE)
    world.ctx.intent = None
    tag = {"repoURL": REPO, "helm": {"images": [{"key": "tag", "value": "2"}]}}
    await world.until_done(argocd_update.STEP, {"apps": [{"name": "web", "sources": [tag]}]})
    assert world.app().sources[0]["helm"] == {"parameters": [{"name": "tag", "value": "2"}]}
    assert len(world.argocd.begun) == 2


async def test_selected_applications_are_synced_together_and_those_of_others_left_alone(world: World) -> None:
    for name in ("a", "b"):
        world.add(name, labels={"tier": "web", "env": "eu"})
    world.add("c", labels={"tier": "web", "env": "us"})
    world.shelf.put(application("theirs", {"repoURL": REPO}, labels={"tier": "web", "env": "eu"}))
    await world.clock.advance(1)
    expressions = [
        {"key": "env", "operator": "NotIn", "values": ["us"]},
        {"key": "tier", "operator": "Exists"},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    selector = {"matchLabels": {"tier": "web"}, "matchExpressions": expressions}
    done, _ = await world.until_done(argocd_update.STEP, {"apps": [{"selector": selector}]})
    assert done.outputs["apps"] == [{"name": "a", "namespace": "argocd"}, {"name": "b", "namespace": "argocd"}]
    assert any("left alone" in line and "theirs" in line for line in world.ctx.lines)
    with pytest.raises(NotFound, match="no Argo CD Application in namespace 'argocd' has tier=api"):
        await world.ctx.run(argocd_update.STEP, {"apps": [{"selector": {"matchLabels": {"tier": "api"}}}]})


async def test_of_several_applications_all_have_the_sources_or_none_is_touched(world: World) -> None:
    world.add("a", labels={"tier": "web"})
    world.add("b", {"repoURL": OTHER}, labels={"tier": "web"})
    await world.clock.advance(1)
    config = {"apps": [{"selector": {"matchLabels": {"tier": "web"}}, "sources": [{"repoURL": REPO}]}]}
    with pytest.raises(NotFound, match="no source of Argo CD Application 'b'"):
        await world.ctx.run(argocd_update.STEP, config)
    assert world.applications.syncs == []


async def test_an_application_that_does_not_name_the_stage_is_not_touched(world: World) -> None:
    world.shelf.put(application("web", {"repoURL": REPO}, annotations={**MAY, **dict.fromkeys(MAY, "demo:prod")}))
    with pytest.raises(Denied, match="does not permit changes by Stage 'test'") as told:
        await world.ctx.run(argocd_update.STEP, UPDATE)
    assert told.value.advice.endswith("kargo.akuity.io/authorized-stage: demo:test.")
    with pytest.raises(Denied):
        await world.ctx.preview(argocd_update.STEP, UPDATE)
    assert world.applications.syncs == []


async def test_a_person_who_promotes_is_the_one_who_syncs(world: World) -> None:
    await world.old()
    world.ctx.actor = "email:ada@example.com"
    await world.until_done(argocd_update.STEP, UPDATE)
    assert world.argocd.begun[0][1]["initiatedBy"] == {"username": "email:ada@example.com"}


async def test_an_argocd_that_takes_no_sync_now_is_asked_again(world: World) -> None:
    await world.old()
    real = world.applications.sync

    async def blocked(app: Application, sync: Sync) -> None:
        raise Conflict("cannot sync: blocked by sync window")

    world.applications.sync = blocked  # type: ignore[method-assign]
    outcome = await world.ctx.run(argocd_update.STEP, UPDATE)
    assert isinstance(outcome, Wait)
    assert "blocked by sync window" in outcome.why
    assert outcome.again_after <= 10
    world.applications.sync = real  # type: ignore[method-assign]
    await world.until_done(argocd_update.STEP, UPDATE)


WAIT = {"apps": [{"name": "web"}]}
HEALTHY = {"apps": [{"name": "web", "waitFor": ["health"]}]}


async def test_waiting_looks_anew_so_that_an_application_that_missed_the_push_is_not_ready(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(refresh=3)
    assert (world.app().health, world.app().sync) == ("Healthy", "Synced")
    first = await world.ctx.run(argocd_wait.STEP, WAIT)
    assert isinstance(first, Wait)
    await world.clock.advance(4)
    outcome = await world.ctx.run(argocd_wait.STEP, WAIT)
    assert isinstance(outcome, Wait)
    assert "is OutOfSync, not Synced" in outcome.why
    world.argocd.manners = Manners(settle=3)
    await world.shelf.patch("argocd", "web", {"operation": {"initiatedBy": {"automated": True}, "sync": {}}})
    done, waited = await world.until_done(argocd_wait.STEP, WAIT)
    assert any("is Progressing, not Healthy" in why for why in waited)
    assert done.outputs == {
        "apps": [{"name": "web", "namespace": "argocd"}],
        "healthStatus": {"argocd/web": "Healthy"},
    }
    assert done.health_check is None
    assert [name for name, hard in world.applications.refreshes if not hard] == ["web"]


async def test_waiting_asks_for_a_look_of_its_own_after_one_that_was_under_way(world: World) -> None:
    """That one may have begun before the push."""
    await world.old()
    world.argocd.manners = Manners(refresh=3, lag=1)
    await world.applications.refresh(world.app(), hard=True)
    _, waited = await world.until_done(argocd_wait.STEP, HEALTHY)
    assert waited == ["Argo CD Application 'web' in namespace 'argocd' is refreshed first"]
    assert world.app().compared == ("new",)
    assert world.applications.refreshes == [("web", True), ("web", False)]


@pytest.mark.parametrize(("step", "config"), [(argocd_update.STEP, UPDATE), (argocd_wait.STEP, HEALTHY)])
@pytest.mark.parametrize("call", ["get", "sync", "refresh"])
async def test_an_argocd_that_is_away_for_a_while_is_waited_for(
    world: World, step: AnyStep, config: Mapping[str, Any], call: str
) -> None:
    await world.old()
    real = getattr(world.applications, call)

    async def away(*arguments: Any, **more: Any) -> Any:
        raise Temporary("Argo CD cannot be reached")

    setattr(world.applications, call, away)
    first = await world.ctx.run(step, config)
    assert isinstance(first, Wait)
    if call == "get" or (call, step.name) in (("sync", "argocd-update"), ("refresh", "argocd-wait")):
        assert (first.why, first.again_after <= 10) == ("Argo CD cannot be reached", True)
    setattr(world.applications, call, real)
    await world.until_done(step, config)
    assert len(world.argocd.begun) == (1 if step is argocd_update.STEP else 0)


async def test_after_its_own_sync_a_promotion_has_argocd_look_once_more(world: World) -> None:
    """It may have pushed since."""
    await world.old()
    world.argocd.manners = Manners(sync=2, settle=2)
    await world.until_done(argocd_update.STEP, UPDATE)
    world.ctx.intent = None
    await world.until_done(argocd_wait.STEP, WAIT)
    assert [name for name, hard in world.applications.refreshes if not hard] == ["web"]


async def test_waiting_ends_when_health_regresses(world: World) -> None:
    await world.old()
    world.argocd.manners = Manners(health="Progressing")
    for _ in range(3):
        assert isinstance(await world.ctx.run(argocd_wait.STEP, WAIT), Wait)
        await world.clock.advance(1)
    await world.shelf.patch("argocd", "web", {"status": {"health": {"status": "Degraded"}}})
    with pytest.raises(Permanent, match="regressed from Progressing to Degraded"):
        await world.ctx.run(argocd_wait.STEP, WAIT)


async def test_waiting_needs_no_consent_and_sees_what_it_waits_for_in_a_plan(world: World) -> None:
    world.shelf.put(application("web", {"repoURL": REPO}))
    await world.clock.advance(1)
    config = {"apps": [{"name": "web", "waitFor": ["operation"]}]}
    assert (await world.ctx.preview(argocd_wait.STEP, config)).waits == "web: operation"
    done, waited = await world.until_done(argocd_wait.STEP, config)
    assert (waited, done.outputs["apps"]) == ([], [{"name": "web", "namespace": "argocd"}])


async def test_the_check_says_what_it_cannot_know(world: World) -> None:
    state, issues = await world.verdict({"apps": [{"name": "gone", "desiredRevisions": ["x"]}]})
    assert (state, issues) == (HealthState.UNKNOWN, ('applications.argoproj.io "gone" not found',))
    unset = await ArgoCdCheck(None)({"apps": [{"name": "web"}]}, Subject("demo", "test"))
    assert (unset.state, "no Argo CD is configured" in unset.issues[0]) == (HealthState.UNKNOWN, True)
