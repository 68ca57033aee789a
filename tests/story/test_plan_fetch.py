"""A plan whose steps fetch charts and bases over the network: it shows what is then pushed, and only reads anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.story.plan_case import promoting_code

from argosy.api.plan import Plans
from argosy.clients.oci import OCI_MANIFEST
from argosy.resources.meta import Key
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer
from argosy.testing.helm import ChartRepository, chart_archive, chart_files, helm
from argosy.testing.kubectl import PROGRAM
from argosy.testing.pipeline import Pipeline, running, settings_in
from argosy.testing.proxy import Proxy
from argosy.testing.registry import Registry
from argosy.testing.tls import make_identity, tls_front

HOST = "bases.example.test"
USERS = {"robot": "s3cret-w0rd"}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SECRETS = """
apiVersion: v1
kind: Secret
metadata: {name: charts, namespace: demo, labels: {kargo.akuity.io/cred-type: helm}}
stringData: {repoURL: "127\\\\.0\\\\.0\\\\.1", repoURLIsRegex: "true", username: robot, password: s3cret-w0rd}
---
"""
PIPELINE = promoting_code(
    SECRETS,
    """
      - uses: git-clear
        config: {path: ./out}
      - uses: helm-update-chart
        config: {path: src/suite, charts: [{repository: REGISTRY, name: db, version: 2.0.0}]}
      - uses: copy
        config: {inPath: ./src/suite, outPath: ./out/suite}
      - uses: helm-template
        config: {path: src/site, releaseName: mine, outPath: out/site.yaml, buildDependencies: true}
      - uses: kustomize-build
        config: {path: src/overlay, outPath: out/overlay.yaml}
      - uses: git-commit
        config: {path: ./out, message: prod}
      - uses: git-push
        config: {path: ./out}
""",
)


@dataclass
class Around:
    """The system, the repositories that it may read, and what they were asked."""

    pipeline: Pipeline
    code: GitRepository
    git: GitServer
    bases: GitServer
    registry: Registry
    charts: ChartRepository


@pytest.fixture
async def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Around]:
    for name in ("git", "bases"):
        (tmp_path / name).mkdir()
    for name in ("HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    git, bases, charts = (
        GitServer(tmp_path / "git"),
        GitServer(tmp_path / "bases"),
        ChartRepository(user="robot", password=USERS["robot"]),
    )
    base = {"app/kustomization.yaml": "resources: [map.yaml]\n", "app/map.yaml": _config_map("from-a-base")}
    bases.create("base").commit(base, "Base")
    charts.add("cache", "1.0.0")
    identity = make_identity(tmp_path, HOST)
    async with AsyncExitStack() as stack:
        for server in (git, bases, charts):
            await stack.enter_async_context(server.serve())
        registry = await stack.enter_async_context(Registry(auth="basic", users=USERS).serve())
        for version in ("1.0.0", "2.0.0"):
            put_chart(registry, "charts/db", version, chart_archive("db", version))
        proxy = Proxy({HOST: await stack.enter_async_context(tls_front(bases.url, identity))})
        await stack.enter_async_context(proxy.serve())
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(identity.certificate))
        code = git.create("code")
        code.commit(sources(f"oci://{registry.host}/charts", charts.url), "First")
        settings = settings_in(tmp_path, kustomize=str(PROGRAM), helm=str(helm(3)))
        pipeline = await stack.enter_async_context(running(settings, "demo"))
        text = PIPELINE.replace("CODE", git.url_of("code")).replace("REGISTRY", f"oci://{registry.host}/charts")
        await pipeline.apply(text)
        yield Around(pipeline, code, git, bases, registry, charts)


def _config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


def put_chart(registry: Registry, name: str, version: str, archive: bytes) -> None:
    described = []
    for kind, content in (("config.v1+json", b"{}"), ("chart.content.v1.tar+gzip", archive)):
        digest = registry.content.put_blob(name, content)
        described.append({"mediaType": f"application/vnd.cncf.helm.{kind}", "digest": digest, "size": len(content)})
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described[0], "layers": described[1:]}
    registry.content.put_manifest(name, version, OCI_MANIFEST, orjson.dumps(manifest))


def sources(registry: str, charts: str) -> dict[str, str]:
    """A chart that depends on a registry, one that depends on a server, and an overlay of a base elsewhere."""
    suite, site = (chart_files(name, "0.1.0") for name in ("suite", "site"))
    suite["Chart.yaml"] += f"dependencies:\n- {{name: db, version: 1.0.0, repository: '{registry}'}}\n"
    site["Chart.yaml"] += f"dependencies:\n- {{name: cache, version: ^1, repository: '{charts}'}}\n"
    folders = {"suite": suite, "site": site}
    files = {f"{folder}/{path}": text for folder, chart in folders.items() for path, text in chart.items()}
    return {**files, "overlay/kustomization.yaml": f"resources: ['https://{HOST}/base.git//app?ref=main']\n"}


async def freight(pipeline: Pipeline) -> str:
    found = await pipeline.until(
        "Warehouse", "code", lambda each: bool((each.get("status") or {}).get("lastFreightID"))
    )
    return str(found["status"]["lastFreightID"])


def pushed(plan: Mapping[str, Any]) -> str:
    (step,) = [step for step in plan["steps"] if step["uses"] == "git-push"]
    return str(step["changes"][0]["diff"])


def comparable(diff: str) -> list[str]:
    """Without what another moment changes: the time in a lock file, and so the names of its contents."""
    return [line for line in diff.splitlines() if not line.startswith(("index ", "+generated: "))]


async def test_a_plan_shows_what_charts_and_bases_from_elsewhere_become_and_only_reads(around: Around) -> None:
    name, before = await freight(around.pipeline), around.code.git("for-each-ref")
    plans = Plans(around.pipeline.system.store, around.pipeline.system.planner)
    plan = await plans.plan(Key("Stage", "demo", "prod"), {"freight": name})
    assert (plan["phase"], plan["message"]) == ("Succeeded", "")
    assert around.code.git("for-each-ref") == before
    assert not [line for line in (*around.git.requests, *around.bases.requests) if "receive-pack" in line]
    assert {line.partition(" ")[0] for line in around.registry.requests} <= {"GET", "HEAD"}
    assert around.registry.count("charts/db/blobs") > 0
    assert "/charts/cache-1.0.0.tgz" in [path for path, _ in around.charts.seen]
    assert around.bases.requests
    assert list((around.pipeline.system.settings.data / "plans").iterdir()) == []
    assert "s3cret" not in str(plan)

    diff = pushed(plan)
    for line in ("+- {name: db, version: 2.0.0, repository", "+  name: mine-cache", "+  name: from-a-base"):
        assert line in diff
    promotion = await around.pipeline.promote("prod", name)
    assert (await around.pipeline.finished(promotion))["phase"] == "Succeeded"
    real = around.code.git("diff", EMPTY_TREE, "stage/prod")
    assert comparable(diff) == comparable(real)
    packed = around.code.git("rev-parse", "stage/prod:suite/charts/db-2.0.0.tgz").strip()
    content = chart_archive("db", "2.0.0")
    assert packed == hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
