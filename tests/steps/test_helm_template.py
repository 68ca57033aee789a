"""Charts are rendered by the real helm, versions 3 and 4."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.clients.helm import Helm
from argosy.clients.login import Login, PlainHttp
from argosy.clients.program import MIB
from argosy.clients.renderer import Bounds
from argosy.errors import Failed, Permanent, Temporary
from argosy.steps.base import Done
from argosy.steps.helm_template import STEP
from argosy.testing.context import FakeContext
from argosy.testing.helm import MAJORS, ChartRepository, chart_archive, chart_files, helm

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
---
# Source: elsewhere/templates/thing.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: others.example.com}
"""
HOOKS = """apiVersion: v1
kind: Pod
metadata: {name: test, annotations: {helm.sh/hook: test}}
---
apiVersion: v1
kind: Pod
metadata: {name: before, annotations: {helm.sh/hook: pre-install}}
"""
TOLD = """apiVersion: v1
kind: ConfigMap
metadata: {name: told, namespace: {{ .Release.Namespace }}}
data:
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ .Capabilities.APIVersions.Has "x,y/v9" | quote }}
  kind: {{ kindOf .Values.set | quote }}
"""
CHART = chart_files("app", "1.0.0", templates__hooks=HOOKS, templates__told=TOLD, crds__things=CRD)
CONFIG = {"path": "app", "releaseName": "mine"}


@pytest.fixture(params=MAJORS, autouse=True)
def major(ctx: FakeContext, request: pytest.FixtureRequest) -> int:
    version: int = request.param
    ctx.helm = Helm(str(helm(version)), PlainHttp.LOOPBACK)
    put_chart(ctx, CHART)
    return version


def put_chart(ctx: FakeContext, files: dict[str, str], folder: str = "app") -> None:
    ctx.write({f"{folder}/{path}": content for path, content in files.items()})


def reference(ctx: FakeContext, major: int, *flags: str) -> str:
    argv = [str(helm(major)), "template", "mine", str(ctx.tree.root / "app"), "--namespace=demo", *flags]
    environment = {"HOME": str(ctx.root), "PATH": os.environ["PATH"]}
    return subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("config", "flags"),
    [
        pytest.param({}, [], id="no settings"),
        pytest.param({"includeCRDs": True}, ["--include-crds"], id="with CRDs"),
        pytest.param({"disableHooks": True}, ["--no-hooks"], id="without hooks"),
        pytest.param({"skipTests": True}, ["--skip-tests"], id="without tests"),
        pytest.param({"namespace": "prod"}, ["--namespace=prod"], id="another namespace"),
        pytest.param({"kubeVersion": "1.29"}, ["--kube-version=1.29"], id="a version of Kubernetes"),
    ],
)
async def test_a_file_holds_what_helm_writes(
    ctx: FakeContext, major: int, config: dict[str, Any], flags: list[str]
) -> None:
    assert await ctx.run(STEP, {**CONFIG, "outPath": "out/all.yaml", **config}) == Done()
    assert ctx.read("out/all.yaml") == reference(ctx, major, *flags)


@pytest.mark.parametrize(
    ("config", "flags"),
    [
        pytest.param({"includeCRDs": True}, ["--include-crds"], id="by chart"),
        pytest.param(
            {"includeCRDs": True, "useReleaseName": True}, ["--include-crds", "--release-name"], id="by release"
        ),
    ],
)
async def test_a_folder_holds_the_files_that_helm_writes(
    ctx: FakeContext, major: int, tmp_path: Path, config: dict[str, Any], flags: list[str]
) -> None:
    ctx.write({"out/kept": "", "out/app/templates/hooks.yaml": "old"})
    await ctx.run(STEP, {**CONFIG, "outPath": "out", **config})
    reference(ctx, major, *flags, f"--output-dir={tmp_path / 'reference'}")
    written = files(ctx.tree.root / "out")
    assert written.pop("kept") == ""
    if config.get("useReleaseName"):
        assert written.pop("app/templates/hooks.yaml") == "old"
    assert written == files(tmp_path / "reference")
    assert len(written) == 4


async def test_a_flat_folder_holds_a_file_for_each_object(ctx: FakeContext) -> None:
    await ctx.run(STEP, {**CONFIG, "outPath": "out", "outLayout": "flat", "includeCRDs": True})
    written = files(ctx.tree.root / "out")
    crd = "apiextensions_k8s_io-customresourcedefinition"
    names = {"configmap-demo-told.yaml", "configmap-mine-app.yaml", "pod-before.yaml", "pod-test.yaml"}
    assert set(written) == names | {f"{crd}-others.example.com.yaml", f"{crd}-things.example.com.yaml"}
    assert written["configmap-mine-app.yaml"].startswith("# Source: app/templates/config.yaml\napiVersion: v1\n")
    assert written["configmap-mine-app.yaml"].endswith('greeting: "hello"')
    assert written["pod-before.yaml"].startswith("apiVersion: v1\n")


async def test_values_come_from_the_chart_then_files_then_settings(ctx: FakeContext) -> None:
    ctx.write({"a.yaml": "greeting: a\nset: [1]\n", "b,c.yaml": "greeting: b\n"})
    config = {**CONFIG, "outPath": "out.yaml", "valuesFiles": ["a.yaml"]}
    await ctx.run(STEP, config)
    assert 'greeting: "a"' in ctx.read("out.yaml")
    assert 'kind: "slice"' in ctx.read("out.yaml")
    await ctx.run(STEP, {**config, "valuesFiles": ["a.yaml", "./b,c.yaml"]})
    assert 'greeting: "b"' in ctx.read("out.yaml")
    await ctx.run(STEP, {**config, "setValues": [{"key": "greeting", "value": "d"}, {"key": "set", "value": "true"}]})
    assert 'greeting: "d"' in ctx.read("out.yaml")
    assert 'kind: "bool"' in ctx.read("out.yaml")
    literal = [
        {"key": "greeting", "value": "--x,y={z}", "literal": True},
        {"key": "set", "value": "1", "literal": True},
    ]
    await ctx.run(STEP, {**config, "setValues": literal})
    assert 'greeting: "--x,y={z}"' in ctx.read("out.yaml")
    assert 'kind: "string"' in ctx.read("out.yaml")


async def test_files_of_values_that_are_missing_can_be_left_out(ctx: FakeContext) -> None:
    config = {**CONFIG, "outPath": "out.yaml", "valuesFiles": ["none.yaml"]}
    with pytest.raises(Permanent, match=r"no file none\.yaml"):
        await ctx.run(STEP, config)
    assert await ctx.run(STEP, {**config, "ignoreMissingValueFiles": True}) == Done()


async def test_api_versions_are_taken_as_they_are(ctx: FakeContext) -> None:
    await ctx.run(STEP, {**CONFIG, "outPath": "out.yaml", "apiVersions": ["x,y/v9"]})
    assert 'has: "true"' in ctx.read("out.yaml")


async def test_a_chart_may_be_an_archive(ctx: FakeContext) -> None:
    (ctx.tree.root / "app.tgz").write_bytes(chart_archive("app", "2.0.0"))
    await ctx.run(STEP, {**CONFIG, "path": "app.tgz", "outPath": "out.yaml"})
    assert 'version: "2.0.0"' in ctx.read("out.yaml")


async def test_dependencies_are_built_and_pinned(ctx: FakeContext) -> None:
    repository = ChartRepository(user="me", password="s3cret")
    repository.add("library", "1.0.0")
    async with repository.serve():
        ctx.logins = {("helm", repository.url): Login("me", "s3cret")}
        depends = f"dependencies: [{{name: library, version: 1.x, repository: '{repository.url}'}}]\n"
        ctx.write({"app/Chart.yaml": CHART["Chart.yaml"] + depends})
        with pytest.raises(Permanent, match=r"missing in charts/.*\. Set buildDependencies: true"):
            await ctx.run(STEP, {**CONFIG, "outPath": "out.yaml"})
        config = {**CONFIG, "outPath": "out.yaml", "buildDependencies": True}
        await ctx.run(STEP, config)
        first = ctx.read("out.yaml")
        assert "name: mine-library" in first
        put_again(ctx, repository)
        assert await ctx.run(STEP, config) == Done()
        assert ctx.read("out.yaml") == first
        repository.charts["library", "1.0.0"] = chart_archive("library", "1.0.0", templates__more="a: 1\n")
        put_again(ctx, repository)
        with pytest.raises(Failed, match="what app depends on has changed"):
            await ctx.run(STEP, config)


def put_again(ctx: FakeContext, repository: ChartRepository) -> None:
    """As after a crash that lost the workspace; a newer version of the dependency is there meanwhile."""
    ctx.tree.delete("app/charts")
    ctx.tree.delete("app/Chart.lock")
    repository.add("library", "1.1.0")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        pytest.param({"templates/a.yaml": "{{ fail `timeout, 503` }}"}, "timeout, 503", id="a template that fails"),
        pytest.param(
            {"templates/a.yaml": "{{ .Values.a.b.c }}"}, r"app/templates/a\.yaml:1", id="a value that is missing"
        ),
        pytest.param({"templates/a.yaml": "a: [\n"}, "YAML parse error on app/templates/a.yaml", id="no YAML"),
        pytest.param(
            {"Chart.yaml": "name: ../../evil\nversion: 1.0.0\napiVersion: v2\n"}, "invalid", id="a name of a path"
        ),
        pytest.param({"Chart.yaml": "version: 1.0.0\n"}, "metadata", id="no name"),
        pytest.param(
            {"values.schema.json": '{"$ref":"file:///etc/hostname"}'}, "permission denied", id="a schema outside"
        ),
        pytest.param({"values.schema.json": '{"$ref":"http://127.0.0.1/"}'}, "permission denied", id="one of a server"),
        pytest.param({"templates/a.yaml": "{{ .Files.Get `link` }}"}, "app/link is a link that leads out", id="a link"),
        pytest.param(
            {"templates/a.yaml": '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}'}, "", id="a loop"
        ),
        pytest.param(
            {"templates/a.yaml": "{{ range until 100000 }}{{ range until 10000 }}xxxxxxxxxx{{ end }}{{ end }}"},
            "takes more than 1024 MiB of memory|wrote more than",
            id="gigabytes",
        ),
    ],
)
async def test_a_bad_chart_is_refused(ctx: FakeContext, files: dict[str, str], says: str) -> None:
    ctx.helm = replace(ctx.helm, bounds=Bounds(memory=1024 * MIB, output=MIB))
    (ctx.root / "secret").write_text("s3cret")
    if "link" in says:
        (ctx.tree.root / "app/link").symlink_to(ctx.root / "secret")
    put_chart(ctx, files)
    with pytest.raises(Permanent, match=says or "helm") as told:
        await ctx.run(STEP, {**CONFIG, "outPath": "out"})
    assert str(ctx.root) not in str(told.value)
    assert not (ctx.tree.root / "out").exists()


async def test_templates_that_never_end_are_ended(ctx: FakeContext) -> None:
    ctx.helm = replace(ctx.helm, bounds=Bounds(seconds=3))
    forever = "{{ range until 100000 }}{{ range until 100000 }}{{ sha256sum `x` | trunc 0 }}{{ end }}{{ end }}"
    put_chart(ctx, {"templates/a.yaml": forever})
    with pytest.raises(Temporary, match="helm did not finish within 3 seconds"):
        await ctx.run(STEP, {**CONFIG, "outPath": "out"})


async def test_a_template_reaches_neither_cluster_nor_network_nor_environment(
    ctx: FakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGOSY_SECRET", "s3cret")
    put_chart(
        ctx,
        {
            "templates/told.yaml": "found: {{ lookup `v1` `Secret` `` `` | toJson }}\n"
            "host: {{ getHostByName `localhost` | quote }}\nfile: {{ .Files.Get `../../secret` | quote }}\n"
        },
    )
    (ctx.root / "secret").write_text("s3cret")
    await ctx.run(STEP, {**CONFIG, "outPath": "out.yaml"})
    assert 'found: {}\nhost: ""\nfile: ""\n' in ctx.read("out.yaml")
    put_chart(ctx, {"templates/told.yaml": "a: {{ env `ARGOSY_SECRET` }}\n"})
    with pytest.raises(Permanent, match='function "env" not defined'):
        await ctx.run(STEP, {**CONFIG, "outPath": "out.yaml"})


@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param({"path": "none"}, "no chart none", id="no chart"),
        pytest.param({"path": "empty"}, r"Chart\.yaml", id="a folder without a chart"),
        pytest.param({"releaseName": "--post-renderer=x"}, "invalid release name", id="a name that is a flag"),
        pytest.param(
            {"releaseName": "../x", "useReleaseName": True}, "invalid release name", id="a name that is a path"
        ),
        pytest.param({"kubeVersion": "new"}, "invalid kube version", id="no version"),
        pytest.param({"valuesFiles": ["bad.yaml"]}, r"failed to parse bad\.yaml", id="values that are no YAML"),
        pytest.param({"valuesFiles": [".git/config"]}, "leads into .git", id="values of Git"),
        pytest.param({"valuesFiles": ["out"]}, "no file out", id="values through a link out"),
        pytest.param({"setValues": [{"key": "a[x]", "value": "1"}]}, "failed parsing --set", id="a key that is none"),
        pytest.param({"outPath": ".git/x.yaml"}, "leads into .git", id="a file of Git"),
    ],
)
async def test_helm_template_refuses(ctx: FakeContext, config: dict[str, Any], says: str) -> None:
    ctx.write({"bad.yaml": "a: [", "empty/file": ""})
    (ctx.root / "secret").write_text("a: 1")
    (ctx.tree.root / "out").symlink_to(ctx.root / "secret")
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {**CONFIG, "outPath": "rendered", **config})


async def test_without_helm_there_is_advice(ctx: FakeContext) -> None:
    ctx.helm = Helm("no-such-helm")
    with pytest.raises(Permanent, match=r"no-such-helm was not found\. Install helm 3 or 4"):
        await ctx.run(STEP, {**CONFIG, "outPath": "out"})


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"releaseName": None}, id="no release"),
        pytest.param({"releaseName": ""}, id="an empty release"),
        pytest.param({"outLayout": "deep"}, id="another layout"),
        pytest.param({"valuesFiles": [""]}, id="an empty file name"),
        pytest.param({"setValues": [{"key": "a"}]}, id="no value"),
        pytest.param({"setValues": [{"key": "a", "value": 1}]}, id="a value that is a number"),
        pytest.param({"includeCrds": True}, id="a misspelled setting"),
    ],
)
async def test_the_configuration_is_checked(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, {**CONFIG, "outPath": "out", **config})


ASSIGNED = [
    *(
        ("text", "plain"),
        ("empty", ""),
        ("space", " a b "),
        ("equals", "a=b"),
        ("bracket", "[1]"),
        ("quote", '"x": {y}'),
    ),
    *(("number", "12"), ("big", "123456789012"), ("minus", "-3"), ("zero", "0"), ("leading", "007"), ("float", "1.5")),
    *(("yes", "true"), ("no", "FALSE"), ("nothing", "null"), ("list", "{a,2}"), ("comma", r"a\,b"), ("back", r"a\\b")),
    *(("deep.er.text", "x"), ("deep.er.number", "4"), ("deep.other", "y"), ("hosts[1].name", "h"), (r"do\.t", "z")),
    *(("line", "a\nb"), ("colon", "a: b # c"), ("date", "2001-01-01"), ("greeting", "set")),
]


async def test_values_mean_what_they_mean_to_helm_whether_set_or_read(ctx: FakeContext, major: int) -> None:
    put_chart(ctx, {**chart_files("app", "1.0.0"), "templates/all.yaml": "all: {{ toJson .Values | quote }}\n"})
    values = [{"key": key, "value": value} for key, value in ASSIGNED]
    literal = [{"key": "exact.text", "value": "{a,b}", "literal": True}]
    await ctx.run(STEP, {**CONFIG, "outPath": "out.yaml", "setValues": values + literal})
    flags = [f"--set={key}={value}" for key, value in ASSIGNED] + ["--set-literal=exact.text={a,b}"]
    argv = [str(helm(major)), "template", "mine", str(ctx.tree.resolve("app")), "--namespace=demo", *flags]
    done = subprocess.run(argv, capture_output=True, check=True, timeout=30)
    assert sorted(ctx.tree.read("out.yaml").splitlines()) == sorted(done.stdout.splitlines())


async def test_no_text_is_among_the_arguments_that_other_users_can_see(ctx: FakeContext, tmp_path: Path) -> None:
    program = tmp_path / "helm"
    program.write_text("#!/bin/sh\necho \"arguments: '$*'\"\n")
    program.chmod(0o755)
    ctx.helm = Helm(str(program))
    values = [{"key": "a.password", "value": "hush-hush"}, {"key": "b", "value": "h,ush", "literal": True}]
    await ctx.run(STEP, {**CONFIG, "outPath": "out.yaml", "setValues": [*values, {"key": "count", "value": "3"}]})
    told = ctx.tree.read("out.yaml").decode()
    assert "hush" not in told
    assert "h,ush" not in told
    assert "--set=count=3" in told
