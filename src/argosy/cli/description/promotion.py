"""What `describe` tells about a Promotion: what goes where, and how each step fared."""

from __future__ import annotations

from typing import Any

from argosy.cli.description.artifact import artifacts
from argosy.cli.description.sheet import Sheet
from argosy.cli.progress import steps, took
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion

Data = dict[str, Any]


def describe(sheet: Sheet, document: Data) -> None:
    promotion = Promotion.model_validate(document)
    status = promotion.status
    sheet.field("Stage", promotion.spec.stage)
    sheet.field("Freight", promotion.spec.freight)
    sheet.field("By", promotion.metadata.annotations.get(Annotation.CREATE_ACTOR.value))
    sheet.field("Phase", status.phase or "Pending")
    sheet.field("Message", status.message)
    sheet.field("Started", sheet.ago(status.started_at))
    sheet.field("Finished", sheet.ago(status.finished_at))
    sheet.field("Took", took(status.started_at, status.finished_at) if status.finished_at else "")
    rows = [
        [
            alias,
            uses,
            state.status if state else "-",
            took(state.started_at, state.finished_at) if state else "",
            _told(state),
        ]
        for alias, uses, state in steps(promotion)
    ]
    sheet.rows("Steps", ("Step", "Uses", "Status", "Took", "Message"), rows)
    if status.freight is not None:
        sheet.rows("Artifacts", ("Type", "Version", "Place"), ([*each] for each in artifacts(status.freight)))


def _told(state: Any) -> str:
    if state is None:
        return ""
    errors = f" (errors: {state.error_count})" if state.error_count else ""
    return f"{state.message}{errors}"
