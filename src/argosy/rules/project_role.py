"""The accounts and roles that every Project comes with, and what to change where they are otherwise.

Names, rules and annotations are those of Kargo (`pkg/controller/management/projects/projects.go`), so that what Kargo
made is found and kept. Rules and subjects are put right; what people write besides, the claims of a ServiceAccount
above all, stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from argosy.resources.kinds import ARGO, KARGO, RBAC
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import TRUE, Annotation, EventActor
from argosy.resources.project import Project
from argosy.resources.role import Role
from argosy.resources.role_binding import RoleBinding
from argosy.rules.role_document import account, binding, rule

ADMIN, PROMOTER, VIEWER = "kargo-admin", "kargo-promoter", "kargo-viewer"
NAMES = (ADMIN, VIEWER, PROMOTER)
"""Of the ServiceAccounts, and of the Roles and RoleBindings that go with them."""

CONTROLLER = "argosy-project"
"""The ClusterRole with what Argosy itself needs in the Namespaces of Projects, and the RoleBindings that give it."""

SYSTEM_ADMIN = "argosy-system-admin"
"""The RoleBindings that let admins of the whole installation do in Projects what they may not do elsewhere."""

PROJECT_ADMIN = "kargo-project-admin"
"""The ClusterRole that these bind; it is of `rules.system_role`."""

CLUSTER_PREFIX = "kargo-project-admin-"
"""What the ClusterRole and the ClusterRoleBinding of a Project begin with; its name follows."""

CONTROLLER_RULES: Sequence[Mapping[str, Json]] = (
    {
        "apiGroups": [""],
        "resources": ["configmaps", "secrets"],
        "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
    },
)
"""The rules of that ClusterRole: credentials are read, and shared Secrets and ConfigMaps are replicated."""

Data = dict[str, Json]

_READ = ["get", "list", "watch"]
_ALL = ["*"]


_PROMOTE = rule(KARGO, ["stages"], ["promote"])
_APPROVE = rule(KARGO, ["freights/status"], ["patch"])
_READ_ROLES = rule(RBAC, ["rolebindings", "roles"], _READ)
_READ_CORE = rule("", ["configmaps", "events", "serviceaccounts"], _READ)
_READ_ANALYSIS = rule(ARGO, ["analysisruns", "analysistemplates"], _READ)

RULES: Mapping[str, Sequence[Data]] = {
    ADMIN: (
        rule("", ["events"], _READ),
        rule("", ["configmaps", "secrets", "serviceaccounts"], _ALL),
        rule(RBAC, ["rolebindings", "roles"], _ALL),
        rule(KARGO, ["freights", "projectconfigs", "promotiontasks", "stages", "targets", "warehouses"], _ALL),
        _PROMOTE,
        rule(KARGO, ["promotions"], ["create", "delete", "get", "list", "watch", "patch"]),
        _APPROVE,
        rule(ARGO, ["analysisruns"], ["delete", *_READ]),
        rule(ARGO, ["analysistemplates"], _ALL),
    ),
    VIEWER: (
        _READ_CORE,
        _READ_ROLES,
        rule(KARGO, ["freights", "projectconfigs", "promotions", "stages", "targets", "warehouses"], _READ),
        _READ_ANALYSIS,
    ),
    PROMOTER: (
        _READ_CORE,
        _READ_ROLES,
        rule(KARGO, ["freights", "stages", "warehouses", "projectconfigs"], _READ),
        _PROMOTE,
        rule(KARGO, ["promotions"], ["create", *_READ]),
        _APPROVE,
        _READ_ANALYSIS,
    ),
}
"""What each Role allows."""


@dataclass(frozen=True, slots=True)
class ProjectRoles:
    """Which roles Projects come with.

    Attributes:
        people: those for admins, promoters and viewers.
        account: the ServiceAccount that Argosy runs as, `NAMESPACE/NAME`, to be given `CONTROLLER` in every Project;
            empty where it needs no permission.
        system: the namespace with the account of the admins of the whole installation; empty where there is none.
    """

    people: bool = True
    account: str = ""
    system: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What these consist of."""
        if self.people:
            return ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
        return ("RoleBinding",) if self.account or self.system else ()


def wanted(project: Project, roles: ProjectRoles) -> list[Data]:
    """The documents that should be there for a Project, in the order in which they are best made."""
    people = _for_people(project) if roles.people else ()
    return [*_own(project, roles.account), *_for_system(project, roles.system), *people]


def cluster_wide(project: str) -> tuple[Key, Key]:
    """What does not go with the Namespace of a Project: its ClusterRoleBinding and its ClusterRole."""
    name = CLUSTER_PREFIX + project
    return Key("ClusterRoleBinding", "", name), Key("ClusterRole", "", name)


def project_of(key: Key) -> str:
    """The Project that an account, role or binding of these names belongs to; empty for all others."""
    if not key.namespace:
        return key.name.removeprefix(CLUSTER_PREFIX) if key.name.startswith(CLUSTER_PREFIX) else ""
    return key.namespace if key.name in (*NAMES, CONTROLLER, SYSTEM_ADMIN) else ""


def correction(document: Mapping[str, Json], found: Document) -> Data | None:
    """The merge patch that makes what was found what it should be; None when it is."""
    if "rules" in document:
        wanted_rules = Role.model_validate(document).rules or ()
        return None if (found.parse(Role).rules or ()) == wanted_rules else {"rules": document["rules"]}
    if "subjects" in document:
        wanted_subjects = RoleBinding.model_validate(document).subjects or ()
        right = (found.parse(RoleBinding).subjects or ()) == wanted_subjects
        return None if right else {"subjects": document["subjects"]}
    return None


def must_be_replaced(document: Mapping[str, Json], found: Document) -> bool:
    """Whether a binding leads to another role than it should: Kubernetes lets nobody change that."""
    return "roleRef" in document and _leads_to(found.data) != _leads_to(document)


def _leads_to(binding: Mapping[str, Json]) -> tuple[Json, Json]:
    role = binding.get("roleRef") or {}
    return role.get("kind"), role.get("name")


def _own(project: Project, own: str) -> Iterator[Data]:
    namespace, _, name = own.partition("/")
    if name:
        role = ("ClusterRole", CONTROLLER)
        yield binding("RoleBinding", {"name": CONTROLLER, "namespace": project.name}, role, account(name, namespace))


def _for_system(project: Project, system: str) -> Iterator[Data]:
    if system:
        meta = {"name": SYSTEM_ADMIN, "namespace": project.name}
        yield binding("RoleBinding", meta, ("ClusterRole", PROJECT_ADMIN), account(ADMIN, system))


def _for_people(project: Project) -> Iterator[Data]:
    here = {"namespace": project.name}
    managed = {Annotation.MANAGED.value: TRUE}
    claims = _claims(project)
    for name in NAMES:
        meta = {"name": name, **here, "annotations": {**managed, **claims}}
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}
    for name in NAMES:
        meta = {"name": name, **here, "annotations": dict(managed)}
        yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": meta, "rules": list(RULES[name])}
    for name in NAMES:
        meta = {"name": name, **here, "annotations": dict(managed)}
        yield binding("RoleBinding", meta, ("Role", name), account(name, project.name))
    bound, role = cluster_wide(project.name)
    own = {**rule(KARGO, ["projects"], ["delete", "update"]), "resourceNames": [project.name]}
    yield {"apiVersion": f"{RBAC}/v1", "kind": role.kind, "metadata": {"name": role.name}, "rules": [own]}
    yield binding(bound.kind, {"name": bound.name}, (role.kind, role.name), account(ADMIN, project.name))


def _claims(project: Project) -> dict[str, str]:
    """Who created the Project is its first member, where that was somebody who signed in."""
    creator = project.metadata.annotations.get(Annotation.CREATE_ACTOR, "")
    claim, colon, value = creator.partition(":")
    if not colon or creator.startswith(EventActor.KUBERNETES_USER):
        return {}
    claim = "sub" if creator.startswith(EventActor.SUBJECT) else claim
    return {Annotation.CLAIMS.value: orjson.dumps({claim: [value]}).decode()}
