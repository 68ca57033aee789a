"""`kustomize-set-image`: set images in a kustomization and change nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field, model_validator

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.artifact import Cargo
from argosy.rules.kustomization import SetImage, commit_message
from argosy.rules.kustomization_edit import set_images
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.kustomization import kustomization


class KustomizeImage(Config):
    """One image to set."""

    image: str = Field(min_length=1)
    """The repository of the image, as the Warehouse subscribes to it."""
    name: str = ""
    """The name of the image in the manifests, by which kustomize finds it. By default the repository."""
    new_name: str = ""
    """The name to put in its place. Without, one that the file has is dropped; `*` keeps it."""
    tag: str = ""
    """The tag to set; `*` keeps the one of the file. Give either a tag or a digest."""
    digest: str = ""
    """The digest to set; `*` keeps the one of the file. Give either a tag or a digest."""

    @model_validator(mode="after")
    def _one_version(self) -> KustomizeImage:
        if bool(self.tag) == bool(self.digest):
            raise ValueError("give either tag or digest")
        return self


class KustomizeSetImageConfig(Config):
    """Sets images in the kustomization of a folder, as `kustomize edit set image` would.

    Comments, order, indentation and every other byte stay as they are.
    """

    path: str = Field(min_length=1)
    """The folder of the kustomization."""
    images: list[KustomizeImage] = Field(default_factory=list)
    """The images to set. By default all images of the Freight, by tag and digest, unless two subscriptions of the
    Warehouses that the Stage requests Freight of could give the same one."""


async def run(config: KustomizeSetImageConfig, ctx: Context) -> Done:
    """Raises Permanent: no kustomization or several, images that are no list, or Freight that is ambiguous."""
    path = kustomization(ctx.tree, config.path)
    before = ctx.tree.read(path)
    try:
        after, images = set_images(before, _given(config.images) if config.images else await _of_freight(ctx))
    except Permanent as error:
        raise Permanent(f"{path}: {error.message}", advice=error.advice) from error
    if after != before:
        ctx.tree.write(path, after)
    message = commit_message(config.path, images.set.values())
    if not message:
        return Done(message="the Freight holds no images")
    return Done({"commitMessage": message})


def _given(images: Iterable[KustomizeImage]) -> list[SetImage]:
    return [SetImage(each.name or each.image, each.new_name, each.tag, each.digest) for each in images]


async def _of_freight(ctx: Context) -> list[SetImage]:
    async def read() -> Json:
        # Warehouses may change while a promotion runs, so what was once not ambiguous stays so.
        images = Cargo(ctx.freight, ctx.origins, ctx.warehouses).images()
        return [[image.repo_url, "", image.tag, image.digest] for image in images]

    return [SetImage(*each) for each in await ctx.pin("images", read)]


STEP = Step("kustomize-set-image", Effect.WORKSPACE, KustomizeSetImageConfig, run, outputs=("commitMessage",))
