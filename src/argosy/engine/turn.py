"""One call of the engine for one promotion: what was read, and the status as it changes until it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from argosy.engine.redaction import Redactor
from argosy.engine.workspace import Workspace
from argosy.resources.freight import Freight
from argosy.resources.meta import Json
from argosy.resources.promotion import Promotion, PromotionStatus, StepExecutionMetadata
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.resources.warehouse import Warehouse


class Journal(Protocol):
    """Where a promotion's status is kept durably."""

    async def save(self, status: PromotionStatus) -> None:
        """Returns once `status` is safe. Raises Conflict when somebody else changed it."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read about one promotion: `warehouses` by name, those of the origins the Stage requests."""

    promotion: Promotion
    stage: Stage
    freight: Freight
    warehouses: Mapping[str, Warehouse]


@dataclass(frozen=True, slots=True)
class Advance:
    """Where a promotion stands after one call: its status, in how many seconds to call again (None: ended), what
    people should be warned of, and the subjects whose change is a reason to call earlier."""

    status: PromotionStatus
    again_after: float | None
    warnings: tuple[str, ...] = ()
    wakes: tuple[str, ...] = ()


@dataclass(slots=True)
class Turn:
    """One call for one promotion: the facts, and the status as it changes."""

    facts: Facts
    journal: Journal
    workspace: Workspace
    status: PromotionStatus
    index: int = 0
    notes: dict[str, dict[str, Json]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    wakes: tuple[str, ...] = ()
    redactor: Redactor = field(default_factory=Redactor)

    @property
    def steps(self) -> tuple[PromotionStep, ...]:
        return self.facts.promotion.spec.steps

    @property
    def promotion(self) -> Promotion:
        return self.facts.promotion.model_copy(update={"status": self.status})

    @property
    def uid(self) -> str:
        return self.facts.promotion.metadata.uid

    def update(self, **fields: Any) -> None:
        self.status = self.status.model_copy(update=fields)

    def cleaned(self, record: StepExecutionMetadata) -> StepExecutionMetadata:
        """The record of a step without secret values in its message."""
        return record.model_copy(update={"message": self.redactor.clean(record.message)}) if record.message else record

    def record(self, record: StepExecutionMetadata) -> None:
        """Put the record of the step at `index`."""
        kept = self.status.step_execution_metadata[: self.index]
        self.update(step_execution_metadata=(*kept, record), current_step=self.index)

    async def save(self) -> None:
        self.update(journal=self.notes or None)
        await self.journal.save(self.status)

    def noted(self, what: str, alias: str) -> dict[str, Json]:
        return dict((self.notes.get(what) or {}).get(alias) or {})

    def note(self, what: str, alias: str, value: Mapping[str, Json] | None) -> None:
        notes = {key: item for key, item in (self.notes.get(what) or {}).items() if key != alias}
        if value:
            notes[alias] = dict(value)
        self.notes = {
            **{key: item for key, item in self.notes.items() if key != what},
            **({what: notes} if notes else {}),
        }
