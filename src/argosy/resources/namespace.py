"""Namespace: where the resources of a Project live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from argosy.resources.meta import Json, Model, Resource


class NamespaceSpec(Model):
    """What must happen before the namespace goes."""

    finalizers: tuple[str, ...] = Field((), description="Who must agree before the namespace is removed.")


class NamespaceStatus(Model):
    """Whether the namespace is in use or going."""

    phase: str = Field("", description="Active or Terminating.")
    conditions: tuple[dict[str, Json], ...] = Field((), description="Why it is not gone yet.")


class Namespace(Resource):
    """Holds the resources of one Project; the Project of the same name creates and owns it."""

    spec: NamespaceSpec = Field(default_factory=NamespaceSpec, description="What must happen before it goes.")
    status: NamespaceStatus = Field(default_factory=NamespaceStatus, description="Whether it is in use or going.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {"phase": "store", "conditions": "store"}
