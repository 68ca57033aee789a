"""The rules between the fields of subscriptions, as constraints on their raw form."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from argosy.resources.constraint import Constraint, Fault, mapping, mappings, repeated

TYPES = ("git", "image", "chart")
_GENERIC_FIELDS = frozenset({"config", "discoveryLimit", "subscriptionType"})


def _chart(chart: Mapping[str, Any]) -> Iterable[Fault]:
    url, name = chart.get("repoURL"), chart.get("name")
    if not isinstance(url, str):
        return
    if url.startswith("oci://") and name:
        yield Fault(
            "a chart in an OCI registry has no name of its own",
            ("name",),
            "Put the chart into repoURL, such as oci://registry/charts/app, and remove `name`",
        )
    if url.startswith(("http://", "https://")) and not name:
        yield Fault("a chart in a classic repository needs its name", ("name",), "Add `name: <chart>`")


def _digest(image: Mapping[str, Any]) -> Iterable[Fault]:
    if image.get("imageSelectionStrategy") == "Digest" and not image.get("constraint"):
        yield Fault(
            "Digest needs the tag to follow", ("constraint",), "Add `constraint: <tag>`, such as `constraint: latest`"
        )


def _types(spec: Mapping[str, Any]) -> Iterable[Fault]:
    for index, subscription in mappings(spec.get("subscriptions")):
        empty = [type_ for type_ in TYPES if type_ in subscription and subscription[type_] is None]
        types = [key for key, value in subscription.items() if key != "name" and value is not None]
        if empty:
            yield Fault(f"`{empty[0]}` has no fields", ("subscriptions", index, empty[0]), "Indent its fields below it")
            continue
        if len(types) != 1:
            found = f"has {', '.join(types)}" if types else "names nothing to watch"
            yield Fault(
                f"a subscription has exactly one type, but this one {found}",
                ("subscriptions", index),
                "Give it one of git, image and chart; one list item per repository",
            )
        for other in (key for key in types if key not in TYPES):
            yield from _other(index, other, subscription)


def _other(index: int, type_: str, subscription: Mapping[str, Any]) -> Iterable[Fault]:
    path = ("subscriptions", index, type_)
    body = subscription[type_]
    guess = difflib.get_close_matches(type_.lower(), (*TYPES, "name"), n=1, cutoff=0.6)
    if guess or not isinstance(body, Mapping) or not _GENERIC_FIELDS.issuperset(body):
        advice = f"Did you mean `{guess[0]}`?" if guess else "Use git, image or chart"
        yield Fault(f"unknown subscription type `{type_}`", path, advice)
        return
    if not subscription.get("name"):
        yield Fault(f"a subscription of type `{type_}` needs a name", (*path[:2], "name"), "Add `name: <name>`")
    limit = body.get("discoveryLimit")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= 100):
        yield Fault("discoveryLimit must be a number from 1 to 100", (*path, "discoveryLimit"))


def _unique_names(spec: Mapping[str, Any]) -> Iterable[Fault]:
    names = ((index, item.get("name")) for index, item in mappings(spec.get("subscriptions")))
    for index, first, name in repeated(names):
        yield Fault(
            f"subscription name {name!r} is already that of subscriptions[{first}]",
            ("subscriptions", index, "name"),
            "Names of subscriptions must be unique in a Warehouse",
        )


def _unique_repositories(spec: Mapping[str, Any]) -> Iterable[Fault]:
    subscriptions = list(mappings(spec.get("subscriptions")))
    for type_ in TYPES:
        identities = ((index, _identity(type_, mapping(item.get(type_)))) for index, item in subscriptions)
        for index, first, _ in repeated(identities):
            yield Fault(
                f"subscriptions[{first}] already watches this repository",
                ("subscriptions", index, type_),
                "A Warehouse may watch a repository once; use a second Warehouse for a second selection",
            )


def _identity(type_: str, body: Mapping[str, Any]) -> str:
    """What makes two subscriptions of a type the same: the repository, and the chart's name in a classic one."""
    url = body.get("repoURL")
    if not isinstance(url, str):
        return ""
    url = url.strip().lower().rstrip("/").removesuffix(".git")
    return f"{url}:{body.get('name')}" if type_ == "chart" and url.startswith("http") else url


IMAGE = Constraint(_digest)
CHART = Constraint(_chart)
SUBSCRIPTIONS = (Constraint(_types), Constraint(_unique_names), Constraint(_unique_repositories))
