"""From an Application turning Healthy to the Promotion of the next Stage, on both ways to Argo CD."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

from tests.cluster.content_case import install
from tests.cluster.test_argocd import connected
from tests.story.argocd_case import Around, revision_in
from tests.story.world import world

from argosy.clock import SystemClock
from argosy.testing.argocd import ArgoCd
from argosy.testing.argocd_cluster import ClusterShelf
from argosy.testing.argocd_server import TOKEN, ArgoCdServer
from argosy.testing.argocd_shelf import MemoryShelf
from argosy.testing.cluster import running_cluster
from bench.table import Row, spell

AIM = "under 1 s"


async def measure(*, quick: bool = False) -> list[Row]:
    """On the embedded server beside Argo CD's API, and with everything in one cluster."""
    rounds = 3 if quick else 20
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as text:
        folder = Path(text)
        (folder / "embedded").mkdir()
        (folder / "clustered").mkdir()
        return [
            _row("SQLite, Argo CD by its API", await _by_api(folder / "embedded", rounds)),
            _row("cluster, Argo CD in it", await _in_cluster(folder / "clustered", rounds)),
        ]


def _row(where: str, taken: list[float]) -> Row:
    figure = f"Application Healthy to the next Stage's Promotion, {where}: median of {len(taken)}"
    return Row(figure, f"{spell(median(taken))}, slowest {spell(max(taken))}", aim=AIM)


async def _by_api(folder: Path, rounds: int) -> list[float]:
    (folder / "argocd-token").write_text(TOKEN)
    server = ArgoCdServer(MemoryShelf(), lambda source: "")
    async with server.serve() as elsewhere:
        token = str(folder / "argocd-token")
        async with world(folder, argocd=elsewhere.url, argocd_token_file=token) as made:
            repository = made.git.create("kargo-demo")
            server.revision = partial(revision_in, repository)
            async with ArgoCd(server.shelf, SystemClock(), server.revision).running() as argocd:
                return await _rounds(Around(made, argocd, repository), rounds)


async def _in_cluster(folder: Path, rounds: int) -> list[float]:
    with running_cluster(folder / "cluster") as cluster:
        os.environ["KUBECONFIG"] = str(cluster.kubeconfig())
        await install(cluster)
        shelf = ClusterShelf(connected(cluster))
        await shelf.define()
        try:
            return await _with(shelf, folder, rounds)
        finally:
            await shelf.connection.close()


async def _with(shelf: ClusterShelf, folder: Path, rounds: int) -> list[float]:
    async with world(folder, argocd="kubernetes://test", store="kubernetes://test") as made:
        repository = made.git.create("kargo-demo")
        argocd = ArgoCd(shelf, SystemClock(), partial(revision_in, repository), {"argocd"})
        async with argocd.running():
            return await _rounds(Around(made, argocd, repository), rounds)


async def _rounds(around: Around, rounds: int) -> list[float]:
    around.argocd.manners.sync = 0.1
    await around.begin()
    return [await _round(around, number) for number in range(rounds)]


async def _round(around: Around, number: int) -> float:
    """Freight comes to the first Stage, whose Application is not well yet; then it is."""
    around.argocd.manners.health = "Progressing"
    if number:
        await around.world.push("nginx/nginx", f"1.29.{number}")
    freight = await around.world.freight("kargo-demo", f"1.29.{number}")
    await around.world.pipeline.until(
        "Stage",
        "test",
        lambda item: (
            item.get("status", {}).get("freightSummary") == freight
            and item["status"]["health"]["status"] == "Progressing"
        ),
    )
    began = time.perf_counter()
    await around.settle("test", "Healthy")
    while not any(each["spec"]["freight"] == freight for each in await around.promotions("uat")):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    taken = time.perf_counter() - began
    await around.world.arrived("prod", freight)
    return taken
