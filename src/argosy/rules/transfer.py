"""Decides what of a store goes into an export, in which order, and what a document becomes in another store."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json
from argosy.resources.names import TRUE, Label

_FIRST = ("Namespace", "ConfigMap", "Secret")
_LAST = ("Event",)
_OF_THE_STORE = (
    *("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"),
    *("deletionTimestamp", "deletionGracePeriodSeconds"),
)
_OF_THE_CLUSTER = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})


def order(kinds: Mapping[str, Kind]) -> list[str]:
    """Names of kinds as they are best made: what others live in or refer to comes first."""
    middle = [name for name in kinds if name not in (*_FIRST, *_LAST)]
    return [name for name in (*_FIRST, *middle, *_LAST) if name in kinds]


def is_ours(namespace: Document, also: Iterable[str]) -> bool:
    """Whether a Namespace is a Project's, or one of those named besides."""
    labels = namespace.meta.get("labels") or {}
    return labels.get(Label.PROJECT) == TRUE or namespace.key.name in set(also)


def belongs(document: Document) -> bool:
    """Whether a document is somebody's, and not on its way out or made anew by every cluster."""
    if document.meta.get("deletionTimestamp"):
        return False
    return (document.key.kind, document.key.name) not in _OF_THE_CLUSTER


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document for another store: `whole` is to be created; `lost` names owners that are not there."""

    whole: dict[str, Json]
    lost: tuple[str, ...]


def prepared(data: Mapping[str, Json], uids: Mapping[str, str]) -> Prepared:
    """The document without what its store said about it, its owners by their `uids` in the new one."""
    whole = copy.deepcopy(dict(data))
    meta = whole["metadata"] = {key: value for key, value in whole["metadata"].items() if key not in _OF_THE_STORE}
    owners = meta.pop("ownerReferences", None) or []
    kept = [{**owner, "uid": uids[owner["uid"]]} for owner in owners if owner.get("uid") in uids]
    if kept:
        meta["ownerReferences"] = kept
    lost = tuple(f"{owner.get('kind')} {owner.get('name')!r}" for owner in owners if owner.get("uid") not in uids)
    involved = whole.get("involvedObject")
    if whole.get("kind") == "Event" and isinstance(involved, dict) and involved.get("uid") in uids:
        whole["involvedObject"] = {**involved, "uid": uids[involved["uid"]]}
    return Prepared(whole, lost)
