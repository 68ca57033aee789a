"""How often passwords may be tried."""

from __future__ import annotations

import pytest

from argosy.api.answer import Refused
from argosy.api.authentication.attempts import REMEMBERED, Attempts
from argosy.testing.clock import FakeClock


def spent(attempts: Attempts, address: str) -> int:
    """How many attempts there are left for an address."""
    count = 0
    while True:
        try:
            attempts.take(address)
        except Refused:
            return count
        count += 1


def test_one_address_does_not_use_up_what_others_have() -> None:
    attempts = Attempts(FakeClock(), most=3)
    assert spent(attempts, "10.0.0.1") == 3
    assert spent(attempts, "10.0.0.2") == 3


def test_all_together_have_a_limit_too() -> None:
    attempts = Attempts(FakeClock(), most=3, most_in_all=5)
    assert [spent(attempts, f"10.0.0.{number}") for number in range(3)] == [3, 2, 0]


async def test_time_brings_attempts_back_one_by_one() -> None:
    clock = FakeClock()
    attempts = Attempts(clock, most=3, interval=10, most_in_all=100)
    spent(attempts, "10.0.0.1")
    await clock.advance(25)
    assert spent(attempts, "10.0.0.1") == 2
    await clock.advance(1000)
    assert spent(attempts, "10.0.0.1") == 3


def test_who_was_right_keeps_the_attempt() -> None:
    attempts = Attempts(FakeClock(), most=1)
    for _ in range(10):
        attempts.take("10.0.0.1")
        attempts.give_back("10.0.0.1")


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("", ""), ("pipe", "pipe")],
)
def test_addresses_of_one_owner_count_as_one(one: str, other: str) -> None:
    attempts = Attempts(FakeClock(), most=1)
    attempts.take(one)
    assert spent(attempts, other) == 0


def test_no_number_of_addresses_uses_up_memory() -> None:
    attempts = Attempts(FakeClock(), most_in_all=10**9)
    for number in range(REMEMBERED + 100):
        attempts.take(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(attempts._buckets) == REMEMBERED
