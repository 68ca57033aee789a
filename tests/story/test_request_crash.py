"""The process is killed around what steps do to servers and to Freight: it happens once, or is told to be in doubt."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from tests.story.crash import promoting, start

from argosy.testing.git_repository import GitRepository
from argosy.testing.pipeline import running, settings_in
from argosy.testing.web_server import Answer, Asked, WebServer

PIPELINE = promoting("""
- uses: http-download
  config: {url: SERVER/template, outPath: ./body}
- uses: http
  as: release
  config:
    method: POST
    url: SERVER/releases
    bodyFromFile: ./body
    onLostResult: LOST
    outputs: [{name: id, fromExpression: response.body.id}]
- uses: set-freight-alias
  config: {name: "${{ ctx.targetFreight.name }}", alias: "release-${{ outputs.release.id }}"}
- uses: set-metadata
  config: {updates: [{kind: Stage, name: dev, values: {release: "${{ outputs.release.id }}"}}]}
""")
LOOKUP = """lookup
          lookup: {url: SERVER/last, foundExpression: response.body.id == 7}"""
PLACES = ["http.intended=kill", "http.sent=kill", "engine.ran=kill@3", "engine.ran=kill@4"]


@dataclass
class Around:
    """What is outside of the process."""

    folder: Path
    server: WebServer
    app: GitRepository

    def prepare(self, lost: str) -> None:
        text = PIPELINE.replace("APP", self.app.url).replace("LOST", lost).replace("SERVER", self.server.url)
        self.folder.mkdir()
        (self.folder / "pipeline.yaml").write_text(text)

    async def killed_and_started(self, failpoint: str, *, lose_workspace: bool = False) -> str:
        """The phase in which the promotion ends."""
        killed = await asyncio.to_thread(start, self.folder, failpoint)
        assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
        if lose_workspace:
            shutil.rmtree(self.folder / "data" / "workspaces")
        return (await asyncio.to_thread(start, self.folder)).stdout.strip()

    @property
    def posts(self) -> list[Asked]:
        return [asked for asked in self.server.asked if asked.method == "POST"]


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    app = GitRepository.create(tmp_path / "app.git")
    app.commit({"main.py": "print('hello')"}, "First")
    json = {"content-type": "application/json"}
    answers = {
        "/template": [Answer(body=b"to be released")],
        "/releases": [Answer(201, orjson.dumps({"id": 7}), json)],
        "/last": [Answer(200, orjson.dumps({"id": 7}), json)],
    }
    async with WebServer(answers).serve() as server:
        yield Around(tmp_path / "system", server, app)


@pytest.mark.parametrize("failpoint", PLACES)
async def test_killed_at(around: Around, failpoint: str) -> None:
    around.prepare("retry")
    assert await around.killed_and_started(failpoint, lose_workspace=True) == "Succeeded"
    # Nobody can know whether a request arrived whose answer was lost: it is sent again, and says that it is the same.
    assert len(around.posts) == 1 + (failpoint == "http.sent=kill")
    assert {post.body for post in around.posts} == {b"to be released"}
    assert len({post.headers["idempotency-key"] for post in around.posts}) == 1
    async with running(settings_in(around.folder), "demo") as pipeline:
        (freight,) = await pipeline.list("Freight")
        stage = await pipeline.get("Stage", "dev")
        assert len(await pipeline.list("Promotion")) == 1
    assert (freight["alias"], stage["status"]["metadata"]) == ("release-7", {"release": 7})


async def test_a_request_in_doubt_fails_where_that_is_wanted(around: Around) -> None:
    around.prepare("fail")
    assert await around.killed_and_started("http.sent=kill") == "Failed"
    assert len(around.posts) == 1


async def test_a_request_in_doubt_is_looked_for(around: Around) -> None:
    around.prepare(LOOKUP)
    assert await around.killed_and_started("http.sent=kill") == "Succeeded"
    assert len(around.posts) == 1


async def test_what_is_downloaded_again_is_the_same_or_fails(around: Around) -> None:
    around.prepare("retry")
    around.server.answers["/template"] = [Answer(body=b"to be released"), Answer(body=b"something else")]
    phase = await around.killed_and_started("engine.recorded=kill@1", lose_workspace=True)
    assert (phase, around.posts) == ("Failed", [])
