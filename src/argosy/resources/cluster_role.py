"""ClusterRole (rbac.authorization.k8s.io): what may be done in every namespace, and with what is in none."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json, Model, Resource
from argosy.resources.role import PolicyRule


class AggregationRule(Model):
    """Gathers the rules of other ClusterRoles."""

    cluster_role_selectors: tuple[dict[str, Json], ...] = Field(
        (), description="Selectors by label; the rules of every ClusterRole that any of them finds count."
    )


class ClusterRole(Resource):
    """What may be done wherever it is bound, and with what is in no namespace."""

    rules: tuple[PolicyRule, ...] | None = Field(None, description="What is allowed; everything else is not.")
    aggregation_rule: AggregationRule | None = Field(
        None, description="Where the rules come from, when they are not written here."
    )
