"""`json-update`: change values of a JSON file and nothing else in it."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json
from argosy.rules.edit import Update
from argosy.rules.json_edit import edit, spell
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.updating import update


class JsonUpdate(Config):
    """One change."""

    key: str = Field(min_length=1)
    r"""The key of a value, its parts separated by dots, lists by index: `images.0.tag`; `-1` appends to a list. `\.` is
    a dot within a part; `:` before a number makes it a key rather than an index. Members that are missing are added."""
    value: Json
    """The new value: a text, a number or a boolean."""


class JsonUpdateConfig(Config):
    """Changes values in a JSON file.

    Order, indentation and every other byte stay as they are.
    """

    path: str = Field(min_length=1)
    """The JSON file."""
    updates: list[JsonUpdate] = Field(min_length=1)
    """The changes, made one after the other."""


async def run(config: JsonUpdateConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no JSON, or a key that is malformed or cannot be reached."""
    updates = [Update(each.key, each.value) for each in config.updates]
    return await update(ctx, config.path, updates, edit, spell)


STEP = Step("json-update", Effect.WORKSPACE, JsonUpdateConfig, run, outputs=("commitMessage",))
