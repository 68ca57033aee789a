"""`helm-update-chart`: change the versions that a chart depends on, and fetch them."""

from __future__ import annotations

from pydantic import Field

from argosy.errors import Permanent
from argosy.rules.chart_dependency import FILE, LOCK, Dependency, changes, commit_message, version_updates
from argosy.rules.yaml_edit import edit
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.helm_chart import chart_dependencies, fetch


class ChartVersion(Config):
    """A dependency, and the version that it is to have."""

    repository: str = Field(min_length=1)
    """The repository, exactly as in `Chart.yaml`: for a chart in a registry, the URL without the chart's name."""
    name: str = Field(min_length=1)
    """The name of the chart, exactly as in `Chart.yaml`."""
    version: str = Field(min_length=1)
    """The version to depend on."""


class HelmUpdateChartConfig(Config):
    """Changes versions of dependencies in the `Chart.yaml` of a chart, and fetches all its dependencies.

    Comments, order and every other byte of `Chart.yaml` stay as they are.
    """

    path: str = Field(min_length=1)
    """The folder of the chart."""
    charts: list[ChartVersion] | None = Field(default=None, min_length=1)
    """The dependencies to change. Without, the newest versions in the ranges of `Chart.yaml` are fetched."""


async def run(config: HelmUpdateChartConfig, ctx: Context) -> Done:
    """Raises Failed (a chart has changed), Permanent (no such dependency, version or repository), or Temporary."""
    file = f"{config.path}/{FILE}"
    before = ctx.tree.read(file)
    needed = chart_dependencies(ctx, config.path)
    wanted = [Dependency(each.name, each.version, each.repository) for each in config.charts or ()]
    updates = version_updates(needed, wanted)
    if not needed:
        return Done(message="the chart depends on nothing")
    try:
        after = edit(before, updates)
    except Permanent as error:
        raise Permanent(f"{file}: {error.message}", advice=error.advice) from error
    if after != before:
        ctx.tree.write(file, after)
    lock = f"{config.path}/{LOCK}"
    locked = ctx.tree.read(lock) if ctx.tree.resolve(lock).exists() else None
    old = chart_dependencies(ctx, config.path, LOCK)
    await fetch(ctx, config.path, update=True)
    told = changes(old, chart_dependencies(ctx, config.path, LOCK))
    if not told and locked is not None:
        ctx.tree.write(lock, locked)  # only its time would differ
    message = commit_message(config.path, told)
    return Done({"commitMessage": message} if message else {})


STEP = Step("helm-update-chart", Effect.WORKSPACE, HelmUpdateChartConfig, run, outputs=("commitMessage",))
