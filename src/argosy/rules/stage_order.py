"""The order in which Freight comes through Stages."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.resources.stage import Stage


def upstream_first(stages: Iterable[Stage]) -> list[Stage]:
    """Stages of one Project with those before that they take Freight from; by name where that says nothing."""
    left = {stage.name: stage for stage in stages}
    upstream = {
        name: {source for request in stage.spec.requested_freight for source in request.sources.stages}
        for name, stage in left.items()
    }
    ordered: list[Stage] = []
    while left:
        # Of a circle, which nobody wants and nothing forbids, all come by name.
        first = sorted(name for name in left if not upstream[name] & (left.keys() - {name})) or sorted(left)
        ordered += [left.pop(name) for name in first]
    return ordered
