"""`yaml-parse`: take values out of a YAML file."""

from __future__ import annotations

from argosy.resources.meta import Json
from argosy.resources.yaml_text import Limits, Reader
from argosy.steps.base import Context, Done, Effect, Step
from argosy.steps.parsing import ParseConfig, parse


class YamlParseConfig(ParseConfig):
    """Reads the first document of a YAML file, and makes outputs of what expressions take from it."""


def read(text: str) -> Json:
    """Raises ValueError: no YAML, or nothing."""
    reader = Reader("", Limits(), bare_keys=True)
    reader.read(text)
    if reader.problems:
        raise ValueError(str(reader.problems[0]))
    if not reader.documents:
        raise ValueError("it is empty")
    return reader.documents[0].value


async def run(config: YamlParseConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no YAML, an empty one; Failed: an expression has no value."""
    return await parse(config, ctx, read)


STEP = Step("yaml-parse", Effect.PURE, YamlParseConfig, run, names_outputs=True)
