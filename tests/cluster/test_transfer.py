"""A laptop's store moves to a cluster, and back: nothing that people or controllers said is lost on the way."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.content_case import empty, install, open_on, without
from tests.store.test_transfer import STATUS, content, exported, fill, opened

from argosy.clock import SystemClock
from argosy.errors import Unavailable
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.base import Query
from argosy.store.transfer import restore
from argosy.testing.cluster import Cluster, running_cluster

pytestmark = pytest.mark.xdist_group("transfer-cluster")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        asyncio.run(install(cluster))
        yield cluster


ANALYSIS = {
    "kind": "AnalysisTemplate",
    "metadata": {"name": "smoke", "namespace": "shop"},
    "spec": {"metrics": [{"name": "up", "provider": {"job": {}}}]},
}


EVENT = Key("Event", "shop", "e")
"""No namespace controller takes it away here."""


async def test_a_cluster_needs_no_kinds_of_argo_rollouts(tmp_path: Path, target: Cluster) -> None:
    await empty(target)
    laptop, cluster = opened(tmp_path / "laptop"), open_on(target, SystemClock())
    await fill(laptop)
    async with without(target, KINDS["AnalysisTemplate"]):
        await restore(cluster, io.BytesIO(await exported(laptop)), KINDS)
        assert b'"name":"shop"' in await exported(cluster)
        await laptop.create(ANALYSIS)
        with pytest.raises(Unavailable, match=r"knows no analysistemplates\.argoproj\.io.*crds apply --analysis"):
            await restore(cluster, io.BytesIO(await exported(laptop)), KINDS)
    async with without(target, KINDS["PromotionTask"]):
        with pytest.raises(Unavailable, match=r"knows no promotiontasks\.kargo\.akuity\.io"):
            await exported(cluster)
    await cluster.delete(EVENT)
    for store in (laptop, cluster):
        await store.close()


async def test_there_and_back(tmp_path: Path, target: Cluster) -> None:
    await empty(target)
    laptop, cluster, other = opened(tmp_path / "laptop"), open_on(target, SystemClock()), opened(tmp_path / "other")
    await fill(laptop)
    before = await content(laptop)
    assert (await restore(cluster, io.BytesIO(await exported(laptop)), KINDS)).lost == []
    stage = await cluster.get(Key("Stage", "shop", "dev"))
    promotions = (await cluster.list(Query("Promotion", "shop"))).documents
    assert {each.meta["ownerReferences"][0]["uid"] for each in promotions} == {stage.uid}
    assert {each.data["status"]["phase"] for each in promotions} == {"Succeeded"}
    back = await restore(other, io.BytesIO(await exported(cluster)), KINDS)
    after = await content(other)
    assert after[stage.key]["status"]["freightHistory"] == STATUS["freightHistory"]
    assert after.keys() == {key for key in before if "kube-system" not in (key.namespace, key.name)}
    assert back.lost == []
    await cluster.delete(EVENT)
    for store in (laptop, cluster, other):
        await store.close()


async def test_what_is_exported_while_others_write_can_be_imported(tmp_path: Path, target: Cluster) -> None:
    """Each kind is of one moment, and nothing that nobody touched is missing."""
    await empty(target)
    laptop, cluster = opened(tmp_path / "laptop"), open_on(target, SystemClock())
    await fill(laptop)
    await restore(cluster, io.BytesIO(await exported(laptop)), KINDS)
    stage = (await cluster.get(Key("Stage", "shop", "dev"))).data
    writes = 0

    async def write() -> None:
        nonlocal writes
        while True:
            key = Key("Stage", "shop", f"passing-{writes}")
            await cluster.create({**stage, "metadata": {"name": key.name, "namespace": key.namespace}})
            await cluster.patch(key, {"metadata": {"annotations": {"n": str(writes)}}})
            await cluster.delete(key)
            writes += 1

    writing = asyncio.create_task(write())
    untouched = {key for key in await content(laptop) if "kube-system" not in (key.namespace, key.name)}
    for number in range(2):
        before = writes
        taken = await exported(cluster)
        assert writes > before, "others wrote meanwhile"
        other = opened(tmp_path / f"other-{number}")
        assert (await restore(other, io.BytesIO(taken), KINDS)).lost == []
        assert untouched <= (await content(other)).keys()
        await other.close()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await cluster.delete(EVENT)
    for store in (laptop, cluster):
        await store.close()
