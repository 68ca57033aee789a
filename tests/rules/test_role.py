"""Kargo's roles: what three resources are as one, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.errors import Invalid
from argosy.resources.kinds import KARGO
from argosy.resources.meta import Document
from argosy.rules import role as rules
from argosy.rules.role import VERBS, Parts

CLAIMS, MANAGED = "rbac.kargo.akuity.io/claims", "rbac.kargo.akuity.io/managed"


def rule(resources: str, verbs: str, groups: str = KARGO, names: str = "") -> dict[str, Any]:
    written = {"apiGroups": groups.split(), "resources": resources.split(), "verbs": verbs.split()}
    return {**written, **({"resourceNames": names.split()} if names else {})}


def flat(found: list[dict[str, Any]]) -> list[str]:
    return [
        "/".join([*each["apiGroups"], *each["resources"], *each.get("resourceNames", ())])
        + ": "
        + " ".join(each["verbs"])
        for each in found
    ]


NORMALIZED = {
    "one resource each": ([rule("warehouses stages", "get")], [f"{KARGO}/stages: get", f"{KARGO}/warehouses: get"]),
    "one group each": ([rule("stages", "get", "b a")], ["a/stages: get", "b/stages: get"]),
    "one name each": ([rule("stages", "get", names="b a")], [f"{KARGO}/stages/a: get", f"{KARGO}/stages/b: get"]),
    "verbs once and in order": ([rule("stages", "list get"), rule("stages", "get")], [f"{KARGO}/stages: get list"]),
    "every verb by its name": ([rule("roles", "* get", "a")], ["a/roles: " + " ".join(VERBS)]),
    "no group is the core": ([{"resources": ["secrets"], "verbs": ["get"]}], ["/secrets: get"]),
    "the core by its name in the order": (
        [rule("stages", "get", "d"), rule("stages", "get", "b"), {"resources": ["secrets"], "verbs": ["get"]}],
        ["b/stages: get", "/secrets: get", "d/stages: get"],
    ),
    "a subresource": ([rule("freights/status", "patch")], [f"{KARGO}/freights/status: patch"]),
    "what is no resource is left out": ([{"nonResourceURLs": ["/x"], "verbs": ["get"]}], []),
}


@pytest.mark.parametrize(("written", "told"), NORMALIZED.values(), ids=NORMALIZED)
def test_rules_have_one_form(written: list[dict[str, Any]], told: list[str]) -> None:
    found = rules.normalized(written)
    assert flat(found) == told
    assert rules.normalized(found) == found


def test_every_verb_means_promote_only_where_somebody_writes_it() -> None:
    assert "promote" in rules.normalized([rule("stages", "*")], custom=True)[0]["verbs"]
    assert "promote" not in rules.normalized([rule("stages", "*")])[0]["verbs"]
    assert "promote" not in rules.normalized([rule("warehouses", "*")], custom=True)[0]["verbs"]


@pytest.mark.parametrize(
    ("resource", "advice"), [("stage", "'stages'"), ("*", "plural"), ("", "plural"), ("freight/status", "'freights'")]
)
def test_what_is_no_resource_is_refused(resource: str, advice: str) -> None:
    with pytest.raises(Invalid, match="unrecognized resource type") as told:
        rules.normalized([{"resources": [resource], "verbs": ["get"]}])
    assert advice in told.value.advice


def test_groups_may_be_left_out() -> None:
    written = [{"resources": ["stages", "secrets", "roles"], "verbs": ["get"]}, rule("pods", "get", "x")]
    assert flat(rules.with_groups(written)) == [
        f"{KARGO}/stages: get",
        "/secrets: get",
        "rbac.authorization.k8s.io/roles: get",
        "x/pods: get",
    ]
    with pytest.raises(Invalid, match='unrecognized resource type "pods"'):
        rules.with_groups([{"resources": ["pods"], "verbs": ["get"]}])


TAKEN = {
    "one verb": (("stages", "", "get"), [f"{KARGO}/stages: list", f"{KARGO}/stages/dev: promote"]),
    "all verbs, of every name": (("stages", "", "*"), []),
    "all verbs of one name": (("stages", "dev", "*"), [f"{KARGO}/stages: get list"]),
    "what was not given": (("freights", "", "get"), [f"{KARGO}/stages: get list", f"{KARGO}/stages/dev: promote"]),
}


@pytest.mark.parametrize(("taken", "left"), TAKEN.values(), ids=TAKEN)
def test_verbs_are_taken_away(taken: tuple[str, str, str], left: list[str]) -> None:
    written = [rule("stages", "get list"), rule("stages", "promote", names="dev")]
    assert flat(rules.without(written, taken[0], taken[1], [taken[2]])) == left


def document(kind: str, name: str, managed: bool = True, **more: Any) -> Document:
    annotations = {MANAGED: "true"} if managed else {}
    meta = {"name": name, "namespace": "demo", "resourceVersion": "1", "annotations": annotations}
    return Document.of({"apiVersion": "v1", "kind": kind, "metadata": meta, **more})


ACCOUNT, ROLE = document("ServiceAccount", "r"), document("Role", "r", rules=[rule("stages", "get list")])
BINDING = document("RoleBinding", "r")
WHOLE = Parts(ACCOUNT, [BINDING], [ROLE])
UNMANAGEABLE = {
    "ClusterRoles": (Parts(ACCOUNT, [BINDING], [], [ROLE]), "bound to one or more ClusterRoles"),
    "an account of somebody's": (Parts(document("ServiceAccount", "r", False)), "ServiceAccount .* not annotated"),
    "two roles": (Parts(ACCOUNT, [BINDING], [ROLE, ROLE]), "multiple Roles"),
    "two bindings": (Parts(ACCOUNT, [BINDING, BINDING], [ROLE]), "multiple RoleBindings"),
    "a role of somebody's": (Parts(ACCOUNT, [BINDING], [document("Role", "r", False)]), 'Role "r" .* not annotated'),
    "a binding of somebody's": (Parts(ACCOUNT, [document("RoleBinding", "r", False)], [ROLE]), "RoleBinding .* not"),
}


@pytest.mark.parametrize(("parts", "told"), UNMANAGEABLE.values(), ids=UNMANAGEABLE)
def test_what_people_made_of_parts_is_not_changed_as_one(parts: Parts, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        rules.manageable(parts)
    assert rules.shown(parts).get("kargoManaged") is None or parts.cluster_roles


def test_a_role_is_shown_as_one() -> None:
    rules.manageable(WHOLE)
    assert rules.shown(WHOLE) == {
        "metadata": {"name": "r", "namespace": "demo"},
        "kargoManaged": True,
        "rules": [rule("stages", "get list")],
    }
    assert set(rules.with_resources(WHOLE)) == {"metadata", "serviceAccount", "roles", "roleBindings"}
    rules.manageable(Parts(ACCOUNT))
    assert rules.shown(Parts(ACCOUNT)) == {"metadata": {"name": "r", "namespace": "demo"}, "kargoManaged": True}


def test_claims_are_given_and_taken() -> None:
    account = Document.of(rules.account_document("demo", "r", {"groups": ["b"]}, "for tests"))
    more = Document.of(rules.more_claims(account, {"groups": ["a"], "email": ["x"]}))
    shown = rules.shown(Parts(more))
    assert shown["claims"] == [{"name": "email", "values": ["x"]}, {"name": "groups", "values": ["a", "b"]}]
    assert shown["metadata"]["annotations"] == {"kargo.akuity.io/description": "for tests"}
    fewer = rules.fewer_claims(more, {"groups": ["b"], "email": ["x"], "sub": ["1"]})
    assert fewer["metadata"]["annotations"][CLAIMS] == '{"groups":["a"]}'
    assert "kargo.akuity.io/description" not in rules.described(fewer, "")["metadata"]["annotations"]
