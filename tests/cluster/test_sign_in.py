"""Who comes in where a real cluster keeps the resources: whoever the cluster knows, and browsers by sessions in it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from random import Random

import httpx2
import pytest
import pytest_asyncio
from tests.cluster.content_case import install
from tests.store.permission_case import of_kind

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.api.cookie import SESSION
from argosy.app.rights import open_rights
from argosy.app.sign_in import open_sign_in
from argosy.clock import SystemClock
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.settings import Settings
from argosy.store.admission import Admission
from argosy.store.kubernetes import open_kubernetes
from argosy.testing.cluster import Cluster, running_cluster

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("sign-in-cluster")]

TOKEN, PROJECT, SYSTEM = "the-server's-own", "signing-in", "signing-in-system"
WHOAMI = "/v1beta1/system/whoami"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of its own, that issues tokens for ServiceAccounts."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    await install(cluster)
    cluster.start_controllers()
    folder, clock = tmp_path_factory.mktemp("sign-in"), SystemClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
        store = Admission(open_kubernetes("kubernetes://", KINDS, clock=clock), clock, Random(1))
        await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
        await store.create(of_kind("Project", PROJECT))
        meta = {"name": "ci", "namespace": PROJECT}
        await store.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
        settings = Settings(data=folder, store="kubernetes://", system_namespace=SYSTEM)
        async with (
            open_rights(settings, store, clock) as rights,
            open_sign_in(settings, store, rights, clock) as sign_in,
        ):
            backend = Backend(store, Logs(folder, clock), None, rights, settings, sign_in)
            known = Authentication(TOKEN, sign_in.ways)
            app = create_app(backend, KINDS, authentication=known, clock=clock, version="0.1.0")
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="https://argosy", verify=False) as made:
                yield made
        await store.close()


def by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_whoever_the_cluster_knows_is_known_here(caller: httpx2.AsyncClient, cluster: Cluster) -> None:
    told = (await caller.get(WHOAMI, headers=by(cluster.token("alice")))).json()
    assert (told["actor"], told["mayAll"]) == ("kubernetes:alice", False)
    assert "system:authenticated" in told["groups"]
    assert (await caller.get(WHOAMI, headers=by("nobody's"))).status_code == 401
    assert (await caller.get(WHOAMI, headers=by("argosy_c2lnbmluZy1pbi9jaQ.x"))).status_code == 401


async def test_api_tokens_are_those_of_the_cluster(caller: httpx2.AsyncClient) -> None:
    path = f"/v1beta1/projects/{PROJECT}/roles/ci/api-tokens"
    made = await caller.post(path, json={"name": "ci"}, headers=by(TOKEN))
    assert made.status_code == 201, made.text
    token = base64.b64decode(made.json()["data"]["token"]).decode()
    told = (await caller.get(WHOAMI, headers=by(token))).json()
    assert told["actor"] == f"kubernetes:system:serviceaccount:{PROJECT}:ci"
    shown = (await caller.get(f"/v1beta1/projects/{PROJECT}/api-tokens", headers=by(TOKEN))).text
    assert base64.b64encode(token.encode()).decode() not in shown
    refused = await caller.post(path, json={"name": "brief", "expiresIn": "1h"}, headers=by(TOKEN))
    assert refused.status_code == 400
    assert (await caller.delete(f"/v1beta1/projects/{PROJECT}/api-tokens/ci", headers=by(TOKEN))).status_code == 204
    async with asyncio.timeout(30):
        while (await caller.get(WHOAMI, headers=by(token))).status_code != 401:  # noqa: ASYNC110
            await asyncio.sleep(0.5)


async def test_sessions_lie_in_the_cluster(caller: httpx2.AsyncClient, cluster: Cluster) -> None:
    begun = await caller.post("/auth/session", headers=by(cluster.token("alice")))
    cookie = {"Cookie": f"{SESSION}={begun.cookies[SESSION]}"}
    caller.cookies.clear()
    assert (await caller.get(WHOAMI, headers=cookie)).json()["actor"] == "kubernetes:alice"
    done = await caller.post("/auth/logout", headers=cookie | {"X-Argosy-CSRF": begun.json()["csrfToken"]})
    assert done.status_code == 200
    assert (await caller.get(WHOAMI, headers=cookie)).status_code == 401
