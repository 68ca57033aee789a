"""How rendered objects are told apart in one text, and what the file of each is called.

Follows Kargo's `kustomize-build` and `helm-template` (`kustomize_builder.go`, `helm_template_runner.go`). Names come
from what a template says, so one that is more than the name of a file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from argosy.errors import Permanent
from argosy.rules.yaml_tree import Seen, pairs, read_events

_SEPARATOR = re.compile(r"^---[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)", re.MULTILINE)
_RESOLVER: Any = yaml.resolver.Resolver()
_LONGEST = 255
_HOOK = "helm.sh/hook"
_SOURCE = re.compile(r"# Source: [^\n]*\n")
_CLUSTER_SCOPED = frozenset(
    {
        ("", "ComponentStatus"),
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("networking.k8s.io", "IngressClass"),
        ("node.k8s.io", "RuntimeClass"),
        ("policy", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
    }
)
"""Group and kind of what lives in no namespace, as kustomize knows it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A document, and what it says of the object in it; empty for what it does not say.

    Attributes:
        is_hook: whether helm takes it for a hook.
    """

    text: str
    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    is_hook: bool = False

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def in_namespace(self) -> bool:
        return (self.group, self.kind) not in _CLUSTER_SCOPED


@dataclass(frozen=True, slots=True)
class Files:
    """The files to write by name, and the names that several objects have, of which the last is written."""

    content: dict[str, str]
    twice: tuple[str, ...]


Naming = Callable[[Sequence[Manifest]], Iterable[str]]
"""Gives the names of the files of objects, in their order."""


def manifests(text: str) -> list[Manifest]:
    """The documents of a text, without the lines that separate them and without empty ones."""
    return [_manifest(document) for document in _SEPARATOR.split(text) if document.strip()]


def files(found: Sequence[Manifest], naming: Naming) -> Files:
    """One file for each object. Raises Permanent for a name that would lead elsewhere."""
    content: dict[str, str] = {}
    twice: list[str] = []
    for manifest, name in zip(found, naming(found), strict=True):
        if name in content:
            twice.append(name)
        content[_checked(name)] = manifest.text
    return Files(content, tuple(twice))


def kargo_names(found: Sequence[Manifest]) -> list[str]:
    """`[namespace-]kind-name.yaml`."""
    return [
        "-".join(part.lower() for part in (each.namespace, each.kind, each.name) if part) + ".yaml" for each in found
    ]


def kustomize_names(found: Sequence[Manifest]) -> list[str]:
    """`[namespace_]group_version_kind_name.yaml`, with the namespace when there are several."""
    several = len({each.namespace or "default" for each in found if each.in_namespace}) > 1
    names = []
    for each in found:
        parts = [*each.api_version.split("/"), each.kind, each.name]
        if several and each.in_namespace:
            parts.insert(0, each.namespace)
        names.append("_".join(part.lower() for part in parts if part) + ".yaml")
    return names


def flat_names(found: Sequence[Manifest]) -> list[str]:
    """`[group-]kind[-namespace]-name.yaml`, with `_` for the dots of the group; `resource-N.yaml` for no object."""
    names, unnamed = [], 0
    for each in found:
        if each.kind and each.name:
            parts = (each.group.replace(".", "_"), each.kind, each.namespace, each.name)
            names.append("-".join(part.lower() for part in parts if part) + ".yaml")
        else:
            names.append(f"resource-{unnamed}.yaml")
            unnamed += 1
    return names


def as_flat(manifest: Manifest) -> Manifest:
    """A document as Kargo writes it in the layout `flat`: no empty lines around, and no comment of a hook's source."""
    text = manifest.text.strip()
    return replace(manifest, text=_SOURCE.sub("", text, count=1) if manifest.is_hook else text)


def _checked(name: str) -> str:
    if "/" in name or "\\" in name or "\0" in name or len(name.encode()) > _LONGEST:
        raise Permanent(
            f"an object would be written to {name[:_LONGEST]!r}, which is no name of a file",
            advice="Correct the kind, namespace or name of the object.",
        )
    return name


def _manifest(text: str) -> Manifest:
    try:
        seen = list(read_events(text))
    except Permanent:
        return Manifest(text)
    top = next((index for index, each in enumerate(seen) if isinstance(each.event, yaml.NodeEvent)), None)
    fields = _fields(seen, top)
    meta = _fields(seen, fields.get("metadata"))
    api_version, kind = (_text(seen, fields.get(key)) for key in ("apiVersion", "kind"))
    namespace, name = (_text(seen, meta.get(key)) for key in ("namespace", "name"))
    return Manifest(text, api_version, kind, namespace, name, _HOOK in _fields(seen, meta.get("annotations")))


def _fields(seen: Sequence[Seen], index: int | None) -> dict[str, int]:
    if index is None or not isinstance(seen[index].event, yaml.MappingStartEvent):
        return {}
    return {getattr(seen[key].event, "value", ""): value for key, value in pairs(seen, index)}


def _text(seen: Sequence[Seen], index: int | None) -> str:
    event = seen[index].event if index is not None else None
    if not isinstance(event, yaml.ScalarEvent):
        return ""
    plain = event.implicit[0] and not event.style
    if plain and _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False)) != "tag:yaml.org,2002:str":
        return ""
    return str(event.value)
