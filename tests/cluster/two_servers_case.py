"""The embedded server and a real API server with our definitions, asked the same things."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from argosy.resources.crd import crd
from argosy.resources.kinds import KARGO, KINDS
from argosy.testing.api_server import api_server
from argosy.testing.cluster import Cluster
from argosy.testing.kubectl import Kubectl

Data = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two servers, with ways to call it; `editor` holds what its kubectl's editor does, for sed."""

    name: str
    kubectl: Kubectl
    http: httpx2.Client
    editor: Path


def install(kubectl: Kubectl) -> None:
    """Our definitions; returns when the kinds are served."""
    definitions = [crd(kind) for kind in KINDS.values() if kind.group == KARGO]
    whole = json.dumps({"apiVersion": "v1", "kind": "List", "items": definitions})
    for arguments in (("apply", "--server-side", "-f", "-"), ("wait", "--for=condition=Established", "crd", "--all")):
        done = kubectl(*arguments, stdin=whole)
        assert done.code == 0, done.err


@contextlib.contextmanager
def two_servers(cluster: Cluster, folder: Path) -> Iterator[tuple[Side, Side]]:
    """The embedded server, new and empty, and the cluster."""
    editors = {name: folder / f"{name}-editor" for name in ("embedded", "cluster")}
    editing = {name: {"KUBE_EDITOR": f"sed -i -f {editor}"} for name, editor in editors.items()}
    real = Kubectl(cluster.kubeconfig(), folder, editing["cluster"])
    install(real)
    with api_server(folder / "embedded") as embedded, contextlib.ExitStack() as clients:
        trust = ssl.create_default_context(cafile=str(cluster.ca_file))
        headers = {"Authorization": f"Bearer {cluster.token()}"}
        theirs = clients.enter_context(httpx2.Client(base_url=cluster.url, headers=headers, verify=trust))
        client = httpx2.Client(base_url=embedded.url, headers=embedded.headers, verify=embedded.trust)
        ours = Kubectl(embedded.kubeconfig, folder, editing["embedded"])
        yield (
            Side("embedded", ours, clients.enter_context(client), editors["embedded"]),
            Side("cluster", real, theirs, editors["cluster"]),
        )
