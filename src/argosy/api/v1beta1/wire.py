"""Resources as Kargo's clients take them: these refuse whole answers in which they find a field they do not know."""

from __future__ import annotations

from typing import Any

import orjson

from argosy.resources.meta import Document

_OWN = b'"journal":'
"""Argosy's one field that Kargo has not got: the record by which Promotions survive crashes."""
_PROMOTIONS = ("currentPromotion", "lastPromotion")


def wire(document: Document) -> bytes:
    """A resource as JSON: as it is kept, but for what only Argosy knows."""
    if _OWN not in document.raw or document.key.kind not in ("Promotion", "Stage"):
        return document.raw
    data = document.data
    status: dict[str, Any] = dict(data.get("status") or {})
    status.pop("journal", None)
    for name in _PROMOTIONS if document.key.kind == "Stage" else ():
        reference = status.get(name)
        if reference and reference.get("status"):
            status[name] = {**reference, "status": _without(reference["status"])}
    return orjson.dumps({**data, "status": status})


def _without(status: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in status.items() if key != "journal"}
