"""Artifacts in a few words each, as Stages, Freight and Promotions carry them."""

from __future__ import annotations

from collections.abc import Iterator

from argosy.resources.freight import Freight, FreightReference


def artifacts(freight: Freight | FreightReference) -> Iterator[tuple[str, str, str]]:
    """Sort, version and place of each artifact."""
    for commit in freight.commits:
        version = f"{commit.id[:12]} ({commit.tag or commit.branch})" if commit.tag or commit.branch else commit.id[:12]
        yield "commit", version, commit.repo_url
    for image in freight.images:
        yield "image", image.tag or image.digest, image.repo_url
    for chart in freight.charts:
        yield "chart", chart.version, "/".join(part for part in (chart.repo_url, chart.name) if part)
    for other in freight.artifacts:
        yield other.artifact_type, other.version, other.subscription_name


def summary(freight: Freight | FreightReference) -> str:
    """All versions on one line."""
    return ", ".join(f"{place.rpartition('/')[2]} {version}" for _, version, place in artifacts(freight))
