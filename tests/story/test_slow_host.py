"""Servers that never answer hold up nobody else's Freight."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from argosy.clients.oci import Target
from argosy.rules.image_url import parse
from argosy.testing.git_server import GitServer
from argosy.testing.helm import ChartRepository
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.pipeline import Pipeline, running, settings_in
from argosy.testing.registry import Fault, Registry
from argosy.testing.web_server import Answer, WebServer

WAREHOUSE = """
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: NAME, namespace: demo}
spec: {interval: 1m, subscriptions: [SUBSCRIPTION]}
"""
PROJECT = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
"""
SLOW = 12
"""Of each kind: more than either a host or all workers together take at once."""


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with running(settings_in(tmp_path, warehouse_workers=4), "demo") as pipeline:
        yield pipeline


async def test_a_warehouse_makes_freight_while_others_wait_for_servers_that_hang(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        slow_git = await stack.enter_async_context(GitServer(tmp_path / "slow", hang=True).serve())
        slow_images = await stack.enter_async_context(Registry(faults=[Fault(hang=True, times=10**6)]).serve())
        slow_charts = await stack.enter_async_context(WebServer({"/index.yaml": [Answer(hang=True)]}).serve())
        waiting = [
            _warehouse(f"{kind}-{number}", subscription)
            for number in range(SLOW)
            for kind, subscription in (
                ("git", f"{{git: {{repoURL: {slow_git.url}/{number}.git}}}}"),
                ("image", f"{{image: {{repoURL: {slow_images.host}/app-{number}}}}}"),
                ("chart", f"{{chart: {{repoURL: {slow_charts.url}, name: app-{number}}}}}"),
            )
        ]
        await pipeline.apply(PROJECT + "".join(waiting))
        for name, subscription in (await _fast(stack, tmp_path)).items():
            await pipeline.apply(_warehouse(name, subscription))
            await pipeline.until("Warehouse", name, lambda item: (item.get("status") or {}).get("lastFreightID"))
        looked = [item["metadata"]["name"] for item in await pipeline.list("Warehouse") if item.get("status")]
        assert sorted(looked) == ["fast-chart", "fast-git", "fast-image"]
        assert slow_git.requests
        assert slow_images.requests
        assert slow_charts.asked


async def test_addresses_that_are_not_found_hold_up_no_other_connection(pipeline: Pipeline) -> None:
    answered = threading.Event()
    # As the search for an address does while the server of names is silent: a thread for each of two hosts' turns.
    silent = [asyncio.create_task(asyncio.to_thread(answered.wait)) for _ in range(32)]
    try:
        async with Registry().serve() as registry:
            host = registry.host.replace("127.0.0.1", "localhost")
            async with connected() as oci:
                await push_image(oci, Target(parse(f"{registry.host}/app")), "1.0.0", NewImage())
            await pipeline.apply(PROJECT + _warehouse("app", f"{{image: {{repoURL: {host}/app}}}}"))
            await pipeline.until("Warehouse", "app", lambda item: (item.get("status") or {}).get("lastFreightID"))
    finally:
        answered.set()
        await asyncio.gather(*silent)


async def _fast(stack: AsyncExitStack, folder: Path) -> dict[str, str]:
    """Servers that answer at once, each with something to find."""
    git = await stack.enter_async_context(GitServer(folder / "fast").serve())
    git.create("app").commit({"a": "1"})
    registry = await stack.enter_async_context(Registry().serve())
    async with connected() as oci:
        await push_image(oci, Target(parse(f"{registry.host}/app")), "1.0.0", NewImage())
    charts = await stack.enter_async_context(ChartRepository().serve())
    charts.add("app", "1.0.0")
    return {
        "fast-git": f"{{git: {{repoURL: {git.url_of('app')}}}}}",
        "fast-image": f"{{image: {{repoURL: {registry.host}/app}}}}",
        "fast-chart": f"{{chart: {{repoURL: {charts.url}, name: app}}}}",
    }


def _warehouse(name: str, subscription: str) -> str:
    return WAREHOUSE.replace("NAME", name).replace("SUBSCRIPTION", subscription)
