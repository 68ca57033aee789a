"""What `describe` tells about a Warehouse: what it watches, and what it found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from argosy.cli.description.sheet import Sheet
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.warehouse import RepoSubscription, Warehouse

Data = dict[str, Any]

MOST = 3
"""How many of the artifacts found are told for each subscription."""


def describe(sheet: Sheet, document: Data) -> None:
    warehouse = Warehouse.model_validate(document)
    spec, status = warehouse.spec, warehouse.status
    sheet.field("Shard", spec.shard)
    sheet.field("Interval", spec.interval)
    sheet.field("Makes Freight", "automatically" if spec.freight_creation_policy == "Automatic" else "only by hand")
    sheet.field("Last Freight", status.last_freight_id)
    sheet.rows("Watches", ("Type", "Repository", "Selects"), (_watched(each) for each in spec.subscriptions))
    sheet.conditions(status.conditions)
    if status.discovered_artifacts is not None:
        sheet.field("Found First", sheet.ago(status.discovered_artifacts.discovered_at))
        sheet.rows("Found", ("Type", "Repository", "Newest"), _found(status.discovered_artifacts))


def _watched(subscription: RepoSubscription) -> list[str]:
    if subscription.git is not None:
        git = subscription.git
        return ["git", git.repo_url, _selects(git.commit_selection_strategy, git.semver_constraint, git.branch)]
    if subscription.image is not None:
        image = subscription.image
        return ["image", image.repo_url, _selects(image.image_selection_strategy, image.constraint)]
    if subscription.chart is not None:
        chart = subscription.chart
        place = f"{chart.repo_url} {chart.name}".rstrip()
        return ["chart", place, _selects("SemVer", chart.semver_constraint)]
    return [subscription.type, subscription.name, ""]


def _selects(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _found(found: DiscoveredArtifacts) -> Iterator[list[str]]:
    for git in found.git:
        newest = ", ".join(f"{each.id[:12]} {each.tag or each.subject}".rstrip() for each in git.commits[:MOST])
        yield ["git", git.repo_url, newest or "nothing"]
    for image in found.images:
        yield ["image", image.repo_url, ", ".join(each.tag for each in image.references[:MOST]) or "nothing"]
    for chart in found.charts:
        yield ["chart", f"{chart.repo_url} {chart.name}".rstrip(), ", ".join(chart.versions[:MOST]) or "nothing"]
    for result in found.results:
        newest = ", ".join(each.version for each in result.artifact_references[:MOST])
        yield ["other", result.name, newest or "nothing"]
