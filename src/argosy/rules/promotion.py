"""Promotion: names, order, and the one table that turns outcomes of steps into Kargo's statuses and phases.

Behaviour follows Kargo's `pkg/api/promotion.go` and `pkg/promotion/local_orchestrator.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from ulid import ULID

from argosy.errors import ArgosyError, Failed, Permanent, Temporary
from argosy.resources.duration import format_duration, parse_duration
from argosy.resources.freight import FreightCollection, FreightReference
from argosy.resources.meta import Json
from argosy.resources.promotion import Promotion, PromotionPhase, PromotionStepStatus, StepExecutionMetadata
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.rules.freight import collection_of
from argosy.rules.obstacle import Code, Obstacle

SHORT_HASH = 7
LONGEST_PREFIX = 253 - 1 - 26 - 1 - SHORT_HASH
RANDOM_BITS = 80
"""Of a ULID's 128 bits; the others are milliseconds."""

POLL_EVERY, POLL_FLOOR = 300.0, 10.0
"""Seconds between looks at a waiting step: by default, and at least (`calculateRequeueInterval`)."""

StepStatus = PromotionStepStatus


def promotion_name(stage: str, freight: str, ulid: str) -> str:
    """`<stage>.<ulid>.<start of the Freight's name>`, lower case, at most 253 characters."""
    prefix = stage if len(stage) <= LONGEST_PREFIX else stage[:LONGEST_PREFIX].rstrip(".-")
    return f"{prefix}.{ulid}.{freight[:SHORT_HASH]}".lower()


class Ulids:
    """Makes ULIDs for names: each is greater than the one before, also within one moment, for names give the order."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0

    def next(self, now: datetime) -> str:
        moment = int(now.timestamp() * 1000)
        if moment > self._last >> RANDOM_BITS:
            self._last = moment << RANDOM_BITS | self._random.getrandbits(RANDOM_BITS - 1)
        else:
            self._last += 1 + self._random.getrandbits(32)
        return str(ULID.from_int(self._last))


def is_ended(document: Mapping[str, Json]) -> bool:
    """Whether a raw Promotion has ended; says so without parsing it."""
    phase = (document.get("status") or {}).get("phase") or PromotionPhase.PENDING
    return phase in set(PromotionPhase) and PromotionPhase(phase).is_terminal


def in_order(promotions: Iterable[Promotion]) -> list[Promotion]:
    """Running first, then the unfinished by name ascending, then the finished by name descending."""
    listed = list(promotions)
    running = [item for item in listed if item.status.phase == PromotionPhase.RUNNING]
    pending = [item for item in listed if not item.status.is_terminal and item.status.phase != PromotionPhase.RUNNING]
    finished = [item for item in listed if item.status.is_terminal]
    return [
        *sorted(running, key=lambda item: item.name),
        *sorted(pending, key=lambda item: item.name),
        *sorted(finished, key=lambda item: item.name, reverse=True),
    ]


def target_collection(target: FreightReference, stage: Stage) -> FreightCollection:
    """The Freight a promotion brings: its own, and that of the Stage's other origins from the last Promotion."""
    inherited: list[FreightReference] = []
    last = stage.status.last_promotion
    if len(stage.spec.requested_freight) > 1 and last is not None and last.status is not None:
        before = last.status.freight_collection
        wanted = [str(request.origin) for request in stage.spec.requested_freight]
        inherited = [before.items[origin] for origin in wanted if before is not None and origin in before.items]
    return collection_of([*inherited, target])


def unpromotable(stage: Stage) -> tuple[Obstacle, ...]:
    """Why no Promotion to `stage` may be made, whatever its Freight; nothing when some may."""
    if stage.spec.targets is not None:
        return (Obstacle(Code.GOVERNS_TARGETS),)
    return (Obstacle(Code.NO_STEPS),) if stage.is_control_flow else ()


def has_failures(steps: Iterable[StepExecutionMetadata]) -> bool:
    """Whether a step failed whose failure matters."""
    return any(step.status in (StepStatus.FAILED, StepStatus.ERRORED) and not step.continue_on_error for step in steps)


def final_phase(steps: Sequence[PromotionStep], records: Sequence[StepExecutionMetadata]) -> tuple[PromotionPhase, str]:
    """The phase and message of a promotion whose steps have all ended: those of its worst step that matters."""
    worst, message = StepStatus.SUCCEEDED, ""
    for step, record in zip(steps, records, strict=False):
        status = StepStatus(record.status)
        if not step.continue_on_error and status.severity > worst.severity:
            worst, message = status, record.message
    if worst in (StepStatus.SUCCEEDED, StepStatus.SKIPPED):
        return PromotionPhase.SUCCEEDED, message
    if worst is StepStatus.RUNNING:
        return PromotionPhase.ERRORED, message
    return PromotionPhase(worst.value), message


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often a step may try: seconds (0 is forever), and errors until it ends."""

    timeout: float
    error_threshold: int

    @classmethod
    def of(cls, step: PromotionStep, *, timeout: float, error_threshold: int) -> Limits:
        """What the user wrote, or else what the kind of step declares."""
        retry = step.retry
        if retry is None:
            return cls(timeout, error_threshold)
        written = parse_duration(retry.timeout) if retry.timeout is not None else timeout
        return cls(written, retry.error_threshold or error_threshold)

    def expired(self, record: StepExecutionMetadata, now: datetime) -> bool:
        started = record.started_at
        return self.timeout > 0 and started is not None and (now - started).total_seconds() > self.timeout

    def next_look(self, record: StepExecutionMetadata, asked: float | None, now: datetime) -> float:
        """Seconds until a waiting step is looked at again, never past the moment when it times out."""
        after = POLL_EVERY if asked is None else max(asked, POLL_FLOOR)
        if self.timeout > 0 and record.started_at is not None:
            left = self.timeout - (now - record.started_at).total_seconds()
            after = min(after, max(left, 0.0) + 1)
        return after


def after_error(
    record: StepExecutionMetadata, error: Exception, limits: Limits, now: datetime
) -> StepExecutionMetadata:
    """The record of a step whose run raised: ended, or to be tried again.

    Failed and Permanent end it at once. Others count; the count is cumulative, and at the threshold the step ends.
    """
    text = str(error) if isinstance(error, ArgosyError) else f"{type(error).__name__}: {error}"
    if isinstance(error, Failed):
        return _ended(record, StepStatus.FAILED, text, now)
    if isinstance(error, Permanent):
        return _ended(record, StepStatus.ERRORED, f"an unrecoverable error occurred: {text}", now)
    count = record.error_count + 1
    if count >= limits.error_threshold:
        message = f"step {record.alias!r} met error threshold of {limits.error_threshold}: {text}"
        return _ended(record, StepStatus.ERRORED, message, now).model_copy(update={"error_count": count})
    if limits.expired(record, now):
        return timed_out(record, limits, now).model_copy(update={"error_count": count})
    message = f"{text}; step will be retried"
    return record.model_copy(update={"status": StepStatus.ERRORED.value, "message": message, "error_count": count})


def retry_after(error: Exception, count: int) -> float:
    """Seconds until a step that erred is tried again: what the error asks for, or a growing delay up to 5 minutes."""
    asked = error.after if isinstance(error, Temporary) else None
    return asked if asked is not None else min(POLL_EVERY, 2.0 ** min(count, 10))


def timed_out(record: StepExecutionMetadata, limits: Limits, now: datetime) -> StepExecutionMetadata:
    message = f"step {record.alias!r} timed out after {format_duration(limits.timeout)}"
    return _ended(record, StepStatus.ERRORED, message, now)


def succeeded(record: StepExecutionMetadata, *, skipped: bool, message: str, now: datetime) -> StepExecutionMetadata:
    return _ended(record, StepStatus.SKIPPED if skipped else StepStatus.SUCCEEDED, message, now)


def _ended(record: StepExecutionMetadata, status: StepStatus, message: str, now: datetime) -> StepExecutionMetadata:
    return record.model_copy(update={"status": status.value, "message": message, "finished_at": now})
