"""What tests of decisions share: resources of one small pipeline, raw and typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from argosy.clock import rfc3339
from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import Freight
from argosy.resources.meta import Document
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KARGO = "kargo.akuity.io/v1alpha1"
IMAGE = "registry.example/app"
GIT = "https://git.example/app.git"

Raw = dict[str, Any]


def ago(seconds: float) -> str:
    return rfc3339(NOW - timedelta(seconds=seconds))


def origin(name: str = "w") -> Raw:
    return {"kind": "Warehouse", "name": name}


def origin_of(name: str = "w") -> FreightOrigin:
    return FreightOrigin(kind="Warehouse", name=name)


def resource(kind: str, name: str, *, spec: Raw | None = None, status: Raw | None = None, **meta: Any) -> Raw:
    document: Raw = {"apiVersion": KARGO, "kind": kind, "metadata": {"name": name, "namespace": "p", **meta}}
    if spec is not None:
        document["spec"] = spec
    if status is not None:
        document["status"] = status
    return document


def request(name: str = "w", **sources: Any) -> Raw:
    return {"origin": origin(name), "sources": sources or {"direct": True}}


STEPS = ({"uses": "fail"},)


def stage(
    name: str = "dev", *requests: Raw, steps: tuple[Raw, ...] = STEPS, status: Raw | None = None, **meta: Any
) -> Raw:
    spec: Raw = {"requestedFreight": list(requests) or [request()]}
    if steps:
        spec["promotionTemplate"] = {"spec": {"steps": list(steps)}}
    return resource("Stage", name, spec=spec, status=status, **meta)


def warehouse(name: str = "w", *subscriptions: Raw, **spec: Any) -> Raw:
    wanted = list(subscriptions) or [{"image": {"repoURL": IMAGE}}]
    return resource("Warehouse", name, spec={"subscriptions": wanted, "interval": "5m0s", **spec})


def freight(
    name: str = "f1", *, of: str = "w", status: Raw | None = None, meta: Raw | None = None, **fields: Any
) -> Raw:
    document = resource("Freight", name, status=status, **(meta or {}))
    image = {"repoURL": IMAGE, "tag": name, "digest": "sha256:1"}
    return {**document, "origin": origin(of), "images": [image], "discoveredAt": ago(3600), **fields}


def promotion(
    name: str, phase: str = "", *, to: str = "dev", of: str = "f1", status: Raw | None = None, **meta: Any
) -> Raw:
    told = {**({"phase": phase} if phase else {}), **(status or {})}
    return resource("Promotion", name, spec={"stage": to, "freight": of, "steps": list(STEPS)}, status=told, **meta)


def auto(stages: str = "dev", *, enabled: bool = True) -> Raw:
    policy = {"stageSelector": {"name": stages}, "autoPromotionEnabled": enabled}
    return resource("ProjectConfig", "p", spec={"promotionPolicies": [policy]})


def reference(name: str = "f1", of: str = "w") -> Raw:
    return {"name": name, "origin": origin(of)}


def collection(*references: Raw, verified: str = "", id: str = "c") -> Raw:
    """Freight that a Stage uses; `verified` is the phase of its only verification."""
    items = {f"Warehouse/{item['origin']['name']}": item for item in references or (reference(),)}
    history = [{"id": "v1", "phase": verified, "finishTime": ago(60)}] if verified else []
    return {"id": id, "items": items, **({"verificationHistory": history} if history else {})}


def a_stage(*args: Any, **kwargs: Any) -> Stage:
    return Stage.model_validate(stage(*args, **kwargs))


def a_warehouse(*args: Any, **kwargs: Any) -> Warehouse:
    return Warehouse.model_validate(warehouse(*args, **kwargs))


def a_freight(*args: Any, **kwargs: Any) -> Freight:
    return Freight.model_validate(freight(*args, **kwargs))


def a_promotion(*args: Any, **kwargs: Any) -> Promotion:
    return Promotion.model_validate(promotion(*args, **kwargs))


def a_config(raw: Raw | None = None) -> ProjectConfig:
    return ProjectConfig.model_validate(raw or auto())


def document(raw: Raw) -> Document:
    return Document.of(raw)
