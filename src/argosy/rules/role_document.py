"""Writes the documents that give rights: rules, and bindings of roles to whom they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argosy.resources.kinds import RBAC
from argosy.resources.meta import Json

Data = dict[str, Json]


def rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> Data:
    """What may be done with resources of a group."""
    return {"apiGroups": [group], "resources": [*resources], "verbs": [*verbs]}


def role(kind: str, meta: Mapping[str, Json], rules: Sequence[Data]) -> Data:
    """A Role or ClusterRole."""
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": dict(meta), "rules": list(rules)}


def binding(kind: str, meta: Mapping[str, Json], role: tuple[str, str], *subjects: Data) -> Data:
    """A binding of a role, named by kind and name."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": dict(meta),
        "roleRef": {"apiGroup": RBAC, "kind": role[0], "name": role[1]},
        "subjects": [*subjects],
    }


def account(name: str, namespace: str) -> Data:
    """A ServiceAccount, as subjects of bindings are written."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
