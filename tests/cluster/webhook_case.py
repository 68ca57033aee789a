"""A cluster that asks Argosy before it keeps anything, with Argosy's own ServiceAccount and users of few rights."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.app.webhooks import open_webhooks
from argosy.clients.kubernetes_connection import Connection, Server
from argosy.clock import Clock, SystemClock
from argosy.resources.crd import crd
from argosy.resources.kinds import KARGO, KINDS
from argosy.settings import Settings
from argosy.store.kubernetes import KubernetesStore
from argosy.testing.cluster import Cluster
from argosy.testing.kubectl import Kubectl

ACCOUNT = "system:serviceaccount:argosy:argosy"

RIGHTS = """
apiVersion: v1
kind: Namespace
metadata: {name: argosy}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: argosy, namespace: argosy}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: argosy}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: argosy, namespace: argosy}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: pipelines}
rules: [{apiGroups: [kargo.akuity.io], resources: ["*"], verbs: [get, list, create, update, patch, delete]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: pipelines}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: pipelines}
subjects: [{kind: User, name: alice}, {kind: User, name: bob}]
"""

Data = dict[str, Any]


def install(kubectl: Kubectl) -> None:
    """Definitions, Argosy's account, and rights of alice and bob; returns when the kinds are served."""
    definitions = [crd(kind) for kind in KINDS.values() if kind.group == KARGO]
    whole = {"apiVersion": "v1", "kind": "List", "items": definitions}
    for text in (json.dumps(whole), RIGHTS):
        done = kubectl("apply", "--server-side", "-f", "-", stdin=text)
        assert done.code == 0, done.err
    waited = kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s")
    assert waited.code == 0, waited.err


@dataclass
class Guard:
    """Argosy's webhooks in a thread, while `running`."""

    cluster: Cluster
    kubectl: Kubectl
    port: int
    loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def running(self, clock: Clock | None = None) -> Iterator[None]:
        """Serve until the block ends; then nobody answers."""
        ready, failed = threading.Event(), []
        over = asyncio.Event()

        def run() -> None:
            try:
                asyncio.run(self._serve(clock or SystemClock(), ready, over))
            except BaseException as error:
                failed.append(error)
            finally:
                ready.set()

        thread = threading.Thread(target=run, name="webhooks")
        thread.start()
        ready.wait()
        try:
            assert not failed, failed
            yield
        finally:
            if self.loop is not None and thread.is_alive():
                self.loop.call_soon_threadsafe(over.set)
            thread.join()
            assert not failed, failed

    def within(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something where the webhooks run."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _serve(self, clock: Clock, ready: threading.Event, over: asyncio.Event) -> None:
        self.loop = asyncio.get_running_loop()
        token = self.kubectl("create", "token", "argosy", "-n", "argosy").out.strip()
        server = Server(self.cluster.url, ca=self.cluster.ca_file.read_text(), token=token)
        connection, store_connection = Connection(server), Connection(server)
        store = KubernetesStore(store_connection, KINDS, clock=clock, source="the test's cluster")
        settings = Settings.of({}, webhook_listen=f"127.0.0.1:{self.port}", webhook_url=self.url)
        try:
            async with open_webhooks(settings, store, connection, clock):
                ready.set()
                await over.wait()
        finally:
            await store.close()
            await connection.close()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


def user(cluster: Cluster, name: str, home: Path) -> Kubectl:
    return Kubectl(cluster.kubeconfig(name), home)


def project(name: str) -> str:
    return f"apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {{name: {name}}}\n"


def pipeline(namespace: str) -> str:
    """A Project with a Warehouse, a Stage and one piece of Freight, in one file."""
    return f"""{project(namespace)}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {{name: app, namespace: {namespace}}}
spec:
  freightCreationPolicy: Manual
  subscriptions: [{{image: {{repoURL: 127.0.0.1:1/app, constraint: "^1"}}}}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata: {{name: say, namespace: {namespace}}}
spec: {{vars: [{{name: what}}], steps: [{{uses: compose-output, as: out, config: {{said: "${{{{ vars.what }}}}"}}}}]}}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{name: dev, namespace: {namespace}}}
spec:
  shard: east
  requestedFreight: [{{origin: {{kind: Warehouse, name: app}}, sources: {{direct: true}}}}]
  promotionTemplate: {{spec: {{steps: [{{task: {{name: say}}, vars: [{{name: what, value: hello}}]}}]}}}}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {{name: computed, namespace: {namespace}}}
alias: wonky-wombat
origin: {{kind: Warehouse, name: app}}
images: [{{repoURL: 127.0.0.1:1/app, tag: 1.2.3, digest: "sha256:aaaa"}}]
"""


def promotion(namespace: str, freight: str, stage: str = "dev") -> str:
    return f"""
apiVersion: kargo.akuity.io/v1alpha1
kind: Promotion
metadata: {{generateName: mine-, namespace: {namespace}}}
spec: {{stage: {stage}, freight: "{freight}", steps: [{{uses: fail}}]}}
"""
