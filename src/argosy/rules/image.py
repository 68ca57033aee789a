"""Images: what a manifest says about one, and which tags of a repository a subscription wants, best first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from argosy.errors import Invalid, Permanent
from argosy.resources.discovery import DiscoveredImageReference
from argosy.resources.meta import Model
from argosy.resources.warehouse import ImageSubscription
from argosy.rules.pattern import Matcher, regular_expression
from argosy.rules.versions import Constraint, Version

CREATED_CLAIMS = ("org.opencontainers.image.created", "org.label-schema.build-date")
MOST_PLATFORMS = 200
MOST_ANNOTATIONS = 256 * 1024

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)")
_TAG = re.compile(r"[a-zA-Z0-9_.\-]{1,128}")
_OLDEST = datetime.min.replace(tzinfo=UTC)


class Platform(Model):
    """One entry of an index: a system, and what the index says about its image."""

    os: str
    arch: str
    variant: str = ""
    annotations: dict[str, str] = Field(default_factory=dict)

    def matches(self, wanted: str) -> bool:
        """Whether this is the platform `os/arch` or `os/arch/variant`; without a variant only one without matches."""
        return "/".join(filter(None, (self.os, self.arch, self.variant))) == wanted


class Image(Model):
    """What is known of an image or an index; `platforms` is empty for a single image."""

    digest: str
    created: datetime | None = None
    annotations: dict[str, str] = Field(default_factory=dict)
    platforms: tuple[Platform, ...] = ()

    def offers(self, platform: str) -> bool:
        """Whether the image counts under a platform constraint; an empty one always holds.

        As in Kargo (`getImageByTag` in `pkg/image/repository_client.go`), only an index names platforms: a single
        image never satisfies a constraint.
        """
        return not platform or any(offered.matches(platform) for offered in self.platforms)


class CacheByTag(StrEnum):
    """The operator's policy on remembering what tags point to, as in Kargo's `CACHE_BY_TAG_POLICY`."""

    FORBID = "Forbid"
    ALLOW = "Allow"
    REQUIRE = "Require"
    FORCE = "Force"


def trusts_tags(subscription: ImageSubscription, policy: CacheByTag) -> bool:
    """Whether what a tag pointed to once may be believed for ever. Raises Invalid when the policy demands a choice."""
    if subscription.image_selection_strategy == "Digest" or policy is CacheByTag.FORBID:
        return False
    if policy is CacheByTag.REQUIRE and not subscription.cache_by_tag:
        raise Invalid(
            "the operator requires image metadata to be cached by tag",
            advice="Set cacheByTag: true on the subscription if its tags never move",
        )
    return subscription.cache_by_tag or policy is CacheByTag.FORCE


class Wanted:
    """What tags a subscription wants. Raises Invalid when its expressions or its constraint cannot be read."""

    def __init__(self, subscription: ImageSubscription) -> None:
        self._strategy = subscription.image_selection_strategy
        self._strict = subscription.strict_semvers
        self._tag = subscription.constraint
        self._allowed: list[Matcher] = []
        self._ignored: list[Matcher] = []
        self._constraint: Constraint | None = None
        if self._strategy == "Digest":
            return
        _refuse_deprecated(subscription)
        self._allowed = [regular_expression(text) for text in subscription.allow_tags_regexes]
        self._ignored = [regular_expression(text) for text in subscription.ignore_tags_regexes]
        if self._strategy == "SemVer" and subscription.constraint:
            self._constraint = Constraint.parse(subscription.constraint)

    def best_first(self, tags: Iterable[str]) -> list[str]:
        """The tags that the subscription wants, best first; with NewestBuild by name, as their images must be read."""
        found = [tag for tag in tags if self.matches(tag)]
        if self._strategy == "SemVer":
            return sorted(found, key=lambda tag: Version.parse(tag, strict=self._strict), reverse=True)
        return sorted(found, reverse=True)

    def matches(self, tag: str) -> bool:
        """Whether the subscription could select an image with this tag."""
        if not _TAG.fullmatch(tag):
            return False
        if self._strategy == "Digest":
            return tag == self._tag
        if any(ignores(tag) for ignores in self._ignored):
            return False
        if self._allowed and not any(allows(tag) for allows in self._allowed):
            return False
        if self._strategy != "SemVer":
            return True
        version = Version.find(tag, strict=self._strict)
        return version is not None and (self._constraint is None or self._constraint.allows(version))


def _refuse_deprecated(subscription: ImageSubscription) -> None:
    """Raises Invalid for the fields that Kargo no longer honours but still lets users apply."""
    for value, field, instead in (
        (subscription.allow_tags, "allowTags", "allowTagsRegexes"),
        (subscription.ignore_tags, "ignoreTags", "ignoreTagsRegexes"),
    ):
        if value:
            raise Invalid(
                f"{field} is no longer supported",
                advice=f"Write the same as a list of regular expressions in {instead}",
            )


def newest_first(images: Mapping[str, Image]) -> list[str]:
    """Tags by the time their images were built; equal times by tag, greatest first."""
    return sorted(images, key=lambda tag: (images[tag].created or _OLDEST, tag), reverse=True)


def reference(tag: str, image: Image, platform: str) -> DiscoveredImageReference:
    """An image as a Warehouse shows it: under a platform, what the index says of that one is added and wins."""
    chosen = next((offered.annotations for offered in image.platforms if offered.matches(platform)), {})
    return DiscoveredImageReference(
        tag=tag,
        digest=image.digest,
        annotations={**image.annotations, **(chosen if platform else {})},
        created_at=image.created,
    )


def of_manifest(digest: str, manifest: Mapping[str, Any], config: Mapping[str, Any]) -> Image:
    """A single image. Its time is what its annotations claim, else the later of config and labels.

    Labels are often inherited from a base image, and every wrong time errs to the past (Kargo's `getCreationTime`).
    """
    annotations = _texts(manifest.get("annotations"))
    inner = config.get("config")
    labels = _texts(inner.get("Labels") if isinstance(inner, Mapping) else None)
    times = (_time(config.get("created")), claimed_time(labels))
    created = claimed_time(annotations) or max(filter(None, times), default=None)
    return Image(digest=digest, created=created, annotations=_bounded(annotations, digest))


def references(index: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The entries of an index that are images: attestations and the like name no platform, or an unknown one.

    Raises Permanent when there is none, or absurdly many.
    """
    manifests = index.get("manifests")
    found = [item for item in manifests if _is_image(item)] if isinstance(manifests, list) else []
    if not found:
        raise Permanent("the index lists no image with a platform")
    if len(found) > MOST_PLATFORMS:
        raise Permanent(f"the index lists {len(found)} images, the limit is {MOST_PLATFORMS}")
    return found


def of_index(digest: str, index: Mapping[str, Any], children: Mapping[str, Image]) -> Image:
    """An index. Its time is its own claim, else the newest of its entries, whose own claims come before their images'.

    Args:
        children: the images of all `references(index)`, by digest.
    """
    annotations = _texts(index.get("annotations"))
    platforms, times = [], []
    for item in references(index):
        about = _texts(item.get("annotations"))
        times.append(claimed_time(about) or children[item["digest"]].created)
        platform = item["platform"]
        variant = str(platform.get("variant") or "")
        platforms.append(
            Platform(
                os=platform["os"], arch=platform["architecture"], variant=variant, annotations=_bounded(about, digest)
            )
        )
    created = claimed_time(annotations) or max(filter(None, times), default=None)
    return Image(digest=digest, created=created, annotations=_bounded(annotations, digest), platforms=tuple(platforms))


def claimed_time(metadata: Mapping[str, str]) -> datetime | None:
    """The creation time that annotations or labels claim: the first known key with a time that can be read."""
    return next(filter(None, (_time(metadata.get(key)) for key in CREATED_CLAIMS)), None)


def _is_image(item: object) -> bool:
    platform = item.get("platform") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(platform, Mapping) or not isinstance(item.get("digest"), str):
        return False
    names = (platform.get("os"), platform.get("architecture"))
    return all(isinstance(name, str) and name not in ("", "unknown") for name in names)


def _time(text: object) -> datetime | None:
    """A time as Go reads RFC 3339; None for anything else and for Go's zero time, which means "not set"."""
    if not isinstance(text, str) or not _RFC3339.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace(",", ".")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year > 1 else None


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {key: text for key, text in value.items() if isinstance(key, str) and isinstance(text, str)}


def _bounded(annotations: dict[str, str], digest: str) -> dict[str, str]:
    size = sum(len(key) + len(text) for key, text in annotations.items())
    if size > MOST_ANNOTATIONS:
        raise Permanent(f"the image {digest} has {size} characters of annotations, the limit is {MOST_ANNOTATIONS}")
    return annotations
