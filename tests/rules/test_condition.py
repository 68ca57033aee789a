"""Conditions: their times move only with their status, and nothing differs when nothing has changed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from argosy.resources.meta import Condition
from argosy.rules.condition import LONGEST_MESSAGE, Conditions

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def at(moment: datetime, present: tuple[Condition, ...] = (), generation: int = 1) -> Conditions:
    return Conditions(present, generation=generation, now=moment)


def one(conditions: Conditions, type: str = "Ready") -> Condition:
    found = conditions.get(type)
    assert found is not None
    return found


def ready() -> tuple[Condition, ...]:
    first = at(NOON)
    first.set("Ready", True, "Fine", "all is well")
    return first.result


def test_a_new_condition_has_the_time_it_was_set_at() -> None:
    assert ready() == (
        Condition(
            type="Ready",
            status="True",
            reason="Fine",
            message="all is well",
            observed_generation=1,
            last_transition_time=NOON,
        ),
    )


def test_the_time_stays_while_the_status_does() -> None:
    again = at(LATER, ready(), generation=2)
    again.set("Ready", True, "Other", "still well")
    assert one(again).last_transition_time == NOON
    assert one(again).reason == "Other"
    assert one(again).observed_generation == 2


def test_the_time_moves_with_the_status() -> None:
    for status in (False, None):
        again = at(LATER, ready())
        again.set("Ready", status, "Broken")
        assert one(again).last_transition_time == LATER


def test_unknown_is_written_for_none() -> None:
    conditions = at(NOON)
    conditions.set("Ready", None, "Waiting")
    assert one(conditions).status == "Unknown"


def test_a_condition_removed_and_set_again_was_never_gone() -> None:
    again = at(LATER, ready())
    again.remove("Ready")
    assert again.get("Ready") is None
    again.set("Ready", True, "Fine", "all is well")
    assert again.result == ready()


def test_a_removed_condition_is_gone() -> None:
    again = at(LATER, ready())
    again.remove("Ready")
    again.remove("Never")
    assert again.result == ()


def test_present_conditions_keep_their_order_and_new_ones_come_last() -> None:
    first = at(NOON)
    for type in ("B", "A"):
        first.set(type, True, "R")
    again = at(LATER, first.result)
    again.remove("B")
    again.set("C", True, "R")
    again.set("B", True, "R")
    assert [item.type for item in again.result] == ["B", "A", "C"]


def test_a_present_condition_without_a_time_gets_one() -> None:
    again = at(LATER, (Condition(type="Ready", status="True"),))
    again.set("Ready", True, "Fine")
    assert one(again).last_transition_time == LATER


def test_a_message_that_kubernetes_would_refuse_is_cut_between_characters() -> None:
    conditions = at(NOON)
    conditions.set("Ready", False, "Long", "ü" * LONGEST_MESSAGE)
    message = one(conditions).message
    assert LONGEST_MESSAGE - 2 <= len(message.encode()) <= LONGEST_MESSAGE
    assert message.endswith("ü ... (truncated)")


TYPES = st.sampled_from(["Ready", "Healthy", "Promoting"])
STEPS = st.lists(st.tuples(TYPES, st.sampled_from([True, False, None, "remove"])), max_size=8)


@given(STEPS)
def test_deciding_the_same_again_changes_nothing(steps: list[tuple[str, bool | str | None]]) -> None:
    def decide(present: tuple[Condition, ...], now: datetime) -> tuple[Condition, ...]:
        conditions = at(now, present)
        for type, status in steps:
            if isinstance(status, str):
                conditions.remove(type)
            else:
                conditions.set(type, status, "Reason")
        return conditions.result

    settled = decide((), NOON)
    assert decide(settled, LATER) == settled
