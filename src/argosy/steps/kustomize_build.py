"""`kustomize-build`: render a kustomization into a file, or into a folder of one file for each object."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Literal

from pydantic import Field

from argosy.clients.kustomize import Inflation
from argosy.errors import Failed
from argosy.resources.meta import Json
from argosy.rules.manifest_name import kargo_names, kustomize_names, manifests
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.kustomization import kustomization, reaches_out
from argosy.steps.rendering import is_file, write_each


class HelmPluginConfig(Config):
    """What charts that the kustomization names are told of the cluster."""

    api_versions: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    """The API versions that the cluster is said to have, besides those that helm knows."""
    kube_version: str = ""
    """The version of Kubernetes that the cluster is said to have."""


class PluginConfig(Config):
    """Settings of what kustomize runs itself."""

    helm: HelmPluginConfig = Field(default_factory=HelmPluginConfig)
    """For charts that the kustomization names."""


class KustomizeBuildConfig(Config):
    """Renders the kustomization of a folder, by the program kustomize or the one within kubectl."""

    path: str = Field(min_length=1)
    """The folder of the kustomization."""
    out_path: str = Field(min_length=1)
    """Where to write what was rendered: a file when it ends in `.yaml` or `.yml`, otherwise a folder, one file for each
    object."""
    output_format: Literal["kargo", "kustomize"] = "kargo"
    """How files in a folder are named: `kargo` is `[namespace-]kind-name.yaml`, `kustomize` is
    `[namespace_]group_version_kind_name.yaml`, as `kustomize build -o` does."""
    plugin: PluginConfig = Field(default_factory=PluginConfig)
    """Settings of what kustomize runs itself."""


async def run(config: KustomizeBuildConfig, ctx: Context) -> Done:
    """Raises Failed (what it fetches has changed since), Permanent (it is wrong, or reaches too far), or Temporary."""
    place = ctx.tree.resolve(config.path)
    kustomization(ctx.tree, config.path)
    remote = await asyncio.to_thread(reaches_out, ctx.tree, place)
    helm = config.plugin.helm
    rendered = await ctx.kustomize.build(place, ctx.tree.root, Inflation(helm.api_versions, helm.kube_version))
    for line in rendered.warnings:
        ctx.log(line)
    if remote:
        await _same_as_before(ctx, config.path, hashlib.sha256(rendered.output).hexdigest())
    if is_file(config.out_path):
        ctx.tree.write(config.out_path, rendered.output)
        return Done()
    naming = kustomize_names if config.output_format == "kustomize" else kargo_names
    found = await asyncio.to_thread(manifests, rendered.output.decode(errors="surrogateescape"))
    return write_each(ctx, config.out_path, found, naming)


async def _same_as_before(ctx: Context, path: str, digest: str) -> None:
    """What is fetched from elsewhere cannot be pinned, but what it rendered to can."""

    async def read() -> Json:
        return digest

    if await ctx.pin("sha256", read) != digest:
        raise Failed(
            f"{path} renders differently than when this promotion rendered it first",
            advice="It takes in what lies elsewhere, and that has changed: promote again, or name fixed revisions.",
        )


STEP = Step("kustomize-build", Effect.WORKSPACE, KustomizeBuildConfig, run)
