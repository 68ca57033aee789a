"""Kustomizations are rendered by the real kustomize within kubectl, and with charts by the real helm."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.clients.kustomize import Kustomize
from argosy.clients.renderer import Bounds
from argosy.errors import Failed, Permanent, Temporary
from argosy.rules.manifest_name import kustomize_names, manifests
from argosy.steps.base import Done
from argosy.steps.kustomize_build import STEP
from argosy.testing.context import FakeContext
from argosy.testing.git_server import GitServer
from argosy.testing.helm import ChartRepository, chart_files, helm
from argosy.testing.kubectl import PROGRAM
from argosy.testing.tls import make_identity, tls_front
from argosy.testing.web_server import Answer, WebServer

APP = """apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: prod}
spec: {template: {spec: {containers: [{name: app, image: app}]}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: prod}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data: {note: "a --- b"}
"""
BASE = {"base/kustomization.yaml": "resources: [app.yaml]\nimages: [{name: app, newTag: v2}]\n", "base/app.yaml": APP}


@pytest.fixture(autouse=True)
def base(ctx: FakeContext) -> None:
    ctx.write(BASE)


def reference(ctx: FakeContext, *flags: str) -> str:
    argv = [str(PROGRAM), "kustomize", str(ctx.tree.root / "base"), *flags]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout


def names(ctx: FakeContext, folder: str = "out") -> list[str]:
    return sorted(path.name for path in (ctx.tree.root / folder).iterdir())


async def test_a_file_holds_what_kustomize_writes(ctx: FakeContext) -> None:
    assert await ctx.run(STEP, {"path": "./base", "outPath": "./out/all.yaml"}) == Done()
    assert ctx.read("out/all.yaml") == reference(ctx)
    assert "image: app:v2" in ctx.read("out/all.yaml")


async def test_a_folder_holds_a_file_for_each_object(ctx: FakeContext) -> None:
    assert await ctx.run(STEP, {"path": "base", "outPath": "out"}) == Done()
    assert names(ctx) == ["configmap-app.yaml", "namespace-prod.yaml", "prod-deployment-app.yaml"]
    assert ctx.read("out/configmap-app.yaml").startswith("apiVersion: v1\ndata:\n  note: a --- b\nkind: ConfigMap\n")


async def test_files_of_the_format_kustomize_are_those_that_kustomize_writes(ctx: FakeContext, tmp_path: Path) -> None:
    ctx.write({"base/app.yaml": APP.replace("{name: app}", "{name: app, namespace: qa}")})
    await ctx.run(STEP, {"path": "base", "outPath": "out", "outputFormat": "kustomize"})
    (tmp_path / "reference").mkdir()
    reference(ctx, "-o", str(tmp_path / "reference"))
    written = {path.name: path.read_text() for path in (tmp_path / "reference").iterdir()}
    assert names(ctx) == ["prod_apps_v1_deployment_app.yaml", "qa_v1_configmap_app.yaml", "v1_namespace_prod.yaml"]
    assert {name: ctx.read(f"out/{name}") for name in names(ctx)} == written


async def test_two_objects_of_one_file_name_are_told(ctx: FakeContext) -> None:
    ctx.write({"base/app.yaml": "".join(f"---\napiVersion: {v}/v1\nkind: X\nmetadata: {{name: a}}\n" for v in "ab")})
    outcome = await ctx.run(STEP, {"path": "base", "outPath": "out"})
    assert isinstance(outcome, Done)
    assert "only the last of each was written: x-a.yaml" in outcome.warning
    assert "b/v1" in ctx.read("out/x-a.yaml")


async def test_files_of_the_whole_workspace_may_be_used(ctx: FakeContext) -> None:
    ctx.write(
        {
            "shared/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, namespace: prod}\n"
            "spec: {replicas: 3}\n",
            "overlay/kustomization.yaml": "resources: [../base]\npatches: [{path: ../shared/patch.yaml}]\n",
        }
    )
    await ctx.run(STEP, {"path": "overlay", "outPath": "out.yaml"})
    assert "replicas: 3" in ctx.read("out.yaml")
    ctx.kustomize = replace(ctx.kustomize, confined=False)
    with pytest.raises(Permanent, match="is not in or below"):
        await ctx.run(STEP, {"path": "overlay", "outPath": "out.yaml"})


@pytest.mark.parametrize("major", [3, 4])
async def test_charts_are_inflated_by_helm(ctx: FakeContext, major: int) -> None:
    ctx.kustomize = replace(ctx.kustomize, helm=str(helm(major)))
    version, has = (
        "{{ .Capabilities.KubeVersion.Version | quote }}",
        "{{ .Capabilities.APIVersions.Has `x/v9` | quote }}",
    )
    template = f"data: {{v: {version}, has: {has}}}\n"
    chart = chart_files(
        "app", "1.0.0", templates__told=f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: told}}\n{template}"
    )
    ctx.write({f"base/charts/app/{path}": content for path, content in chart.items()})
    ctx.write({"base/kustomization.yaml": "helmCharts:\n- {name: app, version: 1.0.0, releaseName: mine}\n"})
    plugin = {"helm": {"kubeVersion": "1.29.0", "apiVersions": ["x/v9", "y/v1"]}}
    await ctx.run(STEP, {"path": "base", "outPath": "out", "plugin": plugin})
    assert names(ctx) == ["configmap-mine-app.yaml", "configmap-told.yaml"]
    assert 'has: "true"\n  v: v1.29.0\n' in ctx.read("out/configmap-told.yaml")


async def test_charts_without_helm_are_refused_with_advice(ctx: FakeContext) -> None:
    ctx.kustomize = replace(ctx.kustomize, helm="no-such-helm")
    ctx.write({"base/kustomization.yaml": "helmCharts: [{name: app, releaseName: mine}]\n"})
    with pytest.raises(Permanent, match=r"helm was not found\. Install helm"):
        await ctx.run(STEP, {"path": "base", "outPath": "out"})


async def test_without_kustomize_and_kubectl_there_is_advice(ctx: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    ctx.kustomize = Kustomize()
    with pytest.raises(Permanent, match=r"neither kustomize nor kubectl was found\. Install"):
        await ctx.run(STEP, {"path": "base", "outPath": "out"})
    ctx.kustomize = Kustomize("my-kustomize")
    with pytest.raises(Permanent, match="my-kustomize was not found"):
        await ctx.run(STEP, {"path": "base", "outPath": "out"})


def test_kustomize_comes_before_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, verb in (("kubectl", "kustomize"), ("kustomize", "build")):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert Kustomize().command() == [str(tmp_path / name), verb]


@pytest.mark.parametrize(
    ("kustomization", "says"),
    [
        pytest.param(
            "configMapGenerator: [{name: a, files: [/etc/hostname]}]", "permission denied", id="a file outside"
        ),
        pytest.param("configMapGenerator: [{name: a, files: [../../secret]}]", "permission denied", id="one by dots"),
        pytest.param("configMapGenerator: [{name: a, files: [link]}]", "permission denied", id="a link out"),
        pytest.param("resources: [../../outside]", "outside", id="a folder outside"),
        pytest.param("resources: ['http://127.0.0.1:1/a.yaml']", "permission denied", id="plain HTTP"),
        pytest.param("resources: ['https://127.0.0.1:8443/a.yaml']", "permission denied", id="another port"),
        pytest.param("resources: ['git::file:///etc//a?ref=main']", "'file' not allowed", id="a local repository"),
        pytest.param("resources: ['git@127.0.0.1:a/b.git?ref=x']", "not allowed", id="SSH"),
        pytest.param("resources: [missing.yaml]", "base/missing.yaml", id="a file that is missing"),
        pytest.param("resources: [app.yaml, app.yaml]", "may not add resource", id="an object twice"),
        pytest.param("generators: [exec.yaml]", "plugins disabled", id="a program"),
        pytest.param("nonsense: 1", "unknown field", id="an unknown field"),
        pytest.param("resources: [", "yaml", id="no YAML"),
        pytest.param("resources: [evil.yaml]", "no name of a file", id="a name that leads out"),
    ],
)
async def test_kustomize_build_refuses(ctx: FakeContext, kustomization: str, says: str) -> None:
    (ctx.root / "secret").write_text("s3cret")
    (ctx.root / "outside").mkdir()
    (ctx.root / "outside/kustomization.yaml").write_text("resources: []")
    (ctx.tree.root / "base/link").symlink_to(ctx.root / "secret")
    annotations = "annotations: {config.kubernetes.io/function: 'exec: {path: ./evil.sh}'}"
    ctx.write(
        {
            "base/kustomization.yaml": kustomization,
            "base/evil.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ../../../evil}\n",
            "base/exec.yaml": f"apiVersion: v1\nkind: X\nmetadata: {{name: x, {annotations}}}\n",
            "base/evil.sh": f"#!/bin/sh\ntouch {ctx.root}/ran\n",
        }
    )
    (ctx.tree.root / "base/evil.sh").chmod(0o755)
    with pytest.raises(Permanent, match=says) as told:
        await ctx.run(STEP, {"path": "base", "outPath": "out"})
    assert str(ctx.root) not in str(told.value)
    assert not (ctx.root / "ran").exists()
    assert list(ctx.root.rglob("*evil.yaml")) == [ctx.tree.root / "base/evil.yaml"]


async def test_a_kustomization_learns_nothing_from_the_environment(
    ctx: FakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGOSY_SECRET", "s3cret")
    monkeypatch.setenv("https_proxy", "http://me:s3cret@127.0.0.1:3128")
    ctx.write({"base/kustomization.yaml": "configMapGenerator: [{name: a, envs: [names]}]\n"})
    ctx.write({"base/names": "ARGOSY_SECRET\nhttps_proxy\nLC_ALL\n"})
    await ctx.run(STEP, {"path": "base", "outPath": "out.yaml"})
    assert 'ARGOSY_SECRET: ""\n  LC_ALL: ""\n  https_proxy: ""\n' in ctx.read("out.yaml")


KINDS = [
    *("v1/ComponentStatus", "v1/Namespace", "v1/Node", "v1/PersistentVolume", "v1/Secret", "v1/PersistentVolumeClaim"),
    *(f"admissionregistration.k8s.io/v1/{name}WebhookConfiguration" for name in ("Mutating", "Validating")),
    *(f"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy{name}" for name in ("", "Binding")),
    *("apiextensions.k8s.io/v1/CustomResourceDefinition", "apiregistration.k8s.io/v1/APIService"),
    *("authentication.k8s.io/v1/TokenReview", "authentication.k8s.io/v1/SelfSubjectReview"),
    *(f"authorization.k8s.io/v1/{name}Review" for name in ("SelfSubjectAccess", "SelfSubjectRules", "SubjectAccess")),
    *("authorization.k8s.io/v1/LocalSubjectAccessReview", "certificates.k8s.io/v1/CertificateSigningRequest"),
    *("flowcontrol.apiserver.k8s.io/v1/FlowSchema", "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration"),
    *("networking.k8s.io/v1/IngressClass", "networking.k8s.io/v1/Ingress", "node.k8s.io/v1/RuntimeClass"),
    *("policy/v1beta1/PodSecurityPolicy", "policy/v1/PodDisruptionBudget", "scheduling.k8s.io/v1/PriorityClass"),
    *(f"rbac.authorization.k8s.io/v1/{name}" for name in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")),
    *(f"storage.k8s.io/v1/{name}" for name in ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment")),
    *("storage.k8s.io/v1/CSIStorageCapacity", "example.com/v1/Thing", "networking.k8s.io/v1/IPAddress"),
    *("resource.k8s.io/v1/DeviceClass", "networking.k8s.io/v1/ServiceCIDR", "internal.apiserver.k8s.io/v1/X"),
]


async def test_kustomize_and_we_know_the_same_kinds_without_a_namespace(ctx: FakeContext, tmp_path: Path) -> None:
    objects = ["apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}\n"]
    for each in KINDS:
        version, _, kind = each.rpartition("/")
        objects.append(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n")
    ctx.write({"base/kustomization.yaml": "resources: [app.yaml]\n", "base/app.yaml": "---\n".join(objects)})
    (tmp_path / "reference").mkdir()
    reference(ctx, "-o", str(tmp_path / "reference"))
    found = manifests(reference(ctx))
    mine = {
        f"default_{name}" if each.in_namespace and not each.namespace else name
        for each, name in zip(found, kustomize_names(found), strict=True)
    }
    assert mine == {path.name for path in (tmp_path / "reference").iterdir()}


@pytest.mark.parametrize(
    ("path", "out", "says"),
    [
        pytest.param("none", "out", "none has no kustomization", id="no folder"),
        pytest.param("base", "base/app.yaml/x", "cannot", id="a folder within a file"),
        pytest.param("base", ".git/x.yaml", "leads into .git", id="a file of Git"),
        pytest.param(".git", "out", "leads into .git", id="a folder of Git"),
    ],
)
async def test_paths_are_checked(ctx: FakeContext, path: str, out: str, says: str) -> None:
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {"path": path, "outPath": out})


async def test_the_output_is_bounded(ctx: FakeContext) -> None:
    ctx.kustomize = replace(ctx.kustomize, bounds=Bounds(output=100))
    with pytest.raises(Permanent, match="more than 100 bytes"):
        await ctx.run(STEP, {"path": "base", "outPath": "out.yaml"})


async def test_a_server_that_never_answers_does_not_hold_it_up(ctx: FakeContext) -> None:
    async with WebServer({"/a.yaml": [Answer(hang=True)]}).serve() as server:
        port = int(server.url.rpartition(":")[2])
        ctx.kustomize = replace(ctx.kustomize, ports=(port,), bounds=Bounds(seconds=2))
        ctx.write({"base/kustomization.yaml": f"resources: ['{server.url}/a.yaml']\n"})
        with pytest.raises(Temporary, match="did not finish within 2 seconds"):
            await ctx.run(STEP, {"path": "base", "outPath": "out"})


@pytest.mark.parametrize(
    ("resource", "advice"),
    [
        pytest.param("git@127.0.0.1:a/b.git?ref=x", "Fetch it by git-clone", id="SSH"),
        pytest.param("http://127.0.0.1:1/b.git//a?ref=x", "https:// on port 443", id="plain HTTP"),
        pytest.param("https://127.0.0.1:1/b.git//a?ref=x", "https:// on port 443", id="another port"),
    ],
)
async def test_what_is_too_far_away_is_told_with_what_to_do(ctx: FakeContext, resource: str, advice: str) -> None:
    ctx.write({"base/kustomization.yaml": f"resources: ['{resource}']\n"})
    with pytest.raises(Permanent) as raised:
        await ctx.run(STEP, {"path": "base", "outPath": "out"})
    assert advice in raised.value.advice


@pytest.mark.parametrize("known", [True, False], ids=["known authority", "unknown authority"])
@pytest.mark.parametrize("resource", ["base.git//app?ref=main", "map.yaml"])
async def test_remote_bases_come_from_servers_of_a_trusted_authority(
    ctx: FakeContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool, resource: str
) -> None:
    for name in ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_DIR", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    identity, config_map = make_identity(tmp_path), b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: far}\n"
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(identity.certificate))
    git = GitServer(tmp_path / "git")
    git.create("base").commit(
        {"app/kustomization.yaml": "resources: [map.yaml]\n", "app/map.yaml": config_map.decode()}
    )
    async with AsyncExitStack() as stack:
        server = git if "git" in resource else WebServer({"/map.yaml": [Answer(body=config_map)]})
        await stack.enter_async_context(server.serve())
        port = await stack.enter_async_context(tls_front(server.url, identity))
        ctx.kustomize = replace(ctx.kustomize, ports=(port,))
        ctx.write({"base/kustomization.yaml": f"resources: ['https://127.0.0.1:{port}/{resource}']\n"})
        if known:
            await ctx.run(STEP, {"path": "base", "outPath": "out"})
            assert names(ctx) == ["configmap-far.yaml"]
            return
        with pytest.raises(Permanent) as raised:
            await ctx.run(STEP, {"path": "base", "outPath": "out"})
    assert raised.value.advice == "Add its authority to the trusted ones (SSL_CERT_FILE)."


async def test_no_more_run_at_once_than_may(ctx: FakeContext, tmp_path: Path) -> None:
    program = tmp_path / "kustomize"
    program.write_text("#!/bin/sh\nmkdir lock && ls && rmdir lock\n")
    program.chmod(0o755)
    ctx.kustomize = replace(ctx.kustomize, program=str(program), turns=asyncio.Semaphore(1))
    builds = (ctx.run(STEP, {"path": "base", "outPath": f"out-{number}.yaml"}) for number in range(6))
    assert await asyncio.gather(*builds) == [Done()] * 6


async def test_what_was_fetched_must_be_the_same_after_a_crash(ctx: FakeContext) -> None:
    first, second = (f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n".encode() for name in "ab")
    async with WebServer({"/a.yaml": [Answer(body=first), Answer(body=first), Answer(body=second)]}).serve() as server:
        ctx.kustomize = replace(ctx.kustomize, ports=(int(server.url.rpartition(":")[2]),))
        ctx.write({"overlay/kustomization.yaml": "resources: [../base]\n"})
        ctx.write({"base/kustomization.yaml": f"resources: ['{server.url}/a.yaml']\n"})
        config = {"path": "overlay", "outPath": "out"}
        assert await ctx.run(STEP, config) == Done()
        assert await ctx.run(STEP, config) == Done()
        with pytest.raises(Failed, match="renders differently than when this promotion rendered it first"):
            await ctx.run(STEP, config)
    assert names(ctx) == ["configmap-a.yaml"]


async def test_charts_that_were_fetched_must_be_the_same_after_a_crash(ctx: FakeContext) -> None:
    repository = ChartRepository()
    repository.add("app", "1.0.0")
    async with repository.serve():
        ctx.kustomize = replace(ctx.kustomize, ports=(int(repository.url.split(":")[2].split("/")[0]),))
        chart = f"{{name: app, repo: '{repository.url}', version: 1.x, releaseName: mine}}"
        ctx.write({"base/kustomization.yaml": f"helmCharts: [{chart}]\n"})
        await ctx.run(STEP, {"path": "base", "outPath": "out"})
        assert "version: 1.0.0" in ctx.read("out/configmap-mine-app.yaml")
        repository.add("app", "1.1.0")
        ctx.tree.delete("base/charts")
        with pytest.raises(Failed, match="renders differently"):
            await ctx.run(STEP, {"path": "base", "outPath": "out"})


async def test_what_lies_in_the_workspace_is_not_pinned(ctx: FakeContext) -> None:
    await ctx.run(STEP, {"path": "base", "outPath": "out"})
    assert ctx.pins == {}


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"path": "base"}, id="no outPath"),
        pytest.param({"outPath": "out"}, id="no path"),
        pytest.param({"path": "", "outPath": "out"}, id="an empty path"),
        pytest.param({"path": "base", "outPath": "out", "outputFormat": "helm"}, id="another format"),
        pytest.param(
            {"path": "base", "outPath": "out", "plugin": {"helm": {"apiVersions": [""]}}}, id="an empty version"
        ),
        pytest.param({"path": "base", "outPath": "out", "plugin": {"exec": {}}}, id="another plug-in"),
    ],
)
async def test_the_configuration_is_checked(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, config)
