"""A pipeline whose repositories are read and written over SSH, with the key of a Secret, by the whole system."""

from __future__ import annotations

from pathlib import Path

from argosy.testing.pipeline import running, settings_in
from argosy.testing.ssh_server import SshServer

PIPELINE = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
apiVersion: v1
kind: Secret
metadata:
  name: ssh
  namespace: demo
  labels: {kargo.akuity.io/cred-type: git}
stringData:
  repoURL: ADDRESS
  sshPrivateKey: PRIVATE
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: demo}
spec:
  interval: 1h
  subscriptions: [{git: {repoURL: "ADDRESS", branch: main}}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config: {repoURL: "ADDRESS", checkout: [{branch: env/dev, create: true, path: ./out}]}
      - uses: file-write
        config: {path: ./out/commit, contents: "${{ commitFrom('ADDRESS').ID }}"}
      - uses: git-commit
        config: {path: ./out, message: Promote}
      - uses: git-push
        config: {path: ./out}
"""


async def test_from_the_warehouse_to_the_branch(tmp_path: Path) -> None:
    async with SshServer(tmp_path / "served").serve() as server:
        app = server.create("app")
        commit = app.commit({"main.py": "print('hello')"}, "First")
        key = server.user().replace("\n", "\\n")
        text = PIPELINE.replace("ADDRESS", server.url_of("app")).replace("PRIVATE", f'"{key}"')
        async with running(settings_in(tmp_path / "system"), "demo") as pipeline:
            await pipeline.apply(text)
            await pipeline.until("Warehouse", "app", lambda item: bool((item.get("status") or {}).get("lastFreightID")))
            [freight] = await pipeline.list("Freight")
            status = await pipeline.finished(await pipeline.promote("dev", freight["metadata"]["name"]))
        assert status["phase"] == "Succeeded", status
        assert app.log("env/dev") == ["Promote", "Initial commit"]
        assert app.read("commit", "env/dev") == commit
        # The first host key that was shown is kept.
        assert (tmp_path / "system" / "data" / "host-keys" / "127.0.0.1").read_text() == server.known_hosts
