"""The matrix of what runs where: artifacts by Stage, and how far each lags behind what its Warehouse has found.

A version lags behind by as many versions as the Warehouse lists before it. The Warehouse lists as many as its
subscription's `discoveryLimit` says; a version that is not among them lags behind all of them, at least.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from argosy.resources.freight import FreightReference
from argosy.resources.meta import Model
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.rules.carried import ArtifactKey, ArtifactName, ArtifactVersion, carried, discovered
from argosy.rules.stage_difference import references
from argosy.rules.stage_order import upstream_first
from argosy.rules.told import Told


class MatrixStage(Told):
    """A column."""

    project: str = Field(description="The Project.")
    stage: str = Field(description="The Stage.")
    health: str = Field("", description="How well it is.")
    promoting: bool = Field(False, description="Whether a Promotion runs.")


class Cell(Model):
    """The version of an artifact that a Stage uses."""

    project: str = Field(description="The Project.")
    stage: str = Field(description="The Stage.")
    version: str = Field(description="The version as people call it.")
    freight: str = Field(description="Name of the Freight that carries it.")
    alias: str = Field("", description="Alias of that Freight; empty when it is gone.")
    behind: int | None = Field(
        None, description="How many newer versions its Warehouse has found; absent when unknown."
    )
    at_least: bool = Field(False, description="Whether it may be even more: it is older than all that is listed.")
    health: str = Field("", description="How well the Stage is.")


class Row(Told):
    """An artifact in all Stages that use it."""

    artifact: ArtifactName = Field(description="Which artifact.")
    newest: str = Field("", description="The newest version that a Warehouse of these Stages has found.")
    cells: tuple[Cell, ...] = Field(description="What each Stage uses of it.")


def columns(stages: Iterable[Stage]) -> list[Stage]:
    """The Stages that use Freight, by Project, each with those before that it takes Freight from."""
    by_project: dict[str, list[Stage]] = defaultdict(list)
    for stage in stages:
        if not stage.is_control_flow:
            by_project[stage.namespace].append(stage)
    return [stage for _, group in sorted(by_project.items()) for stage in upstream_first(group)]


def column(stage: Stage) -> MatrixStage:
    """A Stage as a column."""
    return MatrixStage(
        project=stage.namespace,
        stage=stage.name,
        health=_health(stage),
        promoting=stage.status.current_promotion is not None,
    )


Found = Mapping[ArtifactKey, tuple[ArtifactVersion, ...]]
"""Versions of each artifact, the newest first."""


def found_by(warehouse: Warehouse) -> Found:
    """What a Warehouse has found."""
    found: dict[ArtifactKey, list[ArtifactVersion]] = defaultdict(list)
    for version in discovered(warehouse.status.discovered_artifacts):
        found[version.artifact.key].append(version)
    return {key: tuple(versions) for key, versions in found.items()}


def rows(
    stages: Iterable[Stage], found: Mapping[tuple[str, str], Found], aliases: Mapping[tuple[str, str], str]
) -> list[Row]:
    """The rows of these Stages, by artifact.

    Args:
        stages: in the order of the columns.
        found: what Warehouses have found, by Project and name.
        aliases: aliases of Freight, by Project and name.
    """
    cells: dict[ArtifactKey, list[Cell]] = defaultdict(list)
    names: dict[ArtifactKey, ArtifactName] = {}
    newest: dict[ArtifactKey, str] = {}
    used = [(stage, reference) for stage in stages for reference in references(stage)]
    for stage, reference in used:
        origin = reference.origin.name if reference.origin is not None else ""
        known = found.get((stage.namespace, origin), {})
        alias = aliases.get((stage.namespace, reference.name), "")
        for version in carried(reference):
            key = version.artifact.key
            listed = known.get(key, ())
            names.setdefault(key, version.artifact)
            cells[key].append(_cell(stage, reference, version, listed).model_copy(update={"alias": alias}))
            if listed:
                newest.setdefault(key, listed[0].version)
    return [Row(artifact=names[key], newest=newest.get(key, ""), cells=tuple(cells[key])) for key in sorted(cells)]


def _cell(
    stage: Stage, reference: FreightReference, version: ArtifactVersion, listed: Sequence[ArtifactVersion]
) -> Cell:
    known = [each.identity for each in listed]
    is_listed = version.identity in known
    return Cell(
        project=stage.namespace,
        stage=stage.name,
        version=version.version,
        freight=reference.name,
        behind=known.index(version.identity) if is_listed else len(known) or None,
        at_least=bool(known) and not is_listed,
        health=_health(stage),
    )


def _health(stage: Stage) -> str:
    return stage.status.health.status if stage.status.health is not None else ""
