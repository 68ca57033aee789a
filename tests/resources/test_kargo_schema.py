"""What Kargo's definitions let in, ours let in: every field, type, enum, default, requirement and rule of theirs."""

from __future__ import annotations

import re

import pytest
from tests.resources.kargo_case import KINDS as THEIRS
from tests.resources.kargo_case import Data, kargo_crd, nodes, schema

from argosy.resources.crd import crd
from argosy.resources.kinds import KINDS

SAME_PATTERN = {
    r"^[a-zA-Z_]\w*$": r"^[a-zA-Z_][a-zA-Z0-9_]*$",
    r"^[\w.\-\_]+$": r"^[a-zA-Z0-9_.\-]+$",
}
"""Theirs to ours where both match the same texts."""

TIGHTER = {
    (".spec.gitClient.email", "pattern"): "an address alone, where theirs also accepts a name before it",
    ("errorThreshold", "minimum"): "theirs refuses negative ones when it reads the resource",
    ("onPromotion[]", "enum"): "theirs says it as rules over the list",
    ("onVerification[]", "enum"): "theirs says it as rules over the list",
}
"""Where ours asks for more than their schema does, and why."""

RESTRICTIONS = ("pattern", "minLength", "minItems", "minimum", "maxLength", "maxItems", "maximum", "enum", "required")


def restricted(ours: Data, theirs: Data) -> set[str]:
    """The restrictions of ours that keep out what theirs let in."""
    found = set()
    for name in (name for name in RESTRICTIONS if name in ours):
        mine, other = ours[name], theirs.get(name)
        fits = {
            "pattern": lambda mine=mine, other=other: mine in (other, SAME_PATTERN.get(other)),
            "enum": lambda mine=mine, other=other: other is not None and set(other) <= set(mine),
            "required": lambda mine=mine, other=other: set(mine) <= set(other or ()),
        }
        low, high = name.startswith("min"), name.startswith("max")
        if name in fits:
            wide = fits[name]()
        elif low:
            wide = mine <= (other or 0)
        else:
            wide = high and (mine >= other if other is not None else mine >= 2**31 - 1)
        if not wide:
            found.add(name)
    return found


def rules(node: Data) -> set[str]:
    return {re.sub(r"^\((.*)\)$", r"\1", rule["rule"]) for rule in node.get("x-kubernetes-validations", ())}


@pytest.mark.parametrize("kind", THEIRS)
def test_every_field_is_there_with_its_type_and_default(kind: str) -> None:
    ours = dict(nodes(schema(crd(KINDS[kind]))))
    for path, theirs in nodes(schema(kargo_crd(kind))):
        assert path in ours, path
        assert theirs.get("type") in (None, ours[path].get("type")), path
        if theirs.get("default"):
            assert ours[path].get("default") == theirs["default"], path
        if theirs.get("x-kubernetes-preserve-unknown-fields"):
            assert ours[path].get("x-kubernetes-preserve-unknown-fields"), path


@pytest.mark.parametrize("kind", THEIRS)
def test_nothing_is_kept_out_that_theirs_let_in(kind: str) -> None:
    ours = dict(nodes(schema(crd(KINDS[kind]))))
    for path, theirs in nodes(schema(kargo_crd(kind))):
        excused = {name for (end, name) in TIGHTER if path.endswith(end)}
        assert restricted(ours[path], theirs) <= excused, path
        assert rules(ours[path]) <= rules(theirs), path


@pytest.mark.parametrize("kind", THEIRS)
def test_names_scope_columns_and_status_are_theirs(kind: str) -> None:
    ours, theirs = crd(KINDS[kind])["spec"], kargo_crd(kind)["spec"]
    assert {**ours["names"], "shortNames": []} == {**theirs["names"], "shortNames": []}
    assert set(theirs["names"].get("shortNames", ())) <= {
        *ours["names"].get("shortNames", ()),
        ours["names"]["singular"],
        ours["names"]["plural"],
    }
    assert ours["scope"] == theirs["scope"]
    mine, other = ours["versions"][0], theirs["versions"][0]
    columns = [(column["name"], column["jsonPath"]) for column in mine["additionalPrinterColumns"]]
    assert columns == [(column["name"], column["jsonPath"]) for column in other["additionalPrinterColumns"]]
    assert ("status" in mine["subresources"]) == ("status" in other["subresources"])
