"""Helps those who write manifests: what may be written, and what is wrong with it before it is applied."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.lint import editor, report
from argosy.lint.base import Severity
from argosy.lint.check import lint
from argosy.resources.manifest import parse_manifests
from argosy.resources.meta import Json
from argosy.resources.placing import placed

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
    request: Request,
    project: Annotated[str, Query(description="Namespace of resources that do not say theirs.")] = "",
) -> Response:
    """Find mistakes in manifests.

    As `argosy lint` finds them. Nothing is written, and nothing that the server keeps is looked at.
    """
    body = await request.body()
    return answer.json(await asyncio.to_thread(_found, body, project))


def _found(body: bytes, project: str) -> Json:
    manifests, problems = parse_manifests(body)
    return report.as_json(lint([placed(each, project) for each in manifests], problems))
