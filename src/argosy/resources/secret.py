"""Secret: credentials and other values that must not be seen."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictBool

from argosy.resources.constraint import Constraint, Fault, mapping
from argosy.resources.meta import PERSISTED, Resource


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


class Secret(Resource):
    """Values that must not be seen. Credentials carry the label `kargo.akuity.io/cred-type`."""

    type: Annotated[str, PERSISTED] = Field("Opaque", description="What the Secret is for.")
    data: dict[str, str] = Field(default_factory=dict, repr=False, description="Values by key, encoded with base64.")
    string_data: dict[str, str] = Field(
        default_factory=dict, repr=False, description="Values by key as plain text; moved into `data` when written."
    )
    immutable: StrictBool = Field(False, description="Whether the values may never change.")

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (Constraint(_base64),)

    @property
    def values(self) -> dict[str, bytes]:
        """Every value decoded; `stringData` wins over `data`. Raises ValueError when `data` is not base64."""
        decoded = {key: _decode(value) for key, value in self.data.items()}
        return {**decoded, **{key: value.encode() for key, value in self.string_data.items()}}
