"""`set-freight-alias`: give Freight another name for people."""

from __future__ import annotations

from pydantic import Field

from argosy.errors import Failed, Invalid, NotFound
from argosy.steps.base import Change, Config, Context, Done, Effect, Preview, Step


class SetFreightAliasConfig(Config):
    """Changes the alias of Freight. The step fails when other Freight of the Project has it already."""

    name: str = Field(min_length=1)
    """The name of the Freight, such as `${{ ctx.targetFreight.name }}`."""
    alias: str = Field(min_length=1)
    """The new alias."""


async def run(config: SetFreightAliasConfig, ctx: Context) -> Done:
    """Doing it twice changes nothing, so no intent is kept. Raises Failed: no such Freight, or the alias is taken."""
    before = await _set(config, ctx)
    return Done(message=f"updated alias of Freight {config.name!r} from {before!r} to {config.alias!r}")


async def preview(config: SetFreightAliasConfig, ctx: Context) -> Preview:
    """Raises as `run`."""
    before = await _set(config, ctx)
    if before == config.alias:
        return Preview(message=f"Freight {config.name} is called {before} already")
    details = {"alias": config.alias, **({"replaces": before} if before else {})}
    return Preview((Change("set alias", f"Freight {config.name}", details=details),))


async def _set(config: SetFreightAliasConfig, ctx: Context) -> str:
    try:
        return await ctx.set_alias(config.name, config.alias)
    except (NotFound, Invalid) as error:
        raise Failed(f"the alias of Freight {config.name!r} was not changed: {error}") from error


STEP = Step("set-freight-alias", Effect.EXTERNAL, SetFreightAliasConfig, run, preview=preview)
