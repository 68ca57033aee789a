"""The way to Argo CD through a real Kubernetes API server, with a played application controller on the same."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.clients.argocd_case import REPO, ApplicationsCase, Way

from argosy.app.argocd import follow
from argosy.clients.argocd import KubernetesApplications, subject
from argosy.clients.kubernetes_connection import Connection, Server
from argosy.clock import SystemClock
from argosy.errors import Conflict
from argosy.resources.meta import Key
from argosy.rules.argocd_change import SourceUpdate, sync
from argosy.runtime.signal import Signals
from argosy.testing.argocd import ArgoCd
from argosy.testing.argocd_cluster import ClusterShelf
from argosy.testing.cluster import Cluster


def connected(cluster: Cluster, user: str = "admin") -> Connection:
    return Connection(Server(cluster.url, ca=cluster.ca_file.read_text(), token=cluster.token(user)))


@pytest.fixture
async def way(cluster: Cluster) -> AsyncIterator[Way]:
    shelf = ClusterShelf(connected(cluster))
    await shelf.define()
    namespace = f"argocd-{secrets.token_hex(3)}"
    argocd = ArgoCd(shelf, SystemClock(), lambda source: source.get("targetRevision") or "new", {namespace})
    applications = KubernetesApplications(connected(cluster), namespace)
    async with argocd.running():
        yield Way(applications, argocd, shelf.put, namespace)
    await applications.close()
    await shelf.close()


class TestKubernetes(ApplicationsCase):
    """All that any way must do."""

    async def test_a_sync_of_what_changed_meanwhile_is_refused_and_writes_nothing(self, way: Way) -> None:
        app = await way.add("moved")
        await way.applications.refresh(app, hard=False)
        changed = await way.until("moved", lambda found: found.meta["resourceVersion"] != app.meta["resourceVersion"])
        with pytest.raises(Conflict):
            await way.applications.sync(app, sync(app, (SourceUpdate(REPO, revision="v2", targets=True),), "p.1", ""))
        assert (await way.now("moved")).sources == changed.sources

    async def test_a_sync_is_an_event_of_the_application(self, way: Way) -> None:
        app = await way.add("told")
        await way.applications.sync(app, sync(app, (), "p.1", "email:ada@example.com"))
        assert isinstance(way.applications, KubernetesApplications)
        path = f"/api/v1/namespaces/{way.namespace}/events"
        (event,) = (await way.applications.connection.send("GET", path))["items"]
        assert (event["reason"], event["message"]) == ("OperationStarted", "email:ada@example.com initiated sync")
        assert event["involvedObject"]["uid"] == app.meta["uid"]
        assert event["metadata"]["annotations"] == {"user": "email:ada@example.com"}

    async def test_who_may_not_make_events_may_sync(self, way: Way, cluster: Cluster) -> None:
        app = await way.add("quiet")
        shelf = way.argocd.shelf
        assert isinstance(shelf, ClusterShelf)
        await shelf.grant(way.namespace, "carol")
        carol = KubernetesApplications(connected(cluster, "carol"), way.namespace)
        await carol.sync(app, sync(app, (), "p.1", ""))
        await way.until("quiet", lambda found: found.has_ended)
        await carol.close()

    async def test_who_may_not_watch_everywhere_watches_the_namespace(self, way: Way, cluster: Cluster) -> None:
        await way.add("near")
        shelf = way.argocd.shelf
        assert isinstance(shelf, ClusterShelf)
        await shelf.grant(way.namespace, "bob")
        narrow = replace(way, applications=KubernetesApplications(connected(cluster, "bob"), way.namespace))
        assert (await narrow.until("near", lambda found: True)).name == "near"
        await narrow.applications.close()

    async def test_news_go_on_after_the_api_server_was_killed(self, way: Way, cluster: Cluster) -> None:
        app = await way.add("lasting")
        signals, woken, key = Signals(), asyncio.Event(), Key("Promotion", "p", "waits")
        signals.attach("Promotion", lambda _: woken.set())
        following = asyncio.create_task(follow(way.applications, signals, SystemClock()))
        try:
            signals.listen(key, [subject(way.namespace, "lasting")], signals.mark)
            async with asyncio.timeout(10):
                await woken.wait()
            await asyncio.to_thread(cluster.stop, "kube-apiserver", kill=True)
            await asyncio.to_thread(cluster.start_api)
            woken.clear()
            await way.applications.refresh(app, hard=True)
            async with asyncio.timeout(30):
                await woken.wait()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
