"""What names, namespaces, labels and annotations must look like, for every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from argosy.resources.constraint import Fault, mapping
from argosy.resources.kind import Kind
from argosy.resources.meta import Json
from argosy.resources.names import CLUSTER_CONFIG_NAME, KUBERNETES_NAME

_SUBDOMAIN = re.compile(KUBERNETES_NAME)
_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_VALUE = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
_KEY_NAME = re.compile(r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")
_ANNOTATIONS_SIZE = 256 * 1024

_NAME_ADVICE = "Use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends"
_LABEL_ADVICE = "Use at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends"


def faults(kind: Kind, document: Mapping[str, Json]) -> Iterator[Fault]:
    """Faults in the metadata of a document. Fields of wrong types are passed over."""
    meta = mapping(document.get("metadata"))
    yield from _name(kind, meta)
    yield from _namespace(kind, meta)
    for key, value in mapping(meta.get("labels")).items():
        yield from _key("labels", key)
        if isinstance(value, str) and (len(value) > 63 or not _VALUE.match(value)):
            yield Fault(
                f"{value!r} cannot be the value of a label",
                ("metadata", "labels", key),
                "Use at most 63 letters, digits, `-`, `_` and `.`; longer text belongs into annotations",
            )
    annotations = mapping(meta.get("annotations"))
    for key in annotations:
        yield from _key("annotations", key)
    if sum(len(key) + len(str(value)) for key, value in annotations.items()) > _ANNOTATIONS_SIZE:
        yield Fault("annotations hold more than 256 KiB", ("metadata", "annotations"), "Keep large values elsewhere")


def _name(kind: Kind, meta: Mapping[str, Json]) -> Iterator[Fault]:
    name, path = meta.get("name"), ("metadata", "name")
    if not name:
        if not meta.get("generateName"):
            yield Fault("the resource has no name", path, "Add `name: <name>` under `metadata`")
        return
    if not isinstance(name, str):
        return
    if kind.name in ("Project", "Namespace"):
        if len(name) > 63 or not _LABEL.match(name):
            yield Fault(f"{name!r} cannot be the name of a {kind.name}", path, _LABEL_ADVICE)
    elif len(name) > 253 or not _SUBDOMAIN.match(name):
        yield Fault(f"{name!r} cannot be a name", path, _NAME_ADVICE)
    if kind.name == "ClusterConfig" and name != CLUSTER_CONFIG_NAME:
        yield Fault("there is one ClusterConfig only", path, f"Name it {CLUSTER_CONFIG_NAME!r}")
    namespace = meta.get("namespace")
    if kind.name == "ProjectConfig" and namespace and name != namespace:
        yield Fault(f"a ProjectConfig is named as its Project, {namespace!r}", path, f"Write `name: {namespace}`")


def _namespace(kind: Kind, meta: Mapping[str, Json]) -> Iterator[Fault]:
    namespace, path = meta.get("namespace"), ("metadata", "namespace")
    if not namespace or not isinstance(namespace, str):
        return
    if not kind.namespaced:
        yield Fault(f"a {kind.name} is in no namespace", path, "Remove `namespace`")
    elif len(namespace) > 63 or not _LABEL.match(namespace):
        yield Fault(f"{namespace!r} cannot be a namespace", path, _LABEL_ADVICE)


def _key(field: str, key: str) -> Iterator[Fault]:
    prefix, slash, name = key.rpartition("/")
    if len(name) > 63 or not _KEY_NAME.match(name) or (slash and not _SUBDOMAIN.match(prefix)):
        yield Fault(
            f"{key!r} cannot be a key of {field}",
            ("metadata", field, key),
            "Use letters, digits, `-`, `_` and `.`, at most 63, after an optional domain and `/`",
        )
