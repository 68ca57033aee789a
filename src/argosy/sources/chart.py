"""Charts: discover what a subscription to a Helm chart repository finds now."""

from __future__ import annotations

import asyncio

from argosy.clients.login import Login
from argosy.clients.oci import Target
from argosy.errors import Invalid, Permanent
from argosy.resources.discovery import ChartDiscoveryResult
from argosy.resources.warehouse import ChartSubscription
from argosy.rules import chart_version as rules
from argosy.rules import image_url
from argosy.sources.chart_index import ChartIndexes, Place
from argosy.sources.tag_index import TagIndexes


async def discover(
    subscription: ChartSubscription,
    indexes: ChartIndexes,
    tags: TagIndexes,
    login: Login | None,
    *,
    name: str = "",
) -> ChartDiscoveryResult:
    """Find the versions that a subscription wants, highest first, at most `discovery_limit` of them.

    Costs one request: for `index.yaml` of a classic repository, for the tags of an OCI one (more where the registry
    pages). Neither is transferred again while the server says that nothing changed.

    Args:
        login: who may read the repository; None for anybody.
        name: the subscription's name.

    Raises:
        Invalid: the subscription is wrong; the message says where.
        Permanent: the server refuses, or what is there is no chart repository.
        Temporary: the server cannot answer now.
    """
    try:
        rules.best_first(subscription, ())
    except Invalid as error:
        raise Invalid(f"chart {subscription.repo_url}: {error.message}", advice=error.advice) from None
    listed = await _listed(subscription, indexes, tags, login)
    return ChartDiscoveryResult(
        repo_url=subscription.repo_url,
        name=subscription.name,
        semver_constraint=subscription.semver_constraint,
        versions=await asyncio.to_thread(rules.best_first, subscription, listed),
        subscription_name=name,
    )


async def _listed(
    subscription: ChartSubscription, indexes: ChartIndexes, tags: TagIndexes, login: Login | None
) -> tuple[str, ...]:
    verify = not subscription.insecure_skip_tls_verify
    if not subscription.repo_url.startswith(rules.OCI):
        place = Place(subscription.repo_url, login, verify)
        return (await indexes.get(place)).get(subscription.name, ())
    try:
        repository = image_url.parse(image_url.normalize(subscription.repo_url.removeprefix(rules.OCI)))
    except ValueError as error:
        raise Permanent(str(error)) from None
    index = tags.of(Target(repository, login, verify=verify))
    try:
        return await index.tags()
    finally:
        await index.save()
