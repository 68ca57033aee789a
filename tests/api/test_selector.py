from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.api.answer import Refused
from argosy.api.selector import parse_fields, parse_labels
from argosy.store.base import Operator, Requirement

LABELS = {
    "nothing selects everything": ("", ()),
    "one equals sign": ("a=b", (Requirement("a", Operator.IN, ("b",)),)),
    "two equals signs": ("a==b", (Requirement("a", Operator.IN, ("b",)),)),
    "an empty value": ("a=", (Requirement("a", Operator.IN, ("",)),)),
    "inequality": ("a!=b", (Requirement("a", Operator.NOT_IN, ("b",)),)),
    "a set with commas and spaces": (" a in ( b , c ) ", (Requirement("a", Operator.IN, ("b", "c")),)),
    "the complement of a set": ("a notin (b)", (Requirement("a", Operator.NOT_IN, ("b",)),)),
    "presence": ("kargo.akuity.io/alias", (Requirement("kargo.akuity.io/alias", Operator.EXISTS),)),
    "absence": ("!a", (Requirement("a", Operator.MISSING),)),
    "several, a set among them": (
        "a=b,c in (d,e),!f",
        (
            Requirement("a", Operator.IN, ("b",)),
            Requirement("c", Operator.IN, ("d", "e")),
            Requirement("f", Operator.MISSING),
        ),
    ),
}


@pytest.mark.parametrize(("text", "expected"), LABELS.values(), ids=LABELS)
def test_label_selectors_are_read_as_kubernetes_reads_them(text: str, expected: tuple[Requirement, ...]) -> None:
    assert parse_labels(text) == expected


@pytest.mark.parametrize(
    "text", ["a=b=c", "a in b", "a in (b", "a>1", ",", "a=b,", "-a=b", "!a=b", "a in (b)(c)", "=b"]
)
def test_a_malformed_label_selector_is_a_bad_request_with_advice(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_labels(text)
    assert caught.value.code == 400
    assert "key in (a,b)" in caught.value.advice


FIELDS = {
    "nothing": ("", {}, {}),
    "equality": ("metadata.name=a", {"metadata.name": "a"}, {}),
    "both signs and inequality": ("a==b,c!=d", {"a": "b"}, {"c": "d"}),
    "an empty value": ("a=", {"a": ""}, {}),
    "escaped signs": (r"a=b\,c\=d\\e", {"a": r"b,c=d\e"}, {}),
}


@pytest.mark.parametrize(("text", "equal", "differ"), FIELDS.values(), ids=FIELDS)
def test_field_selectors_are_read_as_kubernetes_reads_them(
    text: str, equal: dict[str, str], differ: dict[str, str]
) -> None:
    assert parse_fields(text) == (equal, differ)


@pytest.mark.parametrize("text", ["a", "=b", "a=b=c", ",a=b"])
def test_a_malformed_field_selector_is_a_bad_request(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_fields(text)
    assert caught.value.code == 400


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_labels, parse_fields):
        with contextlib.suppress(Refused):
            parse(text)


def test_an_endless_selector_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match="characters"):
        parse_labels("," * 100_000)
