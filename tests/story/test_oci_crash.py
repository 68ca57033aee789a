"""The process is killed around a push to a registry: the artifact that was chosen first gets its tag, once."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from tests.story.crash import promoting, start

from argosy.clients.oci import Target
from argosy.rules.image_url import parse
from argosy.testing.git_repository import GitRepository
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.registry import Registry

PIPELINE = promoting("""
- uses: oci-push
  config: {srcRef: "REGISTRY/app:edge", destRef: "REGISTRY/prod:1.0.0"}
""")


@pytest.mark.parametrize("failpoint", ["oci-push.intended=kill", "oci-push.pushed=kill", "engine.ran=kill@1"])
async def test_killed_at(tmp_path: Path, failpoint: str) -> None:
    app = GitRepository.create(tmp_path / "app.git")
    app.commit({"main.py": "print('hello')"}, "First")
    folder = tmp_path / "system"
    folder.mkdir()
    async with Registry().serve() as registry, connected() as oci:
        source = Target(parse(f"{registry.host}/app"))
        chosen = await push_image(oci, source, "edge", NewImage(content="first"))
        text = PIPELINE.replace("APP", app.url).replace("REGISTRY", registry.host)
        (folder / "pipeline.yaml").write_text(text)
        killed = await asyncio.to_thread(start, folder, failpoint)
        assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
        await push_image(oci, source, "edge", NewImage(content="moved meanwhile"))
        assert (await asyncio.to_thread(start, folder)).stdout.strip() == "Succeeded"
        assert await oci.digest(Target(parse(f"{registry.host}/prod")), "1.0.0") == chosen
        assert registry.requests.count("PUT /v2/prod/manifests/1.0.0") == 1
