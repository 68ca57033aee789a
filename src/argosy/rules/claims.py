"""Which ServiceAccounts somebody acts as, by what the identity provider says of them.

A ServiceAccount names claims in annotations; whoever has any of them acts as it. Annotations and their forms are those
of Kargo (`api/rbac/v1alpha1/annotations.go`, `pkg/indexer`); unlike its index, a single value needs no list around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from argosy.errors import Invalid
from argosy.resources.meta import Json
from argosy.resources.names import Annotation

PREFIX = f"{Annotation.CLAIM.value}."
"""Of the older annotations, one for each claim, whose values are divided by commas."""

Claim = tuple[str, str]
"""The name and one value."""


def claims_of(annotations: Mapping[str, str]) -> dict[str, list[str]]:
    """The claims that a ServiceAccount names: by name, with sorted values. Raises Invalid for what cannot be read."""
    found = {name: set(values) for name, values in _written(annotations.get(Annotation.CLAIMS.value, "{}")).items()}
    for key, text in annotations.items():
        if key.startswith(PREFIX):
            values = {value.strip() for value in str(text).split(",")} - {""}
            found.setdefault(key.removeprefix(PREFIX), set()).update(values)
    return {name: sorted(values) for name, values in sorted(found.items()) if values}


def _written(text: str) -> dict[str, list[str]]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise _unread()
    return {name: _values(value) for name, value in told.items()}


def _values(value: Json) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise _unread()
    return [each.strip() for each in values if each.strip()]


def _unread() -> Invalid:
    return Invalid(
        f"the annotation {Annotation.CLAIMS.value} cannot be read",
        advice='Write a JSON object of lists, such as {"groups": ["devops"], "email": ["jane@example.com"]}.',
    )


def with_claims(annotations: Mapping[str, str], claims: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The annotations with these claims instead of those they had, in the newer form."""
    kept = {key: value for key, value in annotations.items() if not key.startswith(PREFIX)}
    told = {name: sorted(set(values)) for name, values in sorted(claims.items())}
    return {**kept, Annotation.CLAIMS.value: orjson.dumps(told).decode()}


def believed(claims: Mapping[str, Json]) -> dict[str, Json]:
    """What a token says without an address that, as the provider says itself, nobody has proved to own.

    `email_verified` is that of OpenID Connect Core 1.0, 5.1. Kubernetes refuses such tokens where the address names
    people; Kargo takes any address.
    """
    is_doubtful = str(claims.get("email_verified", True)).lower() == "false"
    return {name: value for name, value in claims.items() if name != "email" or not is_doubtful}


def pairs(claims: Mapping[str, Json]) -> frozenset[Claim]:
    """What a token says, as far as accounts can name it: texts, and lists of texts."""
    return frozenset(
        (name, each)
        for name, value in claims.items()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str)
    )


def wanted(annotations: Mapping[str, str]) -> frozenset[Claim]:
    """What a ServiceAccount names, any of which is enough; nothing where it cannot be read."""
    try:
        found = claims_of(annotations)
    except Invalid:
        return frozenset()
    return frozenset((name, value) for name, values in found.items() for value in values)
