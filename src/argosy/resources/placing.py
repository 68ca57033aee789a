"""Manifests may leave their namespace to the Project that is spoken of."""

from __future__ import annotations

from dataclasses import replace

from argosy.resources.kinds import KINDS
from argosy.resources.manifest import Manifest


def placed(manifest: Manifest, project: str) -> Manifest:
    """The manifest with its namespace, where it leaves that to the context."""
    kind = KINDS.get(str(manifest.document.get("kind")))
    meta = manifest.document.get("metadata")
    if kind is None or not kind.namespaced or not isinstance(meta, dict) or meta.get("namespace") or not project:
        return manifest
    return replace(manifest, document={**manifest.document, "metadata": {**meta, "namespace": project}})
