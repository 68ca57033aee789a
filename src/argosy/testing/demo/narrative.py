"""Tells what happens in the demo as one line for each event. Pure: documents in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from argosy.resources.freight import Freight, FreightReference
from argosy.resources.meta import Document, Json, Key
from argosy.resources.promotion import Promotion, PromotionStatus
from argosy.resources.stage import FreightSources, Stage
from argosy.resources.warehouse import Warehouse

KINDS = ("Warehouse", "Freight", "Stage", "Promotion")
"""What the narrator wants to know of, in the order in which it must get to know it."""


class Tone(StrEnum):
    """How a line is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: `who` is a Stage or Warehouse, `command` what a person may want to type now."""

    who: str
    text: str
    tone: Tone = Tone.PLAIN
    command: str = ""


@dataclass
class Narrator:
    """Knows every resource of the project as it was last seen.

    Args:
        program: how the command line is called, for commands in lines.
        options: what must follow each command so that it speaks to this server and project.
    """

    program: str
    options: str
    _freight: dict[str, Freight] = field(default_factory=dict, init=False)
    _stages: dict[str, Stage] = field(default_factory=dict, init=False)
    _phases: dict[str, str] = field(default_factory=dict, init=False)
    _troubles: dict[str, str] = field(default_factory=dict, init=False)
    _told: set[str] = field(default_factory=set, init=False)

    def know(self, document: Document) -> None:
        """Take note of what was there before the story began.

        A promotion that its Stage has not taken note of, because the server was killed in between, is told later.
        """
        self.note(document)
        last = (stage.status.last_promotion for stage in self._stages.values())
        self._told = {promotion.name for promotion in last if promotion is not None}

    def note(self, document: Document) -> list[Line]:
        """Take note of a resource that was added or changed; returns what is worth telling."""
        match document.key.kind:
            case "Freight":
                return list(self._of_freight(document.parse(Freight)))
            case "Promotion":
                return list(self._of_promotion(document.parse(Promotion)))
            case "Warehouse":
                return list(self._of_warehouse(document.parse(Warehouse)))
        return list(self._of_stage(document.parse(Stage)))

    def forget(self, key: Key) -> list[Line]:
        """Take note of a deletion."""
        known: Mapping[str, dict[str, Any]] = {
            "Freight": self._freight,
            "Stage": self._stages,
            "Promotion": self._phases,
            "Warehouse": self._troubles,
        }
        known[key.kind].pop(key.name, None)
        return [Line(key.name, "was deleted")] if key.kind in ("Stage", "Warehouse") else []

    def places(self) -> list[Line]:
        """What runs in each Stage now, upstream first."""
        lines = []
        for stage in self._ordered():
            current = stage.status.current_freight
            if current is not None:
                texts = [f"{self._alias(item.name)} ({cargo(item)})" for item in current.references]
                lines.append(Line(stage.name, f"runs {', '.join(texts)}"))
        return lines

    def _ordered(self) -> list[Stage]:
        """The Stages, each after those it takes Freight from; those of a circle last."""
        left, ordered = dict(sorted(self._stages.items())), list[Stage]()
        while left:
            ready = [name for name, stage in left.items() if not _upstream(stage) & left.keys()]
            ordered += [left.pop(name) for name in ready or list(left)]
        return ordered

    def _of_freight(self, freight: Freight) -> Iterator[Line]:
        before = self._freight.get(freight.name)
        self._freight[freight.name] = freight
        if before is None:
            yield Line(freight.origin.name, f"found {cargo(freight)}; this Freight is called {freight.alias}")
        verified = before.status.verified_in if before is not None else {}
        for stage in freight.status.verified_in:
            if stage not in verified:
                yield from self._onward(freight, stage)
        approved = before.status.approved_for if before is not None else {}
        for stage in freight.status.approved_for:
            if stage not in approved:
                yield Line(stage, f"may take {freight.alias}: it was approved by hand")

    def _onward(self, freight: Freight, upstream: str) -> Iterator[Line]:
        """What follows from the verification of Freight in a Stage."""
        for stage, sources in self._downstream(freight, upstream):
            if stage.name in freight.status.verified_in:
                continue
            if not stage.status.auto_promotion_enabled:
                command = f"{self.program} promote --stage {stage.name} --freight-alias {freight.alias} --wait"
                text = f"may take {freight.alias} when you say so:"
                yield Line(stage.name, text, Tone.HINT, f"{command} {self.options}")
            elif sources.required_soak_time:
                text = f"takes {freight.alias} when it has been in {upstream} for {sources.required_soak_time}"
                yield Line(stage.name, text)

    def _downstream(self, freight: Freight, upstream: str) -> Iterator[tuple[Stage, FreightSources]]:
        for stage in self._stages.values():
            for request in stage.spec.requested_freight:
                if str(request.origin) == str(freight.origin) and upstream in request.sources.stages:
                    yield stage, request.sources

    def _of_promotion(self, promotion: Promotion) -> Iterator[Line]:
        phase, before = promotion.status.phase, self._phases.get(promotion.name, "")
        self._phases[promotion.name] = phase
        if phase == before:
            return
        stage, alias = promotion.spec.stage, self._alias(promotion.spec.freight)
        if phase == "Running":
            yield Line(stage, f"promotion of {alias} begins")
        elif phase == "Succeeded":
            yield from self._arrival(promotion.name, stage, promotion.spec.freight, promotion.status)
        elif phase == "Aborted":
            yield Line(stage, f"promotion of {alias} was aborted", Tone.BAD)
        elif promotion.status.is_terminal:
            text = f"promotion of {alias} {phase.lower()}: {promotion.status.message}"
            yield Line(stage, text, Tone.BAD, f"{self.program} logs {promotion.name} {self.options}")

    def _of_stage(self, stage: Stage) -> Iterator[Line]:
        self._stages[stage.name] = stage
        last = stage.status.last_promotion
        if last is not None and last.status is not None and last.status.phase == "Succeeded":
            freight = last.freight.name if last.freight is not None else ""
            yield from self._arrival(last.name, stage.name, freight, last.status)

    def _arrival(self, promotion: str, stage: str, freight: str, status: PromotionStatus) -> Iterator[Line]:
        """What was brought in, and the commit that did it if a step says so; once, whoever tells of it first."""
        if promotion in self._told:
            return
        self._told.add(promotion)
        known = self._freight.get(freight)
        carried = f" ({cargo(known)})" if known is not None else ""
        outputs = [output for output in (status.state or {}).values() if isinstance(output, dict)]
        made = [f": commit {item['commit'][:7]} on {item['branch']}" for item in outputs if _is_push(item)]
        yield Line(stage, f"runs {self._alias(freight)}{carried}{made[-1] if made else ''}", Tone.GOOD)

    def _of_warehouse(self, warehouse: Warehouse) -> Iterator[Line]:
        conditions = warehouse.status.conditions
        trouble = next((item.message for item in conditions if item.type == "Healthy" and item.status == "False"), "")
        before = self._troubles.get(warehouse.name, "")
        self._troubles[warehouse.name] = trouble
        if trouble and trouble != before:
            yield Line(warehouse.name, trouble, Tone.BAD)
        elif before and not trouble:
            yield Line(warehouse.name, "looks again", Tone.GOOD)

    def _alias(self, freight: str) -> str:
        known = self._freight.get(freight)
        return known.alias if known is not None and known.alias else freight[:7]


def _upstream(stage: Stage) -> set[str]:
    return {name for request in stage.spec.requested_freight for name in request.sources.stages}


def _is_push(output: Mapping[str, Json]) -> bool:
    return bool(output.get("commit")) and "branch" in output


def cargo(freight: Freight | FreightReference) -> str:
    """What Freight carries, such as `web 1.2.3, configuration 0a1b2c3`."""
    images = [f"{image.repo_url.rpartition('/')[2]} {image.tag}" for image in freight.images]
    commits = [f"configuration {commit.id[:7]}" for commit in freight.commits]
    return ", ".join([*images, *commits])
