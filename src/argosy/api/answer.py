"""Errors become answers here and nowhere else: a Kubernetes `Status` with code, reason and details."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping

import orjson
from starlette.responses import Response

from argosy.errors import (
    AlreadyExists,
    ArgosyError,
    Conflict,
    Denied,
    Gone,
    Invalid,
    NotFound,
    Problem,
    Temporary,
    Unavailable,
)
from argosy.resources.kind import Kind
from argosy.resources.meta import Json
from argosy.rules.field_ownership_apply import ApplyConflict

log = logging.getLogger(__name__)

JSON = "application/json"

_CODES: Mapping[type[ArgosyError], int] = {
    Invalid: 422,
    NotFound: 404,
    AlreadyExists: 409,
    Conflict: 409,
    Gone: 410,
    Denied: 403,
    Unavailable: 503,
    Temporary: 503,
}

_REASONS: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    410: "Expired",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class Refused(ArgosyError):
    """The request itself cannot be served; `code` is the HTTP status to answer with."""

    def __init__(self, code: int, message: str, *, advice: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message, advice=advice, reason=_REASONS.get(code, "Unknown"))
        self.code = code
        self.headers = dict(headers or {})


def code_of(error: ArgosyError) -> int:
    """The HTTP status of an error; 500 for what is no fault of the caller."""
    if isinstance(error, Refused):
        return error.code
    return next((code for type_, code in _CODES.items() if isinstance(error, type_)), 500)


def status(error: ArgosyError, kind: Kind | None = None, name: str = "") -> dict[str, Json]:
    """The `Status` that tells an error about a resource of `kind`, if it is about one.

    What is invalid as a whole has no details: kubectl then prints the message, else only kind and name.
    """
    code = code_of(error)
    is_whole = isinstance(error, Invalid) and not error.problems
    details = {} if is_whole else _details(error, kind, name)
    told: dict[str, Json] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": _message(error),
        "reason": _reason(error, code),
        "code": code,
    }
    return told | {"details": details} if details else told


def _reason(error: ArgosyError, code: int) -> str:
    """The word Kubernetes has for it; clients know these and no others."""
    return error.reason if isinstance(error, AlreadyExists | Conflict | Refused) else _REASONS[code]


def _message(error: ArgosyError) -> str:
    if not isinstance(error, Invalid) or not error.problems:
        return str(error)
    faults = "; ".join(str(problem) for problem in error.problems)
    return f"{ArgosyError.__str__(error)}: {faults}"


def _details(error: ArgosyError, kind: Kind | None, name: str) -> dict[str, Json]:
    details: dict[str, Json] = {}
    if kind is not None:
        called = kind.name if isinstance(error, Invalid) else kind.plural
        details = {"name": name, "group": kind.group, "kind": called}
        details = {key: value for key, value in details.items() if value}
    if isinstance(error, Invalid):
        details["causes"] = [_cause(problem) for problem in error.problems]
    if isinstance(error, ApplyConflict):
        details["causes"] = [{**_cause(problem), "reason": "FieldManagerConflict"} for problem in error.problems]
    if isinstance(error, Temporary) and error.after is not None:
        details["retryAfterSeconds"] = math.ceil(error.after)
    return details


def _cause(problem: Problem) -> dict[str, Json]:
    text = f"{problem.message}. {problem.advice}" if problem.advice else problem.message
    cause: dict[str, Json] = {"reason": "FieldValueInvalid", "message": text}
    return cause | {"field": problem.field} if problem.field else cause


def json(content: Json, code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body; bytes are taken as they are."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Response(body, code, headers=headers, media_type=JSON)


def failure(error: Exception, kind: Kind | None = None, name: str = "") -> Response:
    """The answer to a request that raised `error`. What nobody raised on purpose is logged and told to nobody."""
    if not isinstance(error, ArgosyError):
        log.error("a request failed unexpectedly", exc_info=error)
        error = Refused(500, "an internal error occurred", advice="Look at the log of the server.")
    headers = error.headers if isinstance(error, Refused) else {}
    if isinstance(error, Temporary) and error.after is not None:
        headers = {"Retry-After": str(math.ceil(error.after))}
    return json(status(error, kind, name), code_of(error), headers)


def deleted(kind: Kind, name: str, uid: str) -> Response:
    """The answer to a deletion that is done."""
    details = {"name": name, "group": kind.group, "kind": kind.plural, "uid": uid}
    told: dict[str, Json] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return json(told | {"details": {key: value for key, value in details.items() if value}})
