"""ClusterRoleBinding (rbac.authorization.k8s.io): who may do everywhere what a ClusterRole says."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Resource
from argosy.resources.role_binding import RoleReference, Subject


class ClusterRoleBinding(Resource):
    """Gives a ClusterRole to somebody everywhere. Nobody can give more than they have."""

    role_ref: RoleReference = Field(description="What they may do. It cannot be changed.")
    subjects: tuple[Subject, ...] | None = Field(None, description="Who may.")
