"""A plan over real Git: it shows the very diff that the promotion then pushes, and changes nothing anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.story.plan_case import promoting_code

from argosy.api.plan import Plans
from argosy.errors import Invalid, NotFound
from argosy.resources.meta import Key
from argosy.testing.git_repository import Change, GitRepository
from argosy.testing.git_server import GitServer
from argosy.testing.pipeline import Pipeline, running, settings_in

SECRETS = """
apiVersion: v1
kind: Secret
metadata: {name: chat, namespace: demo}
stringData: {token: hush-hush-hush}
---
apiVersion: v1
kind: Secret
metadata: {name: git, namespace: demo, labels: {kargo.akuity.io/cred-type: git}}
stringData: {repoURL: "^http://127\\\\.0\\\\.0\\\\.1.*", repoURLIsRegex: "true", username: robot, password: s3cret-w0rd}
---
"""
PIPELINE = promoting_code(
    SECRETS,
    """
      - uses: git-clear
        config: {path: ./out}
      - uses: copy
        config: {inPath: ./src, outPath: ./out}
      - uses: file-write
        config: {path: out/token, contents: "${{ secret('chat').token }}", permissions: "0644"}
      - uses: git-commit
        as: commit
        config: {path: ./out, message: "prod: ${{ ctx.targetFreight.alias }}"}
      - uses: git-push
        as: push
        config: {path: ./out}
      - uses: fail
        if: ${{ failure() }}
        config: {message: never}
      - uses: set-metadata
        config: {updates: [{kind: Stage, name: prod, values: {commit: "${{ outputs.push.commit }}"}}]}
""",
)


@dataclass
class Around:
    """A repository on a server, and the system beside it."""

    pipeline: Pipeline
    repository: GitRepository
    server: GitServer

    async def freight(self) -> str:
        """The name of the Freight, once it is there."""
        found = await self.pipeline.until(
            "Warehouse", "code", lambda each: (each.get("status") or {}).get("lastFreightID")
        )
        return str(found["status"]["lastFreightID"])

    async def plan(self, **wish: Any) -> dict[str, Any]:
        plans = Plans(self.pipeline.system.store, self.pipeline.system.planner)
        return await plans.plan(Key("Stage", "demo", "prod"), wish)

    def refs(self) -> str:
        return self.repository.git("for-each-ref")


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    (tmp_path / "git").mkdir()
    server = GitServer(tmp_path / "git", {"robot": "s3cret-w0rd"})
    repository = server.create("code")
    repository.commit({"app.yaml": "tag: v1\n", "old.txt": "x\n"}, "First")
    async with server.serve(), running(settings_in(tmp_path), "demo") as pipeline:
        await pipeline.apply(PIPELINE.replace("CODE", server.url_of("code")))
        yield Around(pipeline, repository, server)


def told(plan: Mapping[str, Any], uses: str) -> dict[str, Any]:
    (step,) = [step for step in plan["steps"] if step["uses"] == uses]
    return dict(step)


async def test_a_plan_shows_what_is_then_pushed_and_changes_nothing(around: Around) -> None:
    name, code, pipeline = await around.freight(), around.repository, around.pipeline
    before = around.refs()
    around.server.requests.clear()
    plan = await around.plan(freight=name)
    assert around.refs() == before
    assert [request for request in around.server.requests if "receive-pack" in request] == []
    assert await pipeline.list("Promotion") == []
    assert (
        "status" not in await pipeline.get("Stage", "prod")
        or "metadata" not in (await pipeline.get("Stage", "prod"))["status"]
    )
    assert (plan["phase"], plan["changes"]) == ("Succeeded", True)
    assert told(plan, "git-clone")["changes"][0]["verb"] == "make branch"
    push = told(plan, "git-push")
    assert push["outputs"] == {"branch": "stage/prod"}
    assert push["knownAfter"] == ["commit"]
    assert told(plan, "fail")["message"] == "its condition does not hold: ${{ failure() }}"
    assert told(plan, "set-metadata")["changes"][0]["details"] == {"commit": "(known after push)"}
    assert "hush-hush" not in str(plan)

    promotion = await pipeline.promote("prod", name)
    assert (await pipeline.finished(promotion))["phase"] == "Succeeded"
    real = code.git("diff", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "stage/prod").splitlines()
    shown = push["changes"][0]["diff"].splitlines()
    assert [line for line in shown if not line.startswith("index ")] == [
        line.replace("hush-hush-hush", "******") for line in real if not line.startswith("index ")
    ]

    again = await around.plan(freight=name)
    assert told(again, "git-push")["changes"] == []
    assert told(again, "git-commit")["status"] == "Skipped"


async def test_a_plan_integrates_what_others_pushed(around: Around) -> None:
    name = await around.freight()
    around.repository.add([Change({"notes.txt": "by hand\n"}, "By hand", parents=[])], branch="stage/prod")
    diff = told(await around.plan(freight=name), "git-push")["changes"][0]["diff"]
    assert "-by hand" in diff
    assert "+tag: v1" in diff
    assert around.repository.log("stage/prod") == ["By hand"]


async def test_the_origin_stands_for_what_auto_promotion_would_choose(around: Around) -> None:
    name = await around.freight()
    plan = await around.plan(origin={"kind": "Warehouse", "name": "code"})
    assert plan["freight"]["name"] == name


async def test_a_plan_is_refused_where_the_promotion_would_be(around: Around) -> None:
    plans = Plans(around.pipeline.system.store, around.pipeline.system.planner)
    with pytest.raises((Invalid, NotFound), match="none"):
        await around.plan(freight="none")
    with pytest.raises(NotFound, match="no Stage 'gone'"):
        await plans.plan(Key("Stage", "demo", "gone"), {"freight": await around.freight()})


async def test_plans_leave_no_working_directory(around: Around) -> None:
    await around.plan(freight=await around.freight())
    assert list((around.pipeline.system.settings.data / "plans").iterdir()) == []
