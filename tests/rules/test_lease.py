"""Leases: who may take one, and what is written then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from argosy.rules.lease import Lease, Move, Observed, Timing, held, move, released, written

NOW = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
THEIRS = Lease("b", 15, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:10.000000Z", 3, "7")


@pytest.mark.parametrize(
    ("observed", "now", "wanted"),
    [
        (None, 0.0, Move.TAKE),
        (Observed(replace(THEIRS, holder=""), 0.0), 0.0, Move.TAKE),
        (Observed(replace(THEIRS, holder="a"), 0.0), 1000.0, Move.RENEW),
        (Observed(THEIRS, 100.0), 100.0, Move.WAIT),
        (Observed(THEIRS, 100.0), 114.99, Move.WAIT),
        (Observed(THEIRS, 100.0), 115.0, Move.TAKE),
        (Observed(replace(THEIRS, seconds=60), 100.0), 115.0, Move.WAIT),
    ],
    ids=["missing", "given back", "ours", "just seen", "almost over", "over", "as long as its holder says"],
)
def test_a_lease_is_taken_when_nobody_holds_it_any_more(observed: Observed | None, now: float, wanted: Move) -> None:
    assert move(observed, "a", now) is wanted


def test_only_a_lease_that_changes_lasts_longer_whatever_time_it_tells() -> None:
    seen = Observed(THEIRS, 0.0)
    assert seen.seeing(THEIRS, 14.0).at == 0.0
    # Its holder's wall clock is a year behind, or ahead: that it changed is what counts.
    renewed = replace(THEIRS, renewed="2020-01-01T00:00:00.000000Z", version="8")
    assert seen.seeing(renewed, 14.0) == Observed(renewed, 14.0)


def test_what_is_taken_counts_its_holders_and_what_is_renewed_does_not() -> None:
    taken = held(THEIRS, "a", Timing(), NOW)
    now = "2026-01-02T03:04:05.678900Z"
    assert taken == Lease("a", 15, now, now, 4, "7")
    later = held(taken, "a", Timing(), NOW + timedelta(seconds=2))
    assert later == replace(taken, renewed="2026-01-02T03:04:07.678900Z")
    assert held(None, "a", Timing(), NOW) == Lease("a", 15, now, now, 0, "")


def test_what_is_given_back_names_nobody_and_is_over_soon() -> None:
    given = released(THEIRS, NOW)
    assert (given.holder, given.seconds, given.transitions, given.version) == ("", 1, 3, "7")


def test_a_lease_survives_being_written_and_read() -> None:
    assert Lease.of(THEIRS.document("n", "l")) == THEIRS
    empty = Lease.of({"metadata": {"resourceVersion": "1"}})
    assert empty == Lease("", 0, "", "", 0, "1")
    assert "acquireTime" not in empty.document("n", "l")["spec"], "a time that is none is refused by the API server"


def test_the_usual_proportions_are_those_of_kubernetes() -> None:
    assert Timing.of(15) == Timing()


def test_times_are_written_with_microseconds_in_utc() -> None:
    moment = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert written(moment) == "2025-12-31T23:00:00.000000Z"
