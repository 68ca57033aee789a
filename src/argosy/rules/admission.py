"""Admission: what a write of each kind must satisfy and what it always overwrites, as pure functions of documents.

Behaviour follows Kargo's webhooks (`pkg/webhook/kubernetes`). The functions change the document they are given, which
is a copy made for them, and raise Invalid, Conflict or Denied.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from argosy.clock import rfc3339
from argosy.errors import Denied, Invalid, Problem
from argosy.resources.freight import Freight, FreightReference
from argosy.resources.meta import Document, Json
from argosy.resources.names import TRUE, Annotation, EventActor, Label
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.resources.warehouse import Warehouse
from argosy.rules.abort import TERMINATE, abort_request
from argosy.rules.freight import artifact_problems, freight_name
from argosy.rules.promotion import promotion_name, unpromotable
from argosy.rules.reason import Place, reason_of
from argosy.rules.retention import current_freight

Data = dict[str, Any]

FREIGHT_CONTENT = ("origin", "commits", "images", "charts", "artifacts")
HOLD_ANNOTATIONS = (Annotation.AUTO_PROMOTION_HOLD, Annotation.AUTO_PROMOTION_RESUME)
KEPT_ANNOTATIONS = (Annotation.CREATE_ACTOR, Annotation.STAGE, *HOLD_ANNOTATIONS)
KEPT_LABELS = (Label.STAGE, Label.SHARD)
LONGEST_LABEL, LABEL_HASH = 63, 8


def is_controller(actor: str) -> bool:
    return actor.startswith(EventActor.CONTROLLER)


def labels_of(document: Data) -> Data:
    """The labels of a document, made when absent."""
    found: Data = _part(document, "labels")
    return found


def annotations_of(document: Data) -> Data:
    """The annotations of a document, made when absent."""
    found: Data = _part(document, "annotations")
    return found


def _part(document: Data, name: str) -> Data:
    meta = document.setdefault("metadata", {})
    if not isinstance(meta.get(name), dict):
        meta[name] = {}
    part: Data = meta[name]
    return part


def without_empty(document: Data, written: Mapping[str, Json]) -> None:
    """Take away labels and annotations that are empty, unless they were written so: nobody asked for a change."""
    meta, before = document.get("metadata"), written.get("metadata")
    if not isinstance(meta, dict) or not isinstance(before, Mapping):
        return
    for name in ("labels", "annotations"):
        if meta.get(name) == {} and name not in before:
            del meta[name]


def project_namespace(namespace: Mapping[str, Json], *, kind: str, name: str) -> None:
    """The namespace of a project's resource must be labelled as a Project's. Raises Invalid, or Denied for config."""
    found = (namespace.get("metadata") or {}).get("labels") or {}
    if found.get(Label.PROJECT) == TRUE:
        return
    where = (namespace.get("metadata") or {}).get("name", "")
    message = f"namespace {where!r} does not belong to a Project"
    advice = f"Create a Project named {where!r} first; it labels the namespace with {Label.PROJECT.value}=true."
    if kind == "ProjectConfig":
        raise Denied(f"{kind} {name!r}: {message}", advice=advice)
    raise Invalid(f"{kind} {name!r} is invalid", [Problem(message, "metadata.namespace", advice=advice)])


def shard_label(document: Data) -> None:
    """The shard of the spec is a label too, so that a controller can select what is its own."""
    _shard_label(document, (document.get("spec") or {}).get("shard") or "")


def _shard_label(document: Data, shard: str) -> None:
    if shard:
        labels_of(document)[Label.SHARD.value] = shard
    else:
        labels_of(document).pop(Label.SHARD.value, None)


def secret_data(document: Data) -> None:
    """`stringData` is for writing only: it is merged into `data`, encoded."""
    written = document.pop("stringData", None)
    if isinstance(written, dict):
        data = document.get("data") if isinstance(document.get("data"), dict) else {}
        encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in written.items()}
        document["data"] = {**(data or {}), **encoded}


def freight_request(document: Mapping[str, Json]) -> Data:
    """A request for Freight need not name it: a name stands in until that of its content is known."""
    meta = document.get("metadata")
    if not isinstance(meta, Mapping) or meta.get("name") or meta.get("generateName"):
        return dict(document)
    return {**document, "metadata": {**meta, "name": "unnamed"}}


def freight_create(document: Data, *, now: datetime, new_alias: str) -> None:
    """Name by content, a time of discovery, an alias and its label."""
    document["metadata"]["name"] = freight_name(FreightReference.model_validate(document))
    document["metadata"].pop("generateName", None)
    document["discoveredAt"] = document.get("discoveredAt") or rfc3339(now)
    if not document.get("alias"):
        document["alias"] = new_alias
    labels_of(document)[Label.ALIAS.value] = document["alias"]


def freight_artifacts(document: Data, warehouse: Warehouse | None) -> None:
    """Freight needs artifacts, a Warehouse, and one artifact for each of its subscriptions. Raises Invalid."""
    freight = Freight.model_validate(document)
    problems = []
    if not (freight.commits or freight.images or freight.charts or freight.artifacts):
        problems.append(Problem("Freight must hold at least one commit, image, chart or other artifact"))
    if warehouse is None:
        problems.append(
            Problem(f"Warehouse {freight.origin.name!r} does not exist", "origin.name", advice="Create it first.")
        )
    else:
        problems.extend(artifact_problems(freight, warehouse))
    if problems:
        raise Invalid(f"Freight {freight.name!r} is invalid", problems)


def freight_update(old: Mapping[str, Json], document: Data) -> None:
    """Content is immutable; the alias label follows the alias. Raises Invalid."""
    before, after = FreightReference.model_validate(old), FreightReference.model_validate(document)
    problems = [
        Problem(
            "Freight is immutable", name, advice="Its name is computed from its content. Create new Freight instead."
        )
        for name in FREIGHT_CONTENT
        if getattr(before, name) != getattr(after, name)
    ]
    if problems:
        raise Invalid(f"Freight {document['metadata'].get('name')!r} is invalid", problems)
    if not document.get("discoveredAt"):
        created = (old.get("metadata") or {}).get("creationTimestamp")
        document["discoveredAt"] = old.get("discoveredAt") or created
    if document.get("alias"):
        labels_of(document)[Label.ALIAS.value] = document["alias"]
    else:
        labels_of(document).pop(Label.ALIAS.value, None)


def promotion_request(document: Mapping[str, Json]) -> Data:
    """What a request for a Promotion says that counts. Its steps and variables never do: a step stands in for them
    until those of the Stage are known."""
    spec = document.get("spec")
    if not isinstance(spec, Mapping):
        return dict(document)
    return {
        **document,
        "spec": {**{key: spec[key] for key in spec if key != "vars"}, "steps": [{"uses": "from-the-stage"}]},
    }


def project_create(document: Data, *, actor: str) -> None:
    """Who creates a Project after signing in is recorded, and becomes its admin by that (`rules.project_role`)."""
    if actor and not is_controller(actor) and not actor.startswith(EventActor.KUBERNETES_USER):
        annotations_of(document)[Annotation.CREATE_ACTOR.value] = actor


def project_update(old: Mapping[str, Json], document: Data, *, actor: str) -> None:
    """Who created a Project stays on record, whatever people write there later."""
    if not is_controller(actor):
        before = (old.get("metadata") or {}).get("annotations") or {}
        _keep(before, annotations_of(document), (Annotation.CREATE_ACTOR,))


def promotion_create(document: Data, stage: Stage, steps: Sequence[PromotionStep], *, ulid: str, actor: str) -> None:
    """Name, steps and variables come from the Stage whatever the request says; the actor is recorded."""
    spec = document["spec"]
    document["metadata"]["name"] = promotion_name(stage.name, spec["freight"], ulid)
    document["metadata"].pop("generateName", None)
    spec.pop("origin", None)
    template = stage.spec.promotion_template
    variables = [*stage.spec.vars, *(template.spec.vars if template is not None else ())]
    spec["steps"] = [step.compact() for step in steps]
    spec["vars"] = [variable.compact() for variable in variables]
    if not spec["vars"]:
        del spec["vars"]
    marks = annotations_of(document)
    if not is_controller(actor):
        marks.pop(Annotation.CREATE_ACTOR.value, None)
        if actor:
            marks[Annotation.CREATE_ACTOR.value] = actor
    _promotion_marks(document, stage)
    abort_actor({}, document, actor)


def promotion_update(old: Mapping[str, Json], document: Data, *, actor: str) -> None:
    """The spec is immutable, and so is what admission recorded. Raises Invalid."""
    if old.get("spec") != document.get("spec"):
        problem = Problem("spec is immutable", "spec", advice="Create another Promotion instead.")
        raise Invalid(f"Promotion {document['metadata'].get('name')!r} is invalid", [problem])
    meta = old.get("metadata") or {}
    before = meta.get("annotations") or {}
    _keep(before, annotations_of(document), KEPT_ANNOTATIONS)
    _keep(meta.get("labels") or {}, labels_of(document), KEPT_LABELS)
    _keep(meta, document["metadata"], ("ownerReferences",))
    abort_actor(before, document, actor)


def fan_out_update(old: Mapping[str, Json], document: Data) -> None:
    """The Stage and the Freight of a PromotionRequest are immutable. Raises Invalid."""
    before, after = old.get("spec") or {}, document.get("spec") or {}
    problems = [
        Problem("it is immutable", f"spec.{name}", advice="Create another PromotionRequest instead.")
        for name in ("stage", "freight")
        if before.get(name) != after.get(name)
    ]
    if problems:
        raise Invalid(f"PromotionRequest {document['metadata'].get('name')!r} is invalid", problems)


def _keep(before: Mapping[str, Json], after: Data, keys: Iterable[str]) -> None:
    """Make entries what they were before, or absent if they were."""
    for key in keys:
        if key in before:
            after[str(key)] = before[key]
        else:
            after.pop(str(key), None)


def _promotion_marks(document: Data, stage: Stage) -> None:
    _shard_label(document, stage.spec.shard)
    labels_of(document)[Label.STAGE.value] = label_value(stage.name)
    annotations_of(document)[Annotation.STAGE.value] = stage.name
    document["metadata"]["ownerReferences"] = [
        {
            "apiVersion": stage.api_version,
            "kind": "Stage",
            "name": stage.name,
            "uid": stage.metadata.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def label_value(name: str) -> str:
    """A name as the value of a label: one that is too long ends in a hash of it (`ShortenLabelValue` in Kargo)."""
    if len(name) <= LONGEST_LABEL:
        return name
    short = hashlib.sha256(name.encode()).hexdigest()[:LABEL_HASH]
    return f"{name[: LONGEST_LABEL - LABEL_HASH - 1].rstrip('-')}-{short}"


def promotable(document: Mapping[str, Json], stage: Stage) -> None:
    """Raises Invalid for a Stage without steps, and for Targets, to which only a PromotionRequest promotes."""
    if (document.get("spec") or {}).get("target"):
        message = "a Promotion may name a Target only when a PromotionRequest makes it"
        raise Invalid("the Promotion is invalid", [Problem(message, "spec.target", advice="Leave it out.")])
    for obstacle in unpromotable(stage):
        reason = reason_of(obstacle, Place(stage.namespace, stage.name))
        raise Invalid("the Promotion is invalid", [Problem(reason.message, "spec.stage", advice=reason.advice)])


def abort_actor(before: Mapping[str, str], document: Data, actor: str) -> None:
    """Who asks to abort is recorded with the request, or a controller's reason, unless the request is an old one."""
    marks = annotations_of(document)
    request = abort_request(marks)
    if request is None or before.get(Annotation.ABORT) == marks.get(Annotation.ABORT):
        return
    value: dict[str, Json] = {"action": TERMINATE}
    if actor and not is_controller(actor):
        value["actor"] = actor
    elif request.reason:
        value["reason"] = request.reason
    marks[Annotation.ABORT.value] = orjson.dumps(value).decode()


def newly_approved(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[str]:
    """The Stages that Freight is approved for in `new` and was not in `old`."""
    before = (old.get("status") or {}).get("approvedFor") or {}
    return [stage for stage in (new.get("status") or {}).get("approvedFor") or {} if stage not in before]


def deletable(freight: str, stages: Iterable[Document]) -> None:
    """Freight that a Stage uses now cannot be deleted. Raises Denied."""
    using = [stage.key.name for stage in stages if freight in current_freight(stage)]
    if using:
        raise Denied(
            f"Freight {freight!r} is in use by {', '.join(repr(name) for name in using)}",
            advice="Promote other Freight to these Stages first.",
        )
