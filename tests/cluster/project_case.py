"""Argosy on a cluster with no more rights than it needs, and ways to ask that cluster."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from argosy.rules.project_role import CONTROLLER, CONTROLLER_RULES
from argosy.rules.project_role import RULES as ROLES
from argosy.testing.cluster import Cluster
from argosy.testing.kubectl import Kubectl, Ran
from argosy.testing.pipeline import PATIENCE

ACCOUNT = "system:serviceaccount:argosy:argosy"
SHARED = "kargo-shared-resources"
RBAC = "rbac.authorization.k8s.io"

_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "patch", "update"]
_SHARED_RULES = [{"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": [*_READ, "patch", "update"]}]

RULES: Sequence[dict[str, Any]] = (
    {"apiGroups": ["kargo.akuity.io"], "resources": ["*"], "verbs": [*_READ, *_WRITE]},
    {"apiGroups": [""], "resources": ["namespaces", "serviceaccounts"], "verbs": [*_READ, *_WRITE]},
    {"apiGroups": [""], "resources": ["events"], "verbs": [*_READ, "create", "patch"]},
    {
        "apiGroups": [RBAC],
        "resources": ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
        "verbs": [*_READ, *_WRITE],
    },
    {"apiGroups": [RBAC], "resources": ["clusterroles"], "resourceNames": [CONTROLLER], "verbs": ["bind"]},
)
"""What Argosy's account may do everywhere. It reads no Secret by these, and hands out nothing that it has not."""


def _role(kind: str, rules: Sequence[Any], name: str, **meta: str) -> dict[str, Any]:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": name, **meta}, "rules": [*rules]}


def _binding(kind: str, role: str, name: str, **meta: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": name, **meta},
        "roleRef": {"apiGroup": RBAC, "kind": role, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": "argosy", "namespace": "argosy"}],
    }


def rights() -> str:
    """Argosy's account with its rights, as an administrator would apply them."""
    core = {"apiVersion": "v1"}
    documents = [
        {**core, "kind": "Namespace", "metadata": {"name": "argosy"}},
        {**core, "kind": "Namespace", "metadata": {"name": SHARED}},
        {**core, "kind": "ServiceAccount", "metadata": {"name": "argosy", "namespace": "argosy"}},
        _role("ClusterRole", RULES, "argosy"),
        _binding("ClusterRoleBinding", "ClusterRole", "argosy"),
        _role("ClusterRole", [*CONTROLLER_RULES, *(rule for rules in ROLES.values() for rule in rules)], CONTROLLER),
        _role("Role", _SHARED_RULES, "argosy-shared", namespace=SHARED),
        _binding("RoleBinding", "Role", "argosy-shared", namespace=SHARED),
    ]
    return yaml.safe_dump_all(documents)


@dataclass(frozen=True, slots=True)
class Asked:
    """A cluster whose administrator asks, while Argosy turns in this process.

    Attributes:
        kubectl: as the administrator.
    """

    cluster: Cluster
    kubectl: Kubectl

    async def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        """Run kubectl to its end. It does not block the process's loop."""
        return await asyncio.to_thread(self.kubectl, *arguments, stdin=stdin)

    async def apply(self, *documents: Any) -> None:
        done = await self("apply", "-f", "-", stdin=yaml.safe_dump_all(documents))
        assert done.code == 0, done.err

    async def get(self, *arguments: str) -> Any:
        """A resource; None when it is not there."""
        done = await self("get", *arguments, "-o", "json", "--ignore-not-found")
        assert done.code == 0, done.err
        return json.loads(done.out) if done.out.strip() else None

    async def until(self, holds: Callable[[Any], Any], *arguments: str) -> Any:
        """Wait until a resource is as wanted; None stands for one that is not there."""
        seen: Any = None
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(seen := await self.get(*arguments)):  # noqa: ASYNC110 - kubectl has no events
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{arguments} did not become what was awaited; it is {seen}") from None
        return seen

    async def may(self, who: str, *action: str) -> bool:
        """What the cluster's authorizer says about an account, such as `get secrets -n p`."""
        done = await self("auth", "can-i", "--as", who, *action)
        assert done.out.strip() in ("yes", "no"), done.err
        return done.out.strip() == "yes"


def account_kubeconfig(cluster: Cluster, kubectl: Kubectl, folder: Path) -> Path:
    """A kubeconfig of Argosy's account, with a token that the cluster gave out."""
    token = kubectl("create", "token", "argosy", "--namespace", "argosy")
    assert token.code == 0, token.err
    content = json.loads(cluster.kubeconfig().read_bytes())
    content["users"][0]["user"] = {"token": token.out.strip()}
    path = folder / "account"
    path.touch(mode=0o600)
    path.write_text(json.dumps(content))
    return path


def ready(found: Any) -> bool:
    """Whether a Project says that it is ready."""
    return condition(found, "Ready") == "True"


def condition(found: Any, type: str) -> str:
    """The status of a condition; empty where there is none."""
    conditions = ((found or {}).get("status") or {}).get("conditions") or []
    return next((str(item["status"]) for item in conditions if item["type"] == type), "")
