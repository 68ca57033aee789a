"""Every step has a reference page that follows from its code, and the example on it does what it says."""

from __future__ import annotations

import re
import tarfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.step_docs import FOLDER, updated
from tools.step_docs import index as listed

from argosy.clients.oci import Target
from argosy.errors import Failed
from argosy.expressions import render_value
from argosy.rules.image_url import parse
from argosy.steps.base import Done
from argosy.steps.catalogue import STEPS
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.helm import chart_files
from argosy.testing.image_push import push_image
from argosy.testing.registry import Registry
from argosy.testing.web_server import Answer, WebServer

FILES = {
    "charts/app/Chart.yaml": "",
    "charts/app/README.md": "",
    "charts/app/tests/t": "",
    "out/old.yaml": "",
    "out/tests/t": "",
    "out/docs/a.md": "",
    "out/kept": "",
    "values.yaml": "image:\n  tag: v1 # by Argosy\ncontainers:\n- replicas: 1\n",
    "qa/values.yaml": "image: {tag: v9}\n",
    "config.json": '{"image": {"tag": "v1"}, "services": [{"port": 80}]}\n',
    "settings.toml": '[package]\nversion = "v1" # by Argosy\n',
    **{f"site/{path}": content for path, content in chart_files("site", "2.0.0").items()},
    "site/test-values.yaml": "greeting: hi\n",
    "suite/Chart.yaml": "apiVersion: v2\nname: suite\nversion: 1.0.0\n"
    "dependencies:\n- name: site\n  version: 1.0.0 # ours\n  repository: file://../site\n",
    "base/app.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\n"
    "spec: {containers: [{name: app, image: registry.example.com/app}]}\n",
    "base/kustomization.yaml": "resources: [app.yaml]\nimages:\n"
    "- name: registry.example.com/app\n  newTag: v1 # ours\n",
    "main.tf": 'image_uri = "registry.example.com/app:v1"\n'
    'resource "aws_lambda_function" "app" {\n  memory_size = 128\n}\n',
}


def below(ctx: FakeContext, folder: str) -> list[str]:
    root = ctx.tree.root / folder
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def copied(ctx: FakeContext, repo: GitRepository) -> None:
    assert "Chart.yaml" in below(ctx, "out")
    assert "README.md" not in below(ctx, "out")


def deleted(ctx: FakeContext, repo: GitRepository) -> None:
    assert below(ctx, "out") == ["kept"]


def written(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("out/VERSION") == "v2"


def yaml_updated(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("values.yaml") == "image:\n  tag: v2 # by Argosy\ncontainers:\n- replicas: 3\n"


def json_parsed(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["config"] == {"tag": "v1", "ports": [80]}


def yaml_parsed(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["values"] == {"tag": "v1", "replicas": 1}


def toml_parsed(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["settings"] == {"version": "v1"}


def json_updated(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("config.json") == '{"image": {"tag": "v2"}, "services": [{"port": 8080}]}\n'


def toml_updated(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("settings.toml") == '[package]\nversion = "v2" # by Argosy\n'


def hcl_updated(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("main.tf") == FILES["main.tf"].replace("app:v1", "app:v2").replace("128", "256")


def yaml_merged(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("out/values.yaml") == "image:\n  tag: v9 # by Argosy\ncontainers:\n- replicas: 1\n"


def packed(ctx: FakeContext, repo: GitRepository) -> None:
    with tarfile.open(ctx.tree.root / "out/app.tar.gz", "r:gz") as archive:
        assert archive.getnames() == ["Chart.yaml"]


def unpacked(ctx: FakeContext, repo: GitRepository) -> None:
    assert below(ctx, "unpacked") == ["Chart.yaml", "README.md"]


def sent(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["release"] == {"id": 7}


def downloaded(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("schemas/app.json") == '{"title": "app"}'


def tagged(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["tag"]["tag"] == "prod"


def fetched(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.tree.read("out/layer.tar.gz")[:2] == b"\x1f\x8b"


def renamed(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.aliases == {"c0ffee": "v2"}


def composed(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["release"] == {"version": "v2", "page": "https://example.com/releases/v2"}


def cloned(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("src/values.yaml") == FILES["values.yaml"]
    assert repo.log("env/test") == ["Initial commit"]


def cleared(ctx: FakeContext, repo: GitRepository) -> None:
    assert below(ctx, "out") == []


def committed(ctx: FakeContext, repo: GitRepository) -> None:
    assert len(str(ctx.outputs["commit"]["commit"])) == 40
    assert ctx.outputs["commit"]["commit"] != repo.head()


def pushed(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.outputs["push"] == {"branch": "env/test", "commit": repo.head("env/test")}
    assert repo.read("VERSION", "env/test") == "v2"


def helm_rendered(ctx: FakeContext, repo: GitRepository) -> None:
    assert below(ctx, "rendered") == ["configmap-web-site.yaml"]
    assert 'greeting: "v2"' in ctx.read("rendered/configmap-web-site.yaml")


def helm_updated(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("suite/Chart.yaml") == FILES["suite/Chart.yaml"].replace("1.0.0 # ours", "2.0.0 # ours")
    assert below(ctx, "suite/charts") == ["site-2.0.0.tgz"]
    assert ctx.outputs["update"] == {"commitMessage": "Updated chart dependencies for suite\n\n- site: 2.0.0"}


def kustomize_built(ctx: FakeContext, repo: GitRepository) -> None:
    assert "image: registry.example.com/app:v1" in ctx.read("out/pod-app.yaml")


def image_set(ctx: FakeContext, repo: GitRepository) -> None:
    assert ctx.read("base/kustomization.yaml") == FILES["base/kustomization.yaml"].replace("v1", "v2")


def git_tagged(ctx: FakeContext, repo: GitRepository) -> None:
    assert repo.read("VERSION", "v2") == "v2"
    assert repo.git("cat-file", "-t", "v2") == "tag"


def nothing(ctx: FakeContext, repo: GitRepository) -> None:
    """What the step does is outside of what a page's example can show."""


CHECKS: dict[str, Callable[[FakeContext, GitRepository], None]] = {
    "argocd-update": nothing,
    "argocd-wait": nothing,
    "compose-output": composed,
    "copy": copied,
    "delete": deleted,
    "fail": nothing,
    "file-write": written,
    "flux-reconcile": nothing,
    "flux-wait": nothing,
    "git-clear": cleared,
    "git-clone": cloned,
    "git-commit": committed,
    "git-push": pushed,
    "git-tag": git_tagged,
    "hcl-update": hcl_updated,
    "http": sent,
    "http-download": downloaded,
    "helm-template": helm_rendered,
    "helm-update-chart": helm_updated,
    "json-parse": json_parsed,
    "json-update": json_updated,
    "kubernetes-wait": nothing,
    "kustomize-build": kustomize_built,
    "kustomize-set-image": image_set,
    "oci-download": fetched,
    "oci-push": tagged,
    "set-freight-alias": renamed,
    "set-metadata": nothing,
    "tar": packed,
    "toml-parse": toml_parsed,
    "toml-update": toml_updated,
    "untar": unpacked,
    "yaml-merge": yaml_merged,
    "yaml-parse": yaml_parsed,
    "yaml-update": yaml_updated,
}


def page(name: str) -> str:
    path = FOLDER / f"{name}.md"
    assert path.exists(), f"write docs/reference/steps/{name}.md"
    return path.read_text()


def test_every_page_is_of_a_step() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {*STEPS, "index"}


def test_every_step_is_listed() -> None:
    assert (FOLDER / "index.md").read_text() == listed(), "run `python tools/step_docs.py`"


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_page_follows_from_the_step(name: str) -> None:
    text = page(name)
    assert text.startswith(f"# `{name}`\n")
    assert updated(text, STEPS[name]) == text, "run `python tools/step_docs.py`"


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_field_is_described(name: str) -> None:
    for line in page(name).splitlines():
        if line.startswith("| `"):
            assert not line.endswith("|  |"), line


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    """What examples send requests to."""
    answers = {"/releases": [Answer(201, b'{"id": 7}')], "/schema.json": [Answer(200, b'{"title": "app"}')]}
    async with WebServer(answers).serve() as running:
        yield running


@pytest.fixture
async def image(ctx: FakeContext) -> AsyncIterator[str]:
    """An image repository with the version v2."""
    async with Registry().serve() as registry:
        repository = f"{registry.host}/acme/app"
        await push_image(ctx.oci, Target(parse(repository)), "v2")
        yield repository


@pytest.mark.parametrize("name", sorted(STEPS))
async def test_the_example_of_a_page_runs(
    name: str, tmp_path: Path, server: WebServer, image: str, ctx: FakeContext
) -> None:
    repo = GitRepository.create(tmp_path / "repo.git")
    repo.commit({"values.yaml": FILES["values.yaml"]})
    example = re.search(r"## Example\n\n```yaml\n(.*?)```", page(name), re.DOTALL)
    assert example is not None
    steps: list[dict[str, Any]] = yaml.safe_load(example[1])["steps"]
    assert name in [step["uses"] for step in steps]
    if "git-" not in name:
        ctx.write(FILES)
    variables = {"server": server.url, "image": image, "repo": repo.url, "version": "v2", "freight": "c0ffee"}
    ctx.aliases = {"c0ffee": "brave-crab"}
    for index, step in enumerate(steps):
        scope = {"vars": variables, "outputs": dict(ctx.outputs), "ctx": {"stage": "test"}}
        config = await render_value(step["config"], scope, {})
        if name == "fail":
            with pytest.raises(Failed, match="there is no version"):
                await ctx.run(STEPS[name], config)
            continue
        outcome = await ctx.run(STEPS[step["uses"]], config)
        assert isinstance(outcome, Done)
        ctx.outputs = {**ctx.outputs, step.get("as", f"step-{index + 1}"): outcome.outputs}
    CHECKS[name](ctx, repo)
