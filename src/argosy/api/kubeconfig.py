"""The kubeconfig file with which kubectl and our own command line find the server and are let in."""

from __future__ import annotations

import base64
from pathlib import Path

import yaml

from argosy.api.private_file import write_private
from argosy.resources.meta import Json

NAME = "argosy"


def kubeconfig(server: str, ca: bytes, token: str, *, namespace: str = "") -> dict[str, Json]:
    """A kubeconfig of one context.

    Args:
        server: URL of the server, such as `https://127.0.0.1:6443`.
        ca: the certificate to trust, as PEM.
        token: the bearer token.
        namespace: the namespace that commands use when they name none.
    """
    context = {"cluster": NAME, "user": NAME} | ({"namespace": namespace} if namespace else {})
    trusted = base64.b64encode(ca).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": {"server": server, "certificate-authority-data": trusted}}],
        "users": [{"name": NAME, "user": {"token": token}}],
        "contexts": [{"name": NAME, "context": context}],
        "current-context": NAME,
    }


def write_kubeconfig(path: Path, server: str, ca: bytes, token: str) -> None:
    """Write the kubeconfig to `path`, readable by its owner alone, whole or not at all. Raises OSError."""
    text = yaml.safe_dump(kubeconfig(server, ca, token), sort_keys=False)
    write_private(path, text.encode())
