"""What `describe` tells about any resource: names, labels, and its content as YAML where nothing better is known."""

from __future__ import annotations

from typing import Any

from argosy.cli.description.sheet import Sheet
from argosy.cli.output import as_yaml
from argosy.resources.kind import Kind
from argosy.resources.meta import Condition, Resource

Data = dict[str, Any]

_HIDDEN = ("apiVersion", "kind", "metadata", "status")
_SHORT = 120


def head(sheet: Sheet, kind: Kind, resource: Resource) -> None:
    """Name, place, labels, annotations and age."""
    meta = resource.metadata
    sheet.field("Name", meta.name)
    sheet.field("Kind", kind.name)
    sheet.field("Project" if kind.group else "Namespace", meta.namespace)
    _pairs(sheet, "Labels", meta.labels)
    annotations = {
        key: value for key, value in meta.annotations.items() if not key.startswith("kubectl.kubernetes.io/")
    }
    _pairs(sheet, "Annotations", annotations)
    sheet.field("Created", sheet.ago(meta.creation_timestamp))
    sheet.field("Being deleted", sheet.ago(meta.deletion_timestamp))


def content(sheet: Sheet, kind: Kind, document: Data) -> None:
    """Everything but the status; the values of Secrets are only counted."""
    for name, value in document.items():
        if name in _HIDDEN or value in (None, {}, []):
            continue
        if kind.name == "Secret" and name in ("data", "stringData") and isinstance(value, dict):
            sheet.rows("Data", ("Key", "Size"), ([key, f"{_size(text)} bytes"] for key, text in sorted(value.items())))
        elif isinstance(value, dict | list):
            _block(sheet, name, value)
        else:
            sheet.field(name, value)
    status = document.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    sheet.conditions(Condition.model_validate(each) for each in conditions or [])


def _block(sheet: Sheet, name: str, value: object) -> None:
    with sheet.section(name):
        for line in as_yaml(value).splitlines():
            sheet.line(line)


def _size(encoded: object) -> int:
    """The bytes that base64 text stands for."""
    text = str(encoded).rstrip("=")
    return len(text) * 3 // 4


def _pairs(sheet: Sheet, title: str, pairs: dict[str, str]) -> None:
    if not pairs:
        return
    with sheet.section(title):
        for key, value in sorted(pairs.items()):
            sheet.line(f"{key}={value if len(value) <= _SHORT else value[:_SHORT] + '...'}")
