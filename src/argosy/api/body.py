"""Reads the body of a request within bounds: size, nesting, JSON or YAML."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import orjson
from starlette.requests import ClientDisconnect, Request

from argosy.api.answer import JSON, Refused
from argosy.api.protobuf import MEDIA_TYPE, parse_protobuf
from argosy.errors import Invalid
from argosy.resources.manifest import parse_manifests
from argosy.resources.meta import Json
from argosy.resources.validation import MAX_DEPTH
from argosy.resources.yaml_text import Limits

MOST_BYTES = 8 * 1024 * 1024
YAML_TYPES = ("application/yaml", "text/yaml", "application/x-yaml")


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """The whole body. Raises Refused (413) as soon as it is known to be more than `most` bytes."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise _too_large(most)
            parts.append(part)
    except ClientDisconnect as error:
        raise Refused(400, "the connection ended before the whole body was sent") from error
    return b"".join(parts)


def _too_large(most: int) -> Refused:
    return Refused(
        413,
        f"the body of the request is larger than the {most:,} bytes allowed",
        advice="Send less at once.",
        headers={"Connection": "close"},
    )


def media_type(request: Request) -> str:
    """The content type without parameters; `application/json` when none is given."""
    return request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()


def parse_json(body: bytes) -> Json:
    """The value of a JSON text. Raises Refused (400) when it is no JSON, or nested too deeply."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"the body of the request is not JSON: {error}") from error
    if _is_too_deep(value):
        raise Refused(400, f"values in the body are nested deeper than {MAX_DEPTH}", advice="Flatten the document.")
    return value


def _is_too_deep(value: Json) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _children(outer)]
        if not level:
            return False
    return True


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


async def read_object(request: Request, *, optional: bool = False) -> dict[str, Json]:
    """The object that the body holds, as JSON, YAML or protobuf; with `optional`, an empty body is an empty object.

    Raises Refused (400, 413, 415) and Invalid (422, for YAML with faults).
    """
    body = await read_body(request)
    if optional and not body.strip():
        return {}
    type_ = media_type(request)
    if type_ in YAML_TYPES:
        return parse_yaml(body)
    if type_ == MEDIA_TYPE:
        return parse_protobuf(body)
    if type_ != JSON:
        raise Refused(
            415,
            f"the body of the request was of the media type {type_[:100]!r}",
            advice="Send application/json or application/yaml.",
        )
    value = parse_json(body)
    if not isinstance(value, dict):
        raise Refused(400, "the body of the request is not a JSON object")
    return value


def parse_yaml(body: bytes) -> dict[str, Json]:
    """The one object of a YAML text, or of JSON, which has escapes that YAML has not. Raises Refused and Invalid."""
    if body.lstrip().startswith(b"{"):
        with contextlib.suppress(Refused):
            value = parse_json(body)
            if isinstance(value, dict):
                return value
    manifests, problems = parse_manifests(body, limits=Limits(size=MOST_BYTES))
    if problems:
        raise Invalid("the YAML in the body has faults", problems)
    if len(manifests) != 1:
        raise Refused(400, f"the body holds {len(manifests)} YAML documents", advice="Send one document at a time.")
    return manifests[0].document
