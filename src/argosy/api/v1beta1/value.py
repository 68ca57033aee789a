"""What ConfigMaps and credentials have in common: bodies that are read strictly, a description, being shared."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from argosy.resources.meta import Json
from argosy.resources.names import Annotation

ALL = "*"
"""The value of the annotation by which every Project gets a copy."""


class Body(BaseModel):
    """The body of a request. Unknown fields are refused; what is wrong with others is told without their values."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def marks(description: str, replicate: bool) -> dict[str, Json]:
    """The annotations of a new resource, as a part of its metadata."""
    found = {
        Annotation.DESCRIPTION.value: description,
        Annotation.REPLICATE_TO.value: ALL if replicate else "",
    }
    given = {key: value for key, value in found.items() if value}
    return {"annotations": given} if given else {}


def described(document: dict[str, Json], text: str, *, replicate: bool = False) -> None:
    """Set or take away a description, or whether every Project gets a copy. What is changed is copied before."""
    key = (Annotation.REPLICATE_TO if replicate else Annotation.DESCRIPTION).value
    meta = dict(document["metadata"])
    annotations = {name: value for name, value in (meta.get("annotations") or {}).items() if name != key}
    if text:
        annotations[key] = text
    meta["annotations"] = annotations
    document["metadata"] = meta
