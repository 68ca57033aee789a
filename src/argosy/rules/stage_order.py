"""The order in which Freight comes through Stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from argosy.resources.stage import Stage


def upstream_first(stages: Iterable[Stage]) -> list[Stage]:
    """Stages of one Project with those before that they take Freight from; by name where that says nothing."""
    left = {stage.name: stage for stage in stages}
    downstream: dict[str, list[str]] = defaultdict(list)
    missing = dict.fromkeys(left, 0)
    for name, stage in left.items():
        for upstream in {source for request in stage.spec.requested_freight for source in request.sources.stages}:
            if upstream in left and upstream != name:
                downstream[upstream].append(name)
                missing[name] += 1
    ordered: list[Stage] = []
    ready = sorted(name for name, count in missing.items() if not count)
    while ready:
        ordered += [left.pop(name) for name in ready]
        for name in [each for before in ready for each in downstream[before]]:
            missing[name] -= 1
        ready = sorted({each for before in ready for each in downstream[before] if not missing[each]})
    # Of a circle, which nobody wants and nothing forbids, and what is after it, all come by name.
    return [*ordered, *(left[name] for name in sorted(left))]
