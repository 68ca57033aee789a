"""What the steps that change single values of a file have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.edit import Update
from argosy.steps.base import Context, Done

Edit = Callable[[bytes, Iterable[Update]], bytes]
Spell = Callable[[Json], str]


async def update(ctx: Context, path: str, updates: Sequence[Update], edit: Edit, spell: Spell) -> Done:
    """Change a file, and tell the changes in a message for a commit; a file that reads so already is not touched.

    Raises Permanent: no such file, or what `edit` raises, naming the file.
    """
    before = ctx.tree.read(path)
    try:
        # Beside the loop: a large file takes seconds.
        after = await asyncio.to_thread(edit, before, updates)
    except Permanent as error:
        raise Permanent(f"{path}: {error.message}", advice=error.advice) from error
    if after != before:
        ctx.tree.write(path, after)
    changes = "".join(f"\n- {each.key}: {spell(each.value)}" for each in updates)
    return Done({"commitMessage": f"Updated {path}\n{changes}"})
