"""Freight: its name, whether a Stage may take it, and for how long it has soaked.

Behaviour follows Kargo's `pkg/api/freight.go`, `api/v1alpha1/freight_types.go` and `stage_types.go`.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from argosy.errors import Problem
from argosy.resources.artifact import ArtifactReference, Chart, GitCommit, Image
from argosy.resources.duration import parse_duration
from argosy.resources.freight import Freight, FreightCollection, FreightReference
from argosy.resources.stage import FreightRequest, FreightSources, Stage
from argosy.resources.warehouse import Warehouse
from argosy.rules.git_url import normalize as normalize_git
from argosy.rules.image_url import normalize_chart
from argosy.rules.obstacle import Code, Obstacle


def freight_name(freight: Freight | FreightReference) -> str:
    """The name that the content of `freight` gives it: SHA-1, 40 hexadecimal digits."""
    parts = sorted(
        [
            *(_commit_part(commit) for commit in freight.commits),
            *(_image_part(image) for image in freight.images),
            *(_chart_part(chart) for chart in freight.charts),
            *(_artifact_part(artifact) for artifact in freight.artifacts),
        ]
    )
    return hashlib.sha1(f"{freight.origin}:{'|'.join(parts)}".encode(), usedforsecurity=False).hexdigest()


def _named(base: str, subscription: str) -> str:
    return f"{base}:{subscription}" if subscription else base


def _commit_part(commit: GitCommit) -> str:
    version = f"{commit.tag}:{commit.id}" if commit.tag else commit.id
    return _named(f"{normalize_git(commit.repo_url)}:{version}", commit.subscription_name)


def _image_part(image: Image) -> str:
    return _named(f"{image.repo_url}:{image.tag}@{image.digest}", image.subscription_name)


def chart_path(url: str, name: str) -> str:
    """URL and chart name joined as Go's `path.Join` does, which makes one slash of two: `https:/host/name`."""
    joined = "/".join(part for part in (normalize_chart(url), name) if part)
    cleaned = posixpath.normpath(joined) if joined else ""
    return cleaned.replace("//", "/", 1) if cleaned.startswith("//") else cleaned


def _chart_part(chart: Chart) -> str:
    return _named(f"{chart_path(chart.repo_url, chart.name)}:{chart.version}", chart.subscription_name)


def _artifact_part(artifact: ArtifactReference) -> str:
    return f"{artifact.artifact_type or ''}:{artifact.subscription_name}:{artifact.version}"


def collection_of(references: Iterable[FreightReference]) -> FreightCollection:
    """The Freight that is promoted together; its ID is the SHA-1 of the sorted names joined by commas."""
    items = {str(reference.origin): reference for reference in references}
    names = ",".join(sorted(reference.name for reference in items.values()))
    return FreightCollection(id=hashlib.sha1(names.encode(), usedforsecurity=False).hexdigest(), items=items)


def soaked_for(freight: Freight, stage: str, now: datetime) -> float:
    """The longest time in seconds that verified Freight has been in `stage` without a break; 0 when not verified."""
    verified = freight.status.verified_in.get(stage)
    if verified is None:
        return 0.0
    completed = parse_duration(verified.longest_soak) if verified.longest_soak else 0.0
    return max(completed, _stay(freight, stage, now) or 0.0)


def soak_obstacle(freight: Freight, upstream: str, sources: FreightSources, now: datetime) -> Obstacle | None:
    """Why Freight does not count as verified and soaked in `upstream`; None when it does."""
    stay = _stay(freight, upstream, now)
    if upstream not in freight.status.verified_in:
        return Obstacle(Code.NOT_YET_UPSTREAM if stay is None else Code.NOT_VERIFIED_UPSTREAM, upstream)
    wanted = parse_duration(sources.required_soak_time) if sources.required_soak_time else 0.0
    if soaked_for(freight, upstream, now) >= wanted:
        return None
    if stay is None:
        return Obstacle(Code.SOAK_CUT_SHORT, upstream, more=str(sources.required_soak_time))
    return Obstacle(Code.SOAKING, upstream, wanted - stay, str(sources.required_soak_time))


def _stay(freight: Freight, stage: str, now: datetime) -> float | None:
    """For how many seconds Freight has been in `stage` this time; None when it is not there."""
    present = freight.status.currently_in.get(stage)
    return (now - present.since).total_seconds() if present is not None and present.since else None


def obstacles(stage: Stage, freight: Freight, now: datetime) -> tuple[Obstacle, ...]:
    """Why `stage` may not take `freight` now; nothing when it may."""
    if stage.namespace != freight.namespace:
        return (Obstacle(Code.OTHER_PROJECT, freight.namespace),)
    request = request_for(stage, freight)
    if request is None:
        return (Obstacle(Code.NOT_REQUESTED, str(freight.origin)),)
    if stage.name in freight.status.approved_for or request.sources.direct:
        return ()
    found = [soak_obstacle(freight, upstream, request.sources, now) for upstream in request.sources.stages]
    if not found and not request.sources.requires_all:
        return (Obstacle(Code.NO_SOURCE, str(freight.origin)),)
    lacking = tuple(each for each in found if each is not None)
    return lacking if request.sources.requires_all or len(lacking) == len(found) else ()


def request_for(stage: Stage, freight: Freight) -> FreightRequest | None:
    """What the Stage asks for of the Freight's origin."""
    origin = str(freight.origin)
    return next((each for each in stage.spec.requested_freight if str(each.origin) == origin), None)


def available_in(stage: Stage, freight: Freight, now: datetime) -> float:
    """Seconds until `stage` may take `freight`: 0 for now, NEVER when the passing of time alone will not do."""
    left = [each.left for each in obstacles(stage, freight, now)]
    request = request_for(stage, freight)
    choose = max if request is not None and request.sources.requires_all else min
    return choose(left, default=0.0)


def is_available(stage: Stage, freight: Freight, now: datetime) -> bool:
    """Whether `stage` may take `freight` now (Kargo's `IsFreightAvailable`)."""
    return not obstacles(stage, freight, now)


def artifact_problems(freight: Freight, warehouse: Warehouse) -> list[Problem]:
    """Where Freight does not match its Warehouse: each subscription must be met exactly once."""
    wanted = {subscribed for subscribed, _ in _subscribed(warehouse)}
    carried = Counter(_carried(freight))
    problems = [
        Problem(f"Warehouse {warehouse.name!r} has no subscription to {what}", field)
        for (field, what) in carried
        if (field, what) not in wanted
    ]
    for field, what in sorted(wanted):
        count = carried[(field, what)]
        if count != 1:
            found = "nothing" if count == 0 else f"{count} artifacts"
            problems.append(Problem(f"{found} for the subscription to {what}; exactly one is needed", field))
    return problems


def _carried(freight: Freight) -> Iterator[tuple[str, str]]:
    yield from (("commits", normalize_git(commit.repo_url)) for commit in freight.commits)
    yield from (("images", image.repo_url) for image in freight.images)
    yield from (("charts", chart_path(chart.repo_url, chart.name)) for chart in freight.charts)


def _subscribed(warehouse: Warehouse) -> Iterator[tuple[tuple[str, str], object]]:
    for subscription in warehouse.spec.subscriptions:
        if subscription.git is not None:
            yield ("commits", normalize_git(subscription.git.repo_url)), subscription
        if subscription.image is not None:
            yield ("images", subscription.image.repo_url), subscription
        if subscription.chart is not None:
            yield ("charts", chart_path(subscription.chart.repo_url, subscription.chart.name)), subscription
