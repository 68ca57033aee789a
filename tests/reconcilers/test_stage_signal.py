"""Stages are looked at again at the moment something outside of the store changes that their health is about."""

from __future__ import annotations

from tests.reconcilers.conftest import Project
from tests.reconcilers.test_stage import DEV, Drive, FakeChecks, set_up

from argosy.reconcilers.stage import StageReconciler
from argosy.resources.meta import Key
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
