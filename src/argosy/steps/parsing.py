"""What the steps that read a file have in common: expressions over its content, whose values become outputs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import Field

from argosy.errors import Failed, Permanent
from argosy.expressions import ExpressionError, evaluate_now
from argosy.resources.meta import Json
from argosy.steps.base import Config, Context, Done

_SIZE = 16 << 20


class OutputConfig(Config):
    """One output."""

    name: str = Field(min_length=1)
    """The name of the output."""
    from_expression: str = Field(min_length=1)
    """What it is: an expression without `${{ }}`. The fields of the file are its variables, `$env` is all of it."""


class ParseConfig(Config):
    """Reads a file."""

    path: str = Field(min_length=1)
    """The file to read."""
    outputs: list[OutputConfig] = Field(min_length=1)
    """What to take from it."""


async def parse(config: ParseConfig, ctx: Context, read: Callable[[str], Json]) -> Done:
    """Read a file and evaluate the expressions over what `read` makes of it.

    Raises Permanent: no such file, no UTF-8, what `read` raises as ValueError; Failed: an expression has no value.
    """
    content = ctx.tree.read(config.path, most=_SIZE)
    try:
        document = await asyncio.to_thread(read, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Permanent(f"{config.path} is not UTF-8", advice="Save it as UTF-8.") from error
    except RecursionError:
        raise Permanent(f"{config.path} is nested too deeply") from None
    except ValueError as error:
        raise Permanent(f"{config.path} cannot be read: {error}") from error
    env = document if isinstance(document, dict) else {"$env": document}
    outputs: dict[str, Json] = {}
    for index, output in enumerate(config.outputs):
        try:
            outputs[output.name] = evaluate_now(output.from_expression, env)
        except ExpressionError as error:
            raise Failed(str(error.in_field(f"outputs[{index}].fromExpression"))) from error
    return Done(outputs)
