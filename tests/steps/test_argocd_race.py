"""Stages that update one Application at the same time, with an Argo CD of changing moods."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.steps.test_argocd import REPO, World

from argosy.steps import argocd_update
from argosy.steps.base import Done
from argosy.testing.argocd import Manners, application
from argosy.testing.context import FakeContext

STAGES = ("dev", "test", "prod")
MOST_SYNCS = 9
"""One each would do; another is needed where somebody's request hid that one's own had been carried out."""


def mood(chance: random.Random) -> Manners:
    return Manners(
        begin=chance.choice([0, 0, 1, 2]),
        sync=chance.choice([0, 0, 1]),
        refresh=chance.choice([0, 1]),
        heals=chance.random() < 0.2,
        lag=int(chance.random() < 0.1),
        looks_after=chance.random() < 0.7,
    )


Waiting = dict[str, tuple[FakeContext, dict[str, object]]]
"""Context and configuration of each step that is not done."""


async def _round(world: World, chance: random.Random, waiting: Waiting) -> None:
    """Some of the steps look once."""
    world.argocd.manners = mood(chance)
    for stage, (ctx, config) in list(waiting.items()):
        if chance.random() < 0.6 and isinstance(await ctx.run(argocd_update.STEP, config), Done):
            await waiting.pop(stage)[0].close()
        await world.clock.advance(chance.choice([0, 0, 0, 1]))
    await world.clock.advance(1)


@pytest.mark.parametrize("seed", range(20))
async def test_each_of_several_stages_brings_its_change_and_nobody_runs_in_circles(tmp_path: Path, seed: int) -> None:
    chance, world = random.Random(seed), World(tmp_path)
    may = {"kargo.akuity.io/authorized-stage": ",".join(f"demo:{stage}" for stage in STAGES)}
    world.shelf.put(application("web", {"repoURL": REPO}, annotations=may))
    waiting: Waiting = {}
    for stage in STAGES:
        ctx = FakeContext(tmp_path / stage, stage=stage, promotion=f"{stage}.01", argocd=world.applications)
        wanted = {"desiredRevision": "new"} if chance.random() < 0.5 else {}
        source = {"repoURL": REPO, "helm": {"images": [{"key": stage, "value": "2"}]}, **wanted}
        waiting[stage] = ctx, {"apps": [{"name": "web", "sources": [source]}]}
    async with world.argocd.running():
        await world.clock.advance(1)
        for _ in range(200):
            await _round(world, chance, waiting)
    await world.ctx.close()
    assert not waiting
    parameters = world.app().sources[0]["helm"]["parameters"]
    assert sorted(each["name"] for each in parameters) == sorted(STAGES)
    assert len(world.applications.syncs) <= MOST_SYNCS
