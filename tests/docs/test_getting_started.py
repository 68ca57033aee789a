"""The pipeline of the page that newcomers follow does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from argosy.clients.oci import Target
from argosy.rules.image_url import parse
from argosy.testing.git_repository import GitRepository
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.pipeline import running, settings_in
from argosy.testing.registry import Registry

PAGE = Path(__file__).parents[2] / "docs" / "getting-started.md"


async def test_the_pipeline_promotes_to_dev_by_itself_and_to_prod_when_told(tmp_path: Path) -> None:
    pipeline, login = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    repository = GitRepository.create(tmp_path / "config.git")
    repository.commit({f"{stage}/values.yaml": 'image:\n  tag: "0"  # ours\n' for stage in ("dev", "prod")})
    async with Registry().serve() as registry, connected() as oci, running(settings_in(tmp_path), "shop") as system:
        image = f"{registry.host}/acme/shop"
        await push_image(oci, Target(parse(image)), "1.10.0", NewImage(content="one"))
        text = pipeline.replace("registry.example.com/acme/shop", image)
        await system.apply(text.replace("https://git.example.com/acme/config.git", repository.url))
        await system.apply(login)

        dev = await system.until("Stage", "dev", lambda stage: bool(stage.get("status", {}).get("freightHistory")))
        assert repository.read("dev/values.yaml") == 'image:\n  tag: "1.10.0"  # ours'
        (freight,) = dev["status"]["freightHistory"][0]["items"].values()
        await system.until("Freight", freight["name"], lambda item: "dev" in item["status"].get("verifiedIn", {}))
        assert repository.read("prod/values.yaml") == 'image:\n  tag: "0"  # ours'

        status = await system.finished(await system.promote("prod", freight["name"]))
        assert status["phase"] == "Succeeded", status
        assert repository.read("prod/values.yaml") == 'image:\n  tag: "1.10.0"  # ours'
        assert repository.log()[:2] == ["Updated ./config/prod/values.yaml", "Updated ./config/dev/values.yaml"]
