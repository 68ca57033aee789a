"""Role (rbac.authorization.k8s.io): what may be done in one namespace."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Model, Resource


class PolicyRule(Model):
    """Actions, and the resources that they are allowed on."""

    api_groups: tuple[str, ...] = Field(
        (), description="API groups of the resources; the empty one is the core, `*` means every."
    )
    resources: tuple[str, ...] = Field((), description="Lower-case plurals; `*` means every.")
    resource_names: tuple[str, ...] = Field((), description="Only resources of these names, when there are any.")
    non_resource_urls: tuple[str, ...] = Field(
        (), alias="nonResourceURLs", description="Paths that are no resources; only in ClusterRoles."
    )
    verbs: tuple[str, ...] = Field(
        description="Actions, such as `get`, `list` and `promote`; `*` means every.",
    )


class Role(Resource):
    """What may be done in its namespace, by whom it is bound to. What no role allows is not allowed."""

    rules: tuple[PolicyRule, ...] | None = Field(None, description="What is allowed; everything else is not.")
