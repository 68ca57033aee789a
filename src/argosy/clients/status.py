"""Status: the answer of a Kubernetes API server that says no, or of Kargo's HTTP API, read as an error."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.errors import (
    AlreadyExists,
    ArgosyError,
    Conflict,
    Denied,
    Gone,
    Invalid,
    NotFound,
    Permanent,
    Problem,
    Temporary,
    Unavailable,
)
from argosy.resources.meta import Json

_BY_REASON: Mapping[str, type[ArgosyError]] = {
    "NotFound": NotFound,
    "AlreadyExists": AlreadyExists,
    "Conflict": Conflict,
    "Expired": Gone,
    "Gone": Gone,
    "Forbidden": Denied,
    "Unauthorized": Denied,
}
_BY_CODE: Mapping[int, type[ArgosyError]] = {
    401: Denied,
    403: Denied,
    404: NotFound,
    409: Conflict,
    410: Gone,
    503: Unavailable,
}
_LOGIN = "Run `argosy login`, or set ARGOSY_TOKEN."


def error_of(code: int, status: Mapping[str, Json]) -> ArgosyError:
    """The error that a `Status` tells.

    `details.causes` become problems; `details.retryAfterSeconds` becomes the pause of a Temporary.

    Args:
        code: the HTTP status.
        status: the `Status` object; may be empty.
    """
    details = status.get("details") or {}
    message = str(status.get("message") or f"the server answered {code}").rstrip(".")
    reason = str(status.get("reason") or "")
    if code == 401 or reason == "Unauthorized":
        return Denied(message, advice=_LOGIN, reason="Unauthorized")
    if code in (400, 422):
        return Invalid(*_parted(message, details))
    if code in (429, 502, 504) or (code == 503 and details.get("retryAfterSeconds")):
        return Temporary(message, after=details.get("retryAfterSeconds"))
    known = _BY_REASON.get(reason) or _BY_CODE.get(code)
    if known is not None:
        return known(message, reason=reason or None)
    return Permanent(message, reason=reason or None)


def failure_of(code: int, body: Mapping[str, Json]) -> ArgosyError:
    """The error that an answer of Kargo's HTTP API tells: `error`, and what Argosy says besides."""
    faults = [each for each in body.get("problems") or [] if isinstance(each, dict)]
    problems = [
        Problem(str(each.get("message") or ""), str(each.get("field") or ""), advice=str(each.get("advice") or ""))
        for each in faults
    ]
    message, advice = str(body["error"]), str(body.get("advice") or "")
    if problems:
        message = message.partition(f"; {problems[0].field or problems[0].message}")[0]
    if code in (400, 415, 422):
        return Invalid(message, problems, advice=advice)
    found = error_of(code, {"message": message, "reason": body.get("reason")})
    found.advice = advice or found.advice
    return found


def _parted(message: str, details: Mapping[str, Json]) -> tuple[str, list[Problem]]:
    """The message and the problems, which the message need not repeat."""
    causes = [cause for cause in details.get("causes") or [] if isinstance(cause, dict)]
    problems = [Problem(str(cause.get("message") or ""), field=str(cause.get("field") or "")) for cause in causes]
    if len(problems) == 1 and message.startswith(problems[0].message):
        return message, []
    for problem in problems[:1]:
        message = message.partition(problem.field or problem.message)[0].rstrip(" :[") or message
    return message, problems
