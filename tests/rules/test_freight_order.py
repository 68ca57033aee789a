"""Freight in groups, and ordered by version."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

import pytest

from argosy.rules.freight_order import Tag, by_tag, group_names


def image(tag: str, found: str = "", place: str = "r.example.com/app") -> dict[str, Any]:
    return {"images": [{"repoURL": place, "tag": tag}], "discoveredAt": found}


ORDERS = {
    "versions are no texts": [image("1.9.0"), image("1.10.0")],
    "a release comes after its candidates": [image("1.0.0-rc.1"), image("1.0.0")],
    "what is no version is text": [image("abc"), image("abd")],
    "one that is no version makes both texts": [image("1.0.0"), image("abc")],
    "other repositories count by age": [image("2.0.0", "2026-01-01"), image("1.0.0", "2026-01-02", "other")],
    "charts have versions": [
        {"charts": [{"repoURL": "https://a", "name": "b", "version": version}]} for version in ("0.9.0", "0.10.0")
    ],
}


@pytest.mark.parametrize("wanted", ORDERS.values(), ids=ORDERS)
def test_order(wanted: list[dict[str, Any]]) -> None:
    turned = wanted[::-1]
    turned.sort(key=lambda each: cmp_to_key(by_tag)(Tag.of(each)))
    assert turned == wanted


def test_freight_is_in_a_group_for_each_of_its_artifacts() -> None:
    freight = {
        "images": [{"repoURL": "r/a"}, {"repoURL": "r/b"}],
        "commits": [{"repoURL": "https://git/a"}],
        "charts": [{"repoURL": "https://charts/", "name": "c"}, {"repoURL": "oci://r/d"}],
    }
    assert list(group_names(freight, "image_repo")) == ["r/a", "r/b"]
    assert list(group_names(freight, "git_repo")) == ["https://git/a"]
    assert list(group_names(freight, "chart_repo")) == ["https:/charts/c", "oci:/r/d"]
    assert list(group_names(freight, "")) == []
