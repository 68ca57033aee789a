"""Which Stages have, and had, which images. Behaviour follows Kargo's `pkg/server/list_images.go`."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.resources.stage import Stage

Use = dict[str, dict[str, dict[str, int]]]
"""By repository, tag and Stage: how many times other Freight came since; 0 for what the Stage has now."""


def image_use(stages: Iterable[Stage]) -> Use:
    """The images of all Freight in the histories of `stages`; what was there repeatedly counts from the last time."""
    use: Use = {}
    for stage in stages:
        for age, collection in enumerate(stage.status.freight_history):
            for image in (image for reference in collection.references for image in reference.images):
                places = use.setdefault(image.repo_url, {}).setdefault(image.tag, {})
                places.setdefault(stage.name, age)
    return use
