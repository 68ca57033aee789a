"""Entries of `metadata.managedFields`: who owns which fields, read and written as Kubernetes has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from argosy.resources.meta import Json
from argosy.rules.field_ownership_set import FieldSet, is_field_set

APPLY, UPDATE = "Apply", "Update"


@dataclass(frozen=True, slots=True)
class Manager:
    """Who owns fields, and how it came to: the identity of an entry of `managedFields`."""

    name: str
    operation: str
    version: str
    subresource: str = ""

    def __str__(self) -> str:
        told = f'"{self.name}"' + (f' with subresource "{self.subresource}"' if self.subresource else "")
        return f"{told} using {self.version}" if self.operation == UPDATE else told


@dataclass(frozen=True, slots=True)
class Owned:
    """What one manager owns, and since when."""

    fields: FieldSet
    time: str = ""


Owners = dict[Manager, Owned]


def decode(entries: Json) -> Owners:
    """Who owns what, from `managedFields`; nobody when they cannot be read."""
    owners: Owners = {}
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("operation") not in (APPLY, UPDATE):
            return {}
        fields = entry.get("fieldsV1")
        if entry.get("fieldsType") != "FieldsV1" or not entry.get("apiVersion") or not isinstance(fields, dict | None):
            return {}
        texts = [str(entry.get(name) or "") for name in ("manager", "operation", "apiVersion", "subresource")]
        owners[Manager(*texts)] = Owned(fields or {}, str(entry.get("time") or ""))
    return owners


def is_well_formed(entries: Json) -> bool:
    """Whether entries that somebody sent name fields in a form that can be kept."""
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and is_field_set(entry.get("fieldsV1") or {}) for entry in entries
    )


def encode(owners: Mapping[Manager, Owned]) -> list[Json]:
    """`managedFields`: appliers first, then updaters, the oldest first."""
    order = sorted(
        owners.items(), key=lambda each: (each[0].operation, each[1].time, each[0].name, each[0].subresource)
    )
    return [_entry(manager, owned) for manager, owned in order]


def _entry(manager: Manager, owned: Owned) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "apiVersion": manager.version,
        "fieldsType": "FieldsV1",
        "fieldsV1": owned.fields,
        "manager": manager.name,
        "operation": manager.operation,
    }
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry | {"time": owned.time} if owned.time else entry
