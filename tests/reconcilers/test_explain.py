"""What is explained is what is done: the same situations asked about, and then left to admission and to the Stages."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import KARGO, Raw, collection, promotion, reference, request, resource, stage, warehouse

from argosy.checks.base import Checks
from argosy.clock import rfc3339
from argosy.errors import ArgosyError
from argosy.reconcilers.stage import StageReconciler
from argosy.resources.freight import Freight
from argosy.resources.meta import Key
from argosy.resources.names import FINALIZER
from argosy.resources.stage import Stage
from argosy.rules.explain import explain_stage, whereabouts
from argosy.rules.explanation import Candidate
from argosy.store.base import Query
from argosy.store.situation import Situations

STAGES = ("qa", "test")
PHASES = ("", "Pending", "Running", "Succeeded", "Failed", "Errored", "Aborted")
HOLD, RESUME = "kargo.akuity.io/auto-promotion-hold", "kargo.akuity.io/auto-promotion-resume"


class Scenario:
    """A Stage `prod` and what surrounds it, made up by chance."""

    def __init__(self, project: Project, seed: int) -> None:
        self.project = project
        self.random = Random(seed)
        self.origins: dict[str, str] = {}

    def maybe(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def ago(self, most: int) -> str:
        return rfc3339(self.project.clock.now() - timedelta(seconds=self.random.randrange(1, most)))

    def sources(self) -> Raw:
        if self.maybe(0.2):
            return {"direct": True}
        upstream = self.random.sample(STAGES, self.random.choice((1, 1, 2)))
        found: Raw = {"stages": upstream}
        if self.maybe():
            found["requiredSoakTime"] = self.random.choice(("1m", "10m"))
        if self.maybe(0.3):
            found["availabilityStrategy"] = self.random.choice(("All", "OneOf"))
        if len(upstream) == 1 and self.maybe(0.3):
            found["autoPromotionOptions"] = {"selectionPolicy": "MatchUpstream"}
        return found

    def freight_status(self) -> Raw:
        verified = {}
        for name in STAGES:
            if self.maybe(0.6):
                soaked = {"longestSoak": self.random.choice(("30s", "20m0s"))} if self.maybe(0.4) else {}
                verified[name] = {"verifiedAt": self.ago(2000), **soaked}
        found: Raw = {
            "verifiedIn": verified,
            "currentlyIn": {name: {"since": self.ago(1200)} for name in STAGES if self.maybe(0.4)},
            "approvedFor": {"prod": {"approvedAt": self.ago(100)}} if self.maybe(0.15) else {},
        }
        return {key: value for key, value in found.items() if value}

    async def make(self) -> list[str]:
        """Write everything; returns the names of the Freight."""
        store = self.project.store
        await store.create(warehouse())
        for name in STAGES:
            if self.maybe(0.8):
                await store.create(stage(name))
        requests = [request(**self.sources())]
        if self.maybe(0.3):
            await store.create(warehouse("v"))
            requests.insert(self.random.randrange(2), request("v", **self.sources()))
        steps: tuple[Raw, ...] = ({"task": {"name": "missing"}},) if self.maybe(0.08) else ({"uses": "fail"},)
        await store.create(stage("prod", *requests, steps=() if self.maybe(0.05) else steps, finalizers=[FINALIZER]))
        if self.maybe(0.9):
            policy = {"stageSelector": {"name": "prod"}, "autoPromotionEnabled": self.maybe(0.9)}
            await store.create(resource("ProjectConfig", "p", spec={"promotionPolicies": [policy]}))
        names = []
        for number in range(self.random.randrange(1, 5)):
            origin = self.random.choice(requests)["origin"]["name"]
            names.append(await self.project.freight(f"v{number}", of=origin))
            self.origins[names[-1]] = origin
            await self.project.set_status("Freight", names[-1], **self.freight_status())
            await self.project.clock.advance(1)
        await self._history(names)
        return names

    async def _history(self, names: list[str]) -> None:
        """What is there now, and Promotions that were or wait."""
        status: dict[str, Any] = {}
        if self.maybe(0.6):
            used = self.random.choice(names)
            now = reference(used, self.origins[used])
            status["freightHistory"] = [collection(now, verified=self.random.choice(("", "Successful", "Running")))]
        if self.maybe(0.15):
            hold = {"freightName": names[0], "origin": {"kind": "Warehouse", "name": "w"}, "promotionName": "prod.0"}
            status["autoPromotionHolds"] = {"Warehouse/w": hold}
        kept = getattr(self.project.store, "_inner")  # noqa: B009 - Promotions as they were left, past admission
        made = []
        for number in range(self.random.choice((0, 0, 0, 1, 2))):
            mark = self.random.choice(({}, {}, {HOLD: "Warehouse/w"}, {RESUME: "Warehouse/w"}))
            raw = promotion(f"prod.{number + 1}", to="prod", of=self.random.choice(names), annotations=mark)
            await kept.create(raw)
            phase = self.random.choice(PHASES)
            if phase:
                origin = self.origins[raw["spec"]["freight"]]
                item = {f"Warehouse/{origin}": reference(raw["spec"]["freight"], origin)}
                told = {"phase": phase, "freightCollection": {"id": "c", "items": item}}
                await self.project.set_status("Promotion", raw["metadata"]["name"], **told)
            made.append(raw["metadata"]["name"])
        if made and self.maybe():
            status["lastPromotion"] = {"name": made[0]}
        await self.project.set_status("Stage", "prod", **status)


async def explained(project: Project, names: list[str]) -> dict[str, Candidate]:
    """What is said of each piece of Freight."""
    situations = Situations(project.store, project.store, project.clock)
    situation = await situations.of_stage(Key("Stage", "p", "prod"))
    return {name: explain_stage(situation, name).candidates[0] for name in names}


async def may_be_promoted(project: Project, name: str) -> bool:
    raw = {
        "apiVersion": KARGO,
        "kind": "Promotion",
        "metadata": {"namespace": "p", "generateName": "promo-"},
        "spec": {"stage": "prod", "freight": name},
    }
    try:
        await project.store.create(raw, dry_run=True)
    except ArgosyError:
        return False
    return True


async def promotions(project: Project) -> dict[str, str]:
    found = (await project.store.list(Query("Promotion", "p"))).documents
    return {item.key.name: item.data["spec"]["freight"] for item in found}


@pytest.mark.parametrize("seed", range(30))
async def test_what_is_explained_is_what_admission_and_auto_promotion_do(project: Project, seed: int) -> None:
    names = await Scenario(project, seed).make()
    told = await explained(project, names)
    for name, candidate in told.items():
        assert candidate.available == await may_be_promoted(project, name), candidate
        assert candidate.available == (not candidate.reasons)
        assert candidate.automatic == (candidate.available and not candidate.automatic_reasons)
        assert all(reason.message and "{" not in reason.message + reason.advice for reason in candidate.reasons)
    situations = Situations(project.store, project.store, project.clock)
    for name, candidate in told.items():
        freight = (await project.store.get(Key("Freight", "p", name))).parse(Freight)
        found, _ = await situations.of_freight(freight)
        where = whereabouts(found[0], freight)
        assert (where.available, where.reasons) == (candidate.available, candidate.reasons)
    before = await promotions(project)
    prod = (await project.store.get(Key("Stage", "p", "prod"))).parse(Stage)
    if prod.is_control_flow:
        return
    reconciler = StageReconciler(project.store, Checks({}), project.clock)
    await project.turn(reconciler.reconcile, Key("Stage", "p", "prod"))
    made = {freight for name, freight in (await promotions(project)).items() if name not in before}
    assert made == {name for name, candidate in told.items() if candidate.automatic}
