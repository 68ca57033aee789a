"""`set-freight-alias`: Freight gets another name, and a plan tells whether it would."""

from __future__ import annotations

import pytest

from argosy.errors import Failed
from argosy.steps import set_freight_alias
from argosy.steps.base import Change, Done
from argosy.testing.context import FakeContext


@pytest.fixture(autouse=True)
def freight(ctx: FakeContext) -> None:
    ctx.aliases = {"f1": "old-crab", "f2": "busy-bee"}


async def test_freight_gets_another_alias(ctx: FakeContext) -> None:
    outcome = await ctx.run(set_freight_alias.STEP, {"name": "f1", "alias": "v1.2.3"})
    assert outcome == Done(message="updated alias of Freight 'f1' from 'old-crab' to 'v1.2.3'")
    assert ctx.aliases == {"f1": "v1.2.3", "f2": "busy-bee"}


async def test_a_plan_tells_it_and_does_not_do_it(ctx: FakeContext) -> None:
    preview = await ctx.preview(set_freight_alias.STEP, {"name": "f1", "alias": "v1.2.3"})
    assert preview.changes == (Change("set alias", "Freight f1", details={"alias": "v1.2.3", "replaces": "old-crab"}),)
    assert ctx.aliases["f1"] == "old-crab"


async def test_an_alias_that_it_has_already_is_no_change(ctx: FakeContext) -> None:
    preview = await ctx.preview(set_freight_alias.STEP, {"name": "f1", "alias": "old-crab"})
    assert (preview.changes, preview.message) == ((), "Freight f1 is called old-crab already")


@pytest.mark.parametrize(("name", "problem"), [("gone", "there is no Freight 'gone'"), ("f1", "is taken")])
async def test_what_cannot_be_done_fails_the_plan_and_the_step(ctx: FakeContext, name: str, problem: str) -> None:
    for act in (ctx.run, ctx.preview):
        with pytest.raises(Failed, match=problem):
            await act(set_freight_alias.STEP, {"name": name, "alias": "busy-bee"})
