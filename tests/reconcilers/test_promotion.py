"""Promotions in the real store: run when the Stage says so, aborted at any time, cleaned up after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import resource, stage, warehouse

from argosy.engine.turn import Advance, Facts
from argosy.errors import Conflict, NotFound
from argosy.reconcilers.promotion import ABORT_POLL, PromotionReconciler, StatusJournal, chosen
from argosy.resources.meta import Document, Key
from argosy.resources.promotion import HealthCheckStep, Promotion, PromotionStatus
from argosy.runtime.change import Outcome
from argosy.runtime.signal import Signals
from argosy.store.base import Query
from argosy.testing.clock import settle

ABORT, REFRESH = "kargo.akuity.io/abort", "kargo.akuity.io/refresh"


@dataclass
class FakeEngine:
    """Advances as told, one answer a call, through the real journal; notes what it was given and what it discarded."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    ends: list[tuple[str, str]] = field(default_factory=list)
    hangs: asyncio.Event | None = None
    cancelled: bool = False

    async def advance(self, facts: Facts, journal: StatusJournal) -> Advance:
        self.facts.append(facts)
        if self.hangs is not None:
            try:
                await self.hangs.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        answer = dict(self.answers.pop(0)) if self.answers else {"phase": "Running"}
        again_after, wakes = answer.pop("again_after", None), answer.pop("wakes", ())
        status = facts.promotion.status.model_copy(update=answer)
        await journal.save(status)
        return Advance(status, again_after, wakes=wakes)

    def tell_end(self, uid: str, status: PromotionStatus) -> None:
        self.ends.append((uid, status.phase))

    async def discard(self, uid: str) -> None:
        self.discarded.append(uid)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def promotions(project: Project, engine: FakeEngine) -> PromotionReconciler:
    return PromotionReconciler(project.store, engine, project.clock)


class Drive:
    """One promotion into `dev`, driven by hand."""

    def __init__(self, project: Project, promotions: PromotionReconciler, name: str) -> None:
        self.project = project
        self.name = name
        self.key = Key("Promotion", "p", name)
        self._promotions = promotions

    async def turn(self) -> Outcome:
        return await self.project.turn(self._promotions.reconcile, self.key)

    async def status(self) -> Any:
        return await self.project.status("Promotion", self.name)

    async def uid(self) -> str:
        return str((await self.project.get("Promotion", self.name))["metadata"]["uid"])

    async def choose(self) -> None:
        """The Stage says that it is this promotion's turn."""
        await self.project.set_status("Stage", "dev", currentPromotion={"name": self.name})

    async def annotate(self, key: str, value: str) -> None:
        await self.project.store.patch(self.key, {"metadata": {"annotations": {key: value}}})


@pytest.fixture
async def drive(project: Project, promotions: PromotionReconciler) -> Drive:
    await project.store.create(warehouse())
    await project.store.create(stage())
    return Drive(project, promotions, await project.promote(await project.freight("1")))


async def test_a_new_promotion_is_pending_until_its_stage_chooses_it(drive: Drive, engine: FakeEngine) -> None:
    assert (await drive.turn()).again_after == 0
    assert await drive.status() == {"phase": "Pending"}
    assert await drive.turn() == Outcome()
    await drive.project.set_status("Stage", "dev", currentPromotion={"name": "dev.another"})
    assert await drive.turn() == Outcome()
    assert engine.facts == []


async def test_the_chosen_one_runs_with_all_that_its_steps_may_see(drive: Drive, engine: FakeEngine) -> None:
    engine.answers = [{"phase": "Running", "again_after": 30.0}]
    await drive.turn()
    await drive.choose()
    assert (await drive.turn()).again_after == 30
    facts = engine.facts[0]
    assert (facts.promotion.name, facts.stage.name) == (drive.name, "dev")
    assert facts.freight.name == facts.promotion.spec.freight
    assert set(facts.warehouses) == {"w"}
    assert (await drive.status())["phase"] == "Running"


@pytest.mark.parametrize(
    ("phase", "reason"),
    [("Succeeded", "PromotionSucceeded"), ("Failed", "PromotionFailed"), ("Errored", "PromotionErrored")],
)
async def test_its_end_is_told_once(drive: Drive, engine: FakeEngine, phase: str, reason: str) -> None:
    engine.answers = [{"phase": phase, "message": "why"}]
    await drive.turn()
    await drive.choose()
    assert (await drive.turn()).again_after is None
    assert await drive.turn() == Outcome()
    assert await drive.project.events(reason) == [f"Promotion {phase}: why"]
    assert len(engine.facts) == 1


async def test_warnings_of_steps_are_events(drive: Drive, engine: FakeEngine) -> None:
    async def advance(facts: Facts, journal: StatusJournal) -> Advance:
        return Advance(facts.promotion.status, 30, warnings=("Argo CD is not configured",))

    engine.advance = advance
    await drive.turn()
    await drive.choose()
    await drive.turn()
    assert await drive.project.events("StepWarning") == ["Argo CD is not configured"]


async def test_freight_that_is_gone_or_no_longer_available_ends_it(drive: Drive, engine: FakeEngine) -> None:
    await drive.turn()
    await drive.choose()
    freight = (await drive.project.get("Promotion", drive.name))["spec"]["freight"]
    request = {"origin": {"kind": "Warehouse", "name": "w"}, "sources": {"stages": ["qa"]}}
    await drive.project.store.patch(Key("Stage", "p", "dev"), {"spec": {"requestedFreight": [request]}})
    await drive.turn()
    status = await drive.status()
    assert (status["phase"], status["message"]) == ("Errored", f"Freight {freight!r} is not available to Stage 'dev'")
    assert status["finishedAt"] == "2026-01-01T00:00:00Z"
    assert engine.facts == []
    assert engine.discarded == [await drive.uid()]
    assert await drive.project.events("PromotionErrored") == [f"Promotion Errored: {status['message']}"]


async def test_freight_that_was_deleted_ends_it(drive: Drive, engine: FakeEngine) -> None:
    await drive.turn()
    await drive.choose()
    freight = (await drive.project.get("Promotion", drive.name))["spec"]["freight"]
    await drive.project.store.delete(Key("Freight", "p", freight))
    await drive.turn()
    status = await drive.status()
    assert (status["phase"], status["message"]) == ("Errored", f"Freight {freight!r} does not exist")


async def test_a_promotion_whose_stage_vanished_waits_and_is_deleted_with_it(drive: Drive) -> None:
    await drive.turn()
    key = Key("Stage", "p", "dev")
    await drive.project.store.delete(key, propagation="Orphan")
    with pytest.raises(NotFound, match="Stage 'dev'"):
        await drive.turn()
    assert await drive.status() == {"phase": "Pending"}


@pytest.mark.parametrize("before", ["", "Pending"])
async def test_a_promotion_that_never_ran_is_aborted(drive: Drive, engine: FakeEngine, before: str) -> None:
    if before:
        await drive.turn()
    await drive.annotate(ABORT, "terminate")
    await drive.turn()
    status = await drive.status()
    assert (status["phase"], status["message"]) == ("Aborted", "Promotion terminated by admin")
    assert await drive.project.events("PromotionAborted") == ["Promotion Aborted: Promotion terminated by admin"]
    assert await drive.turn() == Outcome()
    assert engine.facts == []


async def test_an_abort_ends_a_promotion_between_two_steps(drive: Drive, engine: FakeEngine) -> None:
    steps = [{"alias": "step-1", "status": "Running", "startedAt": "2026-01-01T00:00:00Z"}]
    await drive.project.set_status("Promotion", drive.name, phase="Running", stepExecutionMetadata=steps)
    await drive.choose()
    await drive.annotate(ABORT, '{"action":"terminate"}')
    await drive.turn()
    status = await drive.status()
    assert status["phase"] == "Aborted"
    assert [step["status"] for step in status["stepExecutionMetadata"]] == ["Aborted"]
    assert engine.discarded == [await drive.uid()]
    assert engine.ends == [(await drive.uid(), "Aborted")]


async def begun(drive: Drive, engine: FakeEngine) -> asyncio.Task[Outcome]:
    """A turn whose step hangs."""
    engine.hangs = asyncio.Event()
    await drive.turn()
    await drive.choose()
    task = asyncio.create_task(drive.turn())
    await until(lambda: bool(engine.facts))
    return task


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(5_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to be")


async def test_an_abort_breaks_off_a_step_that_runs(drive: Drive, engine: FakeEngine) -> None:
    task = await begun(drive, engine)
    await drive.project.clock.advance(ABORT_POLL)
    assert not task.done()
    await drive.annotate(ABORT, "terminate")
    await drive.project.clock.advance(ABORT_POLL)
    assert (await task).again_after == 0
    assert engine.cancelled
    await drive.turn()
    assert (await drive.status())["phase"] == "Aborted"


async def test_deleting_a_promotion_breaks_off_its_step_and_cleans_up(drive: Drive, engine: FakeEngine) -> None:
    uid = await drive.uid()
    task = await begun(drive, engine)
    await drive.project.store.delete(drive.key)
    await drive.project.clock.advance(ABORT_POLL)
    assert (await task).again_after == 0
    assert engine.cancelled
    assert await drive.turn() == Outcome()
    assert engine.discarded == [uid]
    await drive.turn()
    assert engine.discarded == [uid]


async def test_deleting_a_promotion_between_two_steps_cleans_up(drive: Drive, engine: FakeEngine) -> None:
    uid = await drive.uid()
    engine.answers = [{"phase": "Running", "again_after": 30.0}]
    await drive.turn()
    await drive.choose()
    await drive.turn()
    await drive.project.store.delete(drive.key)
    assert await drive.turn() == Outcome()
    assert engine.discarded == [uid]


async def test_what_another_replica_ended_is_cleaned_up_by_who_began_it(drive: Drive, engine: FakeEngine) -> None:
    uid = await drive.uid()
    task = await begun(drive, engine)
    task.cancel()  # the lead is lost
    await asyncio.gather(task, return_exceptions=True)
    await drive.project.store.patch(drive.key, {"status": {"phase": "Succeeded"}}, status=True)
    for _ in range(2):
        assert await drive.turn() == Outcome()
        assert engine.discarded == [uid]


async def test_deleting_a_promotion_that_ended_leaves_nothing_to_clean_up(drive: Drive, engine: FakeEngine) -> None:
    engine.answers = [{"phase": "Succeeded"}]
    await drive.turn()
    await drive.choose()
    await drive.turn()
    await drive.project.store.delete(drive.key)
    assert await drive.turn() == Outcome()
    assert engine.discarded == [], "the engine did that itself when the promotion ended"


async def test_a_promotion_that_somebody_else_keeps_from_going_is_cleaned_up_too(
    drive: Drive, engine: FakeEngine
) -> None:
    await drive.project.store.patch(drive.key, {"metadata": {"finalizers": ["example.org/mine"]}})
    await drive.turn()
    await drive.choose()
    await drive.project.store.delete(drive.key)
    assert await drive.turn() == Outcome()
    assert engine.discarded == [await drive.uid()]
    assert engine.facts == []


async def test_a_turn_that_is_cancelled_cancels_its_step(drive: Drive, engine: FakeEngine) -> None:
    task = await begun(drive, engine)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert engine.cancelled


async def test_a_refresh_is_answered_when_its_step_was_looked_at(drive: Drive, engine: FakeEngine) -> None:
    engine.answers = [{"phase": "Running", "again_after": 30.0}] * 2
    await drive.turn()
    await drive.choose()
    await drive.turn()
    assert "lastHandledRefresh" not in await drive.status()
    await drive.annotate(REFRESH, "token")
    await drive.turn()
    assert (await drive.status())["lastHandledRefresh"] == "token"


async def test_waiting_for_the_same_writes_nothing(drive: Drive, engine: FakeEngine) -> None:
    engine.answers = [{"phase": "Running", "message": "not yet", "again_after": 30.0}] * 2
    await drive.turn()
    await drive.choose()
    await drive.turn()
    before = await drive.project.get("Promotion", drive.name)
    outcome = await drive.turn()
    assert (outcome.changes, outcome.again_after) == ((), 30)
    assert await drive.project.get("Promotion", drive.name) == before


async def read(project: Project, name: str) -> tuple[Document, PromotionStatus]:
    document = await project.store.get(Key("Promotion", "p", name))
    return document, document.parse(Promotion).status


async def test_the_journal_writes_on_top_of_changes_of_others(drive: Drive) -> None:
    document, status = await read(drive.project, drive.name)
    journal = StatusJournal(drive.project.store, document)
    await drive.annotate(REFRESH, "token")
    await journal.save(status.model_copy(update={"phase": "Running"}))
    await drive.annotate(REFRESH, "other")
    await journal.save(status.model_copy(update={"phase": "Running", "message": "m"}))
    after, status = await read(drive.project, drive.name)
    assert (status.phase, status.message) == ("Running", "m")
    assert after.meta["annotations"][REFRESH] == "other"


async def test_the_journal_never_overwrites_another_journal(drive: Drive) -> None:
    document, status = await read(drive.project, drive.name)
    one, two = (StatusJournal(drive.project.store, document) for _ in range(2))
    await one.save(status.model_copy(update={"phase": "Running"}))
    with pytest.raises(Conflict):
        await two.save(status.model_copy(update={"phase": "Aborted"}))
    assert (await drive.status()) == {"phase": "Running"}


async def test_the_journal_keeps_nulls_and_drops_what_is_done(drive: Drive) -> None:
    document, status = await read(drive.project, drive.name)
    journal = StatusJournal(drive.project.store, document)
    state = {"look": {"found": None, "all": [None, {"x": None}]}}
    notes = {"pins": {"look": {"found": None}}}
    await journal.save(status.model_copy(update={"state": state, "journal": notes}))
    assert await drive.status() == {"state": state, "journal": notes}
    await journal.save(status.model_copy(update={"state": {"look": {}}, "journal": None}))
    assert await drive.status() == {"state": {"look": {}}}


async def test_fields_that_only_a_newer_version_knows_survive_the_journal(drive: Drive) -> None:
    await drive.project.set_status("Promotion", drive.name, newer=1)
    document, status = await read(drive.project, drive.name)
    await StatusJournal(drive.project.store, document).save(status.model_copy(update={"phase": "Running"}))
    assert await drive.status() == {"newer": 1, "phase": "Running"}


async def test_the_journal_writes_nothing_when_nothing_changed(drive: Drive) -> None:
    document, status = await read(drive.project, drive.name)
    await StatusJournal(drive.project.store, document).save(status)
    assert (await read(drive.project, drive.name))[0].version == document.version


async def test_a_stage_wakes_the_promotion_that_it_chose(promotions: PromotionReconciler) -> None:
    def of(**status: Any) -> Document:
        return Document.of(resource("Stage", "dev", status=status))

    assert await promotions.of_stage(of(currentPromotion={"name": "dev.1"})) == [Key("Promotion", "p", "dev.1")]
    assert await promotions.of_stage(of()) == []
    same = {"currentPromotion": {"name": "dev.1"}}
    assert chosen(of(**same, freightSummary="a")) == chosen(of(**same, freightSummary="b"))
    assert chosen(of(**same)) != chosen(of())


async def test_a_promotion_that_is_gone_is_nothing_to_do(promotions: PromotionReconciler, engine: FakeEngine) -> None:
    assert await promotions.reconcile(Key("Promotion", "p", "nobody")) == Outcome()
    assert engine.discarded == []
    await settle()


APPS = [{"name": "web", "namespace": "argocd"}, {"name": "api", "namespace": "argocd"}]


async def test_the_stage_says_which_applications_it_is_about(project: Project, engine: FakeEngine) -> None:
    reconciler = PromotionReconciler(project.store, engine, project.clock)
    steps = [{"uses": "argocd-update", "config": {"apps": []}}, {"uses": "fail", "as": "other"}]
    await project.store.create(warehouse())
    await project.store.create(stage(steps=steps))
    drive = Drive(project, reconciler, await project.promote(await project.freight("1")))
    check = HealthCheckStep(uses="argocd-update", config={"apps": [APPS[1], {"name": "old", "namespace": "argocd"}]})
    state = {"step-1": {"apps": APPS}, "other": {"apps": [{"name": "no application"}]}}
    engine.answers = [{"phase": "Succeeded", "state": state, "health_checks": (check,)}]
    await drive.turn()
    await drive.choose()
    await drive.turn()
    note = (await project.get("Stage", "dev"))["metadata"]["annotations"]["kargo.akuity.io/argocd-context"]
    assert [app["name"] for app in orjson.loads(note)] == ["web", "api", "old"]
    (told,) = [
        item.data["metadata"]["annotations"]
        for item in (await project.store.list(Query("Event", "p"))).documents
        if item.data["reason"] == "PromotionSucceeded"
    ]
    assert [app["Name"] for app in orjson.loads(told["event.kargo.akuity.io/applications"])] == ["api", "old", "web"]


async def test_a_promotion_that_waits_is_looked_at_when_what_it_waits_for_changes(
    project: Project, engine: FakeEngine
) -> None:
    signals, woken = Signals(), list[Key]()
    signals.attach("Promotion", woken.append)
    await project.store.create(warehouse())
    await project.store.create(stage())
    reconciler = PromotionReconciler(project.store, engine, project.clock, signals)
    drive = Drive(project, reconciler, await project.promote(await project.freight("1")))
    await drive.turn()
    await drive.choose()
    engine.answers = [{"phase": "Running", "again_after": 300.0, "wakes": ("argocd/argocd/web",)}]
    await drive.turn()
    signals.tell("argocd/argocd/api")
    assert woken == []
    signals.tell("argocd/argocd/web")
    assert woken == [drive.key]
    engine.answers = [{"phase": "Succeeded"}]
    await drive.turn()
    signals.tell("argocd/argocd/web")
    assert woken == [drive.key], "one that has ended is left alone"
