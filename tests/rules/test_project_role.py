"""The accounts and roles of a Project: those of Kargo by name, put right where they differ."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.resources.project import Project
from argosy.resources.validation import validate
from argosy.rules.project_role import CONTROLLER, ProjectRoles, cluster_wide, correction, project_of, wanted

EVERYTHING = ProjectRoles(account="argosy/argosy")


def project(**annotations: str) -> Project:
    return Project.model_validate({"metadata": {"name": "p", "annotations": annotations}})


def documents(roles: ProjectRoles = EVERYTHING, **annotations: str) -> dict[Key, dict[str, Any]]:
    return {Key.of(document): document for document in wanted(project(**annotations), roles)}


def allowed(role: str, group: str, resource: str) -> set[str]:
    """Every verb of a Role on a resource."""
    rules = documents()[Key("Role", "p", role)]["rules"]
    found = [rule["verbs"] for rule in rules if group in rule["apiGroups"] and resource in rule["resources"]]
    return {verb for verbs in found for verb in verbs}


def test_a_project_comes_with_three_roles_and_what_binds_them() -> None:
    trio = ("kargo-admin", "kargo-viewer", "kargo-promoter")
    assert list(documents()) == [
        Key("RoleBinding", "p", CONTROLLER),
        *(Key(kind, "p", name) for kind in ("ServiceAccount", "Role", "RoleBinding") for name in trio),
        Key("ClusterRole", "", "kargo-project-admin-p"),
        Key("ClusterRoleBinding", "", "kargo-project-admin-p"),
    ]


def test_every_document_is_valid_and_known() -> None:
    for key, document in documents().items():
        assert KINDS[key.kind].api_version == document["apiVersion"]
        assert not validate(document, previous={}), key


@pytest.mark.parametrize(
    ("roles", "kinds"),
    [
        (ProjectRoles(people=False), set()),
        (ProjectRoles(people=False, account="argosy/argosy"), {"RoleBinding"}),
        (ProjectRoles(people=True), {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}),
    ],
    ids=["none", "only Argosy's own", "only people's"],
)
def test_each_part_can_be_left_out(roles: ProjectRoles, kinds: set[str]) -> None:
    assert {key.kind for key in documents(roles)} == kinds
    assert (Key("RoleBinding", "p", CONTROLLER) in documents(roles)) == bool(roles.account)


def test_argosy_is_bound_to_a_cluster_role_that_is_installed_with_it() -> None:
    binding = documents()[Key("RoleBinding", "p", CONTROLLER)]
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "argosy-project",
    }
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "argosy", "namespace": "argosy"}]


@pytest.mark.parametrize(
    ("role", "resource", "verbs"),
    [
        ("kargo-admin", "stages", {"*", "promote"}),
        ("kargo-admin", "promotions", {"create", "delete", "get", "list", "watch", "patch"}),
        ("kargo-admin", "promotionrequests", set()),
        ("kargo-promoter", "stages", {"get", "list", "watch", "promote"}),
        ("kargo-promoter", "promotions", {"create", "get", "list", "watch"}),
        ("kargo-promoter", "freights/status", {"patch"}),
        ("kargo-promoter", "targets", set()),
        ("kargo-viewer", "stages", {"get", "list", "watch"}),
        ("kargo-viewer", "promotions", {"get", "list", "watch"}),
        ("kargo-viewer", "freights/status", set()),
    ],
)
def test_who_may_do_what(role: str, resource: str, verbs: set[str]) -> None:
    assert allowed(role, "kargo.akuity.io", resource) == verbs


@pytest.mark.parametrize(
    ("role", "verbs"), [("kargo-admin", {"*"}), ("kargo-promoter", set()), ("kargo-viewer", set())]
)
def test_only_admins_see_secrets(role: str, verbs: set[str]) -> None:
    assert allowed(role, "", "secrets") == verbs


def test_admins_may_change_and_delete_their_own_project_only() -> None:
    (rule,) = documents()[Key("ClusterRole", "", "kargo-project-admin-p")]["rules"]
    assert (rule["resources"], rule["resourceNames"], rule["verbs"]) == (["projects"], ["p"], ["delete", "update"])
    (subject,) = documents()[Key("ClusterRoleBinding", "", "kargo-project-admin-p")]["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": "kargo-admin", "namespace": "p"}


@pytest.mark.parametrize(
    ("creator", "claims"),
    [
        ("email:jo@example.com", {"email": ["jo@example.com"]}),
        ("subject:a:b", {"sub": ["a:b"]}),  # Kargo writes `subject`, which no token has
        ("kubernetes:jo", None),
        ("admin", None),
        ("", None),
    ],
)
def test_who_signed_in_and_created_the_project_is_its_member(creator: str, claims: Any) -> None:
    found = documents(**{"kargo.akuity.io/create-actor": creator} if creator else {})
    for name in ("kargo-admin", "kargo-viewer", "kargo-promoter"):
        annotations = found[Key("ServiceAccount", "p", name)]["metadata"]["annotations"]
        assert annotations["rbac.kargo.akuity.io/managed"] == "true"
        told = annotations.get("rbac.kargo.akuity.io/claims")
        assert (orjson.loads(told) if told else None) == claims


def test_what_is_right_is_left_alone_however_it_is_written() -> None:
    for document in documents().values():
        written = {**document, "metadata": {**document["metadata"], "uid": "1", "labels": {"a": "b"}}}
        if "subjects" in written:
            written["subjects"] = [{"apiGroup": "", **subject} for subject in written["subjects"]]
        assert correction(document, Document.of(written)) is None


def test_rules_and_subjects_are_put_right_and_accounts_are_not() -> None:
    for key, document in documents().items():
        other = {**document, "rules": [{"verbs": ["*"]}], "subjects": None}
        found = correction(document, Document.of(other))
        wanted_part = {name: document[name] for name in ("rules", "subjects") if name in document}
        assert (found or {}) == wanted_part, key


def test_whose_a_role_is() -> None:
    for key in documents():
        assert project_of(key) == "p"
    for key in cluster_wide("q"):
        assert project_of(key) == "q"
    for key in (Key("Role", "p", "mine"), Key("ClusterRole", "", "admin"), Key("RoleBinding", "p", "kargo-project")):
        assert project_of(key) == ""
