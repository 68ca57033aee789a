"""One write as far as ownership goes: who writes, what changes of what it may change, and whom that concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from argosy.errors import Invalid, Problem
from argosy.resources.kind import Kind
from argosy.rules.field_ownership_entry import (
    UPDATE,
    Manager,
    Owned,
    Owners,
    encode,
)
from argosy.rules.field_ownership_merge import Comparison, compare
from argosy.rules.field_ownership_set import (
    FieldSet,
    difference,
    field_element,
    intersection,
    union,
)
from argosy.rules.field_ownership_type import field_type

Data = dict[str, Any]

ARGOSY = "argosy"
"""The manager of what controllers write."""

BEFORE = "before-first-apply"
"""The manager of what people wrote before anybody kept note."""

KUBECTL = "kubectl"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NAME_LENGTH = 128
_UNOWNED = ("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation")
STRIPPED: FieldSet = {
    "f:apiVersion": {},
    "f:kind": {},
    "f:metadata": {".": {}, **{field_element(name): {} for name in (*_UNOWNED, "managedFields", "resourceVersion")}},
}


@dataclass(frozen=True, slots=True)
class Write:
    """One write as far as ownership goes.

    Attributes:
        manager: who writes, as it calls itself.
        subresource: `status` or empty.
        now: when.
    """

    manager: str
    now: datetime
    subresource: str = ""

    def identity(self, kind: Kind, operation: str) -> Manager:
        return Manager(self.manager or "unknown", operation, kind.api_version, self.subresource)


def manager_name(name: str) -> str:
    """The name of a manager as it was given. Raises Invalid for one that cannot be."""
    if len(name) > NAME_LENGTH or not name.isprintable():
        problem = Problem(f"must be at most {NAME_LENGTH} printable characters", "fieldManager")
        raise Invalid("the name of the field manager cannot be used", [problem])
    return name


def first_owners(current: Data, kind: Kind) -> Owners:
    """Owners of a document that carries none: what people applied before is told from what controllers made."""
    name = BEFORE if LAST_APPLIED in annotations_of(current) else ARGOSY
    fields = difference(compare({}, unmarked(current), field_type(kind)).added, STRIPPED)
    status = {"f:status": fields["f:status"]} if kind.status and "f:status" in fields else {}
    rest = {element: below for element, below in fields.items() if element not in status}
    time = str(current["metadata"].get("creationTimestamp") or "")
    found = {Manager(name, UPDATE, kind.api_version): rest, Manager(ARGOSY, UPDATE, kind.api_version, "status"): status}
    return {manager: Owned(owned, time) for manager, owned in found.items() if owned}


def comparison(old: Data, new: Data, kind: Kind, write: Write) -> Comparison:
    """What a write changes of what it may change: the status, or everything else."""
    return compare(own_part(old, kind, write), own_part(new, kind, write), field_type(kind))


def own_part(document: Data, kind: Kind, write: Write) -> Data:
    if write.subresource:
        return {name: value for name, value in document.items() if name == "status"}
    document = unmarked(document)
    return {name: value for name, value in document.items() if name != "status"} if kind.status else document


def conflicts(owners: Mapping[Manager, Owned], changed: Comparison, me: Manager | None) -> dict[Manager, FieldSet]:
    """What of the fields that change others own."""
    touched = union(changed.modified, changed.added)
    found = {
        manager: intersection(owned.fields, touched) for manager, owned in owners.items() if manager != me and touched
    }
    return {manager: fields for manager, fields in found.items() if fields}


def yielded(owners: Owners, changed: Comparison, conflicts: Mapping[Manager, FieldSet], me: Manager | None) -> Owners:
    """Owners without what changed under their hands, and without what is gone."""
    left: Owners = {}
    for manager, owned in owners.items():
        fields = owned.fields
        if manager != me:
            fields = difference(difference(fields, conflicts.get(manager, {})), changed.removed)
        if fields:
            left[manager] = replace(owned, fields=fields)
    return left


def unmarked(document: Data) -> Data:
    """The document without `managedFields`, which nobody owns."""
    meta = document.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return document
    return {**document, "metadata": {name: value for name, value in meta.items() if name != "managedFields"}}


def annotations_of(document: Data) -> Data:
    found = document.get("metadata", {}).get("annotations")
    return found if isinstance(found, dict) else {}


def with_owners(document: Data, owners: Owners) -> Data:
    if not owners and "managedFields" not in document["metadata"]:
        return document
    entries = encode(owners)
    meta = {name: value for name, value in document["metadata"].items() if name != "managedFields"}
    return {**document, "metadata": {**meta, "managedFields": entries} if entries else meta}
