"""Argo CD as the operator names it, and the news of its Applications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from argosy.app.argocd import follow, open_argocd
from argosy.clients.argocd import KubernetesApplications
from argosy.clients.argocd_http import HttpApplications
from argosy.clients.argocd_patience import PatientApplications
from argosy.clients.selection import Change
from argosy.clock import SystemClock
from argosy.errors import Invalid, NotFound, Temporary
from argosy.resources.meta import Key
from argosy.runtime.signal import Signals
from argosy.testing.argocd import application
from argosy.testing.argocd_shelf import MemoryApplications, MemoryShelf
from argosy.testing.clock import FakeClock, settle
from argosy.testing.pipeline import settings_in

WEB, ANY = Key("Promotion", "p", "web"), Key("Promotion", "p", "any")


class Flaky(MemoryApplications):
    """Its watch is lost when told so, and then refused a few times."""

    def __init__(self, shelf: MemoryShelf) -> None:
        super().__init__(shelf)
        self.lost = asyncio.Event()
        self.refusals = 0

    async def watch(self) -> AsyncGenerator[Change]:
        if self.refusals:
            self.refusals -= 1
            raise Temporary("not now")
        changes: asyncio.Queue[Change | None] = asyncio.Queue()

        async def pump() -> None:
            async for change in self.shelf.watch():
                changes.put_nowait(change)

        async def end() -> None:
            await self.lost.wait()
            changes.put_nowait(None)

        tasks = [asyncio.create_task(pump()), asyncio.create_task(end())]
        try:
            while (change := await changes.get()) is not None:
                yield change
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class Scene:
    def __init__(self) -> None:
        self.shelf, self.clock, self.signals, self.woken = MemoryShelf(), FakeClock(), Signals(), list[Key]()
        self.applications = Flaky(self.shelf)
        self.signals.attach("Promotion", self.woken.append)
        self.shelf.put(application("web", {"repoURL": "r"}))

    def listen(self) -> None:
        self.signals.listen(WEB, ["argocd/argocd/web"], self.signals.mark)
        self.signals.listen(ANY, ["argocd/argocd/*"], self.signals.mark)
        self.woken.clear()

    async def after(self, patch: dict[str, Any]) -> list[Key]:
        """Who is looked at when the Application `web` is changed."""
        self.woken.clear()
        await self.shelf.patch("argocd", "web", patch)
        await settle()
        return list(self.woken)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    following = asyncio.create_task(follow(made.applications, made.signals, made.clock))
    await settle()
    made.listen()
    yield made
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_what_matters_of_an_application_wakes_those_who_wait_for_it(scene: Scene) -> None:
    assert await scene.after({"status": {"health": {"status": "Healthy"}}}) == [ANY, WEB]
    assert await scene.after({"status": {"resources": [{"kind": "Pod"}], "summary": {"images": ["a"]}}}) == []
    assert await scene.after({"status": {"reconciledAt": "2026-01-01T00:00:00Z"}}) == []
    assert await scene.after({"status": {"operationState": {"phase": "Running"}}}) == [ANY, WEB]
    assert await scene.after({"metadata": {"labels": {"a": "b"}}}) == [ANY, WEB]


async def test_applications_that_come_and_go_wake_those_who_choose_by_label(scene: Scene) -> None:
    scene.shelf.put(application("api", {"repoURL": "r"}))
    await settle()
    assert scene.woken == [ANY]
    scene.shelf.remove("argocd", "web")
    await settle()
    assert scene.woken == [ANY, ANY, WEB]


async def test_what_changed_while_the_watch_was_lost_is_told_when_it_is_back(scene: Scene) -> None:
    scene.applications.refusals = 2
    scene.applications.lost.set()
    await settle()
    scene.applications.lost.clear()
    assert await scene.after({"status": {"health": {"status": "Healthy"}}}) == []
    await scene.clock.advance(10)
    assert scene.woken == [ANY, WEB]
    assert await scene.after({"status": {"health": {"status": "Degraded"}}}) == [ANY, WEB]


async def test_what_makes_no_sense_does_not_end_the_watch(scene: Scene) -> None:
    assert await scene.after({"status": {"conditions": ["nonsense"]}}) == [ANY, WEB]
    scene.shelf.put(application("api", {"repoURL": "r"}))
    assert await scene.after({"status": {"health": {"status": "Healthy"}}}) == [ANY, ANY, WEB]


async def test_settings_name_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    assert open_argocd(settings_in(tmp_path), clock) is None
    server = open_argocd(
        settings_in(tmp_path, argocd="https://a.example.com", argocd_token_file="t", argocd_namespace="cd"), clock
    )
    assert isinstance(server, PatientApplications)
    assert isinstance(server.inner, HttpApplications)
    assert server.namespace == "cd"
    await server.close()
    config = tmp_path / "kubeconfig"
    config.write_text(
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "users: [{name: u, user: {token: t}}]\ncontexts: [{name: near, context: {cluster: c, user: u}}]\n"
    )
    monkeypatch.setenv("KUBECONFIG", str(config))
    cluster = open_argocd(settings_in(tmp_path, argocd="kubernetes://near"), clock)
    assert isinstance(cluster, PatientApplications)
    assert isinstance(cluster.inner, KubernetesApplications)
    await cluster.close()
    with pytest.raises(NotFound):
        open_argocd(settings_in(tmp_path, argocd="kubernetes://far"), clock)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"argocd": "argocd.example.com"}, "names no Argo CD"),
        ({"argocd": "https://argocd.example.com"}, "needs a token"),
        (
            {"argocd": "https://a.example.com", "argocd_token_file": "t", "argocd_ca_file": "/nowhere/ca"},
            "--argocd-ca-file cannot be read",
        ),
    ],
)
def test_settings_that_lead_nowhere_are_told_at_the_start(tmp_path: Path, settings: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        open_argocd(settings_in(tmp_path, **settings), SystemClock())
