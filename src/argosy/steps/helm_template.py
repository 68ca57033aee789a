"""`helm-template`: render a chart into a file, or into a folder of many."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from argosy.clients.helm import Release
from argosy.errors import Permanent
from argosy.rules.chart_value import Assignment
from argosy.rules.manifest_name import as_flat, flat_names, manifests
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.helm_chart import check_links, fetch
from argosy.steps.rendering import is_file, write_each

_Text = Annotated[str, Field(min_length=1)]


class SetValue(Config):
    """A value of the chart."""

    key: str = Field(min_length=1)
    """The value's name, its parts separated by dots: `image.tag`."""
    value: str
    """The value, in the syntax of helm's `--set`: `true` and `3` are no texts, `{a,b}` is a list."""
    literal: bool = False
    """Whether it is a text whatever it looks like, as with `--set-literal`."""


class HelmTemplateConfig(Config):
    """Renders a Helm chart, by the program helm."""

    path: str = Field(min_length=1)
    """The chart: a folder with a `Chart.yaml`, or an archive of one."""
    out_path: str = Field(min_length=1)
    """Where to write what was rendered: a file when it ends in `.yaml` or `.yml`, otherwise a folder."""
    out_layout: Literal["helm", "flat"] = "helm"
    """How files lie in a folder: `helm` is `CHART/templates/FILE` as in the chart, `flat` is one file for each object,
    `[group-]kind[-namespace]-name.yaml`."""
    release_name: str = Field(min_length=1)
    """The name of the release."""
    use_release_name: bool = False
    """Whether the folder of the layout `helm` has the name of the release instead of that of the chart."""
    namespace: str = ""
    """The namespace of the release. By default the Project's name."""
    values_files: list[_Text] = Field(default_factory=list)
    """Files of values besides the chart's own `values.yaml`; later ones count more."""
    ignore_missing_value_files: bool = False
    """Whether files of values that are not there are left out instead of being an error."""
    set_values: list[SetValue] = Field(default_factory=list)
    """Values that count more than those of files."""
    build_dependencies: bool = False
    """Whether to fetch what the chart depends on: the versions of `Chart.lock`, or, without one, of `Chart.yaml`."""
    include_crds: bool = Field(default=False, alias="includeCRDs")
    """Whether to render the CustomResourceDefinitions of the chart too."""
    disable_hooks: bool = False
    """Whether to leave out hooks."""
    skip_tests: bool = False
    """Whether to leave out the hooks that are tests."""
    kube_version: str = ""
    """The version of Kubernetes that the cluster is said to have."""
    api_versions: list[_Text] = Field(default_factory=list)
    """The API versions that the cluster is said to have, besides those that helm knows."""


async def run(config: HelmTemplateConfig, ctx: Context) -> Done:
    """Raises Failed (a dependency has changed), Permanent (the chart or its values are wrong), or Temporary."""
    release = _release(config, ctx)
    if config.build_dependencies:
        await fetch(ctx, config.path, update=False)
    await asyncio.to_thread(check_links, ctx, config.path)
    if is_file(config.out_path):
        ctx.tree.write(config.out_path, await ctx.helm.render(release, ctx.tree.root))
        return Done()
    if config.out_layout == "flat":
        rendered = (await ctx.helm.render(release, ctx.tree.root)).decode(errors="surrogateescape")
        found = await asyncio.to_thread(lambda: [as_flat(each) for each in manifests(rendered)])
        return write_each(ctx, config.out_path, found, flat_names)
    files = await ctx.helm.render_files(release, ctx.tree.root)
    for name, content in files.items():
        ctx.tree.write(f"{config.out_path}/{name}", content)
    ctx.log(f"wrote {len(files)} files to {config.out_path}")
    return Done()


def _release(config: HelmTemplateConfig, ctx: Context) -> Release:
    chart = ctx.tree.resolve(config.path)
    if not chart.exists():
        raise Permanent(f"no chart {config.path} in the working directory", advice="Check the path of the chart.")
    files = [file for file in config.values_files if not config.ignore_missing_value_files or _exists(ctx, file)]
    return Release(
        name=config.release_name,
        namespace=config.namespace or ctx.project,
        chart=chart,
        values=[(file, ctx.tree.read(file)) for file in files],
        assignments=[Assignment(each.key, each.value, each.literal) for each in config.set_values],
        crds=config.include_crds,
        hooks=not config.disable_hooks,
        tests=not config.skip_tests,
        kube_version=config.kube_version,
        api_versions=config.api_versions,
        folders_by_release=config.use_release_name,
    )


def _exists(ctx: Context, file: str) -> bool:
    return ctx.tree.resolve(file).exists()


STEP = Step("helm-template", Effect.WORKSPACE, HelmTemplateConfig, run)
