"""Decides whether names, labels and the other parts of `metadata` are well formed, as the Kubernetes API does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from argosy.errors import Problem
from argosy.resources.kind import Kind
from argosy.resources.kinds import RBAC
from argosy.resources.meta import Json

NAME_LENGTH = 253
LABEL_LENGTH = 63
ANNOTATIONS_SIZE = 256 * 1024

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SEGMENT = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")


def is_dns_label(text: str) -> bool:
    """Whether `text` is a DNS label by RFC 1123: at most 63 lower-case letters, digits and inner hyphens."""
    return len(text) <= LABEL_LENGTH and _DNS_LABEL.fullmatch(text) is not None


def is_dns_subdomain(text: str) -> bool:
    """Whether `text` is a DNS subdomain by RFC 1123, at most 253 characters (Kubernetes bounds no single part)."""
    return len(text) <= NAME_LENGTH and all(_DNS_LABEL.fullmatch(part) for part in text.split("."))


def is_qualified_name(text: str) -> bool:
    """Whether `text` may be the key of a label: an optional DNS subdomain and `/`, then at most 63 characters."""
    prefix, slash, name = text.rpartition("/")
    return (not slash or is_dns_subdomain(prefix)) and is_label_value(name) and name != ""


def is_label_value(text: str) -> bool:
    """Whether `text` may be the value of a label; the empty string may."""
    return text == "" or (len(text) <= LABEL_LENGTH and _SEGMENT.fullmatch(text) is not None)


def is_path_segment(text: str) -> bool:
    """Whether `text` may be a part of a URL's path as it stands, which is all that Kubernetes asks of roles' names."""
    return text not in ("", ".", "..") and not {"/", "%"} & set(text)


def name_problems(kind: Kind, name: str) -> Iterator[Problem]:
    """What is wrong with the name of a resource."""
    if not name:
        yield Problem("a name is required", "metadata.name", advice="Set metadata.name, or metadata.generateName.")
    elif kind.group == RBAC:
        if not is_path_segment(name):
            yield Problem(f"{name!r} is not part of a path", "metadata.name", advice="Leave out `/` and `%`.")
    elif kind.name == "Namespace" and not is_dns_label(name):
        yield Problem(
            f"{name!r} is not a DNS label",
            "metadata.name",
            advice="Use at most 63 lower-case letters, digits and inner hyphens.",
        )
    elif not is_dns_subdomain(name):
        yield Problem(
            f"{name[: NAME_LENGTH + 1]!r} is not a DNS subdomain",
            "metadata.name",
            advice="Use at most 253 lower-case letters, digits, hyphens and dots; each part between dots begins and "
            "ends with a letter or digit.",
        )


def scope_problems(kind: Kind, namespace: str) -> Iterator[Problem]:
    """What is wrong with the namespace of a resource."""
    if kind.namespaced and not namespace:
        yield Problem("a namespace is required", "metadata.namespace", advice=f"{kind.name} lives in a namespace.")
    elif namespace and not kind.namespaced:
        yield Problem(f"must not be set on a {kind.name}", "metadata.namespace", advice="Remove it.")


def metadata_problems(meta: Mapping[str, Json]) -> Iterator[Problem]:
    """What is wrong with the shape of labels, annotations, finalizers and ownerReferences, wrong types included."""
    for field, check in _CHECKS.items():
        value = meta.get(field)
        if value is not None:
            yield from check(value)
    for field in ("name", "generateName", "namespace", "uid", "resourceVersion", "creationTimestamp"):
        if not isinstance(meta.get(field) or "", str):
            yield Problem("must be a string", f"metadata.{field}")


def _labels(value: Json) -> Iterator[Problem]:
    if not _is_text_map(value):
        yield Problem(
            "must map strings to strings", "metadata.labels", advice="Put quotes around numbers and booleans."
        )
        return
    for key, text in value.items():
        if not is_qualified_name(key):
            yield Problem(f"{key!r} is not the name of a label", "metadata.labels", advice="Use prefix/name or name.")
        if not is_label_value(text):
            yield Problem(
                f"{text!r} is not the value of a label",
                f"metadata.labels[{key}]",
                advice="Use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit.",
            )


def _annotations(value: Json) -> Iterator[Problem]:
    if not _is_text_map(value):
        advice = "Put quotes around numbers and booleans."
        yield Problem("must map strings to strings", "metadata.annotations", advice=advice)
        return
    for key in value:
        if not is_qualified_name(key.lower()):
            yield Problem(f"{key!r} is not the name of an annotation", "metadata.annotations")
    if sum(len(key) + len(text) for key, text in value.items()) > ANNOTATIONS_SIZE:
        yield Problem(f"more than {ANNOTATIONS_SIZE // 1024} KiB in all", "metadata.annotations")


def _finalizers(value: Json) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        yield Problem("must be a list of strings", "metadata.finalizers")
        return
    for item in value:
        if not is_qualified_name(item):
            yield Problem(f"{item!r} is not a qualified name", "metadata.finalizers")


def _owners(value: Json) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        yield Problem("must be a list of objects", "metadata.ownerReferences")
        return
    for place, owner in enumerate(value):
        for part in ("apiVersion", "kind", "name", "uid"):
            if not isinstance(owner.get(part), str) or not owner[part]:
                yield Problem("must be a string that is not empty", f"metadata.ownerReferences[{place}].{part}")
    if sum(1 for owner in value if owner.get("controller") is True) > 1:
        yield Problem("more than one owner is the controller", "metadata.ownerReferences")


def _is_text_map(value: Json) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(text, str) for key, text in value.items()
    )


_CHECKS: Mapping[str, Callable[[Json], Iterator[Problem]]] = {
    "labels": _labels,
    "annotations": _annotations,
    "finalizers": _finalizers,
    "ownerReferences": _owners,
}
