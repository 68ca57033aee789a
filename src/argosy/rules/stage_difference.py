"""Differences between two Stages: the version of each artifact here and there."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from argosy.resources.freight import Freight, FreightReference
from argosy.resources.meta import Model, Time
from argosy.resources.stage import Stage
from argosy.rules.carried import ArtifactKey, ArtifactName, carried
from argosy.rules.told import Told


class Side(Model):
    """What one of the two Stages has of an artifact."""

    version: str = Field(description="The version as people call it.")
    identity: str = Field("", description="What cannot move: a digest, the ID of a commit, or the version.")
    freight: str = Field(description="Name of the Freight that carries it.")
    alias: str = Field("", description="Alias of that Freight; empty when it is gone.")
    discovered_at: Time | None = Field(None, description="When that Freight was discovered, where it is still there.")


class ArtifactDifference(Model):
    """One artifact in two Stages."""

    artifact: ArtifactName = Field(description="Which artifact.")
    left: Side | None = Field(None, description="What the first Stage has; absent when it has none.")
    right: Side | None = Field(None, description="What the second Stage has; absent when it has none.")
    same: bool = Field(description="Whether both have the same version.")
    newer: str = Field("", description="`left` or `right`, where one is of Freight that was discovered later.")


class StageDifference(Told):
    """Two Stages compared."""

    project: str = Field(description="The Project.")
    left: str = Field(description="The first Stage.")
    right: str = Field(description="The second Stage.")
    same: bool = Field(description="Whether both use the same versions of everything.")
    artifacts: tuple[ArtifactDifference, ...] = Field((), description="Every artifact that one of them uses.")


def difference(left: Stage, right: Stage, freight: Mapping[str, Freight]) -> StageDifference:
    """What `left` and `right` use. `freight` is the Freight of both by name, as far as it is still there."""
    here, there = _sides(left, freight), _sides(right, freight)
    names = {**{key: name for key, (name, _) in there.items()}, **{key: name for key, (name, _) in here.items()}}
    found = tuple(_compared(names[key], _of(here, key), _of(there, key)) for key in sorted(names))
    return StageDifference(
        project=left.namespace,
        left=left.name,
        right=right.name,
        same=all(each.same for each in found),
        artifacts=found,
    )


def references(stage: Stage) -> tuple[FreightReference, ...]:
    """The Freight that a Stage uses now."""
    return stage.status.current_freight.references if stage.status.current_freight is not None else ()


_Sides = dict[ArtifactKey, tuple[ArtifactName, Side]]


def _of(sides: _Sides, key: ArtifactKey) -> Side | None:
    return sides[key][1] if key in sides else None


def _sides(stage: Stage, freight: Mapping[str, Freight]) -> _Sides:
    sides: _Sides = {}
    for reference in references(stage):
        known = freight.get(reference.name)
        for version in carried(reference):
            side = Side(
                version=version.version,
                identity=version.identity,
                freight=reference.name,
                alias=known.alias if known is not None else "",
                discovered_at=known.discovered if known is not None else None,
            )
            sides[version.artifact.key] = (version.artifact, side)
    return sides


def _compared(name: ArtifactName, left: Side | None, right: Side | None) -> ArtifactDifference:
    same = left is not None and right is not None and left.identity == right.identity
    newer = ""
    if not same and left is not None and right is not None and left.discovered_at and right.discovered_at:
        later = left.discovered_at > right.discovered_at
        newer = "left" if later else "right" if left.discovered_at < right.discovered_at else ""
    return ArtifactDifference(artifact=name, left=left, right=right, same=same, newer=newer)
