"""Chooses the form in which a request sees resources, by its `Accept` header."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from argosy.api.answer import Refused
from argosy.api.table import Table
from argosy.api.view import Partial, View, Whole
from argosy.clock import Clock
from argosy.resources.kind import Kind

Form = Literal["whole", "table", "partial"]


def view_of(accept: str, kind: Kind, clock: Clock, include: str) -> View:
    """The view that a request asks for; `include` is what rows of a table carry. Raises Refused (406)."""
    form = form_of(accept)
    if form == "table":
        return Table(kind, clock, include)
    return Partial() if form == "partial" else Whole(kind)


@lru_cache(maxsize=256)
def form_of(accept: str) -> Form:
    """The first media type of an `Accept` header that is served. Raises Refused (406)."""
    if not accept.strip():
        return "whole"
    for range_ in accept.split(","):
        type_, *rest = (part.strip() for part in range_.split(";"))
        parameters = dict(part.split("=", 1) for part in rest if "=" in part)
        if type_.lower() not in ("application/json", "application/*", "*/*"):
            continue
        shape = parameters.get("as", "")
        if not shape:
            return "whole"
        if parameters.get("g") == "meta.k8s.io" and parameters.get("v") in ("v1", "v1beta1"):
            if shape == "Table":
                return "table"
            if shape in ("PartialObjectMetadata", "PartialObjectMetadataList"):
                return "partial"
    raise Refused(406, "only application/json is served", advice="Name it in the Accept header.")
