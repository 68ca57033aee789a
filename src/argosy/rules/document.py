"""Decides what a write makes of a document: what it stamps, keeps, ignores and refuses. Source: Kubernetes API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from argosy.clock import rfc3339
from argosy.errors import Conflict, Invalid, Problem
from argosy.resources.kind import Kind
from argosy.resources.meta import Json, Key
from argosy.rules.metadata import metadata_problems, name_problems, scope_problems

Data = dict[str, Json]

FOREGROUND = "foregroundDeletion"
"""The finalizer that keeps an owner until what it owns is gone."""

GENERATED_BASE = 58
"""Characters kept of `generateName`, so that five random ones still make a DNS label."""

SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What the random part of a generated name is made of: no vowels, nothing easily misread."""

_KEPT = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def resource_name(kind: Kind, name: str) -> str:
    """How messages call a resource, as Kubernetes does: `stages.kargo.akuity.io "test"`."""
    plural = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    return f'{plural} "{name}"'


def created(document: Mapping[str, Json], kind: Kind, *, uid: str, now: datetime) -> Data:
    """The document as it is first kept, but for `resourceVersion`. Raises Invalid."""
    meta = dict(_meta(document, kind))
    problems = [
        *name_problems(kind, str(meta.get("name") or "")),
        *scope_problems(kind, str(meta.get("namespace") or "")),
        *metadata_problems(meta),
    ]
    if meta.get("resourceVersion"):
        problems.append(Problem("must not be set on a new resource", "metadata.resourceVersion", advice="Remove it."))
    _refuse(problems, kind, str(meta.get("name") or ""))
    for field in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"):
        meta.pop(field, None)
    if not kind.namespaced:
        meta.pop("namespace", None)
    meta |= {"uid": uid, "generation": 1, "creationTimestamp": rfc3339(now)}
    data = {**document, "apiVersion": kind.api_version, "kind": kind.name, "metadata": _tidy(meta)}
    if kind.status:
        data.pop("status", None)
    if kind.name == "Namespace":
        data["status"] = {"phase": "Active"}
    return data


def replaced(current: Data, document: Mapping[str, Json], kind: Kind, *, status: bool) -> Data:
    """The document after an update; equal to `current` when nothing changes.

    With `status` only the status is taken. Raises Invalid, and Conflict when `document` has another
    `resourceVersion` or `uid` than `current`.
    """
    given = _meta(document, kind)
    meta = current["metadata"]
    _compare(given, meta, kind)
    if status:
        return _with_status(current, document, kind)
    _refuse([*_moved(given, meta), *metadata_problems(given), *_late_finalizers(given, meta)], kind, meta["name"])
    merged = {key: value for key, value in given.items() if key not in ("selfLink", "managedFields")}
    for field in (*_KEPT, "resourceVersion", "generation"):
        merged.pop(field, None)
        if field in meta:
            merged[field] = meta[field]
    data = {**document, "apiVersion": kind.api_version, "kind": kind.name, "metadata": _tidy(merged)}
    if kind.status:
        data.pop("status", None)
        if "status" in current:
            data["status"] = current["status"]
    if _content(data) != _content(current):
        data["metadata"]["generation"] = meta.get("generation", 0) + 1
    return data


def deleting(current: Data, kind: Kind, *, now: datetime, foreground: bool = False) -> Data:
    """The document stamped for deletion; as it was if it is stamped already. The generation grows, as in Kubernetes."""
    meta = dict(current["metadata"])
    if meta.get("deletionTimestamp"):
        return current
    meta |= {
        "deletionTimestamp": rfc3339(now),
        "deletionGracePeriodSeconds": 0,
        "generation": meta.get("generation", 0) + 1,
    }
    if foreground:
        meta["finalizers"] = [*meta.get("finalizers", ()), FOREGROUND]
    data = {**current, "metadata": meta}
    if kind.name == "Namespace":
        data["status"] = {**(current.get("status") or {}), "phase": "Terminating"}
    return data


def without_finalizer(current: Data, finalizer: str) -> Data:
    """The document without one of its finalizers."""
    meta = dict(current["metadata"])
    meta["finalizers"] = [item for item in meta.get("finalizers", ()) if item != finalizer]
    return {**current, "metadata": _tidy(meta)}


def without_owner(current: Data, uid: str) -> Data:
    """The document without the owner of that uid."""
    meta = dict(current["metadata"])
    meta["ownerReferences"] = [owner for owner in meta.get("ownerReferences", ()) if owner["uid"] != uid]
    return {**current, "metadata": _tidy(meta)}


def is_deleting(data: Mapping[str, Json]) -> bool:
    return bool(data["metadata"].get("deletionTimestamp"))


def is_finished(data: Mapping[str, Json]) -> bool:
    """Whether a document being deleted has nothing left to wait for."""
    return is_deleting(data) and not data["metadata"].get("finalizers")


def owner_uids(data: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(owner["uid"] for owner in data["metadata"].get("ownerReferences") or ())


def generated_name(meta: Mapping[str, Json], suffix: str) -> str:
    """The name made of `generateName` and a random suffix."""
    return str(meta.get("generateName"))[:GENERATED_BASE] + suffix


def _meta(document: Mapping[str, Json], kind: Kind) -> Data:
    meta = document.get("metadata")
    if not isinstance(meta, dict):
        raise Invalid(f"a {kind.name} has no metadata", [Problem("must be an object", "metadata")])
    version = document.get("apiVersion") or kind.api_version
    if version != kind.api_version:
        raise Invalid(f"{kind.name} has the apiVersion {version!r}", advice=f"Write apiVersion: {kind.api_version}.")
    if document.get("kind") not in (None, "", kind.name):
        raise Invalid(f"a {kind.name} cannot become a {document['kind']}")
    return meta


def _compare(given: Data, meta: Data, kind: Kind) -> None:
    name = resource_name(kind, meta["name"])
    if given.get("uid") and given["uid"] != meta["uid"]:
        raise Conflict(
            f"{name} has the uid {meta['uid']}, not {given['uid']}: it was deleted and made anew",
            advice="Read it again and decide anew.",
        )
    if given.get("resourceVersion") and given["resourceVersion"] != meta["resourceVersion"]:
        raise Conflict(
            f"{name} was changed by somebody else since it was read",
            advice="Read it again, apply the change to the newest version and retry.",
        )


def stays(key: Key, document: Mapping[str, Json]) -> None:
    """What a patch leaves must still be the resource that was patched. Raises Invalid."""
    given = Key.of(document)
    said = (("kind", key.kind, given.kind), ("metadata.name", key.name, given.name))
    moved = [*said, ("metadata.namespace", key.namespace, given.namespace)]
    problems = [Problem(f"cannot change from {old!r} to {new!r}", path) for path, old, new in moved if old != new]
    if problems:
        raise Invalid(f"{key} cannot become another resource", problems, advice="Create the other one instead.")


def _with_status(current: Data, document: Mapping[str, Json], kind: Kind) -> Data:
    if not kind.status:
        raise Invalid(f"{kind.name} has no status subresource", advice="Write the whole resource instead.")
    data = {key: value for key, value in current.items() if key != "status"}
    if document.get("status") is not None:
        data["status"] = document["status"]
    return data


def _moved(given: Data, meta: Data) -> list[Problem]:
    return [
        Problem(f"cannot change from {meta.get(field, '')!r} to {given[field]!r}", f"metadata.{field}")
        for field in ("name", "namespace")
        if given.get(field) and given[field] != meta.get(field, "")
    ]


def _late_finalizers(given: Data, meta: Data) -> list[Problem]:
    if not meta.get("deletionTimestamp") or not isinstance(given.get("finalizers"), list):
        return []
    new = [item for item in given["finalizers"] if item not in (meta.get("finalizers") or ())]
    return [Problem(f"{item!r} comes too late: it is being deleted", "metadata.finalizers") for item in new]


def _content(data: Data) -> Data:
    return {key: value for key, value in data.items() if key not in ("metadata", "status")}


def _tidy(meta: Data) -> Data:
    """Without nulls and empty collections, which mean the same as their absence."""
    return {key: value for key, value in meta.items() if value is not None and value not in ("", [], {})}


def _refuse(problems: list[Problem], kind: Kind, name: str) -> None:
    if problems:
        raise Invalid(f"{resource_name(kind, name[:64])} is not valid", problems)
