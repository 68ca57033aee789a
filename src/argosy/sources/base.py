"""Discovery: every subscription of a Warehouse, each by the source of its kind, through what all Warehouses share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from argosy.clients.git import Remote
from argosy.credentials.base import Credentials
from argosy.errors import Permanent
from argosy.meter import UNMETERED, Meter
from argosy.resources.discovery import (
    ChartDiscoveryResult,
    DiscoveredArtifacts,
    GitDiscoveryResult,
    ImageDiscoveryResult,
)
from argosy.resources.warehouse import ChartSubscription, GitSubscription, ImageSubscription, Warehouse
from argosy.rules.image import CacheByTag
from argosy.sources import chart, image
from argosy.sources.chart_index import ChartIndexes
from argosy.sources.git import GitDiscovery
from argosy.sources.mirrors import Mirrors
from argosy.sources.tag_index import TagIndexes


@dataclass(frozen=True, slots=True)
class Discovery:
    """Discovers for all Warehouses. `cache_by_tag` is the operator's word on subscriptions that trust tags."""

    mirrors: Mirrors
    git: GitDiscovery
    tags: TagIndexes
    charts: ChartIndexes
    credentials: Credentials
    cache_by_tag: CacheByTag = CacheByTag.ALLOW
    meter: Meter = UNMETERED

    async def discover(self, warehouse: Warehouse, *, max_age: float) -> DiscoveredArtifacts:
        """What every subscription finds, newest first; a look at a server at most `max_age` seconds old will do.

        Raises Invalid, NotFound and Permanent for what somebody must correct, Temporary for what may pass.
        """
        commits: list[GitDiscoveryResult] = []
        images: list[ImageDiscoveryResult] = []
        charts: list[ChartDiscoveryResult] = []
        for subscription in warehouse.spec.subscriptions:
            if subscription.git is not None:
                with self._told("git"):
                    commits.append(await self._commits(warehouse, subscription.git, subscription.name, max_age))
            elif subscription.image is not None:
                with self._told("image"):
                    images.append(await self._images(warehouse, subscription.image, subscription.name))
            elif subscription.chart is not None:
                with self._told("chart"):
                    charts.append(await self._charts(warehouse, subscription.chart, subscription.name))
            else:
                raise Permanent(
                    f"subscriptions of type {subscription.type!r} are not supported by this version of Argosy",
                    advice="Git repositories, container images and Helm charts are.",
                )
        return DiscoveredArtifacts(git=tuple(commits), images=tuple(images), charts=tuple(charts))

    @contextlib.contextmanager
    def _told(self, source: str) -> Iterator[None]:
        """Tell the meter of one look, when the block ends."""
        begun, result = perf_counter(), "error"
        try:
            yield
            result = "success"
        finally:
            self.meter.took("discovery", perf_counter() - begun, source=source, result=result)

    async def _commits(
        self, warehouse: Warehouse, subscription: GitSubscription, name: str, max_age: float
    ) -> GitDiscoveryResult:
        login = await self.credentials.get(warehouse.namespace, "git", subscription.repo_url)
        remote = Remote.of(subscription.repo_url, login, verify_tls=not subscription.insecure_skip_tls_verify)
        mirror = await self.mirrors.open(remote, blobless=subscription.blobless)
        return await self.git.discover(subscription, mirror, name=name, max_age=max_age)

    async def _images(self, warehouse: Warehouse, subscription: ImageSubscription, name: str) -> ImageDiscoveryResult:
        login = await self.credentials.get(warehouse.namespace, "image", subscription.repo_url)
        return await image.discover(subscription, self.tags, login, name=name, policy=self.cache_by_tag)

    async def _charts(self, warehouse: Warehouse, subscription: ChartSubscription, name: str) -> ChartDiscoveryResult:
        login = await self.credentials.get(warehouse.namespace, "helm", subscription.repo_url)
        return await chart.discover(subscription, self.charts, self.tags, login, name=name)
