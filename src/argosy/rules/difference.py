"""The smallest merge patch (RFC 7386) that turns one JSON object into another."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.resources.meta import Json


def merge_difference(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """Returns the patch; empty when nothing differs. Lists are replaced whole; a missing key becomes null."""
    patch: dict[str, Json] = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            if inner := merge_difference(before, value):
                patch[key] = inner
        elif key not in old or before != value or type(before) is not type(value):
            patch[key] = value
    return patch
