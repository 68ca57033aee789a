"""Secret: credentials and other values that must not be seen."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictBool

from argosy.resources.constraint import Constraint, Fault, mapping
from argosy.resources.meta import PERSISTED, Resource
from argosy.resources.value_key import keys_of


def _decode(text: str) -> bytes:
    """The bytes of base64 that may be broken into lines. Raises ValueError for anything else."""
    return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)


def _base64(secret: Mapping[str, Any]) -> Iterable[Fault]:
    for key, value in mapping(secret.get("data")).items():
        try:
            _decode(value if isinstance(value, str) else "")
        except ValueError:
            yield Fault(
                "the value is not base64", ("data", key), "Put plain text under `stringData`, or encode it with base64"
            )


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}
"""The keys that a Secret of a type must have."""


def _complete(secret: Mapping[str, Any]) -> Iterable[Fault]:
    kind, given = secret.get("type"), {*mapping(secret.get("data")), *mapping(secret.get("stringData"))}
    if not isinstance(kind, str):
        return
    if kind == "kubernetes.io/basic-auth" and not given & {"username", "password"}:
        yield Fault(f"a Secret of type {kind} needs the key username or password", ("type",))
    for key in _NEEDED.get(kind, ()):
        if key not in given:
            yield Fault(f"a Secret of type {kind} needs the key {key}", ("type",))


class Secret(Resource):
    """Values that must not be seen. Credentials carry the label `kargo.akuity.io/cred-type`."""

    type: Annotated[str, PERSISTED] = Field("Opaque", description="What the Secret is for.")
    data: dict[str, str] = Field(default_factory=dict, repr=False, description="Values by key, encoded with base64.")
    string_data: dict[str, str] = Field(
        default_factory=dict, repr=False, description="Values by key as plain text; moved into `data` when written."
    )
    immutable: StrictBool = Field(False, description="Whether the values may never change.")

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (
        Constraint(_base64),
        Constraint(_complete),
        keys_of("data", "stringData"),
    )

    @property
    def values(self) -> dict[str, bytes]:
        """Every value decoded; `stringData` wins over `data`. Raises ValueError when `data` is not base64."""
        decoded = {key: _decode(value) for key, value in self.data.items()}
        return {**decoded, **{key: value.encode() for key, value in self.string_data.items()}}
