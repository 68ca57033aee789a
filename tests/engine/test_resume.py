"""A promotion killed anywhere goes on, ends as an undisturbed one, and does nothing to the world twice."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.engine.conftest import Crash

from argosy.errors import Unavailable

Make = Callable[..., Any]

STEPS = (
    {"uses": "read", "as": "read"},
    {"uses": "append", "as": "edit", "config": {"text": "${{ outputs.read.version }}"}},
    {"uses": "push", "as": "push"},
    {"uses": "append", "as": "more", "config": {"text": "more"}},
    {"uses": "wait", "as": "wait", "config": {"polls": 2}},
    {"uses": "push", "as": "again"},
    {"uses": "compute", "as": "done", "config": {"text": "${{ outputs.more.text }}"}},
)
PLACES = ("read.middle", "append.middle", "push.before-intent", "push.before-act", "push.after-act")
EXPECTED = ["v1+1", "v1+1+more"]


def check(run: Any) -> None:
    assert run.status.phase == "Succeeded"
    assert run.world.pushed == EXPECTED
    assert run.status.state["done"] == {"text": "v1+1+more"}
    assert run.status.state["push"]["pushed"] == "v1+1"
    assert set(run.statuses().values()) == {"Succeeded"}


@pytest.mark.parametrize("lose_workspace", [False, True], ids=["workspace kept", "workspace lost"])
@pytest.mark.parametrize("place", PLACES)
async def test_killed_inside_a_step(bench: Make, place: str, lose_workspace: bool) -> None:
    run = bench(*STEPS)
    run.world.crash_at = place
    await run.run_over_crashes(lose_workspace=lose_workspace)
    check(run)


@pytest.mark.parametrize("lose_workspace", [False, True], ids=["workspace kept", "workspace lost"])
@pytest.mark.parametrize("after", [False, True], ids=["before it is safe", "after it is safe"])
async def test_killed_at_every_write_of_the_journal(bench: Make, after: bool, lose_workspace: bool) -> None:
    undisturbed = bench(*STEPS)
    await undisturbed.run()
    writes = undisturbed.saves
    assert writes > len(STEPS) * 2
    for number in range(1, writes + 1):
        run = bench(*STEPS)
        run.folder = run.folder / f"{number}"
        run.crash_on_save = -number if after else number
        await run.run_over_crashes(lose_workspace=lose_workspace)
        check(run)


@pytest.mark.parametrize("after", [False, True], ids=["before it is written", "after it is written"])
async def test_a_store_that_is_away_at_any_write_is_no_error_of_a_step(bench: Make, after: bool) -> None:
    undisturbed = bench(*STEPS)
    await undisturbed.run()
    for number in range(1, undisturbed.saves + 1):
        run = bench(*STEPS)
        run.folder = run.folder / f"{number}"
        run.away_on_save = -number if after else number
        with pytest.raises(Unavailable):
            await run.run()
        await run.run()
        check(run)
        assert {record.error_count for record in run.status.step_execution_metadata} == {0}


@pytest.mark.parametrize("lose_workspace", [False, True], ids=["workspace kept", "workspace lost"])
async def test_a_step_that_runs_again_sees_the_world_it_saw_first(bench: Make, lose_workspace: bool) -> None:
    run = bench(*STEPS)
    run.world.crash_at = "push.before-intent"
    with pytest.raises(Crash):
        await run.run()
    run.world.version = 2
    await run.run_over_crashes(lose_workspace=True)
    check(run)


async def test_an_intact_workspace_is_used_as_it_is(bench: Make) -> None:
    run = bench(*STEPS)
    run.crash_on_save = -5  # the third step has been journalled as started; it has not begun
    with pytest.raises(Crash):
        await run.run()
    await run.run()
    assert run.world.runs == ["read"]
    check(run)


async def test_a_workspace_of_unknown_state_is_made_again(bench: Make) -> None:
    run = bench(*STEPS)
    run.world.crash_at = "append.middle"
    with pytest.raises(Crash):
        await run.run()
    await run.run()
    assert run.world.runs == ["read", "read"]
    check(run)
