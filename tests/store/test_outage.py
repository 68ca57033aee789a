"""Trouble that lasts is told once, and then more rarely."""

from __future__ import annotations

import pytest

from argosy.errors import Unavailable
from argosy.store.outage import Outages
from argosy.testing.clock import FakeClock

AWAY = Unavailable("nobody there")


async def _suffer(outages: Outages, clock: FakeClock, seconds: int) -> None:
    for _ in range(seconds):
        for who in ("watching Stage", "watching Freight"):
            outages.tell(who, AWAY)
        await clock.advance(1)


async def test_an_hour_of_trouble_is_a_dozen_lines(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    await _suffer(Outages(clock), clock, 3600)
    assert [each.message for each in caplog.records][:1] == ["watching Stage: nobody there"]
    assert 8 <= len(caplog.records) <= 12


async def test_other_trouble_is_told_at_once_and_the_same_when_it_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    outages = Outages(clock)
    await _suffer(outages, clock, 5)
    outages.tell("watching Stage", Unavailable("no rights"))
    assert len(caplog.records) == 2
    await clock.advance(120)
    outages.tell("watching Stage", AWAY)
    assert len(caplog.records) == 3
