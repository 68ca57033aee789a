"""Spellings of image repositories, as Kargo compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.rules import image_url

SPELLINGS = {
    "an official image with the long host": ("index.docker.io/library/busybox", "busybox"),
    "an official image without library": ("index.docker.io/busybox", "busybox"),
    "Docker Hub by its other host": ("registry-1.docker.io/library/busybox", "busybox"),
    "that host without library": ("registry-1.docker.io/busybox", "busybox"),
    "Docker Hub by its short host": ("docker.io/library/busybox", "busybox"),
    "only library": ("library/busybox", "busybox"),
    "only the name": ("busybox", "busybox"),
    "somebody's image on Docker Hub": ("docker.io/example/repo", "example/repo"),
    "another registry": ("ghcr.io/example/repo", "ghcr.io/example/repo"),
    "a registry with a port": ("127.0.0.1:5000/demo", "127.0.0.1:5000/demo"),
    "upper case and spaces around": ("  GHCR.io/Example/Repo ", "ghcr.io/example/repo"),
    "a byte order mark, as pasted": ("\ufeffghcr.io/example/repo", "ghcr.io/example/repo"),
    "a tag is dropped": ("ghcr.io/example/repo:1.2.3", "ghcr.io/example/repo"),
    "a digest is dropped": ("ghcr.io/example/repo@sha256:" + "a" * 64, "ghcr.io/example/repo"),
    "a host without dot or port is a name on Docker Hub": ("localhost/repo", "localhost/repo"),
    "what names no repository stays": ("invalid url", "invalid url"),
    "a URL with a scheme stays": ("https://ghcr.io/example/repo", "https://ghcr.io/example/repo"),
    "too short a name stays": ("x", "x"),
    "nothing stays nothing": ("", ""),
}


@pytest.mark.parametrize(("url", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_one_spelling(url: str, expected: str) -> None:
    assert image_url.normalize(url) == expected


def test_docker_hub_images_are_asked_for_with_their_full_path() -> None:
    assert image_url.parse("busybox") == image_url.Repository("index.docker.io", "library/busybox")


def test_the_host_of_a_registry_has_no_port() -> None:
    assert image_url.parse("[::1]:5000/demo").host == "::1"
    assert image_url.parse("127.0.0.1:5000/demo").host == "127.0.0.1"


@pytest.mark.parametrize(
    "url", ["oci://ghcr.io/Example/Chart", "ghcr.io/example/chart", " OCI://ghcr.io/example/chart"]
)
def test_charts_compare_without_their_scheme(url: str) -> None:
    assert image_url.normalize_chart(url) == "ghcr.io/example/chart"


@given(st.text(max_size=60))
def test_any_text_is_normalised_once_and_for_all(text: str) -> None:
    once = image_url.normalize(text)
    assert image_url.normalize(once) in (once, image_url.normalize(once.lower()))
    assert image_url.normalize(once) == image_url.normalize(image_url.normalize(once))
