"""What every measurement of promotions needs: a system that turns, and Stages to promote to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.testing.pipeline import Pipeline, running, settings_in
from bench.following import Following, following, settled

PROJECT = "bench"

HEAD = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: bench}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: bench}
spec:
  interval: 24h
  subscriptions:
  - git: {repoURL: SERVER/app.git, branch: main}
"""

STAGE = """
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: STAGE, namespace: bench}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: app}
    sources: {direct: true}
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config:
          repoURL: SERVER/REPOSITORY.git
          checkout: [{branch: BRANCH, path: ./tree}]
      - uses: yaml-update
        config:
          path: ./tree/FILE
          updates: [{key: image.tag, value: "${{ ctx.promotion }}"}]
      - uses: git-commit
        config: {path: ./tree, message: "${{ ctx.promotion }}"}
      - uses: git-push
        config: {path: ./tree}
"""

FILE = "apps/app-000/file-000.yaml"


@dataclass(frozen=True, slots=True)
class Around:
    """What every measurement needs: a folder, the server's URL, and a system that turns."""

    folder: Path
    server: str
    pipeline: Pipeline
    promotions: Following
    freight: str

    async def stage(self, name: str, repository: str, branch: str, file: str = FILE) -> None:
        """Declare a Stage that changes one value in a file of a branch."""
        given = {"SERVER": self.server, "STAGE": name, "REPOSITORY": repository, "BRANCH": branch, "FILE": file}
        text = STAGE
        for word, value in given.items():
            text = text.replace(word, value)
        await self.pipeline.apply(text)
        await settled(self.pipeline.system)

    async def promote(self, stage: str) -> float:
        """Promote once; the seconds from asking for it until it has succeeded."""
        start = time.perf_counter()
        await self.promotions.promote(stage, self.freight, project=PROJECT)
        return time.perf_counter() - start


@contextlib.asynccontextmanager
async def open_around(folder: Path, server: str) -> AsyncIterator[Around]:
    """A system with nothing cached yet, and Freight to promote."""
    folder.mkdir()
    async with running(settings_in(folder), PROJECT) as pipeline, following(pipeline.system) as promotions:
        await pipeline.apply(HEAD.replace("SERVER", server))
        found = await pipeline.until("Warehouse", "app", _has_freight)
        yield Around(folder, server, pipeline, promotions, found["status"]["lastFreightID"])


def _has_freight(warehouse: Mapping[str, Any]) -> bool:
    return bool((warehouse.get("status") or {}).get("lastFreightID"))
