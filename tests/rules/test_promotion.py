"""Promotions: names that give the order, what they bring, and the phases that outcomes of steps lead to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.pipeline_case import NOW, a_promotion, a_stage, ago, collection, promotion, reference, request

from argosy.errors import Failed, Permanent, Temporary
from argosy.resources.freight import FreightReference
from argosy.resources.promotion import PromotionPhase, PromotionStepStatus, StepExecutionMetadata
from argosy.resources.step import PromotionStep
from argosy.rules.promotion import (
    POLL_EVERY,
    Limits,
    Ulids,
    after_error,
    final_phase,
    has_failures,
    in_order,
    is_ended,
    promotion_name,
    retry_after,
    succeeded,
    target_collection,
    timed_out,
)

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
FREIGHT = "0123456789abcdef0123456789abcdef01234567"


def test_a_name_is_made_of_stage_ulid_and_the_start_of_the_freight() -> None:
    assert promotion_name("dev", FREIGHT, ULID) == "dev.01arz3ndektsv4rrffq69g5fav.0123456"
    assert promotion_name("dev", "f1", ULID) == "dev.01arz3ndektsv4rrffq69g5fav.f1"


def test_a_name_never_exceeds_what_kubernetes_allows() -> None:
    name = promotion_name("s" * 217 + "--" + "x" * 20, FREIGHT, ULID)
    assert len(name) <= 253
    assert name.startswith("s" * 217 + ".01arz")


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers())
def test_ulids_grow_whether_time_passes_or_not(waits: list[int], seed: int) -> None:
    ulids, now, made = Ulids(Random(seed)), NOW, []
    for wait in waits:
        now += timedelta(seconds=wait)
        made.append(ulids.next(now))
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {len(ulid) for ulid in made} == {26}


def test_running_comes_first_then_pending_by_age_then_ended_newest_first() -> None:
    names = [
        ("dev.4", "Succeeded"),
        ("dev.5", ""),
        ("dev.1", "Failed"),
        ("dev.3", "Pending"),
        ("dev.6", "Running"),
        ("dev.2", "Aborted"),
    ]
    for order in itertools.permutations(names):
        ordered = in_order(a_promotion(name, phase) for name, phase in order)
        assert [item.name for item in ordered] == ["dev.6", "dev.3", "dev.5", "dev.4", "dev.2", "dev.1"]


@pytest.mark.parametrize(
    ("phase", "ended"),
    [
        *((phase, True) for phase in ("Succeeded", "Failed", "Errored", "Aborted")),
        *((phase, False) for phase in ("", "Pending", "Running", "Newer")),
    ],
)
def test_whether_a_promotion_has_ended_is_known_without_parsing_it(phase: str, ended: bool) -> None:
    assert is_ended(promotion("dev.1", phase)) is ended
    assert a_promotion("dev.1", phase).status.is_terminal is ended


F1 = FreightReference.model_validate(reference("new", "a"))


def last(*references: dict[str, Any], phase: str = "Succeeded") -> dict[str, Any]:
    status = {"phase": phase, "freightCollection": collection(*references)}
    return {"lastPromotion": {"name": "dev.1", "status": status}}


@pytest.mark.parametrize(
    ("requests", "status", "names"),
    [
        pytest.param(["a"], {}, {"new"}, id="a Stage of one origin gets what is promoted"),
        pytest.param(["a"], last(reference("old", "a")), {"new"}, id="in place of what it had"),
        pytest.param(
            ["a", "b"],
            last(reference("old", "a"), reference("other", "b")),
            {"new", "other"},
            id="what it has of another origin stays",
        ),
        pytest.param(
            ["a", "b"],
            last(reference("other", "b"), phase="Failed"),
            {"new", "other"},
            id="also when the last promotion failed",
        ),
        pytest.param(["a", "b"], last(reference("gone", "c")), {"new"}, id="what it no longer requests does not stay"),
        pytest.param(["a", "b"], {"lastPromotion": {"name": "dev.1"}}, {"new"}, id="nothing is known of the last one"),
    ],
)
def test_what_a_promotion_brings(requests: list[str], status: dict[str, Any], names: set[str]) -> None:
    stage = a_stage("dev", *(request(name) for name in requests), status=status)
    assert {item.name for item in target_collection(F1, stage).references} == names


def step(*, continues: bool = False, **retry: Any) -> PromotionStep:
    fields: dict[str, Any] = {"uses": "x", "continueOnError": continues}
    return PromotionStep.model_validate({**fields, **({"retry": retry} if retry else {})})


def record(status: str = "Running", **fields: Any) -> StepExecutionMetadata:
    return StepExecutionMetadata.model_validate({"alias": "s", "status": status, **fields})


def outcome(*statuses: tuple[str, bool] | str) -> tuple[PromotionPhase, str]:
    steps, records = [], []
    for index, each in enumerate(statuses):
        status, continues = each if isinstance(each, tuple) else (each, False)
        steps.append(step(continues=continues))
        records.append(record(status, message=f"{index} {status}"))
    return final_phase(steps, records)


@pytest.mark.parametrize(
    ("statuses", "phase"),
    [
        pytest.param((), "Succeeded", id="no steps"),
        pytest.param(("Succeeded", "Skipped"), "Succeeded", id="skipped steps do not matter"),
        pytest.param(("Succeeded", "Failed"), "Failed", id="a failed step"),
        pytest.param(("Failed", "Errored", "Succeeded"), "Errored", id="an error is worse than a failure"),
        pytest.param(("Aborted", "Failed"), "Failed", id="a failure is worse than an abort"),
        pytest.param(("Aborted",), "Aborted", id="an aborted step"),
        pytest.param(("Running",), "Errored", id="a step that never ended"),
        pytest.param((("Errored", True), "Succeeded"), "Succeeded", id="an error that the promotion goes on after"),
        pytest.param((("Errored", True), "Failed"), "Failed", id="an error that does not matter before one that does"),
    ],
)
def test_the_phase_is_that_of_the_worst_step_that_matters(statuses: Sequence[Any], phase: str) -> None:
    assert outcome(*statuses)[0] == phase


def test_the_message_is_that_of_the_first_of_the_worst_steps() -> None:
    assert outcome("Succeeded", "Failed", "Failed") == (PromotionPhase.FAILED, "1 Failed")
    assert outcome("Succeeded") == (PromotionPhase.SUCCEEDED, "")


STATUSES = st.sampled_from([status.value for status in PromotionStepStatus if status != PromotionStepStatus.RUNNING])
RANK = ["Succeeded", "Aborted", "Failed", "Errored"]


@given(st.lists(STATUSES, max_size=5), STATUSES)
def test_one_step_more_never_makes_a_promotion_better(statuses: list[str], more: str) -> None:
    before, after = outcome(*statuses)[0], outcome(*statuses, more)[0]
    assert RANK.index(after.value) >= RANK.index(before.value)


def test_failures_count_unless_the_promotion_goes_on_after_them() -> None:
    assert has_failures([record("Succeeded"), record("Failed")])
    assert has_failures([record("Errored")])
    assert not has_failures([record("Errored", continueOnError=True), record("Skipped")])


def test_limits_are_what_the_user_wrote_or_else_what_the_step_declares() -> None:
    assert Limits.of(step(), timeout=60, error_threshold=3) == Limits(60, 3)
    assert Limits.of(step(timeout="5m"), timeout=60, error_threshold=3) == Limits(300, 3)
    assert Limits.of(step(errorThreshold=5), timeout=60, error_threshold=3) == Limits(60, 5)
    assert Limits.of(step(timeout="0s"), timeout=60, error_threshold=3) == Limits(0, 3)


def test_a_step_times_out_counted_from_its_first_start_and_never_with_zero() -> None:
    started = record(startedAt=ago(61))
    assert Limits(60, 1).expired(started, NOW)
    assert not Limits(61, 1).expired(started, NOW)
    assert not Limits(0, 1).expired(started, NOW)
    assert not Limits(60, 1).expired(record(), NOW)


@pytest.mark.parametrize(
    ("asked", "timeout", "seconds"),
    [
        pytest.param(None, 0, POLL_EVERY, id="by default every five minutes"),
        pytest.param(60, 0, 60, id="as the step asks"),
        pytest.param(1, 0, 10, id="but not more often than every ten seconds"),
        pytest.param(60, 130, 31, id="never past the moment when it times out"),
        pytest.param(60, 50, 1, id="at once when that has passed"),
    ],
)
def test_when_a_waiting_step_is_looked_at_again(asked: float | None, timeout: float, seconds: float) -> None:
    assert Limits(timeout, 1).next_look(record(startedAt=ago(100)), asked, NOW) == seconds


@pytest.mark.parametrize("error", [Temporary("busy"), ValueError("bug")])
def test_an_error_below_the_threshold_is_tried_again(error: Exception) -> None:
    after = after_error(record(), error, Limits(0, 2), NOW)
    assert (after.status, after.error_count, after.finished_at) == ("Errored", 1, None)
    assert after.message.endswith("step will be retried")


def test_the_error_count_is_cumulative_and_ends_the_step_at_the_threshold() -> None:
    after = after_error(record(errorCount=2), Temporary("busy"), Limits(0, 3), NOW)
    assert (after.status, after.error_count, after.finished_at) == ("Errored", 3, NOW)
    assert "met error threshold of 3" in after.message


def test_a_permanent_error_ends_the_step_at_once() -> None:
    after = after_error(record(), Permanent("no such repository", advice="Correct it."), Limits(0, 9), NOW)
    assert (after.status, after.finished_at) == ("Errored", NOW)
    assert after.message == "an unrecoverable error occurred: no such repository. Correct it."


def test_what_the_world_refused_ends_the_step_as_failed() -> None:
    after = after_error(record(), Failed("the pull request was closed"), Limits(0, 9), NOW)
    assert (after.status, after.finished_at, after.message) == ("Failed", NOW, "the pull request was closed")


def test_an_error_after_the_timeout_ends_the_step() -> None:
    after = after_error(record(startedAt=ago(61)), Temporary("busy"), Limits(60, 9), NOW)
    assert (after.status, after.error_count, after.finished_at) == ("Errored", 1, NOW)
    assert "timed out after 1m0s" in after.message
    assert timed_out(record(), Limits(60, 9), NOW).message == after.message


def test_a_step_is_tried_again_when_the_error_says_or_later_and_later() -> None:
    assert retry_after(Temporary("busy", after=7), 5) == 7
    delays = [retry_after(ValueError(), count) for count in range(1, 20)]
    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (2, POLL_EVERY)


def test_a_step_that_did_its_work_has_ended() -> None:
    assert succeeded(record(), skipped=False, message="m", now=NOW) == record("Succeeded", message="m", finishedAt=NOW)
    assert succeeded(record(), skipped=True, message="", now=NOW).status == "Skipped"
