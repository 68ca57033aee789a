"""What changes that people make are recorded under."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.api.authentication.id_token import actor_of


@pytest.mark.parametrize(
    ("told", "claim", "actor"),
    [
        ({"email": "jane@example.com", "sub": "1"}, "email", "email:jane@example.com"),
        ({"upn": "jane", "email": "jane@example.com"}, "upn", "upn:jane"),
        ({"email": "jane@example.com", "sub": "1"}, "upn", "email:jane@example.com"),
        ({"email": "", "sub": "1"}, "email", "subject:1"),
        ({"sub": "1"}, "email", "subject:1"),
        ({"groups": ["a"], "sub": "1"}, "groups", "subject:1"),
        ({}, "email", "unknown actor"),
    ],
)
def test_actors_are_written_as_kargo_writes_them(told: dict[str, Any], claim: str, actor: str) -> None:
    assert actor_of(told, claim) == actor
