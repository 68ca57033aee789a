"""Decides what of a Project's Namespace is to be made or put right, and whether it outlives the Project."""

from __future__ import annotations

from argosy.resources.meta import Document, Json
from argosy.resources.names import FINALIZER, TRUE, Annotation, Label
from argosy.resources.project import Project

Data = dict[str, Json]


def namespace_of(name: str) -> Data:
    """The Namespace that a Project of that name has."""
    meta = {"name": name, "labels": {Label.PROJECT.value: TRUE}, "finalizers": [FINALIZER]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}


def is_ours(namespace: Document) -> bool:
    """Whether a Namespace is labelled as a Project's."""
    return bool((namespace.meta.get("labels") or {}).get(Label.PROJECT) == TRUE)


def is_kept(project: Project, namespace: Document) -> bool:
    """Whether the Namespace stays when its Project goes; either of them may say so."""
    said = (namespace.meta.get("annotations") or {}).get(Annotation.KEEP_NAMESPACE)
    return TRUE in (project.metadata.annotations.get(Annotation.KEEP_NAMESPACE), said)


def adoption(namespace: Document) -> Data | None:
    """The merge patch with which a Project adopts a Namespace that is labelled as one's; None when it has.

    The finalizer makes the Namespace wait until its Project goes along. Early versions of Kargo made the Project its
    owner, by which a Namespace could go without notice.
    """
    present = namespace.meta.get("finalizers") or []
    owners = namespace.meta.get("ownerReferences") or []
    meta: Data = {}
    if FINALIZER not in present:
        meta["finalizers"] = [*present, FINALIZER]
    others = [owner for owner in owners if owner.get("kind") != "Project"]
    if others != owners:
        meta["ownerReferences"] = others or None
    return {"metadata": meta} if meta else None
