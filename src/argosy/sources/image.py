"""Images: discover what a subscription to a container image repository finds now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from argosy.clients.login import Login
from argosy.clients.oci import Target
from argosy.errors import Invalid, Permanent
from argosy.resources.discovery import ImageDiscoveryResult
from argosy.resources.warehouse import ImageSubscription
from argosy.rules import image as rules
from argosy.rules import image_url
from argosy.rules.image import CacheByTag, Image, Wanted
from argosy.sources.tag_index import TagIndex, TagIndexes

_AT_ONCE = 256


async def discover(
    subscription: ImageSubscription,
    indexes: TagIndexes,
    login: Login | None,
    *,
    name: str = "",
    policy: CacheByTag = CacheByTag.ALLOW,
) -> ImageDiscoveryResult:
    """Find the images that a subscription wants, best first, at most `discovery_limit` of them.

    Costs one request for the tags, then per image that is looked at one HEAD when it is known already. With
    `cacheByTag` known images cost nothing, so that a look without news is one request. SemVer and Lexical look at as
    many images as they return (more when a platform rules some out), NewestBuild at all, Digest at one and no list.

    Args:
        login: who may read the repository; None for anybody.
        name: the subscription's name.
        policy: the operator's word on `cacheByTag`.

    Raises:
        Invalid: the subscription is wrong; the message says where.
        Permanent: the registry refuses, or what a tag points to is no image.
        Temporary: the registry cannot answer now.
    """
    try:
        trusted = rules.trusts_tags(subscription, policy)
        wanted = Wanted(subscription)
    except Invalid as error:
        raise Invalid(f"image {subscription.repo_url}: {error.message}", advice=error.advice) from None
    try:
        repository = image_url.parse(image_url.normalize(subscription.repo_url))
    except ValueError as error:
        raise Permanent(str(error)) from None
    index = indexes.of(Target(repository, login, verify=not subscription.insecure_skip_tls_verify))
    try:
        images = await _images(subscription, wanted, index, trusted)
    finally:
        await index.save()
    platform = subscription.platform
    return ImageDiscoveryResult(
        repo_url=subscription.repo_url,
        platform=platform,
        references=tuple(rules.reference(tag, image, platform) for tag, image in images),
        subscription_name=name,
    )


async def _images(
    subscription: ImageSubscription, wanted: Wanted, index: TagIndex, trusted: bool
) -> Sequence[tuple[str, Image]]:
    strategy, limit = subscription.image_selection_strategy, subscription.discovery_limit
    if strategy == "Digest":
        return await _matching(subscription, index, [subscription.constraint], trusted)
    # In a thread: parsing and sorting ten thousand versions takes a tenth of a second.
    tags = await asyncio.to_thread(wanted.best_first, await index.tags())
    if strategy == "NewestBuild":
        found = dict(await _matching(subscription, index, tags, trusted))
        return [(tag, found[tag]) for tag in rules.newest_first(found)[:limit]]
    chosen: list[tuple[str, Image]] = []
    place = 0
    while len(chosen) < limit and place < len(tags):
        # Exactly as many as are missing: a platform may rule some out, and then the next ones are looked at.
        batch = tags[place : place + limit - len(chosen)]
        chosen += await _matching(subscription, index, batch, trusted)
        place += len(batch)
    return chosen


async def _matching(
    subscription: ImageSubscription, index: TagIndex, tags: Sequence[str], trusted: bool
) -> list[tuple[str, Image]]:
    """The tags, in their order, whose images satisfy the platform. Tags deleted since they were listed are left out."""
    found: list[tuple[str, Image]] = []
    for batch in _batches(tags):
        images = await _gather(index, batch, trusted)
        found += [
            (tag, image)
            for tag, image in zip(batch, images, strict=True)
            if image is not None and image.offers(subscription.platform)
        ]
    return found


async def _gather(index: TagIndex, tags: Sequence[str], trusted: bool) -> list[Image | None]:
    """The images of all tags; the first error ends the rest, and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(index.image(tag, trusted=trusted)) for tag in tags]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


def _batches(tags: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(tags), _AT_ONCE):
        yield tags[start : start + _AT_ONCE]
