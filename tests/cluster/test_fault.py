"""A pipeline on an API server in trouble: nothing is lost, nothing is done twice, and nobody runs in circles."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.cli.gate_case import Gate, gate
from tests.cluster.content_case import empty, install
from tests.rules.pipeline_case import Raw
from tests.story.test_pipeline_patterns import after, bump, clone, direct, images, push
from tests.story.world import World, world

from argosy.resources.meta import Key
from argosy.testing.cluster import Cluster, running_cluster
from argosy.testing.git_repository import GitRepository
from argosy.testing.unruly_api import Trouble, UnrulyApi

__all__ = ["gate"]

pytestmark = pytest.mark.xdist_group("fault-cluster")
STAGES = ("dev", "prod")
PROJECT_CONFIG = {
    "apiVersion": "kargo.akuity.io/v1alpha1",
    "kind": "ProjectConfig",
    "metadata": {"name": "p", "namespace": "p"},
    "spec": {"promotionPolicies": [{"stage": name, "autoPromotionEnabled": True} for name in STAGES]},
}


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Not shared: it is killed and starved."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        asyncio.run(install(cluster))
        yield cluster


@pytest.fixture
async def api(own_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[UnrulyApi]:
    own_cluster.start()
    await empty(own_cluster)
    async with UnrulyApi(own_cluster, tmp_path / "api", seed=7).serve() as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig()))
        yield running


@pytest.fixture
async def around(tmp_path: Path, api: UnrulyApi) -> AsyncIterator[World]:
    async with world(tmp_path, store="kubernetes://") as made:
        yield made


async def pipeline(around: World) -> GitRepository:
    """Two stages that promote by themselves, one after the other."""
    repository = around.git.create("config")
    repository.commit({f"{name}.yaml": "web: none\n" for name in STAGES})
    url = around.git.url_of("config")
    steps: tuple[Raw, ...] = (clone(url), bump("web", around.image("web")), *push("${{ ctx.promotion }}"))
    await around.push("web", "1.0.0")
    await around.create(PROJECT_CONFIG, images(around, "web"), direct("dev", *steps), after("prod", "dev", steps=steps))
    return repository


async def arrives(repository: GitRepository, tag: str, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while any(tag not in repository.read(f"{name}.yaml") for name in STAGES):  # noqa: ASYNC110 - a repository has no events
            await asyncio.sleep(0.1)


async def check(around: World, repository: GitRepository) -> None:
    """Every Promotion that succeeded made one commit, and no Freight came to a Stage twice."""
    promotions = await settled(around)
    assert {each["status"]["phase"] for each in promotions} == {"Succeeded"}
    commits = Counter(repository.log()[:-1])
    assert commits == Counter(each["metadata"]["name"] for each in promotions)
    moves = Counter((each["spec"]["stage"], each["spec"]["freight"]) for each in promotions)
    assert set(moves.values()) == {1}
    assert len(await around.pipeline.list("Freight")) == len({each["spec"]["freight"] for each in promotions})


async def settled(around: World) -> list[Raw]:
    async with asyncio.timeout(60):
        while True:
            found = [dict(each) for each in await around.pipeline.list("Promotion")]
            if found and all(
                each.get("status", {}).get("phase") in ("Succeeded", "Failed", "Errored") for each in found
            ):
                return found
            await asyncio.sleep(0.1)


async def versions(around: World, repository: GitRepository, *tags: str) -> None:
    for tag in tags:
        await around.push("web", tag)
        await arrives(repository, tag)


async def test_watches_cut_writes_contended_and_requests_put_off(around: World, api: UnrulyApi) -> None:
    repository = await pipeline(around)
    await arrives(repository, "1.0.0")
    api.begin(Trouble(cut=0.7, cut_within=2.0, contended=0.3, throttled=0.02, unavailable=0.02))
    await versions(around, repository, "1.1.0")
    api.trouble = Trouble()
    await check(around, repository)
    assert all(api.seen[each] for each in ("cut off", "contended", "throttled", "unavailable")), api.seen


async def test_the_server_and_etcd_are_killed(around: World, api: UnrulyApi) -> None:
    repository = await pipeline(around)
    await arrives(repository, "1.0.0")
    await around.push("web", "1.1.0")
    await asyncio.to_thread(api.cluster.stop, "kube-apiserver", kill=True)
    await asyncio.to_thread(api.cluster.start_api)
    await arrives(repository, "1.1.0")
    await around.push("web", "1.2.0")
    await asyncio.to_thread(api.cluster.stop, "etcd", kill=True)
    await asyncio.sleep(3)  # as long as it takes for requests to run into it
    await asyncio.to_thread(api.cluster.start_etcd)
    await arrives(repository, "1.2.0")
    await check(around, repository)


async def test_a_password_that_changes_in_the_middle_of_a_promotion(around: World, api: UnrulyApi, gate: Gate) -> None:
    repository = around.git.create("config")
    repository.commit({"dev.yaml": "web: none\n"})
    url = around.git.url_of("config")
    waits: Raw = {"uses": "http", "config": {"url": gate.url, "timeout": "60s"}}
    steps = (clone(url), bump("web", around.image("web")), waits, *push("${{ ctx.promotion }}"))
    around.git.users = {"robot": "first-password"}
    login = {"repoURL": url, "username": "robot", "password": "first-password"}
    meta = {"name": "git", "namespace": "p", "labels": {"kargo.akuity.io/cred-type": "git"}}
    await around.push("web", "1.0.0")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": login}
    await around.create(secret, PROJECT_CONFIG, images(around, "web"), direct("dev", *steps))
    assert await asyncio.to_thread(gate.asked.acquire, timeout=30), "it has cloned by the first password"
    around.git.users = {"robot": "second-password"}
    rotated = {"stringData": {"password": "second-password"}}
    await around.pipeline.system.store.patch(Key("Secret", "p", "git"), rotated)
    gate.open.set()
    (promotion,) = await settled(around)
    assert promotion["status"]["phase"] == "Succeeded", promotion["status"]
    assert "1.0.0" in repository.read("dev.yaml")
    assert not any(word in str(promotion) for word in ("first-password", "second-password"))


async def test_nothing_is_asked_again_and_again_when_nothing_happens(around: World, api: UnrulyApi) -> None:
    repository = await pipeline(around)
    await versions(around, repository, "1.1.0")
    await check(around, repository)
    for _ in range(10):  # the looks after the last version still note that there is nothing new
        if not writes(await asked(api, 2.0)):
            break
    seen = await asked(api, 3.0)
    assert writes(seen) == 0, seen
    assert seen["WATCH"] <= 3, seen


async def asked(api: UnrulyApi, seconds: float) -> Counter[str]:
    before = Counter(api.seen)
    await asyncio.sleep(seconds)
    return api.seen - before


def writes(seen: Counter[str]) -> int:
    return sum(seen[method] for method in ("PUT", "PATCH", "POST", "DELETE"))
