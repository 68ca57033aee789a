"""1,100 image tags, cold and warm: seconds and requests of one look."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from argosy.clients.oci import Oci, Target
from argosy.resources.warehouse import ImageSubscription
from argosy.rules import image_url
from argosy.sources.image import discover
from argosy.sources.tag_index import TagIndexes
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.registry import Registry

TAGS = 1_100
WARM_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `cold` is the same look with nothing cached: the baseline of the two others."""

    name: str
    trusts_tags: bool
    cold_seconds: float
    cold_requests: int
    warm_seconds: float
    warm_requests: int
    restarted_seconds: float
    restarted_requests: int


def subscriptions(host: str) -> Iterator[tuple[str, ImageSubscription]]:
    for strategy in ("SemVer", "NewestBuild"):
        for cached in (True, False):
            fields = {"repoURL": f"{host}/app", "imageSelectionStrategy": strategy, "cacheByTag": cached}
            yield f"{strategy}, cacheByTag {str(cached).lower()}", ImageSubscription.model_validate(fields)


async def measure(registry: Registry, oci: Oci, name: str, subscription: ImageSubscription) -> Figure:
    async def look(indexes: TagIndexes) -> tuple[float, int]:
        registry.requests.clear()
        start = time.perf_counter()
        found = await discover(subscription, indexes, None)
        seconds = time.perf_counter() - start
        assert len(found.references) == 20
        return seconds, registry.count()

    with tempfile.TemporaryDirectory() as folder:
        indexes = TagIndexes(oci, b"bench", Path(folder))
        cold = await look(indexes)
        warm = [await look(indexes) for _ in range(WARM_LOOKS)]
        restarted = await look(TagIndexes(oci, b"bench", Path(folder)))
    return Figure(
        name, bool(subscription.cache_by_tag), *cold, median(seconds for seconds, _ in warm), warm[-1][1], *restarted
    )


async def figures(tags: int = TAGS) -> list[Figure]:
    """Push the tags to a registry of our own, then measure each way to look at them."""
    async with Registry().serve() as registry, connected() as oci:
        target = Target(image_url.parse(f"{registry.host}/app"))
        for number in range(tags):
            await push_image(oci, target, f"1.{number // 100}.{number % 100}", NewImage(content=str(number)))
        return [await measure(registry, oci, name, each) for name, each in subscriptions(registry.host)]
