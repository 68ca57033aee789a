"""Admission webhooks: the configurations that send requests, who may pass, and what a change is as a patch."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpatch

from argosy.resources.kind import Kind
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.meta import Json
from argosy.resources.names import EventActor, Label
from argosy.rules.authorization import ACCOUNT, Subject
from argosy.rules.field_ownership_write import ARGOSY

NAME = "argosy"
"""Of both configurations."""

REPLICA = "replica"
"""The path by which is asked about copies of shared Secrets and ConfigMaps."""

SECONDS = 10
"""Which a request may take before the API server refuses it."""

KEPT_OUT = ("kube-system", "kube-public", "kube-node-lease")
"""Namespaces whose requests are never sent."""

_COLLECTORS = frozenset(
    {
        "system:serviceaccount:kube-system:namespace-controller",
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "system:kube-controller-manager",
    }
)

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request to the API server, as it tells."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, Json] | None = None

    @classmethod
    def of(cls, told: Mapping[str, Json]) -> Caller:
        """Read from a `UserInfo`."""
        groups = tuple(str(group) for group in told.get("groups") or ())
        return cls(str(told.get("username") or ""), str(told.get("uid") or ""), groups, told.get("extra"))

    @property
    def actor(self) -> str:
        """Kargo's form of an actor (`FormatEventKubernetesUserActor`)."""
        return f"{EventActor.KUBERNETES_USER}{self.name}"

    @property
    def subject(self) -> Subject:
        """Whom bindings can name."""
        extra = tuple((key, tuple(map(str, values or ()))) for key, values in (self.extra or {}).items())
        return Subject(self.name, frozenset(self.groups), self.uid, extra)

    @property
    def is_administrator(self) -> bool:
        """Whether it may do anything in the cluster, whatever roles say."""
        return "system:masters" in self.groups

    @property
    def collects(self) -> bool:
        """Whether it deletes what has lost its owner or its namespace, for which nobody needs to be allowed."""
        return self.name in _COLLECTORS


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Whose writes are the control plane's own: they were admitted where they were made.

    Attributes:
        own: the user that Argosy itself is. People may share it, unless it is a ServiceAccount; then only what names
            Argosy as its field manager counts.
        pattern: a regular expression that the whole name of a user must match; empty for none.
    """

    own: str = ""
    pattern: str = ""

    def includes(self, caller: Caller, manager: str = "") -> bool:
        """Whether a write by `caller`, as the field manager `manager`, was admitted already."""
        if self.own and caller.name == self.own and (self.own.startswith(ACCOUNT) or manager == ARGOSY):
            return True
        return bool(self.pattern) and re.fullmatch(self.pattern, caller.name) is not None


def patch(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Data]:
    """The JSON patch (RFC 6902) that makes `after` of `before`; empty when they are equal."""
    found: list[Data] = jsonpatch.make_patch(before, after).patch
    return found


def only_released(old: Mapping[str, Json], new: Mapping[str, Json]) -> bool:
    """Whether a resource that is being deleted changed in its metadata alone: nothing may keep it from going."""
    if not (old.get("metadata") or {}).get("deletionTimestamp"):
        return False
    return all(old.get(field) == new.get(field) for field in {*old, *new} - {"metadata"})


def configurations(place: Mapping[str, Json], authorities: bytes, own: str = "") -> tuple[Data, Data]:
    """The MutatingWebhookConfiguration and the ValidatingWebhookConfiguration of all kinds.

    Args:
        place: where they are called: `{"url": ...}` or `{"service": {...}}`, the path left out.
        authorities: whom to trust there, as PEM.
        own: the user that Argosy is; its requests are not sent when it is a ServiceAccount.
    """
    bundle = base64.b64encode(authorities).decode()
    kinds = [kind for kind in KINDS.values() if kind.group == KARGO]
    mutating = [_webhook(kind, "mutate", place, bundle, own) for kind in kinds]
    validating = [_webhook(kind, "validate", place, bundle, own) for kind in kinds]
    validating += _replica_webhooks(place, bundle, own)
    return _configuration("Mutating", mutating), _configuration("Validating", validating)


def bundles(authorities: bytes) -> tuple[Data, Data]:
    """Of both configurations only whom to trust, to be applied to those that somebody else installed."""
    found = configurations({"url": ""}, authorities)
    for configuration in found:
        configuration["metadata"] = {"name": configuration["metadata"]["name"]}
        configuration["webhooks"] = [
            {"name": webhook["name"], "clientConfig": {"caBundle": webhook["clientConfig"]["caBundle"]}}
            for webhook in configuration["webhooks"]
        ]
    return found


def _configuration(word: str, webhooks: Iterable[Data]) -> Data:
    labels = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/managed-by": NAME}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": f"{word}WebhookConfiguration",
        "metadata": {"name": NAME, "labels": labels},
        "webhooks": list(webhooks),
    }


def _webhook(kind: Kind, verb: str, place: Mapping[str, Json], bundle: str, own: str) -> Data:
    validates = verb == "validate"
    rule = {
        "apiGroups": [kind.group],
        "apiVersions": [kind.version],
        "resources": [kind.plural, *([f"{kind.plural}/status"] if validates and kind.name == "Freight" else [])],
        "operations": [
            "CREATE",
            "UPDATE",
            *(["DELETE"] if validates and kind.name in ("Freight", "Promotion") else []),
        ],
        "scope": "Namespaced" if kind.namespaced else "Cluster",
    }
    webhook: Data = {
        "name": f"{kind.singular}.{kind.group}",
        "clientConfig": {**_place(place, f"/{verb}/{kind.singular}"), "caBundle": bundle},
        "rules": [rule],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "NoneOnDryRun" if validates else "None",
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "timeoutSeconds": SECONDS,
    }
    if own.startswith(ACCOUNT):
        webhook["matchConditions"] = _not_argosy(own)
    if kind.namespaced:
        kept_out = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(KEPT_OUT)}
        webhook["namespaceSelector"] = {"matchExpressions": [kept_out]}
    return webhook


def _replica_webhooks(place: Mapping[str, Json], bundle: str, own: str) -> list[Data]:
    """Copies of shared Secrets and ConfigMaps are asked about, too, when anybody but Argosy changes them.

    Their deletion is not held up by webhooks that are away: a Namespace that goes must not wait for them.
    """
    writes = {"replica": (["CREATE", "UPDATE"], "Fail"), "replica-deletion": (["DELETE"], "Ignore")}
    return [
        {
            "name": f"{name}.{KARGO}",
            "clientConfig": {**_place(place, f"/validate/{REPLICA}"), "caBundle": bundle},
            "rules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "resources": ["secrets", "configmaps"],
                    "operations": operations,
                    "scope": "Namespaced",
                }
            ],
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": policy,
            "timeoutSeconds": SECONDS,
            "objectSelector": _exists(Label.REPLICATED_FROM),
            "namespaceSelector": _exists(Label.PROJECT),
            **({"matchConditions": _not_argosy(own)} if own.startswith(ACCOUNT) else {}),
        }
        for name, (operations, policy) in writes.items()
    ]


def _exists(label: str) -> Data:
    return {"matchExpressions": [{"key": str(label), "operator": "Exists"}]}


def _not_argosy(own: str) -> list[Data]:
    return [{"name": "not-argosy-itself", "expression": f"request.userInfo.username != '{own}'"}]


def _place(place: Mapping[str, Json], path: str) -> Data:
    if "url" in place:
        return {"url": str(place["url"]).rstrip("/") + path}
    return {"service": {**place["service"], "path": path}}
