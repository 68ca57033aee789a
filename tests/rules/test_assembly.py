"""Freight put together by hand: what is meant by a word, and what cannot be met."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.errors import Invalid
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.freight import FreightReference
from argosy.rules.assembly import assembled, choices, newest

DIGEST = "sha256:" + "ab12" * 16
FOUND = DiscoveredArtifacts.model_validate(
    {
        "git": [
            {
                "repoURL": "https://github.com/Acme/config.git",
                "commits": [
                    {
                        "id": "c0ffee" + "0" * 34,
                        "branch": "main",
                        "subject": "Newer",
                        "author": "Ada <ada@example.com>",
                    },
                    {"id": "c0ffed" + "0" * 34, "branch": "main", "tag": "v7", "subject": "Older"},
                ],
            }
        ],
        "images": [
            {
                "repoURL": "ghcr.io/acme/web",
                "references": [
                    {"tag": "1.3.0", "digest": "sha256:" + "cd" * 32},
                    {"tag": "1.2.3", "digest": DIGEST, "annotations": {"a": "b"}},
                ],
            },
            {
                "repoURL": "ghcr.io/other/web",
                "subscriptionName": "side",
                "references": [{"tag": "9", "digest": DIGEST}],
            },
        ],
        "charts": [{"repoURL": "https://charts.example.com/", "name": "redis", "versions": ["20.1.0", "20.0.0"]}],
        "results": [
            {
                "name": "model",
                "artifactReferences": [
                    {"artifactType": "model", "subscriptionName": "model", "version": "3"},
                    {"artifactType": "model", "subscriptionName": "model", "version": "2"},
                ],
            }
        ],
    }
)


def versions(freight: FreightReference) -> list[str]:
    return [
        *(each.tag or each.id[:6] for each in freight.commits),
        *(each.tag for each in freight.images),
        *(each.version for each in freight.charts),
        *(each.version for each in freight.artifacts),
    ]


def problems(wishes: list[tuple[str, str]], found: DiscoveredArtifacts = FOUND) -> list[str]:
    with pytest.raises(Invalid) as raised:
        assembled("app", found, wishes)
    assert "Warehouse 'app'" in str(raised.value)
    return [str(problem) for problem in raised.value.problems]


def test_freight_is_made_of_the_newest_of_everything() -> None:
    freight = newest("app", FOUND)
    assert str(freight.origin) == "Warehouse/app"
    assert versions(freight) == ["c0ffee", "1.3.0", "9", "20.1.0", "3"]
    assert freight.commits[0].compact() == {
        "repoURL": "https://github.com/Acme/config.git",
        "id": "c0ffee" + "0" * 34,
        "branch": "main",
        "message": "Newer",
        "author": "Ada <ada@example.com>",
    }
    assert freight.images[1].subscription_name == "side"


def test_without_wishes_it_is_the_newest() -> None:
    assert assembled("app", FOUND, []) == newest("app", FOUND)


@pytest.mark.parametrize(
    ("place", "version", "taken"),
    [
        ("https://github.com/acme/config", "v7", ["v7", "1.3.0", "9", "20.1.0", "3"]),
        ("config.git", "c0ffed", ["v7", "1.3.0", "9", "20.1.0", "3"]),
        ("acme/config", "c0ffed" + "0" * 34, ["v7", "1.3.0", "9", "20.1.0", "3"]),
        ("ghcr.io/acme/web", "1.2.3", ["c0ffee", "1.2.3", "9", "20.1.0", "3"]),
        ("acme/web", DIGEST, ["c0ffee", "1.2.3", "9", "20.1.0", "3"]),
        ("acme/web", "sha256:ab12", ["c0ffee", "1.2.3", "9", "20.1.0", "3"]),
        ("acme/web", "ab12", ["c0ffee", "1.2.3", "9", "20.1.0", "3"]),
        ("side", "9", ["c0ffee", "1.3.0", "9", "20.1.0", "3"]),
        ("redis", "20.0.0", ["c0ffee", "1.3.0", "9", "20.0.0", "3"]),
        ("https://charts.example.com/redis", "20.0.0", ["c0ffee", "1.3.0", "9", "20.0.0", "3"]),
        ("model", "2", ["c0ffee", "1.3.0", "9", "20.1.0", "2"]),
    ],
)
def test_a_wish_replaces_the_newest(place: str, version: str, taken: list[str]) -> None:
    assert versions(assembled("app", FOUND, [(place, version)])) == taken


def test_what_was_discovered_of_an_artifact_comes_along() -> None:
    image = assembled("app", FOUND, [("acme/web", "1.2.3")]).images[0]
    assert (image.digest, image.annotations) == (DIGEST, {"a": "b"})


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ([("wep", "1")], "no subscription is to 'wep'. Did you mean"),
        ([("zzz", "1")], "no subscription is to 'zzz'. There are https://github.com/Acme/config.git, ghcr.io/acme/web"),
        ([("web", "1.2.3")], "'web' may mean any of ghcr.io/acme/web, ghcr.io/other/web"),
        ([("acme/web", "1.2")], "'1.2' of ghcr.io/acme/web was not discovered; newest first there is 1.3.0, 1.2.3"),
        ([("config", "c0ffe")], "'c0ffe' of https://github.com/Acme/config.git may mean any of c0ffee000000, v7"),
        ([("config", "c0")], "'c0' of https://github.com/Acme/config.git was not discovered"),
        ([("redis", "20.0.0"), ("redis", "20.1.0")], "'redis' is chosen twice"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(wishes: list[tuple[str, str]], told: str) -> None:
    (problem,) = problems(wishes)
    assert problem.startswith(told)


def test_every_fault_is_told_at_once() -> None:
    assert len(problems([("nothing-like-it", "1"), ("redis", "1"), ("web", "1")])) == 3


@pytest.mark.parametrize(
    "found", [{"images": [{"repoURL": "ghcr.io/acme/web"}]}, {"charts": [{"repoURL": "oci://ghcr.io/acme/chart"}]}]
)
def test_a_subscription_without_artifacts_is_told(found: dict[str, Any]) -> None:
    (problem,) = problems([], DiscoveredArtifacts.model_validate(found))
    assert problem.startswith("nothing was discovered for")


def test_nothing_at_all_is_told() -> None:
    assert problems([], DiscoveredArtifacts()) == []


def test_choices_are_named_as_people_write_them() -> None:
    assert [(each.kind, each.place, each.candidates[0].label) for each in choices(FOUND)] == [
        ("git", "https://github.com/Acme/config.git", "c0ffee000000"),
        ("image", "ghcr.io/acme/web", "1.3.0"),
        ("image", "ghcr.io/other/web", "9"),
        ("chart", "https://charts.example.com/redis", "20.1.0"),
        ("other", "model", "3"),
    ]
