"""Policies and links of a Project, and of the whole installation."""

from __future__ import annotations

from collections.abc import Iterator

from argosy.errors import Invalid
from argosy.lint.base import Finding, Manifests, Place
from argosy.lint.expression import bare
from argosy.rules.auto_promotion import selects
from argosy.rules.deep_link import FREIGHT_LINK, STAGE_LINK
from argosy.rules.go_template import parse


def findings(manifests: Manifests) -> Iterator[Finding]:
    for place in (*manifests.of("ProjectConfig"), *manifests.of("ClusterConfig")):
        for field, vocabulary in (("freightLinks", FREIGHT_LINK), ("stageLinks", STAGE_LINK)):
            for each in (place / "spec" / field).items():
                yield from bare(each / "if", vocabulary)
                yield from _template(each / "url")
    for place in manifests.of("ProjectConfig"):
        yield from _idle(manifests, place)


def _template(place: Place) -> Iterator[Finding]:
    """What keeps the URL of a link from being read."""
    if isinstance(place.value, str):
        try:
            parse(place.value)
        except Invalid as error:
            yield place.error("expression", error.message, error.advice)


def _idle(manifests: Manifests, place: Place) -> Iterator[Finding]:
    """Policies that no Stage in these files answers to."""
    config = manifests.model(place)
    if config is None:
        return
    project = place.manifest.key.namespace or place.manifest.key.name
    mine = [each for each in manifests.of("Stage") if each.manifest.key.namespace == project]
    stages = [model for each in mine if (model := manifests.model(each)) is not None]
    for index, policy in enumerate(config.spec.promotion_policies):
        here = place / "spec" / "promotionPolicies" / index
        try:
            matching = any(selects(policy, stage) for stage in stages)
        except Invalid as error:
            yield here.error("manifest", error.message, error.advice)
            continue
        if not matching:
            advice = "Its Stages may be in other files, or on the server already."
            yield here.warning("idle-policy", "the policy is about no Stage in these files", advice)
