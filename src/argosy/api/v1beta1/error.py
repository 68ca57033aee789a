"""What went wrong, in the form that Kargo's clients read: `{"error": "..."}`, with more for those that know it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused, code_of
from argosy.errors import ArgosyError, Invalid, Problem, Temporary
from argosy.resources.meta import Json

log = logging.getLogger(__name__)

_SHOWN = 200


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    field: str = Field("", description="Where it is, such as `spec.vars[0].name`.")
    message: str = Field(description="What is wrong.")
    advice: str = Field("", description="What to do about it.")


class ErrorAnswer(BaseModel):
    """Why a request was not served."""

    error: str = Field(description="What happened, for people.")
    reason: str = Field("", description="The same in one word, for programs.")
    advice: str = Field("", description="What to do about it.")
    problems: list[Fault] = Field(default=[], description="Everything that is wrong with the request.")


_TOLD = {
    400: "The request cannot be understood.",
    401: "Nobody was signed in, or no longer is.",
    403: "Whoever asks may not do that.",
    404: "There is no such thing.",
    405: "The method is not served here.",
    409: "It is there already, or was changed by somebody else.",
    410: "The version or the token of a page is too old: list anew.",
    413: "The request is too large.",
    415: "The media type is not read here.",
    422: "What was sent breaks a rule.",
    500: "Something went wrong that nobody foresaw.",
    501: "This server does not do that.",
    503: "The server cannot serve now: try again.",
}


def errors() -> dict[str, Json]:
    """Answers that any operation may give, as the OpenAPI document has them."""
    form = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
    return {str(code): {"description": told, "content": form} for code, told in _TOLD.items()}


def forms() -> dict[str, Json]:
    """What these answers are made of."""
    schema = ErrorAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ErrorAnswer": schema}


def failure(error: Exception) -> Response:
    """The answer to a request that raised `error`. What nobody raised on purpose is logged and told to nobody."""
    if isinstance(error, RequestValidationError):
        error = _unreadable(error)
    elif isinstance(error, HTTPException):
        error = _routed(error)
    elif not isinstance(error, ArgosyError):
        log.error("a request failed unexpectedly", exc_info=error)
        error = Refused(500, "internal server error", advice="Look at the log of the server.")
    headers = error.headers if isinstance(error, Refused) else {}
    if isinstance(error, Temporary) and error.after is not None:
        headers = {"Retry-After": str(math.ceil(error.after))}
    return answer.json(body(error), code_of(error), headers)


def body(error: ArgosyError) -> dict[str, Json]:
    """What is told about an error."""
    problems = error.problems if isinstance(error, Invalid | Unfit) else ()
    told: dict[str, Json] = {
        "error": "; ".join([error.message, *(str(problem) for problem in problems[:1])]) if problems else error.message,
        "reason": error.reason,
        "advice": error.advice,
        "problems": [
            {key: value for key, value in vars_of(problem).items() if value or key == "message"} for problem in problems
        ],
    }
    return {key: value for key, value in told.items() if value or key == "error"}


def vars_of(problem: Problem) -> dict[str, str]:
    """What is told about one fault."""
    return {"field": problem.field, "message": problem.message, "advice": problem.advice}


class Unfit(Refused):
    """The request does not have the form that the operation asks for; `problems` names every fault."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(400, message)
        self.problems = tuple(problems)


def _unreadable(error: RequestValidationError) -> ArgosyError:
    """Parameters and bodies that do not fit. What was sent is not repeated: it may be secret."""
    return Unfit("the request cannot be understood", [_problem(each) for each in error.errors()])


def _problem(fault: Mapping[str, Json]) -> Problem:
    place, *path = fault["loc"] or ("request",)
    field = ".".join(str(step) for step in path if step not in ("body",))[:_SHOWN]
    message = str(fault["msg"])[:_SHOWN]
    if fault["type"] == "extra_forbidden":
        message = "unknown field"
    return Problem(message, field or str(place))


def _routed(error: HTTPException) -> ArgosyError:
    """What the router refuses, or the cause that made it refuse."""
    if isinstance(error.__cause__, ArgosyError):
        return error.__cause__
    told = {404: "there is no such operation", 405: "the method is not served here"}
    message = told.get(error.status_code, str(error.detail))
    return Refused(error.status_code, message, headers=error.headers or {})


async def handle(request: Request, error: Exception) -> Response:
    """As an exception handler of an application."""
    return failure(error)
