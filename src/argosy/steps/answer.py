"""An HTTP answer as expressions see it: `response.status`, `.headers`, `.header(name)` and `.body`."""

from __future__ import annotations

import orjson

from argosy.clients.http import Response
from argosy.errors import Temporary
from argosy.expressions import Held, Value
from argosy.resources.meta import Json
from argosy.resources.yaml_text import Limits, Reader

_YAML = frozenset({"application/yaml", "text/yaml", "application/x-yaml"})
_JSON = "application/json"
_TEXT = "text/plain"


def environment(response: Response, content_type: str = "") -> dict[str, Value]:
    """The variables over an answer. `content_type` decides how the body is read, by default what the answer says.

    Raises Temporary for a body that is not what its type says.
    """
    headers: dict[str, list[str]] = {}
    for name, value in response.headers.multi_items():
        headers.setdefault(_canonical(name), []).append(value)
    first = {name: values[0] for name, values in headers.items()}
    return {
        "response": {
            "status": response.status,
            "headers": headers,
            "header": Held("header", lambda name: first.get(_canonical(str(name)), "")),
            "body": _body(response, content_type),
        }
    }


def _body(response: Response, content_type: str) -> Json:
    """Empty bodies, and those of an unknown type that are no JSON, are an empty map."""
    if not response.content:
        return {}
    type_ = (content_type or response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if type_ == _TEXT:
        return response.content.decode("utf-8", "replace")
    if type_ in _YAML:
        return _yaml(response.content)
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        if type_ == _JSON:
            raise Temporary(f"the answer ({response.status}) is no JSON: {error.msg}") from None
        return {}


def _yaml(content: bytes) -> Json:
    reader = Reader("", Limits(), bare_keys=True)
    reader.read(content.decode("utf-8", "replace"))
    if reader.problems:
        raise Temporary(f"the answer is no YAML: {reader.problems[0]}")
    return reader.documents[0].value if reader.documents else {}


def _canonical(name: str) -> str:
    """As Go writes names of headers: `content-type` is `Content-Type`."""
    return "-".join(part.capitalize() for part in name.split("-"))
