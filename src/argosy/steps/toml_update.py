"""`toml-update`: change values of a TOML file and nothing else in it."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json
from argosy.rules.edit import Update
from argosy.rules.toml_edit import edit, spell
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.updating import update


class TomlUpdate(Config):
    """One change."""

    key: str = Field(min_length=1)
    r"""The key of a single value, its parts separated by dots, lists by index: `values.1`. `\.` is a dot within a
    part; `:` before a number makes it a key rather than an index. The key must be in the file."""
    value: Json
    """The new value: a text, a number or a boolean."""


class TomlUpdateConfig(Config):
    """Changes values in a TOML file.

    Comments, order and every other byte stay as they are; a text keeps its kind of quotes where it can.
    """

    path: str = Field(min_length=1)
    """The TOML file."""
    updates: list[TomlUpdate] = Field(min_length=1)
    """The changes, made one after the other."""


async def run(config: TomlUpdateConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no TOML, or a key that is malformed, missing or holds no single value."""
    updates = [Update(each.key, each.value) for each in config.updates]
    return await update(ctx, config.path, updates, edit, spell)


STEP = Step("toml-update", Effect.WORKSPACE, TomlUpdateConfig, run, outputs=("commitMessage",))
