"""Requests about a Stage's verification: annotations that say which, and who asked for it.

Behaviour follows `Default` in Kargo's `pkg/webhook/kubernetes/stage/webhook.go`, and `VerificationRequest` of its API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from argosy.resources.meta import Json
from argosy.resources.names import Annotation
from argosy.rules.admission import annotations_of, is_controller


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """`id` is that of the verification, `actor` who asked, `control_plane` whether that was a part of the system."""

    id: str
    actor: str = ""
    control_plane: bool = False

    def __str__(self) -> str:
        more: dict[str, Json] = {"actor": self.actor} if self.actor else {}
        if self.control_plane:
            more["controlPlane"] = True
        return orjson.dumps({"id": self.id, **more}).decode()


def verification_request(annotations: Mapping[str, str], name: Annotation) -> VerificationRequest | None:
    """The request of an annotation: JSON, or the ID alone. None for no request, or one that cannot be understood."""
    asked = annotations.get(name)
    if not isinstance(asked, str):
        return None
    try:
        value = orjson.loads(asked)
    except orjson.JSONDecodeError:
        return VerificationRequest(asked) if asked else None
    if not isinstance(value, dict):
        return None
    id, actor, control_plane = value.get("id"), value.get("actor") or "", value.get("controlPlane") or False
    if not isinstance(id, str) or not isinstance(actor, str) or not isinstance(control_plane, bool):
        return None
    return VerificationRequest(id, actor, control_plane) if id else None


def record_actor(before: Mapping[str, str], document: dict[str, Any], *, actor: str) -> None:
    """Say in new requests who made them: people are named whatever they wrote, controllers name whom they act for."""
    if not actor:
        return
    marks = annotations_of(document)
    for name in (Annotation.REVERIFY, Annotation.ABORT):
        asked = verification_request(marks, name)
        if asked is None or asked == verification_request(before, name):
            continue
        by_system = is_controller(actor)
        marks[name.value] = str(VerificationRequest(asked.id, asked.actor if by_system else actor, by_system))
