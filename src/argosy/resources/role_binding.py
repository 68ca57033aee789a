"""RoleBinding (rbac.authorization.k8s.io): who may do in one namespace what a role says."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Model, Resource


class RoleReference(Model):
    """Names a role."""

    api_group: str = Field(description="Its API group, `rbac.authorization.k8s.io`.")
    kind: str = Field(description="Role or ClusterRole.")
    name: str = Field(description="Its name.")


class Subject(Model):
    """Somebody who is given a role."""

    kind: str = Field(description="User, Group or ServiceAccount.")
    api_group: str = Field("", description="Empty for a ServiceAccount, else `rbac.authorization.k8s.io`.")
    name: str = Field(description="Its name.")
    namespace: str = Field("", description="The namespace of a ServiceAccount.")


class RoleBinding(Resource):
    """Gives a role to somebody in its namespace. Nobody can give more than they have."""

    role_ref: RoleReference = Field(description="What they may do. It cannot be changed.")
    subjects: tuple[Subject, ...] | None = Field(None, description="Who may.")
