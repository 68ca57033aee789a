"""The accounts and roles of the whole installation: its admins, viewers, users, and those who may create Projects.

Names and rules are those of Kargo's chart (`charts/kargo/templates/users`). The embedded server makes them when it
starts; in a cluster the Helm chart does. Whose claims match which of them the settings say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from argosy.resources.kinds import ARGO, KARGO, RBAC
from argosy.resources.meta import Document, Json
from argosy.resources.names import TRUE, Annotation, Label
from argosy.rules import project_role
from argosy.rules.project_role import PROJECT_ADMIN
from argosy.rules.role_document import Data, account, binding, role, rule

ADMIN, VIEWER, USER, CREATOR = "kargo-admin", "kargo-viewer", "kargo-user", "kargo-project-creator"
NAMES = (ADMIN, CREATOR, USER, VIEWER)
"""Of the ServiceAccounts, and of the ClusterRoles and ClusterRoleBindings that go with them."""

_READ, _ALL = ["get", "list", "watch"], ["*"]
_CHANGE = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_PIPELINES = ["freights", "promotionrequests", "projectconfigs", "promotiontasks", "stages", "targets", "warehouses"]
_SHARED = ["clusterconfigs", "clusterpromotiontasks"]
_SEE_SHARED = (
    rule("", ["namespaces"], _READ),
    rule(KARGO, [*_SHARED], _READ),
    rule(ARGO, ["clusteranalysistemplates"], _READ),
)

RULES: Mapping[str, Sequence[Data]] = {
    ADMIN: (
        rule("", ["events", "namespaces", "serviceaccounts"], _READ),
        rule(RBAC, ["rolebindings", "roles"], _READ),
        rule(KARGO, [*_SHARED, "projects", *_PIPELINES], _CHANGE),
        rule(KARGO, ["stages"], ["promote"]),
        rule(KARGO, ["promotions"], ["create", "delete", "get", "list", "patch", "watch"]),
        rule(KARGO, ["freights/status"], ["patch"]),
        rule(ARGO, ["analysisruns"], ["delete", "get", "list", "watch"]),
        rule(ARGO, ["analysistemplates", "clusteranalysistemplates"], _ALL),
    ),
    CREATOR: (*_SEE_SHARED, rule(KARGO, ["projects"], ["create", "get", "list", "watch"])),
    USER: (*_SEE_SHARED, rule(KARGO, ["projects"], _READ)),
    VIEWER: (
        rule("", ["events", "namespaces", "serviceaccounts"], _READ),
        rule(RBAC, ["rolebindings", "roles"], _READ),
        rule(KARGO, [*_SHARED, "projects", *_PIPELINES, "promotions"], _READ),
        rule(ARGO, ["analysisruns", "analysistemplates", "clusteranalysistemplates"], _READ),
    ),
}
"""What each ClusterRole allows, everywhere."""

IN_PROJECTS: Sequence[Data] = project_role.RULES[project_role.ADMIN]
"""What the admins of the installation may do besides, in the Namespaces of Projects only: what a Project's admins may.

Nobody gives rights that they have not got, so they could not give anybody a token of a Project's admin with less.
"""

SHARED_READER, SHARED_ADMIN = "kargo-shared-resources-reader", "kargo-shared-resources-admin"
SYSTEM = "kargo-system-resources-admin"
"""The Roles, and their RoleBindings, in the namespaces that belong to no Project."""


@dataclass(frozen=True, slots=True)
class SystemRoles:
    """Where these roles are, and for whom.

    Attributes:
        system: namespace of the accounts.
        shared: namespace whose Secrets and ConfigMaps are for every Project; empty for none.
        claims: whose claims match an account, as JSON, by its name.
    """

    system: str
    shared: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


def wanted(roles: SystemRoles) -> list[Data]:
    """The documents that should be there, in the order in which they are best made."""
    return [*_accounts(roles), *_cluster_wide(roles.system), *_in_namespaces(roles)]


def correction(document: Mapping[str, Json], found: Document) -> Data | None:
    """The merge patch that makes what was found what it should be; None when it is. What people added stays.

    Claims that the settings name take the place of others; where they name none, those that are there stay.
    """
    if document["kind"] != "ServiceAccount":
        return project_role.correction(document, found)
    claims = (document["metadata"].get("annotations") or {}).get(Annotation.CLAIMS.value)
    had = (found.meta.get("annotations") or {}).get(Annotation.CLAIMS.value)
    labelled = (found.meta.get("labels") or {}).get(Label.SYSTEM_ROLE.value) == TRUE
    if labelled and claims in (None, had):
        return None
    annotations = {"annotations": {Annotation.CLAIMS.value: claims}} if claims else {}
    return {"metadata": {"labels": {Label.SYSTEM_ROLE.value: TRUE}, **annotations}}


def _accounts(roles: SystemRoles) -> Iterator[Data]:
    for name in NAMES:
        meta: Data = {"name": name, "namespace": roles.system, "labels": {Label.SYSTEM_ROLE.value: TRUE}}
        if roles.claims.get(name):
            meta["annotations"] = {Annotation.CLAIMS.value: roles.claims[name]}
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}


def _cluster_wide(system: str) -> Iterator[Data]:
    for name, rules in {**RULES, PROJECT_ADMIN: IN_PROJECTS}.items():
        yield role("ClusterRole", {"name": name}, rules)
    for name in NAMES:
        yield binding("ClusterRoleBinding", {"name": name}, ("ClusterRole", name), account(name, system))


def _in_namespaces(roles: SystemRoles) -> Iterator[Data]:
    tokens = rule("", ["configmaps", "secrets"], _ALL)
    yield from _granted(SYSTEM, roles.system, tokens, roles.system, ADMIN)
    if roles.shared:
        yield from _granted(SHARED_ADMIN, roles.shared, tokens, roles.system, ADMIN)
        yield from _granted(
            SHARED_READER, roles.shared, rule("", ["configmaps"], _READ), roles.system, USER, VIEWER, CREATOR
        )


def _granted(name: str, namespace: str, allowed: Data, system: str, *accounts: str) -> Iterator[Data]:
    """A Role in a namespace, and its RoleBinding."""
    meta = {"name": name, "namespace": namespace}
    yield role("Role", meta, [allowed])
    yield binding("RoleBinding", meta, ("Role", name), *(account(each, system) for each in accounts))
