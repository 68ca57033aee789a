"""`argocd-update`: bring Argo CD Applications to what was promoted. Skipped while no Argo CD is configured."""

from __future__ import annotations

from pydantic import Field, model_validator

from argosy.steps.base import Config, Context, Done, Effect, Step


class AppSelectorRequirement(Config):
    """A requirement on a label."""

    key: str = Field(min_length=1)
    """The label."""
    operator: str
    """`In`, `NotIn`, `Exists` or `DoesNotExist`."""
    values: tuple[str, ...] = ()
    """The values for `In` and `NotIn`."""


class AppSelector(Config):
    """Chooses Applications by their labels."""

    match_labels: dict[str, str] = Field(default_factory=dict)
    """Labels and the values they must have."""
    match_expressions: tuple[AppSelectorRequirement, ...] = ()
    """Further requirements."""


class HelmImage(Config):
    """One Helm parameter."""

    key: str = Field(min_length=1)
    """The parameter."""
    value: str
    """Its new value."""


class HelmUpdates(Config):
    """Changes of Helm parameters."""

    images: list[HelmImage] = Field(min_length=1)
    """The parameters to set."""


class KustomizeImage(Config):
    """One Kustomize image."""

    repo_url: str = Field(alias="repoURL", min_length=1)
    """The image repository."""
    digest: str = ""
    """The digest to set. Give at most one of this and `tag`."""
    tag: str = ""
    """The tag to set. Give at most one of this and `digest`."""
    new_name: str | None = Field(default=None, min_length=1)
    """Another name for the image."""

    @model_validator(mode="after")
    def _at_most_one(self) -> KustomizeImage:
        if self.digest and self.tag:
            raise ValueError("give at most one of digest and tag")
        return self


class KustomizeUpdates(Config):
    """Changes of Kustomize images."""

    images: list[KustomizeImage] | None = Field(default=None, min_length=1)
    """The images to set."""


class AppSource(Config):
    """One source of an Application."""

    repo_url: str = Field(alias="repoURL", min_length=1)
    """The repository of the source, as the Application writes it."""
    chart: str | None = Field(default=None, min_length=1)
    """The chart, for a source in a Helm repository."""
    desired_revision: str = ""
    """The revision that the source is to be at."""
    update_target_revision: bool = False
    """Whether to write `desiredRevision`, which must be given, to the source's `targetRevision`."""
    helm: HelmUpdates | None = None
    """Helm parameters to set."""
    kustomize: KustomizeUpdates | None = None
    """Kustomize images to set."""

    @model_validator(mode="after")
    def _revision_given(self) -> AppSource:
        if self.update_target_revision and not self.desired_revision:
            raise ValueError("updateTargetRevision needs desiredRevision")
        return self


class App(Config):
    """One or more Applications."""

    name: str = ""
    """The name of the Application. Give either this or `selector`."""
    selector: AppSelector | None = None
    """Chooses Applications by label. Give either this or `name`."""
    namespace: str | None = Field(default=None, min_length=1)
    """The namespace of the Applications, by default that of Argo CD."""
    sources: list[AppSource] | None = Field(default=None, min_length=1)
    """Changes of the Applications' sources."""

    @model_validator(mode="after")
    def _one_of_both(self) -> App:
        if bool(self.name) == (self.selector is not None):
            raise ValueError("give either name or selector")
        return self


class ArgoCdUpdateConfig(Config):
    """Updates and syncs Argo CD Applications. Without Argo CD the step is skipped with a warning."""

    apps: list[App] = Field(min_length=1)
    """The Applications to update."""


async def run(config: ArgoCdUpdateConfig, ctx: Context) -> Done:
    apps = ", ".join(app.name or "those selected by label" for app in config.apps)
    message = f"no Argo CD is configured, so these Applications were not updated: {apps}"
    return Done(skipped=True, message=message, warning=message)


STEP = Step("argocd-update", Effect.PURE, ArgoCdUpdateConfig, run)
