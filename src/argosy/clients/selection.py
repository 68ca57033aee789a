"""Selection: which resources of a Kubernetes API server are meant, and what a watch of them tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from argosy.resources.kind import Kind


@dataclass(frozen=True, slots=True)
class Selection:
    """Which resources: `namespace` and `name` are empty for all; `labels` and `fields` are selectors as kubectl's."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    labels: str = ""
    fields: str = ""

    @property
    def path(self) -> str:
        """Where the server keeps them."""
        root = f"/apis/{self.kind.group}" if self.kind.group else "/api"
        scope = f"/namespaces/{quote(self.namespace, safe='')}" if self.kind.namespaced and self.namespace else ""
        name = f"/{quote(self.name, safe='')}" if self.name else ""
        return f"{root}/{self.kind.version}{scope}/{self.kind.plural}{name}"

    @property
    def parameters(self) -> dict[str, str]:
        """The selectors; a name becomes one, for lists and watches."""
        fields = ",".join(part for part in (f"metadata.name={self.name}" if self.name else "", self.fields) if part)
        found = {"labelSelector": self.labels, "fieldSelector": fields}
        return {key: value for key, value in found.items() if value}

    @property
    def collection(self) -> Selection:
        """The same without the name: where lists and watches are asked for."""
        return Selection(self.kind, self.namespace, labels=self.labels, fields=self.fields)


@dataclass(frozen=True, slots=True)
class Change:
    """One event of a watch: `type` is ADDED, MODIFIED, DELETED or BOOKMARK; `object` a resource or a Table."""

    type: str
    object: dict[str, Any]


PRESENT = Change("BOOKMARK", {})
"""Told once all that was there was told, or when a connection is there that tells it."""
