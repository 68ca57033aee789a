"""Challenges as registries write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.clients.challenge import Challenge, parse

HEADERS = {
    "basic": ('Basic realm="registry"', [Challenge("basic", {"realm": "registry"})]),
    "bearer with a comma inside quotes": (
        'Bearer realm="https://auth.example.com/token",service="registry",scope="repository:team/app:pull,push"',
        [
            Challenge(
                "bearer",
                {
                    "realm": "https://auth.example.com/token",
                    "service": "registry",
                    "scope": "repository:team/app:pull,push",
                },
            )
        ],
    ),
    "two at once, with spaces": (
        'Basic realm="a" , Bearer realm = "b", error="invalid_token"',
        [Challenge("basic", {"realm": "a"}), Challenge("bearer", {"realm": "b", "error": "invalid_token"})],
    ),
    "without quotes and in odd case": (
        "BEARER Realm=x,Service=y",
        [Challenge("bearer", {"realm": "x", "service": "y"})],
    ),
    "with an escaped quote": (r'Basic realm="say \"hi\""', [Challenge("basic", {"realm": 'say "hi"'})]),
    "a scheme alone": ("Negotiate", [Challenge("negotiate", {})]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("header", "expected"), HEADERS.values(), ids=HEADERS)
def test_challenges_are_read(header: str, expected: list[Challenge]) -> None:
    assert list(parse(header)) == expected


@given(st.text(max_size=200))
def test_nonsense_is_passed_over(header: str) -> None:
    parse(header)
