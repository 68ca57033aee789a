"""Server-side apply: what a manager wants is merged into what is there, unless others want it otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from argosy.clock import rfc3339
from argosy.errors import Conflict, Invalid, Problem
from argosy.resources.defaults import without_nulls
from argosy.resources.kind import Kind
from argosy.rules.field_ownership_entry import (
    APPLY,
    Manager,
    Owned,
    Owners,
    decode,
)
from argosy.rules.field_ownership_merge import compare, fields_of, merge, with_named, without
from argosy.rules.field_ownership_set import (
    FieldSet,
    difference,
    intersection,
    place_text,
    places,
    union,
)
from argosy.rules.field_ownership_type import FieldType, field_type
from argosy.rules.field_ownership_write import (
    KUBECTL,
    LAST_APPLIED,
    STRIPPED,
    Write,
    annotations_of,
    comparison,
    conflicts,
    first_owners,
    own_part,
    unmarked,
    with_owners,
    yielded,
)

Data = dict[str, Any]


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
    live = unmarked(current) if current else {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {}}
    owners = decode(current["metadata"].get("managedFields")) if current else {}
    if current and not owners:
        owners = first_owners(current, kind)
    apply = _Application(live, document, kind, write)
    result, owners = apply.run(owners, force=force)
    annotations = annotations_of(result)
    if write.manager == KUBECTL and annotations.get(LAST_APPLIED):
        meta = result["metadata"]
        result = {
            **result,
            "metadata": {**meta, "annotations": {**annotations, LAST_APPLIED: _last_applied(document)}},
        }
    return with_owners(result, owners)


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
        config = own_part(self.document, self.kind, self.write)
        mine = fields_of(config, self._type)
        owners = {**owners, me: Owned(mine, last.time)}
        merged = merge(self.live, config, self._type)
        merged = self._pruned(merged, owners, last.fields)
        changed = comparison(self.live, merged, self.kind, self.write)
        against = conflicts(owners, changed, me)
        foreign = {} if force else self._foreign(against)
        if foreign:
            raise _refusal(foreign)
        owners = yielded(owners, changed, against, me)
        stripped = difference(mine, STRIPPED)
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
        text = annotations_of(self.live).get(LAST_APPLIED, "")
        try:
            last = orjson.loads(text)
            own = fields_of(last, self._type)
        except (orjson.JSONDecodeError, Invalid, AttributeError):
            return {}
        if not isinstance(last, dict) or last.get("apiVersion") != self.kind.api_version:
            return {}
        changed = compare(last, self.live, self._type)
        return difference(difference(difference(own, changed.modified), changed.added), changed.removed)


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


def _last_applied(document: Data) -> str:
    """What is applied as the annotation of client-side apply has it, so that both ways may alternate."""
    meta = document.get("metadata", {})
    annotations = {key: text for key, text in annotations_of(document).items() if key != LAST_APPLIED}
    kept = {**document, "metadata": {**meta, **({"annotations": annotations} if annotations else {})}}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode() + "\n"
