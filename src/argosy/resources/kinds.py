"""The catalogue of kinds: name to class, plural, scope, columns and indexes. JSON schema and CRD derive from it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from argosy.errors import NotFound
from argosy.resources.analysis_run import AnalysisRun
from argosy.resources.analysis_template import AnalysisTemplate
from argosy.resources.cluster_analysis_template import ClusterAnalysisTemplate
from argosy.resources.cluster_config import ClusterConfig
from argosy.resources.cluster_promotion_task import ClusterPromotionTask
from argosy.resources.cluster_role import ClusterRole
from argosy.resources.cluster_role_binding import ClusterRoleBinding
from argosy.resources.config_map import ConfigMap
from argosy.resources.event import Event
from argosy.resources.freight import Freight
from argosy.resources.kind import Column, Kind
from argosy.resources.moment import discovered, happened, promoted
from argosy.resources.namespace import Namespace
from argosy.resources.project import Project
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion import Promotion
from argosy.resources.promotion_request import PromotionRequest
from argosy.resources.promotion_task import PromotionTask
from argosy.resources.role import Role
from argosy.resources.role_binding import RoleBinding
from argosy.resources.secret import Secret
from argosy.resources.service_account import ServiceAccount
from argosy.resources.stage import Stage
from argosy.resources.target import Target
from argosy.resources.warehouse import Warehouse

__all__ = ["ARGO", "KARGO", "KINDS", "RBAC", "Column", "Kind", "kind_by_plural", "kind_by_word"]

KARGO = "kargo.akuity.io"
ARGO = "argoproj.io"
RBAC = "rbac.authorization.k8s.io"


def _at(*fields: str) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({field: tuple(field.split(".")) for field in fields})


AGE = Column("Age", ".metadata.creationTimestamp", "date")
CREATED = Column("Created At", ".metadata.creationTimestamp")
ROLE = Column("Role", ".roleRef", form="reference")
SHARD = Column("Shard", ".spec.shard")
READY = (
    Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
    Column("Status", '.status.conditions[?(@.type=="Ready")].message'),
)

_ALL = (
    Kind("Project", KARGO, "v1alpha1", "projects", Project, namespaced=False, columns=(*READY, AGE)),
    Kind("ProjectConfig", KARGO, "v1alpha1", "projectconfigs", ProjectConfig, columns=(*READY, AGE)),
    Kind(
        "ClusterConfig",
        KARGO,
        "v1alpha1",
        "clusterconfigs",
        ClusterConfig,
        namespaced=False,
        columns=(*READY, AGE),
    ),
    Kind("Warehouse", KARGO, "v1alpha1", "warehouses", Warehouse, columns=(SHARD, AGE), indexes=_at("spec.shard")),
    Kind(
        "Freight",
        KARGO,
        "v1alpha1",
        "freights",
        Freight,
        columns=(
            Column("Alias", r".metadata.labels.kargo\.akuity\.io/alias"),
            Column("Origin (Kind)", ".origin.kind"),
            Column("Origin (Name)", ".origin.name"),
            AGE,
        ),
        indexes=_at("alias", "origin.name"),
        moment=discovered,
    ),
    Kind(
        "Stage",
        KARGO,
        "v1alpha1",
        "stages",
        Stage,
        columns=(
            SHARD,
            Column("Current Freight", ".status.freightSummary"),
            Column("Health", ".status.health.status"),
            *READY,
            AGE,
        ),
        indexes=_at("spec.shard"),
    ),
    Kind(
        "Promotion",
        KARGO,
        "v1alpha1",
        "promotions",
        Promotion,
        short=("promo", "promos"),
        columns=(
            Column("Shard", r".metadata.labels.kargo\.akuity\.io/shard"),
            Column("Stage", ".spec.stage"),
            Column("Freight", ".spec.freight"),
            Column("Phase", ".status.phase"),
            AGE,
        ),
        indexes=_at("spec.stage", "spec.freight", "status.phase"),
        moment=promoted,
    ),
    Kind(
        "PromotionTask",
        KARGO,
        "v1alpha1",
        "promotiontasks",
        PromotionTask,
        short=("promotask", "promotasks"),
        columns=(AGE,),
        status=False,
    ),
    Kind(
        "ClusterPromotionTask",
        KARGO,
        "v1alpha1",
        "clusterpromotiontasks",
        ClusterPromotionTask,
        namespaced=False,
        short=("clusterpromotask", "clusterpromotasks"),
        columns=(AGE,),
        status=False,
    ),
    Kind("Target", KARGO, "v1alpha1", "targets", Target, columns=(AGE,)),
    Kind(
        "PromotionRequest",
        KARGO,
        "v1alpha1",
        "promotionrequests",
        PromotionRequest,
        columns=(
            Column("Stage", ".spec.stage"),
            Column("Freight", ".spec.freight"),
            Column("Phase", ".status.phase"),
            AGE,
        ),
    ),
    Kind(
        "AnalysisTemplate",
        ARGO,
        "v1alpha1",
        "analysistemplates",
        AnalysisTemplate,
        short=("at",),
        columns=(AGE,),
        status=False,
    ),
    Kind(
        "ClusterAnalysisTemplate",
        ARGO,
        "v1alpha1",
        "clusteranalysistemplates",
        ClusterAnalysisTemplate,
        namespaced=False,
        short=("cat",),
        columns=(AGE,),
        status=False,
    ),
    Kind(
        "AnalysisRun",
        ARGO,
        "v1alpha1",
        "analysisruns",
        AnalysisRun,
        short=("ar",),
        columns=(Column("Status", ".status.phase"), AGE),
        status=False,
    ),
    Kind(
        "Namespace",
        "",
        "v1",
        "namespaces",
        Namespace,
        namespaced=False,
        short=("ns",),
        columns=(Column("Status", ".status.phase"), AGE),
        strategic=True,
    ),
    Kind(
        "Secret",
        "",
        "v1",
        "secrets",
        Secret,
        columns=(Column("Type", ".type"), Column("Data", ".data", "integer", form="count"), AGE),
        status=False,
        indexes=_at("type"),
        strategic=True,
    ),
    Kind(
        "ServiceAccount",
        "",
        "v1",
        "serviceaccounts",
        ServiceAccount,
        short=("sa",),
        columns=(AGE,),
        status=False,
        strategic=True,
    ),
    Kind("Role", RBAC, "v1", "roles", Role, columns=(CREATED,), status=False, strategic=True),
    Kind(
        "RoleBinding",
        RBAC,
        "v1",
        "rolebindings",
        RoleBinding,
        columns=(ROLE, AGE),
        status=False,
        strategic=True,
    ),
    Kind(
        "ClusterRole",
        RBAC,
        "v1",
        "clusterroles",
        ClusterRole,
        namespaced=False,
        columns=(CREATED,),
        status=False,
        strategic=True,
    ),
    Kind(
        "ClusterRoleBinding",
        RBAC,
        "v1",
        "clusterrolebindings",
        ClusterRoleBinding,
        namespaced=False,
        columns=(ROLE, AGE),
        status=False,
        strategic=True,
    ),
    Kind(
        "ConfigMap",
        "",
        "v1",
        "configmaps",
        ConfigMap,
        short=("cm",),
        columns=(Column("Data", ".data", "integer", form="count"), AGE),
        status=False,
        strategic=True,
    ),
    Kind(
        "Event",
        "",
        "v1",
        "events",
        Event,
        short=("ev",),
        columns=(
            Column("Last Seen", ".lastTimestamp", "date"),
            Column("Type", ".type"),
            Column("Reason", ".reason"),
            Column("Object", ".involvedObject", form="lower-reference"),
            Column("Subobject", ".involvedObject.fieldPath", priority=1),
            Column("Source", ".source.component", priority=1),
            Column("Message", ".message"),
            Column("First Seen", ".firstTimestamp", "date", priority=1),
            Column("Count", ".count", "integer", priority=1),
            Column("Name", ".metadata.name", priority=1),
        ),
        status=False,
        indexes=_at(
            "involvedObject.apiVersion",
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "type",
            "reason",
        ),
        moment=happened,
        strategic=True,
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
"""Every kind, by name; names are unique across groups."""

_BY_PLURAL = {(kind.group, kind.version, kind.plural): kind for kind in _ALL}
_BY_WORD = {
    word: kind
    for kind in reversed(_ALL)
    for plain in (kind.plural, kind.singular, *kind.short)
    for word in (plain, f"{plain}.{kind.group}", f"{plain}.{kind.version}.{kind.group}")
}


def kind_by_plural(group: str, version: str, plural: str) -> Kind | None:
    """The kind served at this place of the API, if any."""
    return _BY_PLURAL.get((group, version, plural))


def kind_by_word(word: str) -> Kind:
    """The kind a user means: plural, singular or short name, in any case, also with its group.

    Raises:
        NotFound: no kind has that name; the advice guesses.
    """
    kind = _BY_WORD.get(word.lower())
    if kind is None:
        guesses = difflib.get_close_matches(word.lower(), _BY_WORD, n=1)
        known = ", ".join(sorted(kind.plural for kind in _ALL))
        advice = f"Did you mean `{guesses[0]}`?" if guesses else f"Known are {known}"
        raise NotFound(f"there is no kind of resource called {word!r}", advice=advice)
    return kind
