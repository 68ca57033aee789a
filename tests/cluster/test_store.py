"""The ways to a real API server: a Pod's own account, a proxy, an account without rights, a token that is wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from argosy.clients.kubeconfig import Access, find_access, read_kubeconfig
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_login import connect
from argosy.clock import SystemClock
from argosy.errors import Denied, NotFound, Unavailable
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.meta import Key
from argosy.store.base import Query
from argosy.store.kubernetes import KubernetesStore
from argosy.testing.cluster import Cluster
from argosy.testing.proxy import Proxy

ACCOUNT = "/api/v1/namespaces/default/serviceaccounts"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterrole"


def store_of(access: Access) -> KubernetesStore:
    return KubernetesStore(connect(access, SystemClock()), KINDS, clock=SystemClock(), source=access.source)


@pytest.fixture
async def admin(cluster: Cluster) -> AsyncIterator[Connection]:
    connection = connect(read_kubeconfig([cluster.kubeconfig()]), SystemClock())
    yield connection
    await connection.close()


async def test_a_pod_logs_in_with_its_own_account(cluster: Cluster, admin: Connection, tmp_path: Path) -> None:
    await admin.send("POST", ACCOUNT, content=orjson.dumps({"metadata": {"name": "argosy"}}))
    rules = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list"]}]
    role = {"metadata": {"name": "argosy-test"}, "rules": rules}
    await admin.send("POST", f"{ROLES}s", content=orjson.dumps(role))
    binding = {
        "metadata": {"name": "argosy-test"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "argosy-test"},
        "subjects": [{"kind": "ServiceAccount", "name": "argosy", "namespace": "default"}],
    }
    await admin.send("POST", f"{ROLES}bindings", content=orjson.dumps(binding))
    asked = await admin.send("POST", f"{ACCOUNT}/argosy/token", content=b'{"spec":{"expirationSeconds":600}}')
    (tmp_path / "token").write_text(asked["status"]["token"])
    (tmp_path / "ca.crt").write_bytes(cluster.ca_file.read_bytes())
    environment = {
        "HOME": str(tmp_path),
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(cluster.port),
    }
    store = store_of(find_access("", environment, tmp_path))
    try:
        assert (await store.get(Key("Namespace", "", "default"))).key.name == "default"
        with pytest.raises(Denied, match=r"serviceaccount:default:argosy.*cannot create"):
            await store.create({"kind": "Namespace", "metadata": {"name": "not-allowed"}})
        with pytest.raises(Unavailable, match="ClusterRole"):
            await store.list(Query("Secret", "default"))
    finally:
        await store.close()


async def test_an_account_without_rights_is_told_what_it_lacks(cluster: Cluster) -> None:
    store = store_of(read_kubeconfig([cluster.kubeconfig("alice")]))
    try:
        with pytest.raises(Unavailable, match=r'User "alice" cannot list.*\. Give the account'):
            await store.check(KARGO)
    finally:
        await store.close()


async def test_a_token_that_nobody_knows_is_told(cluster: Cluster, tmp_path: Path) -> None:
    config = json.loads(cluster.kubeconfig().read_bytes())
    config["users"][0]["user"]["token"] = "mistaken"
    (tmp_path / "config").write_text(json.dumps(config))
    store = store_of(read_kubeconfig([tmp_path / "config"]))
    try:
        with pytest.raises(Unavailable, match="is not let in"):
            await store.version()
    finally:
        await store.close()


async def test_a_proxy_leads_to_it_and_its_certificate_is_verified(cluster: Cluster, tmp_path: Path) -> None:
    async with Proxy({"cluster.example.test": cluster.port}).serve() as proxy:
        authority = base64.b64encode(cluster.ca_file.read_bytes()).decode()
        said = {
            "server": "https://cluster.example.test:6443",
            "certificate-authority-data": authority,
            "proxy-url": proxy.url,
            "tls-server-name": "kubernetes.default",
        }
        config = json.loads(cluster.kubeconfig().read_bytes())
        config["clusters"][0]["cluster"] = said
        (tmp_path / "config").write_text(json.dumps(config))
        store = store_of(read_kubeconfig([tmp_path / "config"]))
        try:
            with pytest.raises(NotFound):
                await store.get(Key("Namespace", "", "nowhere"))
        finally:
            await store.close()
        assert proxy.asked == ["CONNECT cluster.example.test:6443"]
