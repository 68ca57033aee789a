"""All kinds of steps, ours and those of installed packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from argosy.errors import Invalid
from argosy.resources.meta import Json
from argosy.steps import (
    argocd_update,
    argocd_wait,
    compose_output,
    copy,
    delete,
    fail,
    file_write,
    flux_reconcile,
    flux_wait,
    git_clear,
    git_clone,
    git_commit,
    git_push,
    git_tag,
    hcl_update,
    helm_template,
    helm_update_chart,
    http,
    http_download,
    json_parse,
    json_update,
    kubernetes_wait,
    kustomize_build,
    kustomize_set_image,
    oci_download,
    oci_push,
    set_freight_alias,
    set_metadata,
    tar,
    toml_parse,
    toml_update,
    untar,
    yaml_merge,
    yaml_parse,
    yaml_update,
)
from argosy.steps.base import AnyStep, Step

GROUP = "argosy.steps"
"""The entry-point group in which packages name their steps: `my-step = "my_package.my_step:STEP"`."""

_OURS: tuple[AnyStep, ...] = (
    argocd_update.STEP,
    argocd_wait.STEP,
    compose_output.STEP,
    copy.STEP,
    delete.STEP,
    fail.STEP,
    file_write.STEP,
    flux_reconcile.STEP,
    flux_wait.STEP,
    git_clear.STEP,
    git_clone.STEP,
    git_commit.STEP,
    git_push.STEP,
    git_tag.STEP,
    hcl_update.STEP,
    http.STEP,
    http_download.STEP,
    helm_template.STEP,
    helm_update_chart.STEP,
    json_parse.STEP,
    json_update.STEP,
    kubernetes_wait.STEP,
    kustomize_build.STEP,
    kustomize_set_image.STEP,
    oci_download.STEP,
    oci_push.STEP,
    set_freight_alias.STEP,
    set_metadata.STEP,
    tar.STEP,
    toml_parse.STEP,
    toml_update.STEP,
    untar.STEP,
    yaml_merge.STEP,
    yaml_parse.STEP,
    yaml_update.STEP,
)
STEPS: Mapping[str, AnyStep] = {step.name: step for step in _OURS}
"""Our own steps by name."""


@cache
def all_steps() -> Mapping[str, AnyStep]:
    """Our steps and those of installed packages, by name. Raises Invalid as `with_plugins` does."""
    return with_plugins(STEPS, entry_points(group=GROUP))


def with_plugins(steps: Mapping[str, AnyStep], plugins: Iterable[EntryPoint]) -> Mapping[str, AnyStep]:
    """`steps` and what the entry points name. Raises Invalid for one that cannot be loaded, is no step, or takes the
    name of another."""
    found = dict(steps)
    for plugin in plugins:
        origin = f"{plugin.value} (entry point {plugin.name!r} in the group {GROUP})"
        advice = "Mend or uninstall the package that brings it."
        try:
            step = plugin.load()
        except Exception as error:
            raise Invalid(f"{origin} cannot be loaded: {type(error).__name__}: {error}", advice=advice) from error
        if not isinstance(step, Step):
            raise Invalid(f"{origin} is {type(step).__name__}, not a Step", advice=advice)
        if step.name in found:
            raise Invalid(f"{origin} brings a step {step.name!r}, and there is one of that name already", advice=advice)
        found[step.name] = step
    return found


def config_schema(step: AnyStep) -> dict[str, Json]:
    """The JSON schema of a step's configuration, with field names as users write them."""
    schema: dict[str, Any] = step.config.model_json_schema(by_alias=True)
    return schema
