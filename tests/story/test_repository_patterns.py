"""The layouts and storage options of Kargo's user guide: what is read and written, and that no loop comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rules.pipeline_case import Raw, request, stage, warehouse
from tests.story.world import World, auto, world

from argosy.testing.git_repository import GitRepository

PUSH: tuple[Raw, ...] = (
    {"uses": "git-commit", "config": {"path": "./out", "message": "${{ ctx.stage }}"}},
    {"uses": "git-push", "config": {"path": "./out"}},
)
CLEAR: Raw = {"uses": "git-clear", "config": {"path": "./out"}}


@pytest.fixture
async def around(tmp_path: Path, kept: str) -> AsyncIterator[World]:
    async with world(tmp_path, store=kept) as made:
        yield made


def clone(url: str, *checkout: Raw) -> Raw:
    return {"uses": "git-clone", "config": {"repoURL": url, "checkout": list(checkout)}}


def of_freight(url: str) -> Raw:
    return {"commit": "${{ commitFrom('" + url + "').ID }}", "path": "./src"}


OWN_BRANCH: Raw = {"branch": "stage/${{ ctx.stage }}", "create": True, "path": "./out"}


def git(name: str, url: str, **filters: list[str]) -> Raw:
    return warehouse(name, {"git": {"repoURL": url, "branch": "main", **filters}}, interval="1s")


def chart(name: str, *stages: str) -> dict[str, str]:
    """A chart with values for every stage, beside each other."""
    config_map = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
        'data:\n  tag: {{ .Values.image.tag | quote }}\n  replicas: "{{ .Values.replicas }}"\n'
    )
    files = {
        f"{name}/Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n",
        f"{name}/templates/config.yaml": config_map,
        f"{name}/values.yaml": "image: {tag: none}\nreplicas: 1\n",
    }
    overrides = {f"{name}/stages/{each}/values.yaml": f"replicas: {len(each)}\n" for each in stages}
    return {**files, **overrides}


def kustomization(name: str, level: int, *stages: str) -> dict[str, str]:
    """A base and overlays for every stage."""
    content = f'apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{level: "{level}"}}\n'
    overlay = "resources: [../../base]\nnamespace: "
    return {
        f"{name}/base/app.yaml": content,
        f"{name}/base/kustomization.yaml": "resources: [app.yaml]\n",
        **{f"{name}/stages/{each}/kustomization.yaml": f"{overlay}{each}\n" for each in stages},
    }


async def test_a_chart_with_values_for_every_stage_is_rendered_to_plain_yaml(around: World) -> None:
    repository = around.git.create("app")
    first = repository.commit(chart("guestbook", "test", "prod"))
    url, image = around.git.url_of("app"), around.image("web")
    steps: tuple[Raw, ...] = (
        clone(url, of_freight(url), OWN_BRANCH),
        CLEAR,
        {
            "uses": "helm-template",
            "config": {
                "path": "./src/guestbook",
                "outPath": "./out/guestbook.yaml",
                "releaseName": "guestbook",
                "valuesFiles": ["./src/guestbook/stages/${{ ctx.stage }}/values.yaml"],
                "setValues": [{"key": "image.tag", "value": "${{ imageFrom('" + image + "').Tag }}"}],
            },
        },
        *PUSH,
    )
    await around.push("web", "1.0.0")
    both = ({"image": {"repoURL": image}}, {"git": {"repoURL": url}})
    await around.create(
        auto("test", "prod"),
        warehouse("w", *both, interval="1s"),
        stage("test", request("w"), steps=steps),
        stage("prod", request("w", stages=["test"]), steps=steps),
    )
    freight = await around.freight("w", "1.0.0", first)
    for name in ("test", "prod"):
        await around.arrived(name, freight)
        rendered = repository.read("guestbook.yaml", f"stage/{name}")
        assert 'tag: "1.0.0"' in rendered
        assert 'replicas: "4"' in rendered
        assert "{{" not in rendered


async def test_a_monorepo_gives_each_application_only_its_own_changes(around: World) -> None:
    repository = around.git.create("mono")
    first = repository.commit({**kustomization("guestbook", 1, "test"), **kustomization("portal", 1, "test")})
    url = around.git.url_of("mono")
    await around.create(
        git("guestbook", url, includePaths=["guestbook"]),
        git("portal", url, includePaths=["glob:portal/**"], excludePaths=["portal/stages"]),
        _renders("guestbook-test", "guestbook", url),
        _renders("portal-test", "portal", url),
    )
    await around.freight("guestbook", first)
    await around.freight("portal", first)
    second = repository.commit(kustomization("portal", 2))
    third = repository.commit({"portal/stages/test/kustomization.yaml": "resources: [../../base]\nnamespace: new\n"})
    fourth = repository.commit(kustomization("guestbook", 2))
    guestbook, portal = await around.freight("guestbook", fourth), await around.freight("portal", second)
    assert third not in str(await around.pipeline.get("Warehouse", "portal"))
    await around.promote("guestbook-test", guestbook)
    await around.promote("portal-test", portal)
    assert _level(repository, "guestbook.yaml", "stage/guestbook-test") == "2"
    assert _level(repository, "portal.yaml", "stage/portal-test") == "2"
    assert len(await around.pipeline.list("Freight", origin__name="portal")) == 2


async def test_writing_back_to_main_makes_no_loop(around: World) -> None:
    repository = around.git.create("mono")
    source = {f"src/{path}": content for path, content in kustomization("app", 1, "test", "prod").items()}
    first = repository.commit(source)
    url = around.git.url_of("mono")
    steps: tuple[Raw, ...] = (
        clone(url, of_freight(url), {"branch": "main", "path": "./out"}),
        {"uses": "delete", "config": {"path": "./out/builds/app/${{ ctx.stage }}"}},
        _build("./src/src/app/stages/${{ ctx.stage }}", "./out/builds/app/${{ ctx.stage }}/all.yaml"),
        *PUSH,
    )
    await around.create(
        auto("test", "prod"),
        git("w", url, excludePaths=["builds"]),
        stage("test", request("w"), steps=steps),
        stage("prod", request("w", stages=["test"]), steps=steps),
    )
    freight = await around.freight("w", first)
    await around.arrived("prod", freight)
    assert repository.log() == ["prod", "test", "Change"]
    second = repository.commit({"src/app/base/app.yaml": source["src/app/base/app.yaml"].replace('"1"', '"2"')})
    await around.arrived("prod", await around.freight("w", second))
    assert repository.log() == ["prod", "test", "Change", "prod", "test", "Change"]
    assert _level(repository, "builds/app/prod/all.yaml", "main") == "2"
    assert len(await around.pipeline.list("Freight")) == 2


async def test_what_was_rendered_may_go_to_a_repository_of_its_own(around: World) -> None:
    source, target = around.git.create("source"), around.git.create("target")
    first = source.commit(kustomization("app", 1, "test"))
    target.commit({"README.md": "What runs where.\n"})
    url = around.git.url_of("source")
    steps: tuple[Raw, ...] = (
        clone(url, of_freight(url)),
        clone(around.git.url_of("target"), {"branch": "main", "path": "./out"}),
        _build("./src/app/stages/test", "./out/test/app.yaml"),
        *PUSH,
    )
    await around.create(git("w", url), stage("test", request("w"), steps=steps))
    await around.promote("test", await around.freight("w", first))
    assert target.files() == ["README.md", "test/app.yaml"]
    assert source.head() == first


def _renders(name: str, app: str, url: str) -> Raw:
    build = _build(f"./src/{app}/stages/test", f"./out/{app}.yaml")
    return stage(name, request(app), steps=(clone(url, of_freight(url), OWN_BRANCH), CLEAR, build, *PUSH))


def _build(path: str, out: str) -> Raw:
    return {"uses": "kustomize-build", "config": {"path": path, "outPath": out}}


def _level(repository: GitRepository, path: str, revision: str) -> str:
    return repository.read(path, revision).partition('level: "')[2].partition('"')[0]
