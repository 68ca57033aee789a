"""Argo CD is not driven in circles by those who need to know."""

from __future__ import annotations

import pytest

from argosy.clients.argocd_patience import PatientApplications
from argosy.errors import Temporary
from argosy.rules.argocd import Application
from argosy.testing.argocd import application
from argosy.testing.argocd_shelf import MemoryApplications, MemoryShelf
from argosy.testing.clock import FakeClock, settle


class Scene:
    def __init__(self) -> None:
        self.clock, shelf = FakeClock(), MemoryShelf()
        self.inner = MemoryApplications(shelf)
        self.applications = PatientApplications(self.inner, self.clock)
        self.web, self.api = (Application(shelf.put(application(name, {"repoURL": "r"}))) for name in ("web", "api"))

    async def asked_after(self, seconds: float) -> list[str]:
        """Which refreshes Argo CD was asked for in the meantime."""
        self.inner.refreshes.clear()
        await self.clock.advance(seconds)
        return [name for name, _ in self.inner.refreshes]


async def test_many_requests_within_a_second_are_one_now_and_one_when_it_is_over() -> None:
    scene = Scene()
    for _ in range(5):
        await scene.applications.refresh(scene.web, hard=True)
    await scene.applications.refresh(scene.api, hard=False)
    assert scene.inner.refreshes == [("web", True), ("api", False)]
    assert await scene.asked_after(0.9) == []
    assert await scene.asked_after(0.2) == ["web"]
    await scene.applications.refresh(scene.web, hard=True)
    assert await scene.asked_after(0.5) == []
    assert await scene.asked_after(0.5) == ["web"]
    assert await scene.asked_after(60) == []


async def test_a_normal_look_is_not_put_off_for_it_must_begin_after_what_is_known() -> None:
    scene = Scene()
    for hard in (True, True, False):
        await scene.applications.refresh(scene.web, hard=hard)
    assert scene.inner.refreshes == [("web", True), ("web", False)]
    assert await scene.asked_after(2) == ["web"]


async def test_a_request_after_a_while_is_made_at_once() -> None:
    scene = Scene()
    await scene.applications.refresh(scene.web, hard=True)
    await scene.clock.advance(1)
    scene.inner.refreshes.clear()
    await scene.applications.refresh(scene.web, hard=True)
    assert scene.inner.refreshes == [("web", True)]


async def test_trouble_with_one_that_is_made_later_is_logged_and_the_next_one_tries_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene()
    await scene.applications.refresh(scene.web, hard=True)
    await scene.applications.refresh(scene.web, hard=True)

    async def refused(app: Application, *, hard: bool) -> None:
        raise Temporary("not now")

    with monkeypatch.context() as patched:
        patched.setattr(scene.inner, "refresh", refused)
        await scene.clock.advance(1)
    assert "not now" in caplog.text
    await scene.clock.advance(1)
    scene.inner.refreshes.clear()
    await scene.applications.refresh(scene.web, hard=True)
    assert scene.inner.refreshes == [("web", True)]


async def test_the_end_comes_without_waiting() -> None:
    scene = Scene()
    await scene.applications.refresh(scene.web, hard=True)
    await scene.applications.refresh(scene.web, hard=True)
    await scene.applications.close()
    await settle()
    assert await scene.asked_after(5) == []
