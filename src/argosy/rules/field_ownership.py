"""Who set which field of a resource (`metadata.managedFields`), what a write makes of it, and server-side apply.

It gives the answers of Kubernetes' API server. An updater owns what it last changed; an applier owns what it applies,
is refused where another owner has another value, and removes what it no longer applies unless others own it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from argosy.clock import rfc3339
from argosy.errors import Conflict, Invalid, Problem
from argosy.resources.defaults import without_nulls
from argosy.resources.kind import Kind
from argosy.resources.meta import Json
from argosy.rules.field_ownership_entry import (
    APPLY,
    UPDATE,
    Manager,
    Owned,
    Owners,
    decode,
    encode,
    is_well_formed,
)
from argosy.rules.field_ownership_merge import Comparison, compare, fields_of, merge, with_named, without
from argosy.rules.field_ownership_set import (
    FieldSet,
    difference,
    field_element,
    intersection,
    place_text,
    places,
    union,
)
from argosy.rules.field_ownership_type import FieldType, field_type

Data = dict[str, Any]

ARGOSY = "argosy"
"""The manager of what controllers write."""

BEFORE = "before-first-apply"
"""The manager of what people wrote before anybody kept note."""

KUBECTL = "kubectl"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NAME_LENGTH = 128
UPDATERS = 10
"""The most managers that update; the oldest then become one, as in Kubernetes."""

OLD_UPDATES = "ancient-changes"

_UNOWNED = ("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation")
_STRIPPED: FieldSet = {
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


def tracked(current: Data | None, new: Data, kind: Kind, write: Write, *, given: Json = None) -> Data:
    """The document `new` as it is kept, with `managedFields` after this write.

    What only controllers have written carries none, so that it costs nothing; the first other writer makes what was
    there before that of `argosy`.

    Args:
        current: what is kept now; None for a new document.
        new: what is to be kept.
        given: the `managedFields` that the writer sent along: these are begun with, as far as they can be read; an
            empty list forgets all.
    """
    owners = {} if _is_reset(given) else _chosen(given, current, write)
    is_own = write.manager == ARGOSY
    if (is_own and (current is None or not owners)) or (current is not None and _is_reset(given)):
        return _with_owners(new, owners)
    try:
        changed = _comparison(current or {}, new, kind, write)
        if not owners and current is not None:
            owners = _first(current, kind) if changed.is_change else {}
    except Invalid:
        return _with_owners(new, owners)  # lists whose items cannot be told apart: validation's business, not ours
    owners = _updated(owners, changed, write.identity(kind, UPDATE), write.now)
    return _with_owners(new, _capped(owners, kind))


def applied(current: Data | None, document: Data, kind: Kind, write: Write, *, force: bool) -> Data:
    """What server-side apply makes of a document, with `managedFields`; not yet validated.

    Args:
        current: what is kept now; None when it is to be created.
        document: what the manager wants, only the fields that it cares for.
        force: take fields from other managers instead of refusing.

    Raises:
        Conflict: other managers own fields that would change, each of which is named.
        Invalid: there is no manager, or items of lists cannot be told apart.
    """
    if not write.manager:
        problem = Problem("Required value: is required for apply patch", "fieldManager")
        raise Invalid("PatchOptions.meta.k8s.io is invalid", [problem], advice="Name one with --field-manager.")
    if document.get("metadata", {}).get("managedFields") is not None:
        problem = Problem("must not be set in what is applied", "metadata.managedFields", advice="Remove it.")
        raise Invalid(f"the {kind.name} cannot be applied", [problem])
    document = without_nulls(kind.model, document)
    live = _unmarked(current) if current else {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {}}
    owners = decode(current["metadata"].get("managedFields")) if current else {}
    if current and not owners:
        owners = _first(current, kind)
    apply = _Application(live, document, kind, write)
    result, owners = apply.run(owners, force=force)
    annotations = _annotations(result)
    if write.manager == KUBECTL and annotations.get(LAST_APPLIED):
        meta = result["metadata"]
        result = {
            **result,
            "metadata": {**meta, "annotations": {**annotations, LAST_APPLIED: _last_applied(document)}},
        }
    return _with_owners(result, owners)


@dataclass(frozen=True, slots=True)
class _Application:
    """One application of a document to what is there."""

    live: Data
    document: Data
    kind: Kind
    write: Write

    @property
    def _type(self) -> FieldType:
        return field_type(self.kind)

    def run(self, owners: Owners, *, force: bool) -> tuple[Data, Owners]:
        """The merged document, and who owns what in it. Raises Conflict."""
        me = self.write.identity(self.kind, APPLY)
        last = owners.get(me, Owned({}))
        config = _own_part(self.document, self.kind, self.write)
        mine = fields_of(config, self._type)
        owners = {**owners, me: Owned(mine, last.time)}
        merged = merge(self.live, config, self._type)
        merged = self._pruned(merged, owners, last.fields)
        changed = _comparison(self.live, merged, self.kind, self.write)
        conflicts = _conflicts(owners, changed, me)
        foreign = {} if force else self._foreign(conflicts)
        if foreign:
            raise _refusal(foreign)
        owners = _yielded(owners, changed, conflicts, me)
        stripped = difference(mine, _STRIPPED)
        if not stripped:
            owners.pop(me, None)
        elif merged != self.live:
            owners[me] = Owned(stripped, rfc3339(self.write.now))
        else:
            owners[me] = Owned(stripped, last.time)
        return merged, owners

    def _pruned(self, merged: Data, owners: Owners, last: FieldSet) -> Data:
        """Without what this manager applied last time and now no longer, unless others own it."""
        if not last:
            return merged
        type = self._type
        last = with_named(last, type)
        whole = with_named(fields_of(merged, type), type)
        held: FieldSet = {}
        for owned in owners.values():
            held = union(held, owned.fields)
        pruned = without(merged, last, type) or {}
        kept = union(with_named(fields_of(pruned, type), type), with_named(held, type))
        pruned = without(merged, difference(whole, kept), type) or {}
        gone = difference(whole, with_named(fields_of(pruned, type), type))
        result: Data = without(merged, intersection(gone, last), type) or {}
        return {**result, **{name: merged[name] for name in ("apiVersion", "kind", "metadata") if name not in result}}

    def _foreign(self, conflicts: Mapping[Manager, FieldSet]) -> dict[Manager, FieldSet]:
        """Conflicts but for those with one's own past: kubectl may change what it applied from the client's side."""
        if self.write.manager != KUBECTL:
            return dict(conflicts)
        past = self._applied_before()
        left = {manager: difference(fields, past) for manager, fields in conflicts.items()}
        return {manager: fields for manager, fields in left.items() if fields}

    def _applied_before(self) -> FieldSet:
        """What the annotation of client-side apply says was applied, as far as it is still so."""
        text = _annotations(self.live).get(LAST_APPLIED, "")
        try:
            last = orjson.loads(text)
            own = fields_of(last, self._type)
        except (orjson.JSONDecodeError, Invalid, AttributeError):
            return {}
        if not isinstance(last, dict) or last.get("apiVersion") != self.kind.api_version:
            return {}
        changed = compare(last, self.live, self._type)
        return difference(difference(difference(own, changed.modified), changed.added), changed.removed)


def _is_reset(given: Json) -> bool:
    """Whether a writer asks to forget all owners, in one of the two ways that Kubernetes knows."""
    return isinstance(given, list) and given in ([], [{}])


def _chosen(given: Json, current: Data | None, write: Write) -> Owners:
    """The owners that a write begins with: those in it if they can be read, else those that are kept."""
    kept = current["metadata"].get("managedFields") if current is not None else None
    if write.subresource or given == kept or not is_well_formed(given):
        return decode(kept)
    return decode(given) or decode(kept)


def _first(current: Data, kind: Kind) -> Owners:
    """Owners of a document that carries none: what people applied before is told from what controllers made."""
    name = BEFORE if LAST_APPLIED in _annotations(current) else ARGOSY
    fields = difference(compare({}, _unmarked(current), field_type(kind)).added, _STRIPPED)
    status = {"f:status": fields["f:status"]} if kind.status and "f:status" in fields else {}
    rest = {element: below for element, below in fields.items() if element not in status}
    time = str(current["metadata"].get("creationTimestamp") or "")
    found = {Manager(name, UPDATE, kind.api_version): rest, Manager(ARGOSY, UPDATE, kind.api_version, "status"): status}
    return {manager: Owned(owned, time) for manager, owned in found.items() if owned}


def _comparison(old: Data, new: Data, kind: Kind, write: Write) -> Comparison:
    """What a write changes of what it may change: the status, or everything else."""
    return compare(_own_part(old, kind, write), _own_part(new, kind, write), field_type(kind))


def _own_part(document: Data, kind: Kind, write: Write) -> Data:
    if write.subresource:
        return {name: value for name, value in document.items() if name == "status"}
    document = _unmarked(document)
    return {name: value for name, value in document.items() if name != "status"} if kind.status else document


def _updated(owners: Owners, changed: Comparison, me: Manager, now: datetime) -> Owners:
    """After an update: whoever changes a field owns it alone."""
    taken = difference(union(changed.modified, changed.added), _STRIPPED)
    owners = _yielded(owners, changed, _conflicts(owners, changed, None), None)
    if taken:
        before = owners.get(me, Owned({})).fields
        owners[me] = Owned(union(before, taken), rfc3339(now))
    return owners


def _conflicts(owners: Mapping[Manager, Owned], changed: Comparison, me: Manager | None) -> dict[Manager, FieldSet]:
    """What of the fields that change others own."""
    touched = union(changed.modified, changed.added)
    found = {
        manager: intersection(owned.fields, touched) for manager, owned in owners.items() if manager != me and touched
    }
    return {manager: fields for manager, fields in found.items() if fields}


def _yielded(owners: Owners, changed: Comparison, conflicts: Mapping[Manager, FieldSet], me: Manager | None) -> Owners:
    """Owners without what changed under their hands, and without what is gone."""
    left: Owners = {}
    for manager, owned in owners.items():
        fields = owned.fields
        if manager != me:
            fields = difference(difference(fields, conflicts.get(manager, {})), changed.removed)
        if fields:
            left[manager] = replace(owned, fields=fields)
    return left


def _capped(owners: Owners, kind: Kind) -> Owners:
    """With at most so many updaters: the oldest are joined into one."""
    updaters = sorted(
        (each for each in owners if each.operation == UPDATE), key=lambda each: (owners[each].time, each.name)
    )
    surplus = updaters[: len(updaters) - UPDATERS + 1] if len(updaters) > UPDATERS else []
    if not surplus:
        return owners
    joined: FieldSet = {}
    for manager in surplus:
        joined = union(joined, owners[manager].fields)
    bucket = Manager(OLD_UPDATES, UPDATE, kind.api_version)
    kept = {manager: owned for manager, owned in owners.items() if manager not in surplus}
    return {**kept, bucket: Owned(joined, owners[surplus[-1]].time)}


def _refusal(conflicts: Mapping[Manager, FieldSet]) -> Conflict:
    """The error that names every field and its owner, in the words that kubectl and its users know."""
    found = [(manager, place_text(place)) for manager, fields in conflicts.items() for place in places(fields)]
    if len(found) == 1:
        manager, place = found[0]
        message = f"Apply failed with 1 conflict: conflict with {manager}: {place}"
    else:
        lines = []
        for manager in sorted(conflicts, key=str):
            lines += [f"conflicts with {manager}:", *(f"- {place_text(each)}" for each in places(conflicts[manager]))]
        message = f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)
    problems = [Problem(f"conflict with {manager}", place) for manager, place in found]
    return ApplyConflict(message, problems)


class ApplyConflict(Conflict):
    """Other managers own fields that an application would change; `problems` names each."""

    def __init__(self, message: str, problems: Iterable[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def _unmarked(document: Data) -> Data:
    """The document without `managedFields`, which nobody owns."""
    meta = document.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return document
    return {**document, "metadata": {name: value for name, value in meta.items() if name != "managedFields"}}


def _annotations(document: Data) -> Data:
    found = document.get("metadata", {}).get("annotations")
    return found if isinstance(found, dict) else {}


def _with_owners(document: Data, owners: Owners) -> Data:
    entries = encode(owners)
    meta = {name: value for name, value in document["metadata"].items() if name != "managedFields"}
    return {**document, "metadata": {**meta, "managedFields": entries} if entries else meta}


def _last_applied(document: Data) -> str:
    """What is applied as the annotation of client-side apply has it, so that both ways may alternate."""
    meta = document.get("metadata", {})
    annotations = {key: text for key, text in _annotations(document).items() if key != LAST_APPLIED}
    kept = {**document, "metadata": {**meta, **({"annotations": annotations} if annotations else {})}}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode() + "\n"
