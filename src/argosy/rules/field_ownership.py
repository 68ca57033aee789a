"""Who set which field of a resource (`metadata.managedFields`), and what a write makes of it.

It gives the answers of Kubernetes' API server. An updater owns what it last changed; an applier owns what it applies,
is refused where another owner has another value, and removes what it no longer applies unless others own it too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from argosy.clock import rfc3339
from argosy.errors import Invalid
from argosy.resources.kind import Kind
from argosy.resources.meta import Json
from argosy.rules.field_ownership_entry import (
    UPDATE,
    Manager,
    Owned,
    Owners,
    decode,
    is_well_formed,
)
from argosy.rules.field_ownership_merge import Comparison
from argosy.rules.field_ownership_set import (
    FieldSet,
    difference,
    union,
)
from argosy.rules.field_ownership_write import (
    ARGOSY,
    STRIPPED,
    Write,
    comparison,
    conflicts,
    first_owners,
    with_owners,
    yielded,
)

Data = dict[str, Any]

UPDATERS = 10
"""The most managers that update; the oldest then become one, as in Kubernetes."""

OLD_UPDATES = "ancient-changes"


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
        return with_owners(new, owners)
    try:
        changed = comparison(current or {}, new, kind, write)
        if not owners and current is not None:
            owners = first_owners(current, kind) if changed.is_change else {}
    except Invalid:
        return with_owners(new, owners)  # lists whose items cannot be told apart: validation's business, not ours
    owners = _updated(owners, changed, write.identity(kind, UPDATE), write.now)
    return with_owners(new, _capped(owners, kind))


def _is_reset(given: Json) -> bool:
    """Whether a writer asks to forget all owners, in one of the two ways that Kubernetes knows."""
    return isinstance(given, list) and given in ([], [{}])


def _chosen(given: Json, current: Data | None, write: Write) -> Owners:
    """The owners that a write begins with: those in it if they can be read, else those that are kept."""
    kept = current["metadata"].get("managedFields") if current is not None else None
    if write.subresource or given == kept or not is_well_formed(given):
        return decode(kept)
    return decode(given) or decode(kept)


def _updated(owners: Owners, changed: Comparison, me: Manager, now: datetime) -> Owners:
    """After an update: whoever changes a field owns it alone."""
    taken = difference(union(changed.modified, changed.added), STRIPPED)
    owners = yielded(owners, changed, conflicts(owners, changed, None), None)
    if taken:
        before = owners.get(me, Owned({})).fields
        owners[me] = Owned(union(before, taken), rfc3339(now))
    return owners


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
