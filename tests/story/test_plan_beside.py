"""Plans and promotions of one Stage at the same time: neither disturbs the other, and a plan is of one state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from tests.story.plan_case import promoting_code

from argosy.api.plan import Plans
from argosy.resources.meta import Key
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer
from argosy.testing.pipeline import Pipeline, running, settings_in
from argosy.testing.serving import serving

PIPELINE = promoting_code(
    "",
    """
      - uses: http-download
        config: {url: "GATE/${{ ctx.targetFreight.name }}", outPath: gate}
      - uses: git-clear
        config: {path: ./out}
      - uses: copy
        config: {inPath: ./src, outPath: ./out}
      - uses: git-commit
        config: {path: ./out, message: "prod ${{ commitFrom('CODE').ID }}"}
      - uses: git-push
        config: {path: ./out}
""",
)


@dataclass
class Gate:
    """A server that lets the next request that `holds` wait until `opened`."""

    holds: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        """The next request waits."""
        self.holds = True
        self.reached.clear()
        self.opened.clear()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        Request(scope, receive)
        if self.holds:
            self.holds = False
            self.reached.set()
            await self.opened.wait()
        await Response(b"open")(scope, receive, send)


@dataclass
class Around:
    pipeline: Pipeline
    code: GitRepository
    gate: Gate
    seen: str = ""

    async def freight(self) -> str:
        """The name of the newest Freight, once it is another than before."""

        def holds(each: Mapping[str, Any]) -> bool:
            return (each.get("status") or {}).get("lastFreightID", "") not in ("", self.seen)

        found = await self.pipeline.until("Warehouse", "code", holds)
        self.seen = found["status"]["lastFreightID"]
        return self.seen

    async def plan(self, freight: str) -> Mapping[str, Any]:
        plans = Plans(self.pipeline.system.store, self.pipeline.system.planner)
        return await plans.plan(Key("Stage", "demo", "prod"), {"freight": freight})

    async def promote(self, freight: str) -> None:
        status = await self.pipeline.finished(await self.pipeline.promote("prod", freight))
        assert status["phase"] == "Succeeded", status.get("message")

    def tip(self) -> str:
        return self.code.git("rev-parse", "stage/prod").strip()

    def diff_of(self, *commits: str) -> list[str]:
        return comparable(self.code.git("diff", *commits))


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    (tmp_path / "git").mkdir()
    server, gate = GitServer(tmp_path / "git"), Gate()
    code = server.create("code")
    code.commit({"app.yaml": "tag: v1\n"}, "First")
    async with server.serve(), serving(gate.app) as url, running(settings_in(tmp_path), "demo") as pipeline:
        await pipeline.apply(PIPELINE.replace("CODE", server.url_of("code")).replace("GATE", url))
        yield Around(pipeline, code, gate)
        gate.opened.set()


def pushes(plan: Mapping[str, Any]) -> list[str]:
    assert plan["phase"] == "Succeeded", plan["message"]
    (step,) = [step for step in plan["steps"] if step["uses"] == "git-push"]
    return [line for change in step["changes"] for line in comparable(change["diff"])]


def comparable(diff: str) -> list[str]:
    return [line for line in diff.splitlines() if not line.startswith("index ")]


async def test_plans_while_a_promotion_is_under_way_are_of_what_is_there_before_it(around: Around) -> None:
    first = await around.freight()
    await around.promote(first)
    before = around.tip()
    around.code.commit({"app.yaml": "tag: v2\n"}, "Second")
    second = await around.freight()
    around.gate.close()
    promoting = asyncio.create_task(around.promote(second))
    await around.gate.reached.wait()
    plans = await asyncio.gather(*(around.plan(name) for name in (second, first, second, first)))
    assert around.tip() == before
    assert [pushes(plan) for plan in plans[1::2]] == [[], []]
    around.gate.opened.set()
    await promoting
    assert [pushes(plan) for plan in plans[::2]] == [around.diff_of(before, "stage/prod")] * 2
    assert around.code.git("rev-list", "--count", f"{before}..stage/prod").strip() == "1"
    assert pushes(await around.plan(second)) == []


async def test_a_promotion_while_a_plan_is_in_the_making_is_none_of_its_business(around: Around) -> None:
    first = await around.freight()
    await around.promote(first)
    around.code.commit({"app.yaml": "tag: v2\n", "more.yaml": "1\n"}, "Second")
    second = await around.freight()
    around.gate.close()
    planning = asyncio.create_task(around.plan(first))
    await around.gate.reached.wait()
    before = around.tip()
    await around.promote(second)
    after = around.tip()
    around.gate.opened.set()
    plan = await planning
    assert around.tip() == after
    assert pushes(plan) == around.diff_of(after, before)
    assert list((around.pipeline.system.settings.data / "plans").iterdir()) == []


async def test_a_plan_begins_anew_when_a_promotion_changes_what_it_has_read(around: Around) -> None:
    await around.promote(await around.freight())
    around.code.commit({"app.yaml": "tag: v2\n"}, "Second")
    second = await around.freight()
    around.code.commit({"app.yaml": "tag: v3\n", "more.yaml": "1\n"}, "Third")
    third = await around.freight()
    around.gate.close()
    planning = asyncio.create_task(around.plan(second))
    await around.gate.reached.wait()
    await around.promote(third)
    around.gate.opened.set()
    diff = pushes(await planning)
    before = around.tip()
    await around.promote(second)
    assert diff == around.diff_of(before, "stage/prod")
