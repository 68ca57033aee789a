"""`yaml-update`: change values of a YAML file and nothing else in it."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json
from argosy.rules.edit import Update
from argosy.rules.yaml_edit import edit
from argosy.rules.yaml_scalar import spell_in_message
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.updating import update


class YamlUpdate(Config):
    """One change."""

    key: str = Field(min_length=1)
    r"""The key of a single value, its parts separated by dots, lists by index: `images.0.tag`. `\.` is a dot within a
    part; `:` before a number makes it a key rather than an index. The key must be in the file."""
    value: Json
    """The new value. Its type stays what it is: a text that looks like a number is quoted."""


class YamlUpdateConfig(Config):
    """Changes values in the first document of a YAML file.

    Comments, order, indentation and every other byte stay as they are; quotes stay where the new value allows them.
    """

    path: str = Field(min_length=1)
    """The YAML file."""
    updates: list[YamlUpdate] = Field(min_length=1)
    """The changes. Of several for one key the last counts."""


async def run(config: YamlUpdateConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no YAML, or a key that is malformed, missing or holds no single value."""
    updates = [Update(each.key, each.value) for each in config.updates]
    return await update(ctx, config.path, updates, edit, spell_in_message)


STEP = Step("yaml-update", Effect.WORKSPACE, YamlUpdateConfig, run, outputs=("commitMessage",))
