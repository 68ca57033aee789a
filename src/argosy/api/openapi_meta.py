"""What every kind has in common in OpenAPI documents: its metadata, told once and referred to by all."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.resources.meta import Json

_PLACE = "io.k8s.apimachinery.pkg.apis.meta.v1"
_META, _OWNER, _ENTRY, _FIELDS = (
    f"{_PLACE}.{name}" for name in ("ObjectMeta", "OwnerReference", "ManagedFieldsEntry", "FieldsV1")
)

_ENTRY_SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "description": "The fields that one manager owns.",
    "properties": {
        "apiVersion": {"type": "string", "description": "The version of the resource in which the fields are named."},
        "fieldsType": {"type": "string", "description": "How the fields are written; always FieldsV1."},
        "fieldsV1": {
            "allOf": [{"$ref": f"#/components/schemas/{_FIELDS}"}],
            "description": "The fields, as a tree of their names.",
        },
        "manager": {"type": "string", "description": "Who owns them, by the name that it gave itself."},
        "operation": {"type": "string", "description": "How it came to own them: Apply or Update."},
        "subresource": {"type": "string", "description": "The subresource that it wrote to, empty for the whole."},
        "time": {"type": "string", "format": "date-time", "description": "When that last changed."},
    },
}
_FIELDS_SCHEMA: Mapping[str, Json] = {"type": "object", "description": "A set of fields, as a tree of their names."}


def shared_metadata(schema: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """A kind's schema that refers to that of metadata, and the schemas by name that it then needs beside it."""
    meta = schema["properties"]["metadata"]
    reference = {"allOf": [_reference(_META)], "description": meta.get("description", ""), "default": {}}
    fields = dict(meta["properties"])
    owners, entries = fields["ownerReferences"], fields["managedFields"]
    fields["ownerReferences"] = {**owners, "items": {"allOf": [_reference(_OWNER)], "default": {}}}
    fields["managedFields"] = {**entries, "items": {"allOf": [_reference(_ENTRY)], "default": {}}}
    shared = {
        _META: {**meta, "properties": fields},
        _OWNER: owners["items"],
        _ENTRY: dict(_ENTRY_SCHEMA),
        _FIELDS: dict(_FIELDS_SCHEMA),
    }
    return {**schema, "properties": {**schema["properties"], "metadata": reference}}, shared


def _reference(name: str) -> dict[str, Json]:
    return {"$ref": f"#/components/schemas/{name}"}
