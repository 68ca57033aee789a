"""Which images a subscription wants, and what manifests say about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Invalid, Permanent
from argosy.resources.warehouse import ImageSubscription
from argosy.rules import image as rules
from argosy.rules.image import CacheByTag, Image, Platform, Wanted

OCI, LEGACY = rules.CREATED_CLAIMS


def subscription(**fields: Any) -> ImageSubscription:
    return ImageSubscription.model_validate({"repoURL": "ghcr.io/example/app"} | fields)


def best(tags: list[str], **fields: Any) -> list[str]:
    return Wanted(subscription(**fields)).best_first(tags)


SELECTIONS: dict[str, tuple[list[str], dict[str, Any], list[str]]] = {
    "versions, greatest first, and nothing else": (
        ["1.0.0", "latest", "1.10.0", "1.9.0"],
        {},
        ["1.10.0", "1.9.0", "1.0.0"],
    ),
    "a leading v is allowed": (["v1.0.0", "1.1.0"], {}, ["1.1.0", "v1.0.0"]),
    "incomplete versions only when not strict": (["1", "1.2", "1.2.3"], {}, ["1.2.3"]),
    "incomplete versions when lenient": (["1", "1.2", "1.2.3"], {"strictSemvers": False}, ["1.2.3", "1.2", "1"]),
    "equal versions by their text, greatest first": (
        ["1.0", "v1.0.0", "1.0.0"],
        {"strictSemvers": False},
        ["v1.0.0", "1.0.0", "1.0"],
    ),
    "a constraint": (["1.9.0", "2.0.0", "2.1.0-rc.1"], {"constraint": "^2.0.0"}, ["2.0.0"]),
    "allowed tags must match one expression somewhere": (
        ["1.0.0-alpine", "1.0.0-debian", "1.0.0"],
        {"allowTagsRegexes": ["alpine$", "debian$"]},
        ["1.0.0-debian", "1.0.0-alpine"],
    ),
    "ignored wins over allowed": (
        ["1.0.0", "1.1.0"],
        {"allowTagsRegexes": ["^1"], "ignoreTagsRegexes": ["^1\\.1"]},
        ["1.0.0"],
    ),
    "by name, last first": (
        ["b", "a", "nightly-2", "nightly-10"],
        {"imageSelectionStrategy": "Lexical"},
        ["nightly-2", "nightly-10", "b", "a"],
    ),
    "one moving tag": (["latest", "1.0.0"], {"imageSelectionStrategy": "Digest", "constraint": "latest"}, ["latest"]),
    "a moving tag takes no notice of expressions": (
        ["latest"],
        {"imageSelectionStrategy": "Digest", "constraint": "latest", "ignoreTagsRegexes": ["latest", "("]},
        ["latest"],
    ),
    "what cannot be a tag is passed over": (
        ["../../x", "a b", "", "ok", "x" * 129],
        {"imageSelectionStrategy": "Lexical"},
        ["ok"],
    ),
}


@pytest.mark.parametrize(("tags", "fields", "expected"), SELECTIONS.values(), ids=SELECTIONS)
def test_selection(tags: list[str], fields: dict[str, Any], expected: list[str]) -> None:
    assert best(tags, **fields) == expected


@given(st.lists(st.from_regex(r"v?[0-9]{1,2}(\.[0-9]{1,2}){0,2}(-rc\.[0-9])?", fullmatch=True), unique=True))
def test_the_order_of_tags_never_matters(tags: list[str]) -> None:
    assert best(tags, strictSemvers=False) == best(tags[::-1], strictSemvers=False)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"allowTags": "^1"}, "allowTagsRegexes"),
        ({"ignoreTags": ["latest"]}, "ignoreTagsRegexes"),
        ({"allowTagsRegexes": ["("]}, "not a regular expression"),
        ({"ignoreTagsRegexes": ["(?=x)"]}, "not a regular expression"),
        ({"constraint": "newest please"}, "not a version constraint"),
    ],
)
def test_a_wrong_subscription_is_refused_with_advice(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        Wanted(subscription(**fields))


@pytest.mark.parametrize(
    ("policy", "asked", "trusted"),
    [
        (CacheByTag.ALLOW, False, False),
        (CacheByTag.ALLOW, True, True),
        (CacheByTag.FORBID, True, False),
        (CacheByTag.FORCE, False, True),
        (CacheByTag.REQUIRE, True, True),
    ],
)
def test_who_decides_whether_tags_are_trusted(policy: CacheByTag, asked: bool, trusted: bool) -> None:
    assert rules.trusts_tags(subscription(cacheByTag=asked), policy) is trusted


def test_a_required_choice_must_be_made() -> None:
    with pytest.raises(Invalid, match="Set cacheByTag: true"):
        rules.trusts_tags(subscription(), CacheByTag.REQUIRE)


@pytest.mark.parametrize("policy", CacheByTag)
def test_a_moving_tag_is_never_trusted(policy: CacheByTag) -> None:
    moving = subscription(imageSelectionStrategy="Digest", constraint="latest", cacheByTag=True)
    assert rules.trusts_tags(moving, policy) is False


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def stamp(number: int) -> str:
    return f"2026-01-0{number}T00:00:00Z"


TIMES: dict[str, tuple[dict[str, Any], dict[str, Any], datetime | None]] = {
    "the config's time": ({}, {"created": stamp(2)}, day(2)),
    "an annotation wins over later times": (
        {"annotations": {OCI: stamp(1)}},
        {"created": stamp(3), "config": {"Labels": {OCI: stamp(4)}}},
        day(1),
    ),
    "the current key wins over the old one": ({"annotations": {LEGACY: stamp(2), OCI: stamp(1)}}, {}, day(1)),
    "the old key counts when the current one cannot be read": (
        {"annotations": {OCI: "yesterday", LEGACY: stamp(2)}},
        {},
        day(2),
    ),
    "a later label wins over the config": ({}, {"created": stamp(1), "config": {"Labels": {LEGACY: stamp(2)}}}, day(2)),
    "an earlier label, as inherited from a base image, does not": (
        {},
        {"created": stamp(3), "config": {"Labels": {OCI: stamp(2)}}},
        day(3),
    ),
    "no time at all": ({}, {}, None),
    "Go's zero time is no time": ({}, {"created": "0001-01-01T00:00:00Z"}, None),
    "a time that leaves the calendar when read in UTC": ({}, {"created": "0001-01-01T00:00:00+05:00"}, None),
    "fractions and offsets are read": (
        {},
        {"created": "2026-01-02T01:00:00.123456789+01:00"},
        datetime(2026, 1, 2, 0, 0, 0, 123456, tzinfo=UTC),
    ),
    "only RFC 3339 is read": ({}, {"created": "2026-01-02"}, None),
    "wrong types are passed over": ({"annotations": [1]}, {"created": 5, "config": {"Labels": None}}, None),
}


@pytest.mark.parametrize(("manifest", "config", "expected"), TIMES.values(), ids=TIMES)
def test_when_an_image_was_built(manifest: dict[str, Any], config: dict[str, Any], expected: datetime | None) -> None:
    assert rules.of_manifest("sha256:0", manifest, config).created == expected


def entry(digest: str, os: str = "linux", arch: str = "amd64", **more: Any) -> dict[str, Any]:
    variant = {"variant": more.pop("variant")} if "variant" in more else {}
    return {"digest": digest, "platform": {"os": os, "architecture": arch, **variant}, **more}


CHILDREN = {"a": Image(digest="a", created=day(1)), "b": Image(digest="b", created=day(3))}
INDEX_TIMES: dict[str, tuple[dict[str, Any], datetime | None]] = {
    "the newest of its images": ({"manifests": [entry("a"), entry("b")]}, day(3)),
    "what an entry claims comes before its image": (
        {"manifests": [entry("a"), entry("b", annotations={OCI: stamp(2)})]},
        day(2),
    ),
    "what the index itself claims comes first": (
        {"annotations": {OCI: stamp(1)}, "manifests": [entry("a", annotations={OCI: stamp(5)}), entry("b")]},
        day(1),
    ),
    "attestations do not count": (
        {"manifests": [entry("a"), entry("b", "unknown", "unknown"), {"digest": "c"}]},
        day(1),
    ),
}


@pytest.mark.parametrize(("index", "expected"), INDEX_TIMES.values(), ids=INDEX_TIMES)
def test_when_an_index_was_built(index: dict[str, Any], expected: datetime) -> None:
    assert rules.of_index("sha256:0", index, CHILDREN).created == expected


@pytest.mark.parametrize(
    "manifests", [None, [], "x", [5], [{"digest": 5, "platform": {"os": "linux", "architecture": "amd64"}}]]
)
def test_an_index_without_images_is_no_image(manifests: Any) -> None:
    with pytest.raises(Permanent, match="lists no image"):
        rules.references({"manifests": manifests})


def test_an_index_with_thousands_of_images_is_refused() -> None:
    with pytest.raises(Permanent, match="lists 5000 images"):
        rules.references({"manifests": [entry(str(number)) for number in range(5000)]})


def test_a_megabyte_of_annotations_is_refused() -> None:
    with pytest.raises(Permanent, match="characters of annotations"):
        rules.of_manifest("sha256:0", {"annotations": {"x": "y" * 1_000_000}}, {})


@pytest.mark.parametrize(
    ("platform", "offered"),
    [("", True), ("linux/amd64", True), ("linux/arm64/v8", True), ("linux/arm64", False), ("windows/amd64", False)],
)
def test_a_platform_is_matched_whole(platform: str, offered: bool) -> None:
    index = {"manifests": [entry("a"), entry("b", arch="arm64", variant="v8")]}
    assert rules.of_index("sha256:0", index, CHILDREN).offers(platform) is offered


def test_a_single_image_satisfies_no_platform() -> None:
    image = Image(digest="sha256:0")
    assert image.offers("")
    assert not image.offers("linux/amd64")


def test_a_platform_adds_what_the_index_says_of_it_but_keeps_the_index() -> None:
    platforms = (
        Platform(os="linux", arch="amd64", annotations={"both": "entry", "entry": "1"}),
        Platform(os="linux", arch="arm64", annotations={"other": "1"}),
    )
    image = Image(digest="sha256:0", annotations={"both": "index"}, platforms=platforms, created=day(1))
    found = rules.reference("1.0.0", image, "linux/amd64")
    assert found.dump() == {
        "tag": "1.0.0",
        "digest": "sha256:0",
        "annotations": {"both": "entry", "entry": "1"},
        "createdAt": stamp(1),
    }
    assert rules.reference("1.0.0", image, "").annotations == {"both": "index"}


def test_the_newest_build_comes_first_and_ties_go_by_tag() -> None:
    images = {
        "none": Image(digest="0"),
        "old": Image(digest="1", created=day(1)),
        "a": Image(digest="2", created=day(2)),
        "b": Image(digest="3", created=day(2)),
    }
    assert rules.newest_first(images) == ["b", "a", "old", "none"]
