"""Stages among documents that are not understood, as a cluster may keep from older definitions."""

from __future__ import annotations

import pytest
from tests.reconcilers.conftest import Project
from tests.reconcilers.test_stage import GATE, Drive, FakeChecks, set_up
from tests.rules.pipeline_case import auto, stage

from argosy.reconcilers.stage import StageReconciler
from argosy.resources.meta import Key


@pytest.fixture
def drive(project: Project) -> Drive:
    return Drive(project, StageReconciler(project.store, FakeChecks(), project.clock))


async def test_a_promotion_that_is_not_understood_holds_up_no_other(project: Project, drive: Drive) -> None:
    await set_up(project)
    strange = await project.promote(await project.freight("1"))
    await project.set_status("Promotion", strange, finishedAt="some day", message="hunter2")
    second = await project.promote(await project.freight("2"))
    await drive.settle()
    assert await drive.current() == second


async def test_freight_that_is_not_understood_is_told_and_nothing_older_takes_its_place(
    project: Project, drive: Drive
) -> None:
    await set_up(project)
    await project.freight("1")
    await project.clock.advance(1)
    newest = await project.freight("2")
    await project.set_status("Freight", newest, verifiedIn={"up": {"verifiedAt": "some day"}})
    await project.store.create(auto("dev"))
    await drive.settle()
    assert await project.names("Promotion") == []
    ready = (await project.status("Stage", "dev"))["conditions"]
    assert any(f"Freight {newest!r} is not understood" in each["message"] for each in ready)
    await project.store.delete(Key("Freight", "p", newest))
    await drive.settle()
    assert len(await project.names("Promotion")) == 1


async def test_a_control_flow_stage_passes_on_what_it_understands(project: Project, drive: Drive) -> None:
    await set_up(project, stage("gate", steps=()))
    strange, other = await project.freight("1"), await project.freight("2")
    await project.set_status("Freight", strange, verifiedIn={"up": {"verifiedAt": "some day"}})
    await drive.settle(GATE)
    assert "gate" in (await project.status("Freight", other))["verifiedIn"]
