"""How Freight is put into groups, and ordered by version. Behaviour follows Kargo's `pkg/server/query_freight.go`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from argosy.rules.versions import Version

Data = Mapping[str, Any]


def group_names(freight: Data, group_by: str) -> Iterator[str]:
    """The groups that raw Freight belongs to: one for each artifact of the kind that makes groups."""
    if group_by == "image_repo":
        yield from (str(image.get("repoURL") or "") for image in freight.get("images") or ())
    elif group_by == "git_repo":
        yield from (str(commit.get("repoURL") or "") for commit in freight.get("commits") or ())
    elif group_by == "chart_repo":
        yield from (_chart(chart) for chart in freight.get("charts") or ())


def discovered(freight: Data) -> str:
    """When raw Freight was found: times in the form of Kubernetes are in order as texts."""
    meta = freight.get("metadata") or {}
    return str(freight.get("discoveredAt") or meta.get("creationTimestamp") or "")


def by_tag(left: Data, right: Data) -> int:
    """How raw Freight compares by the tag of its first image or version of its first chart, else by age."""
    (left_place, left_tag), (right_place, right_tag) = _first(left), _first(right)
    if left_place == right_place:
        versions = Version.find(left_tag), Version.find(right_tag)
        if versions[0] is not None and versions[1] is not None:
            return _compare(versions[0].precedence, versions[1].precedence)
        return _compare(left_tag, right_tag)
    return _compare(discovered(left), discovered(right))


def _first(freight: Data) -> tuple[str, str]:
    images, charts = freight.get("images") or (), freight.get("charts") or ()
    if images:
        return str(images[0].get("repoURL") or ""), str(images[0].get("tag") or "")
    return (_chart(charts[0]), str(charts[0].get("version") or "")) if charts else ("", "")


def _chart(chart: Data) -> str:
    """Repository and name joined as Go's `path.Join` does, which makes one slash of two."""
    joined = "/".join(part for part in (str(chart.get("repoURL") or ""), str(chart.get("name") or "")) if part)
    return posixpath.normpath(joined) if joined else ""


def _compare(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)
