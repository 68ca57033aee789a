"""ConfigMap: values that expressions can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field, StrictBool

from argosy.resources.constraint import Constraint, Fault, mapping
from argosy.resources.meta import Resource
from argosy.resources.value_key import keys_of


def _once(document: Mapping[str, Any]) -> Iterable[Fault]:
    for key in mapping(document.get("binaryData")):
        if key in mapping(document.get("data")):
            yield Fault(f"the key {key!r} is in `data`, too", ("binaryData", key))


class ConfigMap(Resource):
    """Values by key; expressions read them with `configMap(name)`."""

    data: dict[str, str] = Field(default_factory=dict, description="Text by key.")
    binary_data: dict[str, str] = Field(default_factory=dict, description="Bytes by key, encoded with base64.")
    immutable: StrictBool = Field(False, description="Whether the values may never change.")

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (keys_of("data", "binaryData"), Constraint(_once))
