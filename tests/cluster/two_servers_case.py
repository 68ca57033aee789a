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
from argosy.testing.api_server import ApiServer, api_server
from argosy.testing.cluster import Cluster
from argosy.testing.kubectl import Kubectl

Data = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two servers, with ways to call it."""

    name: str
    kubectl: Kubectl
    http: httpx2.Client


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
    real = Kubectl(cluster.kubeconfig(), folder)
    install(real)
    with api_server(folder / "embedded") as embedded, contextlib.ExitStack() as clients:
        trust = ssl.create_default_context(cafile=str(cluster.ca_file))
        headers = {"Authorization": f"Bearer {cluster.token()}"}
        theirs = clients.enter_context(httpx2.Client(base_url=cluster.url, headers=headers, verify=trust))
        yield _embedded(embedded, folder, clients), Side("cluster", real, theirs)


def _embedded(server: ApiServer, folder: Path, clients: contextlib.ExitStack) -> Side:
    client = httpx2.Client(base_url=server.url, headers=server.headers, verify=server.trust)
    return Side("embedded", Kubectl(server.kubeconfig, folder), clients.enter_context(client))
