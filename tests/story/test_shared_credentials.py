"""One Secret that all Projects share opens repositories of every kind; their own come first; passwords rotate."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.login import Login
from argosy.clients.oci import Target
from argosy.resources.meta import Key
from argosy.rules.image_url import parse
from argosy.testing.git_server import GitServer
from argosy.testing.helm import ChartRepository
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.pipeline import Pipeline, running, settings_in
from argosy.testing.registry import Registry

USER, FIRST, SECOND = "robot", "first-password", "second-password"
SHARED, PROJECT = "kargo-shared-resources", "demo"
MANIFESTS = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: demo}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: all, namespace: demo}
spec:
  interval: 1s
  subscriptions:
  - git: {repoURL: "GIT/app.git"}
  - image: {repoURL: IMAGES/app}
  - chart: {repoURL: "CHARTS", name: app}
  - chart: {repoURL: "oci://IMAGES/app"}
"""


@dataclass
class Private:
    """Servers that let in one user, who has one password everywhere."""

    git: GitServer
    registry: Registry
    charts: ChartRepository

    def change_password(self, password: str) -> None:
        self.git.users = {USER: password}
        self.registry.users = {USER: password}
        self.registry.tokens.clear()
        self.charts.user, self.charts.password = USER, password

    def secrets(self, namespace: str, password: str) -> list[dict[str, Any]]:
        """One for each kind of repository: two by an expression, and the name of a registry's repository as it is."""
        return [
            _secret(namespace, "git", password, repoURL=r"^http://127\.0\.0\.1:\d+/", repoURLIsRegex="true"),
            _secret(namespace, "image", password, repoURL=f"{self.registry.host}/app"),
            _secret(namespace, "helm", password, repoURL=r"127\.0\.0\.1", repoURLIsRegex="true"),
        ]


@pytest.fixture
async def private(tmp_path: Path) -> AsyncIterator[Private]:
    async with AsyncExitStack() as stack:
        git = await stack.enter_async_context(GitServer(tmp_path / "git").serve())
        git.create("app").commit({"a": "1"})
        registry = await stack.enter_async_context(Registry(auth="token").serve())
        charts = await stack.enter_async_context(ChartRepository().serve())
        charts.add("app", "1.0.0")
        made = Private(git, registry, charts)
        made.change_password(FIRST)
        async with connected() as oci:
            await push_image(oci, Target(parse(f"{registry.host}/app"), Login(USER, FIRST)), "1.0.0", NewImage())
        yield made


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with running(settings_in(tmp_path), PROJECT) as pipeline:
        yield pipeline


async def test_shared_secrets_open_everything_and_are_read_anew_for_each_look(
    pipeline: Pipeline, private: Private
) -> None:
    for secret in private.secrets(SHARED, FIRST):
        await pipeline.system.store.create(secret)
    manifests = MANIFESTS.replace("GIT", private.git.url).replace("IMAGES", private.registry.host)
    await pipeline.apply(manifests.replace("CHARTS", private.charts.url))
    found = await pipeline.until("Warehouse", "all", _is_well)
    freight = await pipeline.get("Freight", found["status"]["lastFreightID"])
    assert [len(freight[part]) for part in ("commits", "images", "charts")] == [1, 1, 2]

    private.change_password(SECOND)
    await pipeline.until("Warehouse", "all", lambda item: not _is_well(item))
    for secret in private.secrets(SHARED, SECOND):
        key = Key("Secret", SHARED, secret["metadata"]["name"])
        await pipeline.system.store.patch(key, {"data": secret["data"]})
    await pipeline.until("Warehouse", "all", _is_well)

    # A Project's own Secrets come first, even when they are wrong.
    for secret in private.secrets(PROJECT, "mistyped"):
        await pipeline.system.store.create(secret)
    told = await pipeline.until("Warehouse", "all", lambda item: not _is_well(item))
    assert "credentials Secret" in str(told["status"]["conditions"])
    for secret in private.secrets(PROJECT, ""):
        await pipeline.system.store.delete(Key("Secret", PROJECT, secret["metadata"]["name"]))
    await pipeline.until("Warehouse", "all", _is_well)


def _secret(namespace: str, kind: str, password: str, **values: str) -> dict[str, Any]:
    values = {"username": USER, "password": password, **values}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": kind, "namespace": namespace, "labels": {"kargo.akuity.io/cred-type": kind}},
        "data": {name: b64encode(value.encode()).decode() for name, value in values.items()},
    }


def _is_well(warehouse: Mapping[str, Any]) -> bool:
    conditions = {each["type"]: each["status"] for each in (warehouse.get("status") or {}).get("conditions", ())}
    return conditions.get("Healthy") == "True"
