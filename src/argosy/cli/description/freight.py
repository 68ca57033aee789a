"""What `describe` tells about Freight: what it carries, where it is and where it may go."""

from __future__ import annotations

from typing import Any

from argosy.cli.description.artifact import artifacts
from argosy.cli.description.sheet import Sheet
from argosy.resources.freight import Freight

Data = dict[str, Any]


def describe(sheet: Sheet, document: Data) -> None:
    freight = Freight.model_validate(document)
    status = freight.status
    sheet.field("Alias", freight.alias)
    sheet.field("Origin", freight.origin)
    sheet.field("Discovered", sheet.ago(freight.discovered))
    sheet.rows("Artifacts", ("Type", "Version", "Place"), ([*each] for each in artifacts(freight)))
    stages = sorted({*status.currently_in, *status.verified_in, *status.approved_for})
    sheet.rows(
        "Stages", ("Stage", "There since", "Verified", "Approved"), ([*_stage(sheet, freight, each)] for each in stages)
    )


def _stage(sheet: Sheet, freight: Freight, stage: str) -> tuple[str, str, str, str]:
    status = freight.status
    current, verified, approved = (
        status.currently_in.get(stage),
        status.verified_in.get(stage),
        status.approved_for.get(stage),
    )
    return (
        stage,
        sheet.ago(current.since) if current else "-",
        sheet.ago(verified.verified_at) if verified else "-",
        sheet.ago(approved.approved_at) if approved else "-",
    )
