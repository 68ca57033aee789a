"""Three-way merge: what `apply` must change, from what was applied last, what is there and what is wanted now."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.resources.meta import Json

Data = Mapping[str, Json]


def three_way(last: Data, live: Data, wanted: Data) -> dict[str, Json]:
    """The merge patch (RFC 7386) that turns `live` into `wanted`.

    What `last` had and `wanted` has not is removed; what others added to `live` stays. Lists are replaced whole.
    """
    removed = {key: None for key in last if key not in wanted and key in live}
    return {**removed, **_changed(last, live, wanted)}


def _changed(last: Data, live: Data, wanted: Data) -> dict[str, Json]:
    patch: dict[str, Json] = {}
    for key, value in wanted.items():
        present = live.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            before = last.get(key)
            inner = three_way(before if isinstance(before, dict) else {}, present, value)
            if inner:
                patch[key] = inner
        elif value is not None and (key not in live or not same(present, value)):
            patch[key] = value
    return patch


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON; true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
