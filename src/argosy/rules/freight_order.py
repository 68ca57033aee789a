"""How Freight is put into groups, and ordered by version. Behaviour follows Kargo's `pkg/server/query_freight.go`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from argosy.resources.moment import discovered
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


@dataclass(frozen=True, slots=True)
class Tag:
    """What Freight is ordered by: the tag of its first image or the version of its first chart, else its age."""

    place: str
    text: str
    version: Version | None
    found: str

    @classmethod
    def of(cls, freight: Data) -> Tag:
        """Of raw Freight."""
        place, text = _first(freight)
        return cls(place, text, Version.find(text), discovered(freight))


def by_tag(left: Tag, right: Tag) -> int:
    """How Freight compares: by tag where both have one of the same repository."""
    if left.place != right.place:
        return _compare(left.found, right.found)
    if left.version is not None and right.version is not None:
        return _compare(left.version.precedence, right.version.precedence)
    return _compare(left.text, right.text)


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
