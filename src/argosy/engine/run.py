"""Runs a promotion, one step per call, from wherever its journal says it is.

The journal is the Promotion's status. It is saved when a step starts and when it ends, and before anything is done to
the world. What is on disk beside it, working directory and log, can be lost at any moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from argosy.clock import Clock
from argosy.engine.context import Services, StepContext
from argosy.engine.functions.resource import Reader
from argosy.engine.log import Logs
from argosy.engine.redaction import Redactor
from argosy.engine.scope import Scope
from argosy.engine.turn import Advance, Facts, Journal, Turn
from argosy.engine.workspace import Workspaces
from argosy.errors import ArgosyError, Failed, Unavailable, suggestion
from argosy.expressions import ExpressionError
from argosy.failpoints import reach
from argosy.resources.meta import Json
from argosy.resources.promotion import (
    HealthCheckStep,
    PromotionPhase,
    PromotionStatus,
    PromotionStepStatus,
    StepExecutionMetadata,
)
from argosy.resources.step import PromotionStep
from argosy.rules.artifact import Cargo
from argosy.rules.promotion import (
    Limits,
    after_error,
    final_phase,
    retry_after,
    succeeded,
    target_collection,
    timed_out,
)
from argosy.rules.promotion_template import task_of
from argosy.steps.base import AnyStep, Done, Effect, Outcome, Wait
from argosy.steps.config_fault import config_faults

ENDED = frozenset(PromotionStepStatus) - {PromotionStepStatus.RUNNING}


class Engine:
    """Runs promotions with the steps of a catalogue."""

    def __init__(
        self, steps: Mapping[str, AnyStep], services: Services, workspaces: Workspaces, logs: Logs, clock: Clock
    ) -> None:
        self._steps = steps
        self._services = services
        self._workspaces = workspaces
        self._logs = logs
        self._clock = clock

    async def advance(self, facts: Facts, journal: Journal, redactor: Redactor | None = None) -> Advance:
        """Run the next step of a promotion, or end it. Raises Conflict and Unavailable of the journal.

        `redactor` hears of the secret values that are read, by default one of this call alone.
        """
        status = facts.promotion.status
        turn = Turn(facts, journal, self._workspaces.of(facts.promotion.metadata.uid), status)
        turn.redactor = redactor or turn.redactor
        turn.notes = dict(status.journal or {})
        if status.phase != PromotionPhase.RUNNING:
            self._begin(turn)
        records = turn.status.step_execution_metadata
        turn.index = len(records) - 1 if records and records[-1].status not in ENDED else len(records)
        if turn.index >= len(turn.steps):
            return await self._end(turn)
        again_after = await self._step(turn)
        return Advance(turn.status, again_after, tuple(turn.warnings), turn.wakes)

    def _begin(self, turn: Turn) -> None:
        target = turn.facts.freight.reference
        turn.update(
            phase=PromotionPhase.RUNNING.value,
            started_at=self._clock.now(),
            freight=target,
            freight_collection=target_collection(target, turn.facts.stage),
        )

    async def _end(self, turn: Turn) -> Advance:
        phase, message = final_phase(turn.steps, turn.status.step_execution_metadata)
        turn.notes = {}
        turn.update(phase=phase.value, message=message, finished_at=self._clock.now(), current_step=len(turn.steps) - 1)
        self.tell_end(turn.uid, turn.status)
        await turn.save()
        await self.discard(turn.uid)
        return Advance(turn.status, None)

    def tell_end(self, uid: str, status: PromotionStatus) -> None:
        """Write how a promotion ended into its log, also when it did not end by itself."""
        self._logs.write(uid, "promotion", f"{status.phase}{f': {status.message}' if status.message else ''}")

    async def discard(self, uid: str) -> None:
        """Give back the checkouts of a promotion that has ended, and remove its working directory."""
        for checkout in self._services.checkouts.find(self._workspaces.of(uid).folder):
            await self._services.checkouts.put_back(checkout)
        self._workspaces.remove(uid)

    async def _step(self, turn: Turn) -> float:
        """Run the step at `turn.index`; returns the seconds until the next call."""
        step = turn.steps[turn.index]
        record = self._open_record(turn, step)
        scope = self._scope(turn, self._clock.now())
        if record.started_at is None:
            try:
                if await scope.skips(step, record.alias):
                    return await self._close(turn, record.model_copy(update={"status": "Skipped"}))
            except Unavailable:
                raise
            except ArgosyError as error:
                message = f"error checking if step {record.alias!r} should be skipped: {error}"
                return await self._close(turn, _errored(record, message))
        kind = self._steps.get(step.uses or "")
        if kind is None:
            return await self._close(turn, _errored(record, self._unknown(step.uses or "")))
        if record.started_at is None:
            record = record.model_copy(update={"started_at": self._clock.now(), "status": "Running"})
            self._logs.write(turn.uid, record.alias, f"{kind.name} starts")
            turn.record(record)
            await turn.save()
            reach("engine.started")
        limits = Limits.of(step, timeout=kind.timeout, error_threshold=kind.error_threshold)
        return await self._run(turn, record, kind, limits)

    async def _run(self, turn: Turn, record: StepExecutionMetadata, kind: AnyStep, limits: Limits) -> float:
        """Run a step that has started, and record how that ended."""
        now = self._clock.now
        try:
            await self._restore(turn)
            config = await self._config(turn, turn.index)
        except Unavailable:
            raise  # trouble of the store is none of the step
        except ArgosyError as error:
            if isinstance(error, ExpressionError):
                message = f"failed to build step context: {error}"
                return await self._close(turn, _errored(record, message).model_copy(update={"finished_at": now()}))
            return await self._retry(turn, after_error(record, error, limits, now()), error)
        context = self._context(turn, record)
        if kind.effect in (Effect.WORKSPACE, Effect.EXTERNAL):
            turn.workspace.begin()
        try:
            outcome: Outcome = await kind.run(config, context)
            for update in outcome.metadata if isinstance(outcome, Done) else ():
                await self._services.write_metadata(turn.facts.promotion.namespace, update)
        except Unavailable:
            raise
        except Exception as error:
            return await self._retry(turn, after_error(record, error, limits, now()), error)
        reach("engine.ran")
        turn.note("pins", record.alias, context.pins)
        if isinstance(outcome, Wait):
            return await self._wait(turn, record, outcome, limits)
        self._take(turn, record.alias, kind, outcome)
        return await self._close(turn, succeeded(record, skipped=outcome.skipped, message=outcome.message, now=now()))

    async def _close(self, turn: Turn, record: StepExecutionMetadata) -> float:
        """A step has ended: record it, then stamp the working directory."""
        record = turn.cleaned(record)
        turn.record(record)
        turn.note("intents", record.alias, None)
        told = f"{record.status}{f': {record.message}' if record.message else ''}"
        self._logs.write(turn.uid, record.alias, told)
        await turn.save()
        reach("engine.recorded")
        known = turn.workspace.steps_done() == turn.index
        if known or (record.started_at is not None and turn.workspace.folder.exists()):
            turn.workspace.stamp(turn.index + 1)
        return 0.0

    async def _retry(self, turn: Turn, record: StepExecutionMetadata, error: Exception) -> float:
        if record.status in ENDED and record.finished_at is not None:
            return await self._close(turn, record)
        # A step that is to run again counts as running: Failed and Errored are for steps that ended.
        record = turn.cleaned(record.model_copy(update={"status": PromotionStepStatus.RUNNING.value}))
        self._logs.write(turn.uid, record.alias, record.message)
        turn.record(record)
        await turn.save()
        return retry_after(error, record.error_count)

    async def _wait(self, turn: Turn, record: StepExecutionMetadata, outcome: Wait, limits: Limits) -> float:
        now = self._clock.now()
        if limits.expired(record, now):
            return await self._close(turn, timed_out(record, limits, now))
        record = turn.cleaned(record.model_copy(update={"status": "Running", "message": outcome.why}))
        if turn.status.step_execution_metadata[turn.index :] != (record,):
            self._logs.write(turn.uid, record.alias, record.message)
        turn.record(record)
        await turn.save()
        turn.wakes = outcome.wakes
        return limits.next_look(record, outcome.again_after, now)

    def _take(self, turn: Turn, alias: str, kind: AnyStep, outcome: Done) -> None:
        """Outputs become visible to later steps; health checks go on after the promotion."""
        if outcome.warning:
            turn.warnings.append(f"step {alias!r} ({kind.name}): {turn.redactor.clean(outcome.warning)}")
        state = dict(turn.status.state or {})
        state[alias] = dict(outcome.outputs)
        task = task_of(alias)
        if kind.propagates and task:
            state[task] = {**(state.get(task) or {}), **outcome.outputs}
        turn.update(state=state)
        if outcome.health_check is not None and not outcome.skipped:
            check = HealthCheckStep(uses=outcome.health_check.uses, config=dict(outcome.health_check.config))
            turn.update(health_checks=(*turn.status.health_checks, check))

    async def _restore(self, turn: Turn) -> None:
        """Make sure that the working directory holds the work of all steps before, and of no part of another.

        When it does not, it is made again: every step that changes it runs again, seeing what it saw the first time.
        """
        if turn.workspace.steps_done() == turn.index:
            return
        await self.discard(turn.uid)
        turn.workspace = self._workspaces.fresh(turn.uid)
        if turn.index and any(record.started_at for record in turn.status.step_execution_metadata[: turn.index]):
            self._logs.write(turn.uid, "promotion", "restoring the working directory")
        for index, record in enumerate(turn.status.step_execution_metadata[: turn.index]):
            kind = self._steps.get(turn.steps[index].uses or "")
            if kind is None or record.started_at is None:
                continue
            if kind.effect is Effect.WORKSPACE:
                await self._replay(turn, index, record, kind)
            elif kind.restore is not None and record.status == PromotionStepStatus.SUCCEEDED:
                context = self._context(turn, record)
                context.quiet = True
                outputs = (turn.status.state or {}).get(record.alias) or {}
                await kind.restore(await self._config(turn, index), context, outputs)

    async def _replay(self, turn: Turn, index: int, record: StepExecutionMetadata, kind: AnyStep) -> None:
        context = self._context(turn, record)
        context.quiet = True
        try:
            await kind.run(await self._config(turn, index), context)
        except ArgosyError:
            if record.status == PromotionStepStatus.SUCCEEDED:
                raise
            # it failed the first time as well, and the promotion went on without it

    def _scope(self, turn: Turn, now: datetime) -> Scope:
        collection = turn.status.freight_collection
        origins = tuple(request.origin for request in turn.facts.stage.spec.requested_freight)
        cargo = Cargo(collection.references if collection else (), origins, turn.facts.warehouses)
        services = self._services
        reader = Reader(
            services.read,
            services.logins,
            turn.promotion.namespace,
            services.shared_namespace,
            turn.redactor.hide,
        )
        return Scope(
            promotion=turn.promotion,
            stage=turn.facts.stage,
            freight=turn.facts.freight,
            cargo=cargo,
            reader=reader,
            now=now,
            ui_base_url=services.ui_base_url,
        )

    async def _config(self, turn: Turn, index: int) -> Any:
        """The checked configuration of a step. Raises ExpressionError, Failed, Permanent."""
        step = turn.steps[index]
        record = turn.status.step_execution_metadata[index]
        alias, now = record.alias, record.started_at or self._clock.now()  # the same when it runs again
        config = await self._scope(turn, now).config(step, alias)
        kind = self._steps[step.uses or ""]
        try:
            return kind.config.model_validate(config)
        except ValidationError as error:
            faults = "; ".join(config_faults(error, kind.config).values())
            raise Failed(f"invalid config of step {alias!r} ({kind.name}): {faults}") from error

    def _context(self, turn: Turn, record: StepExecutionMetadata) -> StepContext:
        collection = turn.status.freight_collection

        async def save_intent(intent: Mapping[str, Json]) -> None:
            turn.note("intents", record.alias, intent)
            turn.note("pins", record.alias, context.pins)
            await turn.save()
            reach("engine.intended")

        context = StepContext(
            services=self._services,
            logs=self._logs,
            record=turn.promotion,
            target=turn.facts.stage,
            alias=record.alias,
            started_at=record.started_at or self._clock.now(),
            tree=turn.workspace.tree,
            freight=collection.references if collection else (),
            origins=tuple(request.origin for request in turn.facts.stage.spec.requested_freight),
            warehouses=turn.facts.warehouses,
            pins=turn.noted("pins", record.alias),
            intent=turn.noted("intents", record.alias) or None,
            save_intent=save_intent,
            redactor=turn.redactor,
        )
        return context

    def _open_record(self, turn: Turn, step: PromotionStep) -> StepExecutionMetadata:
        records = turn.status.step_execution_metadata
        if turn.index < len(records):
            return records[turn.index]
        fields: dict[str, Json] = {"alias": step.alias(turn.index)}
        if step.continue_on_error:
            fields["continueOnError"] = True
        return StepExecutionMetadata.model_validate(fields)

    def _unknown(self, name: str) -> str:
        return ". ".join(filter(None, (f"step kind {name!r} is not known", suggestion(name, self._steps))))


def _errored(record: StepExecutionMetadata, message: str) -> StepExecutionMetadata:
    return record.model_copy(update={"status": PromotionStepStatus.ERRORED.value, "message": message})
