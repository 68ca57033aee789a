"""`http`: send a request, and let expressions judge the answer.

A request that may change something is journalled before it is sent, with a number that makes its idempotency key. When
the process dies before the answer is kept, nobody can tell whether it arrived: `onLostResult` says what to do then.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic import Field, model_validator

from argosy.clients.http import MIB, Response, place_of
from argosy.clients.web import Ask, NotSent, without_user
from argosy.errors import ArgosyError, Failed, Permanent, Temporary
from argosy.expressions import ExpressionError, Value, evaluate_now
from argosy.failpoints import reach
from argosy.resources.duration import parse_duration
from argosy.resources.meta import Json
from argosy.steps.answer import environment
from argosy.steps.base import Change, Context, Done, Effect, Outcome, Preview, Step, Wait
from argosy.steps.http_request import Length, RequestConfig
from argosy.steps.parsing import OutputConfig

_LONGEST = 2 * MIB
_SAFE = ("GET", "HEAD")
_KEY = "Idempotency-Key"


class LookupConfig(RequestConfig):
    """Asks whether a request whose answer was lost has arrived, by a GET."""

    found_expression: str = Field(min_length=1)
    """An expression over `response` that is true when the request has arrived."""


class HttpConfig(RequestConfig):
    """Sends an HTTP request. Without expressions, an answer of 2xx is a success and another is tried again."""

    method: Literal["", "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"] = "GET"
    """The method."""
    body: str | None = ""
    """The body of the request: a text. Use `quote()` for one that is JSON."""
    body_from_file: str | None = ""
    """A file of the working directory to send as the body, of at most 2 MiB."""
    proxy: str = Field(default="", pattern=r"^(https?://.*)?$")
    """The proxy to send it through. By default what the server's environment says."""
    timeout: Length = "10s"
    """How long each attempt may take."""
    poll_interval: Length = "30s"
    """How long to wait before it is sent again, while the answer is neither success nor failure. At least `10s`."""
    response_content_type: Literal["", "application/json", "application/yaml", "text/plain"] = ""
    """How to read the answer, whatever its `Content-Type` says."""
    success_expression: str = ""
    """An expression, without `${{ }}`, that is true when the step has succeeded."""
    failure_expression: str = ""
    """An expression that is true when the step has failed. It is asked first, and ends the step."""
    error_expression: str = ""
    """An expression that gives the message of a failure, where `failureExpression` is true."""
    outputs: list[OutputConfig] = Field(default=[])
    """What to take from the answer of a success."""
    on_lost_result: Literal["retry", "fail", "lookup"] = "retry"
    """What to do when a crash or a broken connection lost the answer of a request that may change something: send it
    again with the same `Idempotency-Key`, fail, or ask by `lookup` whether it arrived."""
    lookup: LookupConfig | None = None
    """The question that `onLostResult: lookup` asks. Outputs are taken from its answer when the request has arrived."""

    @model_validator(mode="after")
    def _fits(self) -> HttpConfig:
        if self.body and self.body_from_file:
            raise ValueError("give at most one of body and bodyFromFile")
        if (self.on_lost_result == "lookup") != (self.lookup is not None):
            raise ValueError("lookup and onLostResult: lookup go together")
        return self

    @property
    def verb(self) -> str:
        return self.method or "GET"


async def run(config: HttpConfig, ctx: Context) -> Outcome:
    """Raises Failed (`failureExpression`, or a lost answer with `fail`), Permanent, Temporary."""
    intent = ctx.intent or {}
    lost = bool(intent) and not intent.get("answered")
    if lost and (done := await _after_loss(config, ctx)) is not None:
        return done
    number = int(intent.get("number", 0)) + (not lost)
    if config.verb not in _SAFE:
        await ctx.intend({"number": number})
    reach("http.intended")
    try:
        response = await ctx.web.send(_ask(config, ctx, number))
    except NotSent:
        await _answered(config, ctx, number)
        raise
    reach("http.sent")
    try:
        outcome = await _judged(config, response)
    except Temporary:
        await _answered(config, ctx, number)
        raise
    if isinstance(outcome, Wait):
        await _answered(config, ctx, number)
    return outcome


async def preview(config: HttpConfig, ctx: Context) -> Preview:
    """Tell what would be sent. Raises Permanent for a body that cannot be read."""
    ask = _ask(config, ctx, 0)
    target = f"{ask.method} {without_user(ask.url)}"
    unknown = tuple(output.name for output in config.outputs)
    if config.verb in _SAFE:
        return Preview(unknown=unknown, waits=f"the answer of {target}")
    hidden = {"authorization", "cookie", "proxy-authorization", _KEY.lower()}
    headers = {name: "******" if name.lower() in hidden else value for name, value in ask.headers}
    details: dict[str, Json] = {"headers": headers} if headers else {}
    if ask.query:
        details["queryParams"] = dict(ask.query)
    if ask.content:
        details["body"] = ask.content.decode("utf-8", "replace")
    return Preview((Change("send", target, details=details),), unknown=unknown)


async def _after_loss(config: HttpConfig, ctx: Context) -> Done | None:
    """What became of a request whose answer was lost; None when it is to be sent again."""
    if config.on_lost_result == "fail":
        target = f"{config.verb} {place_of(config.url)}"
        raise Failed(
            f"the answer of {target} was lost, and whether the request arrived is not known",
            advice="Find out, and promote again; or set onLostResult to retry or lookup.",
        )
    if config.lookup is None:
        ctx.log("the answer was lost; the request is sent again")
        return None
    response = await ctx.web.send(config.lookup.ask(timeout=config.timeout, limit=_LONGEST))
    env = await _environment(config, response)
    if not _holds(config.lookup.found_expression, "lookup.foundExpression", env):
        ctx.log("the request has not arrived; it is sent again")
        return None
    ctx.log("the request has arrived before the interruption")
    return Done(_outputs(config, env))


async def _answered(config: HttpConfig, ctx: Context, number: int) -> None:
    """Keep that there is nothing to look for: the next request is another one."""
    if config.verb not in _SAFE:
        await ctx.intend({"number": number, "answered": True})


def _ask(config: HttpConfig, ctx: Context, number: int) -> Ask:
    content = (config.body or "").encode()
    if config.body_from_file:
        content = ctx.tree.read(config.body_from_file, most=_LONGEST)
    ask = config.ask(timeout=config.timeout, limit=_LONGEST)
    if config.verb not in _SAFE and not any(name.lower() == _KEY.lower() for name, _ in ask.headers):
        # The same request has the same key after a crash, and the next one another.
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"argosy:{ctx.project}/{ctx.promotion}/{ctx.alias}/{number}")
        ask = replace(ask, headers=(*ask.headers, (_KEY, str(key))))
    return replace(ask, method=config.verb, content=content, proxy=config.proxy)


async def _judged(config: HttpConfig, response: Response) -> Outcome:
    """What an answer means. Failure goes before success."""
    env = await _environment(config, response)
    told = f"HTTP ({response.status}) response"
    if config.failure_expression and _holds(config.failure_expression, "failureExpression", env):
        message = _message(config, env)
        raise Failed(f"{told} met failure criteria{f': {message!r}' if message else ''}")
    if config.success_expression:
        success = _holds(config.success_expression, "successExpression", env)
    else:
        success = not config.failure_expression and 200 <= response.status < 300
    if success:
        return Done(_outputs(config, env))
    return Wait(f"{told} met no success criteria yet", again_after=parse_duration(config.poll_interval))


async def _environment(config: HttpConfig, response: Response) -> dict[str, Value]:
    """Read beside the loop, for a large answer takes seconds."""
    return await asyncio.to_thread(environment, response, config.response_content_type)


def _message(config: HttpConfig, env: Mapping[str, Value]) -> str:
    """The message that `errorExpression` gives; empty when the answer is not as it expects."""
    if not config.error_expression:
        return ""
    try:
        message = evaluate_now(config.error_expression, env)
    except ExpressionError as error:
        if error.kind == "syntax":
            raise _wrong(error, "errorExpression") from error
        return ""
    return message if isinstance(message, str) else ""


def _outputs(config: HttpConfig, env: Mapping[str, Value]) -> dict[str, Json]:
    outputs: dict[str, Json] = {}
    for index, output in enumerate(config.outputs):
        try:
            outputs[output.name] = evaluate_now(output.from_expression, env)
        except ExpressionError as error:
            raise _wrong(error, f"outputs[{index}].fromExpression") from error
    return outputs


def _holds(expression: str, field: str, env: Mapping[str, Value]) -> bool:
    try:
        result = evaluate_now(expression, env)
    except ExpressionError as error:
        raise _wrong(error, field) from error
    if isinstance(result, bool):
        return result
    raise Temporary(f"{field} is neither true nor false")


def _wrong(error: ExpressionError, field: str) -> ArgosyError:
    """An expression that cannot be read will never be; one without a value may have one for another answer."""
    told = str(error.in_field(field))
    return Permanent(told) if error.kind == "syntax" else Temporary(told)


STEP = Step("http", Effect.EXTERNAL, HttpConfig, run, preview=preview, names_outputs=True)
