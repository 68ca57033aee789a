"""`toml-parse`: take values out of a TOML file."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from typing import Any

from argosy.expressions import Time
from argosy.resources.meta import Json
from argosy.steps.base import Context, Done, Effect, Step
from argosy.steps.parsing import ParseConfig, parse


class TomlParseConfig(ParseConfig):
    """Reads a TOML file, and makes outputs of what expressions take from it.

    Moments with an offset are times in expressions; dates, and times without an offset, are texts.
    """


def read(text: str) -> Json:
    """Raises ValueError: no TOML, or nothing."""
    if not text.strip():
        raise ValueError("it is empty")
    return _plain(tomllib.loads(text))


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case datetime() if value.tzinfo is not None:
            return Time.of(value)
        case date() | time():
            return value.isoformat()
    return value


async def run(config: TomlParseConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no TOML, an empty one; Failed: an expression has no value."""
    return await parse(config, ctx, read)


STEP = Step("toml-parse", Effect.PURE, TomlParseConfig, run, names_outputs=True)
