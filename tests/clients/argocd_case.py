"""What a client of Argo CD must do, whichever way it goes: the tests of both ways are these."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from argosy.clients.argocd import Applications
from argosy.errors import ArgosyError, Conflict, NotFound
from argosy.rules.argocd import Application, promotion_of
from argosy.rules.argocd_change import SourceUpdate, sync
from argosy.testing.argocd import ArgoCd, application
from argosy.testing.argocd_shelf import Data

REPO = "https://git.example.com/deploy.git"


@dataclass
class Way:
    """One way to an Argo CD that runs, in namespaces of its own. `put` creates an Application."""

    applications: Applications
    argocd: ArgoCd
    put: Callable[[Data], Any]
    namespace: str

    async def add(self, name: str, **meta: Any) -> Application:
        """An Application, when Argo CD has looked at it."""
        app = application(name, {"repoURL": REPO, "path": "."}, namespace=self.namespace, **meta)
        created = self.put(app)
        if asyncio.iscoroutine(created):
            await created
        return await self.until(name, lambda found: found.health == "Healthy")

    async def now(self, name: str) -> Application:
        return Application(await self.applications.get(self.namespace, name))

    async def until(self, name: str, holds: Callable[[Application], bool]) -> Application:
        """The first state of an Application that is as wanted."""
        async with asyncio.timeout(10), contextlib.aclosing(self.applications.watch()) as changes:
            async for change in changes:
                app = Application(change.object)
                if (app.namespace, app.name) == (self.namespace, name) and holds(app):
                    return app
        raise AssertionError(f"the watch ended before {name} was as wanted")


class ApplicationsCase:
    """Needs a fixture `way`."""

    async def test_a_sync_changes_sources_and_is_known_by_its_promotion(self, way: Way) -> None:
        app = await way.add("web")
        way.argocd.manners.health = "Progressing"
        updates = (SourceUpdate(REPO, revision="v2", targets=True),)
        await way.applications.sync(app, sync(app, updates, "prod.01", ""))
        ended = await way.until("web", lambda found: found.has_ended)
        assert ended.result == ("v2",)
        assert promotion_of((ended.operation or {})["operation"]) == "prod.01"
        assert ended.sources == ({"repoURL": REPO, "path": ".", "targetRevision": "v2"},)
        looked = await way.until("web", lambda found: found.health == "Progressing" and not found.is_refreshing)
        assert looked.compared == ("v2",)

    async def test_a_change_of_sources_undoes_none_that_came_meanwhile(self, way: Way) -> None:
        app = await way.add("shared")
        theirs, ours = ((SourceUpdate(REPO, parameters={name: "2"}),) for name in ("theirs", "ours"))
        await way.applications.sync(app, sync(app, theirs, "other.01", ""))
        await way.until("shared", lambda found: found.has_ended)
        with pytest.raises(Conflict):
            await way.applications.sync(app, sync(app, ours, "prod.01", ""))
        now = await way.now("shared")
        assert now.sources[0]["helm"] == {"parameters": [{"name": "theirs", "value": "2"}]}

    async def test_a_sync_of_an_application_that_is_being_synced_is_refused(self, way: Way) -> None:
        app = await way.add("busy")
        way.argocd.manners.sync = 60
        wanted = sync(app, (), "prod.01", "")
        await way.applications.sync(app, wanted)
        with pytest.raises(Conflict):
            await way.applications.sync(app, wanted)

    async def test_a_refresh_is_asked_for_and_done(self, way: Way) -> None:
        app = await way.add("stale")
        way.argocd.manners.health = "Degraded"
        await way.applications.refresh(app, hard=True)
        found = await way.until("stale", lambda found: not found.is_refreshing)
        assert found.health == "Degraded"

    async def test_applications_are_selected_by_label_in_one_namespace(self, way: Way) -> None:
        for name, tier in (("b", "web"), ("a", "web"), ("c", "api")):
            await way.add(name, labels={"tier": tier})
        found = await way.applications.select(way.namespace, "tier in (web,job),!old")
        assert [app["metadata"]["name"] for app in found] == ["a", "b"]
        assert await way.applications.select("elsewhere", "tier=web") == []

    async def test_one_that_is_not_there_is_told_by_name(self, way: Way) -> None:
        with pytest.raises(NotFound, match=f"Application 'gone' in namespace '{way.namespace}'"):
            await way.applications.get(way.namespace, "gone")

    async def test_a_watch_begins_with_what_is_there_and_goes_on(self, way: Way) -> None:
        app = await way.add("seen")
        seen: list[tuple[str, str]] = []
        async with asyncio.timeout(10), contextlib.aclosing(way.applications.watch()) as changes:
            async for change in changes:
                found = Application(change.object)
                if (found.namespace, found.name) != (way.namespace, "seen"):
                    continue
                if not seen:
                    way.argocd.manners.health = "Missing"
                    await way.applications.refresh(app, hard=False)
                seen.append((change.type, found.health))
                if found.health == "Missing":
                    break
        assert (seen[0], seen[-1]) == (("ADDED", "Healthy"), ("MODIFIED", "Missing"))

    async def test_a_watch_that_is_lost_ends_with_an_error_or_an_end(self, way: Way) -> None:
        """It never hangs: whoever follows asks again."""
        await way.applications.close()
        with pytest.raises((ArgosyError, RuntimeError)):
            async for _ in way.applications.watch():
                pass
