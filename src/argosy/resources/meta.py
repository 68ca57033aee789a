"""What every resource has: names, metadata, conditions, and the raw document it travels as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictInt,
    ValidationError,
    model_serializer,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

from argosy.clock import rfc3339
from argosy.resources.constraint import Constraint

Json = Any
"""Any JSON value: None, bool, int, float, str, list or dict of these."""

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _moment(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC3339.fullmatch(value)):
        return value
    raise ValueError("not a time such as 2026-01-31T09:00:00Z")


Time = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(rfc3339, return_type=str)]
"""A moment in UTC, written in whole seconds as Kubernetes does."""


class Persisted:
    """Marks a field whose default is written into documents when they are created, as Kargo does."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "x-persisted": True}


PERSISTED = Persisted()


class Model(BaseModel):
    """A typed part of a resource: frozen, camelCase on the wire.

    Parsing ignores unknown fields, so documents written by newer versions can be read; validation of what a user
    newly writes passes `extra="forbid"` (see `manifest`).
    """

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        extra="ignore",
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = ()
    """Rules between fields; validation checks them on the raw document, parsing does not."""

    SCHEMA: ClassVar[Mapping[str, Json]] = {}
    """What the JSON schema says besides the fields."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core)
        whole = handler.resolve_ref_schema(schema)
        whole.update(cls.SCHEMA)
        for name, info in cls.model_fields.items():
            if info.exclude:
                whole["properties"].pop(info.alias or name)
        for rule in (rule for rule in cls.CONSTRAINTS if rule.cel):
            target = whole["properties"][rule.items] if rule.items else whole
            target.setdefault("x-kubernetes-validations", []).append({"rule": rule.cel, "message": rule.message})
        return schema

    def dump(self) -> dict[str, Json]:
        """The JSON form: wire names, unset and None fields left out."""
        return self.model_dump(mode="json", exclude_none=True, exclude_unset=True)

    def compact(self) -> dict[str, Json]:
        """The JSON form that we write: like `dump`, and without what equals its default (Go's `omitempty`)."""
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


M = TypeVar("M", bound=Model)


class OwnerReference(Model):
    """Who owns a resource; when the last owner goes, so does the resource."""

    api_version: str = Field(description="apiVersion of the owner.")
    kind: str = Field(description="Kind of the owner.")
    name: str = Field(description="Name of the owner.")
    uid: str = Field(description="uid of the owner.")
    controller: StrictBool | None = Field(None, description="Whether the owner manages the resource.")
    block_owner_deletion: StrictBool | None = Field(
        None, description="Whether the owner stays until this resource is gone, when it is deleted in the foreground."
    )


class ObjectMeta(Model):
    """What every resource has: its names, labels, and what the server keeps about it."""

    name: str = Field("", description="Name, unique among resources of the kind in the namespace.")
    generate_name: str | None = Field(
        None, description="Start of a name that the server completes, when `name` is empty."
    )
    namespace: str | None = Field(None, description="The namespace, which is the Project; none for cluster-wide kinds.")
    uid: str = Field("", description="Given by the server; never used again.")
    resource_version: str = Field("", description="Given by the server; changes with every write.")
    generation: StrictInt = Field(0, description="Given by the server; grows with every change outside `status`.")
    creation_timestamp: Time | None = Field(None, description="When the server created it.")
    deletion_timestamp: Time | None = Field(None, description="When somebody asked to delete it.")
    deletion_grace_period_seconds: StrictInt | None = Field(None, description="Seconds it was given to end.")
    labels: dict[str, str] = Field(default_factory=dict, description="Short values to select resources by.")
    annotations: dict[str, str] = Field(default_factory=dict, description="Values that nothing selects by.")
    owner_references: tuple[OwnerReference, ...] = Field((), description="Whose deletion deletes it.")
    finalizers: tuple[str, ...] = Field((), description="Who must agree before it is removed.")
    managed_fields: tuple[dict[str, Json], ...] | None = Field(None, description="Who set which field, and since when.")
    self_link: str | None = Field(None, description="No longer used.")


class Condition(Model):
    """One statement about a resource, with the reason for it."""

    type: str = Field(description="What the statement is about, such as Ready.")
    status: str = Field(description="True, False or Unknown.")
    reason: str = Field("", description="Why, in one word.")
    message: str = Field("", description="Why, as a sentence.")
    observed_generation: StrictInt | None = Field(None, description="Generation of the spec that it speaks of.")
    last_transition_time: Time | None = Field(None, description="When `status` last changed.")

    @model_serializer(mode="wrap")
    def _whole(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Json]:
        """What we write has reason and message even when they are empty, as Kubernetes asks."""
        required = {"reason": self.reason, "message": self.message} if info.exclude_defaults else {}
        return {**required, **handler(self)}


class Resource(Model):
    """A whole resource. Subclasses add `spec`, `status` or fields of their own."""

    api_version: str = Field("", description="Group and version of the kind.")
    kind: str = Field("", description="Name of the kind.")
    metadata: ObjectMeta = Field(default_factory=ObjectMeta, description="Names, labels and annotations.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {}
    """Which loop or verb owns each field of `status`."""

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace or ""


R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Where a resource is: `namespace` is empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @classmethod
    def of(cls, document: Mapping[str, Json]) -> Key:
        """The key of a raw document; missing parts are empty strings."""
        meta = document.get("metadata") or {}
        return cls(document.get("kind") or "", meta.get("namespace") or "", meta.get("name") or "")


class Document:
    """A resource as it is kept and sent: JSON bytes, parsed only where somebody needs fields.

    Attributes:
        key: where it is.
        version: the store's version of this document (`metadata.resourceVersion` as an integer).
        raw: the whole resource as JSON bytes, including `metadata.resourceVersion`.
    """

    __slots__ = ("_data", "key", "raw", "version")

    def __init__(self, key: Key, version: int, raw: bytes) -> None:
        self.key = key
        self.version = version
        self.raw = raw
        self._data: dict[str, Json] | None = None

    @classmethod
    def of(cls, data: Mapping[str, Json]) -> Document:
        """A document from parsed JSON, its version read from the metadata."""
        version = (data.get("metadata") or {}).get("resourceVersion") or "0"
        return cls(Key.of(data), int(version), orjson.dumps(data))

    @property
    def data(self) -> dict[str, Json]:
        """The parsed document. Shared between readers: never change it, copy it."""
        if self._data is None:
            self._data = orjson.loads(self.raw)
        return self._data

    @property
    def meta(self) -> dict[str, Json]:
        meta: dict[str, Json] = self.data.get("metadata") or {}
        return meta

    @property
    def uid(self) -> str:
        return str(self.meta.get("uid", ""))

    def parse(self, model: type[M]) -> M:
        """The document as a typed resource. Raises pydantic.ValidationError when it does not fit the model."""
        return model.model_validate(self.data)

    def understood(self, model: type[M]) -> M | None:
        """The document as a typed resource; None when it does not fit the model."""
        try:
            return self.parse(model)
        except ValidationError:
            return None

    def __repr__(self) -> str:
        return f"Document({self.key}, version {self.version})"
