"""Which artifact an expression means: found by its subscription, ambiguous without an origin, nothing when absent."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.pipeline_case import GIT, IMAGE, Raw, a_warehouse, origin, origin_of

from argosy.errors import Permanent
from argosy.resources.freight import FreightReference
from argosy.rules.artifact import Cargo

CHARTS = "https://charts.example"
SUBSCRIPTIONS: tuple[Raw, ...] = (
    {"git": {"repoURL": GIT}},
    {"image": {"repoURL": IMAGE}},
    {"chart": {"repoURL": CHARTS, "name": "app"}},
)


def carried(name: str, of: str) -> FreightReference:
    return FreightReference.model_validate(
        {
            "name": name,
            "origin": origin(of),
            "commits": [{"repoURL": GIT, "id": f"commit of {name}"}],
            "images": [{"repoURL": IMAGE, "tag": f"tag of {name}"}],
            "charts": [{"repoURL": CHARTS, "name": "app", "version": f"version of {name}"}],
        }
    )


def cargo(**warehouses: tuple[Raw, ...]) -> Cargo:
    """Freight `f-<warehouse>` of each of the given Warehouses, which are all requested."""
    return Cargo(
        freight=tuple(carried(f"f-{name}", name) for name in warehouses),
        origins=tuple(origin_of(name) for name in warehouses),
        warehouses={name: a_warehouse(name, *subscriptions) for name, subscriptions in warehouses.items()},
    )


OTHER: tuple[Raw, ...] = ({"image": {"repoURL": "registry.example/other"}},)


def found(it: Any) -> str:
    return getattr(it, "id", "") or getattr(it, "tag", "") or getattr(it, "version", "")


def test_the_one_warehouse_that_subscribes_decides() -> None:
    both = cargo(a=OTHER, b=SUBSCRIPTIONS)
    assert found(both.commit(GIT)) == "commit of f-b"
    assert found(both.image(IMAGE)) == "tag of f-b"
    assert found(both.chart(CHARTS, "app")) == "version of f-b"


def test_an_origin_chooses_among_several() -> None:
    both = cargo(a=SUBSCRIPTIONS, b=SUBSCRIPTIONS)
    assert found(both.commit(GIT, origin_of("a"))) == "commit of f-a"
    assert found(both.image(IMAGE, origin_of("b"))) == "tag of f-b"
    assert found(both.chart(CHARTS, "app", origin_of("b"))) == "version of f-b"


@pytest.mark.parametrize("kind", ["commit", "image", "chart"])
def test_several_possible_origins_are_an_error_that_says_how_to_choose(kind: str) -> None:
    both = cargo(a=SUBSCRIPTIONS, b=SUBSCRIPTIONS)
    look = {"commit": lambda: both.commit(GIT), "image": lambda: both.image(IMAGE)}
    with pytest.raises(Permanent, match="several requested origins") as error:
        look.get(kind, lambda: both.chart(CHARTS, "app"))()
    assert "warehouse('" in error.value.advice


def test_a_commit_is_found_by_any_spelling_of_its_url() -> None:
    assert found(cargo(a=SUBSCRIPTIONS).commit("https://GIT.example/app/")) == "commit of f-a"


def test_an_image_is_found_by_its_exact_url_only() -> None:
    assert cargo(a=SUBSCRIPTIONS).image(f"{IMAGE}:latest") is None
    assert cargo(a=SUBSCRIPTIONS).image(IMAGE.upper(), origin_of("a")) is None


def test_a_chart_is_found_by_its_exact_url_and_name_only() -> None:
    one = cargo(a=SUBSCRIPTIONS)
    for url, name in ((f"{CHARTS}/", "app"), (CHARTS, "other"), (CHARTS, "")):
        with pytest.raises(Permanent, match="no Warehouse whose Freight"):
            one.chart(url, name)
    assert one.chart(CHARTS, "other", origin_of("a")) is None


def test_what_nobody_subscribes_to_is_nothing() -> None:
    assert cargo(a=OTHER).commit(GIT) is None
    assert cargo(a=OTHER).image(IMAGE) is None


def test_freight_that_has_not_come_yet_is_nothing() -> None:
    empty = Cargo((), (origin_of("a"),), {"a": a_warehouse("a", *SUBSCRIPTIONS)})
    assert empty.commit(GIT) is None
    assert empty.image(IMAGE) is None
    assert empty.chart(CHARTS, "app") is None


def test_a_warehouse_that_vanished_is_an_error() -> None:
    lost = Cargo((carried("f", "a"),), (origin_of("a"),), {})
    with pytest.raises(Permanent, match="Warehouse 'a' was not found"):
        lost.image(IMAGE)
    assert found(lost.image(IMAGE, origin_of("a"))) == "tag of f", "with an origin it is not needed"


def test_a_git_subscription_of_the_same_name_does_not_make_an_artifact_ambiguous() -> None:
    other = {"name": "model", "huggingface": {"repo": "model"}}
    named = {"name": "model", "git": {"repoURL": GIT}}
    both = cargo(a=[other], b=[named])
    assert both.artifact("model") is None  # the Freight has none, and nobody asks which of two
