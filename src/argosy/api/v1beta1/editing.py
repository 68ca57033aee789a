"""Helps those who write manifests: what may be written, and what is wrong with it before it is applied."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Here
from argosy.errors import ArgosyError
from argosy.lint import base, editor, report
from argosy.lint.base import Severity
from argosy.lint.check import lint
from argosy.resources.kinds import KINDS
from argosy.resources.manifest import parse_manifests
from argosy.resources.meta import Json, Key
from argosy.resources.placing import placed
from argosy.store.base import Store
from argosy.store.typed import find

router = APIRouter(prefix="/v1beta1/system", tags=["Resources"])

_BODY: dict[str, Json] = {
    "requestBody": {
        "description": "YAML documents, or JSON.",
        "required": True,
        "content": {type_: {"schema": {"type": "string"}} for type_ in ("text/plain", "application/yaml")},
    }
}


class Finding(BaseModel):
    """One thing that is wrong with manifests."""

    severity: Severity = Field(description="`error` or `warning`.")
    rule: str = Field(description="Which rule it breaks.")
    file: str = Field(description="Empty: there are no files.")
    line: int = Field(description="Where it is, from 1; 0 if unknown.")
    field: str = Field(description="Where it is, such as `spec.vars[0].name`.")
    message: str = Field(description="What is wrong.")
    advice: str = Field(description="What to do about it.")
    excerpt: str = Field(description="The text at fault, with a caret.")


class LintManifestsResponse(BaseModel):
    """Everything that is wrong with manifests."""

    findings: list[Finding] = Field(description="By line.")
    errors: int = Field(description="How many are errors.")
    warnings: int = Field(description="How many are warnings.")


@router.get("/schema", response_model=dict[str, Any])
async def get_manifest_schema() -> Response:
    """Get the JSON schema of manifests.

    The same that `argosy schema` prints: of every kind, with the configurations of all promotion steps.
    """
    return answer.json(await asyncio.to_thread(_schema))


@cache
def _schema() -> bytes:
    return orjson.dumps(editor.of_all())


@router.post("/lint", response_model=LintManifestsResponse, openapi_extra=_BODY)
async def lint_manifests(
    here: Here,
    request: Request,
    project: Annotated[
        str, Query(description="Project that they are for, and that of those which do not say theirs.")
    ] = "",
) -> Response:
    """Find mistakes in manifests.

    As `argosy lint` finds them. What they refer to may be in the Project already, as far as the caller may read it.
    Nothing is written.
    """
    found = await asyncio.to_thread(_findings, await request.body(), project)
    kept = [await _looked_up(here.backend.store, each, project) for each in found]
    return answer.json(report.as_json([each for each in kept if each is not None]))


def _findings(body: bytes, project: str) -> list[base.Finding]:
    manifests, problems = parse_manifests(body)
    return lint([placed(each, project) for each in manifests], problems)


async def _looked_up(store: Store, finding: base.Finding, project: str) -> base.Finding | None:
    """The finding, unless what it misses is on the server."""
    kind, name = finding.missing or ("", "")
    if kind not in KINDS or not name or not project:
        return finding
    namespace = project if KINDS[kind].namespaced else ""
    try:
        there = await find(store, Key(kind, namespace, name))
    except ArgosyError:
        return finding  # it may be there, for those who may look
    if there is not None:
        return None
    told = f"There is no {kind} {name!r}, neither in this text nor in {project}"
    return replace(finding, message=told, advice="" if finding.advice.startswith("It may be") else finding.advice)
