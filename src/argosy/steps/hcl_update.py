"""`hcl-update`: change values of an HCL file and nothing else in it."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json
from argosy.rules.edit import Update
from argosy.rules.hcl_edit import edit, spell
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.updating import update


class HclUpdate(Config):
    """One change."""

    key: str = Field(min_length=1)
    r"""The key of an attribute: types and labels of the blocks around it, then its name, separated by dots, such as
    `resource.aws_instance.web.ami`. It goes on into objects by key and into lists by index. Where several blocks have
    the same name, an index follows it. `\.` is a dot within a part. The key must be in the file."""
    value: Json
    """The new value: a text, a number or a boolean. `${` in a text is escaped: it stays text."""


class HclUpdateConfig(Config):
    """Changes values of attributes in an HCL file, such as those of OpenTofu.

    Comments, order and every other byte stay as they are.
    """

    path: str = Field(min_length=1)
    """The HCL file."""
    updates: list[HclUpdate] = Field(min_length=1)
    """The changes, made one after the other."""


async def run(config: HclUpdateConfig, ctx: Context) -> Done:
    """Raises Permanent: no such file, no HCL, or a key that is malformed, missing or holds no single value."""
    updates = [Update(each.key, each.value) for each in config.updates]
    return await update(ctx, config.path, updates, edit, spell)


STEP = Step("hcl-update", Effect.WORKSPACE, HclUpdateConfig, run, outputs=("commitMessage",))
