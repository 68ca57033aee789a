"""Which claims a ServiceAccount names, and what a token says."""

from __future__ import annotations

import pytest

from argosy.errors import Invalid
from argosy.rules.claims import claims_of, pairs, wanted, with_claims

CLAIMS = "rbac.kargo.akuity.io/claims"

NAMED = {
    "none": ({}, {}),
    "lists": ({CLAIMS: '{"groups": ["b", "a", "a"]}'}, {"groups": ["a", "b"]}),
    "a single value": ({CLAIMS: '{"email": "jane@example.com"}'}, {"email": ["jane@example.com"]}),
    "the older form": ({"rbac.kargo.akuity.io/claim.groups": "a, b,"}, {"groups": ["a", "b"]}),
    "both forms": (
        {CLAIMS: '{"groups": ["a"]}', "rbac.kargo.akuity.io/claim.groups": "b", "rbac.kargo.akuity.io/claim.sub": "1"},
        {"groups": ["a", "b"], "sub": ["1"]},
    ),
    "empty values, which mean nobody": ({CLAIMS: '{"groups": ["", " "], "sub": []}'}, {}),
    "other annotations": ({"rbac.kargo.akuity.io/managed": "true", "note": "x"}, {}),
}


@pytest.mark.parametrize(("annotations", "claims"), NAMED.values(), ids=NAMED)
def test_claims_are_read(annotations: dict[str, str], claims: dict[str, list[str]]) -> None:
    assert claims_of(annotations) == claims


@pytest.mark.parametrize("text", ["", "{", "[]", '{"groups": 7}', '{"groups": [7]}', "null"])
def test_what_cannot_be_read_is_told_and_means_nobody(text: str) -> None:
    with pytest.raises(Invalid, match="cannot be read") as told:
        claims_of({CLAIMS: text})
    assert "JSON object of lists" in told.value.advice
    assert wanted({CLAIMS: text}) == frozenset()


def test_claims_are_written_in_the_newer_form() -> None:
    before = {"rbac.kargo.akuity.io/claim.groups": "a", CLAIMS: "{}", "note": "x"}
    after = with_claims(before, {"groups": ["b", "a", "b"], "email": ["z"]})
    assert after == {"note": "x", CLAIMS: '{"email":["z"],"groups":["a","b"]}'}
    assert claims_of(after) == {"email": ["z"], "groups": ["a", "b"]}


def test_a_token_says_texts_and_lists_of_texts() -> None:
    said = {"sub": "1", "groups": ["a", 7, "b"], "iat": 5, "nested": {"x": "y"}, "email_verified": True}
    assert pairs(said) == {("sub", "1"), ("groups", "a"), ("groups", "b")}
