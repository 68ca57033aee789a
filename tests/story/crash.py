"""What the stories of crashes share: a Stage that promotes by itself, and a process that is killed at a failpoint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: demo, namespace: demo}
spec:
  promotionPolicies: [{stageSelector: {name: dev}, autoPromotionEnabled: true}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: demo}
spec:
  interval: 1h
  subscriptions: [{git: {repoURL: APP, branch: main}}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps:
"""


def promoting(steps: str) -> str:
    """Manifests of a Stage `dev` that runs `steps`, a list in YAML, for each commit to the repository `APP`."""
    return _PIPELINE + "".join(f"      {line}\n" for line in steps.strip().splitlines())


def start(folder: Path, failpoints: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the system on a folder until its promotion has ended, or a failpoint kills it; it prints the phase."""
    command = [sys.executable, "-m", "tests.story.program", str(folder)]
    variables = {**os.environ, "ARGOSY_FAILPOINTS": failpoints, **environment}
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, timeout=120, check=False)
