"""Decides what a patch makes of a document: merge (RFC 7386), JSON (RFC 6902), strategic merge (core kinds). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonpatch
import jsonpointer
import orjson

from argosy.errors import Invalid
from argosy.resources.kind import Kind
from argosy.resources.meta import Json

OPERATIONS = 10_000
"""Operations that one JSON patch may have, as in Kubernetes."""

COPIED = 3 * 1024 * 1024
"""Bytes that the `copy` operations of one JSON patch may copy in all, as in Kubernetes."""

MERGE_KEYS: Mapping[tuple[str, ...], str] = {
    ("metadata", "ownerReferences"): "uid",
    ("status", "conditions"): "type",
    ("secrets",): "name",
    ("imagePullSecrets",): "name",
}
"""Lists of the core kinds that strategic merge joins item by item, and by which key."""

MERGED_VALUES = frozenset({("metadata", "finalizers")})
"""Lists of plain values that strategic merge joins."""


def apply(data: dict[str, Any], patch: Json, type: str, kind: Kind) -> dict[str, Any]:
    """What a patch of media type `application/<type>` makes of a document of `kind`. Raises Invalid."""
    name = (data.get("metadata") or {}).get("name", "")
    try:
        patched = _apply(data, patch, type, kind)
    except RecursionError as error:
        raise Invalid(f"the patch of {kind.name} {name!r} is nested too deeply") from error
    if not isinstance(patched, dict):
        raise Invalid(f"the patch would leave no object of {kind.name} {name!r}")
    return patched


def _apply(data: dict[str, Any], patch: Json, type: str, kind: Kind) -> Json:
    if type == "json-patch+json":
        return json_patch(data, patch)
    if not isinstance(patch, dict):
        raise Invalid(f"a {type} must be an object", advice="Use a JSON patch to send operations.")
    if type == "merge-patch+json":
        return merge(data, patch)
    if not kind.strategic:
        advice = "Use a merge patch or a JSON patch."
        raise Invalid(f"strategic merge patch is not served for {kind.name}", advice=advice)
    return strategic(data, patch)


def merge(target: Json, patch: Json) -> Json:
    """RFC 7386: objects merge, null removes, everything else replaces. Neither argument is changed."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def json_patch(target: Json, patch: Json) -> Json:
    """RFC 6902. Raises Invalid, naming the operation that failed. Neither argument is changed."""
    if not isinstance(patch, list):
        raise Invalid("a JSON patch must be a list of operations", advice="Use a merge patch to send an object.")
    if len(patch) > OPERATIONS:
        raise Invalid(f"a JSON patch has {len(patch)} operations, the limit is {OPERATIONS}")
    document: Any = orjson.loads(orjson.dumps(target))
    copied = 0
    for place, operation in enumerate(patch):
        try:
            copied += _copy_size(document, operation)
            if copied > COPIED:
                raise Invalid(f"operation {place} of the JSON patch copies too much")
            document = jsonpatch.apply_patch(document, [operation], in_place=True)
        except jsonpatch.JsonPatchTestFailed as error:
            path = operation.get("path")
            raise Invalid(f"operation {place} of the JSON patch failed: the test of {path!r} does not hold") from error
        except (
            jsonpatch.JsonPatchException,
            jsonpointer.JsonPointerException,
            TypeError,
            ValueError,
            KeyError,
            AttributeError,
        ) as error:
            raise Invalid(
                f"operation {place} of the JSON patch cannot be applied",
                advice="Look whether its path exists and its fields are op, path, and value or from.",
            ) from error
    return document


def _copy_size(document: Json, operation: Json) -> int:
    if operation.get("op") != "copy":
        return 0
    return len(orjson.dumps(jsonpointer.resolve_pointer(document, operation["from"])))


def strategic(target: Json, patch: Json, path: tuple[str, ...] = ()) -> Json:
    """Strategic merge patch with the merge keys of the core kinds and the `$patch` directives. Raises Invalid."""
    if not isinstance(patch, dict):
        return patch
    directive = patch.get("$patch")
    if directive == "delete":
        return {}
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive not in (None, "merge"):
        raise Invalid(f"{directive!r} is not a $patch directive", advice="Use merge, replace or delete.")
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            merged[name] = [item for item in merged.get(name) or () if item not in value]
        elif value is None:
            merged.pop(key, None)
        elif not key.startswith("$"):
            merged[key] = _joined(merged.get(key), value, (*path, key))
    return merged


def _joined(current: Json, value: Json, path: tuple[str, ...]) -> Json:
    if not isinstance(value, list):
        return strategic(current, value, path)
    present = current if isinstance(current, list) else []
    if path in MERGED_VALUES:
        return [*present, *(item for item in value if item not in present)]
    if path in MERGE_KEYS:
        return _joined_items(present, value, MERGE_KEYS[path])
    return value


def _joined_items(present: list[Json], items: list[Json], key: str) -> list[Json]:
    if not all(isinstance(item, dict) for item in items):
        raise Invalid(f"a list that merges by {key!r} has an item that is not an object")
    if any(item.get("$patch") == "replace" for item in items):
        return [item for item in items if "$patch" not in item]
    joined = {item.get(key): item for item in present}
    for item in items:
        if key not in item:
            raise Invalid(f"an item of a list that merges by {key!r} has no {key!r}")
        if item.get("$patch") == "delete":
            joined.pop(item[key], None)
        else:
            joined[item[key]] = strategic(joined.get(item[key]), item)
    return list(joined.values())
