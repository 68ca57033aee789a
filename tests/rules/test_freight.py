"""Freight: names as Kargo computes them, availability, soaking, and matching its Warehouse."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.pipeline_case import (
    GIT,
    IMAGE,
    NOW,
    a_freight,
    a_stage,
    a_warehouse,
    ago,
    origin,
    reference,
    request,
)

from argosy.resources.freight import Freight, FreightReference
from argosy.resources.stage import Stage
from argosy.rules.freight import (
    artifact_problems,
    available_in,
    chart_path,
    collection_of,
    freight_name,
    is_available,
    soaked_for,
)
from argosy.rules.obstacle import NEVER


def of(**content: Any) -> FreightReference:
    return FreightReference.model_validate({"origin": origin("my-warehouse"), **content})


COMMIT = {"repoURL": "https://GitHub.com/Acme/App.git", "id": "a1b2c3"}
CHART = {"repoURL": "https://charts.example/stable", "name": "app", "version": "1.2.3"}
OCI_CHART = {"repoURL": "oci://registry.example/charts/app", "version": "1.2.3"}
PULLED = {"repoURL": "registry.example/app", "tag": "v1", "digest": "sha256:ff"}

NAMES = {
    "a commit by normalised URL and ID": (
        {"commits": [COMMIT]},
        "https://github.com/acme/app:a1b2c3",
    ),
    "a tagged commit by tag and ID": (
        {"commits": [{**COMMIT, "tag": "V1.0"}]},
        "https://github.com/acme/app:V1.0:a1b2c3",
    ),
    "a commit with the name of its subscription": (
        {"commits": [{**COMMIT, "subscriptionName": "code"}]},
        "https://github.com/acme/app:a1b2c3:code",
    ),
    "an image by its URL as written, tag and digest": (
        {"images": [{**PULLED, "repoURL": "Registry.example/App"}]},
        "Registry.example/App:v1@sha256:ff",
    ),
    "an image with the name of its subscription": (
        {"images": [{**PULLED, "subscriptionName": "app"}]},
        "registry.example/app:v1@sha256:ff:app",
    ),
    "a chart by a joined path, which makes one slash of two": (
        {"charts": [CHART]},
        "https:/charts.example/stable/app:1.2.3",
    ),
    "an OCI chart, which has no name": (
        {"charts": [OCI_CHART]},
        "registry.example/charts/app:1.2.3",
    ),
    "a chart with the name of its subscription": (
        {"charts": [{**CHART, "subscriptionName": "c"}]},
        "https:/charts.example/stable/app:1.2.3:c",
    ),
    "an artifact of another kind by type, subscription and version": (
        {"artifacts": [{"artifactType": "t", "subscriptionName": "s", "version": "9"}]},
        "t:s:9",
    ),
    "several artifacts, sorted and joined by bars": (
        {"images": [PULLED], "commits": [COMMIT], "charts": [CHART]},
        "https://github.com/acme/app:a1b2c3|https:/charts.example/stable/app:1.2.3|registry.example/app:v1@sha256:ff",
    ),
    "nothing but its origin": ({}, ""),
}


@pytest.mark.parametrize(("content", "hashed"), [pytest.param(*case, id=name) for name, case in NAMES.items()])
def test_freight_is_named_by_the_hash_of(content: dict[str, Any], hashed: str) -> None:
    assert freight_name(of(**content)) == hashlib.sha1(f"Warehouse/my-warehouse:{hashed}".encode()).hexdigest()


def test_a_name_computed_by_hand() -> None:
    """`printf 'Warehouse/my-warehouse:registry.example/app:v1@sha256:ff' | sha1sum`"""
    assert freight_name(of(images=[PULLED])) == "f3b8b9d9ab01c4ba9d41a93593ce4885b8151330"


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_artifacts_does_not_matter(tags: list[str]) -> None:
    images = [{**PULLED, "tag": tag} for tag in tags]
    assert freight_name(of(images=images)) == freight_name(of(images=sorted(images, key=lambda item: item["tag"])))


def test_what_is_no_content_does_not_matter() -> None:
    plain = of(commits=[COMMIT])
    told = of(commits=[{**COMMIT, "message": "m", "author": "a", "branch": "main"}], name="other")
    assert freight_name(plain) == freight_name(told)


@pytest.mark.parametrize(
    ("url", "name", "joined"),
    [
        pytest.param("https://charts.example", "app", "https:/charts.example/app", id="HTTPS"),
        pytest.param("https://charts.example/a/../b/", "app", "https:/charts.example/b/app", id="dots are resolved"),
        pytest.param("oci://registry.example/app", "", "registry.example/app", id="OCI without a name"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_a_chart_is_known_by_the_path_that_go_joins(url: str, name: str, joined: str) -> None:
    assert chart_path(url, name) == joined


def test_a_collection_has_the_hash_of_its_sorted_names_as_id() -> None:
    references = [FreightReference.model_validate(reference(name, of)) for name, of in (("b", "w2"), ("a", "w1"))]
    made = collection_of(references)
    assert made.id == hashlib.sha1(b"a,b").hexdigest()
    assert [item.name for item in made.references] == ["a", "b"]
    assert set(made.items) == {"Warehouse/w1", "Warehouse/w2"}


def test_a_later_reference_of_one_origin_takes_the_place_of_an_earlier_one() -> None:
    references = [FreightReference.model_validate(reference(name)) for name in ("old", "new")]
    assert collection_of(references).includes("new")
    assert not collection_of(references).includes("old")


def staged(*, strategy: str = "OneOf", soak: str = "", stages: tuple[str, ...] = ("qa", "test")) -> Stage:
    sources: dict[str, Any] = {"stages": list(stages), "availabilityStrategy": strategy}
    if soak:
        sources["requiredSoakTime"] = soak
    return a_stage("prod", request(**sources))


def verified(*stages: str, current: dict[str, float] | None = None, longest: dict[str, str] | None = None) -> Freight:
    """Freight verified in `stages`; `current` says for how many seconds it is in which."""
    found = {name: {"verifiedAt": ago(10), "longestSoak": (longest or {}).get(name)} for name in stages}
    inside = {name: {"since": ago(seconds)} for name, seconds in (current or {}).items()}
    return a_freight(status={"verifiedIn": found, "currentlyIn": inside})


AVAILABILITY = {
    "directly, whatever it went through": (a_stage(), a_freight(), True),
    "not of an origin that nobody requested": (a_stage(), a_freight(of="other"), False),
    "not in another namespace": (
        a_stage(),
        Freight.model_validate({**a_freight().dump(), "metadata": {"name": "f1", "namespace": "q"}}),
        False,
    ),
    "once verified in one Stage of several": (staged(), verified("qa"), True),
    "not before it is verified anywhere": (staged(), a_freight(), False),
    "not for being in an upstream Stage unverified": (
        staged(),
        a_freight(status={"currentlyIn": {"qa": {"since": ago(99)}}}),
        False,
    ),
    "with All not once verified in one": (staged(strategy="All"), verified("qa"), False),
    "with All once verified in each": (staged(strategy="All"), verified("qa", "test"), True),
    "with All of no Stages at once": (staged(strategy="All", stages=()), a_freight(), True),
    "with OneOf of no Stages never": (staged(stages=()), a_freight(), False),
    "once approved, though not verified": (
        staged(soak="1h"),
        a_freight(status={"approvedFor": {"prod": {"approvedAt": ago(1)}}}),
        True,
    ),
    "not for being approved for another Stage": (
        staged(),
        a_freight(status={"approvedFor": {"qa": {"approvedAt": ago(1)}}}),
        False,
    ),
    "approved of an origin that nobody requested it is not": (
        staged(),
        a_freight(of="other", status={"approvedFor": {"prod": {}}}),
        False,
    ),
    "when it soaks long enough": (staged(soak="1h"), verified("qa", current={"qa": 3600}), True),
    "not a second before": (staged(soak="1h"), verified("qa", current={"qa": 3599}), False),
    "when it has soaked long enough in the past": (staged(soak="1h"), verified("qa", longest={"qa": "1h0m0s"}), True),
    "when either of two soaked": (
        staged(soak="1h"),
        verified("qa", "test", current={"qa": 60, "test": 3600}),
        True,
    ),
    "with All not when one of two soaked": (
        staged(soak="1h", strategy="All"),
        verified("qa", "test", current={"qa": 60, "test": 3600}),
        False,
    ),
    "not when it soaked where it is not verified": (
        staged(soak="1h"),
        verified("qa", current={"test": 9000}),
        False,
    ),
}


@pytest.mark.parametrize(
    ("stage", "freight", "expected"), [pytest.param(*case, id=name) for name, case in AVAILABILITY.items()]
)
def test_freight_is_available(stage: Stage, freight: Freight, expected: bool) -> None:
    assert is_available(stage, freight, NOW) is expected


@pytest.mark.parametrize(
    ("freight", "stage", "seconds"),
    [
        pytest.param(verified("qa", current={"qa": 3000}), staged(soak="1h"), 600, id="what is left of the soak"),
        pytest.param(verified("qa"), staged(soak="1h"), NEVER, id="never where it does not soak now"),
        pytest.param(
            verified("qa", "test", current={"qa": 3000, "test": 3300}),
            staged(soak="1h"),
            300,
            id="the sooner of two with OneOf",
        ),
        pytest.param(
            verified("qa", "test", current={"qa": 3000, "test": 3300}),
            staged(soak="1h", strategy="All"),
            600,
            id="the later of two with All",
        ),
        pytest.param(
            verified("qa", current={"qa": 3000}),
            staged(soak="1h", strategy="All"),
            NEVER,
            id="never with All where one is not verified",
        ),
    ],
)
def test_the_time_until_freight_is_available(freight: Freight, stage: Stage, seconds: float) -> None:
    assert available_in(stage, freight, NOW) == seconds


def test_soak_counts_only_once_verified_and_takes_the_longer_of_past_and_present() -> None:
    assert soaked_for(a_freight(status={"currentlyIn": {"qa": {"since": ago(99)}}}), "qa", NOW) == 0
    assert soaked_for(verified("qa", current={"qa": 99}), "qa", NOW) == 99
    assert soaked_for(verified("qa", current={"qa": 99}, longest={"qa": "2m0s"}), "qa", NOW) == 120
    assert soaked_for(verified("qa", current={"qa": 180}, longest={"qa": "2m0s"}), "qa", NOW) == 180
    assert soaked_for(verified("qa", current={"qa": 180}), "test", NOW) == 0


def test_the_time_left_counts_from_the_present_stay() -> None:
    freight, stage = verified("qa", current={"qa": 600}, longest={"qa": "50m0s"}), staged(soak="1h")
    assert available_in(stage, freight, NOW) == 3000
    assert not is_available(stage, freight, NOW + timedelta(seconds=2999))
    assert is_available(stage, freight, NOW + timedelta(seconds=3000))


SECONDS = st.integers(0, 10**6)


@given(SECONDS, st.one_of(st.none(), SECONDS), SECONDS)
def test_passing_time_makes_soaking_freight_available_and_takes_it_from_nobody(
    stay: int, longest: int | None, wanted: int
) -> None:
    freight = verified("qa", current={"qa": stay}, longest={} if longest is None else {"qa": f"{longest}s"})
    stage = staged(soak=f"{wanted}s")
    seconds = available_in(stage, freight, NOW)
    assert is_available(stage, freight, NOW) == (seconds == 0)
    assert 0 <= seconds <= wanted
    for later in (seconds, seconds + 1, seconds + wanted):
        assert is_available(stage, freight, NOW + timedelta(seconds=later))
    if seconds > 1:
        assert not is_available(stage, freight, NOW + timedelta(seconds=seconds - 1))


@given(st.integers(-(10**6), 10**6), st.one_of(st.none(), SECONDS), st.booleans())
def test_soak_is_never_negative_whatever_the_clocks_say(since: int, longest: int | None, is_verified: bool) -> None:
    where = ("qa",) if is_verified else ()
    freight = verified(*where, current={"qa": since}, longest={} if longest is None else {"qa": f"{longest}s"})
    assert soaked_for(freight, "qa", NOW) >= (longest or 0 if is_verified else 0)


SUBSCRIPTIONS = (
    {"git": {"repoURL": GIT}},
    {"image": {"repoURL": IMAGE}},
    {"chart": {"repoURL": "https://charts.example", "name": "app"}},
)
WHOLE: dict[str, Any] = {
    "commits": [{"repoURL": "https://GIT.example/app", "id": "1"}],
    "images": [{"repoURL": IMAGE, "tag": "1"}],
    "charts": [{"repoURL": "https://charts.example/", "name": "app", "version": "1"}],
}


def problems(**content: Any) -> list[str]:
    freight = a_freight(**{**WHOLE, **content})
    return [problem.field for problem in artifact_problems(freight, a_warehouse("w", *SUBSCRIPTIONS))]


def test_freight_that_meets_every_subscription_once_is_right() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        pytest.param({"images": []}, ["images"], id="an artifact is missing"),
        pytest.param({"images": WHOLE["images"] * 2}, ["images"], id="an artifact is there twice"),
        pytest.param({"images": [*WHOLE["images"], {"repoURL": "other"}]}, ["images"], id="nobody subscribes to one"),
        pytest.param(
            {"images": [{"repoURL": f"docker.io/{IMAGE}"}]}, ["images"] * 2, id="an image goes by its exact URL"
        ),
        pytest.param(
            {"charts": [{"repoURL": "https://charts.example", "name": "other", "version": "1"}]},
            ["charts"] * 2,
            id="a chart goes by its name too",
        ),
        pytest.param({"commits": [], "images": [], "charts": []}, ["charts", "commits", "images"], id="all is missing"),
    ],
)
def test_freight_that_does_not_match_its_warehouse(content: dict[str, Any], fields: list[str]) -> None:
    assert sorted(problems(**content)) == fields
