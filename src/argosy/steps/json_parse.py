"""`json-parse`: take values out of a JSON file."""

from __future__ import annotations

import orjson

from argosy.resources.meta import Json
from argosy.steps.base import Context, Done, Effect, Step
from argosy.steps.parsing import ParseConfig, parse


class JsonParseConfig(ParseConfig):
    """Reads a JSON file, and makes outputs of what expressions take from it."""


def read(text: str) -> Json:
    """Raises ValueError."""
    return orjson.loads(text)


async def run(config: JsonParseConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, or no JSON; Failed: an expression has no value."""
    return await parse(config, ctx, read)


STEP = Step("json-parse", Effect.PURE, JsonParseConfig, run, names_outputs=True)
