"""Ways to name other resources: label selectors and references to Secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from argosy.resources.meta import PERSISTED, Json, Model


class LabelSelectorRequirement(Model):
    """One condition on a label."""

    key: str = Field(description="Key of the label.")
    operator: str = Field(description="In, NotIn, Exists or DoesNotExist.")
    values: tuple[str, ...] = Field((), description="Values for In and NotIn; must be empty for the other operators.")


class LabelSelector(Model):
    """Kubernetes label selector: every condition must hold; an empty selector selects everything."""

    SCHEMA: ClassVar[Mapping[str, Json]] = {"x-kubernetes-map-type": "atomic"}

    match_labels: dict[str, str] = Field(default_factory=dict, description="Labels that must have these very values.")
    match_expressions: tuple[LabelSelectorRequirement, ...] = Field((), description="Further conditions.")


class NameSelector(LabelSelector):
    """Selects resources by name, by labels, or by both together."""

    name: str = Field(
        "",
        description="An exact name, `glob:<pattern>` or `regex:<expression>`. An exact name is safest: anybody who may "
        "create a resource may choose a name or labels that match a pattern.",
    )


class LocalObjectReference(Model):
    """Names a resource in the same namespace."""

    SCHEMA: ClassVar[Mapping[str, Json]] = {"x-kubernetes-map-type": "atomic"}

    name: Annotated[str, PERSISTED] = Field("", description="Name of the resource.")
