"""ConfigMap: values that expressions can read."""

from __future__ import annotations

from pydantic import Field, StrictBool

from argosy.resources.meta import Resource


class ConfigMap(Resource):
    """Values by key; expressions read them with `configMap(name)`."""

    data: dict[str, str] = Field(default_factory=dict, description="Text by key.")
    binary_data: dict[str, str] = Field(default_factory=dict, description="Bytes by key, encoded with base64.")
    immutable: StrictBool = Field(False, description="Whether the values may never change.")
