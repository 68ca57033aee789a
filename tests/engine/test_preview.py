"""Plans: what a promotion would do is found out, told, and not done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.engine.conftest import Bench, NoCheckouts, Open, World, steps_of

from argosy.clients.login import Login
from argosy.engine.context import Services
from argosy.engine.preview import Plan, Planner
from argosy.errors import Failed, Temporary
from argosy.steps.base import AnyStep, Change, Context, Done, Effect, Preview, Step
from argosy.testing.clock import FakeClock


def catalogue(world: World) -> Mapping[str, AnyStep]:
    """The steps of the engine's tests, those that reach outside with a preview."""

    async def push(config: Open, ctx: Context) -> Preview:
        content = ctx.tree.read("file").decode()
        return Preview((Change("push", "main", f"+{content}"),), {"branch": "main"}, unknown=("commit",))

    async def wait(config: Open, ctx: Context) -> Preview:
        return Preview(waits="the moon", outputs={"seen": True})

    async def branch(config: Open, ctx: Context) -> Done:
        assert ctx.previewing
        ctx.foresee(Change("make branch", "new"))
        return Done()

    async def commit(config: Open, ctx: Context) -> Done:
        return Done({"commit": "c0ffee", "tree": "7ree"}, skipped=bool(config.all.get("skip")))

    async def unreachable(config: Open, ctx: Context) -> Done:
        raise Temporary("no route to host")

    async def doomed(config: Open, ctx: Context) -> Preview:
        raise Failed("the branch is protected")

    async def telling(config: Open, ctx: Context) -> Preview:
        login = await ctx.login("git", "https://example.com/r.git")
        assert login is not None
        return Preview((Change("push", f"https://{login.username}:{login.password}@example.com/r.git"),))

    steps = steps_of(world)
    more = [
        Step("telling", Effect.EXTERNAL, Open, unreachable, preview=telling),
        Step("branch", Effect.WORKSPACE, Open, branch),
        Step("commit", Effect.WORKSPACE, Open, commit, fresh=("commit",)),
        Step("unreachable", Effect.WORKSPACE, Open, unreachable),
        Step("doomed", Effect.EXTERNAL, Open, unreachable, preview=doomed),
    ]
    return {
        **steps,
        "push": replace(steps["push"], preview=push),
        "metadata": replace(steps["metadata"], effect=Effect.PURE),
        "wait": replace(steps["wait"], preview=wait),
        "blind": replace(steps["push"], name="blind", outputs=("url",)),
        **{step.name: step for step in more},
    }


@pytest.fixture
def world() -> World:
    return World()


async def never(*_: Any) -> Any:
    raise AssertionError("a plan did something to the world")


class Logins:
    async def get(self, *_: Any) -> Login:
        return Login("bot", "pass-word")


def services(world: World) -> Services:
    async def read(kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return world.documents.get((kind, namespace, name))

    nothing: Any = NoCheckouts()
    return Services(
        mirrors=nothing,
        checkouts=nothing,
        web=nothing,
        oci=nothing,
        logins=Logins(),
        write_metadata=never,
        set_alias=never,
        read=read,
    )


async def plan(folder: Path, world: World, *steps: dict[str, Any], **spec: Any) -> Plan:
    named = [{"as": f"s{index + 1}", **step} for index, step in enumerate(steps)]
    facts = Bench(folder, {"steps": named, **spec}).facts()
    return await Planner(catalogue(world), services(world), folder / "plans", FakeClock()).plan(facts)


READ = {"uses": "read", "config": {}}


async def test_what_reaches_outside_is_told_and_not_done(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, READ, {"uses": "push", "config": {}}, {"uses": "wait", "config": {}})
    assert (made.phase, made.has_changes) == ("Succeeded", True)
    _, push, wait = made.steps
    assert push.changes == [Change("push", "main", "+v1")]
    assert (push.outputs, push.unknown) == ({"branch": "main"}, ("commit",))
    assert (wait.waits, wait.changes) == ("the moon", [])
    assert (world.pushed, world.polls) == ([], 0)


async def test_nothing_is_left_behind(tmp_path: Path, world: World) -> None:
    await plan(tmp_path, world, READ, {"uses": "fail", "config": {}})
    assert [path for path in (tmp_path / "plans").rglob("*") if path.is_file()] == []


async def test_what_is_not_known_stands_for_itself_in_later_steps(tmp_path: Path, world: World) -> None:
    made = await plan(
        tmp_path,
        world,
        {"uses": "commit", "config": {}},
        {"uses": "compute", "config": {"text": "at ${{ outputs.s1.commit }} of ${{ outputs.s1.tree }}"}},
        {"uses": "compute", "config": {"a": 1}, "if": "${{ outputs.s1.commit == 'c0ffee' }}"},
        {"uses": "compute", "config": {"a": 1}, "if": "${{ outputs['s1'].tree == '7ree' }}"},
    )
    commit, text, uncertain, certain = made.steps
    assert (commit.outputs, commit.unknown) == ({"tree": "7ree"}, ("commit",))
    assert text.outputs == {"text": "at (known after s1) of 7ree"}
    assert uncertain.uncertain == "outputs.s1.commit"
    assert (certain.uncertain, certain.status) == ("", "Succeeded")


async def test_a_commit_that_is_not_made_is_known(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, {"uses": "commit", "config": {"skip": True}})
    assert (made.steps[0].status, made.steps[0].outputs["commit"], made.steps[0].unknown) == ("Skipped", "c0ffee", ())


async def test_outputs_of_a_task_are_unknown_inside_of_it(tmp_path: Path, world: World) -> None:
    made = await plan(
        tmp_path,
        world,
        {"as": "t::c", "uses": "commit", "config": {}},
        {"as": "t::u", "uses": "compute", "config": {"a": 1}, "if": "${{ task.outputs.c.commit != '' }}"},
    )
    assert made.steps[1].uncertain == "task.outputs.c.commit"


async def test_a_step_that_changes_only_its_workspace_may_foresee_more(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, {"uses": "branch", "config": {}})
    assert made.steps[0].changes == [Change("make branch", "new")]


async def test_a_step_without_a_preview_says_so(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, READ, {"uses": "blind", "config": {}})
    assert made.steps[1].changes == [Change("run", "blind", details={"note": "this step cannot be previewed"})]
    assert made.steps[1].unknown == ("url",)


async def test_metadata_is_told_and_seen_by_later_steps(tmp_path: Path, world: World) -> None:
    world.documents["Stage", "demo", "dev"] = {"status": {"metadata": {"old": 1}}}
    made = await plan(
        tmp_path,
        world,
        {"uses": "metadata", "config": {"ticket": "OPS-7"}},
        {"uses": "compute", "config": {"seen": "${{ stageMetadata('dev') }}"}},
    )
    assert made.steps[0].changes == [Change("set metadata", "Stage dev", details={"ticket": "OPS-7"})]
    assert made.steps[1].outputs == {"seen": {"old": 1, "ticket": "OPS-7"}}


@pytest.mark.parametrize(
    ("step", "status", "phase"),
    [
        ({"uses": "fail", "config": {"message": "no"}}, "Failed", "Failed"),
        ({"uses": "fail", "config": {"message": "no", "how": "permanent"}}, "Errored", "Errored"),
        ({"uses": "doomed", "config": {}}, "Failed", "Failed"),
        ({"uses": "nothing-like-it", "config": {}}, "Errored", "Errored"),
        ({"uses": "strict", "config": {"mesage": "x"}}, "Failed", "Failed"),
        ({"uses": "compute", "config": {"a": "${{ nope() }}"}}, "Errored", "Errored"),
        ({"uses": "compute", "config": {"a": 1}, "if": "${{ false }}"}, "Skipped", "Succeeded"),
        ({"uses": "compute", "config": {"a": 1}, "if": "${{ 1 + }}"}, "Errored", "Errored"),
    ],
)
async def test_a_plan_ends_as_the_promotion_would(
    tmp_path: Path, world: World, step: dict[str, Any], status: str, phase: str
) -> None:
    made = await plan(tmp_path, world, step, {"uses": "compute", "config": {"a": 1}})
    assert (made.steps[0].status, made.phase) == (status, phase)


async def test_a_skipped_step_says_why(tmp_path: Path, world: World) -> None:
    made = await plan(
        tmp_path,
        world,
        {"uses": "compute", "config": {"a": 1}, "if": "${{ ctx.stage == 'prod' }}"},
        {"uses": "fail"},
        {"uses": "compute", "config": {"a": 1}},
        {"uses": "compute", "config": {"a": 1}, "if": "${{ failure() }}"},
    )
    assert [step.status for step in made.steps] == ["Skipped", "Failed", "Skipped", "Succeeded"]
    assert made.steps[0].message == "its condition does not hold: ${{ ctx.stage == 'prod' }}"
    assert made.steps[2].message == "a step before it would not succeed"


async def test_what_cannot_be_reached_ends_the_plan_there(tmp_path: Path, world: World) -> None:
    retry = {"errorThreshold": 5}
    made = await plan(tmp_path, world, {"uses": "unreachable", "config": {}, "retry": retry}, {"uses": "push"})
    assert [(step.status, "no route to host" in step.message) for step in made.steps] == [("Running", True)]
    assert made.phase == "Running"


async def test_secrets_are_masked_wherever_they_got_to(tmp_path: Path, world: World) -> None:
    world.documents["Secret", "demo", "chat"] = {"metadata": {}, "data": {"token": "aHVzaC1odXNo"}}
    made = await plan(
        tmp_path,
        world,
        READ,
        {"uses": "append", "config": {"text": "${{ secret('chat').token }}"}},
        {"uses": "push", "config": {}},
        {"uses": "fail", "config": {"message": "not with ${{ secret('chat').token }}"}},
    )
    assert "hush-hush" not in repr(made)
    assert made.steps[2].changes[0].diff == "+v1+******"
    assert made.steps[3].message.endswith("not with ******")


ASK = {"uses": "push", "as": "ask", "config": {}}  # its output `commit` is not known


async def test_a_step_that_may_run_is_told_as_if_it_ran(tmp_path: Path, world: World) -> None:
    may = "${{ outputs.ask.commit == 'c0ffee' }}"
    made = await plan(tmp_path, world, READ, ASK, {"uses": "wait", "config": {}, "if": may})
    assert (made.steps[2].status, made.steps[2].waits) == ("Succeeded", "the moon")
    assert made.steps[2].uncertain == "outputs.ask.commit"


async def test_a_step_that_may_run_and_would_fail_does_not_fail_the_plan(tmp_path: Path, world: World) -> None:
    may = "${{ outputs.ask.commit != 'c0ffee' }}"
    made = await plan(
        tmp_path,
        world,
        READ,
        ASK,
        {"uses": "fail", "config": {"message": "no"}, "if": may},
        {"uses": "compute", "config": {"a": 1}},
    )
    assert (made.steps[2].status, made.steps[2].message) == ("Skipped", "if it runs, it would fail: no")
    assert (made.steps[3].status, made.phase) == ("Succeeded", "Succeeded")


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        ({"uses": "compute", "config": {"a": "${{ outputs.ask.commit + 1 }}"}}, []),
        ({"uses": "compute", "config": {"a": "${{ outputs.ask.commit.short }}"}}, []),
        ({"uses": "strict", "config": {"message": "x", "other": "${{ outputs.ask.commit }}"}}, []),
        ({"uses": "doomed", "config": {"to": "${{ outputs.ask.commit }}"}}, [Change("run", "doomed")]),
        ({"uses": "unreachable", "config": {"to": "${{ outputs.ask.commit }}"}}, []),
        (
            {
                "uses": "compute",
                "config": {"a": "${{ vars.v + 1 }}"},
                "vars": [{"name": "v", "value": "${{ outputs.ask.commit }}"}],
            },
            [],
        ),
    ],
    ids=["a sum", "a part", "a setting", "a deed", "a look", "a variable"],
)
async def test_what_is_not_known_fails_no_plan(
    tmp_path: Path, world: World, step: dict[str, Any], changes: list[Change]
) -> None:
    made = await plan(tmp_path, world, READ, ASK, step, {"uses": "compute", "config": {"b": 2}})
    assert (made.steps[2].status, made.phase) == ("Succeeded", "Succeeded")
    assert made.steps[2].unclear.startswith("outputs.ask.commit")
    assert made.steps[2].changes == changes
    assert made.steps[3].status == "Succeeded"


async def test_what_is_made_of_what_is_not_known_is_not_known(tmp_path: Path, world: World) -> None:
    made = await plan(
        tmp_path,
        world,
        READ,
        ASK,
        {"uses": "compute", "as": "t::made", "config": {"of": ["${{ outputs.ask.commit }}"], "sum": "1"}},
        {"uses": "wait", "config": {}, "if": "${{ len(outputs.t.of) == 7 }}"},
        {"uses": "wait", "config": {}, "if": "${{ outputs.t.sum == '7' }}"},
    )
    assert [step.uncertain for step in made.steps[3:]] == ["outputs.t.of", ""]
    assert [step.status for step in made.steps[3:]] == ["Succeeded", "Skipped"]


async def test_a_file_that_is_not_known_fails_no_plan(tmp_path: Path, world: World) -> None:
    made = await plan(
        tmp_path,
        world,
        READ,
        ASK,
        {"uses": "unreachable", "config": {"to": "${{ outputs.ask.commit }}"}},
        {"uses": "fail", "config": {"message": "no such file", "how": "permanent"}},
    )
    assert (made.steps[3].unclear, made.phase) == ("outputs.ask.commit", "Succeeded")


async def test_a_failure_that_only_tells_what_is_not_known_is_one(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, READ, ASK, {"uses": "fail", "config": {"message": "${{ outputs.ask.commit }}"}})
    assert (made.steps[2].message, made.phase) == ("(known after ask)", "Failed")


async def test_metadata_that_is_there_already_is_no_change(tmp_path: Path, world: World) -> None:
    world.documents["Stage", "demo", "dev"] = {"status": {"metadata": {"ticket": "OPS-7", "old": 1}}}
    made = await plan(tmp_path, world, {"uses": "metadata", "config": {"ticket": "OPS-7"}})
    assert (made.steps[0].changes, made.phase) == ([], "Succeeded")


async def test_metadata_of_what_is_not_there_fails(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, {"uses": "metadata", "config": {"ticket": "OPS-7"}})
    assert (made.steps[0].changes, made.phase) == ([], "Errored")
    assert "there is no Stage 'dev'" in made.message


async def test_passwords_of_repositories_are_masked(tmp_path: Path, world: World) -> None:
    made = await plan(tmp_path, world, {"uses": "telling", "config": {}})
    assert made.steps[0].changes == [Change("push", "https://bot:******@example.com/r.git")]
