from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from argosy.api.log import PAUSE, pieces
from argosy.engine.log import Logs
from argosy.resources.meta import Document, Key
from argosy.testing.api_server import ApiServer
from argosy.testing.clock import FakeClock

KEY = Key("Promotion", "demo", "p")


class OnePromotion:
    """A store with one Promotion, whose phase tests change."""

    def __init__(self) -> None:
        self.phase = "Running"
        self.uid = "u1"

    async def get(self, key: Key) -> Document:
        assert key == KEY
        meta = {"name": "p", "namespace": "demo", "uid": self.uid}
        return Document.of({"kind": "Promotion", "metadata": meta, "status": {"phase": self.phase}})


async def read(store: Any, logs: Logs, clock: FakeClock, *, follow: bool) -> bytes:
    return b"".join([piece async for piece in pieces(store, KEY, "u1", logs, clock, follow=follow)])


async def test_a_log_is_read_as_far_as_it_is_written(tmp_path: Path) -> None:
    clock = FakeClock()
    logs = Logs(tmp_path, clock)
    logs.write("u1", "clone", "one")
    assert await read(OnePromotion(), logs, clock, follow=False) == b"2026-01-01T00:00:00Z clone: one\n"


@pytest.mark.parametrize("end", ["Succeeded", "Failed", "Errored", "Aborted", "another in its place"])
async def test_a_followed_log_ends_with_the_promotion_and_lacks_nothing(tmp_path: Path, end: str) -> None:
    clock, store = FakeClock(), OnePromotion()
    logs = Logs(tmp_path, clock)
    logs.write("u1", "a", "one")
    reading = asyncio.create_task(read(store, logs, clock, follow=True))
    for _ in range(20):
        await asyncio.sleep(0.01)
        await clock.advance(PAUSE)
    assert not reading.done()
    logs.write("u1", "a", "two")
    if end == "another in its place":
        store.uid = "u2"
    else:
        store.phase = end
    async with asyncio.timeout(5):
        while not reading.done():
            await asyncio.sleep(0.01)
            await clock.advance(PAUSE)
    assert [line[-3:] for line in reading.result().splitlines()] == [b"one", b"two"]


def test_the_log_of_a_promotion_is_served_and_followed(server: ApiServer, http: httpx2.Client) -> None:
    base = "/apis/kargo.akuity.io/v1alpha1"
    http.post(f"{base}/projects", json={"metadata": {"name": "demo"}}).raise_for_status()
    missing = http.get(f"{base}/namespaces/demo/promotions/p/log")
    assert (missing.status_code, missing.json()["reason"]) == (404, "NotFound")
    assert http.get(f"{base}/namespaces/demo/stages/p/log").status_code == 404
    spec: dict[str, Any] = {
        "requestedFreight": [{"origin": {"kind": "Warehouse", "name": "app"}, "sources": {"direct": True}}],
        "promotionTemplate": {"spec": {"steps": [{"uses": "fail"}]}},
    }
    http.post(f"{base}/namespaces/demo/stages", json={"metadata": {"name": "dev"}, "spec": spec}).raise_for_status()
    freight = {
        "metadata": {"name": "f"},
        "origin": {"kind": "Warehouse", "name": "app"},
        "commits": [{"repoURL": "https://git.example/r.git", "id": "0" * 40}],
    }
    warehouse = {"subscriptions": [{"git": {"repoURL": "https://git.example/r.git"}}]}
    http.post(
        f"{base}/namespaces/demo/warehouses", json={"metadata": {"name": "app"}, "spec": warehouse}
    ).raise_for_status()
    named = http.post(f"{base}/namespaces/demo/freights", json=freight).raise_for_status().json()["metadata"]["name"]
    promotion = {"metadata": {"name": "p"}, "spec": {"stage": "dev", "freight": named}}
    created = http.post(f"{base}/namespaces/demo/promotions", json=promotion).raise_for_status().json()
    url = f"{base}/namespaces/demo/promotions/{created['metadata']['name']}"
    server.logs.write(created["metadata"]["uid"], "fail", "first")
    plain = http.get(f"{url}/log")
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert plain.text.endswith("fail: first\n")
    began = time.monotonic()
    with http.stream("GET", f"{url}/log", params={"follow": "true"}, timeout=10) as answer:
        lines = answer.iter_lines()
        assert next(lines).endswith("first")
        server.logs.write(created["metadata"]["uid"], "fail", "second")
        assert next(lines).endswith("second")
        merge = {"Content-Type": "application/merge-patch+json"}
        ended = http.patch(f"{url}/status", content=json.dumps({"status": {"phase": "Failed"}}), headers=merge)
        ended.raise_for_status()
        assert list(lines) == []
    assert time.monotonic() - began < 9
