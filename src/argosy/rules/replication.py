"""Replication of shared Secrets and ConfigMaps: what is replicated, what a replica looks like, which is out of date.

Labels, annotations and digest are those of Kargo (`pkg/controller/management/replication`), so that replicas that Kargo
made are taken over as they are.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from argosy.clock import rfc3339
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, Annotation, Label
from argosy.rules.admission import label_value
from argosy.rules.difference import merge_difference

EVERYWHERE = "*"
"""The one value of the annotation `kargo.akuity.io/replicate-to` that means something: every Project."""

KINDS = ("Secret", "ConfigMap")
"""What can be replicated."""

DIGEST_LENGTH = 16
"""Hexadecimal digits of SHA-256 that the label of a replica holds."""

Data = dict[str, Json]

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_OWN_LABELS = (Label.REPLICATED_FROM, Label.REPLICATED_SHA)
_OWN_ANNOTATIONS = (Annotation.REPLICATE_TO, Annotation.REPLICATED_AT, _APPLIED)
_CONTENT = {"Secret": ("data",), "ConfigMap": ("data", "binaryData")}


def is_source(document: Document) -> bool:
    """Whether a resource of the shared namespace is to be in every Project.

    Of Secrets only those count that are labelled as credentials: others may hold what is nobody's concern.
    """
    if _part(document, "annotations").get(Annotation.REPLICATE_TO) != EVERYWHERE:
        return False
    return document.key.kind != "Secret" or Label.CREDENTIAL_TYPE in _part(document, "labels")


def is_replica(document: Document, source: Key) -> bool:
    """Whether a resource is a replica of that source. What has its name only is somebody else's."""
    found = _part(document, "labels").get(Label.REPLICATED_FROM)
    return document.key.name == source.name and found == label_value(source.name)


def has_finalizer(document: Document) -> bool:
    """Whether a source waits for its replicas to be deleted."""
    return FINALIZER in (document.meta.get("finalizers") or ())


def digest(document: Document) -> str:
    """What labels, annotations and values come to; the same for a source and for a replica that nobody changed."""
    told = _told("labels", _without(_part(document, "labels"), _OWN_LABELS))
    told += _told("annotations", _without(_part(document, "annotations"), _OWN_ANNOTATIONS))
    for part in _CONTENT[document.key.kind]:
        encoded = document.key.kind == "Secret" or part == "binaryData"
        values = document.data.get(part) or {}
        told += _told(part, {key: base64.b64decode(value) if encoded else value for key, value in values.items()})
    return hashlib.sha256(told).hexdigest()[:DIGEST_LENGTH]


def replica(source: Document, namespace: str, *, now: datetime) -> Data:
    """The document of a new replica in the Namespace of a Project."""
    labels = {
        **_part(source, "labels"),
        Label.REPLICATED_FROM.value: label_value(source.key.name),
        Label.REPLICATED_SHA.value: digest(source),
    }
    annotations = {
        **_without(_part(source, "annotations"), _OWN_ANNOTATIONS),
        Annotation.REPLICATED_AT.value: rfc3339(now),
    }
    meta = {"name": source.key.name, "namespace": namespace, "labels": labels, "annotations": annotations}
    fields = (*_CONTENT[source.key.kind], "type")
    content = {name: source.data[name] for name in fields if source.data.get(name)}
    return {"apiVersion": "v1", "kind": source.key.kind, "metadata": meta, **content}


def is_current(found: Document, source: Document) -> bool:
    """Whether a replica is what its source is: it says so, and nobody changed it since."""
    wanted = digest(source)
    says = _part(found, "labels").get(Label.REPLICATED_SHA)
    return bool(says == wanted == digest(found) and found.data.get("type") == source.data.get("type"))


def must_be_replaced(found: Document, source: Document) -> bool:
    """Whether a replica cannot be changed into what it should be: the type of a Secret is for ever."""
    return bool(found.data.get("type") != source.data.get("type") or found.data.get("immutable"))


def update(found: Document, source: Document, *, now: datetime) -> Data:
    """The merge patch that brings a replica up to date."""
    return merge_difference(_shown(found.data), _shown(replica(source, found.key.namespace, now=now)))


def _shown(data: Mapping[str, Json]) -> Data:
    meta = data["metadata"]
    parts = {name: data[name] for name in ("data", "binaryData") if data.get(name)}
    return {"metadata": {name: meta.get(name) or {} for name in ("labels", "annotations")}, **parts}


def _part(document: Document, name: str) -> dict[str, str]:
    found: dict[str, str] = document.meta.get(name) or {}
    return found


def _without(values: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    left_out = set(names)
    return {key: value for key, value in values.items() if key not in left_out}


def _told(name: str, values: Mapping[str, str | bytes]) -> bytes:
    """A part of what is digested: its name, then each key and value with a zero byte after it, in order of keys."""
    parts = [name.encode()]
    for key in sorted(values):
        value = values[key]
        parts += [key.encode(), b"\0", value if isinstance(value, bytes) else value.encode(), b"\0"]
    return b"".join(parts)
