"""Health of Stages: mended by promotions, and looked at at the moment that something it is about changes."""

from __future__ import annotations

from tests.reconcilers.conftest import Project
from tests.reconcilers.test_stage import DEV, Drive, FakeChecks, set_up

from argosy.reconcilers.stage import StageReconciler
from argosy.resources.meta import Key
from argosy.resources.stage import Health
from argosy.runtime.signal import Signals


async def test_a_stage_is_looked_at_when_what_its_checks_are_about_changes(
    project: Project,
) -> None:
    checks = FakeChecks()
    signals, woken = Signals(), list[Key]()
    signals.attach("Stage", woken.append)
    drive = Drive(project, StageReconciler(project.store, checks, project.clock, signals))
    await set_up(project)
    await drive.bring(await project.freight("1"), healthChecks=[{"uses": "alive"}])
    signals.tell("subject of dead")
    assert woken == []
    signals.tell("subject of alive")
    assert woken == [DEV]


async def test_a_promotion_may_mend_an_unhealthy_stage(project: Project) -> None:
    checks = FakeChecks()
    drive = Drive(project, StageReconciler(project.store, checks, project.clock))
    await set_up(project)
    checks.verdict = Health(status="Unhealthy")
    await drive.bring(await project.freight("1"), healthChecks=[{"uses": "alive"}])
    checks.verdict = Health(status="Healthy")
    await drive.bring(await project.freight("2"))
    assert await project.condition("Stage", "dev", "Ready") == ("True", "Verified")
