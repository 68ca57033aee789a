"""Charts: which versions of a chart a subscription wants, best first."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.resources.warehouse import ChartSubscription
from argosy.rules.versions import Constraint, Version

OCI = "oci://"


def best_first(subscription: ChartSubscription, listed: Iterable[str]) -> tuple[str, ...]:
    """The versions that a subscription wants, highest first, at most `discovery_limit` of them.

    Versions that mean the same are ordered by their text, and what is no semantic version does not count. In an OCI
    registry versions are strict, and without a leading `v`. Follows Kargo's `pkg/helm/chart`.

    Args:
        listed: versions as the repository spells them; tags for an OCI one.

    Raises:
        Invalid: the constraint cannot be read.
    """
    constraint = Constraint.parse(subscription.semver_constraint) if subscription.semver_constraint else None
    find = _of_tag if subscription.repo_url.startswith(OCI) else Version.find
    found = {version for text in listed if (version := find(text)) is not None}
    wanted = [version for version in found if constraint is None or constraint.allows(version)]
    best = sorted(wanted, reverse=True)[: subscription.discovery_limit]
    return tuple(version.original for version in best)


def _of_tag(tag: str) -> Version | None:
    """The version under a tag: Helm writes `_` for `+`, which no tag may hold."""
    return None if tag.startswith("v") else Version.find(tag.replace("_", "+"), strict=True)
