"""The accounts and roles of the whole installation."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.resources.meta import Document, Key
from argosy.rules import project_role
from argosy.rules.escalation import needed, rules_of
from argosy.rules.system_role import RULES, SystemRoles, correction, wanted

SYSTEM, CLAIMS = "system", "rbac.kargo.akuity.io/claims"


def documents(shared: str = "shared", **claims: str) -> dict[Key, dict[str, Any]]:
    made = wanted(SystemRoles(SYSTEM, shared, {f"kargo-{name}": claims[name] for name in claims}))
    return {Key.of(document): document for document in made}


def kept(document: dict[str, Any], **meta: Any) -> Document:
    data = {**document, "metadata": {**document["metadata"], "resourceVersion": "1", "uid": "u", **meta}}
    return Document.of(data)


def test_there_is_an_account_a_role_and_a_binding_for_each() -> None:
    found = documents()
    for name in ("kargo-admin", "kargo-viewer", "kargo-user", "kargo-project-creator"):
        account = found[Key("ServiceAccount", SYSTEM, name)]
        assert account["metadata"]["labels"] == {"rbac.kargo.akuity.io/system-role": "true"}
        assert found[Key("ClusterRole", "", name)]["rules"] == list(RULES[name])
        binding = found[Key("ClusterRoleBinding", "", name)]
        assert binding["roleRef"]["name"] == name
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": name, "namespace": SYSTEM}]


def test_only_admins_reach_secrets_and_only_where_they_belong_to_argosy() -> None:
    reaching = {
        key
        for key, document in documents().items()
        for rule in document.get("rules", ())
        if "secrets" in rule["resources"]
    }
    assert reaching == {
        Key("ClusterRole", "", "kargo-project-admin"),  # which Projects bind in their own Namespace
        Key("Role", SYSTEM, "kargo-system-resources-admin"),
        Key("Role", "shared", "kargo-shared-resources-admin"),
    }


def test_admins_may_give_whatever_the_admins_of_a_project_may_do() -> None:
    theirs = documents()[Key("ClusterRole", "", "kargo-project-admin")]["rules"]
    rules = rules_of({"rules": list(project_role.RULES[project_role.ADMIN])})
    assert needed(rules, "demo", rules_of({"rules": theirs})) == []


def test_without_a_shared_namespace_there_are_no_roles_in_it() -> None:
    assert all(key.namespace in ("", SYSTEM) for key in documents(shared=""))


def test_the_settings_say_whose_claims_match() -> None:
    found = documents(admin='{"groups": ["platform"]}')
    assert found[Key("ServiceAccount", SYSTEM, "kargo-admin")]["metadata"]["annotations"] == {
        CLAIMS: '{"groups": ["platform"]}'
    }
    assert "annotations" not in found[Key("ServiceAccount", SYSTEM, "kargo-viewer")]["metadata"]


ADMIN = documents(admin='{"groups": ["platform"]}')[Key("ServiceAccount", SYSTEM, "kargo-admin")]
VIEWER = documents()[Key("ServiceAccount", SYSTEM, "kargo-viewer")]
ROLE = documents()[Key("ClusterRole", "", "kargo-user")]
LABELS = {"rbac.kargo.akuity.io/system-role": "true"}
CHANGES: dict[str, tuple[dict[str, Any], Document, dict[str, Any] | None]] = {
    "nothing where all is right": (ADMIN, kept(ADMIN), None),
    "nothing where people said whose claims match, and the settings do not": (
        VIEWER,
        kept(VIEWER, annotations={CLAIMS: '{"sub": ["me"]}'}),
        None,
    ),
    "the claims where the settings say others": (
        ADMIN,
        kept(ADMIN, annotations={CLAIMS: "{}", "note": "x"}),
        {"metadata": {"labels": LABELS, "annotations": {CLAIMS: '{"groups": ["platform"]}'}}},
    ),
    "the label": (VIEWER, kept(VIEWER, labels={}), {"metadata": {"labels": LABELS}}),
    "rules": (ROLE, kept({**ROLE, "rules": []}), {"rules": ROLE["rules"]}),
}


@pytest.mark.parametrize(("document", "found", "change"), CHANGES.values(), ids=CHANGES)
def test_what_is_otherwise_is_put_right(
    document: dict[str, Any], found: Document, change: dict[str, Any] | None
) -> None:
    assert correction(document, found) == change
