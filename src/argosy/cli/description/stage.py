"""What `describe` tells about a Stage: what it takes, what is there, how well it is, what runs and what was."""

from __future__ import annotations

from typing import Any

from argosy.cli.description.artifact import artifacts, summary
from argosy.cli.description.sheet import Sheet
from argosy.resources.stage import FreightRequest, PromotionReference, Stage

Data = dict[str, Any]


def describe(sheet: Sheet, document: Data) -> None:
    stage = Stage.model_validate(document)
    status = stage.status
    sheet.field("Shard", stage.spec.shard)
    if stage.is_control_flow:
        sheet.field("Steps", "none: it only passes Freight on")
    sheet.rows("Takes Freight", ("Origin", "From"), ([str(each.origin), _from(each)] for each in _requests(stage)))
    sheet.field("Auto-promotion", "enabled" if status.auto_promotion_enabled else "not enabled")
    holds = status.auto_promotion_holds.items()
    header = ("Origin", "At Freight", "Since", "By")
    sheet.rows(
        "Held", header, ([key, each.freight_name, sheet.ago(each.created_at), each.actor] for key, each in holds)
    )
    if status.health is not None:
        sheet.field("Health", status.health.status)
        for issue in status.health.issues:
            sheet.field("Issue", issue)
    sheet.conditions(status.conditions)
    _current(sheet, stage)
    _promotion(sheet, "Running Promotion", status.current_promotion)
    _promotion(sheet, "Last Promotion", status.last_promotion)
    history = [
        [reference.name, str(reference.origin or ""), summary(reference)]
        for collection in status.freight_history[1:]
        for reference in collection.references
    ]
    sheet.rows("Freight Before", ("Name", "Origin", "Artifacts"), history)


def _requests(stage: Stage) -> tuple[FreightRequest, ...]:
    return stage.spec.requested_freight


def _from(request: FreightRequest) -> str:
    sources = request.sources
    places = ["its Warehouse"] if sources.direct else []
    if sources.stages:
        word = "all of" if sources.requires_all else "one of"
        places.append(", ".join(sources.stages) if len(sources.stages) == 1 else f"{word} {', '.join(sources.stages)}")
    soak = f" after {sources.required_soak_time}" if sources.required_soak_time else ""
    policy = ", following what is there" if sources.matches_upstream else ""
    return " or ".join(places) + soak + policy


def _current(sheet: Sheet, stage: Stage) -> None:
    current = stage.status.current_freight
    if current is None:
        return
    rows = [
        [reference.name, str(reference.origin or ""), sort, version, place]
        for reference in current.references
        for sort, version, place in artifacts(reference)
    ]
    sheet.rows("Current Freight", ("Name", "Origin", "Artifact", "Version", "Place"), rows)
    checks = current.verification_history
    header = ("Phase", "Began", "Message")
    sheet.rows("Verification", header, ([each.phase, sheet.ago(each.start_time), each.message] for each in checks[:3]))


def _promotion(sheet: Sheet, title: str, reference: PromotionReference | None) -> None:
    if reference is None:
        return
    with sheet.section(title):
        sheet.field("Name", reference.name)
        sheet.field("Freight", reference.freight.name if reference.freight else "")
        if reference.status is not None:
            sheet.field("Phase", reference.status.phase)
            sheet.field("Message", reference.status.message)
        sheet.field("Finished", sheet.ago(reference.finished_at))
